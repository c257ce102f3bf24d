"""CSV: one row a claim, lists joined, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.model import Actor, Claim, Reading, Report, Span, Words
from mahdar.publish import csvfile


def table(reading: Reading) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csvfile.render([reading])), newline="")))


def test_one_row_a_claim(reading: Reading) -> None:
    strike, fled = table(reading)
    assert strike["type"] == "air_drone_strike"
    assert strike["sources"] == "Meridian Wire; a local health official"
    assert (strike["place_at"], strike["place_to"]) == ("Dessa", "Varr")
    assert (strike["country"], strike["lat"], strike["lon"]) == ("SY", "35.1", "36.2")
    assert strike["killed"] == "14 or more"
    assert strike["evidence"].count("Dessa") == 2
    assert (fled["start"], fled["end"], fled["killed"]) == ("", "2024-03-12", "")


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"])
def test_a_formula_in_a_report_stays_text(reading: Reading, start: str) -> None:
    report = replace(reading.report, title=start)
    assert table(replace(reading, report=report))[0]["title"] == f"'{start}"


@given(st.text(min_size=1))
def test_whatever_a_source_is_called_the_table_keeps_its_shape(name: str) -> None:
    claim_report = Report("r", name)
    words = Words(Span(0, len(name)), name)
    claim = Claim("i", "r", "other", "event", "asserted", words, (words,), sources=(Actor(words), Actor(words)))
    rows = table(Reading(claim_report, (claim,)))
    assert len(rows) == 1
    assert None not in rows[0]
    assert not rows[0]["sources"].startswith(("=", "+", "-", "@"))
