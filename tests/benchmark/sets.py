"""The two sets of parts that are measured, each fresh."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import Settings
from tests.archives import Bench, embedded_settings, grown_settings, open_bench
from tests.servers import running_postgres, running_s3

SETS = ("SQLite + directory", "PostgreSQL + S3")


@contextmanager
def archive_settings(name: str, directory: str) -> Iterator[Settings]:
    """Settings of a new archive on the named set; servers run as they would in earnest, forcing to the disk."""
    if name == SETS[0]:
        yield embedded_settings(Path(directory))
        return
    with running_postgres(durable=True) as postgres, running_s3() as s3:
        database, bucket = postgres.url(postgres.create_database()), s3.url(f"t{secrets.token_hex(8)}")
        yield grown_settings(Path(directory), database, bucket)


@contextmanager
def opened(name: str) -> Iterator[Bench]:
    """An archive with this set of parts, thrown away afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="guidang-bench-") as directory,
        archive_settings(name, directory) as settings,
    ):
        bench = open_bench(settings)
        try:
            yield bench
        finally:
            bench.archive.close()
