"""Skimming: news without events is closed early; of news of war only what may tell of an event is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mahdar.intake.sentences import split_sentences
from mahdar.reading.encoder import Encoder

ENCODER = Encoder()
WAR = (
    "Government troops shelled the outskirts of Velmar on Tuesday, killing four people and wounding nine, residents said. "
    "Rebels answered with rocket fire on a military base. The football club signed a midfielder. "
    "Its coach praised him. Thousands of civilians have fled the fighting since last week."
)
SPORT = (
    "The midfielder signed a three-year contract with the club on Tuesday after passing a medical. "
    "The coach praised his passing and said that he would play on Saturday. The transfer window closes next week."
)


def read(text: str) -> frozenset[int]:
    return ENCODER.look(text, None, split_sentences(text), skimmed=True).read


def test_war_opens_and_sport_does_not() -> None:
    assert {0, 1, 4} <= read(WAR)
    assert not read(SPORT)


def test_what_is_not_worth_it_is_not_judged() -> None:
    text = f"{WAR}\n\n{SPORT}"
    look = ENCODER.look(text, None, split_sentences(text), skimmed=True)
    assert {0, 1} <= look.read
    assert not look.read & {6, 7}
    assert {s.sentence for s in look.sightings()} == look.read


def test_unless_asked_to_everything_is_read() -> None:
    assert ENCODER.look(SPORT, None, split_sentences(SPORT)).read == {0, 1, 2}


def test_nothing_is_read_of_nothing() -> None:
    assert read("") == frozenset()


@given(st.text(max_size=300))
def test_any_text_can_be_skimmed(text: str) -> None:
    assert read(text) <= set(range(len(split_sentences(text))))
