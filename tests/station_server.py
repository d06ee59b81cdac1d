"""A server that receives batches as the real one does, in memory, for tests of the station: it can be made to fail."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

TOKEN = "station-token"
LIMIT_BYTES = 100_000


@dataclass
class Received:
    """One batch as it is known. `files`: number → row of the receipt."""

    number: str
    declared: int
    operator: str
    files: dict[int, dict[str, object]] = field(default_factory=dict)
    sealed: bool = False


@dataclass
class Faults:
    """Chances, 0–1, that a request meets a fault; each draw is the server's own."""

    unavailable: float = 0.0
    lost_answer: float = 0.0
    """The effect is there, the answer is not."""
    lost_request: float = 0.0


class MemoryServer:
    def __init__(self, faults: Faults | None = None, seed: int = 0) -> None:
        self.batches: dict[str, Received] = {}
        self.keys: dict[str, str] = {}
        self.names: list[str] = []
        self.faults, self.draw = faults or Faults(), random.Random(seed)
        self.lock = threading.RLock()
        self.requests = 0
        self.address = ""

    @property
    def kept(self) -> list[str]:
        """The hash of every file that was taken into custody, once for each time."""
        return [str(row["sha256"]) for batch in self.batches.values() for row in batch.files.values()]

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, object]]:
        with self.lock:
            self.requests += 1
            if headers.get("authorization") != f"Bearer {TOKEN}":
                return _problem(401, "not_authenticated")
            parts = path.removeprefix("/api/v1/batches").strip("/").split("/")
            if (method, parts) == ("POST", [""]):
                return self._open(headers["idempotency-key"], json.loads(body))
            batch = self.batches.get(parts[0])
            if batch is None:
                return _problem(404, "not_found")
            if method == "PUT":
                return self._put(batch, int(parts[2]), headers, body)
            if (method, parts[1:]) == ("POST", ["seal"]):
                return self._seal(batch)
            rows = [{"file_no": no} | row for no, row in sorted(batch.files.items())]
            number = "batch_number" if parts[1:] == ["receipt"] else "number"
            return 200, {"id": parts[0], number: batch.number, "files": rows}

    def _open(self, key: str, order: dict[str, object]) -> tuple[int, dict[str, object]]:
        if key not in self.keys:
            batch_id = f"batch{len(self.batches) + 1}"
            self.keys[key] = batch_id
            number = f"JS-2026-{len(self.batches) + 1:06d}"
            declared = order["declared_files"]
            assert isinstance(declared, int)
            self.batches[batch_id] = Received(number=number, declared=declared, operator=str(order["operator"]))
        batch_id = self.keys[key]
        return 201, {"id": batch_id, "number": self.batches[batch_id].number}

    def _put(
        self, batch: Received, file_no: int, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, object]]:
        sha256 = hashlib.sha256(body).hexdigest()
        if headers["content-digest"] != f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:":
            return _problem(400, "digest_mismatch")
        if len(body) > LIMIT_BYTES:
            return _problem(413, "file_too_large")
        known = batch.files.get(file_no)
        if known is not None:
            return (200, known) if known["sha256"] == sha256 else _problem(409, "conflict")
        if batch.sealed:
            return _problem(409, "batch_sealed")
        self.names.append(unquote(headers["x-file-name"]))
        outcome = "refused" if not body else "duplicate" if sha256 in self.kept else "kept"
        reason = {"code": "empty_file", "en": "The file has no bytes.", "zh": "文件是空的。"} if not body else None
        batch.files[file_no] = {"sha256": sha256, "outcome": outcome, "reason": reason}
        return 201, batch.files[file_no]

    def _seal(self, batch: Received) -> tuple[int, dict[str, object]]:
        if len(batch.files) < batch.declared:
            return _problem(409, "batch_incomplete")
        batch.sealed = True
        return 200, {"number": batch.number}


def _problem(status: int, code: str) -> tuple[int, dict[str, object]]:
    return status, {"code": code, "title": code}


@contextmanager
def running(server: MemoryServer, *, port: int = 0) -> Iterator[MemoryServer]:
    """The server on a loopback port; its memory outlives it, so it can be stopped and started."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with server.lock:
                chance = server.draw.random
                lost_request = chance() < server.faults.lost_request
                unavailable = chance() < server.faults.unavailable
                lost_answer = chance() < server.faults.lost_answer
            if lost_request:
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = (503, {}) if unavailable else server.answer(self.command, self.path, headers, body)
            if lost_answer:
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _handle

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the station was killed
                super().handle()

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

    with Listening(("127.0.0.1", port), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        server.address = f"http://127.0.0.1:{listening.server_address[1]}"
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
