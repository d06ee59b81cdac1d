"""Asking a time-stamping authority for a stamp (RFC 3161 over HTTP). Nobody is asked unless the settings name one."""

from __future__ import annotations

import time
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx
from cryptography.x509 import Certificate

from api.settings import Settings
from records.errors import InvalidInput, SettingInvalid, StoreUnavailable, TimestampInvalid
from retention.timestamps import check_stamp, read_trust, request_for

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
PATIENCE_S = 20.0
"""For the whole answer: one that drips in byte by byte would outlast every timeout of a single read."""
MOST_BYTES = 64 * 1024
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class Authority:
    """A time-stamping authority and the certificates by which its stamps are believed."""

    def __init__(self, url: str, trust: tuple[Certificate, ...]) -> None:
        parts = urlsplit(url)
        # Name and password go into a header: an address is written into logs.
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._auth = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        self.trust = trust

    def stamp(self, data: bytes) -> bytes:
        """A stamp over these bytes, checked in full before it is given back.

        Raises:
            StoreUnavailable: no answer, not in time, or not the one that was asked for.
        """
        request = request_for(data)
        try:
            answer = self._ask(request.body)
            check_stamp(answer, data, self.trust, answers=request)
        except httpx.HTTPError as exc:
            raise StoreUnavailable("The time-stamping authority does not answer.", cause=type(exc).__name__) from exc
        except TimestampInvalid as exc:
            raise StoreUnavailable(f"The time-stamping authority's answer is of no use. {exc}") from exc
        return answer

    def _ask(self, body: bytes) -> bytes:
        given_up_at, received = time.monotonic() + PATIENCE_S, bytearray()
        with (
            httpx.Client(timeout=TIMEOUT, auth=self._auth) as client,
            client.stream("POST", self._url, content=body, headers=_HEADERS) as answer,
        ):
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                received += piece
                if len(received) > MOST_BYTES or time.monotonic() > given_up_at:
                    raise StoreUnavailable("The time-stamping authority's answer has no end.")
        return bytes(received)


def authority_of(settings: Settings) -> Authority | None:
    """The authority the settings name; None where they name none."""
    url = settings.timestamp_url.get_secret_value()
    if not url:
        return None
    if settings.timestamp_ca is None:
        raise SettingInvalid("GUIDANG_TIMESTAMP_URL needs GUIDANG_TIMESTAMP_CA: only a stamp that was checked is kept.")
    try:
        return Authority(url, read_trust(settings.timestamp_ca))
    except InvalidInput as exc:
        raise SettingInvalid(f"GUIDANG_TIMESTAMP_CA: {exc}") from exc
