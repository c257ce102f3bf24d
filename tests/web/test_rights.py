"""Every route, enumerated from the application, tried by those who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from mahdar.record import Record
from mahdar.review.desk import Desk
from mahdar.review.people import People
from tests.review.stories import readings
from tests.web.conftest import LogIn, client

BULLETIN = readings()[0].report.id
CLAIM = readings()[0].claims[0].id
VALUES = {"report": BULLETIN, "claim": CLAIM, "incident": "saraqib-market", "n": "1", "assignment": "1", "name": "cora"}
OPEN = {("POST", "/login")}
OWN = {  # a person's own account, whatever the role
    ("POST", "/logout"),
    ("POST", "/account/password"),
    ("POST", "/account/tokens"),
    ("POST", "/account/tokens/{id}/drop"),
}
TAKING = {
    ("POST", "/export"),
    ("POST", "/api/v1/exports"),
}  # changes nothing; that it was done is logged (test_publishing)
BODY = {
    "version": 0, "why": "why", "claims": [{"id": CLAIM, "version": 0}] * 2, "change": {}, "part": {}, "type": "attack",
    "trigger": {"text": "shelled"}, "text": "a remark", "others": ["saraqib-market"],
}  # fmt: skip


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every route there is, whoever made it."""
    pending: list[BaseRoute] = list(app.router.routes)
    while pending:
        route = pending.pop()
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if isinstance(route, Mount):
            assert route.path == "/static", "nothing else is mounted"
        elif inner and not isinstance(route, APIRoute):
            pending += inner
        else:
            for method in getattr(route, "methods", None) or ():
                yield method, str(getattr(route, "path"))  # noqa: B009  # only some routes have one


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: VALUES.get(found[1], "abcd"), path)


@pytest.fixture
def writing(app: FastAPI) -> list[tuple[str, str]]:
    found = [(m, p) for m, p in routes(app) if m not in ("GET", "HEAD", "OPTIONS")]
    assert len(found) == 39, "a route has come or gone: the tests below try it too, tell them its number"
    return [one for one in found if one not in OPEN | OWN | TAKING]


def test_a_viewer_writes_by_no_route(log_in: LogIn, record: Record, writing: list[tuple[str, str]]) -> None:
    browser = log_in("vera")
    before = record.head()
    for method, path in writing:
        for body in ({"json": BODY}, {"data": {"name": "cora", "role": "admin", "password": "a long enough one"}}):
            answer = browser.request(method, filled(path), **body)
            assert answer.status_code in (403, 422, 429), f"{method} {path}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code != 422 or "detail" in answer.text or "did not work" in answer.text
    assert record.head() == before, "nothing was written"


def test_a_viewer_is_refused_for_being_one(log_in: LogIn, writing: list[tuple[str, str]]) -> None:
    """Not for a bad body: the right is asked first."""
    browser = log_in("vera")
    for method, path in writing:
        answer = browser.request(method, filled(path), json=BODY)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code} {answer.text[:200]}"


def test_nobody_reads_without_an_account(app: FastAPI) -> None:
    stranger = client(app)
    for method, path in routes(app):
        if method == "GET" and path not in ("/login", "/api/v1/openapi.json"):
            answer = stranger.get(filled(path))
            assert answer.status_code in (303, 401), f"{path}: {answer.status_code}"


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("cora", ["/users", f"/adjudicate/{BULLETIN}"]),
        ("rita", ["/users", "/double/1"]),
        ("vera", ["/users", "/double", "/double/1", f"/adjudicate/{BULLETIN}", "/api/v1/assignments"]),
    ],
)
def test_pages_ask_for_their_right(log_in: LogIn, name: str, refused: list[str]) -> None:
    browser = log_in(name)
    for address in refused:
        assert browser.get(address).status_code == 403, address
    assert browser.get("/inbox").status_code == 200


def test_a_reviewer_comments_and_writes_nothing_else(log_in: LogIn, writing: list[tuple[str, str]]) -> None:
    browser = log_in("rita")
    for method, path in writing:
        if not path.endswith(("/comments", "/releases")) and not path.startswith("/adjudicate"):
            assert browser.request(method, filled(path), json=BODY).status_code == 403, path
    answer = browser.post(f"/api/v1/reports/{BULLETIN}/comments", json={"claim": CLAIM, "text": "which market?"})
    assert answer.status_code == 201


def test_a_blind_sheet_is_its_coders_alone(app: FastAPI, log_in: LogIn, record: Record) -> None:
    people = People(record)
    desk = Desk(record, people)
    desk.double.give_blind(people.get("ada"), [BULLETIN], ["cora", "carl"], 1.0)
    first = next(a for a in desk.double.all())
    owner, others = ("cora", "carl") if first.person == "cora" else ("carl", "cora")
    address = f"/api/v1/assignments/{first.n}"
    assert log_in(owner).get(address).status_code == 200
    for name in (others, "ada", "rita", "vera"):
        assert log_in(name).get(address).status_code == 403, name
