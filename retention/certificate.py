"""Signing and checking certificates of destruction, without this program's database (K48, K49).

A certificate is a JSON document; its signature is Ed25519 (RFC 8032) over the canonical JSON of `certificate`. The PDF
for people is drawn from it, names its hash, and is signed by a signature of its own in the same JSON file.

`verify` needs the files alone; given the archive's public key from elsewhere it also proves whose certificate it is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from records import chain
from records.errors import CertificateBroken, ChainBroken
from records.terms import Demand
from retention.policies import SUPERVISORS
from retention.signing import is_signed, public_key_of, signed

_RENDERING = "guidang rendering 1"
_PARTS = {"certificate", "sha256", "documents_sha256", "public_key", "signature", "pdf"}
_SIGNED_PDF = {"sha256", "signature"}


def digest_of(certificate: dict[str, Any]) -> str:
    """SHA-256 of what is signed; the PDF names it."""
    return hashlib.sha256(chain.canonical(certificate).encode()).hexdigest()


def sign(certificate: dict[str, Any], key: Ed25519PrivateKey, pdf: bytes | None = None) -> bytes:
    """The certificate's file. Each part has a hash of its own, so that a changed byte is located.

    Args:
        pdf: the rendering for people, if there is one; it is signed too, bound to this certificate.
    """
    content = {
        "certificate": certificate,
        "sha256": {name: _hash(value) for name, value in certificate.items() if name != "documents"},
        "documents_sha256": [_hash(each) for each in certificate["documents"]],
        "public_key": public_key_of(key),
        "signature": signed(key, chain.canonical(certificate)),
    }
    if pdf is not None:
        sha256 = hashlib.sha256(pdf).hexdigest()
        content["pdf"] = {"sha256": sha256, "signature": signed(key, _bound(sha256, certificate))}
    return _written(content)


def verify(written: bytes, public_key: str | None = None, pdf: bytes | None = None) -> dict[str, Any]:
    """Check a certificate's file, and give back what it certifies.

    Args:
        public_key: the archive's, base64, known from elsewhere. Without it the file is only proved to be whole in
            itself: whoever can write files can make such a one with a key of his own.
        pdf: the rendering, if that is to be checked too.

    Raises:
        CertificateBroken: names the part that was changed, or says that the signature is another's.
    """
    try:
        content = json.loads(written)
        certificate, own_key = content["certificate"], str(content["public_key"])
        _locate(content)
        if public_key is not None and not hmac.compare_digest(own_key.encode(), public_key.strip().encode()):
            raise CertificateBroken("The certificate is signed with another key.", part="public_key")
        _check(own_key, content["signature"], chain.canonical(certificate), "signature")
        _check_pdf(own_key, content, pdf)
        _check_demands(certificate)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise CertificateBroken("This is not a certificate, or it is damaged.", part="file") from exc
    if _written(content) != written:
        raise CertificateBroken(
            "The file was written anew: it is not byte for byte the one that was made.", part="file"
        )
    return dict(certificate)


def _check_demands(certificate: dict[str, Any]) -> None:
    """What was not waived was done. Certificates from before waivers name no policy, and are as good as they were."""
    if "policy" not in certificate:
        return
    waived = certificate["policy"]["waived"]
    if Demand.CONFIRMATION not in waived and certificate["confirmed_by"] is None:
        raise CertificateBroken("The list was not confirmed, and that is not waived.", part="confirmed_by")
    watched = {each["department"] for each in certificate["supervised_by"] if each["signed_at"]}
    if Demand.SUPERVISION not in waived and len(watched) < SUPERVISORS:
        raise CertificateBroken("Two departments did not supervise, and that is not waived.", part="supervised_by")
    for each in certificate["documents"]:
        if Demand.APPRAISAL not in waived and each["档号"] and each["appraisal"] is None:
            raise CertificateBroken("No appraisal, and that is not waived.", part=f"documents:{each['document']}")
    if unreasoned := sorted(name for name, reason in waived.items() if not reason.strip()):
        raise CertificateBroken("Something is waived without a reason.", part=f"policy:{unreasoned[0]}")


def _check_pdf(public_key: str, content: dict[str, Any], pdf: bytes | None) -> None:
    """The signature over the PDF always, the PDF where it is given."""
    if set(content) - _PARTS or set(content.get("pdf", _SIGNED_PDF)) != _SIGNED_PDF:
        raise CertificateBroken("Something was added to the certificate.", part="file")
    if "pdf" not in content:
        if pdf is not None:
            raise CertificateBroken("The certificate was signed without a PDF.", part="pdf")
        return
    of_pdf = content["pdf"]
    _check(public_key, of_pdf["signature"], _bound(str(of_pdf["sha256"]), content["certificate"]), "pdf")
    if pdf is not None and hashlib.sha256(pdf).hexdigest() != of_pdf["sha256"]:
        raise CertificateBroken("The PDF is not the one that was signed.", part="pdf")


def _check(public_key: str, signature: str, text: str, part: str) -> None:
    if not is_signed(public_key, signature, text):
        raise CertificateBroken("The signature does not fit.", part=part)


def _bound(sha256: str, certificate: dict[str, Any]) -> str:
    """What is signed of a PDF: it and no other renders this certificate and no other."""
    return f"{_RENDERING}\n{sha256}\n{digest_of(certificate)}"


def compare_with_register(certificate: dict[str, Any], links: Sequence[chain.Link], anchor: str | None = None) -> None:
    """Hold a certificate against an exported register.

    Args:
        anchor: a hash of the register written down earlier. Without it a register whose tail was cut off looks whole.

    Raises:
        ChainBroken: the register does not hold, or does not contain the anchor.
        CertificateBroken: names the document of which the register says something else.
    """
    chain.verify(links)
    if anchor is not None and anchor.strip() not in {link.hash for link in links}:
        raise ChainBroken("The register does not reach the anchor: its end was cut off, or it was written anew.")
    hashes = {link.seq: link.hash for link in links}
    for each in certificate["documents"]:
        for entry in each["register"]:
            if hashes.get(entry["seq"]) != entry["hash"]:
                raise CertificateBroken("The register does not say this.", part=f"documents:{each['document']}")


def _locate(content: dict[str, Any]) -> None:
    certificate = content["certificate"]
    if set(content["sha256"]) != set(certificate) - {"documents"}:
        raise CertificateBroken("A part was added or removed.", part="certificate")
    for name, sha256 in content["sha256"].items():
        if _hash(certificate[name]) != sha256:
            raise CertificateBroken("A part was changed.", part=name)
    if len(certificate["documents"]) != len(content["documents_sha256"]):
        raise CertificateBroken("A document was added or removed.", part="documents")
    for document, sha256 in zip(certificate["documents"], content["documents_sha256"], strict=True):
        if _hash(document) != sha256:
            raise CertificateBroken("What is said of a document was changed.", part=f"documents:{document['document']}")


def _hash(value: Any) -> str:
    return hashlib.sha256(chain.canonical({"": value}).encode()).hexdigest()


def _written(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
