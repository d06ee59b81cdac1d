"""Tables for spreadsheets, as CSV that Excel opens with its characters right and runs nothing of.

A cell that begins with one of `= + - @`, their full-width forms, a tab or a line break is a formula to a spreadsheet
(CWE-1236); an apostrophe before it makes it text.

>>> safe_cell("=1+1"), safe_cell("海棠贸易")
("'=1+1", '海棠贸易')
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark: without one, Excel reads the system's code page."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(map(safe_cell, head))
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    # Blanks first do not help a reader and may hide what follows from this check.
    return f"'{text}" if text.lstrip(" \u3000").startswith(_DANGEROUS) else text
