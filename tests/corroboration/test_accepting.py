"""Accepting: a party owns a harmful act that it is named as having done. Speaking of an act is not owning it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mahdar.corroboration.accepting import accepting
from mahdar.model import Actor, Claim, Span, Words
from tests.corroboration.reports import claim

PARTY, ACT = "Northern Army", "struck"


def told(sentence: str, type: str = "air_drone_strike", kind: str = "State forces", act: str = ACT) -> Claim:
    """A claim of one sentence whose actor and source are one party; `act` is its trigger."""

    def words(text: str) -> Words:
        start = sentence.index(text)
        return Words(Span(start, start + len(text)), text)

    party = Actor(words(PARTY), "north", PARTY, kind)
    whole = words(sentence)
    trigger = words(act) if act in sentence else whole
    return replace(claim("a", type), trigger=trigger, evidence=(whole,), actors=(party,), sources=(party,))


@pytest.mark.parametrize(
    "sentence",
    [
        "The Northern Army claimed responsibility for the blast in Saltmarsh.",
        "The Northern Army, a day later, accepted responsibility.",
        "An attack claimed by the Northern Army killed nine.",
        "The Northern Army acknowledged that its jets struck the school.",
        "The Northern Army said in a statement on Monday that it had struck the market.",
        "The Northern Army said its forces had struck the market.",
    ],
)
def test_it_owns_the_act(sentence: str) -> None:
    assert accepting([told(sentence)]) == [PARTY]


@pytest.mark.parametrize(
    "sentence",
    [
        "The Northern Army said jets struck the market.",
        "Jets struck the market, the Northern Army said.",
        "The Northern Army has not claimed responsibility for the blast.",
        "The Northern Army denied that it struck the market.",
        "The Northern Army acknowledged that it struck the market but denied responsibility for the dead.",
        "The Northern Army blamed rebels and said they struck the market.",
        "The Northern Army said nine died. It struck the market.",
    ],
)
def test_it_owns_nothing(sentence: str) -> None:
    assert accepting([told(sentence)]) == []


def test_an_advance_of_its_own_is_no_harm() -> None:
    sentence = "The Northern Army said its forces had seized the village."
    assert accepting([told(sentence, "government_regains_territory", act="seized")]) == []


def test_officials_and_monitors_cannot_own_an_act() -> None:
    sentence = "The Northern Army said it had struck the market."
    assert accepting([told(sentence, kind="source:official")]) == []


def test_what_is_not_asserted_is_not_accepted() -> None:
    sentence = "The Northern Army said it had struck the market."
    assert accepting([replace(told(sentence), status="uncertain")]) == []


def test_another_partys_word_is_not_its_own() -> None:
    made = told("The Northern Army claimed responsibility for the blast.")
    assert accepting([replace(made, sources=(replace(made.actors[0], actor_id="south"),))]) == []
