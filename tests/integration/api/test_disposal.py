"""The whole flow of destruction over HTTP, with six signatures, and the pages it is done on. On both sets of parts."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from records.ids import utc_now
from records.models import User
from records.terms import Role
from tests.archives import SCHEDULE, enact, licence_lines
from tests.integration.api.conftest import API, Caller, House
from tests.integration.retention.office import PEOPLE, SEATS, SIX

PAGES = (
    "/retention",
    "/retention/appraisals",
    "/retention/schedules",
    "/retention/schedules/1",
    "/retention/requests",
    "/retention/calendar",
)


@pytest.fixture
def people(house: House) -> dict[str, Caller]:
    """Everybody of the office, logged in, with six signatures in force."""
    found = {name: house.person(name, role) for name, (role, _) in PEOPLE.items()}
    with house.bench.archive.transaction() as session:
        enact(session, SIX)
        for name, (_, department) in PEOPLE.items():
            session.get_one(User, found[name].id).department = department
    return found


def page(caller: Caller, path: str) -> str:
    answer = caller.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def released(people: dict[str, Caller]) -> str:
    """An appraisal that released everything due; gives its path."""
    parts = {"leader": "leader", "archives": "archives", "business": "business"}
    members = [{"user_id": people[name].id, "part": part} for name, part in parts.items()]
    made = people["clerk"].post("/retention/appraisals", {"title": "鉴定", "members": members}, 201)
    path = f"/retention/appraisals/{made['id']}"
    (batch,) = people["clerk"].get(path)["batches"]
    for name in parts:
        assert "同类档案" in page(people[name], path)
        said = {"verdict": "destroy", "batch": batch["name"]}
        assert people[name].post(f"{path}/opinions", said)["judged"] == batch["documents"]
    people["leader"].post(f"{path}/conclusion")
    return path


def test_six_people_a_group_and_two_supervisors_destroy_a_record(house: House, people: dict[str, Caller]) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    clerk, code = people["clerk"], house.bench.document(document_id).archival_code
    clerk.post("/retention/papers", {"document_id": document_id, "place": "A区 3架 12盒"})
    order = {"title": "到期", "document_ids": [document_id]}
    assert clerk.post("/retention/lists", order, 409)["code"] == "not_appraised"
    round_path = released(people)
    assert "鉴定工作报告" in page(clerk, round_path)
    assert clerk.get(f"{round_path}/report")["report"]["counts"] == {"destroy": 1}
    assert clerk.get(f"{round_path}/report.pdf").startswith(b"%PDF-1.4")
    proposed = clerk.post("/retention/lists", order, 201)
    path = f"/retention/lists/{proposed['id']}"
    assert clerk.get(f"{path}/list.pdf").startswith(b"%PDF-1.4")
    for name in SEATS:
        assert "监销均未免除" in page(people[name], path)
        people[name].post(f"{path}/decision", {"decision": "agreed", "opinion": "同意"})

    assert people["executor"].post(f"{path}/execution", status=409)["code"] == "not_confirmed"
    people["deputy"].post(f"{path}/confirmation", {"number": proposed["number"], "documents": 1})
    assert people["executor"].post(f"{path}/execution", status=409)["code"] == "not_supervised"
    for name in ("watcher", "observer"):
        assert people[name].post(f"{path}/count", {"documents": 1}, 409)["code"] == "sample_not_opened"
        people[name].get(f"/documents/{document_id}")
        assert "抽样" in page(people[name], path)
        people[name].post(f"{path}/count", {"documents": 1})
    done = people["executor"].post(f"{path}/execution")
    assert done["outcomes"] == [{"document_id": document_id, "outcome": "destroyed"}]
    assert done["destruction_list"]["closed_at"] is None
    record = clerk.get(f"/records/{code}")
    assert (record["is_destroyed"], record["is_final"]) == (True, False)
    tombstone = page(clerk, f"/documents/{document_id}")
    assert all(word in tombstone for word in (proposed["number"], "纸质原件尚未销毁"))

    assert people["watcher"].post(f"{path}/supervision", {"remark": "x"}, 409)["code"] == "wrong_state"
    shredding = {
        "method": "shredded",
        "place": "碎纸间",
        "witness_id": people["watcher"].id,
        "on": utc_now().date().isoformat(),
    }
    assert "纸质" in page(people["executor"], path)
    people["executor"].post(f"{path}/shredding", shredding)
    for name in ("watcher", "observer"):
        people[name].post(f"{path}/supervision", {"remark": "已现场监销"})
    view = clerk.get(path)
    assert view["closed_at"] is not None
    assert [paper["method"] for paper in view["papers"]] == ["shredded"]
    assert "办结" in page(clerk, path)
    assert clerk.get(f"/records/{code}")["is_final"]
    tombstone = page(clerk, f"/documents/{document_id}")
    assert [word in tombstone for word in ("纸质原件尚未销毁", "碎纸间")] == [False, True]


def test_the_paper_of_what_was_kept_holds_up_no_signature(house: House, people: dict[str, Caller]) -> None:
    ids = house.bench.file(licence_lines(1), licence_lines(2))
    clerk, executor, kept = people["clerk"], people["executor"], ids[1]
    clerk.post("/retention/papers", {"document_id": kept, "place": "A区 3架 12盒"})
    released(people)
    proposed = clerk.post("/retention/lists", {"title": "到期", "document_ids": ids}, 201)
    path = f"/retention/lists/{proposed['id']}"
    for name in SEATS:
        people[name].post(f"{path}/decision", {"decision": "agreed", "opinion": "同意"})
    people["deputy"].post(f"{path}/confirmation", {"number": proposed["number"], "documents": 2})
    for name in ("watcher", "observer"):
        for document_id in ids:
            people[name].get(f"/documents/{document_id}")
        people[name].post(f"{path}/count", {"documents": 2})
    order = {"case_no": "1", "reason": "诉讼", "authority": "法务部", "subjects": [f"document:{kept}"]}
    clerk.post("/retention/holds", order, 201)

    outcomes = {each["document_id"]: each["outcome"] for each in executor.post(f"{path}/execution")["outcomes"]}

    assert outcomes[kept] == "under_hold"
    assert f"{path}/shredding" not in page(executor, path)
    assert f"{path}/supervision" in page(people["watcher"], path)


def test_a_returned_list_is_revised_on_its_page(house: House, people: dict[str, Caller]) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    released(people)
    proposed = people["clerk"].post("/retention/lists", {"title": "到期", "document_ids": [document_id]}, 201)
    path = f"/retention/lists/{proposed['id']}"
    people["business"].post(f"{path}/decision", {"decision": "returned", "opinion": "题名有误"})
    assert "题名有误" in page(people["clerk"], path)
    assert "重新提请" in page(people["clerk"], path)
    assert "重新提请" not in page(people["trader"], path)

    revised = people["clerk"].post(f"{path}/revision", {"title": "改", "document_ids": [document_id]})
    assert (revised["round_no"], revised["state"]) == (2, "proposed")
    people["clerk"].post(f"{path}/withdrawal", {"reason": "缓办"})
    assert people["clerk"].get(path)["state"] == "withdrawn"


def test_somebody_signs_for_another(house: House, people: dict[str, Caller]) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    released(people)
    path = "/retention/lists/" + people["clerk"].post(
        "/retention/lists", {"title": "x", "document_ids": [document_id]}, 201
    )["id"]  # fmt: skip
    today = dt.datetime.now(dt.UTC).date()
    mandate = {
        "delegate_id": people["deputy"].id, "seats": ["supervising_leader"], "starts_on": today.isoformat(),
        "ends_on": (today + dt.timedelta(days=3)).isoformat(), "reason": "出差",
    }  # fmt: skip
    said = {"decision": "agreed", "opinion": "代签", "on_behalf_of": people["leader"].id, "seat": "supervising_leader"}
    assert people["deputy"].post(f"{path}/decision", said, 403)["code"] == "not_delegated"
    made = people["leader"].post("/retention/delegations", mandate, 201)
    assert [each["id"] for each in people["deputy"].get("/retention/delegations")["items"]] == [made["id"]]
    assert people["clerk"].get("/retention/delegations")["items"] == []

    people["deputy"].post(f"{path}/decision", said)

    (approval,) = people["clerk"].get(path)["approvals"]
    assert (approval["user_id"], approval["on_behalf_of"]) == (people["deputy"].id, people["leader"].id)
    assert re.search(r"deputy.*代.*leader", page(people["clerk"], path))
    people["leader"].post(f"/retention/delegations/{made['id']}/end")


def test_a_schedule_is_drafted_previewed_and_approved(house: House) -> None:
    archivist, approver = house.person("archivist", Role.ARCHIVIST), house.person("approver", Role.APPROVER)
    ids = house.bench.file(*(licence_lines(number) for number in range(3)))
    longer = SCHEDULE.decode().replace("version: 1", "version: 2").replace("period_days: 0", "period_years: 10")
    headers = {"Content-Type": "application/yaml"}
    answer = archivist.http.post(f"{API}/retention/schedules/drafts", content=longer.encode(), headers=headers)
    assert answer.json() == {"version": 2}, answer.text

    first = approver.get("/retention/schedules/2/moves", limit=2)
    second = approver.get("/retention/schedules/2/moves", limit=2, cursor=first["next_cursor"])
    assert [move["document_id"] for move in first["items"] + second["items"]] == sorted(ids)
    summary = approver.get("/retention/schedules/2/summary")
    assert (summary["total"], summary["counts"][0]["effect"]) == (3, "later")
    shown = page(approver, "/retention/schedules/2")
    assert "批准并生效" in shown
    assert "监销：测试用档案" in shown  # what the draft waives, and why, before anybody approves it
    assert approver.get("/retention/schedules")["schedules"][0]["disposal"]["waived"]["supervision"] == "测试用档案"
    archivist.post("/retention/schedules/2/approval", {"expected_moves": 3}, 403)
    assert approver.post("/retention/schedules/2/approval", {"expected_moves": 2}, 409)["code"] == "stale_version"
    assert approver.post("/retention/schedules/2/approval", {"expected_moves": 3})["state"] == "in_force"

    changes = archivist.get(f"/retention/changes/{ids[0]}")["changes"]
    assert [change["source"] for change in changes] == ["schedule:2"]


def test_an_event_a_request_and_a_restriction(house: House) -> None:
    archivist, approver = house.person("archivist", Role.ARCHIVIST), house.person("approver", Role.APPROVER)
    (document_id,) = house.bench.file(licence_lines(7))
    customer_id = house.bench.document(document_id).customer_id
    event = {
        "subject": f"customer:{customer_id}",
        "kind": "deregistered",
        "happened_on": "2026-01-01",
        "evidence": "公告",
    }
    assert archivist.post("/retention/events", event, 201)["due_dates_changed"] == 0  # none runs from it
    assert len(approver.get("/retention/events")["items"]) == 1

    asked = {"customer_id": customer_id, "ground": "purpose_met", "note": "来函", "received_on": "2026-01-01"}
    made = archivist.post("/retention/requests", asked, 201)
    assert made["number"] in page(approver, "/retention/requests")
    archivist.post(f"/retention/requests/{made['id']}/decision", {"is_granted": True, "reason": "x"}, 403)
    decided = approver.post(f"/retention/requests/{made['id']}/decision", {"is_granted": True, "reason": "已核实"})
    assert (decided["documents_due"], decided["documents_restricted"]) == (1, 0)

    archivist.post("/retention/restrictions", {"document_id": document_id, "reason": "异议"})
    assert archivist.post("/search", {"text": "青禾七科技"})["hits"] == []
    for path in (f"/documents/{document_id}", f"/documents/{document_id}/fields"):
        archivist.get(path, 404)
    assert archivist.get("/documents")["items"] == []
    assert [each["id"] for each in approver.get("/retention/restrictions")["items"]] == [document_id]
    approver.post(f"/retention/restrictions/{document_id}/lift", {"reason": "异议不成立"})
    assert archivist.get(f"/documents/{document_id}")["id"] == document_id


def test_a_hold_by_query_keeps_what_it_finds(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    house.bench.file(licence_lines(1))
    order: dict[str, Any] = {"case_no": "1", "reason": "诉讼", "authority": "法务部"}
    archivist.post("/retention/holds", order, 422)
    archivist.post("/retention/holds", order | {"query": {}}, 422)
    placed = archivist.post(
        "/retention/holds", order | {"query": {"region_code": "HD", "kind": "business_license"}}, 201
    )

    assert placed["query"]["region_code"] == "HD"
    assert archivist.get("/retention/due")["items"] == []
    assert "HD" in page(archivist, "/retention")


def test_every_page_of_retention_opens(house: House) -> None:
    house.bench.file(licence_lines(1))
    for role in (Role.ARCHIVIST, Role.APPROVER):
        person = house.person(f"one {role}", role)
        for path in PAGES:
            assert "<main" in page(person, path)
    archivist = house.person("reminded", Role.ARCHIVIST)
    assert [each["kind"] for each in archivist.get("/retention/reminders")["reminders"]] == ["records_due"]
    assert archivist.get("/retention/calendar", months=2)["months"][0]["total"] == 1


def test_the_ledger_of_a_paper_is_on_the_page_of_its_document(house: House) -> None:
    clerk, approver = house.person("clerk", Role.VERIFIER), house.person("approver", Role.APPROVER)
    (document_id,) = house.bench.file(licence_lines(8))
    path = f"/retention/papers/{document_id}/movements"
    assert clerk.get(path) == {"document_id": document_id, "movements": [], "next": ["received"]}
    clerk.post(path, {"kind": "received", "place": "A区 3架", "reason": "入库"}, 201)
    clerk.post(path, {"kind": "lent", "place": "法务部", "reason": "取证"}, 422)
    lent = {"kind": "lent", "place": "法务部", "reason": "诉讼取证", "back_on": "2100-01-01"}
    approver.post(path, lent, 403)

    ledger = clerk.post(path, lent, 201)

    assert [(each["kind"], each["place"]) for each in ledger["movements"]] == [
        ("lent", "法务部"),
        ("received", "A区 3架"),
    ]
    assert ledger["movements"][1]["until"] == ledger["movements"][0]["since"]
    assert ledger["next"] == ["returned"]
    clerk.post(path, lent, 409)
    shown = approver.http.get(f"/documents/{document_id}").text
    assert "A区 3架" in shown
    assert "诉讼取证" in shown
    assert path not in shown  # approvers move nothing
    assert path in clerk.http.get(f"/documents/{document_id}").text
    customer_id = house.bench.document(document_id).customer_id
    assert clerk.get(f"/customers/{customer_id}/file")["papers"][0]["place"] == "法务部"
    assert "法务部" in clerk.http.get(f"/customers/{customer_id}").text
    house.person("viewer", Role.AUDITOR).get(path, 403)
