"""An archive as it is after years, filled by SQL: customers, records with sealed pages and fields, jobs, an audit log.

Every row is what the line would have written, sealed with keys of its own, so that pages can be shown and searched;
only the objects (originals and pictures) are not there.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate, islice
from multiprocessing import get_context
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, update
from sqlalchemy.orm import Session

from index import IndexedDocument
from index.query import first_place
from intake.archive import Archive
from intake.jobs import Job
from records import audit, chain
from records.customers import NAME_CONTEXT
from records.fields import field_context
from records.models import (
    AuditEntry,
    AuditHead,
    Batch,
    Customer,
    CustomerIdentity,
    Document,
    Field,
    Page,
    Part,
    Region,
    RegionTable,
)
from records.sealing import customer_subject, document_subject
from records.terms import (
    CustomerKind,
    CustomerState,
    DocumentKind,
    DocumentState,
    FieldState,
    JobState,
    Step,
    WaitingFor,
)
from storage import encryption
from storage.key_tables import data_keys
from storage.keyring import DatabaseKeyring, _context, _wrap
from tests.benchmark.filled_index import BulkIndex, bulk_index

PAGES = 5
WORDS_A_PAGE = 100
REGIONS = [f"R{number:03d}" for number in range(300)]
STATION = "s" * 32
DOCUMENTS_A_BATCH = 50
CHUNK = 500
MAKERS = 2
FIRST_DAY = dt.datetime(2016, 1, 4, 1, tzinfo=dt.UTC)
FIELDS = ("unified_social_credit_code", "name", "legal_representative", "address")
KINDS = (DocumentKind.BUSINESS_LICENSE, DocumentKind.ID_CARD, DocumentKind.CONTRACT, DocumentKind.OTHER)


@dataclass
class Chunk:
    """Some documents, ready to be written."""

    rows: dict[type[Any], list[dict[str, Any]]] = field(
        default_factory=lambda: {each: [] for each in (Batch, Document, Part, Page, Field, Job)}
    )
    keys: dict[str, bytes] = field(default_factory=dict)
    indexed: list[Any] = field(default_factory=list)
    """Of `BulkIndex.made`."""


class Invention:
    """What the archive is to hold. The same seed gives the same, but for keys, whichever process makes which chunk."""

    def __init__(self, customers: int, documents: int, index: BulkIndex, seed: int = 1) -> None:
        self.customers, self.documents, self._index, self._seed = customers, documents, index, seed
        self._random = random.Random(seed)
        self.words = self.vocabulary(seed)
        self._word_weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.words))))
        region_weights = list(accumulate(1 / (rank + 5) for rank in range(len(REGIONS))))
        self.region_of = self._random.choices(REGIONS, cum_weights=region_weights, k=customers)
        self.names = ["".join(self._some_words(3)) + "有限公司" for _ in range(customers)]
        per_day = max(1, documents // 2_500)
        self._day_of = [number // per_day for number in range(documents)]

    @staticmethod
    def vocabulary(seed: int = 1) -> list[str]:
        """The words of all pages, the most frequent first."""
        chance, characters = random.Random(seed), [chr(0x4E00 + number) for number in range(3500)]
        lengths = chance.choices([1, 2, 2, 2, 3, 4], k=20_000)
        return ["".join(chance.choices(characters, k=length)) for length in lengths]

    def customer_id(self, number: int) -> str:
        return f"c{number:031x}"

    def document_id(self, number: int) -> str:
        return f"d{number:031x}"

    def _some_words(self, count: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._word_weights, k=count)

    def chunk(self, numbers: Sequence[int]) -> Chunk:
        self._random.seed(f"{self._seed} {numbers[0]}")
        made = Chunk()
        for number in numbers:
            subject, key = document_subject(self.document_id(number)), secrets.token_bytes(encryption.KEY_BYTES)
            made.keys[subject] = key
            pages = [self._page(page_no) for page_no in range(1, PAGES + 1)]
            if number % DOCUMENTS_A_BATCH == 0:
                made.rows[Batch].append(self._batch(number))
            made.rows[Document].append(self._document(number))
            made.rows[Part].append({"document_id": self.document_id(number), "part_no": 1, "kind": KINDS[number % 4],
                                    "page_nos": [1], "confidence": 0.98})  # fmt: skip
            made.rows[Page] += [self._page_row(number, page_no, page, key) for page_no, page in enumerate(pages, 1)]
            made.rows[Field] += self._fields(number, key)
            made.rows[Job] += self._jobs(number)
            made.indexed += self._made_for_index(number, pages)
        return made

    def _page(self, page_no: int) -> str:
        words = self._some_words(WORDS_A_PAGE)
        lines = ["".join(words[at : at + 10]) for at in range(0, WORDS_A_PAGE, 10)]
        return "\n".join([*lines, f"编号{self._random.randrange(10**8)}"])

    def _batch(self, number: int) -> dict[str, Any]:
        at = self.filed_at(number)
        return {"id": f"b{number // DOCUMENTS_A_BATCH:031x}", "number": f"B{number // DOCUMENTS_A_BATCH:08d}",
                "station_id": STATION, "operator": "王五", "region_code": self._region(number),
                "declared_files": DOCUMENTS_A_BATCH, "capture": {}, "state": "sealed", "opened_at": at,
                "sealed_at": at}  # fmt: skip

    def _region(self, number: int) -> str:
        return self.region_of[number % self.customers]

    def filed_at(self, number: int) -> dt.datetime:
        return FIRST_DAY + dt.timedelta(days=self._day_of[number], seconds=number % 28_800)

    def _document(self, number: int) -> dict[str, Any]:
        at, waits = self.filed_at(number), number % 200 == 7
        return {
            "id": self.document_id(number), "batch_id": f"b{number // DOCUMENTS_A_BATCH:031x}",
            "file_no": number % DOCUMENTS_A_BATCH + 1, "station_id": STATION, "operator": "王五",
            "region_code": self._region(number), "sha256": f"{number:064x}", "size_bytes": 300_000,
            "media_type": "image/jpeg", "file_name_sealed": None, "received_at": at,
            "state": DocumentState.WAITING if waits else DocumentState.FILED,
            "waiting_for": WaitingFor.FIELDS if waits else None, "refused_code": None, "duplicate_of": None,
            "kind": KINDS[number % 4], "page_count": PAGES,
            "customer_id": None if waits else self.customer_id(number % self.customers),
            "archival_code": None if waits else f"GD01-KH·YZ-{at.year}-D10-{number:06d}", "formed_on": at.date(),
            "filed_at": None if waits else at, "retention_class": None if waits else "licences",
            "schedule_version": None if waits else 1,
            "due_on": None if waits else at.date().replace(day=1, year=at.year + 10), "destroyed_at": None,
            "version": 1,
        }  # fmt: skip

    def _page_row(self, number: int, page_no: int, page: str, key: bytes) -> dict[str, Any]:
        lines = [{"text": line, "confidence": 0.98, "box": [[10, 10 + 40 * at], [900, 10 + 40 * at],
                  [900, 40 + 40 * at], [10, 40 + 40 * at]]} for at, line in enumerate(page.split("\n"))]  # fmt: skip
        plain = json.dumps({"lines": lines, "marks": [], "sheet": None}, ensure_ascii=False).encode()
        context = _context(document_subject(self.document_id(number)), f"pages.reading:{page_no}")
        return {"document_id": self.document_id(number), "page_no": page_no, "width_px": 1240, "height_px": 1754,
                "rotation_deg": 0, "skew_deg": 0.1, "dpi": 150.0, "advice": [], "engine": "filled",
                "reading_sealed": encryption.seal(key, plain, context)}  # fmt: skip

    def _fields(self, number: int, key: bytes) -> Iterator[dict[str, Any]]:
        subject, at = document_subject(self.document_id(number)), self.filed_at(number)
        for position, name in enumerate(FIELDS):
            value = self.names[number % self.customers] if name == "name" else "".join(self._some_words(4))
            evidence = {"value": value, "text": value, "box": None, "suggestions": []}
            plain = json.dumps(evidence, ensure_ascii=False).encode()
            yield {
                "id": f"f{number * 10 + position:031x}", "document_id": self.document_id(number), "part_no": 1,
                "name": name, "position": position, "confidence": 0.97, "page_no": 1, "checks": [],
                "state": FieldState.DOUBTFUL if number % 200 == 7 and position == 0 else FieldState.SURE,
                "sealed": encryption.seal(key, plain, _context(subject, field_context(1, name))), "version": 1,
                "decided_by": "filled", "decided_at": at,
            }  # fmt: skip

    def _jobs(self, number: int) -> Iterator[dict[str, Any]]:
        at, parked = self.filed_at(number), number % 20_000 == 11
        for step in (Step.READ, Step.EXTRACT, Step.FILE):
            stuck = parked and step == Step.FILE
            yield {"id": f"{step[0]}{number:031x}", "step": step, "document_id": self.document_id(number),
                   "priority": 3, "state": JobState.PARKED if stuck else JobState.DONE, "attempts": 1, "run_after": at,
                   "lease_until": None, "worker": "w", "fence": 1, "error_code": "worker_lost" if stuck else None,
                   "error": None, "created_at": at, "finished_at": None if stuck else at}  # fmt: skip

    def _made_for_index(self, number: int, pages: Sequence[str]) -> Iterator[Any]:
        document = self._document(number)
        if document["archival_code"] is None:
            return
        day, customer = self.filed_at(number).date(), number % self.customers
        entry = IndexedDocument(
            document_id=document["id"], customer_id=document["customer_id"], kind=document["kind"],
            region_code=document["region_code"], customer_code=f"C{customer:08d}",
            archival_code=document["archival_code"], state=document["state"], filed_on=day, document_on=day,
            fingerprints=(f"{customer:064x}",), names=self.names[customer], pages=tuple(pages),
        )  # fmt: skip
        yield self._index.made((first_place(day) + number, entry))


_invention: Invention


def _start(invention: Invention) -> None:
    global _invention
    _invention = invention


def _chunk(numbers: Sequence[int]) -> Chunk:
    return _invention.chunk(numbers)


class Filling:
    """Writes an invention into an archive, while other processes make what comes next."""

    def __init__(self, archive: Archive, customers: int, documents: int) -> None:
        self._archive, self._index = archive, bulk_index(archive.engine)
        self._invention = Invention(customers, documents, self._index)

    def fill(self, say: Callable[[str], None]) -> None:
        keyring, invention = cast(DatabaseKeyring, self._archive.keyring), self._invention
        with self._archive.engine.connect() as connection:
            self._index.begin(connection)
            with connection.begin():
                _add_regions(connection)
            for numbers in _slices(invention.customers, 5_000):
                with connection.begin():
                    _add_customers(connection, keyring, invention, numbers)
            say("customers are in")
            for number, made in enumerate(self._chunks()):
                with connection.begin():
                    self._index.write(connection, made.indexed)
                    _add_documents(connection, keyring, made)
                if number * CHUNK % 10_000 == 0:
                    say(f"  {number * CHUNK:,} documents")
            connection.invalidate()  # it writes fast, not safely
        with self._archive.transaction() as session:
            _add_acts(session, invention)
        with self._archive.engine.connect() as connection:
            self._index.end(connection)
            connection.invalidate()
        say("all is in")

    def _chunks(self) -> Iterator[Chunk]:
        """In order, a few made ahead."""
        numbers = _slices(self._invention.documents, CHUNK)
        with ProcessPoolExecutor(MAKERS, get_context("spawn"), _start, (self._invention,)) as makers:
            ahead = deque(makers.submit(_chunk, each) for each in islice(numbers, MAKERS + 1))
            while ahead:
                yield ahead.popleft().result()
                ahead.extend(makers.submit(_chunk, each) for each in islice(numbers, 1))


def _slices(count: int, size: int) -> Iterator[range]:
    return (range(start, min(start + size, count)) for start in range(0, count, size))


def _add_regions(connection: Connection) -> None:
    loaded = {"version": 2, "sha256": "0" * 64, "loaded_by": "setup", "loaded_at": FIRST_DAY}
    _add(connection, RegionTable, [loaded])
    regions = [{"version": 2, "code": code, "name": f"第{code}区", "area_prefixes": ["31"]} for code in REGIONS]
    _add(connection, Region, regions)


def _add_customers(
    connection: Connection, keyring: DatabaseKeyring, invention: Invention, numbers: Iterable[int]
) -> None:
    rows, identities, keys = [], [], {}
    for number in numbers:
        customer_id, key = invention.customer_id(number), secrets.token_bytes(encryption.KEY_BYTES)
        subject = customer_subject(customer_id)
        keys[subject] = key
        sealed = encryption.seal(key, invention.names[number].encode(), _context(subject, NAME_CONTEXT))
        rows.append({"id": customer_id, "kind": CustomerKind.COMPANY, "state": CustomerState.ACTIVE,
                     "region_code": invention.region_of[number], "code": f"C{number:08d}", "name_sealed": sealed,
                     "opened_at": FIRST_DAY, "ended_on": None, "version": 1})  # fmt: skip
        identities.append({"fingerprint": f"{number:064x}", "purpose": "credit_code", "customer_id": customer_id})
    _add(connection, Customer, rows)
    _add(connection, CustomerIdentity, identities)
    _keep(keyring, keys)


def _add_documents(connection: Connection, keyring: DatabaseKeyring, made: Chunk) -> None:
    for model, rows in made.rows.items():
        _add(connection, model, rows)
    _keep(keyring, made.keys)


def _add_acts(session: Session, invention: Invention) -> None:
    """An act for each record, chained."""
    seq, previous = audit.end(session)
    for numbers in _slices(invention.documents, 5_000):
        rows = []
        for number in numbers:
            seq, at, subject = seq + 1, invention.filed_at(number), document_subject(invention.document_id(number))
            said = {"seq": seq, "at": at.isoformat(), "actor": "system", "action": "document.filed", "object": subject}
            entry = chain.canonical(said | {"details": {}})
            digest = chain.link_hash(previous, entry)
            rows.append(said | {"at": at, "entry": entry, "previous_hash": previous, "hash": digest})
            previous = digest
        session.execute(insert(AuditEntry), rows)
    session.execute(update(AuditHead).values(seq=seq, hash=previous))


def _add(connection: Connection, model: type[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(cast(Table, model.__table__)), rows)


def _keep(keyring: DatabaseKeyring, keys: dict[str, bytes]) -> None:
    """Keys by the thousand: the key store itself takes them one by one, each durable before anything is sealed."""
    now = dt.datetime.now(dt.UTC)
    rows = [{"subject": subject, "wrapped": _wrap(keyring._master, subject, key), "master_key_id": keyring._master.id,
             "created_at": now} for subject, key in keys.items()]  # fmt: skip
    with keyring._engine.begin() as connection:
        connection.execute(insert(data_keys), rows)
