"""A real browser on a served archive: the pages as people have them, recognition stubbed."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from api.app import create_app
from api.passwords import Argon2Passwords
from records import accounts
from records.accounts import NewUser
from records.terms import Role
from tests.archives import Bench, embedded_settings, open_bench

PASSWORD = "a password of one's own"
PICTURES = Path(__file__).resolve().parents[2] / "build" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: install the Debian package chromium")
        pytest.skip("NO BROWSER: the pages are not tested. Install the Debian package chromium.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@dataclass
class Served:
    """A bench behind a socket, and people who sit at a browser."""

    bench: Bench
    app: FastAPI
    address: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What browsers complained about; a test ends with none."""

    def settings(self, **changed: Any) -> None:
        """Other settings from now on."""
        self.app.state.settings = self.bench.settings.model_copy(update=changed)

    def person(self, name: str, *roles: Role, regions: list[str] | None = None, one_time: bool = False) -> str:
        """A person with a password of his own; gives the user's id."""
        with self.bench.archive.transaction() as session:
            user, _ = accounts._add_user(session, PASSWORDS, NewUser(name=name, roles=roles, regions=regions))
            user.password_hash, user.must_change_password = PASSWORDS.hash(PASSWORD), one_time
            return user.id

    def sit_down(self, language: str = "zh-CN") -> Page:
        """An empty browser at 1366 × 768, before any login."""
        context = self.browser.new_context(viewport={"width": 1366, "height": 768}, locale=language)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", self._heard)
        page.on("request", self._asked)
        return page

    def log_in(self, name: str, *roles: Role, then: str = "/", **about: Any) -> Page:
        self.person(name, *roles, **about)
        return self.enter(name, then=then)

    def enter(self, name: str, then: str = "/") -> Page:
        page = self.sit_down()
        page.goto(self.address + then)
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal that a page shows to its person is logged by the browser as a failed load.
        if message.type in ("error", "warning") and not re.search(r"status of (401|403|404|409|415|422)", message.text):
            self.problems.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.problems.append(f"asked another host: {request.url}")


PASSWORDS = Argon2Passwords(time_cost=1, memory_kib=64)


@pytest.fixture
def desk(tmp_path: Path, browser: Browser) -> Iterator[Served]:
    bench = open_bench(embedded_settings(tmp_path))
    app = create_app(bench.archive, bench.settings, PASSWORDS)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    served = Served(bench=bench, app=app, address=f"http://127.0.0.1:{port}", browser=browser)
    try:
        yield served
    finally:
        for context in served.contexts:
            context.close()
        server.should_exit = True
        thread.join()
        bench.archive.close()
    assert served.problems == []


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
