"""How long a document is kept: the classes of a schedule and the due dates they give (R93, K22, K32, K38). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from records.filing import Term
from records.terms import Disposition, DocumentKind
from retention.policies import TWO, DisposalPolicy
from retention.triggers import Facts, Start, fields_of, started_on

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

    @property
    def named_fields(self) -> frozenset[str]:
        """The fields of records from whose days periods run."""
        return frozenset(name for rule in self.rules for name in fields_of(rule.trigger))

    def fields_for(self, kinds: Sequence[DocumentKind]) -> frozenset[str]:
        """Those from which the period of a document of these kinds runs."""
        return frozenset(name for rule in self._applying(kinds) for name in fields_of(rule.trigger))

    def rule_for(self, kinds: Sequence[DocumentKind]) -> Rule | None:
        """The rule for a document of these kinds: where several apply, the longest period wins (K38)."""
        return max(self._applying(kinds), key=_length, default=None)

    def _applying(self, kinds: Sequence[DocumentKind]) -> list[Rule]:
        """The rules a document of these kinds is kept by.

        For ever is the longest, but a copy of an ID card is not kept for ever by what was scanned beside it (K22).
        """
        applying = [rule for rule in self.rules if not rule.kinds.isdisjoint(kinds)]
        if DocumentKind.ID_CARD not in kinds or not any(DocumentKind.ID_CARD in rule.kinds for rule in applying):
            return applying
        return [rule for rule in applying if rule.disposition != Disposition.RETAIN]

    def term(self, kinds: Sequence[DocumentKind], facts: Facts, *, is_asked_for: bool = False) -> Term:
        """How long a document of these kinds is kept. Where several rules apply the last day wins; none is the last.

        What no class covers is kept until one does: no due date.

        Args:
            is_asked_for: its customer asked for its destruction, so it is kept no longer than a law wants.
        """
        rule = self.rule_for(kinds)
        if rule is None:
            return Term(class_name=UNSCHEDULED, schedule_version=self.version, period_code="Y", due_on=None)
        days = [due_on(each, started_on(each.trigger, facts)) for each in self._applying(kinds)]
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
        days = [_minimum_on(rule, facts) for rule in self._applying(kinds)]
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
    >>> from records.terms import Trigger
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
