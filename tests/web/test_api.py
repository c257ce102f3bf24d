"""The JSON API: what it answers, and that nothing asked of it makes it fall over."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from starlette.testclient import TestClient

from mahdar.record import Record
from mahdar.review.people import People, Role
from mahdar.web import Settings, create_app
from mahdar.web.security import Limiter
from tests.review.stories import readings
from tests.web.conftest import client

READ = readings()
BULLETIN = READ[0].report.id
SHELLING = READ[0].claims[0].id
REPORT = f"/api/v1/reports/{BULLETIN}"


@pytest.fixture
def program(app: FastAPI, record: Record) -> TestClient:
    """A program with a coder's token."""
    people = People(record)
    made = client(app)
    made.headers["Authorization"] = f"Bearer {people.make_token(people.get('cora'), 'test', Role.coder)}"
    return made


def test_a_report_comes_with_its_claims_and_their_words(program: TestClient) -> None:
    report = program.get(REPORT).json()
    for claim in report["claims"]:
        for words in (claim["trigger"], *claim["evidence"], *claim["actors"], *claim["places"]):
            assert report["text"][words["start"] :].startswith(words["text"])
    assert {c["review"] for c in report["claims"]} == {"suggested"}


def test_a_program_codes(program: TestClient) -> None:
    edited = program.post(
        f"{REPORT}/claims/{SHELLING}/edit", json={"version": 0, "change": {"status": "denied"}, "why": "they deny it"}
    )
    assert edited.json() == {"claims": [SHELLING], "said": "Saved."}
    added = program.post(f"{REPORT}/claims", json={"type": "attack", "trigger": {"text": "charred"}})
    assert added.status_code == 201
    claims = {c["id"]: c for c in program.get(REPORT).json()["claims"]}
    assert (claims[SHELLING]["status"], claims[SHELLING]["by"]) == ("denied", "cora")
    assert claims[added.json()["claims"][0]]["trigger"]["text"] == "charred"
    assert program.post(f"{REPORT}/undo").json()["said"] == "Taken back: add."


def test_a_refusal_is_a_sentence(program: TestClient) -> None:
    stale = program.post(f"{REPORT}/claims/{SHELLING}/accept", json={"version": 7})
    assert (stale.status_code, stale.json()["present"]["id"]) == (409, SHELLING)
    words = program.post(f"{REPORT}/claims", json={"type": "attack", "trigger": {"text": "Homs"}})
    assert (words.status_code, words.json()["detail"]) == (
        422,
        "the report does not say 'Homs': select the words that do",
    )
    assert program.get("/api/v1/reports/abcd").status_code == 404
    assert program.get("/api/v1/search?colour=red").status_code == 422


def test_search_and_map_take_the_query_of_the_address(program: TestClient) -> None:
    found = program.get("/api/v1/search?find=claims&type=shelling_artillery_missile").json()
    assert found["total"] == len(found["items"]) == 4
    drawn = program.get("/api/v1/map?find=claims&type=shelling_artillery_missile&zoom=4").json()
    assert sum(c["count"] for c in drawn["items"]) == drawn["mapped"] == 4


def test_typing_ahead_finds_actors_and_places(program: TestClient) -> None:
    places = program.get("/api/v1/places?q=Sara&country=SY").json()["items"]
    assert places[0]["name"] == "Saraqib"
    actors = program.get("/api/v1/actors?q=hezbollah").json()["items"]
    assert any("Hezbollah" in a["name"] for a in actors)


def test_nothing_asked_of_it_makes_it_fall_over(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis, a few examples a call; `MAHDAR_EXAMPLES` asks for more."""
    monkeypatch.setattr(Limiter, "wait", lambda *_: 0.0)  # else most would be turned away unread
    people = People(record)
    token = people.make_token(people.get("ada"), "test", Role.admin)
    app = create_app(record, Settings(hosts=frozenset()))
    examples = settings(
        max_examples=int(os.environ.get("MAHDAR_EXAMPLES", "3")),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    answers: Counter[int] = Counter()

    def ask(case: Case[Any]) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        answers[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.method} {case.path}: {answer.text[:500]}"

    for offered in schemathesis.openapi.from_asgi("/api/v1/openapi.json", app).get_all_operations():
        operation: Any = offered.ok()  # type: ignore[union-attr]  # the description is ours, and right
        examples(given(case=operation.as_strategy())(ask))()
    assert sum(answers.values()) > 60
    assert answers[401] == answers[429] == 0, answers
