"""What a station is told of its files after they were sent, and how a better scan joins the batch."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from sqlalchemy import update

from intake.jobs import Job
from records.terms import JobState, Role, Step
from tests.archives import licence_lines
from tests.integration.api.conftest import API, Caller, House
from tests.pixel_text import page_png


def put_rescan(caller: Caller, batch_id: str, file_no: int, data: bytes, status: int = 200) -> Any:
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    headers = {"Content-Digest": f"sha-256=:{digest}:", "X-Requested-With": "test"}
    path = f"{API}/batches/{batch_id}/files/{file_no}/rescan"
    return caller._read(caller.http.put(path, content=data, headers=headers), status)


def batch_of(house: House, document_id: str) -> str:
    return house.bench.document(document_id).batch_id


def sent_back(house: House) -> tuple[str, str, Caller]:
    """A batch whose one licence a clerk sent back, and a person who scans."""
    lines = licence_lines(1)
    lines[6] = "成立日期 2019年13月19日"
    (document_id,) = house.bench.file(lines)
    clerk = house.person("clerk", Role.VERIFIER)
    version = clerk.get(f"/documents/{document_id}")["version"]
    clerk.post(f"/documents/{document_id}/send-back", {"reason": "blurred", "version": version})
    return batch_of(house, document_id), document_id, house.person("operator", Role.SCANNER, regions=["HD"])


def test_a_rescan_joins_its_batch_and_is_read(house: House) -> None:
    batch_id, _, operator = sent_back(house)
    (before,) = operator.get(f"/batches/{batch_id}/receipt")["files"]
    assert (before["wants_rescan"], before["rescan"]["reason"]) == (True, "blurred")

    better = page_png(licence_lines(1))
    row = put_rescan(operator, batch_id, 1, better)

    assert (row["file_no"], row["rescan_of"], row["outcome"]) == (2, 1, "kept")
    assert put_rescan(operator, batch_id, 1, better) == row
    house.bench.work()
    receipt = operator.get(f"/batches/{batch_id}/receipt")
    assert [(f["file_no"], f["state"], f["wants_rescan"]) for f in receipt["files"]] == [
        (1, "refused", False),
        (2, "filed", False),
    ]
    assert receipt["missing"] == []


def test_only_what_is_wanted_is_scanned_again(house: House) -> None:
    batch_id, _, operator = sent_back(house)
    lines = licence_lines(1)
    lines[6] = "成立日期 2019年13月19日"
    same = put_rescan(operator, batch_id, 1, page_png(lines), 422)
    assert same["code"] == "invalid_input"
    put_rescan(operator, batch_id, 1, page_png(licence_lines(1)))

    assert put_rescan(operator, batch_id, 1, page_png(licence_lines(2)), 409)["code"] == "wrong_state"
    assert put_rescan(operator, batch_id, 2, page_png(licence_lines(3)), 409)["code"] == "wrong_state"
    put_rescan(operator, batch_id, 9, page_png(licence_lines(3)), 404)


def test_a_rescan_that_is_refused_leaves_the_wish_open(house: House) -> None:
    batch_id, _, operator = sent_back(house)

    assert put_rescan(operator, batch_id, 1, b"not an image at all")["outcome"] == "refused"

    assert operator.get(f"/batches/{batch_id}/receipt")["files"][0]["wants_rescan"]
    assert put_rescan(operator, batch_id, 1, page_png(licence_lines(1)))["file_no"] == 3


def test_nobody_of_another_region_sends_a_rescan(house: House) -> None:
    batch_id, _, _ = sent_back(house)
    stranger = house.person("north", Role.SCANNER, regions=["HB"])

    put_rescan(stranger, batch_id, 1, page_png(licence_lines(1)), 404)
    clerk = house.person("reader", Role.VERIFIER)
    put_rescan(clerk, batch_id, 1, page_png(licence_lines(1)), 403)


def test_a_file_that_keeps_failing_is_shown_to_its_station(house: House) -> None:
    (document_id,) = house.bench.send(page_png(licence_lines(1)))
    with house.bench.archive.transaction() as session:
        session.execute(update(Job).where(Job.document_id == document_id).values(state=JobState.PARKED))
    operator = house.person("operator", Role.SCANNER)

    (file,) = operator.get(f"/batches/{batch_of(house, document_id)}/receipt")["files"]

    assert file["parked"]["code"] == "needs_person"
    assert not file["wants_rescan"]


def test_a_file_that_keeps_failing_is_sent_back_and_scanned_again(house: House) -> None:
    (document_id,) = house.bench.send(page_png(licence_lines(1)))
    with house.bench.archive.transaction() as session:
        session.execute(update(Job).where(Job.document_id == document_id).values(state=JobState.PARKED))
    archivist = house.person("keeper", Role.ARCHIVIST)
    (job,) = archivist.get("/jobs")["items"]
    path, reason = f"/jobs/{job['id']}/send-back", {"reason": "unreadable"}
    house.person("root", Role.ADMINISTRATOR).post(path, reason, 403)
    house.person("north", Role.ARCHIVIST, regions=["HB"]).post(path, reason, 404)

    assert archivist.post(path, reason)["state"] == "done"

    archivist.post(path, reason, 409)
    operator, batch_id = house.person("operator", Role.SCANNER), batch_of(house, document_id)
    (file,) = operator.get(f"/batches/{batch_id}/receipt")["files"]
    assert (file["wants_rescan"], file["parked"], file["rescan"]["reason"]) == (True, None, "unreadable")
    put_rescan(operator, batch_id, 1, page_png(licence_lines(1)) + b"again")  # other bytes, the same picture
    house.bench.work()
    assert house.bench.document(document_id).state == "refused"


def test_what_was_read_is_not_sent_back_as_unread(house: House) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    with house.bench.archive.transaction() as session:
        session.execute(update(Job).where(Job.step == Step.FILE).values(state=JobState.PARKED))
    archivist = house.person("keeper", Role.ARCHIVIST)
    (job,) = archivist.get("/jobs")["items"]

    archivist.post(f"/jobs/{job['id']}/send-back", {"reason": "unreadable"}, 409)

    assert house.bench.document(document_id).state == "filed"


def test_a_person_scans_at_a_station_of_his_region(house: House) -> None:
    operator = house.person("operator", Role.SCANNER, regions=["HD"])
    (station,) = operator.get("/scanning/stations")
    order = {"operator": "operator", "declared_files": 2, "station_id": station["id"], "capture": {"duplex": True}}
    batch = operator.post("/batches", order, 201)

    row = put_file(operator, batch["id"], 1, page_png(["中华人民共和国", "居民身份证", "签发机关 上海市公安局浦东分局",
                                                       "有效期限 2020.01.01-2030.01.01"]))  # fmt: skip
    assert row["outcome"] == "kept"
    operator.post(f"/batches/{batch['id']}/seal", status=409)
    assert operator.get(f"/batches/{batch['id']}/receipt")["missing"] == [2]
    house.bench.work()
    (file,) = operator.get(f"/batches/{batch['id']}/receipt")["files"]
    assert (file["is_unpaired"], file["missing_side"]) == (True, "front")

    stranger = house.person("north", Role.SCANNER, regions=["HB"])
    assert stranger.get("/scanning/stations") == []
    stranger.post("/batches", order, 404)
    operator.post("/batches", {"operator": "operator", "declared_files": 2}, 422)


def put_file(caller: Caller, batch_id: str, file_no: int, data: bytes) -> Any:
    caller.http.headers["X-Requested-With"] = "test"
    return caller.put_file(batch_id, file_no, data)
