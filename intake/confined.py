"""Opening a file that somebody just sent, with nothing of it kept: the web process hands it to a child and waits.

The child has limits of memory and time, opens one file and ends. What it answers is JSON, never anything that is
executed, because what it opened may have taken it over. A child that is lost is the file's fault, `TooDemanding`.
"""

from __future__ import annotations

import base64
import json
import multiprocessing as mp
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from intake.formats.glimpse import glimpse
from intake.formats.inspection import Limits
from intake.pipeline import DISPLAY_LONG_SIDE_PX, jpeg_of
from intake.reading import read_pages
from intake.worker import limit_memory
from ocr.engine import OcrEngine, UprightPage
from records.documents import content_of
from records.errors import ArchiveError, EngineFailed, ReaderBusy, Rejected, TooDemanding

MOST_PAGES = 5
"""Of an uploaded file so many pages are read; a form has fewer."""
GLIMPSE_PX, GLIMPSE_S = 900, 30.0
WAIT_S = 20.0
_CONTEXT = mp.get_context("spawn")
_room = threading.BoundedSemaphore(1)
"""One file at a time: each may take the memory of a worker."""

Seen = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """How a file is opened. `open_engine` runs in the child and must be picklable; it should carry no secret."""

    open_engine: Callable[[], OcrEngine]
    limits: Limits
    memory_bytes: int
    timeout_s: float

    def glimpse(self, data: bytes) -> bytes:
        """A JPEG of the first page of a file that was refused, as far as it can be drawn.

        Raises:
            Rejected: nothing of it can be.
            ReaderBusy: others are being opened.
        """
        hurried = replace(self, timeout_s=min(self.timeout_s, GLIMPSE_S))
        return base64.b64decode(hurried._ask(_draw_first, data)["picture"])

    def read(self, data: bytes) -> list[Seen]:
        """The first pages as the line would read them: the sealed content of a page with its number, size and picture.

        Raises:
            Rejected: intake would refuse the file.
            Unreadable: the engine failed.
            ReaderBusy: others are being opened.
        """
        pages: list[Seen] = self._ask(_read, data)["pages"]
        return pages

    def _ask(self, task: Task, data: bytes) -> Seen:
        if not _room.acquire(timeout=WAIT_S):
            raise ReaderBusy
        try:
            answer = self._answer_of_child(task, data)
        finally:
            _room.release()
        if "error" in answer:
            raise _error_of(answer["error"])
        return answer

    def _answer_of_child(self, task: Task, data: bytes) -> Seen:
        ours, theirs = _CONTEXT.Pipe()
        child = _CONTEXT.Process(target=_work, args=(theirs, task, self), daemon=True)
        child.start()
        theirs.close()
        try:
            with closing(ours):
                ours.send_bytes(data)
                if not ours.poll(self.timeout_s):
                    raise TooDemanding(limit_s=self.timeout_s)
                answer = json.loads(ours.recv_bytes())
        except (EOFError, OSError, ValueError) as exc:
            raise TooDemanding from exc
        finally:
            child.kill()
            child.join()
        return answer if isinstance(answer, dict) else {}


Task = Callable[[bytes, Confinement], Seen]


def _work(theirs: Connection, task: Task, confinement: Confinement) -> None:
    """The life of the child."""
    data = theirs.recv_bytes()
    limit_memory(confinement.memory_bytes)
    try:
        answer = task(data, confinement)
    except ArchiveError as error:
        answer = {"error": error.code}
    except MemoryError:
        answer = {"error": TooDemanding.code}
    theirs.send_bytes(json.dumps(answer).encode())


def _error_of(code: object) -> ArchiveError:
    known: tuple[type[ArchiveError], ...] = (*Rejected.__subclasses__(), EngineFailed)
    return next((each for each in known if each.code == code), TooDemanding)()


def _draw_first(data: bytes, confinement: Confinement) -> Seen:
    page = glimpse(data, confinement.limits)
    return {"picture": base64.b64encode(jpeg_of(page.image, GLIMPSE_PX)).decode()}


def _read(data: bytes, confinement: Confinement) -> Seen:
    pages = read_pages(data, confinement.open_engine(), confinement.limits)
    return {"pages": [_seen(page) for page in islice(pages, MOST_PAGES)]}


def _seen(page: UprightPage) -> Seen:
    reading = page.reading
    return {
        "page_no": reading.page_no,
        "width_px": reading.width_px,
        "height_px": reading.height_px,
        "content": content_of(reading),
        "picture": base64.b64encode(jpeg_of(page.image, DISPLAY_LONG_SIDE_PX)).decode(),
    }
