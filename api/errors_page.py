"""Writes docs/errors.md from the classes: `python -m api.errors_page`."""

from __future__ import annotations

import sys
from http import HTTPStatus
from pathlib import Path

# Imported for the error classes they define beside their use.
import intake.jobs
import intake.worker  # noqa: F401
from api.errors import default_message, error_classes, status_of
from api.messages import CHINESE

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"

_HEAD = """# Errors

Every failure has a code that is never renamed. Over HTTP it comes as `application/problem+json` (RFC 9457) with
`status`, `code`, `detail`, `detail_zh` and the facts (ids, codes, sizes; never a personal value), to a browser that
asks for a page as one of the same words; on a receipt it is a file's `reason`; on the command line it is the message.
*Again* says that the same request may succeed later.

This page is made from the classes by `python -m api.errors_page`; a test holds it to them.

| code | class | HTTP | again | what it says | 中文 |
|---|---|---|---|---|---|
"""

_OF_HTTP = """
What the framework refuses before any of our code runs has these codes: `no_such_route` (404), `method_not_allowed`
(405), `body_too_large` (413), `unsupported_media_type` (415), `bad_request` (400). What nobody foresaw is `unexpected`
(500) with a `trace_id` that is in the log beside the place it happened.
"""


def page() -> str:
    rows = []
    for error in sorted(error_classes(), key=lambda each: each.code):
        status = status_of(error)
        again = "yes" if error.retryable else ""
        said = default_message(error).replace("|", "\\|")
        rows.append(
            f"| `{error.code}` | {error.__name__} | {status} {HTTPStatus(status).phrase} | {again} | {said} "
            f"| {CHINESE.get(error.code, '')} |"
        )
    return _HEAD + "\n".join(rows) + "\n" + _OF_HTTP


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
