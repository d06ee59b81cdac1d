from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.passwords import Argon2Passwords
from records import accounts
from records.accounts import NewUser
from records.terms import Role
from tests.archives import Bench, bench, bench_settings, embedded_settings, open_bench  # noqa: F401

API = "/api/v1"
PASSWORD = "a password of one's own"


@dataclass
class Caller:
    """Somebody who talks to the API, and reads answers only after looking at their status."""

    http: TestClient
    id: str = ""
    """Of the user."""

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        return self._read(self.http.get(API + path, params=params), status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._read(self.http.post(API + path, json=body or {}, headers=named), status)

    def put_file(self, batch_id: str, file_no: int, data: bytes, status: int = 200, name: str = "扫描.png") -> Any:
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        headers = {"Content-Digest": f"sha-256=:{digest}:", "X-File-Name": quote(name)}
        return self._read(
            self.http.put(f"{API}/batches/{batch_id}/files/{file_no}", content=data, headers=headers), status
        )

    def _read(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.text
        is_json = (
            answer.headers.get("content-type", "").endswith("json") and "ndjson" not in answer.headers["content-type"]
        )
        return answer.json() if is_json else answer.content


@dataclass
class House:
    """A bench with its HTTP application and people who are logged in."""

    bench: Bench
    app: FastAPI
    passwords: Argon2Passwords
    stack: ExitStack

    def caller(self) -> Caller:
        """Nobody yet."""
        return Caller(self.stack.enter_context(TestClient(self.app, raise_server_exceptions=False)))

    def person(self, name: str, *roles: Role, regions: list[str] | None = None) -> Caller:
        """Somebody with a password of his own, logged in."""
        with self.bench.archive.transaction() as session:
            new = NewUser(name=name, roles=roles, regions=regions)
            user, _ = accounts._add_user(session, self.passwords, new)
            user.password_hash, user.must_change_password = self.passwords.hash(PASSWORD), False
        caller = self.caller()
        caller.post("/sessions", {"name": name, "password": PASSWORD}, 201)
        caller.id = user.id
        return caller

    def station(self, admin: Caller | None = None, name: str = "二号扫描站") -> Caller:
        admin = admin or self.person(f"admin of {name}", Role.ADMINISTRATOR)
        made = admin.post("/stations", {"name": name, "region_code": "HD"}, 201)
        caller = self.caller()
        caller.http.headers["Authorization"] = f"Bearer {made['token']}"
        caller.id = made["station"]["id"]
        return caller


@pytest.fixture(scope="session")
def passwords() -> Argon2Passwords:
    """The real hash, made cheap."""
    return Argon2Passwords(time_cost=1, memory_kib=64)


@pytest.fixture
def house(bench: Bench, passwords: Argon2Passwords) -> Iterator[House]:  # noqa: F811
    with ExitStack() as stack:
        yield House(
            bench=bench, app=create_app(bench.archive, bench.settings, passwords), passwords=passwords, stack=stack
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, passwords: Argon2Passwords) -> Iterator[House]:
    """One house on the embedded parts for all tests of a module: for what does not depend on the parts."""
    opened = open_bench(embedded_settings(tmp_path_factory.mktemp("home")))
    with ExitStack() as stack:
        stack.callback(opened.archive.close)
        app = create_app(opened.archive, opened.settings, passwords)
        yield House(bench=opened, app=app, passwords=passwords, stack=stack)
