"""The gate: news without events is closed early, news of war is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mahdar.reading.gate import Gate, features

WAR = (
    "Government troops shelled the outskirts of Velmar on Tuesday, killing four people and wounding nine, residents said. "
    "Rebels answered with rocket fire on a military base. Thousands of civilians have fled the fighting since last week."
)
SPORT = (
    "The midfielder signed a three-year contract with the club on Tuesday after passing a medical. "
    "The coach praised his passing and said that he would play on Saturday. The transfer window closes next week."
)


def test_war_opens_and_sport_does_not() -> None:
    gate = Gate.load()
    assert gate.opens(WAR)
    assert not gate.opens(SPORT)


def test_features_are_rough_stems() -> None:
    assert features("The army shelled 3 neighbourhoods.") == {"the", "army", "shelled", "neighbour"}


@given(st.text(max_size=300))
def test_any_text_has_a_score(text: str) -> None:
    Gate.load().score(text)
