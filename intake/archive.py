"""The opened archive: every part that work on it needs, wired once in `api/bootstrap.py` and passed as one value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from index.entry import SearchIndex
from intake.formats.inspection import Limits
from records.filing import FilingPolicy
from records.models import Document
from records.sealing import Keyring
from retention.due import terms_in_force
from retention.erasing import Means
from retention.notices import lacks_notice
from storage.objects import ObjectStore, document_prefix


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """Patterns of codes, as set (`records.numbering`)."""

    fonds: str
    customer_code_pattern: str
    archival_code_pattern: str


@dataclass(frozen=True, kw_only=True)
class Archive:
    """`sessions` may write; `reading_sessions` may not, and on SQLite do not wait for writers."""

    engine: Engine
    sessions: sessionmaker[Session]
    reading_sessions: sessionmaker[Session]
    keyring: Keyring
    objects: ObjectStore
    index: SearchIndex
    limits: Limits
    numbering: Numbering
    notices_are_here: bool
    """Else they are kept elsewhere, and no ID card waits for one."""
    scrub_tables: Callable[[], None]
    """Physical erasure in the database files, beyond what the index does for itself."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: committed on leaving, rolled back when the block raises."""
        with self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.reading_sessions() as session:
            yield session

    def filing_policy(self, session: Session) -> FilingPolicy:
        """How to file now: the numbering as set, the retention schedule in force."""
        return FilingPolicy(
            fonds=self.numbering.fonds,
            customer_code_pattern=self.numbering.customer_code_pattern,
            archival_code_pattern=self.numbering.archival_code_pattern,
            term_for=terms_in_force(session),
            lacks_notice=lacks_notice if self.notices_are_here else lambda *_: False,
        )

    def destruction_means(self) -> Means:
        return Means(
            transaction=self._transaction,
            keyring=self.keyring,
            objects=self.objects,
            index=self.index,
            still_found=self._still_found,
            prefix_of=document_prefix,
            scrub=self._scrub,
        )

    def close(self) -> None:
        self.engine.dispose()
        self.keyring.close()
        self.objects.close()

    def _transaction(self) -> AbstractContextManager[Session]:
        return self.transaction()

    def _scrub(self) -> None:
        self.index.scrub(self.engine)
        self.scrub_tables()

    def _still_found(self, session: Session, documents: Sequence[Document]) -> set[str]:
        filed = {each.id: each.archival_code for each in documents if each.archival_code}  # others were never indexed
        found = self.index.found_codes(session.connection(), sorted(filed.values()))
        return {document_id for document_id, code in filed.items() if code in found}
