"""The judge of the crash test sees what it must see: it is of no use if it cannot find a fault."""

from __future__ import annotations

import pytest

from records.models import Document
from records.sealing import document_subject
from records.terms import DocumentState
from retention import register
from storage.objects import document_prefix
from tests.archives import Bench, licence_lines
from tests.crash.disposal_judgement import faults, told_too_much
from tests.integration.retention.test_destruction import approved_list, execute


def test_what_is_true_is_no_fault(bench: Bench) -> None:
    doomed, kept = bench.file(licence_lines(1), licence_lines(2))
    list_id = approved_list(bench, doomed)

    assert told_too_much(bench.archive, list_id, [doomed]) == []
    execute(bench, list_id)
    assert told_too_much(bench.archive, list_id, [doomed]) == []
    assert list(faults(bench.archive, lists=1, doomed=[doomed], kept=[kept])) == []


@pytest.mark.parametrize("told", ["nothing", "begun", "destroyed"])
def test_a_lie_is_a_fault(bench: Bench, told: str) -> None:
    """A key and objects gone unsaid; something begun and not on its way; something destroyed and still there."""
    (document_id,) = bench.file(licence_lines(1))
    list_id = approved_list(bench, document_id)
    events = {"nothing": [], "begun": [register.BEGUN], "destroyed": [register.BEGUN, register.DESTROYED]}[told]
    with bench.archive.transaction() as session:
        document = session.get_one(Document, document_id)
        for event in events:
            register.append(session, document, list_id=list_id, event=event, facts={})
    if told == "nothing":
        bench.archive.keyring.destroy_keys([document_subject(document_id)])
        bench.archive.objects.delete_all(document_prefix(document_id))

    found = told_too_much(bench.archive, list_id, [document_id])

    words = {
        "nothing": {"its key is gone, and nothing was told", "3 objects are gone, and nothing was told"},
        "begun": {"begun, yet filed", "told of, and its list is not begun"},
        "destroyed": {"filed instead of destroyed", "objects are left", "its key is left", "it is still found",
                      "told of, and its list is not begun"},
    }  # fmt: skip
    assert {fault.split(":")[0] for fault in found} == words[told]


def test_a_list_that_is_not_carried_out_is_a_fault_at_the_end(bench: Bench) -> None:
    doomed, kept = bench.file(licence_lines(1), licence_lines(2))
    execute(bench, approved_list(bench, doomed))
    with bench.archive.transaction() as session:
        session.get_one(Document, kept).state = DocumentState.REFUSED

    found = list(faults(bench.archive, lists=2, doomed=[doomed], kept=[kept]))

    assert any(fault.startswith("refused without being on a list") for fault in found)
    assert any(fault.startswith("lists are") for fault in found)
