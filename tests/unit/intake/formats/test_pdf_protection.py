from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from intake.formats.pdf_protection import needs_password
from tests.hostile import pdfs

PROTECTED = pdfs.protected_aes(b"secret")
passwords = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def protected(user: str, owner: str, bits: int, **permissions: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, (50, 50), encrypt=StandardEncryption(user, ownerPassword=owner, strength=bits, **permissions))
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("bits", [40, 128])
@settings(deadline=None, max_examples=25)
@given(user=passwords, owner=passwords, printing=st.integers(0, 1))
def test_a_password_to_open_is_needed_only_where_the_user_has_one(
    bits: int, user: str, owner: str, printing: int
) -> None:
    assert needs_password(protected(user, owner, bits, canPrint=printing))
    assert not needs_password(protected("", owner, bits, canPrint=printing))


def test_aes_256() -> None:
    assert needs_password(pdfs.protected_aes(b"secret"))
    assert not needs_password(pdfs.protected_aes(b""))


def test_unprotected_and_unreadable_dictionaries_are_left_to_the_opening() -> None:
    assert not needs_password(pdfs.card_pdf())
    assert not needs_password(pdfs.card_pdf(content=b"(/Encrypt 5 0 R) Tj"))
    assert not needs_password(pdfs.unknown_protection())


@given(position=st.floats(0, 1), value=st.integers(0, 255))
def test_a_damaged_dictionary_does_no_harm(position: float, value: int) -> None:
    data = bytearray(PROTECTED)
    start = data.index(b"/Filter /Standard")
    data[start + int(position * (len(data) - start - 1))] = value

    assert needs_password(bytes(data)) in (True, False)
