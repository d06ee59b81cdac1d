"""The first thread over HTTP: a batch goes in, its receipt comes back, a person sees its document."""

from __future__ import annotations

from records.terms import Role
from tests.archives import licence_lines
from tests.integration.api.conftest import House
from tests.pixel_text import page_png


def test_a_batch_is_received_read_and_seen(house: House) -> None:
    station = house.station()
    scan = page_png(licence_lines(7))
    batch = station.post("/batches", {"operator": "李", "declared_files": 3}, 201)

    kept = station.put_file(batch["id"], 1, scan)
    again = station.put_file(batch["id"], 2, scan)
    refused = station.put_file(batch["id"], 3, b"not a scan")

    assert (kept["outcome"], again["outcome"], refused["outcome"]) == ("kept", "duplicate", "refused")
    assert again["duplicate_of"] == kept["document_id"]
    assert refused["reason"]["code"] == "unknown_type"
    assert "PDF" in refused["reason"]["zh"]

    assert station.post(f"/batches/{batch['id']}/seal")["state"] == "sealed"
    receipt = station.get(f"/batches/{batch['id']}/receipt")
    assert [file["file_no"] for file in receipt["files"]] == [1, 2, 3]
    assert receipt["files"][0]["sha256"] == kept["sha256"]

    house.bench.work()
    clerk = house.person("clerk", Role.ARCHIVIST, regions=["HD"])
    (record,) = clerk.get("/documents", state="filed")["items"]
    seen = clerk.get(f"/documents/{record['id']}")
    assert seen["archival_code"] == record["archival_code"]
    assert seen["file_name"] == "扫描.png"
    assert seen["customer"]["name"] == "上海青禾七科技有限公司"
    assert clerk.http.get(f"/api/v1/documents/{record['id']}/original").content == scan
    assert clerk.get("/records/" + record["archival_code"])["is_destroyed"] is False


def test_sending_a_file_again_changes_nothing(house: House) -> None:
    station = house.station()
    scan = page_png(licence_lines(3))
    batch = station.post("/batches", {"operator": "李", "declared_files": 1}, 201)

    first = station.put_file(batch["id"], 1, scan)
    station.post(f"/batches/{batch['id']}/seal")
    second = station.put_file(batch["id"], 1, scan)

    assert first == second
    assert len(station.get(f"/batches/{batch['id']}")["files"]) == 1


def test_a_station_sees_its_own_batches_only(house: House) -> None:
    one, other = house.station(name="甲站"), house.station(name="乙站")
    batch = one.post("/batches", {"operator": "李", "declared_files": 1}, 201)

    other.get(f"/batches/{batch['id']}", 404)

    assert other.get("/batches")["items"] == []
