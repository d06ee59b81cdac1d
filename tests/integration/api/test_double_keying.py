"""Two people type without seeing each other; where they differ, a third settles."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from records.desk_models import Keying
from records.terms import Role
from tests.archives import credit_code
from tests.integration.api.conftest import Caller, House
from tests.integration.api.test_claims import doubtful_licences, take_next
from tests.integration.api.test_corrections import CODE, decide, field_of, wrong_code


@pytest.fixture
def strict(house: House) -> House:
    """A house where credit codes are typed twice."""
    settings = house.bench.settings.model_copy(update={"double_keyed_fields": f"{CODE}, id_number"})
    house.app = create_app(house.bench.archive, settings, house.passwords)
    return house


def clerks(house: House, count: int) -> list[Caller]:
    return [house.person(f"clerk {number}", Role.VERIFIER) for number in range(count)]


def turn_of(clerk: Caller, document_id: str) -> dict[str, Any]:
    (field,) = clerk.get(f"/documents/{document_id}/keying")["fields"]
    return {"turn": field["turn"], "values": [entry["value"] for entry in field["entries"]]}


def test_two_who_type_the_same_settle_a_field(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    first, second = clerks(strict, 2)
    said = {"state": "corrected", "value": credit_code(1)}

    answer = decide(first, document_id, CODE, **said)

    assert answer["document"]["state"] == "waiting"
    assert answer["field"]["state"] == "doubtful"
    assert (turn_of(first, document_id)["turn"], turn_of(second, document_id)) == (
        "done",
        {"turn": "second", "values": []},
    )
    assert take_next(first) is None
    assert take_next(second) == document_id
    answer = decide(second, document_id, CODE, **said)
    assert answer["document"]["state"] == "verified"
    assert field_of(first, document_id, CODE)["value"] == credit_code(1)
    with strict.bench.archive.reading() as session:
        assert session.scalars(select(Keying)).all() == []


def test_two_who_differ_leave_it_to_a_third(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    first, second, third = clerks(strict, 3)
    decide(first, document_id, CODE, state="corrected", value=credit_code(1))
    decide(second, document_id, CODE, state="corrected", value=credit_code(2))
    assert turn_of(third, document_id) == {"turn": "third", "values": sorted([credit_code(1), credit_code(2)])}
    assert [take_next(each) for each in (first, second)] == [None, None]

    settled = decide(third, document_id, CODE, state="corrected", value=credit_code(1))

    assert (settled["document"]["state"], settled["field"]["value"]) == ("verified", credit_code(1))


def test_one_alone_cannot_settle_it_by_typing_twice(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    (alone,) = clerks(strict, 1)

    for value in (credit_code(2), credit_code(1), credit_code(1)):
        assert decide(alone, document_id, CODE, state="corrected", value=value)["field"]["state"] == "doubtful"


def test_what_was_read_is_no_voice(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    (clerk,) = clerks(strict, 1)

    assert decide(clerk, document_id, CODE, 422, state="confirmed", as_printed=True)["code"] == "invalid_input"
    assert decide(clerk, document_id, CODE, 409, state="corrected", value=wrong_code(1))["code"] == "checks_failed"


def test_what_was_read_is_shown_to_nobody_before_it_is_settled(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    first, second = clerks(strict, 2)
    reader = strict.person("archivist", Role.ARCHIVIST)
    read = wrong_code(1)

    answered = decide(first, document_id, CODE, state="corrected", value=credit_code(1))["field"]
    views = [
        first.get(f"/documents/{document_id}/fields"),
        first.post(f"/documents/{document_id}/reveal", {"purpose": "verification"}),
        first.get(f"/documents/{document_id}/fields/history"),
        first.get(f"/documents/{document_id}/pages/1/lines"),
        reader.get(f"/documents/{document_id}/fields"),
    ]
    page = first.http.get(f"/documents/{document_id}").text

    assert [view for view in (answered, *views, page) if read in str(view)] == []
    assert (answered["value"], answered["text"], answered["checks"]) == (None, None, [])
    assert field_of(first, document_id, "name")["value"]
    assert reader.get(f"/documents/{document_id}/searchable", 409)["code"] == "wrong_state"
    wish = {"kind": "business_license", "name": CODE}
    assert first.post("/verification/group", wish, 422)["code"] == "invalid_input"

    decide(second, document_id, CODE, state="corrected", value=credit_code(1))
    for path in ("fields", "fields/history", "pages/1/lines"):
        assert read in str(first.get(f"/documents/{document_id}/{path}"))


def test_what_was_typed_is_sealed(strict: House) -> None:
    (document_id,) = doubtful_licences(strict, 1)
    (clerk,) = clerks(strict, 1)
    decide(clerk, document_id, CODE, state="corrected", value=credit_code(1))

    with strict.bench.archive.reading() as session:
        (row,) = session.scalars(select(Keying)).all()

    assert credit_code(1).encode() not in row.sealed


def test_such_fields_are_not_settled_in_groups(strict: House) -> None:
    doubtful_licences(strict, 2)
    (clerk,) = clerks(strict, 1)

    assert CODE not in {group["name"] for group in clerk.get("/verification/groups")}
