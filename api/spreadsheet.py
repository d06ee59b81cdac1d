"""Tables for spreadsheets: Excel workbooks, and CSV that Excel opens with its characters right and runs nothing of.

A workbook says of each cell that it is text. In CSV, a cell that begins with one of `= + - @`, their full-width forms,
a tab or a line break is a formula to a spreadsheet (CWE-1236); an apostrophe before it makes it text.

>>> safe_cell("=1+1"), safe_cell("海棠贸易")
("'=1+1", '海棠贸易')
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter  # type: ignore[import-untyped]

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark: without one, Excel reads the system's code page."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(map(safe_cell, head))
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def xlsx_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet, every cell a text, the head kept in sight."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for column, cell in enumerate(head):
            sheet.write_string(0, column, cell, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        sheet.autofit()
    return written.getvalue()


def safe_cell(text: str) -> str:
    # Blanks first do not help a reader and may hide what follows from this check.
    return f"'{text}" if text.lstrip(" \u3000").startswith(_DANGEROUS) else text
