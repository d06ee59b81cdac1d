"""Corrections are held to the rules that readings are held to."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from records.models import AuditEntry
from records.terms import Role
from tests.archives import credit_code, licence_lines
from tests.integration.api.conftest import Caller, House

CODE = "unified_social_credit_code"


def wrong_code(number: int) -> str:
    code = credit_code(number)
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def doubtful_licence(house: House) -> str:
    """A licence that prints a code whose check digit does not hold, and no date of establishment that is one."""
    lines = licence_lines(5)
    lines[1], lines[6] = f"统一社会信用代码 {wrong_code(5)}", "成立日期 2019年13月19日"
    return house.bench.file(lines)[0]


def field_of(clerk: Caller, document_id: str, name: str) -> dict[str, Any]:
    fields = clerk.get(f"/documents/{document_id}/fields")["fields"]
    return next(field for field in fields if field["name"] == name)


def decide(clerk: Caller, document_id: str, name: str, status: int = 200, **said: Any) -> Any:
    field = field_of(clerk, document_id, name)
    path = f"/documents/{document_id}/fields/{field['part_no']}/{name}/decision"
    return clerk.post(path, said | {"version": field["version"]}, status)


def test_an_invalid_correction_is_refused_with_the_checks_it_fails(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)

    problem = decide(clerk, document_id, CODE, 409, state="corrected", value=wrong_code(6))

    assert problem["code"] == "checks_failed"
    assert "check_digit" in problem["facts"]["failed"]
    assert wrong_code(6) not in json.dumps(problem)
    assert field_of(clerk, document_id, CODE)["state"] == "doubtful"


def test_confirming_against_a_failed_check_takes_an_act_that_is_recorded(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)
    decide(clerk, document_id, CODE, 409, state="confirmed")

    settled = decide(clerk, document_id, CODE, state="confirmed", as_printed=True)["field"]

    assert (settled["state"], settled["value"], settled["as_printed"]) == ("confirmed", wrong_code(5), True)
    assert {"name": "check_digit", "passed": False} in settled["checks"]
    moment = clerk.get(f"/documents/{document_id}/fields/history")["history"][-1]
    last = [m for m in clerk.get(f"/documents/{document_id}/fields/history")["history"] if m["name"] == CODE][-1]
    assert last["as_printed"]
    assert {"name": "check_digit", "passed": False} in last["checks"]
    assert moment["decided_by"]
    with house.bench.archive.reading() as session:
        acts = session.scalars(select(AuditEntry.entry).where(AuditEntry.action == "field.decided")).all()
    assert "check_digit" in json.loads(acts[-1])["details"]["as_printed"]


def test_a_valid_correction_keeps_its_checks_and_its_normal_form(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)

    said = {"state": "corrected", "value": " ２０１９年3月19日", "as_printed": True}
    settled = decide(clerk, document_id, "established_on", **said)

    assert settled["field"]["value"] == "2019年3月19日"
    assert settled["field"]["as_printed"] is False
    assert settled["field"]["checks"]
    assert all(check["passed"] for check in settled["field"]["checks"])


def test_what_would_be_said_of_a_value_changes_nothing(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)
    before = field_of(clerk, document_id, CODE)

    path = f"/documents/{document_id}/fields/1/{CODE}/check"
    good, bad = (clerk.post(path, {"value": value}) for value in (credit_code(5), wrong_code(5)))

    assert all(check["passed"] for check in good["checks"])
    assert not all(check["passed"] for check in bad["checks"])
    assert field_of(clerk, document_id, CODE) == before


def test_settling_one_field_checks_its_neighbour_again(house: House) -> None:
    (document_id,) = house.bench.file(
        ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 男 民族 汉", "出生 1949年12月30日",
         "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]
    )  # fmt: skip
    clerk = house.person("clerk", Role.VERIFIER)
    born = field_of(clerk, document_id, "birth_date")
    assert {"name": "number_and_birth_date", "passed": False} in born["checks"]

    answer = decide(clerk, document_id, "birth_date", state="corrected", value="1949年12月31日")

    (number,) = [field for field in answer["rechecked"] if field["name"] == "id_number"]
    assert {"name": "number_and_birth_date", "passed": True} in number["checks"]
    assert field_of(clerk, document_id, "id_number")["checks"] == number["checks"]
    assert number["value"] == "110105********002X"
