"""What every request passes: hosts, CSRF, sessions, tokens, rates, headers."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from mahdar.record import Record
from mahdar.review.people import People, Role
from mahdar.web.security import LOGGING_IN, Limiter, Rate
from tests.review.conftest import PASSWORD
from tests.review.stories import readings
from tests.web.conftest import LogIn, client, csrf

BULLETIN = readings()[0].report.id
CLAIM = readings()[0].claims[0].id
ACCEPT = f"/api/v1/reports/{BULLETIN}/claims/{CLAIM}/accept"


def test_every_answer_carries_the_headers(local: TestClient) -> None:
    for address in ("/inbox", "/nope", "/static/style.css", "/api/v1/search", "/api/v1/nope"):
        headers = local.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_holds_inline_script_or_style(local: TestClient) -> None:
    for address in ("/inbox", f"/reports/{BULLETIN}", "/explore", "/coverage", "/users", "/log"):
        page = local.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script ")
        for script in page.split("<script ")[1:]:
            assert script.startswith(('src="/static/', 'type="module" src="/static/', 'type="application/json"'))


def test_another_hosts_name_for_us_is_refused(local: TestClient) -> None:
    """A page elsewhere cannot rebind its own name to this machine and read the record."""
    assert local.get("/inbox", headers={"Host": "evil.example"}).status_code == 421


def test_writing_needs_a_page_of_ours(local: TestClient) -> None:
    page = local.get(f"/reports/{BULLETIN}")
    good = {"X-CSRF-Token": csrf(page)}
    assert local.post(ACCEPT, json={"version": 0}).status_code == 403
    assert local.post(ACCEPT, json={"version": 0}, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    foreign = good | {"Origin": "http://evil.example"}
    assert local.post(ACCEPT, json={"version": 0}, headers=foreign).status_code == 403
    assert local.post(ACCEPT, json={"version": 0}, headers=good).status_code == 200


def test_a_cookie_that_another_port_set_is_no_session(local: TestClient) -> None:
    local.cookies.set("mahdar_session", "chosen-by-them")
    page = local.get("/inbox")
    assert "mahdar_session" in page.headers["set-cookie"], "ours takes its place"


def test_cookies_are_kept_from_scripts_and_other_sites(local: TestClient) -> None:
    cookie = local.get("/inbox").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_who_is_not_known_sees_nothing(app: FastAPI) -> None:
    stranger = client(app)
    assert stranger.get("/inbox").headers["location"] == "/login?next=/inbox"
    assert stranger.get("/api/v1/search").status_code == 401
    assert stranger.get("/api/v1/openapi.json").status_code == 200, "the description holds nothing of the record"


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_logging_in_never_leads_elsewhere(app: FastAPI, onward: str) -> None:
    browser = client(app)
    token = csrf(browser.get("/login"))
    data = {"name": "vera", "password": PASSWORD, "csrf": token, "next": onward}
    assert browser.post("/login", data=data).headers["location"] == "/"


def test_a_wrong_password_is_told_and_tried_only_so_often(app: FastAPI) -> None:
    browser = client(app)
    token = csrf(browser.get("/login"))
    answers = [
        browser.post("/login", data={"name": "vera", "password": "wrong", "csrf": token}).status_code
        for _ in range(LOGGING_IN.burst + 2)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_logging_out_ends_the_session(log_in: LogIn) -> None:
    browser = log_in("vera")
    kept = browser.cookies["mahdar_session"]
    assert browser.post("/logout").status_code == 303
    browser.cookies.set("mahdar_session", kept)
    assert browser.get("/inbox").status_code == 303


def test_a_token_needs_no_csrf_and_has_its_role(app: FastAPI, record: Record) -> None:
    people = People(record)
    program = client(app)
    reading = people.make_token(people.get("cora"), "reading", Role.viewer)
    coding = people.make_token(people.get("cora"), "coding", Role.coder)
    asked = {"Authorization": f"Bearer {reading}"}
    assert program.get("/api/v1/search", headers=asked).status_code == 200
    assert program.post(ACCEPT, json={"version": 0}, headers=asked).status_code == 403
    assert program.post(ACCEPT, json={"version": 0}, headers={"Authorization": f"Bearer {coding}"}).status_code == 200
    assert program.get("/api/v1/search", headers={"Authorization": "Bearer mahdar_x"}).status_code == 401


def test_too_many_requests_wait() -> None:
    limiter = Limiter()
    rate = Rate(2, 60)
    assert [limiter.wait("a", rate) > 0 for _ in range(3)] == [False, False, True]
    assert limiter.wait("b", rate) == 0


def test_a_huge_request_is_refused(local: TestClient) -> None:
    token = {"X-CSRF-Token": csrf(local.get("/inbox"))}
    assert local.post(ACCEPT, content=b"x" * 3_000_000, headers=token).status_code == 413
