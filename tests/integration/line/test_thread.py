"""The whole line on both sets of parts, recognition stubbed: from a file to its tombstone."""

from __future__ import annotations

import datetime as dt

from records.terms import DocumentState, Role
from retention.destruction import execute_list
from retention.lists import decide_list, propose_list
from tests.archives import Bench, actor, licence_lines

TODAY = dt.date(2100, 1, 1)


def test_a_licence_becomes_a_record_and_a_tombstone(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(7))

    filed = bench.document(document_id)
    assert (filed.state, filed.waiting_for) == (DocumentState.FILED, None)
    assert filed.archival_code is not None
    assert filed.region_code == "HD"

    outcomes = destroy(bench, document_id)

    assert outcomes == [(document_id, "destroyed")]
    assert bench.document(document_id).state == DocumentState.DESTROYED
    assert bench.document(document_id).archival_code == filed.archival_code


def destroy(bench: Bench, *document_ids: str) -> list[tuple[str, str]]:
    archive = bench.archive
    with archive.transaction() as session:
        proposed = propose_list(
            session, actor("a", Role.ARCHIVIST), title="到期", document_ids=document_ids, today=TODAY
        )
    for name in ("b", "c"):
        with archive.transaction() as session:
            decide_list(session, actor(name, Role.APPROVER), proposed.id, is_approved=True, opinion="同意")
    return list(execute_list(archive.destruction_means(), actor("d", Role.ARCHIVIST), proposed.id, TODAY))
