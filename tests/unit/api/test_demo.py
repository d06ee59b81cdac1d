from __future__ import annotations

import io

from rich.console import Console

from api.commands.demo_people import Truth, decision_on
from api.commands.demo_stage import samples_directory
from api.commands.demo_tables import document_table, hit_table, register_table


def shown(table: object) -> str:
    written = io.StringIO()
    Console(file=written, width=150).print(table)
    return written.getvalue()


def field(**changes: object) -> dict[str, object]:
    return {"name": "name", "value": "上海青禾", "confidence": 0.91, "state": "doubtful", "version": 3} | changes


def document(**changes: object) -> dict[str, object]:
    whole = {"id": "d" * 32, "file_name": "a[1].jpg", "kind": "business_license", "customer": None, "state": "waiting"}
    return whole | {"archival_code": None, "region_code": None, "waiting_for": "fields"} | changes


def test_a_clerk_confirms_what_is_printed_and_corrects_what_is_not() -> None:
    assert decision_on(field(), "上海青禾") == {"state": "confirmed", "as_printed": True, "version": 3}
    corrected = {"state": "corrected", "value": "上海青木", "as_printed": True, "version": 3}
    assert decision_on(field(), "上海青木") == corrected
    assert decision_on(field(), None) == {"state": "not_printed", "version": 3}


def test_the_truth_is_asked_only_where_the_documents_are_the_same() -> None:
    truth = Truth(samples_directory())

    assert truth.knows("licence-landscape.jpg", [{"kind": "business_license"}])
    assert not truth.knows("licence-landscape.jpg", [{"kind": "id_card"}])
    assert not truth.knows("not-a-sample.jpg", [{"kind": "id_card"}])
    assert truth.value("licence-landscape.jpg", 1, "unified_social_credit_code") == "91150102XN0155ME0T"


def test_what_waits_for_a_person_is_marked_and_named() -> None:
    text = shown(document_table([(document(), [field(), field(name="address", state="sure")])]))

    assert "? name: 上海青禾 (91%)" in text
    assert "  address: " not in text.replace("│ address", "")
    assert "a[1].jpg" in text


def test_a_hit_shows_its_excerpt_whole() -> None:
    excerpt = {"text": "名称[甲]上海青禾", "highlights": [[5, 9]]}
    hit = {"document": document(archival_code="GD01-1", region_code="HD"), "customer": None, "page_no": 1}

    assert "名称[甲]上海青禾" in shown(hit_table([hit | {"excerpt": excerpt}]))


def test_the_register_shows_one_line_a_document() -> None:
    begun = {"seq": 1, "event": "begun", "document_id": "d", "at": "2026-01-01T00:00:00", "entry": {"档号": "GD01-1"}}
    destroyed = begun | {"seq": 2, "event": "destroyed", "at": "2026-01-01T00:00:09", "entry": {}}

    text = shown(register_table([begun, destroyed]))

    assert text.count("GD01-1") == 1
    assert "2026-01-01T00:00:09" in text
