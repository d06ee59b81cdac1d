"""Commands over the two chains: the audit log and the destruction register."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.commands.opening import err, invocation_of, opened, unix_actor
from records import chain
from records.chain import Link
from records.errors import ChainBroken, InvalidInput

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.anchors import End

audit_app = typer.Typer(no_args_is_help=True, help="The audit log: who did what to which object.")
register_app = typer.Typer(no_args_is_help=True, help="The destruction register (销毁登记).")

_NAMES = {"audit": "audit log", "register": "register"}

ExportFile = Annotated[Path, typer.Argument(help="JSON lines, one entry each.")]
Head = Annotated[str, typer.Option(help="A hash written down earlier: it must be in the file. Shows a cut end.")]
AnchorFile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="An anchor's file, in place of a hash.")
]
PublicKey = Annotated[
    str, typer.Option(help="The archive's (`guidang certificate key`), as you have it from a day you trust.")
]
ExportedFile = Annotated[
    Path | None,
    typer.Argument(
        help="An exported file; needs no archive. Without it the archive's own.", exists=True, dir_okay=False
    ),
]


@audit_app.command("verify")
def verify_audit(
    ctx: typer.Context,
    file: ExportedFile = None,
    head: Head = "",
    anchor: AnchorFile = None,
    public_key: PublicKey = "",
) -> None:
    """Check the chain of the audit log, or of an exported file. The archive's own is also held against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang audit verify audit.jsonl --anchor 2026-08-17T000312Z-4711.json --public-key …
    """
    from records import audit

    told = Told(head=head, anchor=anchor, public_key=public_key)
    _verify(ctx, "audit", file, told, audit.verify)


@audit_app.command("export")
def export_audit(ctx: typer.Context, file: ExportFile) -> None:
    """Write the audit log as JSON lines, to be verified without this archive.

    Example: guidang audit export audit.jsonl
    """
    from records import audit

    _export(ctx, file, ("audit.exported", "audit:log"), audit.links)


@audit_app.command("anchor")
def anchor_audit(ctx: typer.Context) -> None:
    """Write down where both chains end now, signed, outside the database. `guidang serve` does it daily.

    Exit status 8 where the newest anchor contradicts the chains: then nothing is written.

    Example: guidang audit anchor
    """
    from api.anchors import write_anchor

    with opened(ctx) as archive:
        path = write_anchor(archive, invocation_of(ctx).settings().anchors_directory)
    err().print(f"Anchored in {path}" if path else "Nothing is recorded yet.")


@register_app.command("verify")
def verify_register(
    ctx: typer.Context,
    file: ExportedFile = None,
    head: Head = "",
    anchor: AnchorFile = None,
    public_key: PublicKey = "",
) -> None:
    """Check the chain of the destruction register, or of an exported file. The archive's own also against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang register verify
    """
    from retention import register

    told = Told(head=head, anchor=anchor, public_key=public_key)
    _verify(ctx, "register", file, told, register.verify)


@register_app.command("export")
def export_register(ctx: typer.Context, file: ExportFile) -> None:
    """Write the destruction register as JSON lines.

    Example: guidang register export register.jsonl
    """
    from retention import register

    _export(ctx, file, ("register.exported", "register:destruction"), register.links)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where a chain ended on an earlier day: a hash, or an anchor's file with the key that signed it."""

    head: str
    anchor: Path | None
    public_key: str

    def head_of(self, name: Literal["audit", "register"]) -> str:
        from api.anchors import read_anchor

        if self.anchor is None:
            return self.head.strip()
        end: End = getattr(read_anchor(self.anchor, self.public_key or None), name)
        return end.hash if end.seq else ""


def _verify(
    ctx: typer.Context,
    name: Literal["audit", "register"],
    file: Path | None,
    told: Told,
    verify: Callable[[Session], tuple[int, str]],
) -> None:
    from api.anchors import check_anchors

    if file is not None:
        return _verify_file(file, told.head_of(name), is_compared=bool(told.head or told.anchor))
    if told.head or told.anchor:
        raise InvalidInput("A head is looked for in an exported file: name one.")
    with opened(ctx) as archive:
        with archive.reading() as session:
            seq, end = verify(session)
        anchors = check_anchors(archive, invocation_of(ctx).settings().anchors_directory)
    err().print(f"The {_NAMES[name]} holds: {seq} entries, head {end}, {anchors} anchor(s) agree.")


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


def _verify_file(file: Path, head: str, *, is_compared: bool) -> None:
    seq, end = chain.verify(_through(read_links(file), head))
    agrees = "It contains the head given." if is_compared else "Compare the head with an anchor."
    err().print(f"The file holds: {seq} entries, head {end}. {agrees}")


def _through(links: Iterable[Link], head: str) -> Iterator[Link]:
    """The links as they are. Raises ChainBroken at the end if none has this hash."""
    is_met = not head
    for link in links:
        is_met = is_met or link.hash == head
        yield link
    if not is_met:
        raise ChainBroken("The file does not contain the head given: its end was cut off, or it was written anew.")


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
