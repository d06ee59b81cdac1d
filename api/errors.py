"""Errors as answers: the one table from error class to HTTP status, and problem+json (RFC 9457) for every failure.

An answer carries the code, what is wrong in both languages, and facts; never a personal value, never a stack.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from api.messages import CHINESE
from api.problem_page import page_of, wants_page
from records import errors
from records.errors import ArchiveError

log = logging.getLogger(__name__)

STATUS: Mapping[type[ArchiveError], int] = {
    ArchiveError: 500,
    errors.Rejected: 422,
    errors.FileTooLarge: 413,
    errors.UnknownType: 415,
    errors.Unreadable: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.NotPermitted: 403,
    errors.NotAuthenticated: 401,
    errors.InvalidInput: 422,
    errors.KeyDestroyed: 410,
    errors.StoreUnavailable: 503,
    errors.ReaderBusy: 503,
    errors.NotErased: 503,
    errors.CodesExhausted: 500,
    errors.FixityError: 500,
    errors.ObjectMissing: 500,
    errors.ChainBroken: 500,
    errors.KeyMissing: 500,
    errors.SettingInvalid: 500,
}
"""A class not named here answers like the nearest it descends from."""

_OF_HTTP = {
    400: "bad_request",
    404: "no_such_route",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
RETRY_AFTER_S = 5


def status_of(error: type[ArchiveError]) -> int:
    return next(STATUS[cls] for cls in error.__mro__ if cls in STATUS)


def default_message(error: type[ArchiveError]) -> str:
    return " ".join((error.__doc__ or "").split())


def error_classes(root: type[ArchiveError] = ArchiveError) -> Iterator[type[ArchiveError]]:
    """Every error class there is, each once, parents first."""
    yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


class Problem(JSONResponse):
    """problem+json (RFC 9457), or a page of the same words to a browser that asked for a page."""

    media_type = "application/problem+json"

    def __init__(self, said: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(said, status_code=said["status"], headers=headers)
        self._said = said

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not wants_page(scope):
            await super().__call__(scope, receive, send)
            return
        kept = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
        await HTMLResponse(page_of(self._said), self.status_code, kept)(scope, receive, send)


def problem(status: int, code: str, detail: str, **more: Any) -> Problem:
    body = {
        "type": f"urn:guidang:error:{code}",
        "title": detail.partition(". ")[0].rstrip("."),
        "status": status,
        "detail": detail,
        "code": code,
        "detail_zh": CHINESE.get(code, CHINESE["archive_error"]),
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="guidang"'
    return Problem(body, headers)


def answer_to(error: ArchiveError) -> Problem:
    status = status_of(type(error))
    # The error of a foreign library may quote values; our own carry ids, codes and numbers only.
    if status >= 500:
        log.error("a request failed", extra={"action": "request.failed", "code": error.code}, exc_info=error)
    facts = {name: _plain(value) for name, value in error.facts.items()}
    return problem(status, error.code, error.message, facts=facts, retryable=error.retryable)


def install(app: FastAPI) -> None:
    @app.exception_handler(ArchiveError)
    def _ours(_request: Request, error: ArchiveError) -> Problem:
        return answer_to(error)

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> Problem:
        wrong = [{"at": ".".join(map(str, _place(each))), "message": each["msg"]} for each in error.errors()]
        return problem(422, "invalid_input", default_message(errors.InvalidInput), errors=wrong)

    @app.exception_handler(IntegrityError)
    def _crossed(_request: Request, error: IntegrityError) -> Problem:
        """Two requests crossed and the database let one through: the other may look again."""
        log.warning("a constraint refused a change", extra={"action": "request.crossed"}, exc_info=error)
        return problem(409, "conflict", default_message(errors.Conflict), retryable=True)

    @app.exception_handler(HTTPException)
    def _of_framework(_request: Request, error: HTTPException) -> Problem:
        code = _OF_HTTP.get(error.status_code, "bad_request")
        detail = "There is no such address." if code == "no_such_route" else f"{error.detail}."
        answer = problem(error.status_code, code, detail)
        answer.headers.update(error.headers or {})
        return answer


def _place(wrong: Mapping[str, Any]) -> Sequence[int | str]:
    """Where it is wrong; the name of a member we do not know is the sender's, and not repeated."""
    place: Sequence[int | str] = wrong["loc"]
    return place[:-1] if wrong["type"] == "extra_forbidden" else place


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
