"""Whole archives for tests, on both sets of parts: `archive` runs a test on SQLite + directory and PostgreSQL + S3."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from api.bootstrap import open_archive
from api.settings import Settings
from intake.archive import Archive
from intake.pipeline import Reader
from intake.receive import BatchOrder, SentFile, keep_file, open_batch, record_file, seal_batch
from intake.worker import drain
from records.actors import Actor
from records.ids import utc_now
from records.models import Document, Station, User
from records.regions import load_regions
from records.terms import Role
from retention.amending import approve_schedule, draft_schedule, moves_of, summary_of
from retention.schedule import load_schedule
from tests.pixel_text import PixelTextEngine, page_png

REGIONS = """
version: 1
regions:
  - {code: HD, name: 华东, areas: ["31", "32", "33", "34", "35", "36", "37"]}
  - {code: HB, name: 华北, areas: ["11", "12", "13", "14", "15"]}
""".encode()

CLASSES = """
version: 1
title: 客户档案保管期限表
approved_by: 总经理办公会
classes:
  - {name: licences, title: 企业证照, kinds: [business_license, registration_form], trigger: filed,
     period_days: 0, upper_bound_years: 30, disposition: review, authority: 客户档案管理办法 第九条}
  - {name: id_copies, title: 身份证复印件, kinds: [id_card], trigger: relationship_ended,
     period_years: 3, upper_bound_years: 5, disposition: destroy, authority: 个人信息保护法 第十九条}
""".encode()
LIGHT = "disposal: {waived: {appraisal: 测试用档案, confirmation: 测试用档案, supervision: 测试用档案}}\n".encode()
SCHEDULE = CLASSES + LIGHT
"""Two approvers and nothing else, for tests of something else."""

ELSEWHERE = "测试用档案"
"""Why ID cards of the bench wait for no notice."""
ALL_ROLES = frozenset(Role)
PEOPLE = ("a", "b", "c", "d", "e")


def actor(name: str, *roles: Role, regions: frozenset[str] | None = None, station_id: str | None = None) -> Actor:
    return Actor(id=name, roles=frozenset(roles or ALL_ROLES), regions=regions, station_id=station_id)


@dataclass
class Bench:
    """An archive with a station, regions and a schedule, and short ways to do what people and workers do."""

    archive: Archive
    settings: Settings
    station: Actor

    def send(self, *files: bytes, operator: str = "王五") -> list[str]:
        """Receive the files as one batch; gives the documents' ids."""
        with self.archive.transaction() as session:
            order = BatchOrder(operator=operator, declared_files=len(files), capture={})
            batch_id = open_batch(session, self.station, order).id
        rows = [self.put(batch_id, file_no, data) for file_no, data in enumerate(files, start=1)]
        with self.archive.transaction() as session:
            seal_batch(session, self.station, batch_id)
        return [row for row in rows if row is not None]

    def put(self, batch_id: str, file_no: int, data: bytes, name: str = "扫描.png") -> str | None:
        digest = hashlib.sha256(data).hexdigest()
        kept = keep_file(
            self.archive, SentFile(batch_id=batch_id, file_no=file_no, name=name, data=data, sha256=digest)
        )
        with self.archive.transaction() as session:
            return record_file(session, self.station, kept).document_id

    def work(self) -> int:
        """Do all jobs that are ready."""
        return drain(self.archive, Reader(PixelTextEngine()), until=utc_now() + dt.timedelta(minutes=5))

    def file(self, *pages: Sequence[str]) -> list[str]:
        """Send one-page documents with these lines and let the line run."""
        ids = self.send(*(page_png(lines) for lines in pages))
        self.work()
        return ids

    def document(self, document_id: str) -> Document:
        with self.archive.reading() as session:
            document = session.get(Document, document_id)
        assert document is not None
        return document


def licence_lines(number: int = 0, *, area: str = "310115", scope: str = "日用百货销售；技术咨询服务。") -> list[str]:
    """A licence that reads without doubt; every number gives another company."""
    code = credit_code(number, area)
    return [
        "营业执照",
        f"统一社会信用代码 {code}",
        f"名称 上海青禾{_chinese(number)}科技有限公司",
        "类型 有限责任公司(自然人投资或控股)",
        "法定代表人 赵青禾",
        "注册资本 壹佰万元整",
        "成立日期 2019年03月19日",
        "营业期限 2019年03月19日至长期",
        f"经营范围 {scope}",
        "住所 上海市浦东新区青禾路1号",
        "登记机关",
        "2019年03月20日",
    ]


def credit_code(number: int, area: str = "310115") -> str:
    """A credit code of an enterprise with both check digits right (GB 32100, GB 11714)."""
    body = f"MA{number:06d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    alphabet36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    remainder = 11 - sum(w * alphabet36.index(c) for w, c in zip(weights, body, strict=True)) % 11
    organisation = body + {10: "X", 11: "0"}.get(remainder, str(remainder))
    alphabet31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    first = f"91{area}{organisation}"
    total = sum(alphabet31.index(c) * pow(3, i, 31) for i, c in enumerate(first))
    return first + alphabet31[(31 - total % 31) % 31]


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    return "".join(digits[int(digit)] for digit in str(number))


def enact(session: Session, source: bytes) -> int:
    """Put a later schedule in force as two people do; gives its version."""
    version = draft_schedule(session, actor("drafter", Role.ARCHIVIST), source)
    moves = summary_of(moves_of(session, version)).total()
    return approve_schedule(session, actor("decider", Role.APPROVER), version, expected_moves=moves).version


def open_bench(settings: Settings) -> Bench:
    archive = open_archive(settings, migrate=True)
    with archive.transaction() as session:
        load_regions(session, actor("setup"), REGIONS)
        load_schedule(session, actor("setup"), SCHEDULE)
        session.add_all(User(id=name, name=name, password_hash="!", roles=[]) for name in PEOPLE)
        session.add(Station(id="s" * 32, name="一号扫描站", token_sha256="0" * 64, region_code="HD"))
    station = actor("station:" + "s" * 32, Role.SCANNER, regions=frozenset({"HD"}), station_id="s" * 32)
    return Bench(archive=archive, settings=settings, station=station)


def embedded_settings(directory: Path) -> Settings:
    return Settings(data=directory / "data", notices_elsewhere=ELSEWHERE)


def grown_settings(directory: Path, postgres_url: str, s3_bucket: str) -> Settings:
    database, objects = SecretStr(postgres_url), SecretStr(s3_bucket)
    return Settings(data=directory / "data", database=database, objects=objects, notices_elsewhere=ELSEWHERE)


@pytest.fixture(params=["embedded", "grown"])
def bench_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """SQLite with a directory, and PostgreSQL with S3."""
    if request.param == "embedded":
        return embedded_settings(tmp_path)
    return grown_settings(tmp_path, request.getfixturevalue("postgres_url"), request.getfixturevalue("s3_bucket"))


@pytest.fixture
def bench(bench_settings: Settings) -> Iterator[Bench]:
    opened = open_bench(bench_settings)
    yield opened
    opened.archive.close()
