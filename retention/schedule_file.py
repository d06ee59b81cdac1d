"""The file of a retention schedule: what it must say, and what it may not.

YAML:

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

from typing import Any

import yaml

from records.errors import InvalidInput
from records.terms import Disposition, DocumentKind
from retention.policies import as_data, policy_of
from retention.rules import Rule
from retention.triggers import parse_start


def parse_schedule(source: bytes) -> tuple[int, dict[str, Any], list[Rule]]:
    """Version, the columns of a schedule's row, and its classes. `disposal` is None where the file does not say it.

    Raises:
        InvalidInput: names the class that is wrong.
    """
    try:
        content = yaml.safe_load(source)
        version = int(content["version"])
        header: dict[str, Any] = {"title": str(content.get("title", "")), "approved_by": str(content["approved_by"])}
        said = content.get("disposal")
        header["disposal"] = None if said is None else as_data(policy_of(said))
        rules = [_parse_rule(row) for row in content["classes"]]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidInput(f"The schedule file is not as it must be: {exc!r}.") from exc
    if version < 1:
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
