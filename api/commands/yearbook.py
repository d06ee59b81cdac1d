"""`guidang retention yearbook`: the yearly numbers (工作台账)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.commands.acting import today
from api.commands.opening import err, opened, out, unix_actor
from records.terms import YearlyNumber


def yearbook(
    ctx: typer.Context,
    year: Annotated[int | None, typer.Argument(min=1900, max=2999, help="This year if absent.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table for spreadsheets here.")] = None,
) -> None:
    """Show what was received, filed, appraised, destroyed and held in a year, by region and class.

    Example: guidang retention yearbook 2026 --csv 2026.csv
    """
    from api.routes.yearbook import table_of
    from api.web.words import DEFAULT, said_of
    from retention.yearbook import yearbook_of

    with opened(ctx) as archive, archive.reading() as session:
        book = yearbook_of(session, unix_actor(), year or today().year)
    if csv is not None:
        csv.write_bytes(table_of(book, DEFAULT))
        err().print(f"Written to {csv}")
        return
    shown = [number for number in YearlyNumber if book.total[number]]
    table = Table("region", "class", *(f"{said_of(DEFAULT, 'yearly', number)} {number}" for number in shown))
    for line in book.lines:
        table.add_row(line.region_code, line.retention_class, *(str(line.numbers[number]) for number in shown))
    table.add_row("", "total", *(str(book.total[number]) for number in shown))
    out().print(table if book.lines else f"Nothing was done in {book.year}.")
