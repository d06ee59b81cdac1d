"""The names by which templates call the rules of this package."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ocr.fields import (
    address,
    capital,
    credit_code,
    dates,
    id_number,
    licence_type,
    names,
    person,
    phone,
    plain,
    registration_number,
    scope,
    term,
)
from ocr.fields.parsed import FieldRule

RULES: Mapping[str, FieldRule] = MappingProxyType(
    {
        "account": plain.read_account,
        "address": address.read,
        "approval_number": plain.read_approval_number,
        "authority": names.read_authority,
        "bank": plain.read_bank,
        "capital": capital.read,
        "company": names.read_company,
        "credit_code": credit_code.read,
        "date": dates.read,
        "email": plain.read_email,
        "ethnicity": person.read_ethnicity,
        "id_number": id_number.read,
        "licence_type": licence_type.read,
        "party": names.read_party,
        "person": names.read_person,
        "phone": phone.read,
        "registration_number": registration_number.read,
        "representative": names.read_representative,
        "scope": scope.read,
        "sex": person.read_sex,
        "term": term.read,
        "text": plain.read_text,
        "validity": term.read_validity,
    }
)
