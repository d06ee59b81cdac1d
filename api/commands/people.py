"""Commands over accounts: users, and the server's list of stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.commands.opening import err, opened, out, unix_actor
from records.errors import NotFound
from records.terms import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from records.models import User

app = typer.Typer(no_args_is_help=True, help="People who log in.")

Name = Annotated[str, typer.Argument(help="The name the person logs in with.")]


@app.command("add")
def add_user(
    ctx: typer.Context,
    name: Name,
    role: Annotated[list[Role], typer.Option(help="May be repeated; administrator and auditor stand alone.")],
    region: Annotated[
        list[str] | None, typer.Option(help="Region the person may see; may be repeated. Without it: every region.")
    ] = None,
    department: Annotated[str, typer.Option()] = "",
) -> None:
    """Make a user; prints a one-time password, once.

    Example: guidang user add 李核 --role verifier --region HD
    """
    from api.passwords import Argon2Passwords
    from records.accounts import NewUser, create_user

    new = NewUser(name=name, roles=role, regions=region or None, department=department)
    with opened(ctx) as archive, archive.transaction() as session:
        _, password = create_user(session, Argon2Passwords(), unix_actor(), new)
    out().print(password)


@app.command("list")
def list_users(ctx: typer.Context) -> None:
    """Show everybody.

    Example: guidang user list
    """
    from sqlalchemy import select

    from records.models import User

    table = Table("name", "roles", "regions", "department", "state")
    with opened(ctx) as archive, archive.reading() as session:
        for user in session.scalars(select(User).order_by(User.name)):
            regions = "all" if user.regions is None else ", ".join(user.regions)
            state = "disabled" if user.disabled_at else "one-time password" if user.must_change_password else ""
            table.add_row(user.name, ", ".join(user.roles), regions, user.department, state)
    out().print(table)


@app.command("disable")
def disable(ctx: typer.Context, name: Name) -> None:
    """End a person's access for good; the account stays, because the audit log names it.

    Example: guidang user disable 李核
    """
    from records.accounts import disable_user

    with opened(ctx) as archive, archive.transaction() as session:
        disable_user(session, unix_actor(), _user(session, name).id)
    err().print("Disabled.")


@app.command("password")
def reset(ctx: typer.Context, name: Name) -> None:
    """Give a person a new one-time password (printed once) and end a lock-out.

    Example: guidang user password 李核
    """
    from api.passwords import Argon2Passwords
    from records.accounts import reset_password

    with opened(ctx) as archive, archive.transaction() as session:
        _, password = reset_password(session, Argon2Passwords(), unix_actor(), _user(session, name).id)
    out().print(password)


def add_station(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the scanner station.")],
    region: Annotated[str | None, typer.Option(help="Region its documents belong to until they are filed.")] = None,
) -> None:
    """Make a station; prints its token, once.

    Example: guidang station add 上海一号 --region HD
    """
    from records.accounts import create_station

    with opened(ctx) as archive, archive.transaction() as session:
        _, token = create_station(session, unix_actor(), name=name, region_code=region)
    out().print(token)


def list_stations(ctx: typer.Context) -> None:
    """Show the stations.

    Example: guidang station list
    """
    from sqlalchemy import select

    from records.models import Station

    table = Table("name", "region", "since", "withdrawn")
    with opened(ctx) as archive, archive.reading() as session:
        for station in session.scalars(select(Station).order_by(Station.name)):
            withdrawn = f"{station.withdrawn_at:%Y-%m-%d}" if station.withdrawn_at else ""
            table.add_row(station.name, station.region_code or "", f"{station.created_at:%Y-%m-%d}", withdrawn)
    out().print(table)


def withdraw_station(ctx: typer.Context, name: Annotated[str, typer.Argument()]) -> None:
    """Make a station's token worthless, for good.

    Example: guidang station withdraw 上海一号
    """
    from sqlalchemy import select

    from records import accounts
    from records.models import Station

    with opened(ctx) as archive, archive.transaction() as session:
        station = session.scalars(select(Station).where(Station.name == name)).one_or_none()
        if station is None:
            raise NotFound("There is no station of this name.")
        accounts.withdraw_station(session, unix_actor(), station.id)
    err().print("Withdrawn.")


def _user(session: Session, name: str) -> User:
    from sqlalchemy import select

    from records.models import User

    user = session.scalars(select(User).where(User.name == name)).one_or_none()
    if user is None:
        raise NotFound("There is no user of this name.")
    return user
