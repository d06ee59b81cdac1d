"""Searchable copies of kept documents."""

from __future__ import annotations

import io

import pdfplumber

from records.terms import Role
from tests.archives import licence_lines
from tests.integration.api.conftest import House
from tests.pixel_text import page_png


def test_an_archivist_gets_a_copy_whose_text_can_be_searched(house: House) -> None:
    document_id = house.bench.file(licence_lines(1))[0]
    archivist = house.person("archivist", Role.ARCHIVIST)
    answer = archivist.http.get(f"/api/v1/documents/{document_id}/searchable")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    with pdfplumber.open(io.BytesIO(answer.content)) as copy:
        assert "上海青禾一科技有限公司" in copy.pages[0].extract_text()
    newest = archivist.get(f"/documents/{document_id}/audit")["entries"][0]
    assert newest["action"] == "copy.downloaded"


def test_others_get_none(house: House) -> None:
    document_id = house.bench.file(licence_lines(1))[0]

    house.person("verifier", Role.VERIFIER).get(f"/documents/{document_id}/searchable", 403)
    elsewhere = house.person("archivist", Role.ARCHIVIST, regions=["HB"])
    elsewhere.get(f"/documents/{document_id}/searchable", 404)


def test_a_document_that_was_not_read_has_no_copy(house: House) -> None:
    (document_id,) = house.bench.send(page_png(licence_lines(1)))

    house.person("archivist", Role.ARCHIVIST).get(f"/documents/{document_id}/searchable", 404)
