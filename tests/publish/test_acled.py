"""ACLED: the published columns, one row per day, place and pair, every rule told, nothing dropped in silence."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from mahdar.model import Actor, Figure, Span, Time, Words
from mahdar.publish import acled
from mahdar.publish.case import Case
from tests.publish.cases import cleared, market_strike, place, with_status

# The layout of 20 March 2023.
COLUMNS = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,"
    "longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)


def exported(*cases: Case) -> dict[str, list[dict[str, str]]]:
    parts: dict[str, str] = {}
    for part, content in acled.render(cleared(case) for case in cases):
        parts[part] = parts.get(part, "") + str(content)
    return {part: list(csv.DictReader(io.StringIO(text, newline=""))) for part, text in parts.items()}


def row(case: Case) -> dict[str, str]:
    [only] = exported(case)[""]
    return only


def rules(case: Case) -> dict[str, str]:
    return {r["rule"]: r["detail"] for r in exported(case)["rules"]}


def reason(case: Case) -> str:
    parts = exported(case)
    assert parts[""] == []
    [left] = parts["left-out"]
    return left["reason"]


def timed(*of: str | int | None, said: str = "then") -> Case:
    case = market_strike()
    start, end, precision = of
    time = Time(start, end, precision, Words(Span(0, len(said)), said))  # type: ignore[arg-type]
    return replace(case, incident=replace(case.incident, time=time))


def killed(*figures: tuple[int | None, int | None, str]) -> Case:
    case = market_strike()
    told = tuple(Figure("killed", low, high, Words(Span(0, len(said)), said)) for low, high, said in figures)
    return replace(case, claims=(replace(case.claims[0], figures=told),))


def test_the_columns_are_those_of_the_published_layout() -> None:
    heading = next(acled.render([]))
    assert heading == ("", COLUMNS + "\r\n")


def test_a_row_says_what_the_record_says_in_acleds_words() -> None:
    event = row(market_strike())
    assert event["event_id_cnty"].startswith("SYR")
    assert (event["event_date"], event["year"], event["time_precision"]) == ("2019-07-16", "2019", "1")
    assert (event["event_type"], event["sub_event_type"]) == ("Explosions/Remote violence", "Air/drone strike")
    assert event["disorder_type"] == "Political violence"
    assert (event["actor1"], event["inter1"]) == ("Military Forces of Syria (2000-2024)", "State forces")
    assert (event["actor2"], event["inter2"]) == ("Civilians (Syria)", "Civilians")
    assert (event["interaction"], event["civilian_targeting"]) == ("State forces-Civilians", "Civilian targeting")
    assert (event["iso"], event["region"], event["country"], event["admin1"]) == (
        "760",
        "Middle East",
        "Syria",
        "Idlib",
    )
    assert (event["location"], event["geo_precision"]) == ("Tell Qamar", "1")
    assert event["source"] == "Meridian Wire;The Courier;State Radio"
    assert event["timestamp"] == "1563442200"
    assert "at least 14 civilians" in event["notes"]


def test_fatalities_are_the_lowest_reported_and_words_count_as_acled_counts_them() -> None:
    assert row(market_strike())["fatalities"] == "12"  # "at least 14" and "Dozens"
    assert rules(market_strike())["fatalities-lowest"] == "12 (Dozens); 14 (at least 14)"


@pytest.mark.parametrize(
    ("figure", "count", "rule"),
    [
        ((24, 99, "dozens"), "12", "fatalities-dozens"),
        ((200, 999, "hundreds of people"), "100", "fatalities-hundreds"),
        ((3, 9, "several"), "3", "fatalities-several"),
        ((13, None, "at least 13"), "13", "fatalities-lower-end"),
        ((7, 7, "seven"), "7", "fatalities-as-told"),
        ((None, 20, "up to 20"), "0", "fatalities-no-lower-end"),
    ],
)
def test_each_wording_of_a_toll_has_its_rule(figure: tuple[int | None, int | None, str], count: str, rule: str) -> None:
    assert row(killed(figure))["fatalities"] == count
    assert rule in rules(killed(figure))


def test_no_number_is_nought_and_said_so() -> None:
    case = market_strike()
    case = replace(case, claims=case.claims[2:], incident=replace(case.incident, figures=()))
    assert row(case)["fatalities"] == "0"
    assert "fatalities-unknown" in rules(case)


def test_several_days_are_a_row_each_and_share_the_toll() -> None:
    case = replace(timed("2019-07-16", "2019-07-18", 1), claims=killed((14, None, "at least 14")).claims)
    rows = exported(case)[""]
    assert [r["event_date"] for r in rows] == ["2019-07-16", "2019-07-17", "2019-07-18"]
    assert [r["fatalities"] for r in rows] == ["5", "5", "4"]
    assert len({r["event_id_cnty"] for r in rows}) == 3
    assert {"one-row-a-day", "fatalities-split"} <= rules(case).keys()


def test_places_are_a_row_each() -> None:
    case = market_strike()
    other = replace(place("r1"), name="Kafr Dun", lat=35.9)
    case = replace(case, incident=replace(case.incident, places=(place("r1"), other)))
    assert [r["location"] for r in exported(case)[""]] == ["Tell Qamar", "Kafr Dun"]


@pytest.mark.parametrize(
    ("time", "said", "day", "precision", "rule"),
    [
        (("2019-07-15", "2019-07-21", 2), "this week", "2019-07-18", "2", "week-middle"),
        ((None, "2019-07-21", 2), "", "2019-07-18", "2", "week-middle"),
        (("2019-07", "2019-07", 3), "in July", "2019-07-16", "3", "month-middle"),
        (("2019-07", "2019-07", 3), "in early July", "2019-07-01", "3", "month-early"),
        (("2019-07", "2019-07", 3), "in late July", "2019-07-31", "3", "month-late"),
    ],
)
def test_vaguer_days_are_placed_by_rule(
    time: tuple[str | None, str | None, int], said: str, day: str, precision: str, rule: str
) -> None:
    case = timed(*time, said=said)
    assert (row(case)["event_date"], row(case)["time_precision"]) == (day, precision)
    assert rule in rules(case)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (timed("2019", "2019", 4), "vaguer than a month"),
        (timed(None, None, None), "no time"),
        (timed("2019-01-01", "2019-06-30", 3), "spans more days than one row a day allows"),
        (with_status(market_strike(), "denied"), "not asserted to have happened: denied"),
        (with_status(market_strike(), "intended"), "not asserted to have happened: intended"),
        (replace(market_strike(), states=(("c1", "rejected"), ("c2", "rejected"), ("c3", "rejected"))), "rejected"),
    ],
)
def test_what_acled_has_no_row_for_is_listed_with_the_reason(case: Case, why: str) -> None:
    assert why in reason(case)


def test_a_country_or_an_unresolved_place_is_no_row() -> None:
    case = market_strike()
    country = replace(place("r1"), name="Syria", kind="country")
    unresolved = replace(place("r1"), name=None, lat=None, lon=None, reason="not in the gazetteer")
    for only, why in ((country, "country"), (unresolved, "no point")):
        assert why in reason(replace(case, incident=replace(case.incident, places=(only,))))


def test_a_loaded_word_for_somebody_unknown_is_no_name() -> None:
    case = market_strike()
    said = Actor(Words(Span(0, 10), "terrorists"))
    case = replace(case, incident=replace(case.incident, actors=(said,)))
    assert row(case)["actor1"] == "Unidentified Armed Group (Syria)"
    assert rules(case)["actor-unidentified"] == "terrorists"


def test_a_row_keeps_its_id_when_the_rest_changes() -> None:
    case = market_strike()
    later = replace(case, changed="2021-01-01T00:00:00+00:00", claims=case.claims[:1])
    assert row(case)["event_id_cnty"] == row(later)["event_id_cnty"]


def test_looting_is_not_filtered_away() -> None:
    case = market_strike()
    case = replace(case, incident=replace(case.incident, type="looting_property_destruction", targets=()))
    event = row(case)
    assert (event["disorder_type"], event["actor2"]) == ("Strategic developments", "Civilians (Syria)")
    assert "civilians-by-type" in rules(case)
