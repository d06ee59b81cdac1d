"""Periods that run from what the paper states, as the desk shows them and the wire says them."""

from __future__ import annotations

import pytest

from api.web.words import COOKIE, LANGUAGES, say, trigger_said
from records.terms import Role
from tests.archives import LIGHT, enact, licence_lines
from tests.integration.api.conftest import API, Caller, House
from tests.integration.retention.test_amending import version

LATEST = "{latest: [relationship_ended, {field: business_term}]}"
ONLY = b", registration_form"


def page(caller: Caller, path: str, language: str = LANGUAGES[0]) -> str:
    caller.http.cookies.set(COOKIE, language)
    answer = caller.http.get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_a_record_says_why_its_period_does_not_run(house: House) -> None:
    with house.bench.archive.transaction() as session:
        enact(session, version(2, trigger=LATEST, years=1).replace(ONLY, b"") + LIGHT)
    endless, ends = house.bench.file(
        licence_lines(1), [line.replace("长期", "2039年03月18日") for line in licence_lines(2)]
    )
    archivist = house.person("archivist", Role.ARCHIVIST)

    changes = archivist.get(f"/retention/changes/{endless}")

    assert (changes["due_on"], changes["lacking"]) == (None, [{"field": "business_term", "why": "endless"}])
    assert archivist.get(f"/retention/changes/{ends}")["lacking"] == []
    for language in LANGUAGES:
        shown = page(archivist, f"/documents/{endless}", language)
        assert say(language, "no_day.endless") in shown
        assert say(language, "stated_day.business_term") in shown
        assert say(language, "no_day.endless") not in page(archivist, f"/documents/{ends}", language)


def test_schedules_say_in_words_from_when_periods_run(house: House) -> None:
    archivist = house.person("archivist", Role.ARCHIVIST)
    source = version(2, trigger=LATEST, years=1).replace(ONLY, b"") + LIGHT
    headers = {"Content-Type": "application/yaml"}
    wrong = source.replace(b"business_term", b"busines_term")
    refused = archivist.http.post(f"{API}/retention/schedules/drafts", content=wrong, headers=headers)
    assert (refused.status_code, refused.json()["facts"]["line"]) == (422, 6)

    made = archivist.http.post(f"{API}/retention/schedules/drafts", content=source, headers=headers)

    assert made.json() == {"version": 2}, made.text
    assert "以最晚者起：关系终止、营业期限届满" in page(archivist, "/retention/schedules/2")
    assert "the latest of: relationship ended, end of the business term" in page(
        archivist, "/retention/schedules/2", "en"
    )
    assert "归档" in page(archivist, "/settings")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("filed", "归档"),
        ("field:valid_period", "有效期限届满"),
        ("field:issued_on", "发证日期"),
        ("field:协议到期日", "协议到期日"),
        ("earliest:filed,field:协议到期日", "以最早者起：归档、协议到期日"),
    ],
)
def test_a_start_in_words(start: str, words: str) -> None:
    assert trigger_said("zh-CN", start) == words
