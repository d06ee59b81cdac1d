"""Commands over the two chains: the audit log and the destruction register."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from api.commands.opening import err, invocation_of, opened, unix_actor
from records import chain
from records.chain import Link
from records.errors import ChainBroken

audit_app = typer.Typer(no_args_is_help=True, help="The audit log: who did what to which object.")
register_app = typer.Typer(no_args_is_help=True, help="The destruction register (销毁登记).")

ExportFile = Annotated[Path, typer.Argument(help="JSON lines, one entry each.")]
ExportedFile = Annotated[
    Path | None,
    typer.Argument(
        help="An exported file; needs no archive. Without it the archive's own.", exists=True, dir_okay=False
    ),
]


@audit_app.command("verify")
def verify_audit(ctx: typer.Context, file: ExportedFile = None) -> None:
    """Check the chain of the audit log, or of an exported file. The archive's own is also held against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang audit verify audit.jsonl
    """
    if file is not None:
        return _verify_file(file)
    from api.anchors import check_anchors
    from records import audit

    with opened(ctx) as archive:
        with archive.reading() as session:
            seq, head = audit.verify(session)
        anchors = check_anchors(archive, invocation_of(ctx).settings().data / "anchors")
    err().print(f"The audit log holds: {seq} entries, head {head}, {anchors} anchor(s) agree.")


@audit_app.command("export")
def export_audit(ctx: typer.Context, file: ExportFile) -> None:
    """Write the audit log as JSON lines, to be verified without this archive.

    Example: guidang audit export audit.jsonl
    """
    from records import audit

    with opened(ctx) as archive:
        with archive.transaction() as session:
            audit.record(session, unix_actor(), "audit.exported", "audit:log")
        with archive.reading() as session:
            _write(file, audit.links(session))


@audit_app.command("anchor")
def anchor_audit(ctx: typer.Context) -> None:
    """Write down where the audit log ends now, signed, outside the database. `guidang serve` does it daily.

    Example: guidang audit anchor
    """
    from api.anchors import write_anchor

    with opened(ctx) as archive:
        path = write_anchor(archive, invocation_of(ctx).settings().data / "anchors")
    err().print(f"Anchored in {path}" if path else "Nothing is recorded yet.")


@register_app.command("verify")
def verify_register(ctx: typer.Context, file: ExportedFile = None) -> None:
    """Check the chain of the destruction register, or of an exported file.

    Exit status: 0 it holds; 8 it does not.

    Example: guidang register verify
    """
    if file is not None:
        return _verify_file(file)
    from retention import register

    with opened(ctx) as archive, archive.reading() as session:
        seq, head = register.verify(session)
    err().print(f"The register holds: {seq} entries, head {head}.")


@register_app.command("export")
def export_register(ctx: typer.Context, file: ExportFile) -> None:
    """Write the destruction register as JSON lines.

    Example: guidang register export register.jsonl
    """
    from records import audit
    from retention import register

    with opened(ctx) as archive:
        with archive.transaction() as session:
            audit.record(session, unix_actor(), "register.exported", "register:destruction")
        with archive.reading() as session:
            _write(file, register.links(session))


def _write(file: Path, links: Iterable[Link]) -> None:
    count = 0
    with file.open("w", encoding="utf-8") as written:
        for link in links:
            written.write(json.dumps(link._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    err().print(f"{count} entries in {file}")


def _verify_file(file: Path) -> None:
    seq, head = chain.verify(read_links(file))
    err().print(f"The file holds: {seq} entries, head {head}. Compare the head with an anchor.")


def read_links(file: Path) -> Iterator[Link]:
    """An exported chain, not yet verified. Raises ChainBroken where a line is no entry."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                link = Link(
                    seq=int(row["seq"]),
                    entry=str(row["entry"]),
                    previous_hash=str(row["previous_hash"]),
                    hash=str(row["hash"]),
                )
                link.entry.encode()
                link.previous_hash.encode("ascii")
            except (ValueError, KeyError, TypeError) as exc:
                raise ChainBroken("A line is not an entry of a chain.", line=number) from exc
            yield link
