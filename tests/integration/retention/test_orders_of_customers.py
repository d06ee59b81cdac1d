"""How the relationship with a living customer stands outlasts a restore: its end, return and volumes (K32, K33)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from api.bootstrap import open_archive
from api.commands.backup import restore_into
from api.settings import Settings
from intake import fsck, jobs
from intake.backup import make_backup, open_backup
from intake.orders import read_orders, write_orders
from records.customers import accept_customer
from records.models import ClosedVolume, Customer, CustomerIdentity, Document
from records.sealing import customer_subject
from records.terms import CustomerState, DocumentState, Role, Step, WaitingFor
from records.verification import choose_customer
from records.volumes import Volume, reopen_customer, volumes_of
from storage.key_backup import dump_keys
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention import test_backup
from tests.integration.retention.test_destruction import approved_list, execute
from tests.integration.retention.test_retracting import GONE_ON, REPORTER, TODAY, end, retract, schedule
from tests.pixel_text import page_png

backup, new_settings = test_backup.backup, test_backup.new_settings
BACK_ON = dt.date(2021, 5, 1)
Restore = Callable[[], Bench]


@pytest.fixture
def restored(bench: Bench, backup: Path, new_settings: Settings, tmp_path: Path) -> Iterator[Restore]:
    """Lay the orders, written now unless they are written already, over the backup in a new archive, and open it."""
    opened: list[Bench] = []

    def restore() -> Bench:
        file, keys = tmp_path / "orders.jsonl", new_settings.data / "keys.jsonl"
        if not file.exists():
            write_orders(bench.archive, file)
        dump_keys(bench.settings.keys_url, keys, days=30)
        restore_into(new_settings, open_backup(backup), None, keys, orders=read_orders(file))
        opened.append(Bench(archive=open_archive(new_settings), settings=new_settings, station=bench.station))
        return opened[0]

    yield restore
    for each in opened:
        each.archive.close()


def customer_of(bench: Bench, document_id: str) -> Customer:
    with bench.archive.reading() as session:
        return session.get_one(Customer, session.get_one(Document, document_id).customer_id)


def come_back(bench: Bench, document_id: str) -> None:
    customer = customer_of(bench, document_id)
    with bench.archive.transaction() as session:
        reopen_customer(session, REPORTER, customer.id, reopened_on=BACK_ON, today=TODAY, version=customer.version)


def test_a_relationship_that_ended_since_has_ended(bench: Bench, backup: Path, restored: Restore) -> None:
    schedule(bench, "relationship_ended")
    (document_id,) = bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    ended = end(bench, document_id)

    new = restored()

    customer = customer_of(new, document_id)
    assert (customer.state, customer.ended_on) == (CustomerState.ENDED, GONE_ON)
    assert new.document(document_id).due_on == GONE_ON.replace(year=2021)
    (late,) = new.file(licence_lines(1, scope="新的经营范围。"))
    assert new.document(late).waiting_for == WaitingFor.CUSTOMER  # the file is closed, as it was
    assert list(fsck.check(new.archive)) == []
    assert retract(new, ended).changed == 1
    assert customer_of(new, document_id).state == CustomerState.ACTIVE


def test_a_customer_who_returned_since_has_the_next_volume(bench: Bench, backup: Path, restored: Restore) -> None:
    schedule(bench, "relationship_ended")
    (document_id,) = bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    end(bench, document_id)
    come_back(bench, document_id)
    bench.file(licence_lines(1, scope="回来以后。"))

    new = restored()

    customer = customer_of(new, document_id)
    assert (customer.state, customer.ended_on, customer.volume_no) == (CustomerState.ACTIVE, None, 2)
    with new.archive.reading() as session:
        assert volumes_of(session, customer) == [
            Volume(volume_no=1, opened_on=customer.opened_at.date(), ended_on=GONE_ON),
            Volume(volume_no=2, opened_on=BACK_ON, ended_on=None),
        ]
    (again,) = new.file(licence_lines(1, scope="回来以后。"))
    assert (new.document(again).volume_no, new.document(again).due_on) == (2, None)
    assert (new.document(document_id).volume_no, new.document(document_id).due_on) == (1, GONE_ON.replace(year=2021))


def test_an_end_that_was_taken_back_since_has_not_happened(bench: Bench, backup: Path, restored: Restore) -> None:
    schedule(bench, "relationship_ended")
    (document_id,) = bench.file(licence_lines(1))
    ended = end(bench, document_id)
    make_backup(bench.archive, backup)
    retract(bench, ended)

    new = restored()

    customer = customer_of(new, document_id)
    assert (customer.state, customer.ended_on) == (CustomerState.ACTIVE, None)
    assert new.document(document_id).due_on is None


def test_a_customer_who_was_accepted_since_is_accepted(bench: Bench, backup: Path, restored: Restore) -> None:
    (document_id,) = bench.file(licence_lines(1))
    make_backup(bench.archive, backup)
    proposed = customer_of(bench, document_id)
    with bench.archive.transaction() as session:
        accept_customer(session, REPORTER, proposed.id, version=proposed.version)

    new = restored()

    assert (proposed.state, customer_of(new, document_id).state) == (CustomerState.PROPOSED, CustomerState.ACTIVE)


def test_of_a_customer_the_backup_does_not_know_nothing_comes(
    bench: Bench, backup: Path, restored: Restore, tmp_path: Path
) -> None:
    """Nor does the file tell his code, nor anybody's but of whom nothing is left."""
    known, gone = bench.file(licence_lines(1), licence_lines(2))
    make_backup(bench.archive, backup)
    (unknown,) = bench.file(licence_lines(3))
    end(bench, unknown)
    come_back(bench, unknown)
    end(bench, known)
    execute(bench, approved_list(bench, gone))

    new = restored()

    with new.archive.reading() as session:
        assert session.get(Customer, bench.document(unknown).customer_id) is None
        assert session.scalars(select(ClosedVolume)).all() == []
        assert customer_of(new, known).code == customer_of(bench, known).code
        assert customer_of(new, gone).code == customer_of(bench, gone).code
    written = (tmp_path / "orders.jsonl").read_text(encoding="utf-8")
    assert customer_of(bench, gone).code in written
    for living in (known, unknown):
        assert customer_of(bench, living).id in written
        assert customer_of(bench, living).code not in written


def test_of_whom_nothing_was_left_no_name_comes_back(bench: Bench, backup: Path, restored: Restore) -> None:
    """Though the backup has a paper as his that was found since to be another's."""
    first, other = bench.file(licence_lines(1), licence_lines(2))
    (paper,) = bench.file(["会议纪要", "第一次"])
    customer, owner = customer_of(bench, first), customer_of(bench, other)
    choose(bench, paper, customer.id)
    make_backup(bench.archive, backup)
    with bench.archive.transaction() as session:
        session.get_one(Document, paper).customer_id = owner.id
    bench.work()
    execute(bench, approved_list(bench, first))

    new = restored()

    with new.archive.reading() as session:
        forgotten = session.get_one(Customer, customer.id)
        assert (forgotten.state, forgotten.name_sealed) == (CustomerState.DESTROYED, None)
        assert session.scalars(select(CustomerIdentity).where(CustomerIdentity.customer_id == customer.id)).all() == []
        assert not new.archive.keyring.has_key(customer_subject(customer.id))
    new.work()
    assert (new.document(paper).state, new.document(paper).customer_id) == (DocumentState.WAITING, None)


def choose(bench: Bench, document_id: str, customer_id: str) -> None:
    with bench.archive.transaction() as session:
        version = session.get_one(Document, document_id).version
        choose_customer(session, actor("y", Role.VERIFIER), document_id, customer_id=customer_id, version=version)
        jobs.enqueue(session, Step.FILE, document_id)


def test_orders_older_than_the_backup_open_no_closed_file(
    bench: Bench, backup: Path, restored: Restore, tmp_path: Path
) -> None:
    schedule(bench, "relationship_ended")
    first, second = bench.file(licence_lines(1), licence_lines(2))
    wrong = end(bench, second)
    accepted = customer_of(bench, first)
    with bench.archive.transaction() as session:
        accept_customer(session, REPORTER, accepted.id, version=accepted.version)
    write_orders(bench.archive, tmp_path / "orders.jsonl")
    end(bench, first)
    retract(bench, wrong)
    make_backup(bench.archive, backup)

    new = restored()

    assert customer_of(new, first).state == CustomerState.ENDED
    assert new.document(first).due_on == GONE_ON.replace(year=2021)
    assert customer_of(new, second).state == CustomerState.ACTIVE
    assert new.document(second).due_on is None


def test_a_paper_not_yet_filed_in_the_backup_has_no_day(bench: Bench, backup: Path, restored: Restore) -> None:
    schedule(bench, "relationship_ended")
    (paper,) = bench.send(page_png(licence_lines(1)))
    make_backup(bench.archive, backup)
    bench.work()
    end(bench, paper)

    new = restored()

    assert (new.document(paper).state, new.document(paper).due_on) == (DocumentState.RECEIVED, None)
    new.work()  # it opens a file anew: that relationship has not ended
    assert (new.document(paper).state, new.document(paper).due_on) == (DocumentState.FILED, None)
