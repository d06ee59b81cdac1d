"""`guidang retention`: schedules, what is due, holds, and destruction lists from proposal to execution.

Destruction needs four people. So proposing, approving and executing ask who does it and for that person's password;
having the machine is not enough.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.commands.opening import err, opened, out, unix_actor
from api.exit_codes import ExitCode
from records.errors import NotAuthenticated, NotFound, NotPermitted
from records.terms import DocumentState

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

    from intake.archive import Archive
    from records.actors import Actor
    from retention.models import DestructionList

app = typer.Typer(no_args_is_help=True, help="How long records are kept, and how they are destroyed.")

As = Annotated[str, typer.Option("--as", help="Who does this; the person's password is asked for.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ListNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a destruction list: XH-2026-00001.")]


@app.command()
def load(ctx: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put a new version of the retention schedule (保管期限表) in force. The same file again is harmless.

    Example: guidang retention load samples/retention.yaml
    """
    from retention.schedule import load_schedule

    with opened(ctx) as archive, archive.transaction() as session:
        version = load_schedule(session, unix_actor(), file.read_bytes())
    err().print(f"Version {version} of the retention schedule is in force.")


@app.command()
def draft(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Put a new version of the schedule beside the one in force; another person approves it on its page.

    Example: guidang retention draft schedule-2027.yaml --as 张管
    """
    from retention.amending import draft_schedule, moves_of, summary_of

    with opened(ctx) as archive:
        actor = _person(archive, as_, password_stdin)
        with archive.transaction() as session:
            version = draft_schedule(session, actor, file.read_bytes())
        with archive.reading() as session:
            counts = summary_of(moves_of(session, version))
    table = Table("class before", "class after", "effect", "records")
    for (before, after, effect), count in sorted(counts.items()):
        table.add_row(before, after, effect, str(count))
    err().print(f"Version {version} waits for approval; it would move {counts.total()} records.")
    if counts:
        out().print(table)


@app.command()
def due(ctx: typer.Context) -> None:
    """Show the records whose period has run out, longest overdue first (1,000 at most).

    Example: guidang retention due
    """
    from retention.due import due_documents

    table = Table("档号", "document", "class", "due on", "region")
    with opened(ctx) as archive, archive.reading() as session:
        for document in session.scalars(due_documents(unix_actor(), _today()).limit(1_000)):
            table.add_row(document.archival_code, document.id, document.retention_class, str(document.due_on),
                          document.region_code)  # fmt: skip
    out().print(table if table.row_count else "Nothing is due.")


@app.command()
def hold(
    ctx: typer.Context,
    subjects: Annotated[list[str], typer.Argument(help="document:<id>, customer:<id>, or a 档号.")],
    case: Annotated[str, typer.Option(help="Case number; names the hold.")],
    reason: Annotated[str, typer.Option()],
    authority: Annotated[str, typer.Option(help="Who ordered it.")],
) -> None:
    """Suspend the disposition of records (冻结).

    Example: guidang retention hold customer:019a… --case 2026-沪01-113 --reason 诉讼 --authority 法务部
    """
    from retention.holds import HoldOrder, place_hold

    with opened(ctx) as archive, archive.transaction() as session:
        named = [subject if ":" in subject else _document_subject(session, subject) for subject in subjects]
        placed = place_hold(
            session, unix_actor(), HoldOrder(case_no=case, reason=reason, authority=authority, subjects=named)
        )
    err().print(f"Hold {placed.case_no} lies on {len(named)} subject(s).")


@app.command()
def release(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(help="Case number.")],
    reason: Annotated[str, typer.Option()],
) -> None:
    """End one hold; others on the same records stay.

    Example: guidang retention release 2026-沪01-113 --reason 判决生效
    """
    from sqlalchemy import select

    from retention.holds import release_hold
    from retention.models import Hold

    with opened(ctx) as archive, archive.transaction() as session:
        hold_id = session.scalar(select(Hold.id).where(Hold.case_no == case))
        if hold_id is None:
            raise NotFound("There is no hold of this case number.", case_no=case)
        release_hold(session, unix_actor(), hold_id, reason=reason)
    err().print("Released.")


@app.command()
def lists(ctx: typer.Context) -> None:
    """Show the destruction lists, newest first.

    Example: guidang retention lists
    """
    from sqlalchemy import func, select

    from retention.models import DestructionList, ListedDocument

    counts = select(func.count()).where(ListedDocument.list_id == DestructionList.id).scalar_subquery()
    statement = select(DestructionList, counts).order_by(DestructionList.id.desc()).limit(1_000)
    table = Table("number", "title", "documents", "state", "proposed", "carried out")
    with opened(ctx) as archive, archive.reading() as session:
        for each, count in session.execute(statement):
            done = f"{each.executed_at:%Y-%m-%d}" if each.executed_at else ""
            table.add_row(each.number, each.title, str(count), each.state, f"{each.proposed_at:%Y-%m-%d}", done)
    out().print(table if table.row_count else "There is no list.")


@app.command()
def propose(
    ctx: typer.Context,
    documents: Annotated[list[str] | None, typer.Argument(help="档号 of due records; none: all that are due.")] = None,
    title: Annotated[str, typer.Option()] = "到期档案",
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Draw up a destruction list (销毁清册) of records that are due; prints its number.

    Example: guidang retention propose --title 2026年第一批 --as 张管
    """
    from retention.due import due_documents
    from retention.lists import propose_list

    with opened(ctx) as archive:
        actor = _person(archive, as_, password_stdin)
        with archive.transaction() as session:
            if documents:
                ids = [_document_subject(session, code).partition(":")[2] for code in documents]
            else:
                ids = [document.id for document in session.scalars(due_documents(actor, _today()))]
            proposed = propose_list(session, actor, title=title, document_ids=ids, today=_today())
    out().print(proposed.number)


@app.command()
def approve(
    ctx: typer.Context,
    number: ListNumber,
    opinion: Annotated[str, typer.Option(help="Stands in the list.")] = "同意销毁",
    reject: Annotated[bool, typer.Option("--reject", help="Refuse instead: the end of this list.")] = False,
    give_back: Annotated[bool, typer.Option("--return", help="Return it to its author instead.")] = False,
    seat: Annotated[str | None, typer.Option(help="Which seat to sign; else the first open one for you.")] = None,
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Sign a destruction list. The schedule's disposal policy says who must; the author cannot approve.

    Example: guidang retention approve XH-2026-00001 --as 陈审
    """
    from records.terms import SignOffDecision
    from retention.lists import SignOff, sign_list

    refusal = SignOffDecision.RETURNED if give_back else SignOffDecision.REFUSED
    decision = refusal if reject or give_back else SignOffDecision.AGREED

    with opened(ctx) as archive:
        actor = _person(archive, as_, password_stdin)
        with archive.transaction() as session:
            list_id = _list(session, number).id
            sign_off = SignOff(decision=decision, opinion=opinion, seat=seat)
            decided = sign_list(session, actor, list_id, sign_off, _today())
    err().print(f"{decided.number} is {decided.state}.")


@app.command()
def confirm(
    ctx: typer.Context,
    number: ListNumber,
    documents: Annotated[int, typer.Option(help="How many documents stand on it.")],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Confirm an approved list a second time, where its policy wants that; neither its author nor its executor may.

    Example: guidang retention confirm XH-2026-00001 --documents 12 --as 陈审
    """
    from retention.lists import confirm_list

    with opened(ctx) as archive:
        actor = _person(archive, as_, password_stdin)
        with archive.transaction() as session:
            confirm_list(session, actor, _list(session, number).id, number=number, documents=documents)
    err().print(f"{number} is confirmed.")


@app.command()
def execute(ctx: typer.Context, number: ListNumber, as_: As = "", password_stdin: PasswordStdin = False) -> None:
    """Carry out an approved list, or take up again one that was interrupted. There is no way back.

    Exit status: 0 every record on it is destroyed; 5 some are kept, each with the reason.

    Example: guidang retention execute XH-2026-00001 --as 周行
    """
    from retention.destruction import execute_list

    kept = 0
    with opened(ctx) as archive:
        actor = _person(archive, as_, password_stdin)
        with archive.reading() as session:
            list_id = _list(session, number).id
        for document_id, outcome in execute_list(archive.destruction_means(), actor, list_id, _today()):
            kept += outcome != DocumentState.DESTROYED
            out().print(f"{document_id}  {outcome}")
    raise typer.Exit(ExitCode.CONFLICT if kept else ExitCode.OK)


def _person(archive: Archive, name: str, password_stdin: bool) -> Actor:
    """Whoever the name and the password belong to; failures count as they do at a login."""
    from api.passwords import Argon2Passwords
    from records.accounts import authenticate, password_hash_of
    from records.actors import Actor
    from records.terms import Role

    if not name:
        raise typer.BadParameter("Say who does this: --as NAME.")
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else typer.prompt(f"Password of {name}", hide_input=True, err=True)
    )
    with archive.reading() as session:
        password_hash = password_hash_of(session, name)
    is_right = Argon2Passwords().matches(password_hash, password)
    with archive.transaction() as session:
        user = authenticate(session, name, is_right=is_right, password_hash=password_hash)
    if user is None:
        raise NotAuthenticated("Name or password is wrong, or the account rests after repeated failures.")
    if user.must_change_password:
        raise NotPermitted("A one-time password must be changed first: log in once.")
    regions = None if user.regions is None else frozenset(user.regions)
    return Actor(id=user.id, roles=frozenset(Role(role) for role in user.roles), regions=regions)


def _list(session: Session, number: str) -> DestructionList:
    from sqlalchemy import select

    from retention.models import DestructionList

    found = session.scalars(select(DestructionList).where(DestructionList.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no list of this number.", number=number)
    return found


def _document_subject(session: Session, archival_code: str) -> str:
    from sqlalchemy import select

    from records.models import Document

    document_id = session.scalar(select(Document.id).where(Document.archival_code == archival_code))
    if document_id is None:
        raise NotFound("There is no record of this 档号.", archival_code=archival_code)
    return f"document:{document_id}"


def _today() -> dt.date:
    from records.ids import utc_now

    return utc_now().date()
