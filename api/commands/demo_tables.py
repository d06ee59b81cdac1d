"""The tables that the demonstration shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.markup import escape
from rich.table import Column, Table

Json = dict[str, Any]

LONGEST_VALUE = 22
REGISTER_COLUMNS = ("档号", "文号", "责任者", "题名", "形成时间", "应保管期限", "已保管时间", "销毁时间")


def document_table(rows: Iterable[tuple[Json, list[Json]]]) -> Table:
    """One row a document; a field that waits for a person is marked and named again in the last column."""
    table = Table(
        "document, kind, customer, 档号, region", "fields (confidence)", "waits for a person", show_lines=True
    )
    for document, fields in rows:
        customer = document["customer"] or {}
        doubtful = [field["name"] for field in fields if field["state"] == "doubtful"]
        table.add_row(
            "\n".join(
                [
                    f"[bold]{escape(document['file_name'] or document['id'][-8:])}[/]",
                    document["kind"] or document["state"],
                    escape(f"{customer.get('code', '')} {customer.get('name') or ''}".strip() or "–"),
                    escape(document["archival_code"] or "–"),
                    document["region_code"] or "–",
                ]
            ),
            "\n".join(_field(field) for field in fields if field["value"]),
            escape(_waits(document, doubtful)),
        )
    return table


def hit_table(hits: Iterable[Json]) -> Table:
    table = Table("档号", "kind", "customer", "region", "page", "excerpt")
    for hit in hits:
        document, customer, excerpt = hit["document"], hit["customer"] or {}, hit["excerpt"]
        table.add_row(
            document["archival_code"],
            document["kind"],
            escape(f"{customer.get('code', '')} {customer.get('name') or ''}"),
            document["region_code"],
            str(hit["page_no"] or ""),
            _highlighted(excerpt) if excerpt else "",
        )
    return table


def register_table(entries: Iterable[Json]) -> Table:
    """销毁登记: the line written when destruction began, with when its absence was verified."""
    entries = list(entries)
    verified = {entry["document_id"]: entry["at"][:19] for entry in entries if entry["event"] == "destroyed"}
    headings = ("no.", *REGISTER_COLUMNS, "verified absent")
    columns = (Column(heading, overflow="fold") for heading in headings)  # evidence is shown whole
    table = Table(*columns, title="销毁登记", title_justify="left")
    for entry in entries:
        if entry["event"] == "begun":
            said = [str(entry["entry"].get(column) or "") for column in REGISTER_COLUMNS]
            table.add_row(str(entry["seq"]), *map(escape, said), verified.get(entry["document_id"], "not yet"))
    return table


def _field(field: Json) -> str:
    value = field["value"] if len(field["value"]) <= LONGEST_VALUE else field["value"][: LONGEST_VALUE - 1] + "…"
    mark = "[yellow]?[/] " if field["state"] == "doubtful" else ""
    return f"{mark}{escape(field['name'])}: {escape(value)} ({field['confidence']:.0%})"


def _waits(document: Json, doubtful: list[str]) -> str:
    waiting_for = document["waiting_for"]
    if waiting_for == "fields":
        return ", ".join(doubtful)
    asked = {"customer": "whose it is", "duplicate": "whether it is the same", "notice": "whether its person was told"}
    return asked.get(waiting_for or "", "")


def _highlighted(excerpt: Json) -> str:
    text, at, said = excerpt["text"], 0, ""
    for start, end in excerpt["highlights"]:
        said += f"{escape(text[at:start])}[bold]{escape(text[start:end])}[/]"
        at = end
    return said + escape(text[at:])
