"""A store that locks objects (Object Lock): what cannot be deleted is never called deleted."""

from __future__ import annotations

import datetime as dt
import secrets
import time

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.retention import Retention

from records.errors import NotErased, SettingInvalid
from records.ids import utc_now
from storage.places import open_object_store
from tests.contracts.objects_contract import NAME, keep
from tests.servers import S3Server

LOCKED_S = 3


def test_a_bucket_that_locks_its_objects_is_refused_at_the_start(s3_server: S3Server) -> None:
    bucket = f"t{secrets.token_hex(8)}"
    client = s3_client(s3_server)
    client.make_bucket(bucket, object_lock=True)
    client.set_object_lock_config(bucket, ObjectLockConfig(GOVERNANCE, 1, DAYS))
    store = open_object_store(s3_server.url(bucket))
    with pytest.raises(SettingInvalid, match="Object Lock") as refused:
        store.prepare()
    assert refused.value.facts["bucket"] == bucket
    store.close()


def test_an_object_locked_later_is_not_erased_until_its_lock_ran_out(s3_server: S3Server) -> None:
    bucket = f"t{secrets.token_hex(8)}"
    client = s3_client(s3_server)
    client.make_bucket(bucket, object_lock=True)
    store = open_object_store(s3_server.url(bucket))
    store.prepare()
    keep(store, NAME, b"under investigation")
    (kept,) = store.versions("documents/d1/")
    until = utc_now() + dt.timedelta(seconds=LOCKED_S)
    client.set_object_retention(bucket, NAME, Retention(COMPLIANCE, until), version_id=kept.version_id)

    with pytest.raises(NotErased) as refused:
        store.delete_all("documents/d1/")
    assert refused.value.facts["left"] == 1
    assert store.get(NAME) == b"under investigation"

    time.sleep((until - utc_now()).total_seconds() + 1)
    assert store.delete_all("documents/d1/") == 1
    assert not store.occupied(["documents/d1/"])
    store.close()


def s3_client(server: S3Server) -> Minio:
    return Minio(server.endpoint, server.access_key, server.secret_key, secure=False)
