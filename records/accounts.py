"""Accounts: people with passwords and roles, their logins, and stations with tokens (K12, R116).

Passwords are hashed by what the caller passes as `Passwords`; of tokens only the SHA-256 is kept. Administrator and
auditor stand alone (三员分立): whoever manages accounts or reads the audit log does nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import SYSTEM, Actor
from records.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from records.ids import utc_now
from records.models import LoginSession, Station, User
from records.terms import Role

FIRST_ADMINISTRATOR = "admin"
LEAST_PASSWORD_LENGTH = 12
MOST_PASSWORD_LENGTH = 1024
FREE_FAILURES = 5
FIRST_LOCK = dt.timedelta(minutes=1)
LONGEST_LOCK = dt.timedelta(hours=24)
MOST_SESSIONS = 5
"""Logins a person may have at a time; the oldest ends when one more is opened."""
ALONE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
_TOKEN_BYTES = 32


class Passwords(Protocol):
    """Hashing that is slow on purpose; takes the same time whether or not there is a hash to compare with."""

    def hash(self, password: str) -> str: ...

    def matches(self, password_hash: str | None, password: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """`regions` None means every region."""

    name: str
    roles: Sequence[Role]
    regions: Sequence[str] | None
    department: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenedSession:
    """`token` is given to the browser once and kept nowhere."""

    token: str
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Login:
    """Whoever is logged in, and the user as the database has it now."""

    user: User
    actor: Actor


def ensure_first_administrator(session: Session, passwords: Passwords) -> tuple[str, str] | None:
    """Make the first administrator where there is no user yet; gives name and one-time password."""
    if session.scalar(select(func.count()).select_from(User)):
        return None
    new = NewUser(name=FIRST_ADMINISTRATOR, roles=[Role.ADMINISTRATOR], regions=[])
    user, password = _add_user(session, passwords, new)
    audit.record(session, SYSTEM, "user.created", f"user:{user.id}", roles=user.roles)
    return user.name, password


def create_user(session: Session, passwords: Passwords, actor: Actor, new: NewUser) -> tuple[User, str]:
    """Make a user with a one-time password, which is given back once.

    Raises:
        Conflict: the name is taken.
    """
    actor.require(Role.ADMINISTRATOR)
    if session.scalar(select(User.id).where(User.name == new.name.strip())) is not None:
        raise Conflict("There is a user of this name.")
    user, password = _add_user(session, passwords, new)
    audit.record(session, actor, "user.created", f"user:{user.id}", roles=user.roles, regions=user.regions)
    return user, password


def set_roles(
    session: Session,
    actor: Actor,
    user_id: str,
    *,
    roles: Sequence[Role],
    regions: Sequence[str] | None,
    department: str | None = None,
) -> User:
    """Say what another person may do and see, and where he works; it holds from that person's next request on.

    Args:
        department: None leaves it as it is.

    Raises:
        NotPermitted: the administrator means himself.
    """
    user = _other_user(session, actor, user_id)
    checked = _checked_roles(roles)
    if Role.ADMINISTRATOR in user.roles and Role.ADMINISTRATOR not in checked:
        _leave_an_administrator(session, user)
    user.roles, user.regions = checked, _checked_regions(regions)
    user.department = user.department if department is None else department.strip()
    now = {"roles": user.roles, "regions": user.regions, "department": user.department}
    audit.record(session, actor, "user.roles_set", f"user:{user.id}", **now)
    return user


def reset_password(session: Session, passwords: Passwords, actor: Actor, user_id: str) -> tuple[User, str]:
    """Give another person a new one-time password and end a lock-out; the logins of that person end."""
    user, password = _other_user(session, actor, user_id), one_time_password()
    user.password_hash, user.must_change_password = passwords.hash(password), True
    user.failed_logins, user.locked_until = 0, None
    end_sessions(session, user.id)
    audit.record(session, actor, "user.password_reset", f"user:{user.id}")
    return user, password


def disable_user(session: Session, actor: Actor, user_id: str) -> User:
    """End all logins of a person and allow none again. The account stays: the audit log names it."""
    user = _other_user(session, actor, user_id)
    if user.disabled_at is None:
        if Role.ADMINISTRATOR in user.roles:
            _leave_an_administrator(session, user)
        user.disabled_at = utc_now()
        end_sessions(session, user.id)
        audit.record(session, actor, "user.disabled", f"user:{user.id}")
    return user


def change_password(session: Session, passwords: Passwords, actor: Actor, *, current: str, new: str) -> User:
    """Change one's own password; every login of that person ends.

    Raises:
        NotPermitted: the current password is wrong.
        InvalidInput: the new one is too short, too long or the same.
    """
    user = session.get(User, actor.id, with_for_update=True)
    if user is None or not passwords.matches(user.password_hash, current):
        raise NotPermitted("The current password is not right.")
    if not LEAST_PASSWORD_LENGTH <= len(new) <= MOST_PASSWORD_LENGTH or new == current:
        raise InvalidInput(f"A new password has at least {LEAST_PASSWORD_LENGTH} characters and is not the old one.")
    user.password_hash, user.must_change_password = passwords.hash(new), False
    end_sessions(session, user.id)
    audit.record(session, actor, "user.password_changed", f"user:{user.id}")
    return user


def password_hash_of(session: Session, name: str) -> str | None:
    """What to compare a password with; None for names nobody has."""
    return session.scalar(select(User.password_hash).where(User.name == name))


def authenticate(session: Session, name: str, *, is_right: bool, password_hash: str | None) -> User | None:
    """Count a log-in attempt and give the user if it succeeds. The caller commits either way.

    The password was compared beforehand, outside the transaction, because that takes long on purpose.

    Args:
        is_right: whether the password matched.
        password_hash: what it was compared with; if the hash has changed since, the attempt fails.
    """
    user = session.scalars(select(User).where(User.name == name).with_for_update()).one_or_none()
    if user is None or user.disabled_at is not None:
        return None
    now = utc_now()
    if user.locked_until is not None and user.locked_until > now:
        return None
    if is_right and user.password_hash == password_hash:
        user.failed_logins, user.locked_until = 0, None
        return user
    user.failed_logins += 1
    pause = lock_after(user.failed_logins)
    if pause is not None:
        user.locked_until = now + pause
        audit.record(session, SYSTEM, "user.locked", f"user:{user.id}", failures=user.failed_logins)
    return None


def lock_after(failures: int) -> dt.timedelta | None:
    """How long an account rests after its nth failure in a row: from the 5th on 1, 2, 4 … minutes, a day at most.

    >>> [str(lock_after(n)) for n in (4, 5, 6, 99)]
    ['None', '0:01:00', '0:02:00', '1 day, 0:00:00']
    """
    over = failures - FREE_FAILURES
    return None if over < 0 else min(FIRST_LOCK * 2 ** min(over, 20), LONGEST_LOCK)


def open_session(session: Session, user: User, *, lasts: dt.timedelta) -> OpenedSession:
    """Log a user in."""
    now = utc_now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))
    mine = select(LoginSession).where(LoginSession.user_id == user.id).order_by(LoginSession.created_at.desc())
    for surplus in session.scalars(mine.offset(MOST_SESSIONS - 1)).all():
        session.delete(surplus)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    opened = LoginSession(token_sha256=_hash(token), user_id=user.id, created_at=now, expires_at=now + lasts)
    session.add(opened)
    session.flush()
    audit.record(session, _actor(user), "session.opened", f"user:{user.id}")
    return OpenedSession(token=token, expires_at=opened.expires_at)


def end_session(session: Session, actor: Actor, token: str) -> None:
    """Log out; harmless if the login has ended."""
    session.execute(delete(LoginSession).where(LoginSession.token_sha256 == _hash(token)))
    audit.record(session, actor, "session.ended", f"user:{actor.id}")


def end_sessions(session: Session, user_id: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


def actor_of_session(session: Session, token: str) -> Login | None:
    """Who sent this cookie; None where the login has ended."""
    statement = (
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(
            LoginSession.token_sha256 == _hash(token),
            LoginSession.expires_at > utc_now(),
            User.disabled_at.is_(None),
        )
    )
    user = session.scalars(statement).one_or_none()
    return None if user is None else Login(user=user, actor=_actor(user))


def create_station(session: Session, actor: Actor, *, name: str, region_code: str | None) -> tuple[Station, str]:
    """Make a station and its token, which is given back once.

    Raises:
        Conflict: the name is taken.
    """
    actor.require(Role.ADMINISTRATOR)
    if not name.strip():
        raise InvalidInput("A station needs a name.")
    if session.scalar(select(Station.id).where(Station.name == name.strip())) is not None:
        raise Conflict("There is a station of this name.")
    token = _station_token()
    station = Station(name=name.strip(), token_sha256=_hash(token), region_code=region_code)
    session.add(station)
    session.flush()
    audit.record(session, actor, "station.created", f"station:{station.id}", region=region_code)
    return station, token


def renew_token(session: Session, actor: Actor, station_id: str) -> tuple[Station, str]:
    """Give a station a new token, which is given back once; the old one is worthless from now on.

    Raises:
        WrongState: the station was withdrawn.
    """
    actor.require(Role.ADMINISTRATOR)
    station = _station(session, station_id)
    if station.withdrawn_at is not None:
        raise WrongState("The station was withdrawn. Make a new one.", station_id=station_id)
    token = _station_token()
    station.token_sha256 = _hash(token)
    audit.record(session, actor, "station.token_renewed", f"station:{station.id}")
    return station, token


def withdraw_station(session: Session, actor: Actor, station_id: str) -> Station:
    """Make the station's token worthless, for good; harmless when repeated."""
    actor.require(Role.ADMINISTRATOR)
    station = _station(session, station_id)
    if station.withdrawn_at is None:
        station.withdrawn_at = utc_now()
        audit.record(session, actor, "station.withdrawn", f"station:{station.id}")
    return station


def _station(session: Session, station_id: str) -> Station:
    station = session.get(Station, station_id, with_for_update=True)
    if station is None:
        raise NotFound(station_id=station_id)
    return station


def _station_token() -> str:
    return f"gds_{secrets.token_urlsafe(_TOKEN_BYTES)}"


def actor_of_station(session: Session, token: str) -> Actor | None:
    """Which station sent this token; None where it is unknown or withdrawn."""
    statement = select(Station).where(Station.token_sha256 == _hash(token), Station.withdrawn_at.is_(None))
    station = session.scalars(statement).one_or_none()
    if station is None:
        return None
    regions = frozenset({station.region_code}) if station.region_code else frozenset()
    return Actor(id=f"station:{station.id}", roles=frozenset({Role.SCANNER}), regions=regions, station_id=station.id)


def one_time_password() -> str:
    """120 bits, in letters and digits that are not taken for one another."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(6)) for _ in range(4))


def _add_user(session: Session, passwords: Passwords, new: NewUser) -> tuple[User, str]:
    name, password = new.name.strip(), one_time_password()
    if not name or len(name) > 100:
        raise InvalidInput("A user needs a name of 1 to 100 characters.")
    user = User(
        name=name,
        department=new.department.strip(),
        password_hash=passwords.hash(password),
        roles=_checked_roles(new.roles),
        regions=_checked_regions(new.regions),
    )
    session.add(user)
    session.flush()
    return user, password


def _other_user(session: Session, actor: Actor, user_id: str) -> User:
    actor.require(Role.ADMINISTRATOR)
    if actor.id == user_id:
        raise NotPermitted("Nobody manages his own account. Ask another administrator.", user_id=user_id)
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound(user_id=user_id)
    return user


def _leave_an_administrator(session: Session, leaving: User) -> None:
    others = session.scalars(select(User).where(User.disabled_at.is_(None), User.id != leaving.id))
    if not any(Role.ADMINISTRATOR in user.roles for user in others):
        raise WrongState("The last administrator cannot go.", user_id=leaving.id)


def _checked_roles(roles: Iterable[Role]) -> list[str]:
    wanted = set(roles)
    if not wanted:
        raise InvalidInput("A user needs at least one role.")
    if len(wanted) > 1 and wanted & ALONE:
        raise InvalidInput("Administrator and auditor cannot be combined with another role.")
    return sorted(role.value for role in wanted)


def _checked_regions(regions: Sequence[str] | None) -> list[str] | None:
    return None if regions is None else sorted(set(regions))


def _actor(user: User) -> Actor:
    return Actor(
        id=user.id,
        roles=frozenset(Role(role) for role in user.roles),
        regions=None if user.regions is None else frozenset(user.regions),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
