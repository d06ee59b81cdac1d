"""What a certificate says where six sign, two supervise and paper is shredded; and checking it by other means."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records.errors import CertificateBroken, WrongState
from records.terms import Demand
from retention.certificate import digest_of, sign, verify
from retention.certificate_content import certificate_of
from retention.certificate_pdf import render
from retention.models import DestructionList
from retention.signing import public_key_of, signing_key
from tests.archives import Bench
from tests.integration.retention.office import SUPERVISORS
from tests.integration.retention.test_certificate import FONT, PLACE
from tests.integration.retention.test_supervision import executed_with_paper, shred, watch


def certificate(bench: Bench, list_id: str) -> dict[str, Any]:
    with bench.archive.reading() as session:
        return certificate_of(session, session.get_one(DestructionList, list_id).number, PLACE)


@pytest.fixture
def carried_out(bench: Bench) -> tuple[Bench, str]:
    """Executed; the paper and the supervisors' signatures are still missing."""
    return executed_with_paper(bench)


def test_it_is_made_when_paper_and_signatures_are_there_and_names_them(carried_out: tuple[Bench, str]) -> None:
    office, list_id = carried_out
    with pytest.raises(WrongState):
        certificate(office, list_id)
    shred(office, list_id)
    with pytest.raises(WrongState):
        certificate(office, list_id)
    for name in SUPERVISORS:
        watch(office, list_id, name)

    said = certificate(office, list_id)

    assert [each["id"] for each in said["supervised_by"]] == list(SUPERVISORS)
    assert all(each["signed_at"] and each["counted_documents"] == 2 for each in said["supervised_by"])
    assert len({each["department"] for each in said["supervised_by"]}) == 2
    assert len({each["seat"] for each in said["approved_by"]}) == len(said["approved_by"]) == 6
    assert said["confirmed_by"]["id"]
    assert said["final_at"] >= said["executed_at"]
    (paper,) = [each["paper"] for each in said["documents"] if each["paper"]]
    assert (paper["place"], paper["on"], paper["witness"]["id"]) == ("碎纸间", "2100-01-02", "watcher")
    pdf = render(said, digest_of(said), "certificate.json", FONT)
    key = signing_key(office.archive.keyring)
    assert verify(sign(said, key, pdf), public_key_of(key), pdf) == said
    assert said["policy"] == {"name": "six", "waived": {}}
    assert all(len(each["appraisal"]["report_sha256"]) == 64 for each in said["documents"])


@pytest.mark.parametrize(
    ("part", "left_out"),
    [
        ("confirmed_by", lambda said: said | {"confirmed_by": None}),
        ("supervised_by", lambda said: said | {"supervised_by": said["supervised_by"][:1]}),
        ("documents", lambda said: said | {"documents": [each | {"appraisal": None} for each in said["documents"]]}),
    ],
)
def test_what_was_left_out_must_be_waived_with_a_reason(
    carried_out: tuple[Bench, str], part: str, left_out: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    office, list_id = carried_out
    shred(office, list_id)
    for name in SUPERVISORS:
        watch(office, list_id, name)
    key, less = signing_key(office.archive.keyring), left_out(certificate(office, list_id))

    with pytest.raises(CertificateBroken) as broken:
        verify(sign(less, key))
    assert str(broken.value.facts["part"]).startswith(part)

    waived = dict.fromkeys(Demand, "测试")
    assert verify(sign(less | {"policy": {"name": "six", "waived": waived}}, key))
    with pytest.raises(CertificateBroken, match="without a reason"):
        verify(sign(less | {"policy": {"name": "six", "waived": waived | {Demand.APPRAISAL: " "}}}, key))
    before_waivers = {name: value for name, value in less.items() if name != "policy"}
    assert verify(sign(before_waivers, key)) == before_waivers


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_checks_it_as_the_documentation_says(carried_out: tuple[Bench, str], tmp_path: Path) -> None:
    office, list_id = carried_out
    shred(office, list_id)
    for name in SUPERVISORS:
        watch(office, list_id, name)
    key = signing_key(office.archive.keyring)
    said = json.loads(sign(certificate(office, list_id), key))

    def is_good(content: dict[str, Any]) -> bool:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (tmp_path / "signed").write_bytes(text.encode())
        (tmp_path / "signature").write_bytes(base64.b64decode(said["signature"]))
        prefix = bytes.fromhex("302a300506032b6570032100")
        (tmp_path / "key.der").write_bytes(prefix + base64.b64decode(public_key_of(key)))
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin"]
        command += ["-in", "signed", "-sigfile", "signature"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    assert is_good(said["certificate"])
    assert not is_good(said["certificate"] | {"title": "另一"})
