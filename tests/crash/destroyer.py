"""The process that carries out one destruction list, to be killed.

It is forked from a server that has loaded the program already and opened nothing, so that hundreds can be killed. It
says when it begins, so that whoever kills it knows that it is at work.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import sys
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from api.bootstrap import open_archive
from api.settings import Settings
from records.actors import Actor
from records.ids import utc_now
from records.terms import Role
from retention import destruction
from retention.destruction import execute_list
from tests.crash.processes import DidNotHappen

EXECUTOR = "d"
BATCH = 2
"""Documents of a list that share a transaction here: kills fall between batches too."""
START_PATIENCE_S = 120.0
_LOADED = ["tests.crash.disposal", "pytest"]


def begin(settings: Settings, list_id: str, log: Path) -> ForkServerProcess:
    """A process at work on the list; what it complains of goes to the log.

    Raises:
        DidNotHappen: it did not begin.
    """
    context = mp.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_carry_out, args=(settings, list_id, log, theirs))
    process.start()
    theirs.close()
    try:
        if ours.poll(START_PATIENCE_S) and ours.recv():
            return process
    except EOFError as exc:
        raise DidNotHappen(f"the execution did not begin:\n{log.read_text()[-2000:]}") from exc
    finally:
        ours.close()
    raise DidNotHappen(f"the execution did not begin within {START_PATIENCE_S:.0f} s")


def _carry_out(settings: Settings, list_id: str, log: Path, at_work: Connection) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    destruction.BATCH = BATCH
    archive = open_archive(settings)
    actor = Actor(id=EXECUTOR, roles=frozenset({Role.ARCHIVIST}), regions=None)
    at_work.send(True)
    for _ in execute_list(archive.destruction_means(), actor, list_id, utc_now().date()):
        pass
    archive.close()
