"""Logging in and out, and one's own password."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Response

from api.deps import SESSION_COOKIE, Asking, TheArchive, ThePasswords, TheSettings, Writing
from api.schemas.accounts import LoginOrder, PasswordOrder, WhoAmI
from api.settings import Settings
from records import accounts
from records.accounts import OpenedSession
from records.actors import Actor
from records.errors import NotAuthenticated, NotPermitted
from records.models import Station, User
from records.terms import Role

login_router = APIRouter(tags=["sessions"])
router = APIRouter(tags=["sessions"])

REFUSED = "Name or password is wrong, or the account rests after repeated failures. Wait and try again."


@login_router.post("/sessions", status_code=201, summary="Log in; sets the session cookie")
def log_in(
    order: LoginOrder, archive: TheArchive, passwords: ThePasswords, settings: TheSettings, response: Response
) -> WhoAmI:
    with archive.reading() as session:
        password_hash = accounts.password_hash_of(session, order.name)
    is_right = passwords.matches(password_hash, order.password)
    # Not the request's session: a refused attempt must be counted, and answered only after that.
    with archive.transaction() as session:
        user = accounts.authenticate(session, order.name, is_right=is_right, password_hash=password_hash)
        opened = (
            accounts.open_session(session, user, lasts=dt.timedelta(hours=settings.session_hours)) if user else None
        )
    if user is None or opened is None:
        raise NotAuthenticated(REFUSED)
    _set_cookie(response, settings, opened)
    return _person(user)


@router.get("/session", summary="Who am I")
def who_am_i(asking: Asking, archive: TheArchive) -> WhoAmI:
    if asking.user is not None:
        return _person(asking.user)
    with archive.reading() as session:
        return _station(session.get_one(Station, asking.actor.station_id), asking.actor)


@router.delete("/session", status_code=204, summary="Log out")
def log_out(asking: Asking, session: Writing, response: Response) -> None:
    if asking.session_token is None:
        raise NotPermitted("A station has no login to end.")
    accounts.end_session(session, asking.actor, asking.session_token)
    response.delete_cookie(SESSION_COOKIE, path="/")


@router.post("/session/password", summary="Change one's own password; other logins end")
def change_password(
    order: PasswordOrder,
    asking: Asking,
    session: Writing,
    passwords: ThePasswords,
    settings: TheSettings,
    response: Response,
) -> WhoAmI:
    user = accounts.change_password(session, passwords, asking.actor, current=order.current, new=order.new)
    opened = accounts.open_session(session, user, lasts=dt.timedelta(hours=settings.session_hours))
    _set_cookie(response, settings, opened)
    return _person(user)


def _set_cookie(response: Response, settings: Settings, opened: OpenedSession) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        opened.token,
        expires=opened.expires_at,
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
    )


def _person(user: User) -> WhoAmI:
    return WhoAmI(
        kind="person",
        id=user.id,
        name=user.name,
        roles=[Role(role) for role in user.roles],
        regions=user.regions,
        must_change_password=user.must_change_password,
    )


def _station(station: Station, actor: Actor) -> WhoAmI:
    return WhoAmI(
        kind="station",
        id=station.id,
        name=station.name,
        roles=sorted(actor.roles),
        regions=sorted(actor.regions or ()),
        must_change_password=False,
    )
