"""A person's word on a field beside the rules: what they say of it, and of the fields that stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import update
from sqlalchemy.orm import Session

from records.documents import part_kinds
from records.errors import ChecksFailed, InvalidInput
from records.fields import FieldView, as_rows, opened_fields
from records.models import Field
from records.readings import Check, Rechecked
from records.sealing import Keyring
from records.terms import DocumentKind, FieldState


class Recheck(Protocol):
    """The rules of fields: what they say of a text put into a field beside the values of the other fields."""

    def __call__(self, kind: DocumentKind, name: str, text: str, others: Mapping[str, str]) -> Rechecked: ...


@dataclass(frozen=True, kw_only=True)
class OpenPart:
    """The fields of one part in the clear, with the rules for them."""

    document_id: str
    kind: DocumentKind
    fields: dict[str, FieldView]
    recheck: Recheck

    @classmethod
    def of(cls, session: Session, keyring: Keyring, field: Field, recheck: Recheck) -> OpenPart:
        """The part that a field stands in."""
        opened = {f.name: f for f in opened_fields(session, keyring, field.document_id) if f.part_no == field.part_no}
        kind = part_kinds(session, field.document_id).get(field.part_no, DocumentKind.OTHER)
        return cls(document_id=field.document_id, kind=kind, fields=opened, recheck=recheck)

    def judge(self, name: str, text: str) -> Rechecked:
        return self.recheck(self.kind, name, text, self._values())

    def settled_value(self, name: str, typed: str | None, *, as_printed: bool) -> tuple[str | None, list[Check], bool]:
        """The value to keep, its checks, and whether it stands against one of them.

        A correction is kept in its normal form, as a reading is; against a failed check just as it was typed.

        Raises:
            ChecksFailed: it fails checks, and nobody says that it is printed so.
        """
        text = typed or self.fields[name].value
        if not text:
            raise InvalidInput("There is no value to confirm: type it, or mark the field.")
        judged = self.judge(name, text)
        if judged.failed and not as_printed:
            raise ChecksFailed(failed=judged.failed)
        value = text if judged.failed or judged.value is None else judged.value
        return value, list(judged.checks), bool(judged.failed)

    def recheck_others(self, session: Session, settled: FieldView) -> list[FieldView]:
        """Check the fields again that are still in doubt, now that one beside them is settled; gives the changed."""
        after = replace(self, fields=self.fields | {settled.name: settled})
        doubtful = [f for f in after.fields.values() if f.state == FieldState.DOUBTFUL and f.value]
        fresh = [replace(field, checks=self._checks_now(after, field)) for field in doubtful]
        changed = [new for new, old in zip(fresh, doubtful, strict=True) if new.checks != old.checks]
        for field in changed:
            row = (Field.document_id == self.document_id, Field.part_no == field.part_no, Field.name == field.name)
            session.execute(update(Field).where(*row).values(checks=field.checks))
        return changed

    def _checks_now(self, after: OpenPart, field: FieldView) -> list[dict[str, Any]]:
        """Checks of the reading stay; those of the rules are made anew, and go where nothing is left to compare."""
        assert field.value is not None
        before, now = ({c.name: c for c in part.judge(field.name, field.value).checks} for part in (self, after))
        kept = [Check(**each) for each in field.checks if each["name"] in now or each["name"] not in before]
        return as_rows({**{check.name: check for check in kept}, **now}.values())

    def _values(self) -> dict[str, str]:
        return {name: field.value for name, field in self.fields.items() if field.value}
