"""What every search index must do; `tests/integration/index` runs it on each engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from index import IndexedDocument, SearchIndex, SearchQuery
from records.errors import InvalidInput

DAY = dt.date(2024, 3, 5)
RARE = "㐀㐁㐂㐃㐄㐅㐆㐇㐈㐉"
"""Characters no other text here holds: a single one of them in a file is a trace."""

CONDITIONS: list[tuple[dict[str, object], str]] = [
    ({}, "dcba"),
    ({"customer_code": "PD-0001"}, "a"),
    ({"customer_code": "pd-0001"}, ""),
    ({"customer_code": "PD-000"}, ""),
    ({"customer_code_prefix": "PD-"}, "cba"),
    ({"customer_code_prefix": "PD-000"}, "ba"),
    ({"customer_code_prefix": "P%"}, ""),
    ({"code_from": "PD-0002", "code_to": "PD-0100"}, "cb"),
    ({"code_from": "PD-0003"}, "dc"),
    ({"code_to": "PD-0001"}, "a"),
    ({"archival_code": "QZ·2024-D30-0002"}, "b"),
    ({"archival_code_prefix": "QZ·2024"}, "ba"),
    ({"customer_id": "k1"}, "ba"),
    ({"region_codes": frozenset({"310115"})}, "ca"),
    ({"region_codes": frozenset({"310115", "310104"})}, "cba"),
    ({"region_prefix": "3101"}, "cba"),
    ({"region_prefix": "31011"}, "ca"),
    ({"region_prefix": "4"}, ""),
    ({"region_codes": frozenset()}, ""),
    ({"allowed_regions": frozenset({"310115"})}, "ca"),
    ({"allowed_regions": frozenset()}, ""),
    ({"allowed_regions": frozenset({"310115"}), "region_codes": frozenset({"310104"})}, ""),
    ({"allowed_regions": frozenset({"310115"}), "region_prefix": "31010"}, ""),
    ({"allowed_regions": frozenset({"310115"}), "customer_code": "PD-0002"}, ""),
    ({"allowed_regions": frozenset({"310104"}), "fingerprint": "f0"}, ""),
    ({"region_codes": frozenset({"310115"}), "customer_code_prefix": "PD-0"}, "ca"),
    ({"kinds": frozenset({"contract"})}, "b"),
    ({"kinds": frozenset({"contract", "id_card"})}, "cb"),
    ({"kinds": frozenset()}, ""),
    ({"states": frozenset({"waiting"})}, "c"),
    ({"fingerprint": "f0"}, "ca"),
    ({"fingerprint": "f"}, ""),
    ({"date_from": dt.date(2024, 3, 6)}, "cb"),
    ({"date_to": dt.date(2024, 3, 6)}, "ba"),
    ({"date_from": dt.date(2024, 3, 6), "date_to": dt.date(2024, 3, 6)}, "b"),
    ({"date_from": dt.date(2020, 1, 1), "date_to": dt.date(2020, 12, 31), "date_name": "document_on"}, "a"),
]
"""Conditions and the documents of `test_conditions` they let through."""


def document(document_id: str, *pages: str, **values: object) -> IndexedDocument:
    defaults: dict[str, object] = {"kind": "other", "state": "filed", "filed_on": DAY}
    return IndexedDocument(document_id=document_id, pages=pages, **(defaults | values))  # type: ignore[arg-type]


class IndexContract:
    """Subclasses give the fixtures `index` (made by nobody yet) and `engine`, and say where its bytes lie."""

    joins_transactions = True
    crowd = 120
    """Documents before and after the one that is erased."""

    def files(self, engine: Engine, tmp_path: Path) -> Iterable[Path]:
        """All files that may hold what was indexed."""
        raise NotImplementedError

    @contextmanager
    def reading(self, engine: Engine) -> Iterator[Connection]:
        with engine.connect() as connection:
            yield connection

    @pytest.fixture(autouse=True)
    def _created(self, index: SearchIndex, engine: Engine) -> None:
        with engine.begin() as connection:
            index.create(connection)

    @pytest.fixture
    def put(self, index: SearchIndex, engine: Engine):
        def put(*entries: IndexedDocument) -> None:
            with engine.begin() as connection:
                for entry in entries:
                    index.add(connection, entry)

        return put

    @pytest.fixture
    def found(self, index: SearchIndex, engine: Engine):
        def found(text: str = "", **conditions: object) -> list[str]:
            with self.reading(engine) as connection:
                page = index.search(connection, SearchQuery(text=text, **conditions))  # type: ignore[arg-type]
                return [hit.document_id for hit in page.hits]

        return found

    # --- text ---

    @pytest.mark.parametrize(
        "query",
        [
            "浦东新区张江",
            "东新",
            "浦",
            "路",
            "张江 科技",
            "科技 张江路",
            "ABC",
            "abc 12号",
            "ＡＢＣ",
            "ab",
            "12号楼",
            "（上海）有限",
            "(上海)",
            "号楼。",
            "有限公司",
        ],
    )
    def test_finds_text(self, put, found, query):
        put(document("a", "上海市浦\n东新区 张江路 ABC 12号楼\n某某科技（上海）有限公司"), document("b", "无关"))

        assert found(query) == ["a"]

    @pytest.mark.parametrize(
        "query", ["江张", "浦西", "abd", "新张", "12楼", "上海有限公司", "上海 浦西", "C 某", "2号"]
    )
    def test_does_not_find_what_is_not_there(self, put, found, query):
        put(document("a", "上海市浦\n东新区 张江路 ABC 12号楼\n某某科技（上海）有限公司"))

        assert found(query) == []

    def test_a_page_break_ends_a_phrase(self, put, found):
        put(document("a", "第一页上", "海第二页"))

        assert found("上海") == []

    def test_names_the_first_page_that_answers(self, put, index, engine):
        put(document("a", "甲", "营业执照", "营业执照"))

        with self.reading(engine) as connection:
            page = index.search(connection, SearchQuery(text="营业执照"))

        assert [(hit.document_id, hit.page_no) for hit in page.hits] == [("a", 2)]

    @pytest.mark.parametrize("query", ["金桥", "桥", "桥食品", "金桥 合同", "acme"])
    def test_finds_fragments_of_names_with_or_without_text(self, put, found, query):
        put(document("a", "租赁合同", names="ＡＣＭＥ 上海金桥食品有限公司"), document("b", "租赁合同"))

        assert found(query) == ["a"]

    def test_finds_a_document_without_pages_by_its_name(self, put, index, engine):
        put(document("a", names="王小明"))

        with self.reading(engine) as connection:
            [hit] = index.search(connection, SearchQuery(text="小明")).hits

        assert hit.page_no is None

    def test_a_name_and_a_text_are_no_phrase(self, put, found):
        put(document("a", "海关", names="上"))

        assert found("上海关") == []

    def test_finds_a_phrase_in_a_very_long_page(self, put, found):
        filler = "".join(chr(0x4E00 + number % 6000) for number in range(40_000))
        put(document("a", filler + "租赁合同编号" + filler + "，" + "公司" * 700 + "违约责任"), document("b", "租赁"))

        assert found("租赁合同编号") == ["a"]
        assert found("公司违约责任") == ["a"]

    def test_accepts_rubbish(self, put, found):
        put(document("a", "\x00\ud800\x1f'\\\"*:&|!()<->" + "x" * 5000 + "合同\ufeff编号"))

        assert found("合同编号") == ["a"]

    @pytest.mark.parametrize("query", ["'", '"', "，。", "*", "\x00", "x" * 201, " ".join(map(str, range(40)))])
    def test_refuses_a_text_without_a_token_or_too_long(self, found, query):
        with pytest.raises(InvalidInput):
            found(query)

    @pytest.mark.parametrize("query", ["合同'", 'OR "合同', "NEAR(合同", "合同:*", "合同 & !x", "body:合同", "\\合同"])
    def test_query_syntax_is_text(self, put, found, query):
        put(document("a", "or 合同 near 合同 合同 x body 合同"))

        assert found(query) == ["a"]

    # --- codes, regions, dates ---

    @pytest.mark.parametrize("query", ["r41", "f6630", "合同 r41", "r4", "f:6630"])
    def test_what_is_kept_of_a_region_or_a_number_is_no_text(self, put, found, query):
        put(document("a", "合同", region_code="A", fingerprints=("f0",)), document("b", "合同 r41 f 6630 f6630"))

        assert found(query) == ["b"]

    @pytest.mark.parametrize("text", ["", "合同"])
    def test_conditions(self, put, found, text):
        day = dt.timedelta(days=1)
        common: dict[str, object] = {"region_code": "310115", "fingerprints": ("f0", "g0")}
        a: dict[str, object] = common | {"customer_code": "PD-0001", "archival_code": "QZ·2024-D30-0001"}
        put(
            document("d", "合同", filed_on=None, customer_code="XH-0001"),
            document("a", "合同", **a, customer_id="k1", document_on=dt.date(2020, 1, 1)),
            document(
                "b",
                "合同",
                region_code="310104",
                customer_code="PD-0002",
                archival_code="QZ·2024-D30-0002",
                customer_id="k1",
                kind="contract",
                filed_on=DAY + day,
                document_on=dt.date(2021, 1, 1),
            ),
            document(
                "c",
                "合同",
                **(common | {"customer_code": "PD-0100"}),
                kind="id_card",
                state="waiting",
                filed_on=DAY + 2 * day,
            ),
        )
        order = "cbad"  # the document without a date comes last
        answers = [(conditions, "".join(found(text, **conditions))) for conditions, _expected in CONDITIONS]

        assert answers == [(conditions, "".join(sorted(ids, key=order.index))) for conditions, ids in CONDITIONS]

    def test_what_may_not_be_seen_is_not_counted(self, put, index, engine):
        put(*(document(f"d{number}", "合同", region_code="AB"[number % 2]) for number in range(6)))

        with self.reading(engine) as connection:
            seen = [
                index.search(connection, SearchQuery(text=text, allowed_regions=frozenset("A"), limit=2))
                for text in ("", "合同")
            ]

        assert all((page.total_estimate, page.counted_all) == (3, True) for page in seen)
        assert {hit.document_id for page in seen for hit in page.hits} <= {"d0", "d2", "d4"}

    # --- order and pages ---

    def test_latest_filed_first_then_latest_added(self, put, found):
        put(document("a", "合同"), document("b", "合同", filed_on=dt.date(2025, 1, 1)), document("c", "合同"))

        assert found("合同") == found() == ["b", "c", "a"]

    @pytest.mark.parametrize("text", ["", "合同", "合"])
    def test_hits_of_many_regions_come_in_one_order(self, put, found, text):
        ids = [f"d{number:02d}" for number in range(40)]
        put(*(document(each, "合同", region_code=each[1:]) for each in ids))
        some = frozenset(each[1:] for each in ids[3:30:4])

        assert found(text) == ids[::-1]
        assert found(text, allowed_regions=some) == ids[3:30:4][::-1]

    def test_a_replaced_document_keeps_its_place_within_the_day(self, put, found):
        put(document("a", "合同"), document("b", "合同"), document("c", "合同"))
        put(document("b", "合同"))

        assert found("合同") == ["c", "b", "a"]

    @pytest.mark.parametrize("text", ["", "合同"])
    def test_pages_through_without_gap_or_repeat_while_others_insert(self, put, index, engine, text):
        before = [f"d{number:02d}" for number in range(23)]
        put(*(document(each, "合同", "合同") for each in before))
        seen, cursor, page_no = [], None, 0
        while page_no == 0 or cursor is not None:
            with self.reading(engine) as connection:
                page = index.search(connection, SearchQuery(text=text, limit=5, cursor=cursor))
            seen += [hit.document_id for hit in page.hits]
            cursor, page_no = page.next_cursor, page_no + 1
            put(document(f"new{page_no}", "合同"), document(before[page_no], "合同"))

        assert seen == before[::-1]
        assert page_no == 5

    def test_the_last_page_has_no_cursor(self, put, index, engine):
        put(*(document(f"d{number}", "合同") for number in range(4)))

        with self.reading(engine) as connection:
            page = index.search(connection, SearchQuery(text="合同", limit=4))

        assert len(page.hits) == 4
        assert page.next_cursor is None
        assert (page.total_estimate, page.counted_all) == (4, True)

    @pytest.mark.parametrize("text", ["", "合同"])
    def test_says_how_what_it_counted_divides(self, put, index, engine, text):
        put(document("a", "合同", "合同", region_code="A", kind="contract", filed_on=dt.date(2019, 12, 31)))
        put(document("b", "合同", region_code="B", kind="id_card", filed_on=dt.date(2020, 1, 1)))
        put(document("c", "合同", region_code=None, kind="contract", filed_on=None))

        with self.reading(engine) as connection:
            page = index.search(connection, SearchQuery(text=text, limit=1))

        assert set(page.counted) == {("contract", "A", 2019), ("id_card", "B", 2020), ("contract", None, None)}
        assert len(page.counted) == page.total_estimate == 3

    def test_neither_gives_nor_counts_pages_that_hold_the_pieces_of_a_phrase_apart(self, put, index, engine):
        put(*(document(f"d{number}", "海市，上海", *(["上海市"] * (number % 2))) for number in range(8)))

        with self.reading(engine) as connection:
            page = index.search(connection, SearchQuery(text="上海市", limit=3))
            rest = index.search(connection, SearchQuery(text="上海市", limit=3, cursor=page.next_cursor))

        found = [(hit.document_id, hit.page_no) for hit in (*page.hits, *rest.hits)]
        assert found == [("d7", 2), ("d5", 2), ("d3", 2), ("d1", 2)]
        assert (page.total_estimate, page.counted_all, len(page.counted)) == (4, True, 4)

    @pytest.mark.parametrize("text", ["", "合同"])
    def test_counts_no_further_than_the_limit(self, put, index, engine, text, monkeypatch):
        monkeypatch.setattr("index.query.COUNT_LIMIT", 12)
        put(*(document(f"d{number}", "合同") for number in range(15)))

        with self.reading(engine) as connection:
            page = index.search(connection, SearchQuery(text=text, limit=3))

        assert (page.total_estimate, page.counted_all) == (12, False)

    @pytest.mark.parametrize(
        "bad", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"cursor": ""}, {"cursor": "1" * 40}]
    )
    def test_refuses_bad_limits_and_cursors(self, found, bad):
        with pytest.raises(InvalidInput):
            found("合同", **bad)

    # --- replacing, removing, listing ---

    def test_adding_again_replaces(self, put, found, index, engine):
        put(document("a", "旧合同", "第二页", region_code="A", fingerprints=("f0",)))
        put(document("a", "新租约", region_code="B"))

        assert found("旧合同") == found("第二页") == found(fingerprint="f0") == []
        assert found("新租约", region_codes=frozenset("B")) == ["a"]
        with self.reading(engine) as connection:
            assert index.count(connection) == 1

    def test_removes(self, put, found, index, engine):
        put(document("a", "合同", customer_code="K1"), document("b", "合同"), document("c", "合同"))
        with engine.begin() as connection:
            index.remove(connection, ["a", "c", "unknown"])

        assert found("合同") == found() == ["b"]
        assert found(customer_code="K1") == []
        with self.reading(engine) as connection:
            assert index.count(connection) == 1

    def test_says_which_codes_are_found(self, put, index, engine):
        codes = {each: f"QZ·2024-D30-{each}" for each in "abcd"}
        put(
            *(document(each, "合同", "附件", archival_code=code) for each, code in codes.items()), document("e", "合同")
        )
        with engine.begin() as connection:
            index.remove(connection, ["b", "c"])

        with self.reading(engine) as connection:
            assert index.found_codes(connection, codes.values()) == {codes["a"], codes["d"]}
            assert index.found_codes(connection, [codes["a"].lower(), "QZ·2024-D30-"]) == set()
            assert index.found_codes(connection, []) == set()

    def test_lists_ids_sorted(self, put, index, engine):
        put(*(document(each, "合同", "合同") for each in ("b", "B", "a", "é", "10", "9")))

        with self.reading(engine) as connection:
            assert list(index.document_ids(connection)) == ["10", "9", "B", "a", "b", "é"]

    def test_create_is_harmless_and_drop_empties(self, put, index, engine):
        put(document("a", "合同"))
        with engine.begin() as connection:
            index.create(connection)
            assert index.count(connection) == 1
        with engine.begin() as connection:
            index.drop(connection)
            index.drop(connection)
            index.create(connection)
            assert index.count(connection) == 0

    def test_a_rollback_leaves_nothing(self, put, found, index, engine):
        if not self.joins_transactions:
            pytest.skip("this engine commits by itself, and says so")
        put(document("a", "旧合同"))
        with engine.connect() as connection:
            index.add(connection, document("a", "新租约"))
            index.add(connection, document("b", "新租约"))
            index.remove(connection, ["a"])
            connection.rollback()

        assert found("新租约") == []
        assert found("旧合同") == ["a"]

    # --- erasing ---

    @pytest.mark.parametrize("how", ["removed", "replaced"])
    def test_scrub_erases_every_trace(self, put, found, index, engine, tmp_path, how):
        secret = document(
            "secret",
            f"证{RARE}照 ZYQX77801",
            RARE[::-1] + "甲" * 300,
            names=RARE[2:6],
            customer_code="WVUT-5151",
            fingerprints=("beef" * 16,),
        )
        put(*(document(f"x{number}", _text(number), _text(number + 1)) for number in range(self.crowd)))
        put(secret)
        put(*(document(f"y{number}", _text(number)) for number in range(self.crowd)))
        traces = [character.encode() for character in RARE]
        traces += [b"zyqx77801", b"WVUT-5151", b"beef" * 16, (b"beef" * 16).hex().encode()]
        assert self._traces(traces, engine, tmp_path), "nothing on disk yet: the search below would prove nothing"
        with engine.begin() as connection:
            if how == "removed":
                index.remove(connection, ["secret"])
            else:
                index.add(connection, document("secret", "平常"))

        index.scrub(engine)

        assert self._traces(traces, engine, tmp_path) == []
        assert found(RARE[:4]) == []
        assert found(_text(7)[:20]) != []

    def test_scrub_is_harmless_when_there_is_nothing_to_do(self, put, found, index, engine):
        put(document("a", "合同"))
        index.scrub(engine)
        index.scrub(engine)

        assert found("合同") == ["a"]

    def _traces(self, needles: list[bytes], engine: Engine, tmp_path: Path) -> list[tuple[bytes, str]]:
        return [
            (needle, path.name)
            for path in self.files(engine, tmp_path)
            for content in [path.read_bytes()]
            for needle in needles
            if needle in content
        ]


def _text(seed: int) -> str:
    """Five hundred characters that differ from document to document, none of them in RARE."""
    return "".join(chr(0x4E00 + (seed * 7919 + number * number * 31) % 3000) for number in range(500))
