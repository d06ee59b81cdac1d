"""Certificates of destruction: one for each list, signed, to be checked without this program's database (K48, K49).

The certificate is a JSON document; its signature is Ed25519 (RFC 8032) over the canonical JSON of `certificate`, and a
PDF is only a rendering of it. It names everything the register says of the list's documents, each register entry with
its number and hash, so that it can be held against an exported register too; of people it names those who acted for the
archive, never a customer.

`verify` needs the file alone; given the archive's public key from elsewhere it also proves whose certificate it is.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import chain
from records.errors import CertificateBroken, NotFound, WrongState
from records.ids import utc_now
from records.models import Document, User
from records.sealing import Keyring, document_subject
from records.terms import DocumentState, ListState
from retention import register
from retention.models import DestructionList, ListApproval, ListedDocument, RegisterEntry

FORMAT = "guidang certificate 1"
_PURPOSE = "certificate-signing-key"
COLUMNS = ("档号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")
METHOD = (
    "Every version of every stored object deleted and the deletion proved by listing; rows and index entries erased "
    "and their files scrubbed; the document's data key destroyed (cryptographic erasure of all copies, NIST SP 800-88)."
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the certificate says of the archive: where, with which program, how long backups of keys live."""

    archive: str
    program: str
    key_backup_days: int


def certificate_of(session: Session, number: str, place: Place) -> dict[str, Any]:
    """What is certified of an executed list.

    Raises:
        NotFound: there is no list of this number.
        WrongState: the list is not carried out to its end.
    """
    found = session.scalars(select(DestructionList).where(DestructionList.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no list of this number.", number=number)
    if found.state != ListState.EXECUTED or found.executed_at is None:
        raise WrongState("A list is certified when it is carried out.", number=number, state=found.state)
    listed = session.execute(
        select(ListedDocument.document_id, ListedDocument.outcome)
        .where(ListedDocument.list_id == found.id)
        .order_by(ListedDocument.document_id)
    ).all()
    documents = _documents(session, found.id)
    began = min((each["begun_at"] for each in documents), default=None)
    ended = max((each["destroyed_at"] for each in documents), default=None)
    return {
        "format": FORMAT,
        "list": found.number,
        "title": found.title,
        "archive": place.archive,
        "program": place.program,
        "method": METHOD,
        "made_at": utc_now().isoformat(timespec="seconds"),
        "begun_at": began,
        "ended_at": ended,
        "proposed_by": _person(session, found.proposed_by),
        "proposed_at": found.proposed_at.isoformat(timespec="seconds"),
        "approved_by": _approvals(session, found.id),
        "executed_by": _person(session, found.executed_by),
        "executed_at": found.executed_at.isoformat(timespec="seconds"),
        "key_backup_days": place.key_backup_days,
        "complete_on": _complete_on(ended, place.key_backup_days),
        "destroyed": len(documents),
        "kept": [
            {"document": document_id, "reason": outcome}
            for document_id, outcome in listed
            if outcome != DocumentState.DESTROYED
        ],
        "documents": documents,
    }


def signing_key(keyring: Keyring) -> Ed25519PrivateKey:
    """The archive's key for certificates.

    It is derived from the key store's own key: so it is written nowhere, comes back with a backup of the keys, and
    outlives a change of the master key.
    """
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keyring.fingerprint(_PURPOSE, "ed25519")))


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Base64 of its 32 bytes: what an auditor keeps, from a day he trusts."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(certificate: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The certificate's file. Each part has a hash of its own, so that a changed byte is located."""
    signature = key.sign(chain.canonical(certificate).encode())
    content = {
        "certificate": certificate,
        "sha256": {name: _hash(value) for name, value in certificate.items() if name != "documents"},
        "documents_sha256": [_hash(each) for each in certificate["documents"]],
        "public_key": public_key_of(key),
        "signature": base64.b64encode(signature).decode(),
    }
    return _written(content)


def verify(written: bytes, public_key: str | None = None) -> dict[str, Any]:
    """Check a certificate's file, and give back what it certifies.

    Args:
        public_key: the archive's, base64, known from elsewhere. Without it the file is only proved to be whole in
            itself: whoever can write files can make such a one with a key of his own.

    Raises:
        CertificateBroken: names the part that was changed, or says that the signature is another's.
    """
    try:
        content = json.loads(written)
        certificate, own_key = content["certificate"], str(content["public_key"])
        _locate(content)
        if public_key is not None and not hmac.compare_digest(own_key.encode(), public_key.strip().encode()):
            raise CertificateBroken("The certificate is signed with another key.", part="public_key")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(own_key, validate=True))
        key.verify(base64.b64decode(content["signature"], validate=True), chain.canonical(certificate).encode())
    except InvalidSignature as exc:
        raise CertificateBroken("The signature does not fit.", part="signature") from exc
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as exc:
        raise CertificateBroken("This is not a certificate, or it is damaged.", part="file") from exc
    if _written(content) != written:
        raise CertificateBroken(
            "The file was written anew: it is not byte for byte the one that was made.", part="file"
        )
    return dict(certificate)


def compare_with_register(certificate: dict[str, Any], links: Sequence[chain.Link]) -> None:
    """Hold a certificate against an exported register.

    Raises:
        ChainBroken: the register does not hold.
        CertificateBroken: names the document of which the register says something else.
    """
    chain.verify(links)
    hashes = {link.seq: link.hash for link in links}
    for each in certificate["documents"]:
        for entry in each["register"]:
            if hashes.get(entry["seq"]) != entry["hash"]:
                raise CertificateBroken("The register does not say this.", part=f"documents:{each['document']}")


def _documents(session: Session, list_id: str) -> list[dict[str, Any]]:
    """Each document of the list and each copy that shared its fate, as the register tells of them."""
    told: dict[str, dict[str, RegisterEntry]] = {}
    rows = select(RegisterEntry).where(RegisterEntry.list_id == list_id).order_by(RegisterEntry.seq)
    for entry in session.scalars(rows):
        told.setdefault(entry.document_id, {})[entry.event] = entry
    return [
        _document(session, document_id, events)
        for document_id, events in sorted(told.items())
        if register.DESTROYED in events
    ]


def _document(session: Session, document_id: str, events: dict[str, RegisterEntry]) -> dict[str, Any]:
    begun, destroyed = json.loads(events[register.BEGUN].entry), json.loads(events[register.DESTROYED].entry)
    said = {
        name: begun.get(name) for name in ("档号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")
    }
    document = session.get(Document, document_id)
    return {
        "document": document_id,
        **said,
        "page_count": begun.get("page_count"),
        "media_type": document.media_type if document else None,
        "sha256": begun["sha256"],
        "object_count": begun["object_count"],
        "object_sha256": begun["object_sha256"],
        "retention_class": begun.get("retention_class"),
        "authority": begun.get("authority"),
        "schedule_version": begun.get("schedule_version"),
        "key_destroyed": document_subject(document_id),
        "begun_at": begun["at"],
        "destroyed_at": destroyed["at"],
        "verified": destroyed["verified"],
        "register": [{"seq": each.seq, "event": each.event, "hash": each.hash} for each in events.values()],
    }


def _approvals(session: Session, list_id: str) -> list[dict[str, Any]]:
    rows = select(ListApproval).where(ListApproval.list_id == list_id, ListApproval.is_approved.is_(True))
    return [
        {**_person(session, each.user_id), "opinion": each.opinion, "at": each.decided_at.isoformat(timespec="seconds")}
        for each in session.scalars(rows.order_by(ListApproval.decided_at))
    ]


def _person(session: Session, user_id: str | None) -> dict[str, Any]:
    user = session.get(User, user_id) if user_id else None
    return {"id": user_id, "name": user.name if user else None, "department": user.department if user else None}


def _complete_on(ended: str | None, days: int) -> str | None:
    """When the last backup of a key that could open anything must have been deleted."""
    return (dt.datetime.fromisoformat(ended) + dt.timedelta(days=days)).date().isoformat() if ended else None


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
