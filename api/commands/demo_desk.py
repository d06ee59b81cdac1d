"""`guidang demo --desk`: the same line, looked at in a browser by somebody who has never seen it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console

from api.commands.demo_destruction import give_owner, propose_approved
from api.commands.demo_people import Person
from api.commands.demo_stage import ARCHIVIST, CLERK, VISITOR, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from intake.archive import Archive

LOOK_S = 0.5


def show_desk(
    console: Console, stage: Stage, archive: Archive, address: str, send: Callable[[], None], wait: Callable[[], None]
) -> None:
    """Say where to look, send the samples once somebody looks, prepare a destruction, and stay until told to end.

    Args:
        send: sends the samples from the station.
        wait: until the workers are done.
    """
    say = partial(console.print, markup=False, highlight=False)
    with _told_to_end():
        _welcome(say, address, stage.logins[VISITOR])
        while not stage.has_logged_in(archive, VISITOR):
            time.sleep(LOOK_S)
        send()
        say("   Watch them at 批次 (Batches). The first licences soon wait at 核验 (Verify).")
        wait()
        _prepare_destruction(say, stage, archive, address, wait)
        say("\nEverything is there. Ctrl-C ends; the same command comes back to it.")
        while True:
            time.sleep(60)


def _welcome(say: Callable[[str], None], address: str, password: str) -> None:
    say(f"\nOpen in a browser   {address}\n   用户名 (name)       {VISITOR}\n   密码 (password)     {password}")
    say("The station sends the samples as soon as you are logged in.")


def _prepare_destruction(
    say: Callable[[str], None], stage: Stage, archive: Archive, address: str, wait: Callable[[], None]
) -> None:
    """Everything but carrying it out: that is left to the visitor."""
    clerk, archivist = (Person(address, name, stage.logins[name]) for name in (CLERK, ARCHIVIST))
    try:
        if give_owner(say, clerk):
            wait()
        proposed = propose_approved(say, stage, address, archivist)
        if proposed is not None:
            say(f"   {proposed['number']} is approved: carry it out at 保管 (Retention), then see 销毁登记 (Register).")
    finally:
        clerk.close()
        archivist.close()


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the demonstration in good order."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
