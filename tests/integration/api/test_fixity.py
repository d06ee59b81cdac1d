from __future__ import annotations

from records.documents import objects_of
from records.terms import Role
from tests.archives import licence_lines
from tests.integration.api.conftest import House


def test_fixity_is_checked_on_the_stored_bytes(house: House) -> None:
    (document_id,) = house.bench.file(licence_lines(1))
    clerk = house.person("clerk", Role.VERIFIER)
    path = f"/documents/{document_id}/fixity"
    with house.bench.archive.reading() as session:
        names = [row.name for row in objects_of(session, document_id)]
    assert clerk.post(path) == {"document_id": document_id, "objects": len(names), "broken": []}

    house.bench.archive.objects.delete_all(f"documents/{document_id}/original/")

    assert clerk.post(path)["broken"] == [name for name in names if "/original/" in name]
    house.person("north", Role.VERIFIER, regions=["HB"]).post(path, status=404)
