"""What becomes of a backup's row of which the orders know more: as it was, as it is, or some of both. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from intake.dump import Row
from records.models import Counter, Customer, Document, Station, User
from records.terms import CustomerState, DocumentState
from retention.due import DISPOSABLE
from retention.models import (
    Appraisal,
    AppraisalOpinion,
    AppraisedDocument,
    Delegation,
    DestructionList,
    Hold,
    ListApproval,
    ListedDocument,
    Paper,
    Restriction,
    RetentionSchedule,
    SubjectRequest,
    Supervision,
)

STANDING = ("id", "state", "volume_no", "ended_on", "version")
"""The columns of a customer that say how the relationship stands."""

_HAS_A_TERM = DISPOSABLE | {DocumentState.DESTROYING, DocumentState.DESTROYED}


def settled(table: str, row: Row, now: Row) -> Row:
    """The backup's row with what stands now."""
    return _SETTLED.get(table, _as_it_was)(row, now)


def due_on(row: Row, change: Row) -> Any:
    """The day of a document whose period was changed after the backup was made.

    The backup may have the document as it was before it was filed: then its period begins when it is filed again.
    """
    return change["due_on"] if row["state"] in _HAS_A_TERM else row["due_on"]


def _as_it_was(row: Row, _now: Row) -> Row:
    return row


def _as_it_is(row: Row, now: Row) -> Row:
    return {name: now.get(name, value) for name, value in row.items()}


def _may_do_as_now(row: Row, now: Row) -> Row:
    """Roles, regions and whether the account is disabled as they are; the password and its rests as they were."""
    return row | {name: now[name] for name in ("name", "department", "roles", "regions", "disabled_at")}


def _tombstone_as_now(row: Row, now: Row) -> Row:
    """What stays of a document that is destroyed; the backup may have it as it was before it was filed."""
    if row["state"] != DocumentState.DESTROYED:
        return row
    return _as_it_is(row, now) | {"duplicate_of": row["duplicate_of"]}  # whose row is there before it


def _stands_as_now(row: Row, now: Row) -> Row:
    """The relationship as it is; of whom nothing comes back, nothing is made living again.

    The version tells which is later: it goes up with every end, every end taken back and every return.
    """
    if row["state"] == CustomerState.DESTROYED or now["version"] <= row["version"]:
        return row
    return row | {name: now[name] for name in STANDING}


def _higher(row: Row, now: Row) -> Row:
    return row | {"value": max(row["value"], now["value"])}


_SETTLED: dict[str, Callable[[Row, Row], Row]] = {
    Customer.__tablename__: _stands_as_now,
    Document.__tablename__: _tombstone_as_now,
    Hold.__tablename__: _as_it_is,
    Restriction.__tablename__: _as_it_is,
    SubjectRequest.__tablename__: _as_it_is,
    User.__tablename__: _may_do_as_now,
    RetentionSchedule.__tablename__: _as_it_is,
    DestructionList.__tablename__: _as_it_is,
    ListedDocument.__tablename__: _as_it_is,
    ListApproval.__tablename__: _as_it_is,
    Supervision.__tablename__: _as_it_is,
    Paper.__tablename__: _as_it_is,
    Delegation.__tablename__: _as_it_is,
    Appraisal.__tablename__: _as_it_is,
    AppraisedDocument.__tablename__: _as_it_is,
    AppraisalOpinion.__tablename__: _as_it_is,
    Station.__tablename__: _as_it_is,  # a token that was withdrawn stays so
    Counter.__tablename__: _higher,  # a number that was given is not given again
}
