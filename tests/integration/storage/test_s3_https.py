"""The object store over https: its certificate is checked, and who signed it may be named in the environment."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from records.errors import StoreUnavailable
from records.ids import utc_now
from storage.places import open_object_store
from tests.contracts.objects_contract import NAME, keep
from tests.servers import S3Server, ServerDidNotStart, absent, running_s3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "store.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "object store of the tests")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now, day = utc_now(), dt.timedelta(days=1)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    signed = built.add_extension(here, critical=False).sign(key, hashes.SHA256())
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.with_suffix(".key").write_bytes(pem)
    return path


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[S3Server]:
    try:
        with running_s3(certificate) as server:
            yield server
    except (ServerDidNotStart, OSError) as exc:
        absent("S3 (SeaweedFS) with https", exc)


def test_objects_are_kept_and_deleted_over_https(
    server: S3Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    store = open_object_store(server.url("sealed"))
    store.prepare()
    keep(store, NAME, b"sealed")
    assert store.get(NAME) == b"sealed"
    assert store.delete_all("documents/d1/") == 1
    assert not store.exists(NAME)
    store.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    store = open_object_store(server.url("sealed"))
    with pytest.raises(StoreUnavailable):
        store.prepare()
    store.close()
