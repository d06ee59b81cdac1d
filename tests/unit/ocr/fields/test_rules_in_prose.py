from __future__ import annotations

import datetime as dt
import doctest
import importlib
import pkgutil

import pytest

import ocr.fields
from ocr.fields.rules import RULES

MODULES = [name for _, name, _ in pkgutil.iter_modules(ocr.fields.__path__, "ocr.fields.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))

    assert result.failed == 0
    assert result.attempted >= 2 or name == "ocr.fields.rules"


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_takes_any_text(rule: str) -> None:
    for text in ("", " ", "：", "□", "龘", "9" * 40, "至", "年月日", "A1-", "（", "*", "\u3000"):
        parsed = RULES[rule](text, dt.date(2026, 1, 1))

        assert parsed.value is None or parsed.value == parsed.value.strip()
