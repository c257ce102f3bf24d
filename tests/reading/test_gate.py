"""The gate: news without events is closed early, news of war is not."""

from __future__ import annotations

from mahdar.intake import split_sentences
from mahdar.reading.gate import Gate, Linear, sentence_features

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


def test_sentences_next_to_one_that_passes_go_along() -> None:
    gate = Gate(Linear(0, 0, True, {}), Linear(-1, 0, False, {"shelled": 2.0}))
    text = " ".join(["Nothing here."] * 4 + ["They shelled it."] + ["Nothing here."] * 4)
    assert gate.passing(text, split_sentences(text)) == [0, 1, 3, 4, 5]
    assert gate.passing("Nothing here.", split_sentences("Nothing here.")) == []


def test_features_are_words_and_pairs() -> None:
    assert sentence_features("The army shelled it") == {
        "the",
        "army",
        "shelled",
        "it",
        "the army",
        "army shelle",
        "shelle it",
    }
