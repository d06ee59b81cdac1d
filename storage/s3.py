"""Objects in an S3 bucket with versioning; the only file that imports `minio`.

Writing once is a conditional put (`If-None-Match: *`): of several writers of one name the store lets one win and
answers the others 412, who then compare. The public client cannot send that header, nor list or abort unfinished
uploads, so three calls below use methods that `minio` 7.2 marks as internal; the contract suite runs them.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, unquote, urlsplit

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ENABLED
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from minio.versioningconfig import VersioningConfig

from records.errors import NotErased, ObjectExists, ObjectMissing, SettingInvalid, StoreUnavailable
from storage.objects import ObjectInfo, ObjectVersion, check_hash, check_name, check_prefix

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
POOL_SIZE = 32
LISTINGS_AT_ONCE = 8
DELETE_BATCH = 1000
DELETE_PASSES = 3
MAX_OBJECT_BYTES = 5 * 1024**3
"""What one request may carry; there are no uploads in parts, so none can be left unfinished by us."""

_ONLY_IF_NEW = {"If-None-Match": "*", "Content-Type": "application/octet-stream"}


class S3Objects:
    def __init__(self, client: Minio, bucket: str, http: urllib3.PoolManager) -> None:
        self._client = client
        self._bucket = bucket
        self._http = http

    @classmethod
    def from_url(cls, url: str, environ: Mapping[str, str]) -> S3Objects:
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        bucket = parts.path.strip("/")
        access = unquote(parts.username or "") or environ.get("GUIDANG_S3_ACCESS_KEY", "")
        secret = unquote(parts.password or "") or environ.get("GUIDANG_S3_SECRET_KEY", "")
        if not (parts.hostname and bucket and access and secret) or "/" in bucket:
            raise SettingInvalid(
                "The object store needs s3://host/bucket and credentials, in the URL (access:secret@host) or as "
                "GUIDANG_S3_ACCESS_KEY and GUIDANG_S3_SECRET_KEY."
            )
        http = _http()
        try:
            client = Minio(
                parts.netloc.rpartition("@")[2],
                access,
                secret,
                secure=query.get("secure", "1") not in {"0", "false", "no"},
                region=query.get("region", "us-east-1"),
                http_client=http,
            )
        except ValueError as exc:
            raise SettingInvalid("The address of the object store is not host or host:port.") from exc
        return cls(client, bucket, http)

    def prepare(self) -> None:
        with _translated():
            try:
                if not self._client.bucket_exists(self._bucket):
                    self._make_bucket()
            except ValueError as exc:
                raise SettingInvalid("The bucket's name is not valid.", bucket=self._bucket) from exc
            self._client.set_bucket_versioning(self._bucket, VersioningConfig(ENABLED))
            if self._client.get_bucket_versioning(self._bucket).status != ENABLED:
                raise SettingInvalid("The bucket does not keep versions.", bucket=self._bucket)
        self._prove_conditional_put()

    def put(self, name: str, data: bytes, sha256_hex: str) -> None:
        check_name(name)
        check_hash(data, sha256_hex)
        if self._put_if_new(name, data):
            return
        if hashlib.sha256(self.get(name)).hexdigest() != sha256_hex:
            raise ObjectExists(name=name)

    def get(self, name: str) -> bytes:
        check_name(name)
        with _translated(name), contextlib.ExitStack() as held:
            response = self._client.get_object(self._bucket, name)
            held.callback(response.release_conn)
            held.callback(response.close)
            data: bytes = response.read()  # urllib3 raises if fewer bytes arrive than were announced
            announced = response.headers.get("Content-Length")
        if announced is None or len(data) != int(announced):
            raise StoreUnavailable("An object was not transferred to its end.", name=name)
        return data

    def exists(self, name: str) -> bool:
        check_name(name)
        try:
            with _translated(name):
                self._client.stat_object(self._bucket, name)
        except ObjectMissing:
            return False
        return True

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with _translated():
            for found in self._client.list_objects(self._bucket, _prefix(prefix), recursive=True):
                yield ObjectInfo(name=str(found.object_name), size=found.size or 0)

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        with _translated():
            yield from self._stored(_prefix(prefix))
            yield from self._unfinished(prefix)

    def delete_all(self, prefix: str) -> int:
        return self.delete_each([prefix])

    def delete_each(self, prefixes: Sequence[str]) -> int:
        counts: Counter[str] = Counter(dict.fromkeys(prefixes, 0))
        refused: set[str] = set()
        left = self._below(prefixes)
        for _ in range(DELETE_PASSES):
            if not left:
                break
            counts.update({prefix: len(found) for prefix, found in left.items()})
            for batch in _batched(itertools.chain.from_iterable(left.values()), DELETE_BATCH):
                refused |= self._delete(batch)
            left = self._below(list(left))
        if left:
            prefix, found = next(iter(left.items()))
            raise NotErased(prefix=prefix, left=len(found), cause=",".join(sorted(refused)) or "still listed")
        for prefix, count in counts.items():
            log.info("objects deleted", extra={"action": "objects.delete_all", "prefix": prefix, "count": count})
        return counts.total()

    def occupied(self, prefixes: Sequence[str]) -> set[str]:
        return set(self._below(prefixes))

    def close(self) -> None:
        self._http.clear()

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as exc:
            if exc.code != "BucketAlreadyOwnedByYou":  # another process was quicker
                raise

    def _put_if_new(self, name: str, data: bytes) -> bool:
        with _translated(name):
            try:
                self._client._put_object(self._bucket, name, data, dict(_ONLY_IF_NEW))
            except S3Error as exc:
                # 409: two conditional writes met; the winner is there or will be. Comparing decides.
                if exc.code in {"PreconditionFailed", "ConditionalRequestConflict"}:
                    return False
                raise
        return True

    def _prove_conditional_put(self) -> None:
        """A store that overlooks the condition would let a second writer replace what a first was told is kept.

        That the probe can be deleted again shows that the bucket does not lock what is put into it.
        """
        probe = f"probes/{secrets.token_hex(8)}/object"
        try:
            self._put_if_new(probe, b"first")
            if self._put_if_new(probe, b"second"):
                raise SettingInvalid("The S3 server overlooks If-None-Match, which writing once needs. Use another.")
        finally:
            self._delete_probe(probe.removesuffix("object"))

    def _delete_probe(self, prefix: str) -> None:
        try:
            self.delete_all(prefix)
        except NotErased as exc:
            raise SettingInvalid(
                "What is put into the bucket cannot be deleted again: it locks objects (Object Lock), or the access "
                "key may not delete versions. Nothing could be destroyed. Use a bucket without a default retention.",
                bucket=self._bucket,
                cause=exc.facts["cause"],
            ) from exc

    def _below(self, prefixes: Sequence[str]) -> dict[str, Sequence[ObjectVersion]]:
        """All that is stored below each prefix, but for those below which nothing is.

        Each is listed by itself. Unfinished uploads, of which there are hardly ever any, are listed once for all.
        """
        if not prefixes:
            return {}
        with _translated(), ThreadPoolExecutor(LISTINGS_AT_ONCE) as pool:
            unfinished = (*self._unfinished(_common(prefixes)),)
            stored = pool.map(lambda prefix: (*self._stored(prefix),), map(check_prefix, prefixes))
            below = {
                prefix: (*found, *(each for each in unfinished if each.name.startswith(prefix)))
                for prefix, found in zip(prefixes, stored, strict=True)
            }
        return {prefix: found for prefix, found in below.items() if found}

    def _stored(self, prefix: str) -> Iterator[ObjectVersion]:
        for found in self._client.list_objects(self._bucket, prefix, recursive=True, include_version=True):
            yield ObjectVersion(
                name=str(found.object_name),
                version_id=found.version_id or "",
                size=found.size or 0,
                is_delete_marker=found.is_delete_marker,
            )

    def _unfinished(self, prefix: str) -> Iterator[ObjectVersion]:
        key_marker = upload_marker = None
        while True:
            found = self._client._list_multipart_uploads(
                self._bucket, prefix=prefix, key_marker=key_marker, upload_id_marker=upload_marker
            )
            for upload in found.uploads:
                name, upload_id = str(upload.object_name), str(upload.upload_id)
                if name.startswith(prefix):
                    yield ObjectVersion(name=name, version_id=upload_id, size=0, is_unfinished=True)
            if not found.is_truncated:
                return
            key_marker, upload_marker = found.next_key_marker, found.next_upload_id_marker

    def _delete(self, batch: Sequence[ObjectVersion]) -> set[str]:
        """Delete each version and abort each unfinished upload; gives the codes of what was refused."""
        for upload in (each for each in batch if each.is_unfinished):
            with contextlib.suppress(ObjectMissing), _translated(upload.name):
                self._client._abort_multipart_upload(self._bucket, upload.name, upload.version_id)
        stored = [DeleteObject(each.name, each.version_id or None) for each in batch if not each.is_unfinished]
        with _translated():
            return {str(error.code) for error in self._client.remove_objects(self._bucket, stored)}


def _http() -> urllib3.PoolManager:
    """Connections kept and reused by all threads, with an end to every wait and a few repeats.

    Repeating is safe for all that is sent: a put that had in fact arrived answers 412 and is compared.
    """
    return urllib3.PoolManager(
        maxsize=POOL_SIZE,
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
        retries=urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504)),
        cert_reqs="CERT_REQUIRED",
        ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
    )


def _prefix(prefix: str) -> str:
    return check_prefix(prefix) if prefix else ""


def _common(prefixes: Sequence[str]) -> str:
    """The longest prefix that all of these begin with, to a slash; empty where they share none."""
    common = os.path.commonpath(prefixes)
    return f"{common}/" if common else ""


def _batched(found: Iterator[ObjectVersion], size: int) -> Iterator[Sequence[ObjectVersion]]:
    while batch := tuple(itertools.islice(found, size)):
        yield batch


@contextlib.contextmanager
def _translated(name: str | None = None) -> Iterator[None]:
    try:
        yield
    except S3Error as exc:
        if exc.code in {"NoSuchKey", "NoSuchVersion", "NoSuchUpload"}:
            raise ObjectMissing(name=name) from exc
        raise StoreUnavailable("The object store refused.", cause=exc.code) from exc
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as exc:
        raise StoreUnavailable("The object store does not answer.", cause=type(exc).__name__) from exc
