"""Other people's records: read as published, linked as claims are, differences told without a judge."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from mahdar.model import MahdarError, Time
from mahdar.publish import compare as comparing
from mahdar.publish.compare import compare
from mahdar.publish.external import External, as_claim, read_external
from mahdar.publish.files import export
from mahdar.publish.formats import FORMATS
from mahdar.publish.redaction import Redactor, profile
from tests.publish.cases import cleared, market_strike

OLD_ACLED = (
    "event_id_cnty,event_date,event_type,sub_event_type,actor1,inter1,actor2,country,location,latitude,longitude,"
    "geo_precision,source,notes,fatalities\n"
    '"SYR61","16 July 2019","Explosions/Remote violence","Air/drone strike","Military Forces of Syria (2000-2024)",1,'
    '"Civilians (Syria)","Syria","Tell Qamar",35.86,36.80,1,"SOHR","Warplanes struck a market in Tell Qamar; 15 killed.",15\n'
    '"SYR62","17 July 2019","Protests","Peaceful protest","Protesters (Syria)",6,"","Syria","Far Town",33.10,36.10,1,"X","",0\n'
)
GED = (
    "id,type_of_violence,side_a,side_b,where_prec,where_coordinates,latitude,longitude,country,country_id,date_prec,"
    "date_start,date_end,best,high,low,source_headline,source_original\n"
    "314,3,Government of Syria,Civilians,1,Tell Qamar town,35.86,36.80,Syria,652,1,2019-07-16 00:00:00.000,"
    "2019-07-16 00:00:00.000,14,30,14,Market struck in Tell Qamar,civil defence\n"
)


@pytest.fixture
def acled(tmp_path: Path) -> Path:
    file = tmp_path / "acled.csv"
    file.write_text(OLD_ACLED, encoding="utf-8")
    return file


def test_acled_is_read_in_its_older_layout(acled: Path) -> None:
    strike, protest = read_external(acled)
    assert (strike.id, strike.type, strike.start, strike.country) == ("SYR61", "air_drone_strike", "2019-07-16", "SY")
    assert (strike.low, strike.high, strike.geo_precision) == (15, 15, 1)
    assert protest.type == "peaceful_protest"


@pytest.mark.parametrize(
    ("precision", "start", "end"),
    [(1, "2019-07-16", "2019-07-16"), (2, "2019-07-13", "2019-07-19"), (3, "2019-07-01", "2019-07-31")],
)
def test_acleds_day_stands_for_the_week_or_month_that_its_precision_says(
    tmp_path: Path, precision: int, start: str, end: str
) -> None:
    head, row, _ = OLD_ACLED.splitlines()
    file = tmp_path / "acled.csv"
    file.write_text(f"{head},time_precision\n{row},{precision}\n", encoding="utf-8")
    [event] = read_external(file)
    assert (event.start, event.end, event.time_precision) == (start, end, precision)


def test_ucdp_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ged.csv"
    file.write_text(GED, encoding="utf-8")
    [event] = read_external(file)
    assert (event.dataset, event.id, event.type, event.country) == ("UCDP", "314", "attack", "SY")
    assert (event.start, event.low, event.high) == ("2019-07-16", 14, 30)


def test_our_own_exports_are_read_back(tmp_path: Path) -> None:
    for name, dataset in (("acled", "ACLED"), ("ucdp", "UCDP")):
        export([market_strike()], FORMATS[name], tmp_path / f"{name}.csv", Redactor(profile("internal")))
        [event] = read_external(tmp_path / f"{name}.csv")
        assert (event.dataset, event.start, event.place) == (dataset, "2019-07-16", "Tell Qamar")


def test_a_row_as_a_claim_has_its_words(acled: Path) -> None:
    report, claim = as_claim(next(read_external(acled)))
    told = [claim.trigger, *claim.evidence, *(a.words for a in claim.actors), *(p.words for p in claim.places)]
    assert all(report.text[w.span.start : w.span.end] == w.text for w in told)
    assert claim.actors[0].actor_id == "military-sy-2000"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "neither ACLED's nor UCDP GED's columns"),
        (OLD_ACLED.replace("16 July 2019", "some day"), "line 2: is no event"),
        (OLD_ACLED.replace("35.86", "north"), "line 2: is no event"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MahdarError, match=told):
        list(read_external(file))


def test_what_both_have_is_met_and_the_rest_told_apart(acled: Path) -> None:
    other = replace(
        market_strike().incident,
        id="inc-other",
        time=replace(market_strike().incident.time, start="2012-01-01", end="2012-01-01"),
    )
    far = replace(
        market_strike(),
        incident=other,
        claims=tuple(replace(c, id=f"x{c.id}", time=other.time) for c in market_strike().claims),
    )
    lines = compare([cleared(market_strike()), cleared(far)], read_external(acled))
    assert [(x.status, x.case and x.case.case.incident.id, x.external and x.external.id) for x in lines] == [
        ("both", "inc-market", "SYR61"),
        ("only ours", "inc-other", None),
        ("only theirs", None, "SYR62"),
    ]
    assert lines[0].score is not None
    assert lines[0].score > 0.5


def strike(acled: Path) -> External:
    return next(read_external(acled))


def test_only_what_precision_does_not_explain_is_a_difference(acled: Path) -> None:
    case = cleared(market_strike())
    assert list(comparing.differences(case, strike(acled))) == []
    told = list(
        comparing.differences(
            case, replace(strike(acled), lat=33.5, low=2, high=3, start="2019-07-20", end="2019-07-20")
        )
    )
    assert [d.partition(":")[0] for d in told] == ["day", "place", "killed"]
    one = case.case.incident
    since = replace(case, case=replace(case.case, incident=replace(one, time=Time("2019-07-01", None))))
    assert list(comparing.differences(since, strike(acled))) == []
    other = replace(strike(acled), actors=("Military Forces of Turkey (2016-)",), type="attack")
    assert [d.partition(":")[0] for d in comparing.differences(case, other)] == ["type", "actors"]


def test_the_comparison_is_a_table(acled: Path) -> None:
    text = "".join(str(c) for _, c in comparing.render(compare([cleared(market_strike())], read_external(acled))))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [r["status"] for r in rows] == ["both", "only theirs"]
    assert rows[0]["their_notes"].startswith("Warplanes struck")
