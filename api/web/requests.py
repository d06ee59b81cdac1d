"""Requests of customers, and what is restricted."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import select

from api.deps import Reading
from api.routes import requests, retention
from api.web.pages import Visitor, router_of, show
from api.web.people import names_of
from api.web.places import RETENTION
from api.web.retention import SHOWN
from records.models import Customer
from records.terms import RequestGround, Role

router = router_of(RETENTION)


@router.get("/retention/requests")
def get_requests(request: Request, who: Visitor, session: Reading) -> Response:
    found = requests.list_requests(who.actor, session, None, SHOWN).items
    acted = [person for each in found for person in (each.filed_by, each.decided_by)]
    codes = select(Customer.id, Customer.code).where(Customer.id.in_([each.customer_id for each in found]))
    return show(
        request, "requests.html", who=who, requests=found, names=names_of(session, acted),
        codes={customer_id: code for customer_id, code in session.execute(codes)}, grounds=list(RequestGround),
        restricted=requests.list_restricted(who.actor, session, None, SHOWN).items, today=retention.today(),
        may_decide=who.actor.may(Role.APPROVER),
    )  # fmt: skip
