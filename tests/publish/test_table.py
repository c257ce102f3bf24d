"""The table: readable at 100 columns without colour, every slot told in words, hostile text harmless."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.model import Figure, Reading, Span, Time, Words
from mahdar.publish import table
from mahdar.publish.wording import counted, interval, safe


def shown(reading: Reading, **how: bool) -> str:
    return "".join(table.render([reading], **how))


def test_every_filled_slot_is_told(reading: Reading) -> None:
    page = shown(reading)
    for told in (
        "Air strike hits market in Dessa",
        "Meridian Wire · 2024-03-12 · 2 claims · 28 characters of furniture skipped\nmarket.txt\n",
        "1  Air/drone strike  “struck”  asserted, event, confidence 0.91",
        "who          Warplanes  = Military Forces of Karvenia (2001-) [State forces]",
        "to whom      a vegetable market",
        "where        Dessa  = Dessa, SY (city, 35.10 36.20); the exact place",
        "to Varr  not in the gazetteer",
        "when         2024-03-12  to the day, “Tuesday morning”, counted from the publication date",
        "how many     killed 14 or more  “at least 14 people”",
        "who says so  Meridian Wire › a local health official",
        "agreement    quiet",
        "2  Displacement  “fled”  uncertain, event",
        "up to 2024-03-12  to the week, no time given: news of the publication date",
        "Zembala supports the army",
    ):
        assert told in page


def test_empty_slots_take_no_line(reading: Reading) -> None:
    second = shown(reading).split("2  Displacement")[1].split("Relations")[0]
    assert "who " not in second
    assert "how many" not in second


def test_a_page_is_a_hundred_columns_and_plain(reading: Reading) -> None:
    page = shown(reading, explain=True)
    assert max(map(len, page.splitlines())) <= 100
    assert "\x1b" not in page
    assert not any(line.endswith(" ") for line in page.splitlines())


def test_colour_marks_the_trigger_in_its_sentence(reading: Reading) -> None:
    assert "\x1b[1;30;103mstruck\x1b[0m" in shown(reading, colour=True)


def test_explain_shows_the_stages_their_spans_and_the_other_meanings(reading: Reading) -> None:
    page = shown(reading, explain=True)
    assert "how it was made (claim 00f1)" in page
    start = reading.claims[0].trigger.span.start
    assert f"“struck” [{start}:{start + 6}]" in page
    assert "anchored to publication" in page
    assert "Dessa, IQ (city, gn:1) 0.10" in page
    assert "how it was made" not in shown(reading)


def test_a_report_without_claims_says_so(reading: Reading) -> None:
    assert "no claims" in shown(replace(reading, claims=(), relations=()))


def test_a_report_too_long_to_be_read_whole_says_so(reading: Reading) -> None:
    assert "too long: read up to character 90" in shown(replace(reading, unread=Span(90, 200)))


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "L", "P"]), max_size=60))
def test_no_text_can_drive_the_terminal(text: str) -> None:
    assert len(safe(text)) == len(text)
    assert "\x1b" not in safe(text)
    assert "\u202e" not in safe(text)


def test_markup_in_a_title_is_text(reading: Reading) -> None:
    report = replace(reading.report, title="[bold]\x1b[31mdanger[/bold]")
    page = shown(replace(reading, report=report))
    assert "[bold] [31mdanger[/bold]" in page


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (Time("2020-04-02", "2020-04-02", 1), "2020-04-02"),
        (Time("2020-03", "2020-04", 3), "2020-03 to 2020-04"),
        (Time("2019", None, 4), "from 2019 on"),
        (Time(None, "2020-04-02", 2), "up to 2020-04-02"),
        (Time(), "unknown"),
    ],
)
def test_an_interval_in_words(time: Time, told: str) -> None:
    assert interval(time) == told


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (14, 14, "14"),
        (24, 99, "24 to 99"),
        (1800, None, "1,800 or more"),
        (None, 2_000_000, "up to 2,000,000"),
        (None, None, "unknown"),
    ],
)
def test_a_range_in_words(low: int | None, high: int | None, told: str) -> None:
    assert counted(Figure("killed", low, high, Words(Span(0, 1), "x"))) == told
