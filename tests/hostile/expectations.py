"""How a hostile file is declared: what it is made of, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Refused:
    code: str
    page_no: int | None = None


@dataclass(frozen=True, kw_only=True)
class Read:
    """`look` names the colours of the first page's corners: top left, top right, bottom left, bottom right."""

    pages: int = 1
    look: str | None = None
    size: tuple[int, int] | None = None
    dpi: int | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Within the structure allowed, so that only the limits on memory and time of the process end it."""


Outcome = Refused | Read | Stopped


@dataclass(frozen=True, kw_only=True)
class HostileFile:
    name: str
    make: Callable[[], bytes]
    outcome: Outcome
