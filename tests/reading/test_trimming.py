"""What the network marks, cut to a wording as annotators give it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.reading.trimming import is_one, speaker, trimmed


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


@pytest.mark.parametrize(
    ("said", "role", "expected"),
    [
        ("However, the northern brigade", "actor", ["the northern brigade"]),
        ("villagers who", "target", ["villagers"]),
        ("army units backed by local guards", "actor", ["army units", "local guards"]),
        ("the market of the", "target", ["the market"]),
        ("Monday", "time", ["Monday"]),
        ("of the", "target", ["of"]),
        ("known as Telm", "at", ["Telm"]),
        ("On Friday, Abu Zaki, who led the council", "source", ["Abu Zaki"]),
        ("activists and a monitoring group", "source", ["activists", "a monitoring group"]),
        ("the army and the police", "actor", ["the army", "the police"]),
        ("an inquiry by the ministry and the army", "source", ["an inquiry by the ministry and the army"]),
        ("women and a child", "target", ["women and a child"]),
        ("The harbour agency quoted local sources", "source", ["The harbour agency", "local sources"]),
        ("a resident told the Harbour Gazette", "source", ["a resident"]),
        ("including shops and homes", "target", ["shops and homes"]),
        ("at least 14", "killed", ["at least 14"]),
    ],
)
def test_wordings_lose_loose_ends_and_two_parties_stand_apart(said: str, role: str, expected: list[str]) -> None:
    assert [said[a:b] for a, b in trimmed(role, said, 0, len(said))] == expected


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("a mine killed at least 14 army recruits in Orvan", "at least 14", "at least 14 army recruits"),
        ("about 40 people died", "about 40", "about 40 people"),
        ("two million were driven out", "two million", "two million"),
        ("they shot six guards", "guards", "guards"),
    ],
)
def test_a_count_is_taken_with_what_is_counted(text: str, marked: str, expected: str) -> None:
    start = text.index(marked)
    assert [text[a:b] for a, b in trimmed("target", text, start, start + len(marked))] == [expected]


def test_a_bracket_stays_closed() -> None:
    text = "held by the Orvan Liberation Front (OLF) since May"
    start, end = text.index("the Orvan"), text.index(")")
    assert [text[a:b] for a, b in trimmed("actor", text, start, end)] == ["the Orvan Liberation Front (OLF)"]


@pytest.mark.parametrize(
    ("role", "text", "one", "other", "joined"),
    [
        ("target", "rebel fighters fell", "rebel", "fighters", True),
        ("target", "a crowd of women fled", "a crowd", "women", True),
        ("target", "tens of thousands of women fled", "tens", "women", True),
        ("target", "they took the capital, Orvan", "the capital", "Orvan", True),
        ("target", "rebels, women and children", "rebels", "women", False),
        ("target", "rebels and policemen", "rebels and", "policemen", False),
        ("at", "the village of Telm", "the village", "Telm", False),
        ("at", "northern Orvan", "northern", "Orvan", True),
    ],
)
def test_words_right_behind_one_another_are_one_wording(
    role: str, text: str, one: str, other: str, joined: bool
) -> None:
    assert is_one(role, text, text.index(one) + len(one), text.index(other, text.index(one) + len(one))) is joined


@given(
    st.sampled_from(["actor", "target", "source", "at", "killed"]), st.text(alphabet="abAB ,.’'()-\n14", max_size=40)
)
def test_whatever_is_trimmed_lies_within_the_wording_in_order(role: str, text: str) -> None:
    parts = trimmed(role, text, 0, len(text))
    assert all(0 <= a < b <= len(text) for a, b in parts)
    assert parts == sorted(parts)
