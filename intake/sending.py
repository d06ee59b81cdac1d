"""Sending: the station's side of receiving (R7, R15, R18, R28). A folder of scans becomes batches on the server.

What is sent is written down before it is sent, each request may be repeated without harm, and a scan leaves the folder
only when a receipt names its hash. So the station, the server and the line between them may fail at any moment: the
next run goes on where the last one stopped.
"""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intake.scan_folder import BatchPlan, PlannedFile, ScanFolder, Settling, planned_file
from intake.station_link import StationLink
from records.errors import (
    ArchiveError,
    Conflict,
    DigestMismatch,
    FileTooLarge,
    InvalidInput,
    ScanVanished,
    ServerRefused,
)
from records.terms import FileOutcome

log = logging.getLogger(__name__)

PARALLEL = 4
MOST_FILES = 1_000
"""In one batch; a longer folder becomes several."""
UNSETTLED_PATIENCE_S = 30.0
TRIES_WHILE_CHANGING = 3

OnProgress = Callable[[int, int], None]
"""Told (files that the server has, files of the batch)."""


@dataclass(frozen=True, kw_only=True)
class SentBatch:
    """What became of one batch.

    `left` counts scans that changed after they were sent: they stay, to go again. `vanished` counts scans that left
    the folder before they were sent: the batch then stays open on the server, short of what was declared.
    """

    number: str
    receipt: Path
    kept: int
    duplicates: int
    refused: int
    left: int
    vanished: int


@dataclass(frozen=True, kw_only=True)
class Station:
    """Who sends. `capture` is process metadata for the batch: device, software, resolution."""

    operator: str
    capture: dict[str, Any]


def station_of_this_machine(operator: str) -> Station:
    return Station(operator=operator, capture={"host": platform.node(), "software": "guidang station send"})


def send_next(
    link: StationLink,
    folder: ScanFolder,
    station: Station,
    settling: Settling,
    on_progress: OnProgress = lambda _done, _total: None,
) -> SentBatch | None:
    """Finish the batch under way, or send the settled scans as a new one; None if there is nothing to send.

    Raises:
        ServerUnreachable: the server did not answer for as long as the link waits.
    """
    plan = folder.load_plan()
    if plan is None:
        scans = settling.wait(patience_s=UNSETTLED_PATIENCE_S)[:MOST_FILES]
        if not scans:
            return None
        plan = folder.new_plan(scans, server=link.server, operator=station.operator, capture=station.capture)
        folder.save_plan(plan)
    elif plan.server != link.server:
        raise InvalidInput("The batch under way in this folder was begun with another server.", server=plan.server)
    if plan.batch_id is None:
        plan = replace(plan, batch_id=link.open_batch(plan))
        folder.save_plan(plan)
    return _carry_out(link, folder, plan, on_progress)


def _carry_out(link: StationLink, folder: ScanFolder, plan: BatchPlan, on_progress: OnProgress) -> SentBatch:
    batch_id = plan.batch_id or ""
    unsent = _send_files(link, folder, plan, on_progress)
    if not unsent:
        link.seal(batch_id)
    return _clear(folder, plan, link.receipt(batch_id), unsent)


def _send_files(
    link: StationLink, folder: ScanFolder, plan: BatchPlan, on_progress: OnProgress
) -> dict[PlannedFile, ArchiveError]:
    """Send what the server has not; gives the scans that can never be sent, each with its reason."""
    arrived = link.arrived(plan.batch_id or "")
    missing = [file for file in plan.files if file.file_no not in arrived]
    unsent: dict[PlannedFile, ArchiveError] = {}
    done = len(plan.files) - len(missing)
    on_progress(done, len(plan.files))
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="upload") as uploads:
        under_way = {uploads.submit(_send_one, link, folder, plan.batch_id or "", file): file for file in missing}
        try:
            for finished in as_completed(under_way):
                try:
                    finished.result()
                except (FileTooLarge, ScanVanished) as refusal:
                    unsent[under_way[finished]] = refusal
                done += 1
                on_progress(done, len(plan.files))
        finally:
            uploads.shutdown(wait=True, cancel_futures=True)
    return unsent


def _send_one(link: StationLink, folder: ScanFolder, batch_id: str, file: PlannedFile) -> None:
    """Send a scan as it is now; one that is being changed just then is looked at again."""
    scan = folder.path / file.name
    for attempt in range(1, TRIES_WHILE_CHANGING + 1):
        try:
            link.put_file(batch_id, planned_file(scan, file.file_no), scan)
            return
        except FileNotFoundError as exc:
            raise ScanVanished from exc
        except DigestMismatch:
            if attempt == TRIES_WHILE_CHANGING:
                raise
        except ServerRefused as refused:
            # It arrived before, with other bytes: the receipt will say which, and the changed scan goes again.
            if refused.facts.get("code") == Conflict.code:
                return
            raise


def _clear(
    folder: ScanFolder, plan: BatchPlan, receipt: dict[str, Any], unsent: dict[PlannedFile, ArchiveError]
) -> SentBatch:
    """Keep the receipt, then take out of the folder what it names; only then is the batch forgotten."""
    names = {file.file_no: file.name for file in plan.files}
    kept_receipt = folder.keep_receipt(receipt)
    counts = dict.fromkeys(FileOutcome, 0)
    left = 0
    for row in receipt["files"]:
        if row.get("rescan_of") is not None:  # came by another way, after the batch
            continue
        name, outcome = names[int(row["file_no"])], FileOutcome(row["outcome"])
        counts[outcome] += 1
        mark = f"{receipt['batch_number']}-{row['file_no']}"
        cleared = folder.clear(name, row["sha256"], outcome, mark=mark, reason=_reason_of(row))
        left += not cleared and (folder.path / name).exists()
    too_large = [file for file, refusal in unsent.items() if isinstance(refusal, FileTooLarge)]
    for file in too_large:
        folder.refuse(file.name, mark=f"{receipt['batch_number']}-{file.file_no}", reason=unsent[file].message)
    folder.drop_plan()
    log.info("the batch is sent", extra={"action": "station.sent", "number": receipt["batch_number"]})
    return SentBatch(
        number=receipt["batch_number"],
        receipt=kept_receipt,
        kept=counts[FileOutcome.KEPT],
        duplicates=counts[FileOutcome.DUPLICATE],
        refused=counts[FileOutcome.REFUSED] + len(too_large),
        left=left,
        vanished=len(unsent) - len(too_large),
    )


def _reason_of(row: dict[str, Any]) -> str:
    """Why a file was refused, in each language the receipt gives, then the code."""
    reason = row.get("reason") or {}
    texts = [str(text) for key, text in reason.items() if key != "code" and text]
    return os.linesep.join([*texts, str(reason.get("code", ""))]).strip()
