"""Commands over the two chains: the audit log and the destruction register."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opening import err, invocation_of, opened, unix_actor
from records import chain
from records.chain import Link
from records.errors import ChainBroken, InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

audit_app = typer.Typer(no_args_is_help=True, help="The audit log: who did what to which object.")
register_app = typer.Typer(no_args_is_help=True, help="The destruction register (销毁登记).")

ExportFile = Annotated[Path, typer.Argument(help="JSON lines, one entry each.")]
Head = Annotated[
    str, typer.Option(help="A hash written down earlier, of an anchor say: it must be in the file. Shows a cut end.")
]
ExportedFile = Annotated[
    Path | None,
    typer.Argument(
        help="An exported file; needs no archive. Without it the archive's own.", exists=True, dir_okay=False
    ),
]


@audit_app.command("verify")
def verify_audit(ctx: typer.Context, file: ExportedFile = None, head: Head = "") -> None:
    """Check the chain of the audit log, or of an exported file. The archive's own is also held against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang audit verify audit.jsonl
    """
    if file is not None:
        return _verify_file(file, head)
    _only_with_file(head)
    from api.anchors import check_anchors
    from records import audit

    with opened(ctx) as archive:
        with archive.reading() as session:
            seq, end = audit.verify(session)
        anchors = check_anchors(archive, invocation_of(ctx).settings().data / "anchors")
    err().print(f"The audit log holds: {seq} entries, head {end}, {anchors} anchor(s) agree.")


@audit_app.command("export")
def export_audit(ctx: typer.Context, file: ExportFile) -> None:
    """Write the audit log as JSON lines, to be verified without this archive.

    Example: guidang audit export audit.jsonl
    """
    from records import audit

    _export(ctx, file, ("audit.exported", "audit:log"), audit.links)


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
def verify_register(ctx: typer.Context, file: ExportedFile = None, head: Head = "") -> None:
    """Check the chain of the destruction register, or of an exported file.

    Exit status: 0 it holds; 8 it does not.

    Example: guidang register verify
    """
    if file is not None:
        return _verify_file(file, head)
    _only_with_file(head)
    from retention import register

    with opened(ctx) as archive, archive.reading() as session:
        seq, end = register.verify(session)
    err().print(f"The register holds: {seq} entries, head {end}.")


@register_app.command("export")
def export_register(ctx: typer.Context, file: ExportFile) -> None:
    """Write the destruction register as JSON lines.

    Example: guidang register export register.jsonl
    """
    from retention import register

    _export(ctx, file, ("register.exported", "register:destruction"), register.links)


def _export(
    ctx: typer.Context, file: Path, act: tuple[str, str], links_of: Callable[[Session], Iterable[Link]]
) -> None:
    """Write a chain, the audit of this act in it where it is the audit's own."""
    from records import audit

    with opened(ctx) as archive:
        with archive.transaction() as session:
            audit.record(session, unix_actor(), *act)
        with archive.reading() as session:
            _write(file, links_of(session))


def _write(file: Path, links: Iterable[Link]) -> None:
    count = 0
    with file.open("w", encoding="utf-8") as written:
        for link in links:
            written.write(_line(link))
            count += 1
    err().print(f"{count} entries in {file}")


def _verify_file(file: Path, head: str) -> None:
    seq, end = chain.verify(_through(read_links(file), head.strip()))
    agrees = "It contains the head given." if head else "Compare the head with an anchor."
    err().print(f"The file holds: {seq} entries, head {end}. {agrees}")


def _through(links: Iterable[Link], head: str) -> Iterator[Link]:
    """The links as they are. Raises ChainBroken at the end if none has this hash."""
    is_met = not head
    for link in links:
        is_met = is_met or link.hash == head
        yield link
    if not is_met:
        raise ChainBroken("The file does not contain the head given: its end was cut off, or it was written anew.")


def _only_with_file(head: str) -> None:
    if head:
        raise InvalidInput("A head is looked for in an exported file: name one.")


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
                is_as_written = _line(link).encode() == line
                link.previous_hash.encode("ascii")
            except (ValueError, KeyError, TypeError) as exc:
                raise ChainBroken("A line is not an entry of a chain.", line=number) from exc
            if not is_as_written:
                raise ChainBroken("A line was written anew: it is not byte for byte what was exported.", line=number)
            yield link


def _line(link: Link) -> str:
    return json.dumps(link._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n"
