"""Opens the object store at a place: a directory or a bucket."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from records.errors import SettingInvalid
from storage.local import LocalObjects
from storage.objects import ObjectStore
from storage.s3 import S3Objects


def open_object_store(location: str, environ: Mapping[str, str] | None = None) -> ObjectStore:
    """Open a directory path or `s3://[access:secret@]host[:port]/bucket[?secure=0&region=…]`.

    Credentials left out of the URL come from GUIDANG_S3_ACCESS_KEY and GUIDANG_S3_SECRET_KEY.

    Raises:
        SettingInvalid: the location cannot be understood. The message never repeats it.
    """
    if location.startswith("s3://"):
        return S3Objects.from_url(location, os.environ if environ is None else environ)
    if not location or "://" in location:
        raise SettingInvalid("The object store is neither a directory nor s3://host/bucket.")
    return LocalObjects(Path(location))
