"""A customer file as a whole: what it says and on whose word, what it lacks, what holds it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from records.dates import today_in_china
from records.models import AuditEntry
from records.terms import DocumentState, Role
from tests.archives import licence_lines
from tests.integration.api.conftest import House

ID_NUMBER = "11010519491231002X"
FRONT = ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", f"公民身份号码 {ID_NUMBER}"]  # fmt: skip


def filed(house: House, *papers: list[str]) -> list[str]:
    """Customers' ids of the papers, in their order."""
    documents = [house.bench.document(document_id) for document_id in house.bench.file(*papers)]
    assert all(document.customer_id for document in documents), [document.state for document in documents]
    return [document.customer_id or "" for document in documents]


def test_each_field_says_which_record_it_comes_from(house: House) -> None:
    customer_id, _same = filed(house, licence_lines(1), licence_lines(1, scope="图书销售。"))
    reader = house.person("reader", Role.VERIFIER)

    file = reader.get(f"/customers/{customer_id}/file")

    entries = {entry["latest"]["name"]: entry for entry in file["entries"]}
    codes = {document["id"]: document["archival_code"] for document in file["documents"]}
    assert entries["legal_representative"]["latest"]["value"] == "赵青禾"
    assert entries["legal_representative"]["differing"] == []
    scopes = [entries["business_scope"]["latest"], *entries["business_scope"]["differing"]]
    assert {scope["value"] for scope in scopes} == {"日用百货销售；技术咨询服务。", "图书销售。"}
    assert {scope["document_id"]: scope["archival_code"] for scope in scopes} == codes


@pytest.mark.parametrize(("paper", "missing"), [(licence_lines(1), []), (FRONT, ["id_card_back"])])
def test_what_is_missing_depends_on_the_kind_of_customer(house: House, paper: list[str], missing: list[str]) -> None:
    (customer_id,) = filed(house, paper)

    file = house.person("reader", Role.VERIFIER).get(f"/customers/{customer_id}/file")

    assert file["missing"] == missing


def test_a_number_is_masked_until_a_purpose_is_stated_and_the_log_knows(house: House) -> None:
    (customer_id,) = filed(house, FRONT)
    reader = house.person("reader", Role.VERIFIER)

    masked = reader.get(f"/customers/{customer_id}/file")
    reader.post(f"/customers/{customer_id}/reveal", {}, 422)
    full = reader.post(f"/customers/{customer_id}/reveal", {"purpose": "legal_request"})

    assert ID_NUMBER not in json.dumps(masked)
    assert ID_NUMBER in json.dumps(full)
    acts = reader.get(f"/customers/{customer_id}/audit")["entries"]
    assert [(act["action"], act["details"]) for act in acts][:2] == [
        ("customer.revealed", {"purpose": "legal_request"}),
        ("customer.viewed", {"file": True}),
    ]
    with house.bench.archive.reading() as session:
        assert not any(ID_NUMBER in entry for entry in session.scalars(select(AuditEntry.entry)))


def test_holds_on_the_customer_and_on_its_records_are_shown_until_released(house: House) -> None:
    (customer_id,) = filed(house, licence_lines(1))
    archivist, approver = house.person("archivist", Role.ARCHIVIST), house.person("approver", Role.APPROVER)
    document_id = archivist.get(f"/customers/{customer_id}/file")["documents"][0]["id"]
    order = {"reason": "诉讼", "authority": "法务部"}
    whole = archivist.post("/retention/holds", order | {"case_no": "1", "subjects": [f"customer:{customer_id}"]}, 201)
    archivist.post("/retention/holds", order | {"case_no": "2", "subjects": [f"document:{document_id}"]}, 201)

    before = archivist.get(f"/customers/{customer_id}/file")["holds"]
    approver.post(f"/retention/holds/{whole['id']}/release", {"reason": "结案"})
    after = archivist.get(f"/customers/{customer_id}/file")["holds"]

    assert [hold["subject"] for hold in before] == [f"customer:{customer_id}", f"document:{document_id}"]
    assert [hold["case_no"] for hold in after] == ["2"]


@pytest.mark.parametrize("what", ["file", "audit"])
def test_a_customer_of_another_region_is_not_found(house: House, what: str) -> None:
    (customer_id,) = filed(house, licence_lines(1))
    elsewhere = house.person("elsewhere", Role.VERIFIER, regions=["HB"])

    elsewhere.get(f"/customers/{customer_id}/{what}", 404)
    elsewhere.post(f"/customers/{customer_id}/reveal", {"purpose": "legal_request"}, 404)


def test_what_a_person_was_told_is_noted_on_the_page_of_the_customer(house: House) -> None:
    (customer_id,) = filed(house, FRONT)
    clerk, path = house.person("clerk", Role.ARCHIVIST), f"/customers/{customer_id}"
    (document,) = clerk.get(path)["documents"]
    assert '"notice">尚无记录' in clerk.http.get(path).text

    body = {"given_on": "2026-01-05", "purpose": "核验身份", "keeping": "三年", "document_id": document["id"]}
    clerk.post(f"{path}/notices", body, 201)

    (noted,) = clerk.get(f"{path}/notices")["notices"]
    assert noted["document_id"] == document["id"]
    shown = clerk.http.get(path).text
    assert "核验身份" in shown
    assert '"notice">尚无记录' not in shown
    house.person("viewer", Role.AUDITOR).get(f"{path}/notices", 403)


def test_a_customer_returns_and_the_file_has_two_volumes(house: House) -> None:
    (customer_id,) = filed(house, licence_lines(1))
    archivist, path = house.person("archivist", Role.ARCHIVIST), f"/customers/{customer_id}"
    day = dt.datetime.now(dt.UTC).date().isoformat()
    order = {"reopened_on": day, "version": archivist.get(path)["customer"]["version"]}
    archivist.post(f"{path}/reopen", order, 409)  # it was never closed
    ended = archivist.post(f"{path}/end", {"ended_on": day, "evidence": "终止协议", "version": order["version"]})[
        "customer"
    ]

    house.person("clerk", Role.VERIFIER).post(f"{path}/reopen", order | {"version": ended["version"]}, 403)
    reopened = archivist.post(f"{path}/reopen", order | {"version": ended["version"]})
    assert filed(house, licence_lines(1, scope="图书销售。")) == [customer_id]

    assert (reopened["state"], reopened["volume_no"], reopened["ended_on"]) == ("active", 2, None)
    file = archivist.get(f"{path}/file")
    assert [(each["volume_no"], each["ended_on"]) for each in file["volumes"]] == [(1, day), (2, None)]
    assert sorted(document["volume_no"] for document in file["documents"]) == [1, 2]
    assert archivist.get(f"{path}/audit")["entries"][1]["details"] == {"reopened_on": day, "volume": 2}


def test_a_wrong_end_is_taken_back_by_another_on_the_page_of_the_customer(house: House) -> None:
    (customer_id,) = filed(house, licence_lines(1))
    archivist, other = house.person("archivist", Role.ARCHIVIST), house.person("approver", Role.APPROVER)
    path, day = f"/customers/{customer_id}", "2026-01-31"
    version = archivist.get(path)["customer"]["version"]
    archivist.post(f"{path}/end", {"ended_on": day, "version": version}, 422)  # what does it rest on?
    archivist.post(f"{path}/end", {"ended_on": day, "evidence": "终止协议 第8号", "version": version})
    (event,) = archivist.get(f"{path}/events")["events"]
    retraction = f"/retention/events/{event['id']}/retraction"
    assert "终止协议 第8号" in archivist.http.get(path).text
    assert retraction not in archivist.http.get(path).text
    assert retraction in other.http.get(path).text
    archivist.post(retraction, {"reason": "登记错误"}, 403)

    answer = other.post(retraction, {"reason": "登记错误，仍在合作"})

    assert (answer["due_dates_changed"], answer["documents_destroyed"], answer["lists"]) == (0, 0, [])
    assert answer["event"]["retraction"]["retracted_by"] == other.id
    assert archivist.get(path)["customer"]["state"] == "active"
    assert "登记错误，仍在合作" in archivist.http.get(path).text
    assert archivist.get("/retention/events")["items"][0]["retraction"]["reason"] == "登记错误，仍在合作"
    other.post(retraction, {"reason": "登记错误"}, 409)
    acts = [entry["action"] for entry in archivist.get(f"{path}/audit")["entries"]]
    assert acts.index("event.retracted") < acts.index("customer.ended")


def test_a_late_paper_opens_the_next_volume_of_a_customer_who_returned(house: House) -> None:
    (customer_id,) = filed(house, licence_lines(1))
    archivist, path = house.person("archivist", Role.ARCHIVIST), f"/customers/{customer_id}"
    day = dt.datetime.now(dt.UTC).date().isoformat()
    version = archivist.get(path)["customer"]["version"]
    version = archivist.post(f"{path}/end", {"ended_on": day, "evidence": "终止协议", "version": version})["customer"][
        "version"
    ]
    (late,) = house.bench.file(licence_lines(1, scope="图书销售。"))
    order = {"customer_id": customer_id, "version": archivist.get(f"/documents/{late}")["version"],
             "next_volume": {"reopened_on": day, "version": version}}  # fmt: skip
    house.person("clerk", Role.VERIFIER).post(f"/documents/{late}/customer", order, 403)
    archivist.post(f"/documents/{late}/customer", order | {"version": 99}, 409)
    assert archivist.get(path)["customer"]["state"] == "ended"  # neither without the other

    archivist.post(f"/documents/{late}/customer", order)
    house.bench.work()

    assert (archivist.get(f"/documents/{late}")["state"], archivist.get(f"/documents/{late}")["volume_no"]) == (
        "filed",
        2,
    )


def test_the_copy_of_an_id_card_is_filed_once_a_notice_is_noted(house: House) -> None:
    bench = house.bench
    bench.archive = replace(bench.archive, notices_are_here=True)
    (document_id,) = bench.file(FRONT)
    waiting = bench.document(document_id)
    assert (waiting.state, waiting.waiting_for, waiting.archival_code) == ("waiting", "notice", None)
    clerk = house.person("clerk", Role.VERIFIER)
    (listed,) = clerk.get("/verification", waiting_for="notice")["items"]
    assert (listed["id"], listed["customer_id"]) == (document_id, waiting.customer_id)
    assert clerk.post("/search", {"text": "赵青禾"})["hits"] == []

    said = {"given_on": today_in_china().isoformat(), "purpose": "核验身份", "keeping": "三年"}
    clerk.post(f"/customers/{waiting.customer_id}/notices", said, 201)
    bench.work()

    assert bench.document(document_id).state == DocumentState.FILED
    assert bench.document(document_id).archival_code
    (again,) = bench.file([*FRONT, "复印件"])
    assert bench.document(again).state == DocumentState.FILED  # one notice is enough
    assert bench.document(again).customer_id == waiting.customer_id
