"""What the pages say, in each language: one dictionary file a language, the same keys in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from retention.triggers import FIELD

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("zh-CN", "en")
DEFAULT = LANGUAGES[0]
COOKIE = "guidang_language"


@cache
def words_of(language: str) -> Mapping[str, str]:
    """The dictionary of a language, keys joined by dots."""
    # BaseLoader: everything is text, so that no word becomes a number or a truth.
    content = yaml.load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    return dict(_flat(content))


def chosen(cookie: str | None) -> str:
    return cookie if cookie in LANGUAGES else DEFAULT


def other(language: str) -> str:
    return next(each for each in LANGUAGES if each != language)


def say(language: str, key: str, **facts: object) -> str:
    """The words under a key. Raises KeyError: a page asks for words nobody wrote."""
    text = words_of(language)[key]
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def said_of(language: str, group: str, name: str | None) -> str:
    """The word for a value of a kind of values; the value itself where it has none (labels printed on a form)."""
    return words_of(language).get(f"{group}.{name}", name) or "–"


def trigger_said(language: str, start: str) -> str:
    """From when a period runs, in words: `filed`, `field:business_term`, `latest:filed,field:business_term`."""
    choice, _, joined = start.partition(":")
    if choice == FIELD or not joined:
        return _one_trigger_said(language, start)
    each = [_one_trigger_said(language, name) for name in joined.split(",")]
    return say(
        language,
        "trigger.of",
        choice=said_of(language, "trigger", choice),
        each=say(language, "trigger.between").join(each),
    )


def _one_trigger_said(language: str, trigger: str) -> str:
    _, _, field = trigger.partition(f"{FIELD}:")
    if not field:
        return said_of(language, "trigger", trigger)
    return words_of(language).get(f"stated_day.{field}") or said_of(language, "field", field)


def section(language: str, *groups: str) -> dict[str, str]:
    """The words of whole groups, for a script of a page."""
    return {key: text for key, text in words_of(language).items() if key.partition(".")[0] in groups}


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
