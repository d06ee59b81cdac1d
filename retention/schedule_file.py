"""The file of a retention schedule: what it must say, and what it may not.

YAML:

    version: 1
    title: 客户档案保管期限表
    approved_by: 总经理办公会 2026-03
    classes:
      - name: company_papers
        title: 企业客户证照
        kinds: [business_license, registration_form]
        trigger: relationship_ended      # or {field: business_term}, … : see `retention/triggers.py`
        period_years: 10                 # or period_days
        minimum_years: 5                 # what the law asks for at least; the period where absent
        upper_bound_years: 30            # a class of ID cards must have one
        disposition: review              # review | destroy | retain
        authority: 《会计档案管理办法》…
    disposal: two                        # who signs destruction lists: see `retention/policies.py`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import yaml

from records.errors import InvalidInput
from records.record_dates import STATED
from records.terms import Choice, Disposition, DocumentKind
from retention.policies import as_data, policy_of
from retention.rules import Rule
from retention.triggers import Combined, Start, fields_of, parse_start, sources_of

_BIRTH = re.compile("出生|生日|birth")


def parse_schedule(source: bytes) -> tuple[int, dict[str, Any], list[Rule]]:
    """Version, the columns of a schedule's row, and its classes. `disposal` is None where the file does not say it.

    Raises:
        InvalidInput: names the class that is wrong, and the line.
    """
    try:
        content = yaml.safe_load(source)
        version = int(content["version"])
        header: dict[str, Any] = {"title": str(content.get("title", "")), "approved_by": str(content["approved_by"])}
        said = content.get("disposal")
        header["disposal"] = None if said is None else as_data(policy_of(said))
        rules = [_parse_rule(row, partial(_pointing, source, at)) for at, row in enumerate(content["classes"])]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidInput(f"The schedule file is not as it must be: {exc!r}.") from exc
    if version < 1:
        raise InvalidInput("A schedule's version is 1 or more.", found=version)
    return version, header, rules


def _parse_rule(row: dict[str, Any], pointing: Callable[[str], AbstractContextManager[None]]) -> Rule:
    kinds = frozenset(DocumentKind(kind) for kind in row["kinds"])
    with pointing("trigger"):
        trigger = parse_start(row["trigger"])
        _check_stated(trigger, kinds)
    with pointing("name"):
        return _checked(_rule_of(row, kinds, trigger))


def _rule_of(row: dict[str, Any], kinds: frozenset[DocumentKind], trigger: Start) -> Rule:
    return Rule(
        name=str(row["name"]),
        title=str(row["title"]),
        kinds=kinds,
        trigger=trigger,
        period_years=int(row.get("period_years", 0)),
        period_days=int(row.get("period_days", 0)),
        upper_bound_years=None if row.get("upper_bound_years") is None else int(row["upper_bound_years"]),
        disposition=Disposition(row["disposition"]),
        authority=str(row["authority"]),
        minimum_years=int(row.get("minimum_years", row.get("period_years", 0))),
    )


def _checked(rule: Rule) -> Rule:
    """Raises InvalidInput: the rule contradicts itself, or the law."""
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


def _check_stated(trigger: Start, kinds: frozenset[DocumentKind]) -> None:
    """Raises InvalidInput where papers of the class can never state the day it runs from: they would never be due.

    What the company's own forms state is for the company to know.
    """
    if not (named := fields_of(trigger)):
        return
    if any(_BIRTH.search(name) for name in named):
        raise InvalidInput("No period runs from a person's day of birth: it would have to stand in the clear.")
    stated = {kind: STATED[kind] for kind in kinds if kind != DocumentKind.REGISTRATION_FORM}
    known = frozenset().union(*stated.values())
    if stated.keys() == kinds and (unknown := named - known):
        raise InvalidInput("No paper of this class states such a day.", fields=sorted(unknown), there_are=sorted(known))
    is_earliest = isinstance(trigger, Combined) and trigger.choice == Choice.EARLIEST
    if is_earliest and len(sources_of(trigger)) > len(named):
        return  # it begins with something else
    without = [kind for kind, days in stated.items() if not (named & days if is_earliest else named <= days)]
    if without:
        raise InvalidInput(
            "Papers of this kind do not state this day and would never be due. Put them into a class of their own.",
            fields=sorted(named), kinds=sorted(without),
        )  # fmt: skip


@contextmanager
def _pointing(source: bytes, at: int, key: str) -> Iterator[None]:
    """Whatever is wrong with the class of this number is said with the line of one of its keys."""
    try:
        yield
    except InvalidInput as exc:
        raise InvalidInput(exc.message, line=_line_of(source, at, key), **exc.facts) from exc


def _line_of(source: bytes, at: int, key: str) -> int:
    """Counted from 1. The file was read as such a one before."""
    one = _value(yaml.compose(source, Loader=yaml.SafeLoader), "classes").value[at]
    return int(_value(one, key).start_mark.line) + 1


def _value(mapping: Any, key: str) -> Any:
    """The node under a key; the mapping itself where the key comes from elsewhere, by an alias."""
    return next((value for name, value in mapping.value if name.value == key), mapping)
