"""From the network's view of each word piece to the words that fill a role."""

from __future__ import annotations

import numpy as np

from mahdar.model import Span
from mahdar.reading.encoder import Filling
from mahdar.reading.labels import FILLED
from mahdar.reading.mentions import RoleSpan, as_sides, role_spans


def filling(text: str, role: str, sure: dict[str, float], begins: frozenset[str]) -> Filling:
    """A view of a sentence, a piece a word: how sure each word is of the role, and which of them begin a wording."""
    words = text.split(" ")
    ends = np.cumsum([len(w) + 1 for w in words]) - 1
    offsets = [(int(end) - len(w), int(end)) for w, end in zip(words, ends, strict=True)]
    roles = np.zeros((len(words), 2 * len(FILLED)), dtype=np.float32)
    number = FILLED.index(role)
    for at, word in enumerate(words):
        roles[at, 2 * number] = word in begins
        roles[at, 2 * number + 1] = sure.get(word, 0.0)
    return Filling(offsets, [0] * len(words), roles, 0.0, np.zeros(4, dtype=np.float32))


def found(text: str, role: str, sure: dict[str, float], begins: set[str], trigger: str) -> list[str]:
    where = Span(text.index(trigger), text.index(trigger) + len(trigger))
    spans = role_spans(filling(text, role, sure, frozenset(begins)), text, where)
    return [text[r.span.start : r.span.end] for r in spans]


def test_two_beginnings_without_anything_between_are_one_wording() -> None:
    text = "They attacked rebel fighters near Telm"
    sure = {"rebel": 0.9, "fighters": 0.8}
    assert found(text, "target", sure, {"rebel", "fighters"}, "attacked") == ["rebel fighters"]


def test_a_word_that_is_sure_of_nothing_is_not_joined() -> None:
    text = "They attacked by rebel fighters"
    assert found(text, "target", {"by": 0.4, "rebel": 0.9, "fighters": 0.9}, {"by", "rebel"}, "attacked") == [
        "rebel fighters"
    ]


def test_parties_of_a_list_stay_two() -> None:
    text = "They attacked rebels and policemen there"
    sure = {"rebels": 0.9, "and": 0.5, "policemen": 0.8}
    assert found(text, "target", sure, {"rebels", "policemen"}, "attacked") == ["rebels", "policemen"]


def test_the_word_for_what_happens_is_no_part_of_a_party() -> None:
    text = "Soldiers loot homes there"
    assert found(text, "target", {"loot": 0.6, "homes": 0.9}, {"loot", "homes"}, "loot") == ["loot", "homes"]


def test_of_a_clash_between_two_the_first_acts_and_the_second_is_acted_upon() -> None:
    text = "Clashes between the army and the Northern Front in Orvan left guards dead"
    trigger = Span(0, len("Clashes"))

    def span(words: str) -> Span:
        return Span(text.index(words), text.index(words) + len(words))

    roles = [
        RoleSpan("target", span("the army"), 0.6, 0),
        RoleSpan("actor", span("the Northern Front"), 0.8, 0),
        RoleSpan("target", span("guards"), 0.7, 0),
        RoleSpan("at", span("Orvan"), 0.9, 0),
    ]
    assert [(r.role, text[r.span.start : r.span.end]) for r in as_sides(text, trigger, roles)] == [
        ("actor", "the army"),
        ("target", "the Northern Front"),
        ("target", "guards"),
        ("at", "Orvan"),
    ]
