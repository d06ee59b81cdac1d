"""What is wrong with a template file, line by line, for whoever writes one (docs/templates.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ocr.fields.parsed import fold
from ocr.fields.rules import RULES
from records.terms import DocumentKind

_TOP, _FIELD = (
    frozenset({"kind", "titles", "fields", "stops"}),
    frozenset({"name", "labels", "rule", "lines", "options"}),
)
MOST_LINES = 200


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`line` counts from 1."""

    line: int
    message: str


def problems_in(text: str) -> list[Problem]:
    """Every problem of a template in the order of its lines; empty where it may be used."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        return [Problem(line=mark.line + 1 if mark else 1, message=f"This is not YAML: {exc.problem}.")]
    except yaml.YAMLError:
        return [Problem(line=1, message="This is not YAML.")]
    if root is None:
        return [Problem(line=1, message="The file is empty.")]
    return sorted(_of_template(root), key=lambda problem: problem.line)


def _of_template(root: yaml.Node) -> Iterator[Problem]:
    if not isinstance(root, yaml.MappingNode):
        yield _at(root, "A template begins with `kind:`, `titles:` and `fields:`.")
        return
    entries = _entries(root)
    yield from _unknown(root, _TOP)
    yield from (_at(root, f"`{name}` is missing.") for name in ("kind", "fields") if name not in entries)
    if "kind" in entries and _text(entries["kind"]) not in set(DocumentKind):
        yield _at(entries["kind"], f"This kind does not exist. There are {', '.join(DocumentKind)}.")
    if _text(entries.get("kind")) == DocumentKind.REGISTRATION_FORM and "titles" not in entries:
        yield _at(root, "`titles` is missing: a form is known by its printed title.")
    for name in ("titles", "stops"):
        if name in entries:
            yield from _of_texts(entries[name], name)
    if "fields" in entries:
        yield from _of_fields(entries["fields"], stops=entries.get("stops"))


def _of_fields(node: yaml.Node, stops: yaml.Node | None) -> Iterator[Problem]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        yield _at(node, "`fields` is a list with at least one field.")
        return
    names: dict[str, int] = {}
    labels = {fold(_text(label) or ""): label.start_mark.line + 1 for label in _members(stops)}
    for field in node.value:
        if not isinstance(field, yaml.MappingNode):
            yield _at(field, "A field has `name`, `labels` and `rule`.")
            continue
        yield from _of_field(field)
        entries = _entries(field)
        yield from _repeated(entries.get("name"), names, "The name")
        for label in _members(entries.get("labels")):
            yield from _repeated(label, labels, "The label")


def _of_field(field: yaml.MappingNode) -> Iterator[Problem]:
    entries = _entries(field)
    yield from _unknown(field, _FIELD)
    yield from (_at(field, f"`{name}` is missing.") for name in ("name", "labels", "rule") if name not in entries)
    if "name" in entries and not _text(entries["name"]):
        yield _at(entries["name"], "`name` is a text.")
    if "labels" in entries:
        yield from _of_texts(entries["labels"], "labels")
    if "options" in entries:
        yield from _of_texts(entries["options"], "options")
    if "rule" in entries and _text(entries["rule"]) not in RULES:
        yield _at(entries["rule"], f"This rule does not exist. There are {', '.join(sorted(RULES))}.")
    lines = entries.get("lines")
    if lines is not None and not _is_count(lines):
        yield _at(lines, f"`lines` is a whole number from 1 to {MOST_LINES}.")


def _of_texts(node: yaml.Node, name: str) -> Iterator[Problem]:
    if not isinstance(node, yaml.SequenceNode):
        yield _at(node, f"`{name}` is a list of texts, such as [客户名称, 单位名称].")
        return
    yield from (_at(member, f"Each of `{name}` is a text.") for member in node.value if not _text(member))


def _repeated(node: yaml.Node | None, seen: dict[str, int], what: str) -> Iterator[Problem]:
    said = fold(_text(node) or "")
    if node is None or not said:
        return
    if said in seen:
        yield _at(node, f"{what} stands on line {seen[said]} already: a value would belong to two fields.")
    seen.setdefault(said, node.start_mark.line + 1)


def _unknown(node: yaml.MappingNode, known: frozenset[str]) -> Iterator[Problem]:
    given: set[str | None] = set()
    for key, _ in node.value:
        name = _text(key)
        if name not in known:
            yield _at(key, f"This means nothing here. There are {', '.join(sorted(known))}.")
        elif name in given:
            yield _at(key, "This is given twice.")
        given.add(name)


def _entries(node: yaml.MappingNode) -> dict[str, yaml.Node]:
    return {_text(key) or "": value for key, value in node.value}


def _members(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node | None) -> str | None:
    """What a text says; None for anything else. A number is no text: `name: 1` is a slip."""
    is_text = isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str"
    return str(node.value) if node is not None and is_text else None


def _is_count(node: yaml.Node) -> bool:
    is_number = isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:int"
    return is_number and str(node.value).isdigit() and 1 <= int(node.value) <= MOST_LINES


def _at(node: yaml.Node, message: str) -> Problem:
    return Problem(line=node.start_mark.line + 1, message=message)
