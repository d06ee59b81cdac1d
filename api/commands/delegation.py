"""`guidang retention delegation`: who signs in whose place, and until when (委托)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.table import Table

from api.commands.acting import DAY, As, PasswordStdin, person_of, user_id_of
from api.commands.opening import err, opened, out

app = typer.Typer(no_args_is_help=True, help="Signing in another's place, for a time (委托).")


@app.command()
def make(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(help="Who shall sign.")],
    seat: Annotated[list[str], typer.Option(help="Which seat; may be given again.")],
    starts: Annotated[dt.datetime, typer.Option(formats=[DAY], help="First day.")],
    ends: Annotated[dt.datetime, typer.Option(formats=[DAY], help="Last day; within a year.")],
    reason: Annotated[str, typer.Option()],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Let somebody sign some of your seats; prints the delegation's id.

    Example: guidang retention delegation make --to 陈审 --seat office_head --starts 2026-08-01 --ends 2026-08-15
    --reason 出差 --as 周行
    """
    from retention.delegations import Mandate, delegate

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            mandate = Mandate(
                delegate_id=user_id_of(session, to), seats=seat, starts_on=starts.date(), ends_on=ends.date(),
                reason=reason,
            )  # fmt: skip
            made = delegate(session, actor, mandate).id
    out().print(made)


@app.command()
def end(
    ctx: typer.Context,
    delegation: Annotated[str, typer.Argument(help="Its id.")],
    as_: As = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Take a delegation back, or lay it down. What was signed under it stays.

    Example: guidang retention delegation end 019aa8c1f3e07b1c2d3e4f5061728394 --as 周行
    """
    from retention.delegations import end_delegation

    with opened(ctx) as archive:
        actor = person_of(archive, as_, password_stdin)
        with archive.transaction() as session:
            end_delegation(session, actor, delegation)
    err().print("Ended.")


@app.command("list")
def list_delegations(ctx: typer.Context) -> None:
    """Show all delegations, newest first.

    Example: guidang retention delegation list
    """
    from sqlalchemy import select

    from records.models import User
    from retention.models import Delegation

    table = Table("id", "principal", "signs", "seats", "from", "until", "ended")
    with opened(ctx) as archive, archive.reading() as session:
        names = dict(session.execute(select(User.id, User.name)).all())
        for each in session.scalars(select(Delegation).order_by(Delegation.id.desc())):
            ended = f"{each.ended_at:%Y-%m-%d}" if each.ended_at else ""
            table.add_row(each.id, names[each.principal_id], names[each.delegate_id], ", ".join(each.seats),
                          str(each.starts_on), str(each.ends_on), ended)  # fmt: skip
    out().print(table if table.row_count else "There is no delegation.")
