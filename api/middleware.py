"""Around every request: the last handler, security headers, a limit on bodies, and the time it took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from records.ids import new_id

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
MOST_BODY_BYTES = 4 * 1024 * 1024
"""Of every request but the sending of a file, which has its own limit."""

Observe = Callable[[str, str, int, float], None]
"""Takes method, route template, status and seconds."""


class Shell:
    """The outermost layer: nothing leaves without its headers, and no failure without an answer."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app, self._observe = app, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # the last handler: whatever nobody foresaw gets an answer and one line in the log
            trace_id = new_id()
            log.exception("a request failed", extra={"action": "request.failed", "trace_id": trace_id})
            if status:
                raise  # the answer has begun; only cutting it short tells the truth now
            answer = problem(500, "unexpected", "Something nobody foresaw. Tell the trace id.", trace_id=trace_id)
            await answer(scope, receive, send_with_headers)
        finally:
            template = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._observe(method, template, status, time.perf_counter() - started)


class BodyLimit:
    """Refuses bodies that are larger than anything we ask for, before they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_a_file(scope):
            await self._app(scope, receive, send)
            return
        announced = MutableHeaders(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > MOST_BODY_BYTES:
            await problem(413, "body_too_large", "The body is too large.")(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BODY_BYTES:
                raise HTTPException(413, "The body is too large")
            return message

        await self._app(scope, receive_limited, send)


def _is_a_file(scope: Scope) -> bool:
    return scope["method"] in {"PUT", "POST"} and "/files/" in scope["path"]
