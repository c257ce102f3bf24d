"""Numbers as ranges: what the codebook's word list says, and what is no count at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.reading.figures import numbers


def ranges(text: str) -> list[tuple[int | None, int | None]]:
    return [(n.low, n.high) for n in numbers(text)]


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("over 1,800 civilians", 1800, None),
        ("at least 13 dead", 13, None),
        ("40 or more", 40, None),
        ("nearly two million people", None, 2_000_000),
        ("up to 50 fighters", None, 50),
        ("about 300 families", 300, 300),
        ("several houses", 3, 9),
        ("a dozen men", 12, 12),
        ("dozens of people", 24, 99),
        ("scores of villagers", 40, 99),
        ("hundreds fled", 200, 999),
        ("thousands fled", 2000, 9999),
        ("tens of thousands fled", 20_000, 99_999),
        ("between 20 and 30 people", 20, 30),
        ("10-15 people", 10, 15),
        ("two or three men", 2, 3),
        ("twenty-five soldiers", 25, 25),
        ("one hundred and twenty dead", 120, 120),
        ("three thousand five hundred people", 3500, 3500),
        ("1.5 million people", 1_500_000, 1_500_000),
        ("1 800 people", 1800, 1800),
        ("one soldier", 1, 1),
    ],
)
def test_words_for_numbers(words: str, low: int | None, high: int | None) -> None:
    assert ranges(words) == [(low, high)]


@pytest.mark.parametrize(
    "words",
    [
        "a 2-year-old girl", "5 km away", "on May 5", "12 June", "in 2019 and 2020", "at 10:30", "10 p.m.", "$5 million",
        "12.5 percent",
        "F-16 jets", "the 82nd brigade", "122mm rockets", "a three-day truce", "Ahmed Nur, 45, a farmer", "a woman aged 30",
        "two-thirds of the town", "Article 5", "no one was hurt", "one of the men", "one another", "24/7",
    ],
)  # fmt: skip
def test_no_counts(words: str) -> None:
    assert ranges(words) == []


def test_two_open_numbers_in_one_sentence_stay_apart() -> None:
    found = numbers("up to 200 houses and more than 30 shops; up to 12 and more than 5")
    assert [(n.low, n.high) for n in found] == [(None, 200), (30, None), (None, 12), (5, None)]


def test_and_joins_a_range_only_after_between() -> None:
    assert ranges("between 5 and 9 men") == [(5, 9)]
    assert ranges("5 soldiers and 9 civilians") == [(5, 5), (9, 9)]


def test_the_span_holds_the_modifier_and_the_bare_start_does_not() -> None:
    text = "They said that more than 40 people died."
    [n] = numbers(text)
    assert text[n.start : n.end] == "more than 40"
    assert text[n.bare_start : n.end] == "40"


def test_only_the_asked_stretch_is_read() -> None:
    text = "5 died. 7 fled."
    assert [n.low for n in numbers(text, 8)] == [7]
    assert [n.low for n in numbers(text, 0, 7)] == [5]


@given(st.integers(1, 999_999_999).filter(lambda n: not 1900 <= n <= 2099))
def test_any_count_is_read_back_with_and_without_commas(count: int) -> None:
    assert ranges(f"killed {count} people") == [(count, count)]
    assert ranges(f"killed {count:,} people") == [(count, count)]
    assert ranges(f"more than {count:,} people") == [(count, None)]


@given(st.text(alphabet="0123456789 ,.-–:/%andtomre thousflvbw\n'", max_size=60))
def test_whatever_the_text_spans_lie_in_order_inside_it(text: str) -> None:
    end = 0
    for n in numbers(text):
        assert end <= n.start <= n.bare_start < n.end <= len(text)
        assert text[n.start : n.end].strip() == text[n.start : n.end]
        assert n.low is None or n.high is None or n.low <= n.high
        end = n.end
