"""Actors found in running text, in the extent of their noun phrase; agency credits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.who import find_actors, find_credit


def found(text: str) -> dict[str, tuple[str | None, str]]:
    return {m.text: (m.actor_id, m.cls) for m in find_actors(text)}


@pytest.mark.parametrize(
    ("text", "phrase", "cls"),
    [
        ("Iranian-backed militias looted the shops.", "Iranian-backed militias", "armed"),
        ("On Monday Syrian regime forces advanced.", "Syrian regime forces", "state"),
        ("Then suspected Boko Haram gunmen fled.", "suspected Boko Haram gunmen", "armed"),
        ("We heard it from local sources.", "local sources", "source"),
        ("Israeli occupation forces fired.", "Israeli occupation forces", "state"),
        (
            "A spokesman for the Afghan Defense Ministry spoke.",
            "A spokesman for the Afghan Defense Ministry",
            "official",
        ),
        ("They met fighters from Hayat Tahrir al-Sham.", "fighters from Hayat Tahrir al-Sham", "armed"),
        ("It hit residents of Aleppo.", "residents of Aleppo", "civil"),
        ("Shells fell on a hospital.", "a hospital", "object"),
        ("The Red Falcon Brigades took it.", "The Red Falcon Brigades", "armed"),
        ("Colonel Adam Rook said so.", "Colonel Adam Rook", "official"),
    ],
)
def test_phrases_are_found_whole(text: str, phrase: str, cls: str) -> None:
    mentions = found(text)
    assert phrase in mentions
    assert mentions[phrase][1] in (cls, "source" if cls == "official" else cls)


def test_a_name_carries_its_id_and_an_ambiguous_one_does_not() -> None:
    mentions = found("The Free Syrian Army and the RSF were named.")
    assert mentions["The Free Syrian Army"] == ("fsa", "armed")
    assert mentions["the RSF"][0] is None


def test_small_letters_are_no_acronym() -> None:
    assert not found("it is as it was")


def test_names_are_known_in_a_text_without_capitals() -> None:
    assert "eta" in found("a bomb planted by eta went off")


@given(st.text(max_size=200))
def test_every_mention_is_the_text_it_says(text: str) -> None:
    for mention in find_actors(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.text


@pytest.mark.parametrize(
    ("text", "agency", "kind"),
    [
        ("MOGADISHU (Reuters) - Two men were hurt.", "reuters", "dateline"),
        ("MOGADISHU, Feb. 3 (Xinhua) -- Two men were hurt.", "xinhua", "dateline"),
        ("CNN — Two men were hurt.", "cnn", "dateline"),
        ("Two men were hurt.\nAFP\n", "afp", "byline"),
        ("Source: SANA\nTwo men were hurt.", "sana", "byline"),
        ("A street in ruins. [Jane Roe – Anadolu Agency]", "anadolu", "photo"),
        ("Two men were hurt, SANA reported.", "sana", "attribution"),
        ("Two men were hurt, according to Interfax.", "interfax", "attribution"),
        ("An officer told AFP about it.", "afp", "attribution"),
    ],
)
def test_credits(text: str, agency: str, kind: str) -> None:
    assert [(c.actor_id, c.kind) for c in find_credit(text)] == [(agency, kind)]
    assert all(text[c.start : c.end] == c.text for c in find_credit(text))


def test_an_agency_that_only_suffers_is_no_credit() -> None:
    assert find_credit("A bomb went off outside the bureau of Reuters in the old town.") == []
