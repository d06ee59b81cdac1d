"""`guidang read`: read files without storing anything."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.commands.opening import invocation_of, out
from api.exit_codes import ExitCode
from intake.scratch import Order, begin_reading, read_order


def read(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="PDF, TIFF, JPEG, PNG, WebP or BMP.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file (docs/reading-format.md).")] = False,
    draw: Annotated[
        Path | None, typer.Option(help="Draw what was found on the page; further pages get -2, -3 … in the name.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a copy whose text can be searched and selected.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read side by side.", min=1)] = None,
) -> None:
    """Read files and print what was found. Nothing is stored. A file that cannot be read does not stop the rest.

    Exit status: 0 all were read; 1 at least one was not.

    Example: guidang read samples/licence-landscape.jpg samples/id-sheet-colour.jpg --json
    """
    if draw is not None and len(files) > 1:
        raise typer.BadParameter("--draw takes one file.")
    if pdf is not None and len(files) > 1:
        raise typer.BadParameter("--pdf takes one file.")
    settings = invocation_of(ctx).settings()
    from api.bootstrap import limits_of

    bench = _Bench(
        begin=partial(begin_reading, cache_directory(), settings.ocr_models, limits_of(settings)),
        count=min(workers or max(1, settings.workers), len(files)),
    )
    console, failed = out(), False
    for answer in bench.read([Order(path=path, draw=draw, pdf=pdf) for path in files]):
        failed |= "error" in answer
        if as_json:
            console.print(json.dumps(answer, ensure_ascii=False), soft_wrap=True)
        else:
            _show(console, answer)
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.OK)


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """Processes that read, each watched by a thread: one that dies takes one file with it, not the rest."""

    begin: partial[None]
    count: int

    def read(self, orders: list[Order]) -> Iterator[dict[str, Any]]:
        """Answers in the order of the files."""
        mine = threading.local()
        pools: list[ProcessPoolExecutor] = []
        try:
            with ThreadPoolExecutor(self.count) as threads:
                yield from threads.map(lambda order: self._read_one(mine, pools, order), orders)
        finally:
            for pool in pools:
                pool.shutdown(cancel_futures=True)

    def _read_one(self, mine: threading.local, pools: list[ProcessPoolExecutor], order: Order) -> dict[str, Any]:
        if getattr(mine, "pool", None) is None:
            mine.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=self.begin)
            pools.append(mine.pool)
        try:
            answer: dict[str, Any] = mine.pool.submit(read_order, order).result()
        except BrokenProcessPool:
            mine.pool = None
            message = "The process that read this file died."
            return {"file": str(order.path), "error": {"code": "worker_lost", "message": message}}
        return answer


def cache_directory() -> Path:
    """Where prepared models are kept between runs; a passing directory where home cannot be written."""
    directory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guidang"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="guidang-"))
    return directory if os.access(directory, os.W_OK) else Path(tempfile.mkdtemp(prefix="guidang-"))


def _show(console: Console, answer: dict[str, Any]) -> None:
    if "error" in answer:
        console.print(f"{answer['file']}: {answer['error']['message']}\n")
        return
    console.print(f"{answer['file']}: {answer['pages']} page(s), {answer['seconds']:.1f} s")
    for document in answer["documents"]:
        pages = ", ".join(map(str, document["pages"]))
        table = Table("field", "value", "confidence", "state", title_justify="left",
                      title=f"{document['kind']} (page {pages}, {document['confidence']:.0%})")  # fmt: skip
        for name, field in document["fields"].items():
            table.add_row(name, field["value"] or "", f"{field['confidence']:.0%}", field["state"])
        console.print(table)
    console.print()
