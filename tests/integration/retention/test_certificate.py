"""Certificates say what the register says, hold without an archive, and show every changed byte."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pdfplumber
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.utils import decode_text
from sqlalchemy import update

from api.exit_codes import ExitCode, exit_code_of
from api.printing import font_file
from records.chain import Link
from records.errors import CertificateBroken, ChainBroken, WrongState
from records.models import User
from retention import certificate as certificates
from retention import register
from retention.certificate import (
    compare_with_register,
    digest_of,
    sign,
    verify,
)
from retention.certificate_content import Place, certificate_of
from retention.certificate_pdf import render
from retention.holds import HoldOrder, place_hold
from retention.models import DestructionList
from retention.signing import public_key_of, signing_key
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention.test_destruction import approved_list, execute

PLACE = Place(archive="GD01", program="guidang test", key_backup_days=12)
FONT = font_file()


@pytest.fixture(scope="module")
def small() -> tuple[bytes, str]:
    """A certificate of little, and the key it is signed with."""
    key = Ed25519PrivateKey.generate()
    documents = [{"document": "a" * 32, "sha256": "b" * 64, "register": [{"seq": 1, "hash": "c" * 64}]}]
    return sign({"list": "XH-1", "title": "到期", "documents": documents}, key, b"%PDF"), public_key_of(key)


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


def test_it_has_the_points_of_a_statement_on_erasure(certified: dict[str, Any]) -> None:
    """K43: media, keys, encryption, areas, life of keys, technique, escrow, errors, interface."""
    assert len(certified["erasure"]) >= 10
    assert all(certified["erasure"].values())


def test_a_register_that_was_cut_is_noticed_by_an_anchor(bench: Bench, certified: dict[str, Any]) -> None:
    """What was destroyed later can be cut off unseen, unless somebody wrote down where the register ended."""
    (later,) = bench.file(licence_lines(4))
    execute(bench, approved_list(bench, later))
    links = links_of(bench)
    anchor = links[-1].hash

    compare_with_register(certified, links, anchor)
    compare_with_register(certified, links[:-2])  # nothing tells of the cut
    with pytest.raises(ChainBroken):
        compare_with_register(certified, links[:-2], anchor)


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
    written = sign(certified, key, b"%PDF")
    for at in range(len(written)):
        with pytest.raises(CertificateBroken):
            verify(written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :], public_key_of(key))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data())
def test_any_change_is_detected(small: tuple[bytes, str], data: st.DataObject) -> None:
    """A byte changed, removed or added, two exchanged, the end cut off."""
    written, public_key = small
    at, other = data.draw(st.integers(0, len(written) - 1)), data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255))
    exchanged = bytearray(written)
    exchanged[at], exchanged[other] = exchanged[other], exchanged[at]
    changes = [
        written[:at] + bytes([byte]) + written[at + 1 :],
        written[:at] + written[at + 1 :],
        written[:at] + bytes([byte]) + written[at:],
        bytes(exchanged),
        written[:at],
    ]
    for change in changes:
        if change != written:
            with pytest.raises(CertificateBroken) as broken:
                verify(change, public_key)
            assert broken.value.facts["part"]


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


def test_the_pdf_is_signed_with_it(bench: Bench, certified: dict[str, Any]) -> None:
    key = signing_key(bench.archive.keyring)
    pdf = render(certified, digest_of(certified), "certificate.json", FONT)
    other = certified | {"title": "另一"}
    mine, alone = sign(certified, key, pdf), sign(certified, key)

    assert render(certified, digest_of(certified), "certificate.json", FONT) == pdf
    assert verify(mine, public_key_of(key), pdf) == certified
    assert verify(mine, public_key_of(key)) == certified
    borrowed = json.loads(mine) | {"certificate": other} | {
        name: json.loads(sign(other, key))[name] for name in ("sha256", "documents_sha256", "signature")
    }  # fmt: skip
    for written, shown in ((mine, pdf[:-1] + b"x"), (alone, pdf), (certificates._written(borrowed), pdf)):
        with pytest.raises(CertificateBroken) as broken:
            verify(written, public_key_of(key), shown)
        assert broken.value.facts["part"] == "pdf"


def test_the_pdf_shows_it(bench: Bench, certified: dict[str, Any], tmp_path: Path) -> None:
    many = certified | {"documents": certified["documents"] * 10, "title": "到期\U0002f999"}
    (tmp_path / "certificate.pdf").write_bytes(render(many, digest_of(many), "certificate.json", FONT))

    with pdfplumber.open(tmp_path / "certificate.pdf") as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert len(pdf.pages) > 1
    assert "certificate.json" in text
    assert text.count("测试用档案") == 3  # each waiver with its reason
    assert digest_of(many) in text.replace("\n", "")
    assert certified["documents"][0]["sha256"] in text.replace("\n", "")
    assert "到期〓" in text  # no font has that character
    assert "\U0002f999" not in text


def test_the_pdf_has_what_pdf_a_asks_for(certified: dict[str, Any]) -> None:
    """The points of ISO 19005-1 that can be read off the file; `test_pdfa.py` asks a validator where there is one."""
    written = render(certified, digest_of(certified), "certificate.json", FONT)
    document = PDFDocument(PDFParser(io.BytesIO(written)))
    catalog, info = document.catalog, document.info[0]

    assert written.startswith(b"%PDF-1.4\n%")
    assert document.encryption is None
    assert all("ID" in trailer.trailer for trailer in document.xrefs)
    xmp = ElementTree.fromstring(resolve1(catalog["Metadata"]).get_data().decode().split("?>", 1)[1].rsplit("<?", 1)[0])
    said = {element.tag.rpartition("}")[2]: element.text for element in xmp.iter()}
    assert (said["part"], said["conformance"]) == ("1", "B")
    assert decode_text(info["Producer"]) == said["Producer"]
    assert decode_text(info["Creator"]) == said["CreatorTool"]
    (intent,) = resolve1(catalog["OutputIntents"])
    assert resolve1(intent)["S"].name == "GTS_PDFA1"
    profile = resolve1(resolve1(intent)["DestOutputProfile"])
    assert profile["N"] == 3
    assert profile.get_data()[36:40] == b"acsp"
    fonts = [font for font in _objects(document) if isinstance(font, dict) and _name(font.get("Type")) == "Font"]
    assert fonts
    for font in fonts:
        descriptor = resolve1(font["FontDescriptor"])
        assert len(resolve1(descriptor["FontFile2"]).get_data()) > 1000
        assert "ToUnicode" in font
    forbidden = {"JavaScript", "JS", "Launch", "EmbeddedFile", "LZWDecode", "AA", "OpenAction", "SMask"}
    assert not forbidden & {_name(value) for entry in _objects(document) for value in _walk(entry)}


def _objects(document: PDFDocument) -> list[Any]:
    return [document.getobj(number) for xref in document.xrefs for number in xref.get_objids()]


def _walk(entry: Any) -> Iterator[Any]:
    attributes = entry.attrs if hasattr(entry, "attrs") else entry
    if isinstance(attributes, dict):
        for name, value in attributes.items():
            yield name
            yield from _walk(value)
    elif isinstance(attributes, list):
        for value in attributes:
            yield from _walk(value)
    else:
        yield attributes


def _name(value: Any) -> Any:
    return getattr(value, "name", value)
