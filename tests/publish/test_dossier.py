"""Dossiers and pictures: all that is claimed, in order, safely, the same bytes again; what is vague is drawn vague."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from mahdar.model import InForce, MahdarError
from mahdar.publish import dossier, pictures, typeset
from mahdar.publish.case import Case
from mahdar.publish.outlines import Box, outlines
from mahdar.publish.pictures import Bar, Mark, Places, Span
from mahdar.publish.redaction import Cleared
from tests.publish.cases import cleared, market_strike

DAY = "2019-07-21"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return dossier.pdf([cleared(market_strike())], day=DAY)


def page(*cases: Cleared) -> str:
    return dossier.html(cases, day=DAY)


def hostile() -> Case:
    case = market_strike()
    evil = '<script>alert(1)</script> #panic() \\ "] \u202e & <!--'
    documents = (replace(case.documents[0], title=evil, outlet=evil), *case.documents[1:])
    return replace(case, documents=documents)


def test_a_dossier_says_what_is_claimed_by_whom_and_where_they_differ() -> None:
    html = page(cleared(market_strike()))
    for told in (
        "Air/drone strike, Tell Qamar, 2019-07-16",
        "Military Forces of Syria (2000-2024)",
        "Warplanes struck a market in Tell Qamar early on Tuesday",
        "Salm Agency ← Jory Pell",
        "killed: rival versions",
        "24 to 99",
        "actors: a denial",
        "3 reports, 2 independent origins",
        "in force (in Idlib zone, by a party); an act that its terms forbid",
        "corrected by a person",
        "This is a record of what is claimed, not a finding of what happened.",
        market_strike().documents[0].sha256 or "",
    ):
        assert told in html


def test_arabic_runs_from_right_to_left() -> None:
    html = page(cleared(market_strike()))
    assert '<blockquote dir="rtl">قال شاهد' in html
    assert '<blockquote dir="ltr">Warplanes' in html


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    html = page(cleared(hostile()))
    assert not re.findall(r"""<script|src=|href=|@import|url\(""", html)
    assert "default-src 'none'" in html
    assert "&lt;script&gt;" in html


def test_the_pdf_is_pdf_a_with_its_words_in_it(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))
    metadata = str(reader.xmp_metadata.rdf_root.toxml()) if reader.xmp_metadata else ""
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    words = "".join(p.extract_text() for p in reader.pages)
    assert "Where the claims differ" in words
    assert "Meridian Wire" in words
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == date(2019, 7, 21)


def test_the_same_case_and_day_give_the_same_bytes(pdf: bytes) -> None:
    assert dossier.pdf([cleared(market_strike())], day=DAY) == pdf
    assert page(cleared(market_strike())) == page(cleared(market_strike()))


def test_a_hostile_report_is_only_text() -> None:
    assert dossier.pdf([cleared(hostile())], day=DAY).startswith(b"%PDF")


def test_a_dossier_of_many_begins_with_a_map_of_all() -> None:
    other = replace(market_strike(), incident=replace(market_strike().incident, id="inc-2"))
    html = page(cleared(market_strike()), cleared(other))
    assert "<h1>2 incidents</h1>" in html
    assert html.count("What is claimed") == 2


def test_no_incident_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MahdarError, match="none was found"):
        page()
    monkeypatch.setattr(dossier, "MOST", 1)
    with pytest.raises(MahdarError, match="at most 1 incidents"):
        page(cleared(market_strike()), cleared(market_strike()))


def test_agreements_that_cannot_be_told_are_counted_not_listed() -> None:
    unknown = InForce("minsk", "Minsk II", "unknown", "a party is unknown")
    case = market_strike()
    html = page(
        cleared(
            replace(case, incident=replace(case.incident, agreements=(*case.incident.agreements, unknown, unknown)))
        )
    )
    assert "Minsk" not in html
    assert "Of 2 more agreements of the register it cannot be told" in html


def test_the_public_dossier_names_no_private_person_and_says_so() -> None:
    html = page(cleared(market_strike(), "public"))
    assert "Pell" not in html
    assert "Names of private people may have been withheld" in html
    assert "offsets withheld" in html


def test_outlines_are_those_of_the_country_and_its_neighbours() -> None:
    names = {o.name for o in outlines(Box(35, 33, 42, 37))}
    assert {"Syria", "Turkey", "Iraq"} <= names
    assert "Brazil" not in names


def test_a_vague_place_is_an_area_and_an_exact_one_a_dot() -> None:
    exact = pictures.places([cleared(market_strike())])
    rounded = pictures.places([cleared(market_strike(), "public")])
    assert exact.marks[0].km == 0
    assert rounded.marks[0].km == 12.0
    assert pictures.draw_map(exact).count("stroke-dasharray") == 0
    assert pictures.draw_map(rounded).count("stroke-dasharray") == 1


def test_a_map_says_how_many_are_not_on_it() -> None:
    case = market_strike()
    lost = cleared(replace(case, incident=replace(case.incident, places=())))
    places = pictures.places([lost, cleared(case), lost])
    assert (len(places.marks), places.nowhere) == (1, 2)
    assert "2 incidents have no point." in pictures.draw_map(places)


@pytest.mark.parametrize(
    "marks",
    [
        [],
        [Mark(35.9, 36.8, 12, 3, "Tell <Qamar>")],
        [Mark(89.9, 179.9, 40), Mark(-89.9, -179.9, 40)],
        [Mark(64.7, 177.5, 0, 900, "Anadyr")],
    ],
)
def test_a_map_can_be_drawn_of_anything(marks: list[Mark]) -> None:
    svg = pictures.draw_map(Places(tuple(marks)))
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "NaN" not in svg


def test_a_day_is_a_dot_and_a_month_a_bar() -> None:
    day, month = Span("a", date(2020, 1, 5), date(2020, 1, 5)), Span("b", date(2020, 1, 1), date(2020, 1, 31))
    svg = pictures.draw_time_line([day, month])
    assert svg.count("<circle") == 1
    assert svg.count('rx="5"') == 1
    ElementTree.fromstring(pictures.draw_time_line([]))


def test_a_time_that_is_open_on_a_side_is_no_sure_day() -> None:
    svg = pictures.draw_time_line([Span("up to", None, date(2020, 1, 5)), Span("since", date(2020, 1, 2), None)])
    assert svg.count('fill="#fff" stroke="#4b6a88"') == svg.count("stroke-dasharray") == 2
    assert "Dashes: open to that side." in svg


def test_a_time_line_says_how_many_later_ones_it_does_not_hold() -> None:
    spans = [Span(f"n{n}", date(2020, 1, 1), date(2020, 1, 1)) for n in range(40)]
    assert "8 later ones are not shown." in pictures.draw_time_line(spans)


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (date(2020, 2, 27), date(2020, 3, 2), ["2020-02-28", "2020-02-29", "2020-03-01"]),
        (date(2019, 11, 20), date(2020, 2, 10), ["2019-12", "2020-01", "2020-02"]),
        (date(2014, 6, 1), date(2025, 6, 1), ["2016", "2018", "2020", "2022", "2024"]),
        (date(1919, 12, 30), date(2025, 6, 1), ["1920", "1940", "1960", "1980", "2000", "2020"]),
        (date(1, 1, 1), date(2025, 6, 1), None),
    ],
)
def test_ticks_stand_on_round_days_months_and_years(first: date, last: date, ticks: list[str] | None) -> None:
    told = [name for _, name in pictures._ticks(first, last)]
    assert told == ticks if ticks else 0 < len(told) < 8


def test_counts_set_the_unsure_apart() -> None:
    sure = cleared(replace(market_strike(), incident=replace(market_strike().incident, disagreements=())))
    doubtful = cleared(replace(market_strike(), incident=replace(market_strike().incident, status="uncertain")))
    assert pictures.counted([sure, doubtful], "type") == [Bar("Air/drone strike", 1, 1)]
    assert pictures.counted([sure], "week") == [Bar("2019-W29", 1, 0)]
    assert pictures.counted([cleared(market_strike())], "actor") == [Bar("Military Forces of Syria (2000-2024)", 0, 1)]
    ElementTree.fromstring(pictures.draw_bars(pictures.counted([sure, doubtful], "type")))


def test_a_picture_as_png() -> None:
    assert typeset.png(pictures.draw_bars([Bar("a", 2, 1)])).startswith(b"\x89PNG")
