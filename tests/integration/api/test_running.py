"""What workers did lately, how much room is left, and the audit log newest first."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from intake import jobs
from intake.activity import hours_of
from intake.jobs import Job
from records.ids import utc_now
from records.terms import Role, Step
from tests.archives import licence_lines
from tests.integration.api.conftest import House


def test_each_hour_says_how_many_steps_ended_in_it(house: House) -> None:
    house.bench.file(licence_lines(1), licence_lines(2))
    earlier = utc_now() - dt.timedelta(hours=3)
    with house.bench.archive.transaction() as session:
        session.execute(update(Job).where(Job.step == Step.READ).values(finished_at=earlier))

    hours = house.person("archivist", Role.ARCHIVIST).get("/jobs/activity", hours=6)["hours"]

    assert [hour["ended"].get("read", 0) for hour in hours] == [0, 0, 2, 0, 0, 0]
    assert [hour["ended"].get("file", 0) for hour in hours] == [0, 0, 0, 0, 0, 2]
    assert hours[2]["start"].startswith(earlier.strftime("%Y-%m-%dT%H:00"))


def test_what_ended_before_the_first_hour_is_not_counted(house: House) -> None:
    house.bench.file(licence_lines(1))

    with house.bench.archive.reading() as session:
        hours = hours_of(session, now=utc_now() + dt.timedelta(days=2), hours=24)

    assert [hour.ended for hour in hours] == [{}] * 24 or not any(sum(hour.ended.values()) for hour in hours)


def test_a_worker_says_what_it_has_in_hand_and_what_it_did(house: House) -> None:
    house.bench.file(licence_lines(1))
    with house.bench.archive.transaction() as session:
        session.execute(update(Job).values(worker="first"))
        jobs.enqueue(session, Step.READ, "d" * 32)
        claimed = jobs.claim(session, "second", lease=dt.timedelta(minutes=5))
    assert claimed is not None

    workers = {
        each["name"]: each for each in house.person("admin", Role.ADMINISTRATOR).get("/jobs/activity")["workers"]
    }

    assert (workers["first"]["step"], workers["first"]["ended"] >= 2) == (None, True)
    assert (workers["second"]["step"], workers["second"]["ended"]) == ("read", 0)


def test_room_on_the_disk_is_told_to_those_who_run_it(house: House) -> None:
    space = house.person("admin", Role.ADMINISTRATOR).get("/system/space")

    assert 0 < space["free_bytes"] < space["total_bytes"]
    house.person("reader", Role.VERIFIER).get("/system/space", 403)


def test_the_audit_log_is_read_newest_first_page_by_page(house: House) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    auditor = house.person("auditor", Role.AUDITOR)
    asked = {"object": f"document:{document_id}", "newest_first": True, "limit": 1}

    first = auditor.get("/audit/entries", **asked)
    second = auditor.get("/audit/entries", **asked, cursor=first["next_cursor"])

    assert first["items"][0]["seq"] > second["items"][0]["seq"]
    assert {first["items"][0]["object"], second["items"][0]["object"]} == {f"document:{document_id}"}
