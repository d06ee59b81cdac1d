"""Certificates say what the register says, hold without an archive, and show every changed byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from api.exit_codes import ExitCode, exit_code_of
from records.chain import Link
from records.errors import CertificateBroken, WrongState
from records.models import User
from retention import register
from retention.certificate import (
    Place,
    certificate_of,
    compare_with_register,
    public_key_of,
    sign,
    signing_key,
    verify,
)
from retention.certificate_pdf import render
from retention.holds import HoldOrder, place_hold
from retention.models import DestructionList
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute

PLACE = Place(archive="GD01", program="guidang test", key_backup_days=12)


@pytest.fixture
def certified(bench: Bench) -> dict[str, Any]:
    """A list of three, one of which a hold kept."""
    ids = bench.file(licence_lines(1), licence_lines(2), licence_lines(3))
    list_id = approved_list(bench, *ids)
    with bench.archive.transaction() as session:
        session.execute(update(User).where(User.id == "b").values(name="陈审", department="法务部"))
        place_hold(
            session, actor("e"), HoldOrder(case_no="1", reason="x", authority="y", subjects=[f"document:{ids[2]}"])
        )
    execute(bench, list_id)
    return certificate(bench, list_id)


def certificate(bench: Bench, list_id: str) -> dict[str, Any]:
    with bench.archive.reading() as session:
        return certificate_of(session, session.get_one(DestructionList, list_id).number, PLACE)


def links_of(bench: Bench) -> list[Link]:
    with bench.archive.reading() as session:
        return list(register.links(session))


def test_it_says_who_what_when_and_until_when(bench: Bench, certified: dict[str, Any]) -> None:
    assert certified["destroyed"] == len(certified["documents"]) == 2
    assert [each["reason"] for each in certified["kept"]] == ["under_hold"]
    assert [each["id"] for each in certified["approved_by"]] == ["b", "c"]
    assert (certified["proposed_by"]["id"], certified["executed_by"]["id"]) == ("a", "d")
    assert certified["complete_on"] > certified["ended_at"][:10]
    for document in certified["documents"]:
        assert document["key_destroyed"] == f"document:{document['document']}"
        assert document["verified"] == {"index": True, "key": True, "objects": True, "rows": True}
        assert document["object_count"] == len(document["object_sha256"]) == 3
        assert document["档号"]
    assert "青禾" not in json.dumps(certified, ensure_ascii=False)
    compare_with_register(certified, links_of(bench))


def test_a_register_that_says_otherwise_is_noticed(bench: Bench, certified: dict[str, Any]) -> None:
    with pytest.raises(CertificateBroken):
        compare_with_register(certified, links_of(bench)[:-1])


def test_it_is_signed_by_the_archive_and_by_nobody_else(bench: Bench, certified: dict[str, Any]) -> None:
    key = signing_key(bench.archive.keyring)
    mine = sign(certified, key)
    forged = sign(certified | {"title": "另一"}, Ed25519PrivateKey.generate())

    assert verify(mine, public_key_of(key)) == certified
    assert signing_key(bench.archive.keyring).private_bytes_raw() == key.private_bytes_raw()
    verify(forged)
    with pytest.raises(CertificateBroken) as broken:
        verify(forged, public_key_of(key))
    assert exit_code_of(broken.value) == ExitCode.BROKEN


def test_every_changed_byte_is_detected(bench: Bench, certified: dict[str, Any]) -> None:
    key = signing_key(bench.archive.keyring)
    written = sign(certified, key)
    for at in range(len(written)):
        with pytest.raises(CertificateBroken):
            verify(written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :], public_key_of(key))


def test_what_was_changed_is_named(bench: Bench, certified: dict[str, Any]) -> None:
    written = sign(certified, signing_key(bench.archive.keyring))
    first = certified["documents"][0]

    def part_after(change: bytes, to: bytes) -> object:
        assert change in written
        with pytest.raises(CertificateBroken) as broken:
            verify(written.replace(change, to, 1))
        return broken.value.facts["part"]

    assert part_after("到期".encode(), "过期".encode()) == "title"
    assert part_after(first["sha256"].encode(), b"0" * 64) == f"documents:{first['document']}"
    assert part_after(b'"signature": "', b'"signature": "AAAA') in ("signature", "file")


def test_a_list_that_is_not_carried_out_is_not_certified(bench: Bench) -> None:
    (document_id,) = bench.file(licence_lines(1))

    with pytest.raises(WrongState):
        certificate(bench, approved_list(bench, document_id))


def test_the_pdf_renders_it_and_says_so(bench: Bench, certified: dict[str, Any], tmp_path: Path) -> None:
    many = certified | {"documents": certified["documents"] * 10}
    signed = sign(many, signing_key(bench.archive.keyring))
    (tmp_path / "certificate.pdf").write_bytes(render(many, signed, "certificate.json"))

    with pdfplumber.open(tmp_path / "certificate.pdf") as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert len(pdf.pages) > 1
    assert "rendering" in text
    assert "certificate.json" in text
    assert certified["documents"][0]["sha256"] in text.replace("\n", "")
