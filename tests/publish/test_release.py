"""Releases: only what is ready, the same bytes again, changes and deletions told, no withheld name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mahdar.model import Link, MahdarError, Time
from mahdar.publish import release
from mahdar.publish.case import Case, Withheld
from mahdar.publish.validate import validate
from tests.publish.cases import market_strike

FORMATS = ("acled", "geojson", "parquet")
DAY = date(2019, 7, 22)


def found(case: Case) -> dict[str, str]:
    return {f.rule: f.told for f in validate([case], DAY)}


def with_incident(**fields: object) -> Case:
    case = market_strike()
    return replace(case, incident=replace(case.incident, **fields))  # type: ignore[arg-type]


def test_a_case_in_order_has_no_findings() -> None:
    assert found(market_strike()) == {}


@pytest.mark.parametrize(
    ("spoil", "rule", "told"),
    [
        (lambda c: replace(c, documents=c.documents[1:]), "missing source", "its report r1 is not in the record"),
        (lambda c: replace(c, states=c.states[1:]), "undecided claims", "1 of 3 claims: c1"),
        (
            lambda c: replace(c, documents=(replace(c.documents[0], text="Jets"), *c.documents[1:])),
            *("broken span", "does not stand at"),
        ),
        (
            lambda c: replace(c, incident=replace(c.incident, time=Time("2019-08-01", "2019-08-01", 1))),
            *("future date", "2019-08-01"),
        ),
        (
            lambda c: replace(c, incident=replace(c.incident, time=Time("2025-02-01", "2025-02-01", 1))),
            *("actor not active then", "Military Forces of Syria"),
        ),
        (
            lambda c: replace(c, incident=replace(c.incident, places=(replace(c.incident.places[0], kind="admin1"),))),
            *("precision against point and day", "it is a admin1"),
        ),
        (
            lambda c: replace(c, incident=replace(c.incident, time=Time("2019-07", "2019-07", 1))),
            *("precision against point and day", "names none"),
        ),
    ],
)
def test_each_fault_is_found_and_named(spoil: Callable[[Case], Case], rule: str, told: str) -> None:
    findings = [f for f in validate([spoil(market_strike())], DAY) if f.rule == rule]
    assert any(told in f.told for f in findings)
    assert all(f.incident == "inc-market" for f in findings)


def publish(folder: Path, *cases: Case, **how: object) -> Path:
    made, _ = release.make(cases, folder, week="2019-W29", day="2019-07-22", formats=FORMATS, **how)  # type: ignore[arg-type]
    return made


def test_a_release_is_numbered_and_its_files_have_checksums(tmp_path: Path) -> None:
    made = publish(tmp_path, market_strike(), profiles=("public", "partner"), notes="The market strike.")
    assert made.name == "0001-2019-W29"
    for profile in ("public", "partner"):
        lines = (made / profile / "SHA256SUMS").read_text("utf-8").splitlines()
        listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
        there = {f.name for f in (made / profile).iterdir()} - {"SHA256SUMS"}
        assert set(listed) == there
        assert all(hashlib.sha256((made / profile / n).read_bytes()).hexdigest() == d for n, d in listed.items())
        notes = (made / profile / "NOTES.md").read_text("utf-8")
        assert "The market strike." in notes
        assert "1 added, 0 changed, 0 deleted" in notes


def test_a_release_can_be_made_again_to_the_byte(tmp_path: Path) -> None:
    publish(tmp_path / "releases", market_strike())
    again = replace(market_strike(), incident=replace(market_strike().incident, geo_precision=2))
    second = publish(tmp_path / "releases", again)
    assert release.rebuild(second, tmp_path / "again") == []
    file = next((second / "public").glob("*.geojson"))
    file.write_bytes(file.read_bytes() + b" ")
    assert release.rebuild(second, tmp_path / "once-more") == [f"public/{file.name}"]


def test_changes_and_deletions_since_the_releases_before_are_listed(tmp_path: Path) -> None:
    other = with_incident(id="inc-other")
    publish(tmp_path, market_strike(), other)
    corrected = with_incident(status="uncertain")
    made, _ = release.make([corrected], tmp_path, week="2019-W30", day="2019-07-29", formats=("geojson",))
    changes = next((made / "public").glob("*.changes.csv")).read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[:3] for line in changes] == [
        ["inc-market", "changed", "status"],
        ["inc-other", "deleted", ""],
    ]
    third, _ = release.make([corrected], tmp_path, week="2019-W31", day="2019-08-05", formats=("geojson",))
    assert next((third / "public").glob("*.changes.csv")).read_text("utf-8").splitlines()[1:] == []


def test_what_is_not_ready_is_not_released(tmp_path: Path) -> None:
    unread = replace(market_strike(), states=())
    with pytest.raises(release.NotReady, match="undecided claims"):
        publish(tmp_path, unread)
    assert list(tmp_path.iterdir()) == []
    assert publish(tmp_path, unread, allow=("undecided claims",)).is_dir()


def test_reasons_of_links_and_when_it_was_read_are_no_change(tmp_path: Path) -> None:
    publish(tmp_path, market_strike())
    case = with_incident(links=(Link("c1", "c2", 0.9),))
    again = replace(case, changed="2019-08-01T00:00:00+00:00", reader="mahdar-test-2")
    made, _ = release.make([again], tmp_path, week="2019-W31", day="2019-08-05", formats=["acled"])
    assert (made / "frozen.jsonl").read_text(encoding="utf-8") == ""


def test_a_rule_to_let_pass_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(MahdarError, match="'spans' is no rule of a release; there are missing source, "):
        publish(tmp_path, market_strike(), allow=["spans"])


def test_another_week_is_left_out(tmp_path: Path) -> None:
    made, _ = release.make([market_strike()], tmp_path, week="2020-W01", day="2020-01-06", formats=FORMATS)
    assert (made / "frozen.jsonl").read_text("utf-8") == ""


def test_notes_may_not_name_whom_the_release_withholds(tmp_path: Path) -> None:
    marked = (Withheld("Lina Haddad", "victim"),)
    with pytest.raises(MahdarError, match="word them otherwise"):
        publish(tmp_path, market_strike(), withheld=marked, notes="For Lina Haddad.")
    made = publish(tmp_path, market_strike(), withheld=marked)
    public = b"".join(f.read_bytes() for f in (made / "public").iterdir())
    assert b"Lina" not in public


def test_a_week_is_written_as_iso_weeks_are() -> None:
    assert release.week_days("2024-W01") == (date(2024, 1, 1), date(2024, 1, 7))
    for wrong in ("2024-1", "2024-W54", "last week"):
        with pytest.raises(MahdarError, match="is no week"):
            release.week_days(wrong)
