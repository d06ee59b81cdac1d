"""The retention schedule: loaded from a file, versioned, with the pure rules that give due dates (R93, K22, K32).

File (YAML):

    version: 1
    title: 客户档案保管期限表
    approved_by: 总经理办公会 2026-03
    classes:
      - name: company_papers
        title: 企业客户证照
        kinds: [business_license, registration_form]
        trigger: relationship_ended      # received | filed | relationship_ended
        period_years: 10                 # or period_days
        upper_bound_years: 30            # no class is permanent unless this is absent
        disposition: review              # review | destroy | retain
        authority: 《会计档案管理办法》…
    disposal: two                        # who signs destruction lists: see `retention/policies.py`
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.actors import Actor
from records.errors import InvalidInput, StaleVersion
from records.filing import Term
from records.terms import Disposition, DocumentKind, Trigger
from retention.models import RetentionClass, RetentionSchedule
from retention.policies import TWO, DisposalPolicy, as_data, from_data, policy_of

FALLBACK_VERSION = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One class of a schedule. The period is whole years and days after the trigger's date."""

    name: str
    title: str
    kinds: frozenset[DocumentKind]
    trigger: Trigger
    period_years: int
    period_days: int
    upper_bound_years: int | None
    disposition: Disposition
    authority: str

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

    def term_for(
        self, kinds: Sequence[DocumentKind], *, received_on: dt.date, filed_on: dt.date, ended_on: dt.date | None
    ) -> Term:
        """A `records.filing.TermFor`. What no class covers is kept until one does: no due date."""
        rule = self.rule_for(kinds)
        if rule is None:
            return Term(class_name="unscheduled", schedule_version=self.version, period_code="Y", due_on=None)
        start = {
            Trigger.RECEIVED: received_on,
            Trigger.FILED: filed_on,
            Trigger.RELATIONSHIP_ENDED: ended_on,
        }[rule.trigger]
        return Term(
            class_name=rule.name,
            schedule_version=self.version,
            period_code=rule.period_code,
            due_on=due_on(rule, start),
        )


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
    """Put a new version in force; the same file again is harmless.

    Records filed before keep their due dates: recalculating them is a decision of its own (K34).

    Raises:
        InvalidInput: names the class that is wrong.
        StaleVersion: the file's version is not above the one in force.
    """
    version, header, rules = _parse(source)
    digest = hashlib.sha256(source).hexdigest()
    latest = select(RetentionSchedule).order_by(RetentionSchedule.version.desc()).limit(1)
    current = session.scalars(latest).first()
    if current is not None and current.sha256 == digest:
        return current.version
    if current is not None and version <= current.version:
        raise StaleVersion("The schedule needs a higher version.", in_force=current.version, found=version)
    session.add(RetentionSchedule(version=version, sha256=digest, loaded_by=actor.id, **header))
    session.flush()
    for rule in rules:
        row = vars(rule) | {"kinds": sorted(rule.kinds)}
        session.add(RetentionClass(version=version, **row))
    audit.record(session, actor, "schedule.loaded", f"schedule:{version}", sha256=digest, classes=len(rules))
    return version


def current_schedule(session: Session) -> Schedule:
    """The schedule in force; before the first is loaded an empty one, under which nothing falls due."""
    found = session.scalars(select(RetentionSchedule).order_by(RetentionSchedule.version.desc()).limit(1)).first()
    if found is None:
        return Schedule(version=FALLBACK_VERSION, rules=())
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
        trigger=Trigger(row.trigger),
        period_years=row.period_years,
        period_days=row.period_days,
        upper_bound_years=row.upper_bound_years,
        disposition=Disposition(row.disposition),
        authority=row.authority,
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
        trigger=Trigger(row["trigger"]),
        period_years=int(row.get("period_years", 0)),
        period_days=int(row.get("period_days", 0)),
        upper_bound_years=None if row.get("upper_bound_years") is None else int(row["upper_bound_years"]),
        disposition=Disposition(row["disposition"]),
        authority=str(row["authority"]),
    )
    if rule.period_years < 0 or rule.period_days < 0 or rule.period_years > 200:
        raise InvalidInput("A period is 0 to 200 years.", retention_class=rule.name)
    if DocumentKind.ID_CARD in rule.kinds and rule.disposition == Disposition.RETAIN:
        raise InvalidInput("A class of ID cards cannot be kept for ever (PIPL art. 19).", retention_class=rule.name)
    if rule.upper_bound_years is not None and rule.period_years > rule.upper_bound_years:
        raise InvalidInput("The period is longer than the class's upper bound.", retention_class=rule.name)
    return rule
