"""`guidang retention`: schedules, what is due, holds, and destruction lists from proposal to execution.

Destruction needs several people. So whatever counts as somebody's word asks who says it and for that person's password;
having the machine is not enough.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.commands import appraisal, delegation, stated, supervision, yearbook
from api.commands.acting import (
    DAY,
    As,
    ListNumber,
    PasswordStdin,
    document_subject_of,
    list_of,
    person_of,
    tell_waived,
    today,
)
from api.commands.opening import err, opened, out, unix_actor
from api.exit_codes import ExitCode
from records.errors import NotFound
from records.terms import DocumentKind, DocumentState

app = typer.Typer(no_args_is_help=True, help="How long records are kept, and how they are destroyed.")
app.add_typer(appraisal.app, name="appraisal")
app.add_typer(supervision.supervise_app, name="supervise")
app.add_typer(supervision.paper_app, name="paper")
app.add_typer(delegation.app, name="delegation")
app.command()(yearbook.yearbook)
app.command()(stated.dates)


@app.command()
def load(ctx: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put the first retention schedule (保管期限表) of an empty archive in force. The same file again is harmless.

    Any later one is drafted by one person and approved by another.

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
    from retention.schedule import schedule_of

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            version = draft_schedule(session, actor, file.read_bytes())
        with archive.reading() as session:
            counts = summary_of(moves_of(session, version))
            drafted = schedule_of(session, version)
    table = Table("class before", "class after", "effect", "records")
    for (before, after, effect), count in sorted(counts.items()):
        table.add_row(before, after, effect, str(count))
    err().print(f"Version {version} waits for approval; it would move {counts.total()} records.")
    if drafted.named_fields:
        err().print("It names days that papers state: run `guidang retention dates` before it is approved, for records "
                    "filed without them; the preview counts anew.", markup=False)  # fmt: skip
    for demand, reason in drafted.disposal.waived.items():
        err().print(f"It waives {demand} of destruction lists: {reason}", markup=False)
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
        for document in session.scalars(due_documents(unix_actor(), today()).limit(1_000)):
            table.add_row(document.archival_code, document.id, document.retention_class, str(document.due_on),
                          document.region_code)  # fmt: skip
    out().print(table if table.row_count else "Nothing is due.")


@app.command()
def hold(
    ctx: typer.Context,
    case: Annotated[str, typer.Option(help="Case number; names the hold.")],
    reason: Annotated[str, typer.Option()],
    authority: Annotated[str, typer.Option(help="Who ordered it.")],
    subjects: Annotated[list[str] | None, typer.Argument(help="document:<id>, customer:<id>, or a 档号.")] = None,
    region: Annotated[str | None, typer.Option(help="Or all of a region,")] = None,
    kind: Annotated[DocumentKind | None, typer.Option(help="of a kind,")] = None,
    class_: Annotated[str | None, typer.Option("--class", help="of a retention class,")] = None,
    since: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="received from this day on")] = None,
    before: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="and before that one.")] = None,
) -> None:
    """Suspend the disposition of records (冻结): of those named, and of all that every given option fits, now or later.

    Example: guidang retention hold --case 2026-沪01-113 --reason 诉讼 --authority 法务部 --region HD --kind contract
    """
    from retention.holds import HoldOrder, Scope, place_hold

    query = Scope(region_code=region, kind=kind, retention_class=class_, received_from=since and since.date(),
                  received_before=before and before.date())  # fmt: skip
    with opened(ctx) as archive, archive.transaction() as session:
        named = [subject if ":" in subject else document_subject_of(session, subject) for subject in subjects or ()]
        order = HoldOrder(
            case_no=case, reason=reason, authority=authority, subjects=named, query=None if query.is_empty else query
        )
        placed = place_hold(session, unix_actor(), order)
    also = "" if query.is_empty else " and all that the query finds"
    err().print(f"Hold {placed.case_no} lies on {len(named)} subject(s){also}.")


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
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            if documents:
                ids = [document_subject_of(session, code).partition(":")[2] for code in documents]
            else:
                ids = [document.id for document in session.scalars(due_documents(actor, today()))]
            proposed = propose_list(session, actor, title=title, document_ids=ids, today=today())
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
        tell_waived(archive, number)
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            list_id = list_of(session, number).id
            sign_off = SignOff(decision=decision, opinion=opinion, seat=seat)
            decided = sign_list(session, actor, list_id, sign_off, today())
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
        tell_waived(archive, number)
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            confirm_list(session, actor, list_of(session, number).id, number=number, documents=documents)
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
        actor = person_of(archive, as_, password_stdin)
        with archive.reading() as session:
            list_id = list_of(session, number).id
        for document_id, outcome in execute_list(archive.destruction_means(), actor, list_id, today()):
            kept += outcome != DocumentState.DESTROYED
            out().print(f"{document_id}  {outcome}")
    raise typer.Exit(ExitCode.CONFLICT if kept else ExitCode.OK)


@app.command("print")
def print_list(
    ctx: typer.Context,
    number: ListNumber,
    file: Annotated[Path, typer.Option("--out", dir_okay=False, help="The PDF.")],
) -> None:
    """Write a list as a PDF/A: the eight columns, the signatures, and room for those that are missing.

    Example: guidang retention print XH-2026-00001 --out list.pdf
    """
    from api.printing import font_file, program
    from retention.list_pdf import render_list

    with opened(ctx) as archive, archive.reading() as session:
        file.write_bytes(render_list(session, list_of(session, number), program(), font_file(), today()))
    err().print(f"{number} is in {file}.")
