"""Fields of a document as somebody who may see it gets them."""

from __future__ import annotations

from records.fields import FieldView
from records.terms import FieldState


def field(name: str, value: str | None, part_no: int = 1, state: FieldState = FieldState.SURE) -> FieldView:
    return FieldView(
        part_no=part_no, name=name, state=state, value=value, text=value, confidence=1.0, page_no=1, box=None,
        checks=[], suggestions=[], as_printed=False, version=1, decided_by=None,
    )  # fmt: skip
