"""What holds for every text and every interval."""

from __future__ import annotations

import itertools
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.when import days, find_publication_date, format_interval, parse_interval, read_times
from mahdar.when.days import day_of, easter, islamic, persian
from mahdar.when.tokens import lexicon

ISO = st.one_of(
    st.dates(date(1000, 1, 1)).map(date.isoformat),
    st.dates(date(1000, 1, 1)).map(lambda day: day.isoformat()[:7]),
    st.integers(1000, 9999).map(str),
)
WORDS = st.sampled_from(
    [*sorted(lexicon().words), "31", "2019", "'98", "12", ".", ",", "-", "–", "\n\n", "12:30", "1980s", "30th"]
)
TEXT = st.one_of(
    st.text(max_size=300),
    st.lists(WORDS, max_size=30).map(" ".join),
    st.lists(WORDS.map(str.title), max_size=30).map(" ".join),
)
PUBLISHED = st.one_of(st.none(), st.dates(date(1, 1, 1)).map(date.isoformat))


@settings(max_examples=400, deadline=None)
@given(TEXT, PUBLISHED)
def test_any_text_is_read_into_ordered_expressions_and_intervals(text: str, published: str | None) -> None:
    found = read_times(text, published, agreements={"sunday": "2019-01-01"})
    assert all(text[x.start : x.end] == x.text and x.text for x in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    for x in found:
        first, last = days(x.interval_start, x.interval_end)
        assert not (first and last) or first <= last
        assert (x.precision is None) == (x.interval_start is None and x.interval_end is None)


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_the_head_of_any_text_is_searched(text: str) -> None:
    found = find_publication_date(text)
    assert found is None or day_of(found[0])


@given(st.one_of(st.none(), ISO), st.one_of(st.none(), ISO))
def test_intervals_round_trip(start: str | None, end: str | None) -> None:
    first, last = days(start, end)
    if first and last and first > last:
        with pytest.raises(ValueError, match="starts after its end"):
            parse_interval(format_interval(start, end))
    else:
        assert parse_interval(format_interval(start, end)) == (start, end)


@pytest.mark.parametrize("bad", ["2020-13", "2020-02-30", "soon", "2020/", "20"])
def test_malformed_intervals_are_refused(bad: str) -> None:
    with pytest.raises(ValueError):
        parse_interval(bad)


@pytest.mark.parametrize(
    "unit",
    ["the ", "a day after ", "between Monday and ", "1,", "'9", "early late ", "2020-", "A", "twenty-", " \n", "a.m "],
)
def test_reading_time_grows_no_faster_than_the_text(unit: str) -> None:
    def cost(length: int) -> float:
        text = unit * (length // len(unit))
        started = time.process_time()
        read_times(text, "2020-04-02")
        find_publication_date(text)
        return time.process_time() - started

    cost(1000)
    assert cost(40_000) < 20 * cost(5_000) + 0.5


def test_feasts_that_move() -> None:
    assert easter(2024) == date(2024, 3, 31)
    assert abs((islamic(1445, 10, 1) - date(2024, 4, 10)).days) <= 1


@pytest.mark.parametrize(
    ("year", "nowruz"),
    [(1357, date(1978, 3, 21)), (1395, date(2016, 3, 20)), (1400, date(2021, 3, 21)), (1404, date(2025, 3, 21))],
)
def test_the_persian_year_begins_at_the_equinox(year: int, nowruz: date) -> None:
    assert persian(year, 1, 1) == nowruz
    assert (persian(year + 1, 1, 1) - persian(year, 12, 29)).days in (1, 2)
