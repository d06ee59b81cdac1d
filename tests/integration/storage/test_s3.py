from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator

import pytest

from records.errors import NotErased, StoreUnavailable
from storage.objects import ObjectStore
from storage.places import open_object_store
from storage.s3 import S3Objects
from tests.contracts.objects_contract import NAME, ObjectStoreContract, keep
from tests.servers import S3Server


@pytest.fixture
def location(s3_bucket: str) -> str:
    return s3_bucket


@pytest.fixture
def store(location: str) -> Iterator[ObjectStore]:
    store = open_object_store(location)
    store.prepare()
    yield store
    store.close()


class TestS3Objects(ObjectStoreContract):
    race_rounds = 3  # SeaweedFS takes seconds to order writers of one name


class CuttingProxy:
    """Passes bytes on to a server and hangs up once `cut_after` bytes of an answer have passed."""

    def __init__(self, target: str) -> None:
        host, port = target.split(":")
        self.target = (host, int(port))
        self.cut_after: int | None = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        passed = 0
        try:
            while chunk := source.recv(65536):
                if is_answer and self.cut_after is not None and passed + len(chunk) > self.cut_after:
                    sink.sendall(chunk[: self.cut_after - passed])
                    self.cuts += 1
                    break
                sink.sendall(chunk)
                passed += len(chunk)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def cutting_proxy(s3_server: S3Server) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(s3_server.endpoint)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("cut_after", [0, 100, 1_000, 500_000, 999_999])
def test_a_short_read_is_unavailable_never_short(
    s3_server: S3Server, s3_bucket: str, cutting_proxy: CuttingProxy, cut_after: int
) -> None:
    store = open_object_store(s3_bucket.replace(s3_server.endpoint, cutting_proxy.address))
    store.prepare()
    data = hashlib.shake_128(b"long").digest(1_000_000)
    keep(store, NAME, data)
    store.close()

    cutting_proxy.cut_after = cut_after
    with pytest.raises(StoreUnavailable):
        store.get(NAME)
    assert cutting_proxy.cuts > 0

    cutting_proxy.cut_after = None
    assert store.get(NAME) == data
    store.close()


def test_a_put_whose_answer_is_lost_may_be_repeated(
    s3_server: S3Server, s3_bucket: str, cutting_proxy: CuttingProxy
) -> None:
    store = open_object_store(s3_bucket.replace(s3_server.endpoint, cutting_proxy.address))
    store.prepare()
    store.close()
    cutting_proxy.cut_after = 10
    with pytest.raises(StoreUnavailable):
        keep(store, NAME, b"perhaps there")
    cutting_proxy.cut_after = None
    keep(store, NAME, b"perhaps there")
    assert store.get(NAME) == b"perhaps there"
    assert len(list(store.versions("documents/d1/"))) == 1
    store.close()


def test_older_versions_delete_markers_and_unfinished_uploads_are_all_deleted(store: S3Objects) -> None:
    client, bucket = store._client, store._bucket
    for content in (b"one", b"two", b"three"):
        client._put_object(bucket, NAME, content)
    client.remove_object(bucket, NAME)
    upload = client._create_multipart_upload(bucket, "documents/d1/pages/1-image", {})
    client._upload_part(bucket, "documents/d1/pages/1-image", b"part" * 2_000_000, None, upload, 1)
    client._create_multipart_upload(bucket, "documents/d10/pages/1-image", {})

    found = list(store.versions("documents/d1/"))
    assert not store.exists(NAME)
    assert sum(each.is_delete_marker for each in found) == 1
    assert sum(each.is_unfinished for each in found) == 1
    assert len(found) == 5
    assert store.delete_all("documents/d1/") == 5
    assert list(store.versions("documents/d1/")) == []
    assert len(list(store.versions("documents/d10/"))) == 1


def test_what_any_of_many_prefixes_still_holds_is_seen_and_deleted(store: S3Objects) -> None:
    """Of one only a delete marker, of another only an upload that was never finished."""
    client, bucket = store._client, store._bucket
    prefixes = [f"documents/d{number}/" for number in range(1, 13)]
    keep(store, "documents/d3/original/a", b"x")
    client.remove_object(bucket, "documents/d3/original/a")
    client._create_multipart_upload(bucket, "documents/d7/pages/1-image", {})
    client._create_multipart_upload(bucket, "documents/d70/pages/1-image", {})

    assert store.occupied(prefixes) == {"documents/d3/", "documents/d7/"}
    assert store.delete_each(prefixes) == 3
    assert store.occupied([*prefixes, "documents/d70/"]) == {"documents/d70/"}


def test_more_than_a_thousand_versions_are_deleted(store: S3Objects) -> None:
    for number in range(1005):
        store._client._put_object(store._bucket, f"documents/d1/pages/{number // 5}-image", b"x")
    assert len(list(store.versions("documents/d1/"))) == 1005
    assert store.delete_all("documents/d1/") == 1005
    assert list(store.versions("documents/d1/")) == []


def test_what_the_store_keeps_is_not_called_deleted(store: S3Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, NAME, b"locked")
    monkeypatch.setattr(store._client, "remove_objects", lambda *_arguments: iter(()))
    with pytest.raises(NotErased) as caught:
        store.delete_each(["documents/d0/", "documents/d1/", "documents/d2/"])
    assert caught.value.retryable
    assert caught.value.facts["prefix"] == "documents/d1/"


def test_wrong_credentials_are_unavailable_and_not_repeated(s3_server: S3Server, s3_bucket: str) -> None:
    store = open_object_store(s3_bucket.replace(s3_server.secret_key, "hunter2hunter2"))
    with pytest.raises(StoreUnavailable) as caught:
        store.prepare()
    assert "hunter2" not in str(caught.value)
    store.close()


def test_credentials_may_come_from_the_environment(s3_server: S3Server, s3_bucket: str) -> None:
    location = s3_bucket.replace(f"{s3_server.access_key}:{s3_server.secret_key}@", "")
    environ = {"GUIDANG_S3_ACCESS_KEY": s3_server.access_key, "GUIDANG_S3_SECRET_KEY": s3_server.secret_key}
    store = open_object_store(location, environ)
    store.prepare()
    keep(store, NAME, b"x")
    assert store.exists(NAME)
    store.close()


def test_no_server_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    store = open_object_store(f"s3://access:secretsecret@127.0.0.1:{port}/bucket?secure=0")
    with pytest.raises(StoreUnavailable):
        store.get(NAME)
    store.close()
