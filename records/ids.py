"""Ids that sort by time, so that new rows land at the end of their indexes."""

from __future__ import annotations

import datetime as dt
import secrets
import time


def new_id() -> str:
    """32 hex digits: 48 bits of milliseconds since 1970, then 80 random bits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
