"""How long the verify page keeps a practised clerk: `python -m tests.benchmark pace`.

Twenty licences that wait for a person – those of the samples, and generated ones until there are as many – read by the
true recognition, behind a true service, settled by real key presses in Chromium. Think time is not counted: each key is
pressed as soon as the page shows what the key before did. Enter where nothing fails, Alt+A where a check fails (the
paper says so), Alt+P where nothing was read: what a clerk does when the machine read what is printed.

Times are those of the page's own clock, from the key's event to the frame that shows its effect.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import uvicorn
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import func, select

from api.app import create_app
from api.bootstrap import open_ocr
from api.commands.demo_stage import samples_directory
from api.passwords import Argon2Passwords
from api.settings import Settings
from intake.archive import Archive
from intake.pipeline import Reader
from intake.worker import drain
from records import accounts
from records.accounts import NewUser, Passwords
from records.ids import utc_now
from records.models import Document
from records.terms import Role, WaitingFor
from samples.generate.volume import generate
from tests.archives import Bench, embedded_settings, open_bench
from tests.benchmark.report import Table

RECORDS = 20
MOST_GENERATED = 60
GENERATED = ("licence_landscape", "licence_portrait", "licence_sole_trader", "licence_branch")
NOISE = 0.5
PATIENCE = dt.timedelta(minutes=10)
GOAL_S, VIEW_GOAL_S = 6.0, 0.5
PASSWORD = "a password of one's own"
PASSWORDS = Argon2Passwords(time_cost=1, memory_kib=64)
BROWSER = ("/usr/bin/chromium", "/usr/bin/chromium-browser")

NOTE_KEYS = "addEventListener('keydown', () => { window.pressedAt = performance.now(); }, true);"
SHOWN = """async (was) => {
  const begun = performance.now();
  const standing = () => JSON.stringify([location.pathname, document.querySelectorAll('.doubt:not(.doubtful)').length,
    document.querySelector('.open label')?.textContent ?? null, document.querySelector('.end') !== null,
    document.querySelector('#said.problem')?.textContent ?? null]);
  const drawn = () => new Promise((done) => requestAnimationFrame(done));
  while (standing() === was && performance.now() - begun < 20000) await drawn();
  const fields = performance.now();
  const image = () => document.querySelector('.stage img');
  while (image() && !image().complete) await drawn();
  const loaded = performance.getEntriesByType('resource').find((each) => image() && each.name === image().src);
  return {now: standing(), fields, image: performance.now(), pressed: window.pressedAt ?? 0,
    loaded: loaded?.responseEnd ?? 0, failed: document.querySelector('.open .failed') !== null,
    value: document.querySelector('.open .value')?.value ?? null, atEnd: document.querySelector('.end') !== null,
    isOver: !document.querySelector('.open, .end')};
}"""
"""What the page shows once it differs from `was`; times in milliseconds of its own clock."""


@dataclass
class Pace:
    """Seconds. `ahead` counts the documents whose page image had come before the key that asked for them."""

    first_fields_s: float = 0.0
    first_image_s: float = 0.0
    keys_s: list[float] = field(default_factory=list)
    next_fields_s: list[float] = field(default_factory=list)
    next_image_s: list[float] = field(default_factory=list)
    records_s: list[float] = field(default_factory=list)
    asked: int = 0
    ahead: int = 0


def work_through(page: Page, address: str, records: int, *, think_s: float = 0.0) -> Pace:
    """Settle this many documents from the head of the queue on, by keys alone.

    Args:
        think_s: how long a look before the last key of each takes.
    """
    page.add_init_script(NOTE_KEYS)
    page.goto(f"{address}/verify/next", wait_until="commit")
    seen = _until_open(page)
    pace = Pace(first_fields_s=seen["fields"] / 1000, first_image_s=seen["image"] / 1000)
    for number in range(1, records + 1):
        begun = seen["image"]
        while not seen["atEnd"]:
            seen = _press(page, _key(seen), seen)
            pace.keys_s.append((seen["image"] - seen["pressed"]) / 1000)
        time.sleep(think_s)
        seen = _press(page, "Enter", seen)
        pace.records_s.append((seen["fields"] - begun) / 1000)
        if number == records or seen["isOver"]:
            break
        pace.asked += 1
        pace.ahead += 0 < seen["loaded"] < seen["pressed"]
        pace.next_fields_s.append((seen["fields"] - seen["pressed"]) / 1000)
        pace.next_image_s.append((seen["image"] - seen["pressed"]) / 1000)
    return pace


def _key(seen: dict[str, Any]) -> str:
    if not seen["value"]:
        return "Alt+p"
    return "Alt+a" if seen["failed"] else "Enter"


def _until_open(page: Page) -> dict[str, Any]:
    page.wait_for_selector(".open .value")
    seen: dict[str, Any] = page.evaluate(SHOWN, "")
    return seen


def _press(page: Page, key: str, seen: dict[str, Any]) -> dict[str, Any]:
    page.keyboard.press(key)
    shown: dict[str, Any] = page.evaluate(SHOWN, seen["now"])
    assert shown["now"] != seen["now"], f"{key} did nothing: {seen}"
    return shown


def view_document(page: Page, address: str, document_id: str) -> float:
    """Seconds from asking for a document's page until its image is drawn."""
    page.goto(f"{address}/documents/{document_id}", wait_until="commit")
    page.wait_for_selector(".stage img")
    seen: dict[str, Any] = page.evaluate(SHOWN, "")
    return float(seen["image"]) / 1000


def measure(records: int = RECORDS) -> tuple[Table, list[str]]:
    with tempfile.TemporaryDirectory(prefix="guidang-pace-") as directory, sync_playwright() as playwright:
        bench = open_bench(embedded_settings(Path(directory)))
        try:
            _read_licences(bench, records)
            path = next((each for each in BROWSER if Path(each).exists()), None)
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            with served(bench.archive, bench.settings, PASSWORDS) as address:
                page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
                ids = _log_in(bench, page, address)
                pace = work_through(page, address, records)
                views = sorted(view_document(page, address, each) for each in ids[:records])
            browser.close()
        finally:
            bench.archive.close()
    return _table(pace, views), _wrong(pace, views)


def _read_licences(bench: Bench, records: int) -> None:
    """Until as many wait for a person as are asked for."""
    reader = Reader(open_ocr(bench.settings))
    bench.send(*(path.read_bytes() for path in sorted(samples_directory().glob("licence-*.*"))))
    drain(bench.archive, reader, until=utc_now() + PATIENCE)
    for seed in range(MOST_GENERATED):
        if (waiting := _waiting(bench)) >= records:
            return
        sys.stderr.write(f"{waiting} licences wait\n")
        pixels, _ = generate(GENERATED[seed % len(GENERATED)], seed, NOISE)
        bench.send(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
        drain(bench.archive, reader, until=utc_now() + PATIENCE)


def _waiting(bench: Bench) -> int:
    with bench.archive.reading() as session:
        waiting = select(func.count()).where(Document.waiting_for == WaitingFor.FIELDS)
        return session.scalar(waiting) or 0


def _log_in(bench: Bench, page: Page, address: str) -> list[str]:
    with bench.archive.transaction() as session:
        user, _ = accounts._add_user(session, PASSWORDS, NewUser(name="clerk", roles=[Role.VERIFIER], regions=None))
        user.password_hash, user.must_change_password = PASSWORDS.hash(PASSWORD), False
        ids = list(session.scalars(select(Document.id).where(Document.waiting_for == WaitingFor.FIELDS)))
    page.goto(f"{address}/verify")
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#start")
    return ids


@contextmanager
def served(archive: Archive, settings: Settings, passwords: Passwords | None = None) -> Iterator[str]:
    """The address of a service over this archive."""
    app = create_app(archive, settings, passwords)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _table(pace: Pace, views: list[float]) -> Table:
    done = len(pace.records_s)
    table = Table(
        title=f"The verify page over {done} licences, by real key presses",
        head=("what", "median, s", "slowest, s"),
        note=f"{len(pace.keys_s) / done:.1f} doubts a licence; think time is not counted. The image of {pace.ahead} of "
        f"{pace.asked} next documents was there before it was asked for.",
    )
    table.rows += [
        ("a record, from its image to the next one's fields", *_spread(pace.records_s)),
        ("first page: fields, image", f"{pace.first_fields_s:.2f}", f"{pace.first_image_s:.2f}"),
        ("a key: saved, drawn, the next doubt lit", *_spread(pace.keys_s)),
        ("last Enter to the next document's fields", *_spread(pace.next_fields_s)),
        ("last Enter to the next document's image", *_spread(pace.next_image_s)),
        ("document page: asked for to image", *_spread(views)),
    ]
    return table


def _spread(seconds: list[float]) -> tuple[str, str]:
    return f"{median(seconds):.2f}", f"{max(seconds):.2f}"


def _wrong(pace: Pace, views: list[float]) -> list[str]:
    wrong = []
    if (record_s := median(pace.records_s)) > GOAL_S:
        wrong.append(f"a record takes {record_s:.1f} s, more than {GOAL_S:.0f}")
    if (view_s := median(views)) > VIEW_GOAL_S:
        wrong.append(f"a document's page takes {view_s:.2f} s, more than {VIEW_GOAL_S}")
    return wrong
