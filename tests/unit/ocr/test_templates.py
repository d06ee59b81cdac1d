from __future__ import annotations

from pathlib import Path

import pytest

from ocr import templates
from records.errors import SettingInvalid
from records.terms import DocumentKind


def test_shipped_templates_name_the_fields_of_the_reading_format() -> None:
    fields = [field.name for field in templates.shipped()["business_license"].fields]

    assert fields[:3] == ["unified_social_credit_code", "registration_number", "name"]
    assert {"issued_on", "business_scope", "legal_representative"} <= set(fields)


def test_every_form_template_has_a_title_and_labels() -> None:
    for template in templates.forms():
        assert template.titles
        assert all(field.labels for field in template.fields)
        assert template.kind is DocumentKind.REGISTRATION_FORM


def test_no_template_stores_a_password() -> None:
    for template in templates.shipped().values():
        assert not any("密码" in label for field in template.fields for label in field.labels)


def test_a_new_form_is_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "visit.yaml"
    path.write_text(
        "kind: registration_form\ntitles: [来访登记表]\nfields:\n  - {name: 来访人, labels: [来访人], rule: person}\n"
    )
    template = templates.load(path)

    assert template.name == "visit"
    assert template.labels() == {"来访人": "来访人"}
    assert template.fields[0].lines == 1


@pytest.mark.parametrize(
    "text",
    [
        "kind: nothing\nfields: []",
        "[]",
        "kind: id_card\nfields: [{name: a, labels: [b], rule: guess}]",
        ": :",
        "kind: id_card",
    ],
)
def test_what_is_no_template_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)

    with pytest.raises(SettingInvalid, match=r"broken\.yaml"):
        templates.load(path)
