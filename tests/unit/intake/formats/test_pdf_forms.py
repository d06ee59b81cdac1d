from __future__ import annotations

import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from intake.formats.pdf_forms import check_forms
from records.errors import TooDemanding
from tests.hostile import pdfs

LIMIT = 200_000


@given(depth=st.integers(0, 30), times=st.integers(0, 30), packed=st.booleans())
def test_forms_are_refused_exactly_when_they_draw_too_often(depth: int, times: int, packed: bool) -> None:
    drawings = sum(times**level for level in range(depth + 1))
    assume(drawings < LIMIT or drawings > 2 * LIMIT)
    data = pdfs.nested_forms(depth, times, packed=packed)

    if drawings < LIMIT:
        check_forms(data)
    else:
        with pytest.raises(TooDemanding) as refusal:
            check_forms(data)
        assert refusal.value.facts["reason"] == "forms_within_forms"


def test_a_form_on_every_page_is_nothing_unusual() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for name in ("head", "foot"):
        canvas.beginForm(name)
        canvas.drawString(10, 10, name)
        canvas.endForm()
    canvas.beginForm("frame")
    canvas.doForm("head")
    canvas.doForm("foot")
    canvas.endForm()
    for _ in range(300):
        canvas.doForm("frame")
        canvas.showPage()
    canvas.save()

    check_forms(out.getvalue())


def test_without_forms_there_is_nothing_to_refuse() -> None:
    check_forms(pdfs.card_pdf())
    check_forms(b"/Form /Form obj stream")
