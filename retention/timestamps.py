"""Time stamps (RFC 3161): another's word on when bytes were there. The only file that knows rfc3161-client.

A stamp is an authority's whole answer in DER, as `openssl ts -verify -in STAMP -data FILE -CAfile CA` reads it too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from records.errors import InvalidInput, TimestampInvalid

_WRONG = (VerificationError, ValueError, TypeError, OverflowError)
"""What the library raises, by the place at which an answer is not what it must be."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an authority is asked: a hash, never the bytes; and the number its answer must repeat."""

    body: bytes
    nonce: int


def request_for(data: bytes) -> Request:
    """Ask for a stamp with the authority's certificate in it, so that it can be checked when that has expired."""
    built = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    if built.nonce is None:
        raise AssertionError("a request without its nonce")
    return Request(body=built.as_bytes(), nonce=built.nonce)


def read_trust(file: Path) -> tuple[Certificate, ...]:
    """The certificates, PEM, of whom stamps are taken: the authority's root, and those between where it omits them."""
    try:
        return tuple(load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError) as exc:
        raise InvalidInput("The file with the time-stamping authority's CA is no certificate in PEM.") from exc


def check_stamp(
    stamp: bytes, data: bytes, trust: tuple[Certificate, ...], *, answers: Request | None = None
) -> dt.datetime:
    """When the authority saw exactly these bytes. Its certificate must have been valid on that day, not today.

    Args:
        answers: the request, where the stamp has just come back.

    Raises:
        TimestampInvalid: refused, damaged, over other bytes, not for this request, or not by whom we trust.
    """
    try:
        builder = VerifierBuilder(roots=list(trust))
        verifier = (builder.nonce(answers.nonce) if answers else builder).build()
        response = decode_timestamp_response(stamp)
        verifier.verify_message(response, data)
        return _moment(response)
    except _WRONG as exc:
        raise TimestampInvalid(f"The time stamp does not hold: {exc}.") from exc


def moment_of(stamp: bytes) -> dt.datetime:
    """What a stamp says, unchecked."""
    try:
        return _moment(decode_timestamp_response(stamp))
    except _WRONG as exc:
        raise TimestampInvalid("This is not a time stamp.") from exc


def _moment(response: TimeStampResponse) -> dt.datetime:
    return response.tst_info.gen_time.astimezone(dt.UTC)
