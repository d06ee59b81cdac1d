"""`guidang drill`: prove on a copy, or on made-up documents, what is promised of backups and of destruction."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from api.commands.opening import err, invocation_of, out
from api.exit_codes import ExitCode
from records.errors import InvalidInput, NotEmpty

app = typer.Typer(no_args_is_help=True, help="Rehearsals: of a restore, of a destruction.")


@app.command("restore")
def drill_restore(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A backup.")],
    register: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The present register; else that of the backup.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A backup of the keys; else a copy of the store.")
    ] = None,
    orders: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The present orders; else the register alone.")
    ] = None,
) -> None:
    """Restore a backup into a scratch place, check everything there as `fsck --deep` does, and leave nothing.

    The archive itself and its key store are only read. Exit status: 0 all is well; 1 something was found; 8 the
    backup was changed.

    Example: guidang drill restore /mnt/backup/guidang --orders orders.jsonl
    """
    from api.bootstrap import open_archive
    from api.commands.backup import restore_into, tell
    from api.commands.evidence import read_links
    from intake import fsck
    from intake.backup import open_backup
    from intake.orders import read_orders
    from storage.key_backup import dump_keys

    present = invocation_of(ctx).settings()
    links = list(read_links(register)) if register else None
    found = 0
    with _scratch(None) as scratch:
        settings = present.model_copy(
            update={"data": scratch / "data", "database": SecretStr(""), "objects": SecretStr(""),
                    "keys": SecretStr(""), "index": "database", "master_key_file": present.master_key_path}
        )  # fmt: skip
        if keys is None:
            keys = scratch / "keys.jsonl"
            dump_keys(present.keys_url, keys, days=present.key_backup_days)
        now = read_orders(orders) if orders else None
        tell(restore_into(settings, open_backup(directory), links, keys, orders=now))
        archive = open_archive(settings)
        try:
            for finding in fsck.check(archive, deep=True):
                found += 1
                out().print(f"{finding.code}  {finding.subject}")
        finally:
            archive.close()
    err().print(f"{found} finding(s)." if found else "The backup comes back whole.")
    raise typer.Exit(ExitCode.FAILED if found else ExitCode.OK)


@app.command("destruction")
def drill_destruction(
    documents: Annotated[int, typer.Option(min=1, help="How many made-up documents are destroyed.")] = 100,
    keep: Annotated[
        Path | None, typer.Option(file_okay=False, help="Leave the archive here, to be searched by other means.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, with what was planted.")] = False,
    database: Annotated[str, typer.Option(help="URL of an empty PostgreSQL database; else SQLite.")] = "",
    objects: Annotated[str, typer.Option(help="Location of an empty object store; else a directory.")] = "",
    server_files: Annotated[
        list[Path] | None,
        typer.Option(exists=True, file_okay=False, help="A directory with a server's own files, searched as well."),
    ] = None,
) -> None:
    """File made-up documents in a throwaway archive, destroy them, and search for what is left of them everywhere.

    Exit status: 0 nothing is left; 1 something is, or the search could not have found it.

    Example: guidang drill destruction --documents 100
    """
    from api.commands.drill_stage import Rehearsal

    with _scratch(keep) as scratch:
        servers = server_files or []
        rehearsal = Rehearsal(scratch, database=database, objects=objects, say=err().print, servers=servers)
        result = rehearsal.run(documents)
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=1))
    else:
        for line in result.lines():
            out().print(line)
    raise typer.Exit(ExitCode.OK if result.is_clean else ExitCode.FAILED)


@contextmanager
def _scratch(keep: Path | None) -> Iterator[Path]:
    """A place of the drill's own: removed afterwards, or the empty one that was asked for."""
    if keep is None:
        made = Path(tempfile.mkdtemp(prefix="guidang-drill-"))
        try:
            yield made
        finally:
            shutil.rmtree(made)
        return
    if keep.exists() and not keep.is_dir():
        raise InvalidInput("The place to keep the archive in is not a directory.")
    keep.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(keep.iterdir()):
        raise NotEmpty("The directory to keep the archive in holds something already. Choose an empty one.")
    yield keep
