"""`guidang station`: the station's side of receiving, and the server's list of stations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.commands.opening import err, out
from api.exit_codes import ExitCode
from intake.scan_folder import ScanFolder, Settling
from intake.sending import OnProgress, SentBatch, send_next, station_of_this_machine
from intake.station_link import StationLink
from records.errors import ServerUnreachable

app = typer.Typer(no_args_is_help=True, help="Send scans; add, list and withdraw stations.")

PATIENCE_S = 300.0
WATCH_PAUSE_S = 1.0
WATCH_REST_S = 15.0
"""Between two tries while the server does not answer."""


@dataclass(frozen=True, kw_only=True)
class _Errand:
    """One run of `send`."""

    link: StationLink
    folder: ScanFolder
    operator: str
    settling: Settling
    console: Console

    def next(self) -> SentBatch | None:
        station = station_of_this_machine(self.operator)
        with _progress(self.console) as on_progress:
            sent = send_next(self.link, self.folder, station, self.settling, on_progress)
        if sent is not None:
            _tell(sent)
        return sent


@app.command()
def send(
    folder: Annotated[Path, typer.Argument(help="Folder with scans; sent ones move to its `sent/`.")],
    server: Annotated[str, typer.Option(envvar="GUIDANG_SERVER", help="Address of the service.")],
    token: Annotated[str, typer.Option(envvar="GUIDANG_TOKEN", help="The station's token.", show_envvar=True)],
    operator: Annotated[str, typer.Option(help="Who scanned; stands in the receipt.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Keep watching the folder until stopped.")] = False,
    settle: Annotated[float, typer.Option(help="Seconds a scan must lie unchanged before it is sent.", min=0)] = 2.0,
    patience: Annotated[float, typer.Option(help="Seconds to go on trying a silent server.", min=0)] = PATIENCE_S,
    ca: Annotated[Path | None, typer.Option(help="Certificates to trust, if the server's is your own.")] = None,
) -> None:
    """Send a folder of scans as one batch (one for each thousand). May be stopped and started at any moment.

    Exit status: 0 all is sent; 1 the server refuses the batch; 2 the folder or the address is wrong; 5 another station
    program works here, or scans vanished before they were sent; 6 the token is not valid; 7 the server does not answer;
    9 some scans were refused and lie in `refused/` with the reason.

    Example: guidang station send /srv/scans --server http://archive:8731 --token "$TOKEN" --operator 王五 --watch
    """
    scan_folder = ScanFolder(folder)
    link = StationLink(server, token, patience_s=patience, ca_file=ca)
    errand = _Errand(
        link=link,
        folder=scan_folder,
        operator=operator or folder.resolve().name,
        settling=Settling(scan_folder, settle),
        console=err(),
    )
    with scan_folder.locked():
        if watch:
            _watch(errand)
        else:
            raise typer.Exit(_send_all(errand))


def _send_all(errand: _Errand) -> ExitCode:
    some_refused = some_vanished = False
    while (sent := errand.next()) is not None:
        some_refused |= sent.refused > 0
        some_vanished |= sent.vanished > 0
    if some_vanished:
        return ExitCode.CONFLICT
    return ExitCode.REFUSED if some_refused else ExitCode.OK


def _watch(errand: _Errand) -> None:
    errand.console.print(f"Watching {errand.folder.path} (stop with Ctrl-C)")
    while True:
        try:
            sent = errand.next()
        except ServerUnreachable as error:
            errand.console.print(f"guidang: {error} Trying again.")
            time.sleep(WATCH_REST_S)
            continue
        if sent is None:
            time.sleep(WATCH_PAUSE_S)


def _tell(sent: SentBatch) -> None:
    said = f"{sent.number}: {sent.kept} kept, {sent.duplicates} duplicate, {sent.refused} refused"
    if sent.refused:
        said += " (see refused/)"
    if sent.left:
        said += f", {sent.left} changed meanwhile and will be sent again"
    if sent.vanished:
        said += f", {sent.vanished} vanished from the folder before they were sent"
    out().print(f"{said}; receipt {sent.receipt}")


@contextmanager
def _progress(console: Console) -> Iterator[OnProgress]:
    """A bar on a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        yield lambda done, total: _plain_progress(console, done, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Sending", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _plain_progress(console: Console, done: int, total: int) -> None:
    if done == total or done % 100 == 0:
        console.print(f"{done} of {total} files sent")
