"""Logs: one JSON object a line on standard error, without personal values.

A message is a fixed sentence; facts come as `extra` fields (`action`, `document_id`, `seconds` …). Values of fields,
names of customers and file names never get here.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["trace"] = _trace(record)
        return json.dumps(entry, ensure_ascii=False, default=str)


def _trace(record: logging.LogRecord) -> list[str]:
    """Where it happened, without the messages of foreign errors: those may quote what was being read."""
    trace = []
    current = record.exc_info[2] if record.exc_info else None
    while current is not None:
        code = current.tb_frame.f_code
        trace.append(f"{code.co_filename.rpartition('/')[2]}:{current.tb_lineno} {code.co_name}")
        current = current.tb_next
    return trace


def set_up_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # They log each request or model load with values or noise of their own.
    for noisy in ("httpx", "urllib3", "paddlex", "ppocr", "pdfminer", "alembic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
