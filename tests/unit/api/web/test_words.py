"""Nothing that a person reads stands outside the dictionaries, and the dictionaries say the same things."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.schemas.documents import RevealPurpose
from api.web import assets, words
from api.web.pages import _TEMPLATES
from api.web.places import PLACES
from ocr import contract
from ocr.sightings import QR_CODE
from ocr.templates import shipped
from records import terms
from records.completeness import RequiredPaper

ROOT = Path(__file__).resolve().parents[4]
TEMPLATES = sorted((ROOT / "api/web/templates").glob("*.html"))
SCRIPTS = sorted(assets.FOLDER.glob("*.js"))
CHINESE = re.compile(r"[㐀-鿿]")
JINJA = re.compile(r"\{% block body_class %\}\w*\{% endblock %\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
READ_OUT = {"title", "placeholder", "alt", "aria-label", "value"}

GROUPS: dict[str, type[StrEnum]] = {
    "kind": terms.DocumentKind,
    "state": terms.DocumentState,
    "customer_kind": terms.CustomerKind,
    "customer_state": terms.CustomerState,
    "waiting_for": terms.WaitingFor,
    "field_state": terms.FieldState,
    "outcome": terms.FileOutcome,
    "rescan_reason": terms.RescanReason,
    "batch_state": terms.BatchState,
    "list_state": terms.ListState,
    "job_state": terms.JobState,
    "step": terms.Step,
    "purpose": RevealPurpose,
    "paper": RequiredPaper,
    "role": terms.Role,
    "movement": terms.MovementKind,
}


def test_the_languages_have_the_same_words() -> None:
    first, *others = (set(words.words_of(language)) for language in words.LANGUAGES)

    assert all(other == first for other in others)
    assert len(first) > 200


def test_the_same_facts_stand_in_each_language() -> None:
    facts = [
        {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in words.words_of(language).items()}
        for language in words.LANGUAGES
    ]

    assert facts[0] == facts[1]


def test_no_word_is_empty() -> None:
    assert [key for each in words.LANGUAGES for key, text in words.words_of(each).items() if not text] == []


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_has_a_word(group: str) -> None:
    assert {f"{group}.{value}" for value in GROUPS[group]} <= set(words.words_of("en"))


def test_every_place_has_a_name() -> None:
    assert {f"nav.{place.name}" for place in PLACES} <= set(words.words_of("en"))


def test_every_check_is_said_in_words() -> None:
    named = {name for path in sorted((ROOT / "ocr").rglob("*.py")) for name in checks_in(path)}

    assert len(named) > 20
    assert {f"check.{name}" for name in named} <= set(words.words_of("en"))


def test_every_field_with_an_english_name_has_a_chinese_one() -> None:
    names = {field.name for template in shipped().values() for field in template.fields} | {*contract.RULES, QR_CODE}

    assert {f"field.{name}" for name in names if re.fullmatch(r"[a-z_]+", name)} <= set(words.words_of("zh-CN"))


def checks_in(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", "")
        place = {"check": 0, "_note": 1}.get(called)
        given = [node.args[place]] if place is not None and len(node.args) > place else []
        given += [keyword.value for keyword in node.keywords if called == "Check" and keyword.arg == "name"]
        found |= {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    return found


class Visible(HTMLParser):
    """Collects what a person would see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tag = ""

    def handle_data(self, data: str) -> None:
        if self.tag != "kbd":  # what stands on a key is the same in every language
            self.said.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        spoken = [value or "" for name, value in attrs if name in READ_OUT]
        self.said += [text for text in spoken if text not in ("true", "false")]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_says_nothing_of_its_own(template: Path) -> None:
    visible = Visible()
    visible.feed(JINJA.sub("", template.read_text(encoding="utf-8")))

    assert [text for text in visible.said if re.search(r"\w", text.replace("<!doctype html>", ""))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_asks_for_words_that_are_there(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    asked = set(re.findall(r"""say\("([\w.]+)"[,)]""", source))
    groups = set(re.findall(r"""said_of\("(\w+)",""", source))

    assert asked <= set(words.words_of("en"))
    assert groups <= {key.partition(".")[0] for key in words.words_of("en")}
    _TEMPLATES.get_template(template.name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_nothing_of_its_own(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    asked = set(re.findall(r"""\bsay\("([\w.]+)"[,)]""", source))

    assert not CHINESE.search(re.sub(r"//.*|/\[.*?\]/", "", source))
    assert "innerHTML =" not in source
    assert asked <= set(words.words_of("en"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_keeps_to_the_content_security_policy(template: Path) -> None:
    source = template.read_text(encoding="utf-8")

    assert re.findall(r"<style|\sstyle=|\son\w+=|https?://|javascript:", source) == []
    assert [
        tag for tag in re.findall(r"<script[^>]*>", source) if "src=" not in tag and "application/json" not in tag
    ] == []
