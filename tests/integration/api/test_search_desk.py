"""What the search page asks of the archive beside hits: how they divide, tables of them, and saved searches."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from api.spreadsheet import csv_of, safe_cell, xlsx_of
from records.desk_models import SavedSearchRow
from records.models import AuditEntry
from records.terms import Role
from tests.archives import licence_lines
from tests.integration.api.conftest import API, Caller, House

FRONT = ["中华人民共和国", "居民身份证", "姓名 赵青禾", "性别 女 民族 汉", "出生 1949年12月31日",
         "住址 北京市朝阳区青禾路1号", "公民身份号码 11010519491231002X"]  # fmt: skip


def forget(caller: Caller, search_id: str) -> int:
    return caller.http.delete(f"{API}/searches/{search_id}", headers={"X-Requested-With": "test"}).status_code


def test_counts_say_how_all_that_is_found_divides(house: House) -> None:
    house.bench.file(licence_lines(1), licence_lines(2), FRONT)
    reader = house.person("reader", Role.VERIFIER)

    answer = reader.post("/search", {"text": "青禾", "limit": 1})

    assert (len(answer["hits"]), answer["total_estimate"]) == (1, 3)
    assert answer["facets"]["kinds"] == [{"value": "business_license", "count": 2}, {"value": "id_card", "count": 1}]
    assert {each["value"]: each["count"] for each in answer["facets"]["regions"]} == {"HD": 2, "HB": 1}
    following = reader.post("/search", {"text": "青禾", "limit": 1, "cursor": answer["next_cursor"]})
    assert following["facets"] is None


def test_what_is_found_is_exported_whole_and_the_log_knows(house: House) -> None:
    ids = house.bench.file(*(licence_lines(number) for number in range(1, 4)))
    archivist = house.person("archivist", Role.ARCHIVIST)

    table = rows_of(archivist.post("/search/export", {"text": "科技有限公司", "limit": 1, "form": "csv"}))

    assert [row["编号"] for row in table] == ids[::-1]
    assert {row["种类"] for row in table} == {"营业执照"}
    assert table[0]["客户"] == "上海青禾三科技有限公司"
    with house.bench.archive.reading() as session:
        acts = session.scalars(select(AuditEntry.entry).where(AuditEntry.action == "search.exported")).all()
    assert [json.loads(act)["details"] for act in acts] == [{"records": 3}]
    assert not any("科技" in act for act in acts)


def test_only_archivists_export(house: House) -> None:
    house.person("reader", Role.VERIFIER, Role.APPROVER).post("/search/export", {}, 403)


def test_an_export_holds_nothing_of_another_region(house: House) -> None:
    house.bench.file(licence_lines(1))

    table = house.person("elsewhere", Role.ARCHIVIST, regions=["HB"]).post(
        "/search/export", {"text": "青禾", "form": "csv"}
    )

    assert rows_of(table) == []


@pytest.mark.parametrize("cell", ["=1+1", "+8613900000000", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    ((shown,),) = csv.reader(io.StringIO(csv_of([cell], []).decode("utf-8-sig"), newline=""))

    assert shown == safe_cell(cell) == f"'{cell}"


def test_a_workbook_holds_text_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_of(["客户"], [["=1+1"], ["海棠贸易"]]))) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
        texts = workbook.read("xl/sharedStrings.xml").decode()

    assert "<f>" not in sheet
    assert all(f"<t>{text}</t>" in texts for text in ("客户", "=1+1", "海棠贸易"))


def test_a_saved_search_is_its_owners_alone(house: House) -> None:
    mine, other = house.person("mine", Role.VERIFIER), house.person("other", Role.VERIFIER)
    sought = {"typed": "华东 海棠贸易", "kind": "business_license"}

    saved = mine.post("/searches", {"name": "海棠", "sought": sought}, 201)

    assert [(each["name"], each["sought"]["typed"]) for each in mine.get("/searches")["searches"]] == [
        ("海棠", "华东 海棠贸易")
    ]
    assert other.get("/searches")["searches"] == []
    assert forget(other, saved["id"]) == 404
    assert forget(mine, saved["id"]) == 204
    assert mine.get("/searches")["searches"] == []


def test_a_saved_search_is_sealed_and_keeps_no_number(house: House) -> None:
    reader = house.person("reader", Role.VERIFIER)
    reader.post("/searches", {"name": "海棠", "sought": {"typed": "海棠贸易"}}, 201)

    reader.post("/searches", {"name": "x", "sought": {"typed": "11010519491231002X"}}, 422)

    with house.bench.archive.reading() as session:
        (sealed,) = session.scalars(select(SavedSearchRow.sealed))
    assert "海棠".encode() not in sealed
    assert b"\\u6d77" not in sealed


def rows_of(table: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))
