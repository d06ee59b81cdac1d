"""A time-stamping authority on loopback: openssl makes real stamps, a small server gives them, faults have names."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIGURATION = """[tsa]
default_tsa = stamps
[stamps]
serial = {serial}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""
YEAR = dt.timedelta(days=365)

Fault = Callable[[bytes, "TimeAuthority"], bytes]


def garbage(query: bytes, authority: TimeAuthority) -> bytes:
    return b"<html>It works!</html>"


def nothing(query: bytes, authority: TimeAuthority) -> bytes:
    return b""


def wrong_nonce(query: bytes, authority: TimeAuthority) -> bytes:
    """A real stamp over the right hash, for a request of another day."""
    at = _nonce_at(query)
    return authority.reply(query[:at] + bytes([query[at] ^ 1]) + query[at + 1 :])


def wrong_hash(query: bytes, authority: TimeAuthority) -> bytes:
    """A real stamp with the right nonce, over other bytes."""
    at = query.index(b"\x04\x20") + 2
    return authority.reply(query[:at] + hashlib.sha256(b"other bytes").digest() + query[at + 32 :])


def refuses(query: bytes, authority: TimeAuthority) -> bytes:
    """What a real authority says to a request it cannot read."""
    return authority.reply(query[:-1])


def expired_certificate(query: bytes, authority: TimeAuthority) -> bytes:
    return authority.reply(query, signer="expired")


def of_another_ca(query: bytes, authority: TimeAuthority) -> bytes:
    return authority.reply(query, signer="stranger")


def never_answers(query: bytes, authority: TimeAuthority) -> bytes:
    authority.released.wait(30)
    return b""


FAULTS: tuple[Fault, ...] = (
    garbage,
    nothing,
    wrong_nonce,
    wrong_hash,
    refuses,
    expired_certificate,
    of_another_ca,
    never_answers,
)


def _nonce_at(query: bytes) -> int:
    """The last byte of the nonce: before the request for the certificate, which ends it."""
    return query.rindex(b"\x01\x01\xff") - 1


@dataclass
class TimeAuthority:
    """`fault` may be changed between two requests."""

    directory: Path
    ca_file: Path
    url: str = ""
    fault: Fault | None = None
    asked: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        return self.fault(query, self) if self.fault else self.reply(query)

    def reply(self, query: bytes, signer: str = "stamper") -> bytes:
        """What openssl answers."""
        asked, answered = self.directory / f"{time.monotonic_ns()}.tsq", self.directory / f"{time.monotonic_ns()}.tsr"
        asked.write_bytes(query)
        command = (
            f"openssl ts -reply -config {self.directory / 'openssl.cnf'} -section stamps -queryfile {asked} "
            f"-signer {self.directory / signer}.pem -inkey {self.directory / signer}.key -out {answered}"
        )
        done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
        if not answered.exists():
            raise AssertionError(done.stderr)
        return answered.read_bytes()


@contextmanager
def time_authority(directory: Path) -> Iterator[TimeAuthority]:
    """An authority with its CA made for this once."""
    directory.mkdir()
    (directory / "openssl.cnf").write_text(_CONFIGURATION.format(serial=directory / "serial"))
    (directory / "serial").write_text("01\n")
    now = dt.datetime.now(dt.UTC)
    ca, strange = _ca("Time CA", now), _ca("Another CA", now)
    (directory / "ca.pem").write_bytes(ca[0].public_bytes(serialization.Encoding.PEM))
    _issue(directory / "stamper", ca, (now - YEAR, now + YEAR), number=2)
    _issue(directory / "expired", ca, (now - 2 * YEAR, now - YEAR), number=3)
    _issue(directory / "stranger", strange, (now - YEAR, now + YEAR), number=4)
    authority = TimeAuthority(directory=directory, ca_file=directory / "ca.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(authority))
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield authority
    finally:
        authority.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(authority: TimeAuthority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the tests' output."""

    return Handler


Issuer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _ca(name: str, now: dt.datetime) -> Issuer:
    key, named = ec.generate_private_key(ec.SECP256R1()), _name(name)
    built = _certificate(named, named, key, (now - 10 * YEAR, now + 10 * YEAR), number=1)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return built.sign(key, hashes.SHA256()), key


def _issue(path: Path, issuer: Issuer, valid: tuple[dt.datetime, dt.datetime], *, number: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    built = _certificate(_name(path.name), issuer[0].subject, key, valid, number=number)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    signed = built.sign(issuer[1], hashes.SHA256())
    path.with_suffix(".pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.with_suffix(".key").write_bytes(pem)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    valid: tuple[dt.datetime, dt.datetime],
    *,
    number: int,
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder(issuer, subject, key.public_key(), number, valid[0], valid[1])
    return built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
