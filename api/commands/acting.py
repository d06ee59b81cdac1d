"""What commands share in which a person acts: who says so, with which password, and the things by their numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from records.errors import NotAuthenticated, NotFound, NotPermitted

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.orm import Session

    from intake.archive import Archive
    from records.actors import Actor
    from retention.models import DestructionList

As = Annotated[str, typer.Option("--as", help="Who does this; the person's password is asked for.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ListNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a destruction list: XH-2026-00001.")]
DAY = "%Y-%m-%d"


def person_of(archive: Archive, name: str, password_stdin: bool) -> Actor:
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


def list_of(session: Session, number: str) -> DestructionList:
    from sqlalchemy import select

    from retention.models import DestructionList

    found = session.scalars(select(DestructionList).where(DestructionList.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no list of this number.", number=number)
    return found


def tell_waived(archive: Archive, number: str) -> None:
    """What a list does without, and why: before somebody gives his word for it."""
    from api.commands.opening import err
    from retention.listed import policy_of_list

    with archive.reading() as session:
        waived = policy_of_list(list_of(session, number)).waived
    for demand, reason in waived.items():
        err().print(f"{number} does without {demand}: {reason}", markup=False)


def document_subject_of(session: Session, archival_code: str) -> str:
    from sqlalchemy import select

    from records.models import Document

    document_id = session.scalar(select(Document.id).where(Document.archival_code == archival_code))
    if document_id is None:
        raise NotFound("There is no record of this 档号.", archival_code=archival_code)
    return f"document:{document_id}"


def today() -> dt.date:
    from records.ids import utc_now

    return utc_now().date()


def user_id_of(session: Session, name: str) -> str:
    from sqlalchemy import select

    from records.models import User

    user_id = session.scalar(select(User.id).where(User.name == name))
    if user_id is None:
        raise NotFound("There is nobody of this name.", name=name)
    return user_id
