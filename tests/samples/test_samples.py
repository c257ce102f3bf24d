"""The sample reports and what is expected of them belong together, and the expectation keeps the codebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mahdar.codebook import EVENT_TYPES
from mahdar.intake import open_reports
from mahdar.model import Report

SAMPLES = Path(__file__).parents[2] / "samples"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


EXPECTED = rows("expected.jsonl")
each_report = pytest.mark.parametrize("report", EXPECTED, ids=[row["id"] for row in EXPECTED])


def quotes(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [*report["furniture"], *(span for claim in report["claims"] for span in claim["evidence"])]


@each_report
def test_every_quote_stands_verbatim_at_its_offsets(report: dict[str, Any]) -> None:
    for quote in quotes(report):
        assert report["text"][quote["start"] : quote["end"]] == quote["text"] != ""


@each_report
def test_every_name_stands_in_the_report_in_one_of_its_wordings(report: dict[str, Any]) -> None:
    text = report["text"].casefold()
    for claim in report["claims"]:
        worded = [*claim["actors"], *claim["targets"], *claim["sources"], claim["trigger"]]
        worded += [place["text"] for place in claim["places"]] + [figure["text"] for figure in claim["figures"]]
        for names in worded + ([claim["agreement"]] if claim["agreement"] else []):
            assert any(name.casefold() in text for name in names.split("|")), names


@each_report
def test_every_value_is_one_the_codebook_knows(report: dict[str, Any]) -> None:
    for claim in report["claims"]:
        assert claim["type"] in EVENT_TYPES
        assert claim["scope"] in ("event", "total")
        assert claim["status"] in ("asserted", "denied", "intended", "uncertain")
        assert claim["evidence"]
        assert (claim["geo_precision"] is None) == (not claim["places"])
        assert (claim["time_precision"] is None) == (claim["start"] is None and claim["end"] is None)
        if claim["type"] == "casualty_toll":
            assert claim["scope"] == "total"


@each_report
def test_furniture_yields_no_claim(report: dict[str, Any]) -> None:
    for claim in report["claims"]:
        for span in claim["evidence"]:
            assert not any(span["start"] < f["end"] and f["start"] < span["end"] for f in report["furniture"])


@each_report
def test_a_report_is_relevant_exactly_when_it_holds_a_claim(report: dict[str, Any]) -> None:
    assert report["relevant"] is bool(report["claims"])


def test_all_thirty_types_occur_and_near_misses_hold_none() -> None:
    assert {claim["type"] for report in EXPECTED for claim in report["claims"]} == set(EVENT_TYPES)
    assert sum(not report["claims"] for report in EXPECTED) >= 8


def test_each_sample_is_expected_once_and_each_expectation_has_its_sample() -> None:
    files = [path.stem for path in (SAMPLES / "reports").iterdir()]
    lines = [row["id"] for row in rows("more.jsonl")]
    assert sorted(files + lines) == sorted(row["id"] for row in EXPECTED)
    assert len(set(files + lines)) == len(files + lines) >= 28


def test_the_text_and_day_expected_are_what_the_intake_reads() -> None:
    read = {}
    for report in (*open_reports(SAMPLES / "reports"), *open_reports(SAMPLES / "more.jsonl")):
        assert isinstance(report, Report), report
        stem = Path(report.name).stem
        read[report.id if "more.jsonl" in report.name else stem] = (report.text, report.title, report.published)
    assert read == {row["id"]: (row["text"], row["title"], row["published"]) for row in EXPECTED}
