"""Idempotency keys: a request that creates, sent twice with the same key, creates once and is answered alike.

The key is written before the work, in the same transaction: a second request with it waits for the first to commit
and then finds its answer; if the first fails, nothing of it stays, the key included.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from api.deps import TheActor, Writing
from records.errors import Conflict, KeyReused
from records.ids import utc_now
from records.models import IdempotencyKey

REMEMBERED = dt.timedelta(days=7)

Answer = TypeVar("Answer", bound=BaseModel)


class Once:
    """Answers a request that creates, once for each key; without a key, each time."""

    def __init__(
        self,
        request: Request,
        session: Writing,
        actor: TheActor,
        idempotency_key: Annotated[
            str | None, Header(min_length=1, max_length=200, description="Makes repeating the request harmless.")
        ] = None,
    ) -> None:
        self._session, self._principal, self._key = session, actor.id, idempotency_key
        self._request = f"{request.method} {request.url.path}\n"

    def answer(self, order: BaseModel, create: Callable[[], Answer], model: type[Answer]) -> Answer:
        """Create, or give the answer that was given before.

        Raises:
            KeyReused: the key came with another request before.
        """
        if self._key is None:
            return create()
        digest = hashlib.sha256((self._request + order.model_dump_json()).encode()).hexdigest()
        known = self._session.get(IdempotencyKey, (self._principal, self._key))
        if known is None:
            row = self._claim(digest)
            answer = create()
            row.answer = answer.model_dump(mode="json")
            self._session.flush()
            return answer
        if known.request_sha256 != digest:
            raise KeyReused
        return model.model_validate(known.answer)

    def _claim(self, digest: str) -> IdempotencyKey:
        self._session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < utc_now() - REMEMBERED))
        row = IdempotencyKey(principal=self._principal, key=self._key, request_sha256=digest, answer={})
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError as exc:
            raise Conflict("The same request was under way at the same time. Send it again for its answer.") from exc
        return row


OnlyOnce = Annotated[Once, Depends(Once, scope="function")]
