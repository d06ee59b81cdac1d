"""One field of many documents at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from records.models import AuditEntry, Field
from records.terms import FieldState, Role
from tests.integration.api.conftest import Caller, House
from tests.integration.api.test_claims import doubtful_licences, take_next

NAME = "legal_representative"
WISH = {"kind": "business_license", "name": NAME}


def doubt(house: House, ids: list[str]) -> list[str]:
    """Documents whose legal representative nothing but the engine vouches for."""
    with house.bench.archive.transaction() as session:
        which = (Field.document_id.in_(ids), Field.name == NAME)
        session.execute(update(Field).where(*which).values(state=FieldState.DOUBTFUL))
    return ids


def place(each: dict[str, Any]) -> dict[str, Any]:
    field = each["field"]
    return {"document_id": each["document_id"], "part_no": 1, "name": NAME, "version": field["version"]}


def state_of(clerk: Caller, document_id: str) -> str:
    fields = clerk.get(f"/documents/{document_id}/fields")["fields"]
    return next(str(field["state"]) for field in fields if field["name"] == NAME)


def test_the_right_ones_are_confirmed_and_those_picked_out_go_back(house: House) -> None:
    ids = doubt(house, doubtful_licences(house, 3))
    clerk, other = (house.person(name, Role.VERIFIER) for name in ("clerk", "other"))
    assert {"kind": "business_license", "name": NAME, "count": 3} in clerk.get("/verification/groups")

    group = clerk.post("/verification/group", WISH)
    assert [each["document_id"] for each in group] == ids
    assert {each["field"]["value"] for each in group} == {"赵青禾"}
    assert other.post("/verification/group", WISH) == []
    assert take_next(other) is None

    answer = clerk.post(
        "/verification/group/decision", {"confirmed": [place(each) for each in group[:2]], "picked_out": [ids[2]]}
    )

    assert [each["refused"] for each in answer["outcomes"]] == [None, None]
    assert [state_of(clerk, each) for each in ids] == ["confirmed", "confirmed", "doubtful"]
    assert take_next(other) == ids[0]
    with house.bench.archive.reading() as session:
        seen = select(AuditEntry.object).where(AuditEntry.action == "fields.revealed")
        assert set(session.scalars(seen)) == {f"document:{each}" for each in ids}


def test_one_that_somebody_changed_does_not_keep_the_others_back(house: House) -> None:
    ids = doubt(house, doubtful_licences(house, 2))
    clerk = house.person("clerk", Role.VERIFIER)
    group = clerk.post("/verification/group", WISH)
    stale = place(group[0]) | {"version": 0}

    answer = clerk.post("/verification/group/decision", {"confirmed": [stale, place(group[1])]})

    assert [each["refused"] for each in answer["outcomes"]] == ["stale_version", None]
    assert [state_of(clerk, each) for each in ids] == ["doubtful", "confirmed"]


def test_what_fails_a_check_is_not_shown_together(house: House) -> None:
    doubtful_licences(house, 2)
    clerk = house.person("clerk", Role.VERIFIER)

    assert clerk.post("/verification/group", WISH | {"name": "unified_social_credit_code"}) == []


def test_a_group_goes_on_after_its_last_document(house: House) -> None:
    first, second = doubt(house, doubtful_licences(house, 2))
    clerk = house.person("clerk", Role.VERIFIER)

    assert [each["document_id"] for each in clerk.post("/verification/group", WISH | {"after": first})] == [second]


def test_the_place_of_a_field_is_cut_out_for_those_who_may_see_it(house: House) -> None:
    (document_id,) = doubt(house, doubtful_licences(house, 1))
    path = f"/documents/{document_id}/fields/1/{NAME}/crop"

    assert house.person("clerk", Role.VERIFIER).get(path)[:3] == b"\xff\xd8\xff"
    house.person("north", Role.VERIFIER, regions=["HB"]).get(path, 404)
    house.person("operator", Role.SCANNER).get(path, 403)
