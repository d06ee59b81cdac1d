"""What commands share: the settings they were called with, the archive opened, who they act as, where they print.

The archive's parts are imported where a command needs them: a station and `--help` start without.
"""

from __future__ import annotations

import getpass
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from records.terms import Role

if TYPE_CHECKING:
    from api.settings import Settings
    from intake.archive import Archive
    from records.actors import Actor


PLAIN_WIDTH = 150


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What was said before the command's name."""

    settings_file: Path | None = None
    data: Path | None = None

    def settings(self, **given: Any) -> Settings:
        from api.settings import load_settings

        given = {name: value for name, value in given.items() if value is not None}
        if self.data is not None:
            given["data"] = self.data
        return load_settings(self.settings_file, **given)


def invocation_of(ctx: typer.Context) -> Invocation:
    return ctx.find_object(Invocation) or Invocation()


@contextmanager
def opened(ctx: typer.Context, *, migrate: bool = False) -> Iterator[Archive]:
    """The archive of the settings, for a command that acts on it directly."""
    from api.bootstrap import open_archive

    archive = open_archive(invocation_of(ctx).settings(), migrate=migrate)
    try:
        yield archive
    finally:
        archive.close()


def unix_actor() -> Actor:
    """Whoever has the machine has the archive's keys, so the command line may do all but what needs several people."""
    from records.actors import Actor

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account number without a name, as in containers
        name = "unknown"
    return Actor(id=f"cli:{name}", roles=frozenset(Role), regions=None)


def out(*, markup: bool = False) -> Console:
    """Standard output: what was asked for. Where it is no terminal: plain, and wide enough for tables.

    Args:
        markup: whether texts may say `[bold]`; not where they hold what was read or what people wrote.
    """
    if sys.stdout.isatty():
        return Console(highlight=False, markup=markup)
    return Console(soft_wrap=True, highlight=False, markup=markup, width=PLAIN_WIDTH)


def err() -> Console:
    """Standard error: progress, notes, errors."""
    return Console(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False, markup=False)


def quiet_logging() -> None:
    """One-off commands speak to a person: warnings as sentences."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    for noisy in ("pdfminer", "ppocr", "paddlex", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
