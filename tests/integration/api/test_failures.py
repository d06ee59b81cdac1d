"""What goes wrong is said so: never with success, never with a value of somebody, never with a stack."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from records.errors import StoreUnavailable
from records.terms import Role
from tests.archives import licence_lines
from tests.integration.api.conftest import API, Caller, House
from tests.pixel_text import page_png

SECRET = "张三的秘密"


@contextmanager
def commits_fail(house: House, error: Exception) -> Iterator[None]:
    """Every commit raises, as when the disk is full or the connection goes at the last moment."""

    def refuse(_session: Session) -> None:
        raise error

    event.listen(house.bench.archive.sessions, "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(house.bench.archive.sessions, "before_commit", refuse)


@pytest.mark.parametrize(("error", "status"), [(StoreUnavailable(), 503), (RuntimeError(SECRET), 500)])
def test_a_commit_that_fails_is_never_answered_with_success(home: House, error: Exception, status: int) -> None:
    station = home.station(name=f"commits {status}")
    batch = station.post("/batches", {"operator": "李", "declared_files": 1}, 201)

    with commits_fail(home, error):
        opened = station.http.post(f"{API}/batches", json={"operator": "李", "declared_files": 1})
        put = put_file(station, batch["id"], page_png(licence_lines(1)))
        sealed = station.http.post(f"{API}/batches/{batch['id']}/seal")

    assert [opened.status_code, put.status_code] == [status, status]
    assert sealed.status_code in (status, 409)
    assert len(station.get("/batches")["items"]) == 1
    assert station.get(f"/batches/{batch['id']}")["files"] == []


def test_what_nobody_foresaw_is_logged_once_and_traced(home: House, caplog: pytest.LogCaptureFixture) -> None:
    station = home.station(name="unforeseen")

    with caplog.at_level(logging.ERROR), commits_fail(home, RuntimeError(SECRET)):
        answer = station.http.post(f"{API}/batches", json={"operator": "李", "declared_files": 1})

    problem = answer.json()
    assert (problem["status"], problem["code"]) == (500, "unexpected")
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    (logged,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert logged.trace_id == problem["trace_id"]  # type: ignore[attr-defined]


def test_a_browser_is_answered_with_a_page(home: House) -> None:
    (document_id,) = home.bench.file(licence_lines(42))
    archivist = home.person("reader", Role.ARCHIVIST)
    asked = {"accept": "text/html,application/xhtml+xml"}

    lost = archivist.http.get("/no-such-page", headers=asked)
    with commits_fail(home, RuntimeError(SECRET)):
        failed = archivist.http.get(f"/documents/{document_id}", headers=asked)

    for answer, status, word in ((lost, 404, "no_such_route"), (failed, 500, "unexpected")):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert '<html lang="zh-CN">' in answer.text
        assert f"<title>{status} {word} " in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"]
        assert SECRET not in answer.text
    assert archivist.http.get("/no-such-page").json()["code"] == "no_such_route"


def test_a_page_that_cannot_be_shown_leaves_the_way_to_the_others(home: House) -> None:
    clerk = home.person("lost", Role.VERIFIER)
    asked = {"accept": "text/html"}

    for path, status in (("/documents/unknown", 404), ("/settings", 403)):
        answer = clerk.http.get(path, headers=asked)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert 'href="/verify"' in answer.text
        assert 'href="/settings"' not in answer.text
    assert 'href="/verify"' not in home.station().http.get("/search", headers=asked).text


def test_looking_that_cannot_be_logged_is_refused(home: House) -> None:
    (document_id,) = home.bench.file(licence_lines(41))
    archivist = home.person("unlogged", Role.ARCHIVIST)

    with commits_fail(home, StoreUnavailable()):
        answer = archivist.http.get(f"{API}/documents/{document_id}/original")

    assert answer.status_code == 503
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "no_such_route"),
        ("GET", "/api/v1/documents/unknown", 404, "not_found"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("GET", "/api/v1/documents?cursor=AAAA", 422, "invalid_input"),
        ("GET", "/api/v1/documents?limit=0", 422, "invalid_input"),
        ("GET", "/api/v1/search?text=%E3%80%82", 422, "invalid_input"),
        ("GET", "/api/v1/documents/..%2F..%2Fkeys/pages/1/image", 404, "no_such_route"),
    ],
)
def test_every_refusal_is_a_problem(home: House, method: str, path: str, status: int, code: str) -> None:
    person = home.person(f"asks {method} {path}", Role.ARCHIVIST)

    answer = person.http.request(method, path)

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail_zh"]


def test_what_was_sent_wrong_is_not_repeated(home: House) -> None:
    person = home.person("sends wrong", Role.ARCHIVIST)

    answer = person.http.post(f"{API}/customers/lookup", json={"purpose": SECRET, "number": [SECRET], SECRET: 1})

    assert answer.status_code == 422
    assert SECRET not in answer.text
    assert {"body.purpose", "body.number"} <= {wrong["at"] for wrong in answer.json()["errors"]}


def test_every_answer_has_the_headers_that_keep_browsers_safe(home: House) -> None:
    person = home.person("in a browser", Role.VERIFIER).http

    answers = [person.get("/healthz"), person.get("/nothing"), person.get(f"{API}/documents"), person.put("/healthz")]
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(home: House) -> None:
    person = home.person("sends much", Role.ARCHIVIST).http
    much, json = b" " * (5 * 1024 * 1024), {"Content-Type": "application/json"}

    announced = person.post(f"{API}/search", content=much, headers=json)
    in_pieces = (much[at : at + 65536] for at in range(0, len(much), 65536))
    unannounced = person.post(f"{API}/search", content=in_pieces, headers=json)

    assert [announced.status_code, unannounced.status_code] == [413, 413]


def test_a_file_over_the_limit_is_refused_however_it_comes(home: House) -> None:
    station, limit = home.station(name="too large"), home.bench.archive.limits.max_bytes
    batch = station.post("/batches", {"operator": "李", "declared_files": 1}, 201)
    headers = {"Content-Digest": digest_of(b"x")}
    path = f"{API}/batches/{batch['id']}/files/1"
    announced = station.http.put(path, content=b"", headers=headers | {"Content-Length": str(limit + 1)})
    block = b"\0" * (1 << 24)
    unannounced = station.http.put(path, content=(block for _ in range(limit // len(block) + 2)), headers=headers)

    assert [announced.status_code, unannounced.status_code] == [413, 413]
    assert announced.json()["code"] == unannounced.json()["code"] == "file_too_large"
    station.post(f"/batches/{batch['id']}/seal", {}, 200)
    (named,) = station.get(f"/batches/{batch['id']}/receipt")["files"]
    assert (named["outcome"], named["reason"]["code"], named["document_id"]) == ("refused", "file_too_large", None)


def test_bytes_that_are_not_the_announced_ones_are_refused(home: House) -> None:
    station = home.station(name="garbled")
    batch = station.post("/batches", {"operator": "李", "declared_files": 1}, 201)
    path = f"{API}/batches/{batch['id']}/files/1"

    other = station.http.put(path, content=b"these", headers={"Content-Digest": digest_of(b"those")})
    missing = station.http.put(path, content=b"these")
    md5 = station.http.put(path, content=b"these", headers={"Content-Digest": "md5=:AAAA:"})

    assert [other.json()["code"], missing.status_code, md5.json()["code"]] == ["digest_mismatch", 422, "invalid_input"]
    assert station.get(f"/batches/{batch['id']}")["files"] == []


def test_a_batch_is_sealed_whole_or_not_at_all(home: House) -> None:
    station = home.station(name="incomplete")
    batch = station.post("/batches", {"operator": "李", "declared_files": 2}, 201)
    station.put_file(batch["id"], 2, page_png(licence_lines(51)))

    problem = station.post(f"/batches/{batch['id']}/seal", status=409)

    assert (problem["code"], problem["facts"]["missing"]) == ("batch_incomplete", [1])


def test_an_idempotency_key_makes_repeating_harmless(home: House) -> None:
    station, other = home.station(name="repeats"), home.station(name="another that repeats")
    order = {"operator": "李", "declared_files": 2}

    first = station.post("/batches", order, 201, Idempotency_Key="k1")
    again = station.post("/batches", order, 201, Idempotency_Key="k1")
    changed = station.post("/batches", order | {"declared_files": 3}, 422, Idempotency_Key="k1")
    of_other = other.post("/batches", order, 201, Idempotency_Key="k1")

    assert first == again
    assert changed["code"] == "idempotency_key_reused"
    assert of_other["id"] != first["id"]
    assert len(station.get("/batches")["items"]) == 1


def test_a_key_whose_request_failed_can_be_used_again(home: House) -> None:
    station = home.station(name="fails first")
    order = {"operator": "李", "declared_files": 2}
    with commits_fail(home, StoreUnavailable()):
        station.post("/batches", order, 503, Idempotency_Key="k2")

    station.post("/batches", order, 201, Idempotency_Key="k2")

    assert len(station.get("/batches")["items"]) == 1


def test_lists_are_walked_by_cursor_without_gap_or_repetition(home: House) -> None:
    station = home.station(name="many")
    made = [station.post("/batches", {"operator": "李", "declared_files": 1}, 201)["id"] for _ in range(7)]

    seen, cursor = [], None
    while True:
        answer = station.get("/batches", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [batch["id"] for batch in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert seen == sorted(made, reverse=True)


def test_readiness_names_the_part_that_does_not_answer(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(_name: str) -> bool:
        raise StoreUnavailable

    monkeypatch.setattr(home.bench.archive.objects, "exists", unavailable)
    answer = home.caller().http.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "answers", "objects": "does_not_answer", "keys": "answers"}


def test_metrics_count_without_naming(home: House) -> None:
    home.station(name="counted").get("/batches/0123456789abcdef", 404)

    text = home.caller().http.get("/metrics").text

    assert 'guidang_request_seconds_count{method="GET",route="/batches/{batch_id}",status="4xx"}' in text
    assert "guidang_pages" in text
    assert "0123456789abcdef" not in text


def put_file(station: Caller, batch_id: str, data: bytes):  # type: ignore[no-untyped-def]
    path = f"{API}/batches/{batch_id}/files/1"
    return station.http.put(path, content=data, headers={"Content-Digest": digest_of(data)})


def digest_of(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"
