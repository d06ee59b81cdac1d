"""`guidang backup` and `guidang restore`: copies that forget what is destroyed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from api.commands.opening import err, invocation_of, opened, out, unix_actor
from api.exit_codes import ExitCode
from records.errors import InvalidInput, NotEmpty

if TYPE_CHECKING:
    from api.settings import Settings
    from intake.backup import Backup
    from intake.orders import Orders
    from intake.restoring import Restored
    from records.chain import Link


class _ArchiveUnlessNamed(TyperGroup):
    """`guidang backup DIR` is `guidang backup archive DIR`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["archive", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ArchiveUnlessNamed, no_args_is_help=True, help="Copies of the archive, which forget what is destroyed."
)


@app.command("archive")
def back_up(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(file_okay=False, help="An empty directory, or an earlier backup.")],
) -> None:
    """Write rows and objects into a directory while work goes on. It holds no key: those are backed up on their own.

    Made again into the same directory it copies only what is new. Exit status: 8 objects are lost in the archive.

    Example: guidang backup /mnt/backup/archive
    """
    from intake.backup import make_backup
    from records import audit

    with opened(ctx) as archive:
        made = make_backup(archive, directory)
        with archive.transaction() as session:
            audit.record(session, unix_actor(), "archive.backed_up", "archive:whole", objects=made.objects)
    for name in made.lost:
        out().print(f"object_missing  {name}")
    err().print(
        f"{made.rows} rows and {made.objects} objects, {made.copied} of them copied now; "
        f"{made.destroyed_meanwhile} went meanwhile."
    )
    raise typer.Exit(ExitCode.BROKEN if made.lost else ExitCode.OK)


@app.command("keys")
def back_up_keys(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(dir_okay=False, help="Replaced if it is there.")]
) -> None:
    """Write the key store into a file: wrapped keys, without the master key. Delete it on the day it names.

    As long as such a file exists, what was destroyed after it was made can be opened with it and the master key.

    Example: guidang backup keys /mnt/keys/keys.jsonl
    """
    from storage.key_backup import check_keys, dump_keys

    settings = invocation_of(ctx).settings()
    with opened(ctx):  # proves that the key store belongs to the master key
        count = dump_keys(settings.keys_url, file, days=settings.key_backup_days)
    err().print(f"{count} wrapped keys. Delete this file on {check_keys(file)['delete_on']}.")


@app.command("verify")
def verify_backup(directory: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Check every byte of a backup and both chains in it; needs no archive and no key.

    Exit status: 0 it holds; 8 it does not, with the file's name.

    Example: guidang backup verify /mnt/backup/guidang
    """
    from intake.backup import open_backup, verify

    backup = open_backup(directory)
    verify(backup)
    err().print(f"The backup of {backup.manifest['created_at']} holds: {backup.manifest['objects']} objects.")


@app.command("orders")
def back_up_orders(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(dir_okay=False, help="Replaced if it is there.")]
) -> None:
    """Write the orders that must outlast a restore: the register, holds, restrictions, periods, tombstones, numbers.

    Write it after every destruction and every hold, and keep it elsewhere: an old backup knows nothing of them. It
    holds no customer's name, no text of a document and no key.

    Example: guidang backup orders /mnt/elsewhere/orders.jsonl
    """
    from intake.orders import write_orders
    from records import audit

    with opened(ctx) as archive:
        counts = write_orders(archive, file)
        with archive.transaction() as session:
            audit.record(session, unix_actor(), "orders.exported", "archive:whole")
    err().print(f"{counts['destruction_register']} entries of the register, {counts['holds']} holds, "
                f"{counts['documents']} tombstones.")  # fmt: skip


def restore(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A backup.")],
    register: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The present register: `guidang register export`.")
    ] = None,
    orders: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The present orders: `guidang backup orders`.")
    ] = None,
    without_register: Annotated[
        bool, typer.Option("--without-register", help="It was lost: what was destroyed after the backup comes back.")
    ] = False,
    keys: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A backup of the keys; else the present store.")
    ] = None,
) -> None:
    """Bring a backup back into an empty archive, without what was destroyed since, with the holds placed since.

    The register alone keeps out what was destroyed; holds and longer periods come with --orders only.

    Exit status: 0 everything came back; 1 some documents have no key or no bytes; 5 the archive is not empty; 8 a
    file of the backup was changed.

    Example: guidang --data /var/lib/guidang-new restore /mnt/backup/guidang --orders orders.jsonl
    """
    if (register is not None) + (orders is not None) + without_register != 1:
        raise InvalidInput("Give the present orders with --orders, or --register, or say --without-register.")
    from api.commands.evidence import read_links
    from intake.backup import open_backup
    from intake.orders import read_orders

    links = list(read_links(register)) if register else None
    now = read_orders(orders) if orders else None
    restored = restore_into(invocation_of(ctx).settings(), open_backup(directory), links, keys, orders=now)
    tell(restored)
    raise typer.Exit(ExitCode.FAILED if restored.unreadable or restored.missing_objects else ExitCode.OK)


def restore_into(
    settings: Settings, backup: Backup, links: list[Link] | None, keys: Path | None, *, orders: Orders | None = None
) -> Restored:
    """Open an empty archive at the backup's revision and bring the backup into it."""
    from api.bootstrap import open_archive, open_master_key
    from intake.restoring import plan, restore
    from storage.key_backup import load_keys

    replay = plan(backup, links, orders)
    if keys is not None:
        load_keys(settings.keys_url, keys, open_master_key(settings))
    _prepare_schema(settings, backup)
    archive = open_archive(settings, any_schema=True)
    try:
        archive.objects.prepare()
        return restore(archive, unix_actor(), backup, replay)
    finally:
        archive.close()


def tell(restored: Restored) -> None:
    err().print(
        f"{restored.rows} rows, {restored.objects} objects, {restored.indexed} documents indexed; "
        f"{restored.destroyed_again} destroyed since were kept out; {restored.holds_brought} holds placed since and "
        f"{restored.tombstones_brought} tombstones made since were put in; {restored.unreadable} have no key; "
        f"{restored.missing_objects} objects were not in the backup."
    )


def _prepare_schema(settings: Settings, backup: Backup) -> None:
    from storage import schema
    from storage.database import open_engine

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.database_url)
    try:
        if schema.revision_of(engine) is None:
            schema.upgrade(engine, backup.revision)
        elif schema.revision_of(engine) != backup.revision:
            raise NotEmpty("The database has the schema of another version. Give an empty database.")
    finally:
        engine.dispose()
