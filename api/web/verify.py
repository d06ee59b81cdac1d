"""The verify page: the queue, and the place where one document after the other is settled."""

from __future__ import annotations

from fastapi import Request, Response

from api.deps import Reading
from api.routes import verification
from api.web.pages import Visitor, router_of, show
from api.web.places import VERIFY

router = router_of(VERIFY)

MOST_SHOWN = 50


@router.get("/verify")
def get_queue(request: Request, who: Visitor, session: Reading) -> Response:
    queue = verification.list_waiting(who.actor, session, waiting_for=None, cursor=None, limit=MOST_SHOWN)
    return show(request, "queue.html", who=who, documents=queue.items, has_more=queue.next_cursor is not None)


@router.get("/verify/{document_id}")
def get_workplace(document_id: str, request: Request, who: Visitor) -> Response:
    """The workplace itself; its script asks the API for the document, and for the next one before it is wanted."""
    return show(request, "verify.html", who=who, document_id=document_id)
