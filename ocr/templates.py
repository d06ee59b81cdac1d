"""Templates: which fields a kind of document has, and what paper may print before each of them.

They are data (`templates/*.yaml`): a new form of a company is a new file there, and no code.
"""

from __future__ import annotations

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
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        template = Template(
            name=path.stem,
            kind=DocumentKind(content["kind"]),
            titles=tuple(content.get("titles", ())),
            fields=tuple(_field(entry) for entry in content["fields"]),
            stops=tuple(content.get("stops", ())),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise SettingInvalid("A template is not valid.", file=path.name) from exc
    unknown = [field.name for field in template.fields if field.rule not in RULES]
    if unknown:
        raise SettingInvalid("A template names a rule that does not exist.", file=path.name, fields=unknown)
    return template


def _field(entry: dict[str, Any]) -> FieldTemplate:
    return FieldTemplate(
        name=entry["name"], labels=tuple(entry["labels"]), rule=entry["rule"], lines=int(entry.get("lines", 1))
    )


@cache
def shipped() -> dict[str, Template]:
    return {path.stem: load(path) for path in sorted(FOLDER.glob("*.yaml")) if path.stem != "form_labels"}


def forms() -> tuple[Template, ...]:
    return tuple(t for t in shipped().values() if t.kind is DocumentKind.REGISTRATION_FORM)
