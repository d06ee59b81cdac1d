"""From rows to bodies, where a body is more than its row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.schemas.base import reason_of
from api.schemas.documents import (
    CustomerView,
    DocumentSummary,
    DocumentView,
    FieldView,
    HoldBrief,
    PageView,
    PartView,
)
from records.customers import customer_names
from records.documents import FILE_NAME_CONTEXT, pages_of
from records.fields import FieldView as OpenedField
from records.models import Customer, Document, Part
from records.sealing import Keyring, document_subject
from records.terms import CustomerKind, CustomerState
from retention.holds import holds_on


def document_summary(document: Document) -> DocumentSummary:
    summary = DocumentSummary.model_validate(document)
    return summary.model_copy(update={"refusal": reason_of(document.refused_code)})


def document_summaries(documents: Iterable[Document]) -> list[DocumentSummary]:
    return [document_summary(document) for document in documents]


def document_view(session: Session, keyring: Keyring, document: Document) -> DocumentView:
    """Everything of a document but its fields and its pages' content; of a destroyed one, what the tombstone keeps."""
    parts = select(Part).where(Part.document_id == document.id).order_by(Part.part_no)
    customer = session.get(Customer, document.customer_id) if document.customer_id else None
    return DocumentView(
        **dict(document_summary(document)),
        station_id=document.station_id,
        operator=document.operator,
        file_name=_file_name(keyring, document),
        sha256=document.sha256,
        formed_on=document.formed_on,
        retention_class=document.retention_class,
        schedule_version=document.schedule_version,
        customer=customer_views(keyring, [customer])[0] if customer else None,
        parts=[PartView.model_validate(part) for part in session.scalars(parts)],
        pages=[PageView.model_validate(page) for page in pages_of(session, document.id)],
        holds=[HoldBrief.model_validate(hold) for hold in holds_on(session, document)],
    )


def customer_views(keyring: Keyring, customers: Sequence[Customer]) -> list[CustomerView]:
    """Customers with their names in the clear, for somebody who may see them."""
    names = customer_names(keyring, list(customers))
    return [
        CustomerView(
            id=customer.id,
            code=customer.code,
            kind=CustomerKind(customer.kind),
            region_code=customer.region_code,
            state=CustomerState(customer.state),
            name=name,
            opened_at=customer.opened_at,
            volume_no=customer.volume_no,
            ended_on=customer.ended_on,
            version=customer.version,
        )
        for customer, name in zip(customers, names, strict=True)
    ]


def field_view(field: OpenedField) -> FieldView:
    return FieldView.model_validate(field)


def _file_name(keyring: Keyring, document: Document) -> str | None:
    if document.file_name_sealed is None:
        return None
    sealed = (document_subject(document.id), document.file_name_sealed, FILE_NAME_CONTEXT)
    plain = keyring.open_many([sealed])[0]
    return None if plain is None else plain.decode()
