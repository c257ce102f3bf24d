"""The event's place: which of a sentence's place names an event happened at, and which it did not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.where.event_place import choose, place_names, rank_places


def spans(text: str, *names: str) -> list[tuple[int, int]]:
    return [(text.index(n), text.index(n) + len(n)) for n in names]


def at(text: str, verb: str) -> str | None:
    """The name chosen among those found in a one-sentence text."""
    found = place_names(text, (0, len(text)))
    chosen = choose(text, (0, len(text)), spans(text, verb)[0], found)
    return None if chosen is None else text[slice(*found[chosen])]


@pytest.mark.parametrize(
    ("text", "verb", "place"),
    [
        ("Two farmers were killed in the village of Kafr Zita on Monday.", "killed", "Kafr Zita"),
        ("Rebels shelled the town of Sarmada, officials in Damascus said.", "shelled", "Sarmada"),
        ("Soldiers from Rwanda were attacked by gunmen in Goma.", "attacked", "Goma"),
        ("In Kandahar, a bomb exploded outside a bakery.", "exploded", "Kandahar"),
        ("A car bomb detonated in Peshawar, Pakistan, late on Friday.", "detonated", "Peshawar"),
    ],
)
def test_the_place_of_the_verb_is_chosen(text: str, verb: str, place: str) -> None:
    assert at(text, verb) == place


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("The spokesman said that four soldiers were killed by rebels.", "killed"),
        ("At least nine people were killed last week, the government of Colombia said.", "killed"),
    ],
)
def test_an_event_without_a_place_gets_none(text: str, verb: str) -> None:
    assert at(text, verb) is None


def test_two_verbs_of_a_sentence_have_their_own_places() -> None:
    text = "Gunmen shot a teacher in Mosul, and a roadside bomb wounded three policemen in Kirkuk."
    assert at(text, "shot") == "Mosul"
    assert at(text, "wounded") == "Kirkuk"


def test_a_place_left_for_another_ranks_below_the_one_of_the_event() -> None:
    text = "He had fled from Homs before he was arrested in Tripoli."
    homs, tripoli = rank_places(text, (0, len(text)), spans(text, "arrested")[0], spans(text, "Homs", "Tripoli"))
    assert tripoli > 0.5 > homs


def test_only_the_sentence_counts_and_offsets_are_the_texts() -> None:
    sentence = "Two farmers were killed in the village of Kafr Zita on Monday."
    text = f"Shelling went on in Aleppo. {sentence} Nobody in Hama spoke of it."
    start = text.index(sentence)
    whole, part = (0, len(sentence)), (start, start + len(sentence))
    assert place_names(text, part) == [(s + start, e + start) for s, e in place_names(sentence, whole)]
    alone = rank_places(sentence, whole, spans(sentence, "killed")[0], spans(sentence, "Kafr Zita"))
    assert rank_places(text, part, spans(text, "killed")[0], spans(text, "Kafr Zita")) == alone


def test_a_name_the_gazetteer_lacks_is_found_by_its_surroundings() -> None:
    text = "Troops stormed the village of Qombarlu and a checkpoint near Zarvandeh."
    assert [text[s:e] for s, e in place_names(text, (0, len(text)))] == ["Qombarlu", "Zarvandeh"]


def test_nationalities_days_and_titled_people_are_no_place_names() -> None:
    text = "Syrian officers met President Vandermolen on Tuesday in March."
    assert place_names(text, (0, len(text))) == []


def test_without_candidates_there_is_nothing_to_choose() -> None:
    assert rank_places("Nine died.", (0, 10), (5, 9), []) == []
    assert choose("Nine died.", (0, 10), (5, 9), []) is None


@given(st.text(max_size=80), st.data())
def test_any_text_and_spans_give_one_probability_each(text: str, data: st.DataObject) -> None:
    def span() -> tuple[int, int]:
        a = data.draw(st.integers(0, len(text)))
        return a, data.draw(st.integers(a, len(text)))

    found = [span() for _ in range(data.draw(st.integers(0, 4)))]
    trigger = span()
    ranked = rank_places(text, (0, len(text)), trigger, found)
    assert len(ranked) == len(found)
    assert all(0.0 <= p <= 1.0 for p in ranked)
    chosen = choose(text, (0, len(text)), trigger, found)
    assert chosen is None or ranked[chosen] == max(ranked)
