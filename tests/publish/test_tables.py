"""UCDP, HXL and HURIDOCS: the published columns and tags, and what is left out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.codebook import EVENT_TYPES
from mahdar.codebook.crosswalks import act, crosswalks
from mahdar.model import Actor, Figure, Span, Words
from mahdar.publish import hxl, ucdp
from mahdar.publish.case import Case
from mahdar.publish.files import export, part_name
from mahdar.publish.formats import FORMATS, format_named
from mahdar.publish.geography import grid_cell
from mahdar.publish.redaction import Redactor, profile
from mahdar.publish.tabular import FORMULA, rows_text
from tests.publish.cases import cleared, market_strike

UCDP = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,conflict_name,dyad_dset_id,"
    "dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,side_b,number_of_sources,"
    "source_article,source_office,source_date,source_headline,source_original,where_prec,where_coordinates,"
    "where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,"
    "date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob"
)


def parts(name: str, case: Case) -> dict[str, list[dict[str, str]]]:
    out: dict[str, str] = {}
    for part, content in FORMATS[name].render([cleared(case)]):
        out[part] = out.get(part, "") + str(content)
    return {part: list(csv.DictReader(io.StringIO(text, newline=""))) for part, text in out.items()}


def test_ucdp_has_its_49_columns() -> None:
    assert next(ucdp.render([])) == ("", UCDP + "\r\n")
    assert len(UCDP.split(",")) == 49


def test_a_strike_on_civilians_is_one_sided_violence() -> None:
    [row] = parts("ucdp", market_strike())[""]
    assert (row["type_of_violence"], row["side_b"]) == ("3", "Civilians")
    assert (row["low"], row["best"], row["high"]) == ("14", "14", "99")
    assert (row["deaths_civilians"], row["deaths_a"]) == ("14", "0")
    assert (row["gwnoa"], row["country_id"], row["region"]) == ("652", "652", "Middle East")
    assert (row["where_prec"], row["date_prec"], row["event_clarity"]) == ("1", "1", "1")
    assert row["geom_wkt"] == "POINT (36.80123 35.86412)"
    assert (
        row["source_original"] == "Jory Pell, a baker whose shop front was blown in; Salm Agency; Jory Pell; The army"
    )
    assert row["code_status"] == "Clear"


def test_two_armed_sides_are_state_based_with_the_state_first() -> None:
    case = market_strike()
    rebels = Actor(Words(Span(0, 6), "rebels"), "hts", "Hayat Tahrir al-Sham", "Rebel group")
    case = replace(
        case, incident=replace(case.incident, type="armed_clash", actors=(rebels,), targets=case.incident.actors)
    )
    [row] = parts("ucdp", case)[""]
    assert (row["type_of_violence"], row["side_a"], row["side_b"]) == (
        *("1", "Military Forces of Syria (2000-2024)", "Hayat Tahrir al-Sham"),
    )
    assert row["deaths_unknown"] == "14"


def test_without_a_death_or_a_known_side_it_is_left_out_with_the_reason() -> None:
    case = market_strike()
    alive = replace(case, claims=case.claims[2:], incident=replace(case.incident, figures=()))
    unknown = replace(case, incident=replace(case.incident, actors=()))
    assert parts("ucdp", alive)["left-out"][0]["reason"] == "no death is claimed"
    assert parts("ucdp", unknown)["left-out"][0]["reason"] == "side a is not in the register"


@pytest.mark.parametrize(
    ("lat", "lon", "cell"), [(-90, -180, 1), (-89.6, -179.4, 2), (33.51, 36.29, 178273), (90, 180, 259200)]
)
def test_the_grid_is_prios(lat: float, lon: float, cell: int) -> None:
    assert grid_cell(lat, lon) == cell


def test_hxl_has_a_row_of_hashtags_under_its_headings() -> None:
    text = "".join(str(content) for _, content in hxl.render([cleared(market_strike())]))
    heading, tags, row = csv.reader(io.StringIO(text, newline=""))
    told = dict(zip(tags, zip(heading, row, strict=True), strict=True))
    assert told["#event+code"] == ("event_id", "inc-market")
    assert told["#affected+killed"] == ("fatalities", "14")
    assert told["#geo+lat"][1] == "35.86412"
    assert told["#adm1+code"][1] == "SY.12"
    assert len(set(tags)) == len(tags)


def test_huridocs_tells_who_did_what_to_whom_and_who_denies_it() -> None:
    tables = parts("huridocs", market_strike())
    [event], [act_row] = tables[""], tables["acts"]
    assert act_row["event_record"] == event["event_record"] == "inc-market"
    assert act_row["victim_records"] == "civilians-sy"
    told = {r["claim"]: (r["perpetrator_record"], r["status"], r["stance"]) for r in tables["involvements"]}
    assert told == {"c1": ("military-sy-2000", "asserted", ""), "c3": ("military-sy-2000", "denied", "0102")}
    assert {r["person_record"] for r in tables["persons"]} == {"military-sy-2000", "civilians-sy"}
    assert [r["review"] for r in tables["information"]] == ["accepted", "edited", "accepted"]


@pytest.mark.parametrize(
    ("type", "trigger", "code"),
    [
        ("looting_property_destruction", "looted", "130101"),
        ("looting_property_destruction", "were burnt down and torched", "130103"),
        ("looting_property_destruction", "confiscated", "130107"),
        ("displacement", "fled", "050104"),
        ("displacement", "evicted", "050103"),
        ("access_obstruction", "besieged", "050105"),
        ("air_drone_strike", "struck", None),
    ],
)
def test_acts_have_huridocs_codes_where_its_list_has_them(type: str, trigger: str, code: str | None) -> None:
    found = act(type, trigger)
    assert (found.code if found else None) == code


def test_every_event_type_has_its_row_in_the_crosswalk() -> None:
    assert list(crosswalks()) == list(EVENT_TYPES)


@given(st.text())
def test_no_cell_runs_as_a_formula(text: str) -> None:
    [row] = csv.reader(io.StringIO(rows_text([[text, "end"]]), newline=""))
    assert row in ([text, "end"], [f"'{text}", "end"])
    assert not row[0].lstrip(" ").startswith(FORMULA)


def test_numbers_stay_numbers() -> None:
    assert rows_text([[-1.5, "-1.5"]]) == "-1.5,'-1.5\r\n"


def test_the_columns_travel_with_the_tables(tmp_path: Path) -> None:
    folder = tmp_path
    written = export([market_strike()], format_named("acled"), folder / "week.csv", Redactor(profile("internal")))
    assert [w.name for w in written] == ["week.csv", "week.rules.csv", "week.left-out.csv", "week.datapackage.json"]
    package = json.loads((folder / "week.datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        heading = (folder / resource["path"]).read_bytes().decode().partition("\r\n")[0]
        assert heading.split(",") == [field["name"] for field in resource["schema"]["fields"]]
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_parts_are_named_after_the_file_asked_for() -> None:
    assert part_name("week.csv", "") == "week.csv"
    assert part_name("week.csv", "rules") == "week.rules.csv"
    assert part_name("week", "rules") == "week.rules.csv"


def test_the_lowest_figure_is_found_where_only_the_incident_has_one() -> None:
    case = market_strike()
    figure = Figure("injured", 5, 5, Words(Span(0, 4), "five"))
    case = replace(case, incident=replace(case.incident, figures=(figure,)))
    assert case.figures("injured") == [figure]
