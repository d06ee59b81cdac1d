"""Templates: which fields a kind of document has, and what paper may print before each of them.

They are data (`templates/*.yaml`): a new form of a company is a new file there, and no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ocr.fields.rules import RULES
from records.errors import SettingInvalid
from records.terms import DocumentKind

FOLDER = Path(__file__).with_name("templates")


@dataclass(frozen=True, kw_only=True)
class FieldTemplate:
    name: str
    labels: tuple[str, ...]
    rule: str
    lines: int
    options: tuple[str, ...] = ()
    """What may be ticked, where the form prints choices; empty where anything may be written."""


@dataclass(frozen=True, kw_only=True)
class Template:
    name: str
    kind: DocumentKind
    titles: tuple[str, ...]
    fields: tuple[FieldTemplate, ...]
    stops: tuple[str, ...]
    """Labels of no field, which end the value before them."""

    def labels(self) -> dict[str, str | None]:
        """Every label with the field it names; None for those that only stop."""
        named: dict[str, str | None] = dict.fromkeys(self.stops)
        return named | {label: field.name for field in self.fields for label in field.labels}


def load(path: Path) -> Template:
    """Read one template.

    Raises:
        SettingInvalid: the file is no template; the message names the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise SettingInvalid("A template is not valid.", file=path.name) from exc
    return parse(path.stem, text)


def parse(name: str, text: str) -> Template:
    """Raises SettingInvalid: the text is no template."""
    try:
        content = yaml.safe_load(text)
        template = Template(
            name=name,
            kind=DocumentKind(content["kind"]),
            titles=tuple(content.get("titles", ())),
            fields=tuple(_field(entry) for entry in content["fields"]),
            stops=tuple(content.get("stops", ())),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise SettingInvalid("A template is not valid.", file=f"{name}.yaml") from exc
    unknown = [field.name for field in template.fields if field.rule not in RULES]
    if unknown:
        raise SettingInvalid("A template names a rule that does not exist.", file=f"{name}.yaml", fields=unknown)
    return template


def _field(entry: dict[str, Any]) -> FieldTemplate:
    return FieldTemplate(
        name=entry["name"],
        labels=tuple(entry["labels"]),
        rule=entry["rule"],
        lines=int(entry.get("lines", 1)),
        options=tuple(entry.get("options", ())),
    )


@cache
def shipped() -> dict[str, Template]:
    return {path.stem: load(path) for path in sorted(FOLDER.glob("*.yaml")) if path.stem != "form_labels"}


_OWN: ContextVar[tuple[Template, ...]] = ContextVar("own", default=())


@contextmanager
def with_own(templates: Sequence[Template]) -> Iterator[None]:
    """Forms of the company's own, beside those shipped and before them; one of the same name takes its place."""
    token = _OWN.set(tuple(templates))
    try:
        yield
    finally:
        _OWN.reset(token)


def forms() -> tuple[Template, ...]:
    own = own_forms()
    return (*own, *(each for each in shipped_forms() if each.name not in {mine.name for mine in own}))


def own_forms() -> tuple[Template, ...]:
    return tuple(each for each in _OWN.get() if each.kind is DocumentKind.REGISTRATION_FORM)


def shipped_forms() -> tuple[Template, ...]:
    return tuple(each for each in shipped().values() if each.kind is DocumentKind.REGISTRATION_FORM)


def form(name: str) -> Template:
    return next(each for each in forms() if each.name == name)
