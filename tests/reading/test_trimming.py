"""Wordings compared and trimmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.reading.trimming import speaker


def spoken(text: str) -> str:
    return text[slice(*speaker(text, 0, len(text)))]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Abu Zaki, a resident of Telm", "Abu Zaki"),
        ("head of the council, Abu Zaki", "Abu Zaki"),
        ("the harbour agency, a trade union", "the harbour agency, a trade union"),
        ("Wednesday, Orvan police", "Orvan police"),
        ("Earlier, the ministry", "the ministry"),
        ("TELM Forces of the Northern Front", "Forces of the Northern Front"),
        ("The Northern Front, which holds Telm", "The Northern Front"),
        ("Governor Sel Aron posted a plea", "Governor Sel Aron"),
        ("Footage shared on social media", "Footage shared on social media"),
        ("residents, medics and officials", "residents, medics and officials"),
    ],
)
def test_who_speaks_is_worded_without_day_deed_and_apposition(said: str, expected: str) -> None:
    assert spoken(said) == expected


def test_an_acronym_within_a_sentence_is_no_dateline() -> None:
    text = "killed three, NMSR Director Abu Zaki said"
    start, end = text.index("NMSR"), text.index(" said")
    assert speaker(text, start, end) == (start, end)


@given(st.text(alphabet="abAB ,.’'\n", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_what_is_left_lies_within_the_wording(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    low, high = speaker(text, start, end)
    assert start <= low <= high <= end
