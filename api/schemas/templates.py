from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from api.schemas.base import Id, Wire
from intake.confined import MOST_PAGES
from records.form_templates import MOST_CHARACTERS

TEXT = """kind: registration_form
titles: [供应商登记表]
fields:
  - { name: 供应商名称, labels: [供应商名称], rule: party }
"""


class TemplateBody(Wire):
    text: str = Field(max_length=MOST_CHARACTERS, examples=[TEXT], description="YAML as docs/templates.md has it.")


class PageContent(Wire):
    """What was read on a page, as `POST /files/reading` gave it."""

    page_no: int = Field(ge=1, examples=[1])
    width_px: int = Field(ge=1, examples=[1240])
    height_px: int = Field(ge=1, examples=[1754])
    content: dict[str, Any] = Field(examples=[{"lines": [], "marks": [], "sheet": None}])


class SeenPage(PageContent):
    picture: str = Field(description="JPEG, base64.", examples=["/9j/4AAQSkZJRg=="])


class SeenPages(Wire):
    pages: list[SeenPage]


class TrialBody(TemplateBody):
    """Tried on a document, or on the pages of a file that was read for it: one of the two."""

    document_id: Id | None = Field(default=None, description="A document whose pages were read.")
    pages: list[PageContent] | None = Field(default=None, max_length=MOST_PAGES)


class TemplateView(Wire):
    name: str = Field(examples=["supplier_form"])
    version: int = Field(examples=[1])
    text: str = Field(examples=[TEXT])
    kept_by: Id
    kept_at: dt.datetime


class TemplatesView(Wire):
    templates: list[TemplateView]


class ProblemView(Wire):
    line: int = Field(ge=1, examples=[3])
    message: str = Field(examples=["This rule does not exist."])


class ProblemsView(Wire):
    problems: list[ProblemView]


class TriedField(Wire):
    name: str = Field(examples=["供应商名称"])
    value: str | None = Field(examples=["上海青禾贸易有限公司"])
    is_printed: bool
    confidence: float = Field(examples=[0.97])
    page_no: int | None = Field(examples=[1])
    box: list[list[float]] | None = Field(examples=[[[10.0, 10.0], [90.0, 10.0], [90.0, 30.0], [10.0, 30.0]]])


class TrialView(Wire):
    """`printed` is the share of the template's fields whose label stands on the pages."""

    printed: float = Field(ge=0, le=1, examples=[0.9])
    fields: list[TriedField]
