"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.unit.test_imports import ALLOWED, ROOT, modules

SHOWING = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in ALLOWED
    for path in modules(package)
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", SHOWING)
def test_an_example_is_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))

    assert result.attempted > 0
    assert result.failed == 0
