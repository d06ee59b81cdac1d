"""The glossary as types: the words that code, tables, URLs and pages share (`docs/glossary.md` has both languages).

Enum values are stored as lower-case text and are never renamed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

DocumentId = NewType("DocumentId", str)
CustomerId = NewType("CustomerId", str)
BatchId = NewType("BatchId", str)
UserId = NewType("UserId", str)
StationId = NewType("StationId", str)


class DocumentKind(StrEnum):
    """What a document is, decided by its content."""

    BUSINESS_LICENSE = "business_license"
    ID_CARD = "id_card"
    REGISTRATION_FORM = "registration_form"
    BANK_PERMIT = "bank_permit"
    CONTRACT = "contract"
    OTHER = "other"


class MarkKind(StrEnum):
    """What stands on a page besides print."""

    QR_CODE = "qr_code"
    SEAL = "seal"
    SIGNATURE = "signature"
    TICK_BOX = "tick_box"
    CELL = "cell"
    """A rectangle of a form that is ruled on all sides."""


class CustomerKind(StrEnum):
    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    INDIVIDUAL = "individual"


class CustomerState(StrEnum):
    """`proposed` until a person accepts the customer; `ended` starts the periods that run from the relationship.

    `destroyed` with its last record: the code stays, never given again; the name and the identity are gone.
    """

    PROPOSED = "proposed"
    ACTIVE = "active"
    ENDED = "ended"
    DESTROYED = "destroyed"


class DocumentState(StrEnum):
    """Where a document stands on the line. A hold is not a state: it is a relation beside it."""

    RECEIVED = "received"
    READ = "read"
    WAITING = "waiting"
    """Waits for a person: a doubtful field, no customer, or a duplicate."""
    VERIFIED = "verified"
    FILED = "filed"
    REFUSED = "refused"
    """Accepted into custody but cannot be opened or read; the station is asked for a rescan."""
    DUPLICATE = "duplicate"
    """Set aside by a person as the same as another; shares the fate of what it repeats."""
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


class WaitingFor(StrEnum):
    """What a waiting document needs of a person."""

    FIELDS = "fields"
    CUSTOMER = "customer"
    DUPLICATE = "duplicate"
    NOTICE = "notice"
    """That the person on an ID card was told of its use and keeping is noted nowhere (K21)."""


class FieldState(StrEnum):
    SURE = "sure"
    DOUBTFUL = "doubtful"
    ABSENT = "absent"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    UNREADABLE = "unreadable"
    NOT_PRINTED = "not_printed"


class RescanReason(StrEnum):
    """Why a paper has to be scanned again (R23)."""

    BLURRED = "blurred"
    DARK = "dark"
    CUT_OFF = "cut_off"
    SKEWED = "skewed"
    COVERED = "covered"
    MISSING_PAGE = "missing_page"
    WRONG_PAPER = "wrong_paper"
    UNREADABLE = "unreadable"
    """The machine cannot open or read the file, however often it tries."""


class FileOutcome(StrEnum):
    """What became of a file put into a batch; the receipt names it."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class BatchState(StrEnum):
    OPEN = "open"
    SEALED = "sealed"


class Step(StrEnum):
    """The steps of the line, in order. `receive` and `keep` happen in the request, the rest as jobs or by people."""

    RECEIVE = "receive"
    KEEP = "keep"
    READ = "read"
    EXTRACT = "extract"
    VERIFY = "verify"
    FILE = "file"
    INDEX = "index"
    RETAIN = "retain"
    DESTROY = "destroy"


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


class Role(StrEnum):
    SCANNER = "scanner"
    VERIFIER = "verifier"
    ARCHIVIST = "archivist"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Trigger(StrEnum):
    """The event a retention period runs from."""

    RECEIVED = "received"
    FILED = "filed"
    FORMED = "formed"
    """The date the document itself bears."""
    RELATIONSHIP_ENDED = "relationship_ended"
    AGREEMENT_ENDED = "agreement_ended"
    LEASE_ENDED = "lease_ended"
    DEREGISTERED = "deregistered"
    TRANSACTION_ENDED = "transaction_ended"


class NoDay(StrEnum):
    """Why a date field of a paper gives no day to run a period from."""

    ENDLESS = "endless"
    """The paper says that there is no end: 长期."""
    UNREADABLE = "unreadable"


class Choice(StrEnum):
    """Which of several events a period runs from."""

    EARLIEST = "earliest"
    LATEST = "latest"


class ScheduleState(StrEnum):
    """A version of the schedule; of those in force the highest counts."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    DISCARDED = "discarded"


class MoveEffect(StrEnum):
    """What a change of the schedule does to a record. `shorter` is shown and not done."""

    STARTS = "starts"
    LATER = "later"
    RECLASSED = "reclassed"
    SHORTER = "shorter"


class Disposition(StrEnum):
    RETAIN = "retain"
    REVIEW = "review"
    DESTROY = "destroy"


class ListState(StrEnum):
    """A destruction list: drafted by one person, signed by others, carried out by one who did neither."""

    PROPOSED = "proposed"
    RETURNED = "returned"
    """A signatory gave it back to its author, who revises or withdraws it; what was signed before no longer counts."""
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXECUTING = "executing"
    EXECUTED = "executed"


class ShreddingMethod(StrEnum):
    """How the paper of a destroyed record was done away with (R106)."""

    SHREDDED = "shredded"
    PULPED = "pulped"
    INCINERATED = "incinerated"


class MovementKind(StrEnum):
    """What is entered of a paper in its ledger (R91)."""

    RECEIVED = "received"
    MOVED = "moved"
    LENT = "lent"
    RETURNED = "returned"


class SignOffDecision(StrEnum):
    """What a signatory says of a destruction list: refusing ends it, returning gives it back to its author."""

    AGREED = "agreed"
    REFUSED = "refused"
    RETURNED = "returned"


class Verdict(StrEnum):
    """What an appraisal says of a record that is due."""

    DESTROY = "destroy"
    KEEP = "keep"


class Demand(StrEnum):
    """What a destruction list needs beside its signatures, unless the schedule waives it with a reason."""

    APPRAISAL = "appraisal"
    CONFIRMATION = "confirmation"
    SUPERVISION = "supervision"


class AppraisalPart(StrEnum):
    """As what somebody sits in an appraisal group (R95)."""

    LEADER = "leader"
    ARCHIVES = "archives"
    BUSINESS = "business"
    EXPERT = "expert"


class RequestGround(StrEnum):
    """Why somebody asks that what is kept of him be destroyed (PIPL art. 47)."""

    PURPOSE_MET = "purpose_met"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"
    OTHER = "other"


class RequestState(StrEnum):
    RECEIVED = "received"
    GRANTED = "granted"
    REFUSED = "refused"


class ReminderKind(StrEnum):
    """What waits for somebody."""

    RECORDS_DUE = "records_due"
    APPRAISAL_OPEN = "appraisal_open"
    LIST_UNSIGNED = "list_unsigned"
    LIST_RETURNED = "list_returned"
    LIST_NOT_EXECUTED = "list_not_executed"
    LIST_INTERRUPTED = "list_interrupted"
    LIST_NOT_CLOSED = "list_not_closed"
    REQUEST_UNDECIDED = "request_undecided"
    SCHEDULE_UNAPPROVED = "schedule_unapproved"
    NOTICE_MISSING = "notice_missing"
    UNSCHEDULED = "unscheduled"


class YearlyNumber(StrEnum):
    """What is counted year by year (工作台账)."""

    RECEIVED = "received"
    SENT_BACK = "sent_back"
    FILED = "filed"
    FILED_PAGES = "filed_pages"
    APPRAISED_KEEP = "appraised_keep"
    APPRAISED_DESTROY = "appraised_destroy"
    DESTROYED = "destroyed"
    DESTROYED_PAGES = "destroyed_pages"
    PAPER_DESTROYED = "paper_destroyed"
    HOLDS_PLACED = "holds_placed"
    HOLDS_RELEASED = "holds_released"
