"""What leaves by the page and by the API: exports and releases, by the same press as the command line's."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from mahdar.publish.case import Withheld
from mahdar.publish.held import mark
from mahdar.record import Record
from mahdar.web import Settings, create_app
from tests.web.conftest import LogIn

SARAQIB = "find=incidents&q=Saraqib"
WEEK = {"week": "2020-W10", "profiles": ["public", "partner"], "formats": ["acled"], "notes": "The tenth week."}


@pytest.fixture
def app(record: Record, tmp_path: Path) -> FastAPI:
    return create_app(record, Settings(hosts=frozenset({"testserver"}), releases=tmp_path / "releases"))


def exported(browser: TestClient, profile: str = "public", format: str = "jsonl", query: str = SARAQIB) -> bytes:
    answer = browser.post("/export", data={"format": format, "profile": profile, "query": query})
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_explore_page_offers_what_ones_role_may_take(log_in: LogIn) -> None:
    for name, profiles in (
        ("vera", ["public"]),
        ("rita", ["public", "partner"]),
        ("ada", ["public", "partner", "internal"]),
    ):
        text = log_in(name).get(f"/explore?{SARAQIB}").text
        assert re.findall(r'name="profile" value="(\w+)"', text) == profiles
        assert re.findall(r'name="query" value="([^"]+)"', text) == ["find=incidents&amp;q=Saraqib"]


def test_a_viewer_takes_the_public_file_and_leaves_a_row_in_the_log(log_in: LogIn, record: Record) -> None:
    browser = log_in("vera")
    seq = record.head().seq
    answer = browser.post("/export", data={"format": "geojson", "profile": "public", "query": SARAQIB})
    assert re.fullmatch(
        r'attachment; filename="mahdar-\d{4}-\d\d-\d\d-public\.geojson"', answer.headers["content-disposition"]
    )
    assert len(json.loads(answer.content)["features"]) == 1
    assert record.head().seq == seq + 1
    row = list(record.log())[-1]
    assert (row.kind, row.values["by"], row.values["profile"]) == ("export", "vera", "public")


@pytest.mark.parametrize(
    ("name", "profile"), [("vera", "partner"), ("vera", "internal"), ("cora", "internal"), ("rita", "internal")]
)
def test_nobody_takes_more_names_than_their_role_may(log_in: LogIn, record: Record, name: str, profile: str) -> None:
    browser = log_in(name)
    before = record.head()
    for answer in (
        browser.post("/export", data={"format": "jsonl", "profile": profile, "query": ""}),
        browser.post("/api/v1/exports", json={"format": "jsonl", "profile": profile}),
    ):
        assert answer.status_code == 403
        assert "may not" in answer.text
    assert record.head() == before


def test_a_witness_who_was_promised_silence_is_in_no_file_of_a_viewer(log_in: LogIn, record: Record) -> None:
    mark(record, [Withheld("Lantern Monitor", "source")])
    for format in ("acled", "jsonl", "geojson", "prov", "ftm", "huridocs", "hxl"):
        got = exported(log_in("vera"), format=format)
        if got[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(got)) as packed:
                got = b"".join(packed.read(name) for name in packed.namelist())
        assert b"Lantern" not in got, format
    assert b"Lantern" in exported(log_in("ada"), "internal")


def test_several_files_come_as_one(log_in: LogIn) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(log_in("cora"), format="acled"))) as packed:
        assert any(name.endswith(".acled.csv") for name in packed.namelist())
        assert any(name.endswith(".datapackage.json") for name in packed.namelist())


def test_nothing_found_is_nothing_exported(log_in: LogIn, record: Record) -> None:
    browser = log_in("cora")
    before = record.head()
    for data in (
        {"format": "jsonl", "profile": "public", "query": "q=nowhere"},
        {"format": "word", "profile": "public", "query": SARAQIB},
        {"format": "jsonl", "profile": "secret", "query": SARAQIB},
        {"format": "jsonl", "profile": "public", "query": "colour=red"},
    ):
        answer = browser.post("/export", data=data)
        assert answer.status_code == 422, data
        assert "That did not work" in answer.text
    assert record.head() == before


def test_a_program_exports_too(log_in: LogIn) -> None:
    answer = log_in("cora").post("/api/v1/exports", json={"format": "jsonl", "query": SARAQIB})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 1


def test_a_reviewer_makes_a_release_once_what_stops_it_is_let_pass(log_in: LogIn, record: Record) -> None:
    browser = log_in("rita")
    stopped = browser.post("/releases", data=WEEK)
    assert stopped.status_code == 422
    assert "is not ready" in stopped.text
    assert "undecided claims" in stopped.text
    rules = re.findall(r'name="allow" value="([^"]+)"', stopped.text)
    made = browser.post("/releases", data=WEEK | {"allow": rules})
    assert (made.status_code, made.headers["location"]) == (303, "/releases/0001-2020-W10")
    assert list(record.log())[-1].values["by"] == "rita"
    listed = browser.get("/releases").text
    assert "2020-W10" in listed
    assert "The tenth week." in listed
    shown = browser.get("/releases/0001-2020-W10").text
    links = re.findall(r'href="(/releases/0001-2020-W10/[^"]+)"', shown)
    assert any(link.endswith(".acled.csv") for link in links)
    assert all(browser.get(link).status_code == 200 for link in links)


def test_a_viewer_sees_a_release_and_takes_its_public_part(log_in: LogIn) -> None:
    allow = ["undecided claims", "missing source", "broken span", "precision against point and day"]
    made = log_in("rita").post("/api/v1/releases", json=WEEK | {"allow": allow})
    assert made.status_code == 201, made.text
    assert made.json()["claims"] == ["0001-2020-W10"]
    viewer = log_in("vera")
    (one,) = viewer.get("/api/v1/releases").json()["items"]
    assert (one["number"], sorted(one["files"])) == (1, ["partner", "public"])
    shown = viewer.get(f"/releases/{one['name']}").text
    assert "your role may not" in shown
    assert 'name="week"' not in viewer.get("/releases").text
    for profile, status in (("public", 200), ("partner", 403)):
        file = one["files"][profile][0]["name"]
        assert viewer.get(f"/releases/{one['name']}/{profile}/{file}").status_code == status
    for path in ("public/frozen.jsonl", "public/..%2Ffrozen.jsonl", "../frozen.jsonl", "internal/x"):
        assert viewer.get(f"/releases/{one['name']}/{path}").status_code in (403, 404), path
    for refused in (viewer.post("/releases", data=WEEK), viewer.post("/api/v1/releases", json=WEEK)):
        assert refused.status_code == 403
