"""Orders over a backup that an earlier version made: tables and columns it did not have yet."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select

from api.bootstrap import open_archive
from api.commands.backup import restore_into
from api.settings import Settings
from intake import backup as backups
from intake.backup import MANIFEST, make_backup, open_backup
from intake.orders import read_orders, write_orders
from records.ids import utc_now
from records.models import ClosedVolume, User
from records.sealing import Keyring
from records.terms import MovementKind, Role
from retention.models import PaperMovement, RetentionEvent
from retention.movements import Movement, move_paper, note_paper
from storage import schema
from storage.database import open_engine
from storage.key_backup import dump_keys
from tests.archives import Bench, actor, licence_lines
from tests.integration.retention import test_backup
from tests.integration.retention.test_retracting import end, schedule

backup, new_settings = test_backup.backup, test_backup.new_settings
OLD = "0003"


def as_an_earlier_version_made_it(directory: Path, keyring: Keyring, scratch: Path) -> None:
    """Take out of a backup what the schema of OLD has no place for."""
    engine = open_engine(f"sqlite:///{scratch / 'old.db'}")
    schema.upgrade(engine, OLD)
    found = inspect(engine)
    columns = {name: {each["name"] for each in found.get_columns(name)} for name in found.get_table_names()}
    columns["users"] -= {"disabled_at"}  # as if it had been added since
    engine.dispose()
    whole = open_backup(directory)
    tables = [_reduced(whole.path_of(table["table"]), table, columns) for table in whole.manifest["tables"]
              if table["table"] in columns]  # fmt: skip
    content = {name: value for name, value in whole.manifest.items() if name != "signature"}
    content |= {"revision": OLD, "tables": tables}
    content["signature"] = backups._sign(keyring, content)
    (directory / MANIFEST).write_bytes(backups._written(content))


def _reduced(path: Path, table: dict[str, Any], columns: dict[str, set[str]]) -> dict[str, Any]:
    header, *rows = (json.loads(line) for line in path.read_bytes().splitlines())
    kept = [at for at, name in enumerate(header["columns"]) if name in columns[header["table"]]]
    names = list(header["columns"])
    header["columns"] = {names[at]: header["columns"][names[at]] for at in kept}
    lines = [header, *([row[at] for at in kept] for row in rows)]
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return table | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def told(bench: Bench) -> tuple[list[Any], ...]:
    with bench.archive.reading() as session:
        moved = select(PaperMovement).order_by(PaperMovement.document_id, PaperMovement.movement_no)
        reported, people = select(RetentionEvent).order_by(RetentionEvent.id), select(User).order_by(User.id)
        return (
            [(each.document_id, each.kind, each.place, each.back_on, each.by) for each in session.scalars(moved)],
            [(each.id, each.happened_on, each.evidence, each.note) for each in session.scalars(reported)],
            [(each.customer_id, each.volume_no) for each in session.scalars(select(ClosedVolume))],
            [(each.id, each.password_hash, each.disabled_at) for each in session.scalars(people)],
        )


def test_what_the_backup_had_no_place_for_comes_from_the_orders(
    bench: Bench, backup: Path, new_settings: Settings, tmp_path: Path
) -> None:
    schedule(bench, "relationship_ended")
    ended, moved = bench.file(licence_lines(1), licence_lines(2))
    with bench.archive.transaction() as session:
        note_paper(session, actor("a", Role.ARCHIVIST), moved, place="A区")
        session.add(User(id="gone", name="gone", password_hash="a hash", roles=["approver"]))
    end(bench, ended)
    make_backup(bench.archive, backup)
    as_an_earlier_version_made_it(backup, bench.archive.keyring, tmp_path)
    lent = Movement(kind=MovementKind.LENT, place="法务部", reason="取证", back_on=dt.date(2100, 1, 1))
    with bench.archive.transaction() as session:
        move_paper(session, actor("a", Role.ARCHIVIST), moved, lent)
        session.get_one(User, "gone").disabled_at = utc_now()
    before = told(bench)
    assert [line[1] for line in before[0]] == ["received", "lent"]
    assert before[1]
    assert before[1][0][2] != ""
    write_orders(bench.archive, tmp_path / "orders.jsonl")
    keys = new_settings.data / "keys.jsonl"
    dump_keys(bench.settings.keys_url, keys, days=30)

    restore_into(new_settings, open_backup(backup), None, keys, orders=read_orders(tmp_path / "orders.jsonl"))

    with closing(open_archive(new_settings)) as archive:
        assert told(Bench(archive=archive, settings=new_settings, station=bench.station)) == before
