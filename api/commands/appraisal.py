"""`guidang retention appraisal`: a group's judgement of what is due (鉴定)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.commands.acting import DAY, As, PasswordStdin, document_subject_of, person_of, today, user_id_of
from api.commands.opening import err, opened, out
from records.errors import InvalidInput, NotFound, WrongState
from records.terms import AppraisalPart, Verdict

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from retention.appraisal import Member
    from retention.models import Appraisal

app = typer.Typer(no_args_is_help=True, help="Rounds in which a group judges what is due (鉴定).")

RoundNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a round: JD-2026-0001.")]


@app.command("open")
def open_(
    ctx: typer.Context,
    title: Annotated[str, typer.Option()],
    member: Annotated[list[str], typer.Option(help="PART:NAME, PART one of leader, archives, business, expert.")],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Collect what is due for a group to judge; prints the round's number.

    Example: guidang retention appraisal open --title 2026年鉴定 --member leader:周行 --member archives:李档
    --member business:王业 --as 张管
    """
    from retention.appraisal import open_round

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            members = [_member(session, each) for each in member]
            number = open_round(session, actor, title=title, members=members, today=today()).number
    out().print(number)


@app.command("list")
def list_rounds(ctx: typer.Context) -> None:
    """Show the rounds, newest first.

    Example: guidang retention appraisal list
    """
    from sqlalchemy import select

    from retention.models import Appraisal

    table = Table("number", "title", "opened", "concluded")
    with opened(ctx) as archive, archive.reading() as session:
        for each in session.scalars(select(Appraisal).order_by(Appraisal.id.desc()).limit(1_000)):
            concluded = f"{each.concluded_at:%Y-%m-%d}" if each.concluded_at else ""
            table.add_row(each.number, each.title, f"{each.opened_at:%Y-%m-%d}", concluded)
    out().print(table if table.row_count else "There is no appraisal.")


@app.command()
def show(ctx: typer.Context, number: RoundNumber) -> None:
    """Show a round's batches of like records, and how many of each every member has judged.

    Example: guidang retention appraisal show JD-2026-0001
    """
    from sqlalchemy import select

    from records.models import User
    from retention.appraisal import batches_of

    with opened(ctx) as archive, archive.reading() as session:
        found = _round(session, number)
        names = dict(session.execute(select(User.id, User.name)).all())
        members = [each["user_id"] for each in found.members]
        table = Table("batch", "records", *(names[each] for each in members))
        for batch in batches_of(session, found.id):
            judged = (str(batch.judged_by.get(each, 0)) for each in members)
            table.add_row(batch.name, str(batch.documents), *judged)
    out().print(table)


@app.command()
def judge(
    ctx: typer.Context,
    number: RoundNumber,
    verdict: Annotated[Verdict, typer.Argument()],
    reason: Annotated[str, typer.Option()],
    batch: Annotated[str | None, typer.Option(help="A batch of like records, as `show` names it.")] = None,
    record: Annotated[list[str] | None, typer.Option(help="Or a 档号; may be given again.")] = None,
    keep_until: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help="With the verdict keep.")] = None,
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Give your opinion of a batch or of single records, in place of what you said of them before.

    Example: guidang retention appraisal judge JD-2026-0001 destroy --batch papers/contract/HD/2026 --reason 期满
    --as 李档
    """
    from retention.appraisal import Opinion, give_opinion

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            ids = [document_subject_of(session, code).partition(":")[2] for code in record or ()]
            until = keep_until.date() if keep_until else None
            opinion = Opinion(verdict=verdict, reason=reason, document_ids=ids, batch=batch, keep_until=until)
            judged = give_opinion(session, actor, _round(session, number).id, opinion, today())
    err().print(f"{judged} record(s) judged.")


@app.command()
def conclude(ctx: typer.Context, number: RoundNumber, as_: As = "", password_stdin: PasswordStdin = False) -> None:
    """End a round, by its leader, once everybody has judged everything; its report is written.

    Example: guidang retention appraisal conclude JD-2026-0001 --as 周行
    """
    from retention.concluding import conclude as conclude_round

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            sha256 = conclude_round(session, actor, _round(session, number).id).report_sha256
    err().print(f"{number} is concluded; SHA-256 of its report {sha256}")


@app.command()
def report(
    ctx: typer.Context,
    number: RoundNumber,
    file: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="A PDF/A instead, to be signed.")] = None,
) -> None:
    """Print the report of a concluded round: the JSON whose hash stands in the audit log, or a PDF drawn from it.

    Example: guidang retention appraisal report JD-2026-0001 --out report.pdf
    """
    from api.printing import font_file, program
    from retention.appraisal_pdf import render_report

    with opened(ctx) as archive, archive.reading() as session:
        found = _round(session, number)
        if found.report is None or found.report_sha256 is None:
            raise WrongState("The round is not concluded.", number=number)
        if file is None:
            return typer.echo(found.report, nl=False)
        file.write_bytes(render_report(json.loads(found.report), found.report_sha256, program(), font_file()))
    err().print(f"The report of {number} is in {file}.")


def _member(session: Session, said: str) -> Member:
    from retention.appraisal import Member

    part, _, name = said.partition(":")
    if part not in list(AppraisalPart):
        raise InvalidInput("A member is PART:NAME, PART one of leader, archives, business, expert.")
    return Member(user_id=user_id_of(session, name), part=AppraisalPart(part))


def _round(session: Session, number: str) -> Appraisal:
    from sqlalchemy import select

    from retention.models import Appraisal

    found = session.scalars(select(Appraisal).where(Appraisal.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no round of this number.", number=number)
    return found
