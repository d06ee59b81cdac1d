"""What people do along the line, over HTTP, on both sets of parts."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from intake.jobs import Job
from records import chain
from records.models import AuditEntry
from records.terms import JobState, Role, Step
from tests.archives import credit_code, licence_lines
from tests.integration.api.conftest import API, Caller, House
from tests.pixel_text import page_png

ID_NUMBER = "11010519491231002X"


def test_a_record_is_found_held_destroyed_and_remembered(house: House) -> None:
    document_id = house.bench.file(licence_lines(7))[0]
    archivist, executor = house.person("a1", Role.ARCHIVIST), house.person("a2", Role.ARCHIVIST)
    approvers = [house.person(name, Role.APPROVER) for name in ("p1", "p2")]
    code = archivist.get(f"/documents/{document_id}")["archival_code"]

    (hit,) = archivist.post("/search", {"text": "青禾七科技", "region_codes": ["HD"]})["hits"]
    assert hit["document"]["archival_code"] == code
    assert "青禾七科技" in hit["excerpt"]["text"]
    start, end = hit["excerpt"]["highlights"][0]
    assert hit["excerpt"]["text"][start:end] == "青禾七科技"

    order = {"case_no": "沪01-1", "reason": "诉讼", "authority": "法务部", "subjects": [f"document:{document_id}"]}
    hold = archivist.post("/retention/holds", order, 201)
    assert archivist.get("/retention/due")["items"] == []
    approvers[0].post(f"/retention/holds/{hold['id']}/release", {"reason": "结案"})
    assert [due["id"] for due in archivist.get("/retention/due")["items"]] == [document_id]

    proposed = archivist.post("/retention/lists", {"title": "到期", "document_ids": [document_id]}, 201)
    path = f"/retention/lists/{proposed['id']}"
    executor.post(f"{path}/execution", status=409)
    assert archivist.get(path)["waived"]["appraisal"] == "测试用档案"
    assert "鉴定：测试用档案" in archivist.http.get(path).text
    for approver in approvers:
        approver.post(f"{path}/decision", {"decision": "agreed", "opinion": "同意"})
    archivist.post(f"{path}/execution", status=403)
    done = executor.post(f"{path}/execution")

    assert done["outcomes"] == [{"document_id": document_id, "outcome": "destroyed"}]
    assert done["destruction_list"]["state"] == "executed"
    tombstone = archivist.get(f"/records/{code}")
    assert tombstone["is_destroyed"]
    assert [entry["event"] for entry in tombstone["register_entries"]] == ["begun", "destroyed"]
    assert archivist.get(f"/documents/{document_id}")["file_name"] is None
    archivist.get(f"/documents/{document_id}/fields", 409)
    assert archivist.post("/search", {"text": "青禾七科技"})["hits"] == []
    assert archivist.get("/retention/register/verification")["holds"] is True


def test_the_last_doubt_settled_files_the_document(house: House) -> None:
    lines = licence_lines(5)
    lines[1] = "统一社会信用代码 " + credit_code(5)[:-1] + ("0" if credit_code(5)[-1] != "0" else "1")
    document_id = house.bench.file(lines)[0]
    clerk = house.person("clerk", Role.VERIFIER)
    (waiting,) = clerk.get("/verification", waiting_for="fields")["items"]
    assert waiting["id"] == document_id

    doubtful = [f for f in clerk.get(f"/documents/{document_id}/fields")["fields"] if f["state"] == "doubtful"]
    for field in doubtful:
        path = f"/documents/{document_id}/fields/{field['part_no']}/{field['name']}/decision"
        is_code = field["name"] == "unified_social_credit_code"
        said = {"state": "corrected", "value": credit_code(5)} if is_code else {"state": "confirmed"}
        answer = clerk.post(path, said | {"version": field["version"]})
        stale = clerk.post(path, said | {"version": field["version"]}, 409)
        assert stale["code"] in ("stale_version", "wrong_state")

    assert answer["document"]["state"] == "verified"
    assert live_steps(house, document_id) == [Step.FILE]
    house.bench.work()
    assert clerk.get(f"/documents/{document_id}")["state"] == "filed"
    history = clerk.get(f"/documents/{document_id}/fields/history")["history"]
    versions = [moment["version"] for moment in history if moment["name"] == "unified_social_credit_code"]
    assert versions == [1, 2]


def test_a_duplicate_that_is_another_document_is_read(house: House) -> None:
    house.bench.file(licence_lines(2), licence_lines(2))
    clerk = house.person("clerk", Role.VERIFIER)
    (waiting,) = clerk.get("/verification", waiting_for="duplicate")["items"]

    settled = clerk.post(f"/documents/{waiting['id']}/duplicate", {"is_same": False, "version": waiting["version"]})

    assert settled["state"] == "received"
    assert live_steps(house, waiting["id"]) == [Step.READ]


def test_a_document_without_a_number_gets_its_customer_from_a_person(house: House) -> None:
    house.bench.file(licence_lines(4))
    paper = house.bench.file(["会议纪要", "讨论了明年的安排"])[0]
    clerk = house.person("clerk", Role.VERIFIER)
    customer = clerk.post("/customers/lookup", {"purpose": "credit_code", "number": credit_code(4)})
    waiting = clerk.get(f"/documents/{paper}")
    assert waiting["waiting_for"] == "customer"

    clerk.post(f"/documents/{paper}/customer", {"customer_id": customer["id"], "version": waiting["version"]})
    house.bench.work()

    assert {document["id"] for document in clerk.get(f"/customers/{customer['id']}")["documents"]} >= {paper}
    assert clerk.get(f"/documents/{paper}")["state"] == "filed"


def test_numbers_of_people_are_masked_until_asked_for_with_a_purpose(house: House) -> None:
    house.bench.file(licence_lines(1))
    paper = house.bench.file([*licence_lines(6), f"经办人身份证号 {ID_NUMBER}"])[0]
    clerk = house.person("clerk", Role.VERIFIER)

    masked = clerk.get(f"/documents/{paper}/pages/1/lines")

    assert ID_NUMBER not in json.dumps(masked)
    assert "110105********002X" in json.dumps(masked)
    assert ID_NUMBER not in json.dumps(clerk.post("/search", {"text": "经办人身份证号"}), ensure_ascii=False)
    clerk.post(f"/documents/{paper}/reveal", {"purpose": "because 张三 asked"}, 422)
    clerk.post(f"/documents/{paper}/reveal", {"purpose": "verification"})
    trail = clerk.get(f"/documents/{paper}/audit")["entries"]
    revealed = next(entry for entry in trail if entry["action"] == "fields.revealed")
    assert revealed["details"] == {"purpose": "verification"}


def test_a_person_sees_the_regions_given_and_no_other(house: House) -> None:
    here, there = house.bench.file(licence_lines(1, area="310115"), licence_lines(2, area="110105"))
    clerk = house.person("clerk", Role.ARCHIVIST, regions=["HB"])

    assert [document["id"] for document in clerk.get("/documents")["items"]] == [there]
    assert [hit["document"]["id"] for hit in clerk.get("/search", text="科技有限公司")["hits"]] == [there]
    assert {customer["region_code"] for customer in clerk.get("/customers")["items"]} == {"HB"}
    for what in ("", "/fields", "/fields/history", "/pages/1/image", "/pages/1/lines", "/original", "/audit"):
        clerk.get(f"/documents/{here}{what}", 404)
    clerk.post("/customers/lookup", {"purpose": "credit_code", "number": credit_code(1)}, 404)
    clerk.post("/search", {"number": {"purpose": "credit_code", "number": credit_code(1)}})
    assert clerk.post("/search", {"region_codes": ["HD"]})["hits"] == []


def test_pages_and_originals_leave_with_their_act_in_the_log(house: House) -> None:
    document_id = house.bench.file(licence_lines(1))[0]
    archivist, verifier = house.person("archivist", Role.ARCHIVIST), house.person("verifier", Role.VERIFIER)

    image = verifier.http.get(f"/api/v1/documents/{document_id}/pages/1/image")
    verifier.get(f"/documents/{document_id}/pages/1/thumbnail")
    verifier.get(f"/documents/{document_id}/pages/2/image", 404)
    verifier.get(f"/documents/{document_id}/original", 403)
    original = archivist.get(f"/documents/{document_id}/original")

    assert image.content.startswith(b"\xff\xd8")
    assert image.headers["cache-control"] == "private, no-store"
    assert original == page_png(licence_lines(1))
    acts = [entry["action"] for entry in archivist.get(f"/documents/{document_id}/audit")["entries"]]
    assert acts[:3] == ["original.downloaded", "page.viewed", "page.viewed"]


def test_the_end_of_a_relationship_starts_its_periods(house: House) -> None:
    house.bench.file(licence_lines(1))
    archivist = house.person("archivist", Role.ARCHIVIST)
    (customer,) = archivist.get("/customers")["items"]

    accepted = archivist.post(f"/customers/{customer['id']}/accept", {"version": customer["version"]})
    ended = archivist.post(
        f"/customers/{customer['id']}/end",
        {"ended_on": "2026-03-02", "evidence": "终止协议", "version": accepted["version"]},
    )

    assert (ended["customer"]["state"], ended["customer"]["ended_on"]) == ("ended", "2026-03-02")
    archivist.post(
        f"/customers/{customer['id']}/end", {"ended_on": "2026-03-02", "evidence": "终止协议", "version": 1}, 409
    )


def test_the_audit_log_is_checked_and_exported_without_the_archive(house: House) -> None:
    house.bench.file(licence_lines(1))
    auditor = house.person("auditor", Role.AUDITOR)

    exported = auditor.get("/audit/export").decode().splitlines()

    seq, head = chain.verify(chain.Link(**json.loads(line)) for line in exported)
    assert (seq, auditor.get("/audit/verification")["head"]) == (len(exported), head)
    exports = auditor.get("/audit/entries", action="audit.exported")["items"]
    assert [entry["actor"] for entry in exports] == [auditor.id]


def test_a_changed_entry_is_located(house: House) -> None:
    auditor = house.person("auditor", Role.AUDITOR)
    with house.bench.archive.transaction() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.seq == 2)).one()
        entry.entry = entry.entry.replace('"seq":2', '"seq":3')

    answer = auditor.get("/audit/verification")

    assert (answer["holds"], answer["seq"]) == (False, 2)


def test_parked_work_is_seen_and_tried_again(house: House) -> None:
    document_id = house.bench.send(page_png(["什么"]))[0]
    with house.bench.archive.transaction() as session:
        job = session.scalars(select(Job).where(Job.document_id == document_id)).one()
        job.state, job.error_code, job.error = JobState.PARKED, "engine_failed", "The engine failed."
    archivist = house.person("archivist", Role.ARCHIVIST)

    (parked,) = archivist.get("/jobs")["items"]
    assert archivist.get("/jobs/counts")["counts"] == [{"state": "parked", "step": "read", "count": 1}]
    assert archivist.post(f"/jobs/{parked['id']}/retry")["state"] == "ready"

    archivist.post(f"/jobs/{parked['id']}/retry", status=409)


def test_the_system_says_what_it_holds(house: House) -> None:
    house.bench.file(licence_lines(1))
    archivist = house.person("archivist", Role.ARCHIVIST)

    storage = archivist.get("/system")["storage"]

    assert (storage["documents"], storage["objects"], storage["indexed_documents"]) == (1, 3, 1)


def test_files_of_regions_and_schedules_are_loaded_once(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    table = 'version: 2\nregions:\n  - {code: XB, name: 西北, areas: ["61"]}\n'.encode()

    first, second = (load(archivist, "/regions", table) for _ in range(2))
    old = archivist.http.post("/api/v1/regions", content=table.replace(b"61", b"62"), headers=YAML)

    assert first == second == 2
    assert old.json()["code"] == "stale_version"
    assert [region["code"] for region in archivist.get("/regions")["regions"]] == ["XB"]
    assert archivist.get("/retention/schedules")["schedules"][0]["classes"][0]["name"] == "id_copies"


def test_a_later_schedule_is_not_loaded_but_drafted(house: House) -> None:
    archivist, later = house.person("archivist", Role.ARCHIVIST), b"version: 2\napproved_by: x\nclasses: []\n"

    refused = archivist.http.post(f"{API}/retention/schedules", content=later, headers=YAML)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert load(archivist, "/retention/schedules/drafts", later) == 2


def test_the_same_request_sent_twice_at_once_creates_once(house: House) -> None:
    station = house.station()
    order, headers = {"operator": "李", "declared_files": 1}, {"Idempotency-Key": "k"}

    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(station.http.post, f"{API}/batches", json=order, headers=headers) for _ in range(6)]
    answers = [each.result() for each in sent]

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(station.get("/batches")["items"]) == 1


def test_the_same_file_sent_many_times_at_once_is_kept_once(house: House) -> None:
    station, scan = house.station(), page_png(licence_lines(8))
    batch = station.post("/batches", {"operator": "李", "declared_files": 1}, 201)

    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(station.put_file, batch["id"], 1, scan) for _ in range(6)]
    answers = [each.result() for each in sent]

    assert answers == [answers[0]] * 6
    assert (answers[0]["outcome"], len(station.get(f"/batches/{batch['id']}")["files"])) == ("kept", 1)


YAML = {"Content-Type": "application/yaml"}


def load(caller: Caller, path: str, source: bytes) -> int:
    answer = caller.http.post("/api/v1" + path, content=source, headers=YAML)
    assert answer.status_code == 201, answer.text
    version: int = answer.json()["version"]
    return version


def live_steps(house: House, document_id: str) -> list[str]:
    with house.bench.archive.reading() as session:
        live = select(Job.step).where(Job.document_id == document_id, Job.state != JobState.DONE)
        return list(session.scalars(live))
