"""What was filed and destroyed since a backup that has it unfiled: a whole tombstone, and no note of a clerk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import select

from intake import fsck
from intake.backup import make_backup
from records.claims import claim
from records.desk_models import SetAside, VerificationClaim
from records.models import Document
from records.setting_aside import set_aside
from records.terms import DocumentState, FieldState, Role, WaitingFor
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention import test_backup
from tests.integration.retention.test_destruction import approved_list, execute
from tests.integration.retention.test_orders_of_customers import Restore, restored
from tests.integration.retention.test_stated_days import decide, licence
from tests.pixel_text import page_png

__all__ = ["backup", "new_settings", "restored"]
backup, new_settings = test_backup.backup, test_backup.new_settings

CLERK = actor("y", Role.VERIFIER)


def row_of(bench: Bench, document_id: str) -> dict[str, Any]:
    document = bench.document(document_id)
    return {column.name: getattr(document, column.name) for column in Document.__table__.columns}


def test_its_tombstone_is_whole(bench: Bench, backup: Path, restored: Restore) -> None:
    paper, other = bench.send(page_png(licence_lines(1)), page_png(licence_lines(2)))
    make_backup(bench.archive, backup)
    bench.work()
    bench.file([*licence_lines(2), "副本"])  # its customer lives, and the backup does not know it
    execute(bench, approved_list(bench, paper, other))

    new = restored()

    assert row_of(new, paper) == row_of(bench, paper)
    assert row_of(new, paper)["archival_code"] is not None
    assert row_of(new, other) == row_of(bench, other) | {"customer_id": None}
    assert list(fsck.check(new.archive)) == []


def test_nothing_that_a_clerk_had_in_hand_comes_back(bench: Bench, backup: Path, restored: Restore) -> None:
    doomed, waiting = bench.file(licence(1, "2019年03月19日至"), licence(2, "2019年03月19日至"))
    for each in (doomed, waiting):
        assert bench.document(each).waiting_for == WaitingFor.FIELDS
        with bench.archive.transaction() as session:
            set_aside(session, bench.archive.keyring, CLERK, each, "请看营业期限")
            claim(session, CLERK, each, dt.timedelta(hours=1))
    make_backup(bench.archive, backup)
    decide(bench, doomed, FieldState.CORRECTED, "2019年03月19日至2039年03月18日")
    execute(bench, approved_list(bench, doomed))

    new = restored()

    assert new.document(doomed).state == DocumentState.DESTROYED
    with new.archive.reading() as session:
        for table in (SetAside, VerificationClaim):
            assert session.scalars(select(table.document_id)).all() == [waiting]
