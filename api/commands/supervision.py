"""`guidang retention supervise` and `guidang retention paper`: two who watch, and the paper that goes too."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from api.commands.acting import (
    DAY,
    As,
    ListNumber,
    PasswordStdin,
    document_subject_of,
    list_of,
    person_of,
    user_id_of,
)
from api.commands.opening import err, opened
from records.terms import MovementKind, ShreddingMethod

supervise_app = typer.Typer(no_args_is_help=True, help="Supervisors (监销人): counting before, signing after.")
paper_app = typer.Typer(no_args_is_help=True, help="The paper that the archive keeps of its records.")


@supervise_app.command()
def count(
    ctx: typer.Context,
    number: ListNumber,
    documents: Annotated[int, typer.Option(help="How many records you counted.")],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Say how many records you counted on an approved list. Open those of its sample on the pages of the desk first.

    Example: guidang retention supervise count XH-2026-00001 --documents 12 --as 孙监
    """
    from retention.supervision import count_list

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            count_list(session, actor, list_of(session, number).id, documents=documents)
    err().print(f"Your count of {number} is recorded.")


@supervise_app.command()
def sign(
    ctx: typer.Context,
    number: ListNumber,
    remark: Annotated[str, typer.Option(help="Stands in the certificate.")] = "已现场监销",
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Sign as a supervisor that a list was carried out, once its paper is gone too.

    Example: guidang retention supervise sign XH-2026-00001 --as 孙监
    """
    from retention.supervision import sign_supervision

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            signed = sign_supervision(session, actor, list_of(session, number).id, remark=remark)
            is_final = signed.closed_at is not None
    err().print(f"{number} is final." if is_final else f"{number} is signed; it is not final yet.")


@paper_app.command()
def note(
    ctx: typer.Context,
    record: Annotated[str, typer.Argument(help="document:<id> or a 档号.")],
    place: Annotated[str, typer.Option(help="Where the paper is.")],
    reason: Annotated[str, typer.Option(help="Why it was moved.")] = "",
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Say that the archive keeps the paper of a record, and where; again: that it was moved.

    Example: guidang retention paper note GD01-KH·YZ-2026-D10-000042 --place "A区 3架 12盒" --as 张管
    """
    from retention.movements import note_paper

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            subject = record if record.startswith("document:") else document_subject_of(session, record)
            note_paper(session, actor, subject.partition(":")[2], place=place, reason=reason)
    err().print("Noted.")


@paper_app.command()
def lend(
    ctx: typer.Context,
    record: Annotated[str, typer.Argument(help="document:<id> or a 档号.")],
    to: Annotated[str, typer.Option(help="Whose hands it goes into.")],
    back_on: Annotated[dt.datetime, typer.Option(formats=[DAY], help="The day on which it comes back.")],
    reason: Annotated[str, typer.Option(help="What for.")],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Enter that a paper is lent out; `note` says that it is back, and where.

    Example: guidang retention paper lend GD01-KH·YZ-2026-D10-000042 --to 法务部 --back-on 2026-07-15 --reason 取证
    """
    from retention.movements import Movement, move_paper

    lent = Movement(kind=MovementKind.LENT, place=to, reason=reason, back_on=back_on.date())
    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            subject = record if record.startswith("document:") else document_subject_of(session, record)
            move_paper(session, actor, subject.partition(":")[2], lent)
    err().print("Lent out.")


@paper_app.command()
def shredded(
    ctx: typer.Context,
    number: ListNumber,
    place: Annotated[str, typer.Option(help="Where it was destroyed.")],
    witness: Annotated[str, typer.Option(help="Who saw it; on a supervised list a supervisor.")],
    on: Annotated[dt.datetime, typer.Option(formats=[DAY], help="The day.")],
    method: Annotated[ShreddingMethod, typer.Option()] = ShreddingMethod.SHREDDED,
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Record that all paper of a list that is left was destroyed, how, where, when and before whom.

    Example: guidang retention paper shredded XH-2026-00001 --place 碎纸间 --witness 孙监 --on 2026-07-01 --as 周行
    """
    from records.dates import today_in_china
    from retention.papers import Shredding, record_shredding

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            seen_by = user_id_of(session, witness)
            shredding = Shredding(method=method, place=place, witness_id=seen_by, on=on.date())
            shredded = record_shredding(session, actor, list_of(session, number).id, shredding, today_in_china())
            closed = shredded.closed_at is not None
    err().print(f"{number} is final." if closed else f"The paper of {number} is recorded as destroyed.")
