"""Commands over the two chains: the audit log and the destruction register."""

from __future__ import annotations

import datetime as dt
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
TimestampCa = Annotated[
    Path | None,
    typer.Option(
        help="The time-stamping authority's CA certificate: the stamp beside the anchor must hold too.",
        exists=True,
        dir_okay=False,
    ),
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
    timestamp_ca: TimestampCa = None,
) -> None:
    """Check the chain of the audit log, or of an exported file. The archive's own is also held against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang audit verify audit.jsonl --anchor 2026-08-17T000312Z-4711.json --public-key …
    """
    from records import audit

    told = Told(head=head, anchor=anchor, public_key=public_key, timestamp_ca=timestamp_ca)
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

    Exit status 8 where the newest anchor contradicts the chains: then nothing is written. 7 where it is written and the
    time-stamping authority, if the settings name one, gave no stamp: `guidang serve` asks again.

    Example: guidang audit anchor
    """
    from api.anchors import write_anchor
    from api.stamps import stamp_newest
    from api.timestamping import authority_of

    settings = invocation_of(ctx).settings()
    authority = authority_of(settings)
    with opened(ctx) as archive:
        path = write_anchor(archive, settings.anchors_directory)
    err().print(f"Anchored in {path}" if path else "Nothing is recorded yet.")
    if authority is not None and path is not None:
        err().print(f"Time-stamped in {stamp_newest(settings.anchors_directory, authority)}")


@register_app.command("verify")
def verify_register(
    ctx: typer.Context,
    file: ExportedFile = None,
    head: Head = "",
    anchor: AnchorFile = None,
    public_key: PublicKey = "",
    timestamp_ca: TimestampCa = None,
) -> None:
    """Check the chain of the destruction register, or of an exported file. The archive's own also against its anchors.

    Exit status: 0 it holds; 8 it does not, with the number of the first entry that fails.

    Example: guidang register verify
    """
    from retention import register

    told = Told(head=head, anchor=anchor, public_key=public_key, timestamp_ca=timestamp_ca)
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
    timestamp_ca: Path | None

    def stamped_at(self) -> dt.datetime | None:
        """When the authority saw the anchor; None where no stamp is asked for."""
        from api.stamps import check_stamp_of
        from retention.timestamps import read_trust

        if self.timestamp_ca is None:
            return None
        if self.anchor is None:
            raise InvalidInput("A time stamp lies beside an anchor: name it.")
        return check_stamp_of(self.anchor, read_trust(self.timestamp_ca))

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
    from api.stamps import check_stamps
    from api.timestamping import authority_of

    if file is not None:
        stamped_at = told.stamped_at()
        _verify_file(file, told.head_of(name), is_compared=bool(told.head or told.anchor))
        if stamped_at is not None:
            err().print(f"The authority saw the anchor on {stamped_at.isoformat()}.")
        return
    if told.head or told.anchor:
        raise InvalidInput("A head is looked for in an exported file: name one.")
    settings = invocation_of(ctx).settings()
    authority = authority_of(settings)
    with opened(ctx) as archive:
        with archive.reading() as session:
            seq, end = verify(session)
        anchors = check_anchors(archive, settings.anchors_directory)
    err().print(f"The {_NAMES[name]} holds: {seq} entries, head {end}, {anchors} anchor(s) agree.")
    if authority is not None:
        stamps = check_stamps(settings.anchors_directory, authority.trust)
        err().print(f"{stamps} time stamp(s) hold.")


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
