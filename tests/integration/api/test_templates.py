"""A company's own forms: a template is checked, tried on what was read, kept in versions, and read by."""

from __future__ import annotations

from sqlalchemy import select

from records.models import AuditEntry
from records.terms import Role
from tests.integration.api.conftest import API, Caller, House

OWN = """kind: registration_form
titles: [供应商准入登记表]
fields:
  - { name: 供应商名称, labels: [供应商名称], rule: party, lines: 1 }
  - { name: 统一社会信用代码, labels: [统一社会信用代码], rule: credit_code, lines: 1 }
  - { name: 登记日期, labels: [准入日期], rule: date, lines: 1 }
"""
FORM = [
    "供应商准入登记表",
    "供应商名称 上海青禾贸易有限公司",
    "统一社会信用代码 91310115MA0000019X",
    "准入日期 2024年5月6日",
]


def put(archivist: Caller, name: str, text: str, status: int = 200) -> dict[str, object]:
    answer = archivist.http.put(f"{API}/templates/{name}", json={"text": text})
    assert answer.status_code == status, answer.text
    kept: dict[str, object] = answer.json()
    return kept


def test_each_problem_is_named_with_its_line(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)

    found = archivist.post("/templates/check", {"text": OWN.replace("rule: date", "rule: dates")})["problems"]

    assert [each["line"] for each in found] == [6]
    put(archivist, "supplier", OWN.replace("rule: date", "rule: dates"), 422)
    assert archivist.post("/templates/check", {"text": OWN})["problems"] == []


def test_a_form_is_read_by_the_template_in_force(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    (before,) = house.bench.file(FORM)
    assert "登记日期" not in {field["name"] for field in archivist.get(f"/documents/{before}/fields")["fields"]}

    assert put(archivist, "supplier", OWN)["version"] == 1
    (after,) = house.bench.file([*FORM, "第二份"])

    fields = {each["name"]: each["value"] for each in archivist.get(f"/documents/{after}/fields")["fields"]}
    assert fields["供应商名称"] == "上海青禾贸易有限公司"
    assert fields["准入日期"] == "2024年05月06日" or fields["准入日期"] == "2024年5月6日"


def test_a_template_is_tried_on_what_was_read_and_nothing_is_kept(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    (document_id,) = house.bench.file(FORM)

    tried = archivist.post("/templates/trial", {"text": OWN, "document_id": document_id})

    assert tried["printed"] == 1.0
    assert {each["name"]: each["box"] is not None for each in tried["fields"]} == {
        "供应商名称": True, "统一社会信用代码": True, "准入日期": True,
    }  # fmt: skip
    assert archivist.get("/templates")["templates"] == []
    stranger = house.person("north", Role.ARCHIVIST, regions=["HB"])
    stranger.post("/templates/trial", {"text": OWN, "document_id": document_id}, 404)


def test_versions_stay_and_one_taken_out_of_use_reads_nothing(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    put(archivist, "supplier", OWN)
    assert put(archivist, "supplier", OWN.replace("准入日期", "登记日"))["version"] == 2
    assert [(each["name"], each["version"]) for each in archivist.get("/templates")["templates"]] == [("supplier", 2)]

    assert archivist.http.delete(f"{API}/templates/supplier", headers={"X-Requested-With": "test"}).status_code == 204

    assert archivist.get("/templates")["templates"] == []
    assert archivist.http.delete(f"{API}/templates/supplier", headers={"X-Requested-With": "test"}).status_code == 404
    with house.bench.archive.reading() as session:
        acts = set(session.scalars(select(AuditEntry.action).where(AuditEntry.object == "template:supplier")))
    assert acts == {"template.kept", "template.withdrawn"}


def test_templates_are_for_archivists_and_of_forms(house: House) -> None:
    clerk = house.person("clerk", Role.VERIFIER)
    clerk.get("/templates", 403)
    clerk.post("/templates/check", {"text": OWN}, 403)
    archivist = house.person("archivist", Role.ARCHIVIST)

    put(archivist, "supplier", OWN.replace("registration_form", "contract"), 422)
    put(archivist, "Supplier!", OWN, 422)
