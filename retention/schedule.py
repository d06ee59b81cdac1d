"""The retention schedule in its versions: loaded or drafted, in force, and as it was then (R93)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, NotPermitted, StaleVersion
from records.models import Document
from records.terms import Disposition, DocumentKind, ScheduleState
from retention.facts import Dated
from retention.models import RetentionClass, RetentionSchedule
from retention.policies import TWO, as_data, from_data
from retention.rules import Rule, Schedule
from retention.schedule_file import parse_schedule
from retention.triggers import parse_start

FALLBACK_VERSION = 0


def load_schedule(session: Session, actor: Actor, source: bytes) -> int:
    """Put the first schedule of an empty archive in force at once; the same file again is harmless.

    Every other is drafted, looked at and approved by somebody else (`retention/amending.py`; R93).

    Raises:
        InvalidInput: names the class that is wrong.
        NotPermitted: there is a schedule already, or something a schedule would speak of.
    """
    digest = hashlib.sha256(source).hexdigest()
    current = _in_force(session)
    if current is not None and current.sha256 == digest:
        return current.version
    if any(session.scalar(select(each).limit(1)) for each in (RetentionSchedule.version, Document.id)):
        raise NotPermitted(
            "Only the first schedule of an empty archive is put in force by one person. Draft this one (`guidang "
            "retention draft FILE`); somebody else approves it on its page."
        )
    version = add_schedule(session, actor, source, ScheduleState.IN_FORCE)
    audit.record(session, actor, "schedule.loaded", f"schedule:{version}", sha256=digest)
    return version


def add_schedule(session: Session, actor: Actor, source: bytes, state: ScheduleState) -> int:
    """The rows of a version.

    A file that does not say who signs means two approvers and no waiver, and never takes seats away that are in force.

    Raises:
        InvalidInput: names the class that is wrong.
        StaleVersion: the file's version is not above those there are.
    """
    version, header, rules = parse_schedule(source)
    if header["disposal"] is None:
        current = _in_force(session)
        if current is not None and from_data(current.disposal).seats != TWO.seats:
            raise InvalidInput("The schedule in force says who signs destruction lists. Say it here too: `disposal`.")
        header["disposal"] = as_data(TWO)
    latest = session.scalar(select(func.max(RetentionSchedule.version)))
    if latest is not None and version <= latest:
        raise StaleVersion("The schedule needs a higher version.", latest=latest, found=version)
    digest = hashlib.sha256(source).hexdigest()
    session.add(RetentionSchedule(version=version, sha256=digest, loaded_by=actor.id, state=state, **header))
    session.flush()
    for rule in rules:
        row = vars(rule) | {"kinds": sorted(rule.kinds), "trigger": str(rule.trigger)}
        session.add(RetentionClass(version=version, **row))
    session.flush()
    return version


def current_schedule(session: Session) -> Schedule:
    """The schedule in force; before the first is loaded an empty one, under which nothing falls due."""
    found = _in_force(session)
    return Schedule(version=FALLBACK_VERSION, rules=()) if found is None else _schedule_of(session, found)


def schedule_of(session: Session, version: int) -> Schedule:
    """A version, whether in force or not."""
    return _schedule_of(session, session.get_one(RetentionSchedule, version))


def rule_of(session: Session, document: Dated) -> Rule | None:
    """The rule by which a document got its due date, as it was then."""
    if document.schedule_version is None or document.retention_class is None:
        return None
    row = session.get(RetentionClass, (document.schedule_version, document.retention_class))
    return None if row is None else _rule_of_row(row)


def rules_of_many(session: Session, documents: Iterable[Document]) -> dict[str, Rule | None]:
    """What `rule_of` gives, for each document by its id; each rule is read once."""
    rules: dict[tuple[int | None, str | None], Rule | None] = {}
    found: dict[str, Rule | None] = {}
    for document in documents:
        which = (document.schedule_version, document.retention_class)
        if which not in rules:
            rules[which] = rule_of(session, document)
        found[document.id] = rules[which]
    return found


def _in_force(session: Session) -> RetentionSchedule | None:
    highest = select(RetentionSchedule).where(RetentionSchedule.state == ScheduleState.IN_FORCE)
    return session.scalars(highest.order_by(RetentionSchedule.version.desc()).limit(1)).first()


def _schedule_of(session: Session, found: RetentionSchedule) -> Schedule:
    rows = session.scalars(
        select(RetentionClass).where(RetentionClass.version == found.version).order_by(RetentionClass.name)
    )
    rules = tuple(_rule_of_row(row) for row in rows)
    return Schedule(version=found.version, rules=rules, disposal=from_data(found.disposal))


def _rule_of_row(row: RetentionClass) -> Rule:
    return Rule(
        name=row.name,
        title=row.title,
        kinds=frozenset(DocumentKind(kind) for kind in row.kinds),
        trigger=parse_start(row.trigger),
        period_years=row.period_years,
        period_days=row.period_days,
        upper_bound_years=row.upper_bound_years,
        disposition=Disposition(row.disposition),
        authority=row.authority,
        minimum_years=row.minimum_years,
    )
