"""The whole line as one test, on both sets of parts: from the station's command over a real socket to the tombstone."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.commands.demo_people import Json, Person, Truth, decision_on
from api.commands.demo_stage import APPROVERS, ARCHIVIST, CLERK, EXECUTOR, Stage
from api.settings import Settings
from intake import fsck
from tests.acceptance.processes import environment_of

LICENCE, NOTE = "licence-landscape.jpg", "delivery-note.jpg"
PATIENCE_S = 300.0


def test_from_the_scanner_to_the_tombstone(bench_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of(bench_settings).items():
        monkeypatch.setenv(name, value)
    stage = Stage(bench_settings.data)
    archive = stage.set()
    stage.folder.mkdir()
    for name in (LICENCE, NOTE):
        shutil.copyfile(stage.samples / name, stage.folder / name)
    try:
        with stage.running_server(workers=1) as address:
            assert stage.send(address) == 0
            clerk, archivist = (Person(address, name, stage.logins[name]) for name in (CLERK, ARCHIVIST))
            file_licence(clerk, Truth(stage.samples))
            licence = wait_for(clerk, LICENCE, lambda d: d["state"] == "filed")
            note = wait_for(clerk, NOTE, lambda d: d["waiting_for"] == "customer")
            clerk.post(
                f"/documents/{note['id']}/customer",
                {"customer_id": licence["customer"]["id"], "version": note["version"]},
            )
            note = wait_for(clerk, NOTE, lambda d: d["state"] == "filed")
            assert found(archivist, licence) == {licence["archival_code"], note["archival_code"]}

            destroy(stage, address, archivist, note)

            assert found(archivist, licence) == {licence["archival_code"]}
            record = archivist.get(f"/records/{note['archival_code']}")
            assert record["is_destroyed"]
            assert [entry["event"] for entry in record["register_entries"]] == ["begun", "destroyed"]
            clerk.close()
            archivist.close()
        assert list(fsck.check(archive, deep=True)) == []
    finally:
        archive.close()


def file_licence(clerk: Person, truth: Truth) -> None:
    """Settle what the machine doubted, as a person who looks at the page."""
    document = wait_for(clerk, LICENCE, lambda d: d["state"] in ("waiting", "filed"))
    path = f"/documents/{document['id']}"
    for field in clerk.post(f"{path}/reveal", {"purpose": "verification"})["fields"]:
        if field["state"] == "doubtful":
            printed = truth.value(LICENCE, field["part_no"], field["name"])
            clerk.post(f"{path}/fields/{field['part_no']}/{field['name']}/decision", decision_on(field, printed))


def destroy(stage: Stage, address: str, archivist: Person, document: Json) -> None:
    proposed = archivist.post("/retention/lists", {"title": "到期单据", "document_ids": [document["id"]]})
    path = f"/retention/lists/{proposed['id']}"
    for name in APPROVERS:
        approver = Person(address, name, stage.logins[name])
        approver.post(f"{path}/decision", {"decision": "agreed", "opinion": "同意销毁"})
        approver.close()
    executor = Person(address, EXECUTOR, stage.logins[EXECUTOR])
    outcomes = executor.post(f"{path}/execution")["outcomes"]
    executor.close()
    assert [each["outcome"] for each in outcomes] == ["destroyed"]


def found(archivist: Person, licence: Json) -> set[str]:
    """Archival codes of what a search by the licence's region and customer code finds."""
    order = {"region_codes": [licence["region_code"]], "customer_code": licence["customer"]["code"]}
    return {hit["document"]["archival_code"] for hit in archivist.post("/search", order)["hits"]}


def wait_for(clerk: Person, file_name: str, is_there: Callable[[Json], bool]) -> Json:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for summary in clerk.all("/documents"):
            document = clerk.get(f"/documents/{summary['id']}")
            if document["file_name"] == file_name and is_there(document):
                return document
        time.sleep(0.5)
    raise AssertionError(f"{file_name} did not get there by {dt.datetime.now(dt.UTC):%H:%M:%S}")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty home directory, as on a fresh machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
