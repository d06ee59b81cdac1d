"""The station's line to the server: the requests of receiving, repeated with growing pauses until they are answered."""

from __future__ import annotations

import base64
import logging
import random
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from intake.scan_folder import BatchPlan, PlannedFile
from records.errors import (
    ArchiveError,
    DigestMismatch,
    FileTooLarge,
    InvalidInput,
    NotAuthenticated,
    ServerRefused,
    ServerUnreachable,
)

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
TIMEOUT = httpx.Timeout(120.0, connect=5.0)
TRY_AGAIN = frozenset({408, 425, 429}) | frozenset(range(500, 600))


class StationLink:
    """May be used by several threads. `patience_s` is how long a request is repeated before it fails."""

    def __init__(self, server: str, token: str, *, patience_s: float, ca_file: Path | None = None) -> None:
        """Raises InvalidInput: the address is not an HTTP one, or the certificate file cannot be read."""
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput("The server's address must begin with http:// or https://.")
        self.server = server.rstrip("/")
        self._patience_s = patience_s
        # No proxy of the environment: the server is on the station's own network.
        self._http = httpx.Client(
            base_url=f"{self.server}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=TIMEOUT,
            trust_env=False,
            verify=_trust(ca_file),
        )

    def open_batch(self, plan: BatchPlan) -> str:
        """Give the batch's id; repeating it with the same plan gives the same batch."""
        order = {"operator": plan.operator, "declared_files": len(plan.files), "capture": plan.capture}
        answer = self._ask("POST", "/batches", headers={"Idempotency-Key": plan.idempotency_key}, json=order)
        return str(answer["id"])

    def arrived(self, batch_id: str) -> dict[int, str]:
        """Numbers and hashes of the files that the server has."""
        answer = self._ask("GET", f"/batches/{batch_id}")
        return {int(file["file_no"]): str(file["sha256"]) for file in answer["files"]}

    def put_file(self, batch_id: str, file: PlannedFile, scan: Path) -> None:
        """Send one file; harmless if it arrived before.

        Raises:
            DigestMismatch: the scan is no longer what was planned.
            FileTooLarge: the server takes no file of this size.
        """
        digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
        headers = {
            "Content-Digest": f"sha-256=:{digest}:",
            "Content-Type": "application/octet-stream",
            "X-File-Name": quote(file.name, safe=""),
        }
        patience = _Patience(self._patience_s)
        while True:
            try:
                self._ask_once("PUT", f"/batches/{batch_id}/files/{file.file_no}", headers=headers, scan=scan)
                return
            except ServerUnreachable as error:
                patience.rest(error)
            # The answer may have been lost, or given (and the line closed) before the whole file was through.
            if file.file_no in self.arrived(batch_id):
                return

    def seal(self, batch_id: str) -> None:
        self._ask("POST", f"/batches/{batch_id}/seal")

    def receipt(self, batch_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("GET", f"/batches/{batch_id}/receipt")
        return answer

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, json: object = None) -> Any:
        patience = _Patience(self._patience_s)
        while True:
            try:
                return self._ask_once(method, path, headers=headers, json=json)
            except ServerUnreachable as error:
                patience.rest(error)

    def _ask_once(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        scan: Path | None = None,
    ) -> Any:
        try:
            if scan is None:
                response = self._http.request(method, path, headers=headers, json=json)
            else:
                with scan.open("rb") as content:
                    response = self._http.request(method, path, headers=headers, content=content)
            return _answer_of(response)
        except httpx.TransportError as exc:
            raise ServerUnreachable(server=self.server, cause=type(exc).__name__) from exc
        except httpx.HTTPError as exc:
            raise ServerRefused(cause=type(exc).__name__) from exc


class _Patience:
    """Growing pauses between tries, until the time is up."""

    def __init__(self, patience_s: float) -> None:
        self._deadline, self._pause_s = time.monotonic() + patience_s, FIRST_PAUSE_S

    def rest(self, error: ServerUnreachable) -> None:
        """Sleep before the next try, or raise the error if there is no time for one."""
        wait_s = self._pause_s * random.uniform(0.5, 1.0)  # so that stations do not come back all at once
        if time.monotonic() + wait_s > self._deadline:
            raise error
        log.warning("The server does not answer; trying again.", extra={"action": "station.waits"} | error.facts)
        time.sleep(wait_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)


def _answer_of(response: httpx.Response) -> Any:
    if response.status_code in TRY_AGAIN:
        raise ServerUnreachable("The server cannot answer now. It is tried again.", status=response.status_code)
    try:
        answer = response.json()
    except ValueError as exc:
        raise ServerRefused(status=response.status_code) from exc
    if not response.is_success:
        raise _error_of(response.status_code, answer if isinstance(answer, dict) else {})
    return answer


def _error_of(status: int, problem: Mapping[str, Any]) -> ArchiveError:
    code = str(problem.get("code", ""))
    if status == httpx.codes.UNAUTHORIZED:
        return NotAuthenticated("The server does not know this station's token, or it was withdrawn.")
    if code == DigestMismatch.code:
        return DigestMismatch()
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return FileTooLarge()
    said = problem.get("detail") or problem.get("title") or "no reason given"
    return ServerRefused(f"The server refuses: {said}", status=status, code=code)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as exc:
        raise InvalidInput(f"The certificate file {ca_file} cannot be used.") from exc
