"""What was ordered after a backup was made holds after it is restored: holds, longer periods, tombstones, numbers."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from api.bootstrap import open_archive, open_master_key
from api.cli import app
from api.commands.backup import restore_into
from api.settings import Settings
from intake import fsck
from intake.backup import make_backup, open_backup
from intake.indexing import reindexer
from intake.orders import check_signature, read_orders, write_orders
from records.errors import BackupBroken, NotDue
from records.ids import utc_now
from records.models import Counter, Document, User
from records.terms import DocumentState, ListState
from retention import register
from retention.certificate_content import Place, certificate_of
from retention.holds import HoldOrder, holds_on, place_hold, release_hold
from retention.listed import signatures
from retention.models import Appraisal, DestructionList, Hold, TermChange
from retention.restrictions import restrict
from storage.key_backup import dump_keys
from storage.keyring import open_keyring
from storage.master_key import new_master_key
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention import test_backup
from tests.integration.retention.office import SUPERVISORS, confirm, count, furnish, proposed, sign
from tests.integration.retention.office import approved as approved_by_all
from tests.integration.retention.office import execute as carry_out
from tests.integration.retention.test_destruction import approved_list, execute
from tests.integration.retention.test_supervision import keep_paper, shred, watch

backup, new_settings = test_backup.backup, test_backup.new_settings


def hold(bench: Bench, case_no: str, document_id: str) -> str:
    order = HoldOrder(case_no=case_no, reason="诉讼", authority="法院", subjects=[f"document:{document_id}"])
    with bench.archive.transaction() as session:
        return place_hold(session, actor("e"), order).id


def test_what_was_ordered_since_holds(
    bench: Bench,
    backup: Path,
    new_settings: Settings,
    tmp_path: Path,
) -> None:
    doomed, held, freed, longer, hidden = bench.file(*(licence_lines(number) for number in range(1, 6)))
    released = hold(bench, "1", freed)
    make_backup(bench.archive, backup)
    hold(bench, "2", held)
    with bench.archive.transaction() as session:
        release_hold(session, actor("e"), released, reason="结案")
        session.add(TermChange(document_id=longer, due_before=None, due_on=dt.date(2150, 1, 1), source="appraisal:x",
                               reason="续存", changed_by="a"))  # fmt: skip
        session.execute(update(Document).where(Document.id == longer).values(due_on=dt.date(2150, 1, 1)))
    with bench.archive.transaction() as session:
        restrict(session, actor("e"), hidden, reason="客户要求", reindex=reindexer(bench.archive))
    (late,) = bench.file(licence_lines(6))
    execute(bench, approved_list(bench, doomed, late))
    write_orders(bench.archive, tmp_path / "orders.jsonl")
    keys = new_settings.data / "keys.jsonl"
    dump_keys(bench.settings.keys_url, keys, days=30)

    orders = read_orders(tmp_path / "orders.jsonl")
    restored = restore_into(new_settings, open_backup(backup), None, keys, orders=orders)

    assert (restored.holds_brought, restored.tombstones_brought, restored.destroyed_again) == (1, 1, 1)
    with closing(open_archive(new_settings)) as archive:
        assert list(fsck.check(archive, deep=True)) == []
        with archive.reading() as session, bench.archive.reading() as present:
            assert [each.case_no for each in holds_on(session, session.get_one(Document, held))] == ["2"]
            assert holds_on(session, session.get_one(Document, freed)) == []
            assert session.get_one(Hold, released).release_reason == "结案"
            assert session.get_one(Document, longer).due_on == dt.date(2150, 1, 1)
            assert session.get_one(Document, hidden).restricted_at is not None
            for gone in (doomed, late):
                tombstone, original = session.get_one(Document, gone), present.get_one(Document, gone)
                assert tombstone.state == DocumentState.DESTROYED
                assert (tombstone.archival_code, tombstone.sha256) == (original.archival_code, original.sha256)
            assert list(register.links(session)) == list(register.links(present))
            given = select(Counter.name, Counter.value).order_by(Counter.name)
            assert session.execute(given).all() == present.execute(given).all()
        new = Bench(archive=archive, settings=new_settings, station=bench.station)
        with pytest.raises(NotDue):
            approved_list(new, held)
        execute(new, approved_list(new, freed))
        assert new.document(freed).state == DocumentState.DESTROYED
        with pytest.raises(NotDue):
            approved_list(new, longer)


def test_a_changed_or_foreign_file_is_refused(
    bench: Bench,
    backup: Path,
    new_settings: Settings,
    tmp_path: Path,
) -> None:
    (document_id,) = bench.file(licence_lines(1))
    hold(bench, "1", document_id)
    make_backup(bench.archive, backup)
    file = tmp_path / "orders.jsonl"
    write_orders(bench.archive, file)
    whole = file.read_bytes()

    for at in range(0, len(whole), 97):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupBroken):
            check_signature(read_orders(file), bench.archive.keyring)
    file.write_bytes(whole)
    with (
        closing(open_keyring(f"sqlite:///{tmp_path / 'other.db'}", new_master_key())) as other,
        pytest.raises(BackupBroken),
    ):
        check_signature(read_orders(file), other)
    with closing(open_keyring(bench.settings.keys_url, open_master_key(bench.settings))) as own:
        check_signature(read_orders(file), own)


def test_it_holds_no_name_and_no_text(bench: Bench, tmp_path: Path) -> None:
    ids = bench.file(licence_lines(1), licence_lines(2))
    execute(bench, approved_list(bench, ids[0]))
    write_orders(bench.archive, tmp_path / "orders.jsonl")

    lines = [json.loads(line) for line in (tmp_path / "orders.jsonl").read_bytes().splitlines()]
    assert "青禾" not in json.dumps(lines, ensure_ascii=False)
    assert ids[0] in json.dumps(lines)


def test_restoring_asks_for_one_of_the_three(bench: Bench, backup: Path, tmp_path: Path) -> None:
    make_backup(bench.archive, backup)

    answer = CliRunner().invoke(app, ["--data", str(tmp_path / "new"), "restore", str(backup)])

    assert "--orders" in str(answer.exception)


def test_lists_that_ended_and_rounds_that_were_concluded_come_back_with_every_signature(
    bench: Bench, backup: Path, new_settings: Settings, tmp_path: Path
) -> None:
    """What R96 and R101 want kept for ever, though the backup is older; nobody gets back what was taken from him."""
    office = furnish(bench)
    doomed, other = office.file(licence_lines(1), licence_lines(2))
    keep_paper(office, doomed)
    signed_before = approved_by_all(office, doomed)
    open_list = proposed(office, other)
    make_backup(bench.archive, backup)
    confirm(office, signed_before)
    count(office, signed_before)
    carry_out(office, signed_before)
    shred(office, signed_before)
    for name in SUPERVISORS:
        watch(office, signed_before, name)
    sign(office, open_list, "leader")
    (third,) = office.file(licence_lines(3))
    late = approved_by_all(office, third)
    confirm(office, late)
    count(office, late)
    carry_out(office, late)
    for name in SUPERVISORS:
        watch(office, late, name)
    with bench.archive.transaction() as session:
        session.add(User(id="new", name="new", password_hash="secret-hash", roles=["approver"]))
        session.get_one(User, "office").disabled_at = utc_now()
    file, keys = tmp_path / "orders.jsonl", new_settings.data / "keys.jsonl"
    write_orders(bench.archive, file)
    dump_keys(bench.settings.keys_url, keys, days=30)

    restore_into(new_settings, open_backup(backup), None, keys, orders=read_orders(file))

    assert b"secret-hash" not in file.read_bytes()
    place = Place(archive="GD01", program="x", key_backup_days=30)
    with closing(open_archive(new_settings)) as archive, archive.reading() as session, bench.archive.reading() as then:
        for list_id in (signed_before, late):
            number = then.get_one(DestructionList, list_id).number
            mine, theirs = certificate_of(session, number, place), certificate_of(then, number, place)
            assert mine | {"made_at": ""} == theirs | {"made_at": ""}
        reports = select(Appraisal.number, Appraisal.report).order_by(Appraisal.number)
        assert session.execute(reports).all() == then.execute(reports).all()
        again = session.get_one(DestructionList, open_list)
        assert again.state == ListState.PROPOSED
        assert signatures(session, again) == []
        assert session.get_one(User, "office").disabled_at is not None
        assert session.get_one(User, "new").password_hash == "!"
        assert list(fsck.check(archive)) == []
