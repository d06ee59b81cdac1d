"""One document, one pair of hands: claims, what is set aside, and what goes back to the station."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from records.desk_models import SetAside, VerificationClaim
from records.ids import utc_now
from records.terms import DocumentState, Role
from tests.archives import licence_lines
from tests.integration.api.conftest import Caller, House
from tests.integration.api.test_corrections import CODE, decide, doubtful_licence, wrong_code


def doubtful_licences(house: House, count: int) -> list[str]:
    pages = []
    for number in range(1, count + 1):
        pages.append(licence_lines(number))
        pages[-1][1] = f"统一社会信用代码 {wrong_code(number)}"
    return sorted(house.bench.file(*pages))


def take_next(clerk: Caller, **wish: str) -> str | None:
    document = clerk.post("/verification/next", wish)["document"]
    return document["id"] if document else None


def lapse(house: House, document_id: str) -> None:
    with house.bench.archive.transaction() as session:
        past = utc_now() - dt.timedelta(seconds=1)
        claim = VerificationClaim.document_id == document_id
        session.execute(update(VerificationClaim).where(claim).values(until=past))


def test_clerks_who_ask_at_once_get_different_documents(house: House) -> None:
    ids = doubtful_licences(house, 4)
    clerks = [house.person(f"clerk {number}", Role.VERIFIER) for number in range(4)]

    with ThreadPoolExecutor(len(clerks)) as pool:
        taken = list(pool.map(take_next, clerks))

    assert sorted(filter(None, taken)) == ids
    assert take_next(house.person("late", Role.VERIFIER)) is None


def test_a_claim_keeps_others_out_until_it_lapses(house: House) -> None:
    document_id = doubtful_licence(house)
    first, second = (house.person(name, Role.VERIFIER) for name in ("first", "second"))
    assert take_next(first) == document_id

    assert second.http.put(f"/api/v1/documents/{document_id}/claim", json={}).status_code == 409
    refused = decide(second, document_id, CODE, 409, state="confirmed", as_printed=True)
    assert refused["code"] == "claimed_by_another"

    lapse(house, document_id)
    assert take_next(second) == document_id
    assert decide(first, document_id, CODE, 409, state="unreadable")["code"] == "claimed_by_another"
    decide(second, document_id, CODE, state="unreadable")


def test_a_document_given_back_is_the_next_of_somebody_else(house: House) -> None:
    first_id, second_id = doubtful_licences(house, 2)
    first, second = (house.person(name, Role.VERIFIER) for name in ("first", "second"))
    assert [take_next(first), take_next(first, after=first_id)] == [first_id, second_id]
    assert take_next(second) is None

    first.http.delete(f"/api/v1/documents/{first_id}/claim", headers={"X-Requested-With": "test"}).raise_for_status()

    assert take_next(second) == first_id


def test_what_one_cannot_settle_waits_aside_for_another(house: House) -> None:
    document_id = doubtful_licence(house)
    first, second = (house.person(name, Role.VERIFIER) for name in ("first", "second"))
    take_next(first)
    path = f"/documents/{document_id}/set-aside"
    first.http.put(f"/api/v1{path}", json={"note": "代码与名称不符"}).raise_for_status()

    assert take_next(first) is None
    assert [each["id"] for each in second.get("/verification", set_aside=True)["items"]] == [document_id]
    assert second.get(path)["text"] == "代码与名称不符"
    with house.bench.archive.reading() as session:
        assert "代码".encode() not in session.get_one(SetAside, document_id).note_sealed

    second.http.put(f"/api/v1/documents/{document_id}/claim", json={}).raise_for_status()
    for name in (CODE, "established_on"):
        answer = decide(second, document_id, name, state="unreadable")
    assert answer["document"]["state"] == DocumentState.VERIFIED
    second.get(path, 404)


def test_what_was_set_aside_can_go_back_into_the_queue(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)
    clerk.http.put(f"/api/v1/documents/{document_id}/set-aside", json={"note": "等原件"}).raise_for_status()

    clerk.http.delete(f"/api/v1/documents/{document_id}/set-aside", headers={"X-Requested-With": "test"})

    assert take_next(clerk) == document_id


def test_a_document_sent_back_is_refused_with_its_reason(house: House) -> None:
    document_id = doubtful_licence(house)
    clerk = house.person("clerk", Role.VERIFIER)
    version = clerk.get(f"/documents/{document_id}")["version"]

    sent = clerk.post(f"/documents/{document_id}/send-back", {"reason": "blurred", "version": version})

    assert (sent["state"], sent["refusal"]["code"]) == ("refused", "sent_back")
    assert sent["due_on"] is not None
    assert take_next(clerk) is None
    clerk.post(f"/documents/{document_id}/send-back", {"reason": "blurred", "version": version}, 409)


def test_a_clerk_of_another_region_gets_nothing(house: House) -> None:
    doubtful_licence(house)

    assert take_next(house.person("north", Role.VERIFIER, regions=["HB"])) is None
