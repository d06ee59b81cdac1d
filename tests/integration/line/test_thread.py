"""The whole line on both sets of parts, recognition stubbed: from a file to its tombstone."""

from __future__ import annotations

import datetime as dt

from records.customers import customer_names
from records.form_templates import keep_template
from records.models import Customer
from records.terms import DocumentState, Role
from retention.destruction import execute_list
from retention.lists import decide_list, propose_list
from tests.archives import Bench, actor, credit_code, licence_lines

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


def test_a_customer_whose_name_no_paper_tells_has_a_file(bench: Bench) -> None:
    """A name that a person has to type is typed later; the number alone makes a record findable."""
    form = """kind: registration_form
titles: [供应商准入登记表]
fields:
  - { name: 准入对象, labels: [准入对象], rule: party, lines: 1 }
  - { name: 统一社会信用代码, labels: [统一社会信用代码], rule: credit_code, lines: 1 }
  - { name: 准入日期, labels: [准入日期], rule: date, lines: 1 }
"""
    with bench.archive.transaction() as session:
        keep_template(session, actor("x", Role.ARCHIVIST), "supplier", form)
    lines = ["准入对象 上海青禾贸易有限公司", f"统一社会信用代码 {credit_code(1)}", "准入日期 2024年05月06日"]
    (document_id,) = bench.file(["供应商准入登记表", *lines])

    assert bench.document(document_id).state == DocumentState.FILED
    with bench.archive.reading() as session:
        customer = session.get_one(Customer, bench.document(document_id).customer_id)
        assert customer_names(bench.archive.keyring, [customer]) == [None]


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
