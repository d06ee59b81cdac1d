"""The retention schedule: loaded from a file, versioned, with the pure rules that give due dates (R93, K22, K32).

File (YAML):

    version: 1
    title: 客户档案保管期限表
    approved_by: 总经理办公会 2026-03
    classes:
      - name: company_papers
        title: 企业客户证照
        kinds: [business_license, registration_form]
        trigger: relationship_ended      # see `retention/triggers.py`
        period_years: 10                 # or period_days
        minimum_years: 5                 # what the law asks for at least; the period where absent
        upper_bound_years: 30            # a class of ID cards must have one
        disposition: review              # review | destroy | retain
        authority: 《会计档案管理办法》…
    disposal: two                        # who signs destruction lists: see `retention/policies.py`
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, NotPermitted, StaleVersion
from records.filing import Term
from records.models import Document
from records.terms import Disposition, DocumentKind, ScheduleState
from retention.models import RetentionClass, RetentionSchedule
from retention.policies import TWO, DisposalPolicy, as_data, from_data, policy_of
from retention.triggers import Facts, Start, parse_start, started_on

FALLBACK_VERSION = 0
UNSCHEDULED = "unscheduled"
"""The class of what no class covers."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One class of a schedule. The period is whole years and days after the trigger's date."""

    name: str
    title: str
    kinds: frozenset[DocumentKind]
    trigger: Start
    period_years: int
    period_days: int
    upper_bound_years: int | None
    disposition: Disposition
    authority: str
    minimum_years: int = 0

    @property
    def period_code(self) -> str:
        """The part of an archival code that tells the period (DA/T 13): `Y` for ever, `D10` ten years."""
        if self.disposition == Disposition.RETAIN:
            return "Y"
        return f"D{max(1, self.period_years)}"

    @property
    def period_text(self) -> str:
        """应保管期限 as the register prints it."""
        if self.disposition == Disposition.RETAIN:
            return "永久"
        years = f"{self.period_years}年" if self.period_years else ""
        return years + (f"{self.period_days}天" if self.period_days or not years else "")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    version: int
    rules: tuple[Rule, ...]
    disposal: DisposalPolicy = TWO

    def rule_for(self, kinds: Sequence[DocumentKind]) -> Rule | None:
        """The rule for a document of these kinds: where several apply, the longest period wins (K38)."""
        matching = [rule for rule in self.rules if not rule.kinds.isdisjoint(kinds)]
        return max(matching, key=_length, default=None)

    def term(self, kinds: Sequence[DocumentKind], facts: Facts, *, is_asked_for: bool = False) -> Term:
        """How long a document of these kinds is kept. Where several rules apply the last day wins; none is the last.

        What no class covers is kept until one does: no due date.

        Args:
            is_asked_for: its customer asked for its destruction, so it is kept no longer than a law wants.
        """
        rule = self.rule_for(kinds)
        if rule is None:
            return Term(class_name=UNSCHEDULED, schedule_version=self.version, period_code="Y", due_on=None)
        applying = [each for each in self.rules if not each.kinds.isdisjoint(kinds)]
        days = [due_on(each, started_on(each.trigger, facts)) for each in applying]
        known = [day for day in days if day is not None]
        day = max(known) if len(known) == len(days) else None
        return Term(
            class_name=rule.name,
            schedule_version=self.version,
            period_code=rule.period_code,
            due_on=self.minimum_on(kinds, facts) if is_asked_for else day,
        )

    def minimum_on(self, kinds: Sequence[DocumentKind], facts: Facts) -> dt.date | None:
        """From which day no law keeps a document of these kinds; None while that cannot be said, or for ever.

        Where no law asks for a minimum the day is the earliest there is, whether or not the period has begun.
        """
        applying = [rule for rule in self.rules if not rule.kinds.isdisjoint(kinds)]
        days = [_minimum_on(rule, facts) for rule in applying]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


def _minimum_on(rule: Rule, facts: Facts) -> dt.date | None:
    if rule.disposition == Disposition.RETAIN:
        return None
    if rule.minimum_years == 0:
        return dt.date.min
    start = started_on(rule.trigger, facts)
    return None if start is None else years_later(start, rule.minimum_years)


def due_on(rule: Rule, start: dt.date | None) -> dt.date | None:
    """The first day on which disposition may be considered; None while the trigger has not happened or for ever.

    >>> import datetime as dt
    >>> rule = Rule(name="x", title="", kinds=frozenset(), trigger=Trigger.FILED, period_years=1, period_days=0,
    ...             upper_bound_years=None, disposition=Disposition.REVIEW, authority="")
    >>> due_on(rule, dt.date(2024, 2, 29))
    datetime.date(2025, 3, 1)
    """
    if start is None or rule.disposition == Disposition.RETAIN:
        return None
    return years_later(start, rule.period_years) + dt.timedelta(days=rule.period_days)


def years_later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February: the period has not run out before 1 March
        return dt.date(day.year + years, 3, 1)


def _length(rule: Rule) -> tuple[bool, int]:
    return rule.disposition == Disposition.RETAIN, rule.period_years * 366 + rule.period_days


def load_schedule(session: Session, actor: Actor, source: bytes) -> int:
    """Put a new version in force at once; the same file again is harmless.

    Records filed before keep their due dates. Only where the smallest disposal policy is in force: else a schedule is
    drafted, looked at and approved (`retention/amending.py`).

    Raises:
        InvalidInput: names the class that is wrong.
        StaleVersion: the file's version is not above those there are.
        NotPermitted: a schedule must be approved by somebody else.
    """
    digest = hashlib.sha256(source).hexdigest()
    current = _in_force(session)
    if current is not None and current.sha256 == digest:
        return current.version
    if current is not None and from_data(current.disposal).name != TWO.name:
        raise NotPermitted("A schedule is drafted, then approved by somebody else.", in_force=current.version)
    version = add_schedule(session, actor, source, ScheduleState.IN_FORCE)
    audit.record(session, actor, "schedule.loaded", f"schedule:{version}", sha256=digest)
    return version


def add_schedule(session: Session, actor: Actor, source: bytes, state: ScheduleState) -> int:
    """The rows of a version; raises as `load_schedule` does."""
    version, header, rules = _parse(source)
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


def rule_of(session: Session, document: Document) -> Rule | None:
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


def _parse(source: bytes) -> tuple[int, dict[str, Any], list[Rule]]:
    try:
        content = yaml.safe_load(source)
        version = int(content["version"])
        header: dict[str, Any] = {"title": str(content.get("title", "")), "approved_by": str(content["approved_by"])}
        header["disposal"] = as_data(policy_of(content.get("disposal")))
        rules = [_parse_rule(row) for row in content["classes"]]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidInput(f"The schedule file is not as it must be: {exc!r}.") from exc
    if version <= FALLBACK_VERSION:
        raise InvalidInput("A schedule's version is 1 or more.", found=version)
    return version, header, rules


def _parse_rule(row: dict[str, Any]) -> Rule:
    rule = Rule(
        name=str(row["name"]),
        title=str(row["title"]),
        kinds=frozenset(DocumentKind(kind) for kind in row["kinds"]),
        trigger=parse_start(row["trigger"]),
        period_years=int(row.get("period_years", 0)),
        period_days=int(row.get("period_days", 0)),
        upper_bound_years=None if row.get("upper_bound_years") is None else int(row["upper_bound_years"]),
        disposition=Disposition(row["disposition"]),
        authority=str(row["authority"]),
        minimum_years=int(row.get("minimum_years", row.get("period_years", 0))),
    )
    if rule.period_years < 0 or rule.period_days < 0 or rule.period_years > 200:
        raise InvalidInput("A period is 0 to 200 years.", retention_class=rule.name)
    if DocumentKind.ID_CARD in rule.kinds and rule.disposition == Disposition.RETAIN:
        raise InvalidInput("A class of ID cards cannot be kept for ever (PIPL art. 19).", retention_class=rule.name)
    if DocumentKind.ID_CARD in rule.kinds and rule.upper_bound_years is None:
        raise InvalidInput("A class of ID cards needs an upper bound (PIPL art. 19).", retention_class=rule.name)
    if not 0 <= rule.minimum_years <= rule.period_years:
        raise InvalidInput("The minimum is longer than the period.", retention_class=rule.name)
    if rule.upper_bound_years is not None and rule.period_years > rule.upper_bound_years:
        raise InvalidInput("The period is longer than the class's upper bound.", retention_class=rule.name)
    return rule
