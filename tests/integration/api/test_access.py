"""Who gets in, and how far."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from records.ids import utc_now
from records.models import AuditEntry, LoginSession, User
from records.terms import Role
from tests.integration.api.conftest import API, PASSWORD, House

OPEN = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("POST", "/api/v1/sessions")}
OPEN_PAGES = {("GET", "/login"), ("GET", "/static/x/x")}
FOR_ANYONE_LOGGED_IN = {
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/session/password"),
    ("GET", "/password"),
}


def routes(house: House) -> Iterator[tuple[str, str]]:
    """Every route of the application, in its description or not, with something in place of what varies."""
    for route in iter_route_contexts(house.app.routes):
        assert route.path is not None
        path = re.sub(r"\{(\w+)(:path)?\}", lambda m: "1" if m[1].endswith("_no") else "x", route.path)
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, path


def is_page(route: tuple[str, str]) -> bool:
    method, path = route
    return method == "GET" and not path.startswith("/api/")


def test_every_route_but_the_open_ones_wants_a_login(home: House) -> None:
    nobody = home.caller().http
    walked = set(routes(home))

    answers = {route: nobody.request(*route, follow_redirects=False) for route in walked - OPEN - OPEN_PAGES}

    assert walked >= OPEN | OPEN_PAGES
    assert len(answers) > 50
    refused = {route: answer.status_code for route, answer in answers.items() if not is_page(route)}
    assert {route: status for route, status in refused.items() if status != 401} == {}
    sent_to = {answer.headers["location"].partition("?")[0] for route, answer in answers.items() if is_page(route)}
    assert sent_to == {"/login"}


def test_every_route_refuses_a_token_nobody_has(home: House) -> None:
    nobody = home.caller().http
    nobody.headers["Authorization"] = "Bearer gds_" + "x" * 43

    answers = {
        (is_page(route), nobody.request(*route, follow_redirects=False).status_code)
        for route in set(routes(home)) - OPEN - OPEN_PAGES
    }

    assert answers == {(False, 401), (True, 303)}


def test_with_a_one_time_password_only_a_new_one_can_be_chosen(home: House) -> None:
    admin = home.person("admin of newcomers", Role.ADMINISTRATOR)
    made = admin.post("/users", {"name": "newcomer", "roles": list(Role)[1:2], "regions": None}, 201)
    caller = home.caller()
    caller.post("/sessions", {"name": "newcomer", "password": made["one_time_password"]}, 201)

    asked = set(routes(home)) - OPEN - OPEN_PAGES - FOR_ANYONE_LOGGED_IN
    answers = {route: caller.http.request(*route, json={}, follow_redirects=False) for route in asked}
    codes = {answer.json()["code"] for route, answer in answers.items() if not is_page(route)}
    assert codes == {"password_change_required"}
    assert {answer.headers["location"] for route, answer in answers.items() if is_page(route)} == {"/password"}

    caller.post("/session/password", {"current": made["one_time_password"], "new": PASSWORD})
    assert caller.get("/documents")["items"] == []


def test_an_administrator_reads_neither_documents_nor_the_audit_log(home: House) -> None:
    admin = home.person("admin who is curious", Role.ADMINISTRATOR)

    for path in (
        "/documents",
        "/customers",
        "/search",
        "/verification",
        "/audit/entries",
        "/retention/due",
        "/records/x",
    ):
        assert admin.get(path, 403)["code"] == "not_permitted"


def test_an_auditor_reads_the_log_and_no_document(home: House) -> None:
    auditor = home.person("auditor", Role.AUDITOR)

    assert auditor.get("/audit/verification")["holds"] is True
    for path in ("/documents", "/customers", "/search", "/users"):
        auditor.get(path, 403)


def test_a_station_only_sends(home: House) -> None:
    station = home.station(name="三号")

    for path in ("/documents", "/customers", "/search", "/users", "/regions", "/jobs", "/system"):
        station.get(path, 403)
    assert station.get("/session")["kind"] == "station"


def test_a_withdrawn_station_is_nobody(home: House) -> None:
    admin = home.person("admin of stations", Role.ADMINISTRATOR)
    station = home.station(admin, name="四号")

    admin.post(f"/stations/{station.id}/withdraw")

    station.get("/batches", 401)


def test_a_new_token_makes_the_old_one_worthless(home: House) -> None:
    admin = home.person("admin of tokens", Role.ADMINISTRATOR)
    station = home.station(admin, name="五号")

    made = admin.post(f"/stations/{station.id}/token")

    station.get("/batches", 401)
    station.http.headers["Authorization"] = f"Bearer {made['token']}"
    assert station.get("/session")["name"] == "五号"
    admin.post(f"/stations/{station.id}/withdraw")
    admin.post(f"/stations/{station.id}/token", status=409)


def test_nobody_gives_himself_a_role_or_disables_himself(home: House) -> None:
    admin = home.person("admin of himself", Role.ADMINISTRATOR)
    roles = {"roles": ["archivist"], "regions": None}

    assert admin.http.put(f"{API}/users/{admin.id}/roles", json=roles).status_code == 403
    admin.post(f"/users/{admin.id}/disable", status=403)
    admin.post(f"/users/{admin.id}/password", status=403)


@pytest.mark.parametrize("roles", [["administrator", "archivist"], ["auditor", "verifier"], []])
def test_duties_stay_apart(home: House, roles: list[str]) -> None:
    admin = home.person(f"admin of {roles}", Role.ADMINISTRATOR)

    admin.post("/users", {"name": "both", "roles": roles, "regions": None}, 422)


def test_wrong_passwords_lock_an_account_for_longer_and_longer(home: House) -> None:
    home.person("forgetful", Role.VERIFIER)
    caller, wrong = home.caller(), {"name": "forgetful", "password": "not this one"}
    right = {"name": "forgetful", "password": PASSWORD}
    refusals = [caller.post("/sessions", wrong, 401) for _ in range(5)]

    assert caller.post("/sessions", right, 401) == refusals[0]
    first = locked_for(home, "forgetful")
    unlock(home, "forgetful")
    caller.post("/sessions", wrong, 401)
    assert locked_for(home, "forgetful") > first > dt.timedelta(0)

    unlock(home, "forgetful")
    caller.post("/sessions", right, 201)


def test_an_unknown_name_is_answered_like_a_wrong_password(home: House) -> None:
    home.person("known", Role.VERIFIER)
    caller = home.caller()

    answers = [
        caller.post("/sessions", {"name": name, "password": "not this one"}, 401) for name in ("known", "unknown")
    ]

    assert answers[0] == answers[1]


def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_pages(home: House) -> None:
    home.person("careful", Role.VERIFIER)
    answer = home.caller().http.post(f"{API}/sessions", json={"name": "careful", "password": PASSWORD})

    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}

    assert {"httponly", "samesite=strict", "path=/"} <= attributes


def test_a_form_of_a_foreign_page_changes_nothing(home: House) -> None:
    person = home.person("visitor of pages", Role.VERIFIER)

    plain = person.http.post(f"{API}/search", content=b"{}", headers={"Content-Type": "text/plain"})
    cross = person.http.post(f"{API}/search", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    own = person.http.post(f"{API}/search", json={"customer_code": "HD000001"})

    assert [plain.status_code, cross.status_code, own.status_code] == [403, 403, 200]


def test_a_login_ends_with_log_out(home: House) -> None:
    person = home.person("leaving", Role.VERIFIER)
    token = person.http.cookies["guidang_session"]

    assert person.http.delete(f"{API}/session", headers={"X-Requested-With": "test"}).status_code == 204

    person.http.cookies.set("guidang_session", token)
    person.get("/session", 401)


def test_other_logins_end_when_the_password_changes(home: House) -> None:
    here, there = home.person("twice", Role.VERIFIER), home.caller()
    there.post("/sessions", {"name": "twice", "password": PASSWORD}, 201)

    here.post("/session/password", {"current": "wrong", "new": "another of one's own"}, 403)
    here.post("/session/password", {"current": PASSWORD, "new": "short"}, 422)
    here.post("/session/password", {"current": PASSWORD, "new": "another of one's own"})

    assert here.get("/session")["name"] == "twice"
    there.get("/session", 401)


def test_a_disabled_person_is_out_at_once_and_for_good(home: House) -> None:
    admin, person = home.person("admin who ends", Role.ADMINISTRATOR), home.person("dismissed", Role.VERIFIER)

    admin.post(f"/users/{person.id}/disable")

    person.get("/session", 401)
    person.post("/sessions", {"name": "dismissed", "password": PASSWORD}, 401)


def test_a_login_runs_out(home: House) -> None:
    person = home.person("sleeper", Role.VERIFIER)
    with home.bench.archive.transaction() as session:
        login = session.scalars(select(LoginSession).where(LoginSession.user_id == person.id)).one()
        login.expires_at = utc_now()

    person.get("/session", 401)


def test_a_person_has_five_logins_at_most(home: House) -> None:
    first = home.person("everywhere", Role.VERIFIER)
    for _ in range(5):
        home.caller().post("/sessions", {"name": "everywhere", "password": PASSWORD}, 201)

    first.get("/session", 401)


def test_roles_hold_from_the_next_request_on(home: House) -> None:
    admin, person = home.person("admin who moves", Role.ADMINISTRATOR), home.person("moved", Role.VERIFIER)
    person.get("/documents")

    answer = admin.http.put(f"{API}/users/{person.id}/roles", json={"roles": ["auditor"], "regions": []})

    assert answer.json()["roles"] == ["auditor"]
    person.get("/documents", 403)


def test_acts_on_accounts_are_audited_without_names_or_secrets(home: House) -> None:
    admin = home.person("admin in the log", Role.ADMINISTRATOR)
    made = admin.post("/users", {"name": "张无名", "roles": ["verifier"], "regions": ["HD"]}, 201)
    admin.post(f"/users/{made['user']['id']}/password")

    with home.bench.archive.reading() as session:
        subject = AuditEntry.object == f"user:{made['user']['id']}"
        entries = session.scalars(select(AuditEntry).where(subject).order_by(AuditEntry.seq)).all()

    assert [entry.action for entry in entries] == ["user.created", "user.password_reset"]
    assert not any("张无名" in entry.entry or made["one_time_password"] in entry.entry for entry in entries)


def locked_for(home: House, name: str) -> dt.timedelta:
    with home.bench.archive.reading() as session:
        until = session.scalars(select(User.locked_until).where(User.name == name)).one()
    assert until is not None
    return until - utc_now()


def unlock(home: House, name: str) -> None:
    """As if the time had passed."""
    with home.bench.archive.transaction() as session:
        session.scalars(select(User).where(User.name == name)).one().locked_until = utc_now()
