"""What routes ask for: the archive, a session, who is asking, and the wish that a request be done once.

Commit before you answer: with `scope="function"` a session's exit code runs before the answer is sent, so a commit
that fails is never answered with success.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Cookie, Depends, Header, Request
from fastapi.params import Depends as DependsParam
from sqlalchemy.orm import Session

from api.settings import Settings
from api.timestamping import Authority
from intake.archive import Archive
from intake.confined import Confinement
from records import accounts
from records.accounts import Passwords
from records.actors import Actor
from records.errors import CrossSiteRequest, NotAuthenticated, NotPermitted, PasswordChangeRequired
from records.models import User
from records.terms import Role

SESSION_COOKIE = "guidang_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CROSS_SITE_TYPES = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
"""What a foreign page's form may send without the browser asking us first."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whoever sends the request. `user` and `session_token` only where it is a person."""

    actor: Actor
    user: User | None = None
    session_token: str | None = None


def archive_of(request: Request) -> Archive:
    archive: Archive = request.app.state.archive
    return archive


def settings_of(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def authority_of(request: Request) -> Authority | None:
    authority: Authority | None = request.app.state.authority
    return authority


def passwords_of(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


def confinement_of(request: Request) -> Confinement:
    confinement: Confinement = request.app.state.confinement
    return confinement


TheConfinement = Annotated[Confinement, Depends(confinement_of)]
TheArchive = Annotated[Archive, Depends(archive_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]
TheAuthority = Annotated[Authority | None, Depends(authority_of)]
ThePasswords = Annotated[Passwords, Depends(passwords_of)]


def session(archive: TheArchive) -> Iterator[Session]:
    with archive.transaction() as opened:
        yield opened


def reading_session(archive: TheArchive) -> Iterator[Session]:
    with archive.reading() as opened:
        yield opened


Writing = Annotated[Session, Depends(session, scope="function")]
Reading = Annotated[Session, Depends(reading_session, scope="function")]


def principal(
    request: Request,
    archive: TheArchive,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    guidang_session: Annotated[str | None, Cookie(include_in_schema=False)] = None,
) -> Principal:
    """A station by its token or a person by the cookie of a login; a token wins where both come.

    Raises:
        NotAuthenticated: neither is there, or it is no longer good.
    """
    if authorization is not None:
        return _station(archive, authorization)
    if guidang_session is None:
        raise NotAuthenticated
    _refuse_cross_site(request)
    with archive.reading() as opened:
        login = accounts.actor_of_session(opened, guidang_session)
    if login is None:
        raise NotAuthenticated
    return Principal(actor=login.actor, user=login.user, session_token=guidang_session)


Asking = Annotated[Principal, Depends(principal)]


def settled_principal(request: Request, asking: Asking) -> Principal:
    """Somebody who has a password of his own, or a station."""
    if asking.user is not None and asking.user.must_change_password:
        raise PasswordChangeRequired
    request.state.asking = asking  # for the page that says why the one asked for cannot be shown
    return asking


def actor(asking: Annotated[Principal, Depends(settled_principal)]) -> Actor:
    return asking.actor


def person(asking: Annotated[Principal, Depends(settled_principal)]) -> Actor:
    """A person, not a station."""
    if asking.user is None:
        raise NotPermitted("A station only sends batches.")
    return asking.actor


TheActor = Annotated[Actor, Depends(actor)]
ThePerson = Annotated[Actor, Depends(person)]


def require(*roles: Role) -> DependsParam:
    """A dependency that lets only people with one of these roles through."""

    def check(who: ThePerson) -> Actor:
        who.require(*roles)
        return who

    return Depends(check)  # type: ignore[no-any-return]


def _station(archive: Archive, authorization: str) -> Principal:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated
    with archive.reading() as opened:
        found = accounts.actor_of_station(opened, token.strip())
    if found is None:
        raise NotAuthenticated
    return Principal(actor=found)


def _refuse_cross_site(request: Request) -> None:
    """SameSite=Strict keeps the cookie at home; this holds where a browser does not."""
    if request.method in SAFE_METHODS or "x-requested-with" in request.headers:
        return
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in CROSS_SITE_TYPES or request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise CrossSiteRequest
