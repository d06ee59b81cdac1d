"""Each hostile file is refused with its reason or read rightly, and the process that opened it lives on.

A few PDFs pass every check of structure and cannot be paused; there the limits on the process must end it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.catalogue import HOSTILE_FILES
from tests.hostile.confined import Child
from tests.hostile.expectations import HostileFile, Read, Refused, Stopped


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    process = Child()
    yield process
    process.close()


@pytest.mark.parametrize("file", HOSTILE_FILES, ids=lambda file: file.name)
def test_hostile_file(child: Child, file: HostileFile) -> None:
    losses = child.losses

    answer = child.open(file.make())

    if isinstance(file.outcome, Stopped):
        assert answer.keys() == {"lost", "status"}
        return
    assert child.losses == losses, answer
    if isinstance(file.outcome, Refused):
        assert (answer.get("refused"), answer.get("facts", {}).get("page_no")) == (
            file.outcome.code,
            file.outcome.page_no,
        ), answer
    else:
        _assert_read(answer, file.outcome)


def test_each_file_is_declared_once_and_made_the_same_each_time() -> None:
    assert max(Counter(file.name for file in HOSTILE_FILES).values()) == 1
    small = [file for file in HOSTILE_FILES if "bomb" not in file.name and "password" not in file.name][::7]
    assert [file.make() for file in small] == [file.make() for file in small]


def _assert_read(answer: dict[str, Any], expected: Read) -> None:
    pages = answer.get("pages")
    assert pages is not None, answer
    assert [page["page_no"] for page in pages] == list(range(1, expected.pages + 1))
    first = pages[0]
    assert expected.look in (None, first["look"]), first
    assert expected.size in (None, tuple(first["size"])), first
    assert expected.source in (None, first["source"]), first
    if expected.dpi is not None:
        assert first["dpi"] == pytest.approx(expected.dpi, abs=1)
