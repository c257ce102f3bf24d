"""Standing relations: who supports, opposes or belongs to whom, in the report's own words."""

from __future__ import annotations

import pytest

from mahdar.intake import report_sentences
from mahdar.model import Relation, Report
from mahdar.reading.context import Context
from mahdar.reading.relations import find_relations
from mahdar.who import Register


def relations(text: str) -> list[Relation]:
    report = Report("r", text)
    return find_relations(Context(report, report_sentences(report), Register.load()))


def triples(text: str) -> list[tuple[str, str, str]]:
    return [(r.subject.text, r.relation, r.object.text) for r in relations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iran supports the Houthis.", ("Iran", "supports", "Houthis")),
        ("Turkey backs rebels in the north.", ("Turkey", "supports", "rebels")),
        ("The army, backed by Russia, moved north.", ("Russia", "supports", "army")),
        ("Iran-backed militias hold the road.", ("Iran", "supports", "militias")),
        ("The U.S.-backed rebels left the town.", ("U.S.", "supports", "rebels")),
        ("Troops loyal to President Salva Kiir hold the hill.", ("Troops", "supports", "President Salva Kiir")),
        ("Kurdish fighters have been fighting Islamic State there.", ("Kurdish fighters", "opposes", "Islamic State")),
        (
            "Boko Haram, which has pledged allegiance to Islamic State, is active.",
            ("Boko Haram", "part_of", "Islamic State"),
        ),
        ("Al-Qaeda-linked militants hold two villages.", ("militants", "part_of", "Al-Qaeda")),
    ],
)  # fmt: skip
def test_patterns(text: str, expected: tuple[str, str, str]) -> None:
    assert triples(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Iran would support the Houthis.",
        "Russia does not support the rebels.",
        "Turkey backs Russia's proposal.",
        "The government opposes efforts to extend the truce.",
        "Residents support the new hospital.",
        "The army shelled the rebels.",
    ],
)
def test_wishes_denials_plans_and_events_are_no_relations(text: str) -> None:
    assert triples(text) == []


def test_him_is_the_leader_named_before() -> None:
    found = triples("The Assad government is weak, and rebels who oppose him hold the hills.")
    assert ("rebels", "opposes", "Assad") in found


def test_two_parties_joined_are_two_relations() -> None:
    assert triples("The army is fighting Boko Haram and Islamic State.") == [
        ("army", "opposes", "Boko Haram"),
        ("army", "opposes", "Islamic State"),
    ]


def test_a_relation_is_listed_once_with_the_sentence_that_states_it_first() -> None:
    text = "Iran-backed militias left. Later, Iran-backed militias came back."
    [r] = relations(text)
    assert r.evidence.text == "Iran-backed militias left."
    for w in (r.subject, r.object, r.evidence):
        assert text[w.span.start : w.span.end] == w.text
