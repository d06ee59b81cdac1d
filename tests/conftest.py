from __future__ import annotations

import os

import pytest

from tests.servers import (  # noqa: F401
    database_url,
    object_store,
    postgres_server,
    postgres_url,
    s3_bucket,
    s3_server,
    sqlite_url,
)

# Before any test module is imported: no setting of the machine may reach a test.
for _name in [name for name in os.environ if name.startswith("GUIDANG_")]:
    del os.environ[_name]


@pytest.fixture(autouse=True)
def _scrub_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting one test makes never reaches the next."""
    for name in [name for name in os.environ if name.startswith("GUIDANG_")]:
        monkeypatch.delenv(name)
