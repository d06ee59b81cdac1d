"""Templates of the company's own forms: checked, tried on what was read, kept in versions."""

from __future__ import annotations

from fastapi import APIRouter

from api.content import note
from api.deps import Reading, TheActor, TheArchive, Writing, require
from api.masking import mask_value
from api.schemas.templates import (
    PageContent,
    ProblemsView,
    ProblemView,
    TemplateBody,
    TemplatesView,
    TemplateView,
    TrialBody,
    TrialView,
    TriedField,
)
from ocr.template_check import problems_in
from ocr.template_trial import try_template
from ocr.templates import parse
from records import form_templates
from records.documents import page_readings, pages_of, readable_document, reading_from
from records.errors import InvalidInput
from records.readings import FieldReading, PageReading
from records.terms import DocumentKind, FieldState, Role

router = APIRouter(tags=["templates"], dependencies=[require(Role.ARCHIVIST)])


@router.get("/templates", summary="The company's own templates in force")
def list_templates(session: Reading) -> TemplatesView:
    kept = form_templates.templates_in_force(session)
    return TemplatesView(templates=[TemplateView.model_validate(each) for each in kept])


@router.post("/templates/check", summary="Name each problem of a template with its line")
def check_template(body: TemplateBody) -> ProblemsView:
    found = problems_in(body.text)
    return ProblemsView(problems=[ProblemView(line=each.line, message=each.message) for each in found])


@router.post("/templates/trial", summary="What a template finds on the pages of a document, or of a file read for it")
def try_on_pages(body: TrialBody, actor: TheActor, archive: TheArchive, session: Reading) -> TrialView:
    _require_sound(body.text)
    if (body.document_id is None) == (body.pages is None):
        raise InvalidInput("A template is tried on a document, or on pages: one of the two.")
    if body.document_id is None:
        tried = try_template(parse("tried", body.text), [_page(page) for page in body.pages or []])
    else:
        document = readable_document(session, actor, body.document_id)
        pages = page_readings(archive.keyring, pages_of(session, document.id))
        tried = try_template(parse("tried", body.text), pages)
        note(session, archive, actor, "template.tried", f"document:{body.document_id}")
    return TrialView(printed=tried.confidence, fields=[_tried(name, each) for name, each in tried.fields.items()])


@router.put("/templates/{name}", summary="Put a new version of a template in force")
def keep_template(name: str, body: TemplateBody, actor: TheActor, session: Writing) -> TemplateView:
    _require_sound(body.text)
    if parse(name, body.text).kind is not DocumentKind.REGISTRATION_FORM:
        raise InvalidInput("Templates of one's own are of forms: `kind: registration_form`.")
    return TemplateView.model_validate(form_templates.keep_template(session, actor, name, body.text))


@router.delete("/templates/{name}", status_code=204, summary="Take a template out of use")
def withdraw_template(name: str, actor: TheActor, session: Writing) -> None:
    form_templates.withdraw_template(session, actor, name)


def _page(page: PageContent) -> PageReading:
    try:
        return reading_from(page.page_no, (page.width_px, page.height_px), page.content)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise InvalidInput("These are not pages that were read.", page_no=page.page_no) from exc


def _require_sound(text: str) -> None:
    found = problems_in(text)
    if found:
        raise InvalidInput("The template has problems.", lines=[each.line for each in found])


def _tried(name: str, field: FieldReading) -> TriedField:
    return TriedField(
        name=name,
        value=None if field.value is None else mask_value(name, field.value),
        is_printed=field.state != FieldState.ABSENT or bool(field.checks),
        confidence=field.confidence,
        page_no=field.page_no,
        box=None if field.box is None else [list(corner) for corner in field.box],
    )
