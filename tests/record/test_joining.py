"""Joining: new claims go to the incidents near them; ids and what people decided stay. On both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mahdar.corroboration import link
from mahdar.model import Claim, Incident
from mahdar.record import Record, joining
from mahdar.record.joining import join_new, link_anew
from mahdar.record.rereading import replace_reading

from .reader import WordReader

FIRST = "Army jets struck the town of Orim on Wednesday, killing 4 people by the mill and burning the granary, residents said."
SECOND = "Residents said that jets struck the town of Orim on Wednesday, killing 4 people by the mill and burning its granary."
THIRD = "By the mill and the granary of Orim there was smoke after planes struck the town of Orim, killing 4 people Wednesday."
ELSEWHERE = "Rebels shelled the village of Kesh at dawn, killing 9 herders on the road, the mayor said."

Tell = Callable[..., None]


@pytest.fixture
def tell(record: Record) -> Tell:
    """Add texts to the record, each a report of an outlet of its own."""
    told: list[str] = []

    def add(*texts: str) -> None:
        for text in texts:
            told.append(text)
            outlet = f"Courier {len(told)}"
            for added in record.add(text.encode(), reader=WordReader(), published="2021-03-04", outlet=outlet):
                assert added.state == "added"

    return add


def joined(record: Record) -> int:
    """How many claims joining looked at."""
    return sum(join_new(record))


def incidents(record: Record) -> dict[str, set[str]]:
    """The claims of each incident by its id."""
    assert list(record.verify()) == []
    return {s.incident.id: set(s.incident.claims) for s in record.incidents()}


def claims(record: Record) -> list[str]:
    return [stored.claim.id for stored in record.claims()]


def test_a_new_claim_joins_the_incident_that_is_there_and_its_id_stays(record: Record, tell: Tell) -> None:
    tell(FIRST, ELSEWHERE)
    assert joined(record) == 2
    before = incidents(record)
    assert sorted(map(len, before.values())) == [1, 1]
    tell(SECOND)
    assert joined(record) == 1
    after = incidents(record)
    first, elsewhere, second = claims(record)
    assert set(after) == set(before)
    assert {first, second} in after.values()
    assert {elsewhere} in after.values()
    assert record.claim(second).incident == record.claim(first).incident


def test_nothing_new_changes_nothing(record: Record, tell: Tell) -> None:
    tell(FIRST, ELSEWHERE)
    joined(record)
    before = record.head(), incidents(record)
    assert joined(record) == 0
    assert (record.head(), incidents(record)) == before


def test_one_by_one_comes_to_the_same_as_all_at_once(record: Record, tell: Tell) -> None:
    for text in (FIRST, ELSEWHERE, SECOND, THIRD):
        tell(text)
        joined(record)
    one_by_one = incidents(record)
    link_anew(record)
    assert incidents(record) == one_by_one
    assert sorted(map(len, one_by_one.values())) == [1, 3]


def test_a_rejected_claim_joins_nothing(record: Record, tell: Tell) -> None:
    tell(FIRST)
    record.decide("reject", "claim", claims(record)[0], who="ann", expected=0, why="a drill")
    assert joined(record) == 0
    assert incidents(record) == {}


def test_what_a_person_merged_stays_merged(record: Record, tell: Tell) -> None:
    tell(FIRST, ELSEWHERE)
    joined(record)
    one, other = incidents(record)
    record.decide("merge", "incident", one, who="ann", expected=0, after=[other])
    tell(SECOND)
    joined(record)
    first, elsewhere, _ = claims(record)
    assert {first, elsewhere} <= incidents(record)[one]
    link_anew(record)
    assert {first, elsewhere} <= incidents(record)[one]
    assert other not in incidents(record)


def test_what_a_person_split_stays_apart(record: Record, tell: Tell) -> None:
    tell(FIRST, SECOND)
    joined(record)
    (whole,) = incidents(record)
    first, second = claims(record)
    record.decide("split", "incident", whole, who="ann", expected=0, after=[[second]])
    tell(THIRD)
    joined(record)
    assert record.claim(first).incident != record.claim(second).incident
    link_anew(record)
    assert record.claim(first).incident != record.claim(second).incident
    assert whole in incidents(record)


def test_a_split_taken_back_lets_them_come_together_again(record: Record, tell: Tell) -> None:
    tell(FIRST, SECOND)
    joined(record)
    (whole,) = incidents(record)
    split = record.decide("split", "incident", whole, who="ann", expected=0, after=[[claims(record)[1]]])
    link_anew(record)
    assert len(incidents(record)) == 2
    record.decide("undo", "incident", whole, who="ann", expected=1, undoes=split.id)
    link_anew(record)
    assert incidents(record) == {whole: set(claims(record))}


def test_a_decision_taken_while_joining_is_not_overlooked(
    record: Record, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(FIRST, ELSEWHERE)
    drill = claims(record)[0]
    runs: list[list[str]] = []

    def slow(given: list[Claim], *others: Any) -> list[Incident]:
        runs.append([claim.id for claim in given])
        if len(runs) == 1:
            record.decide("reject", "claim", drill, who="ann", expected=0, why="a drill")
        return link(given, *others)

    monkeypatch.setattr(joining, "link", slow)
    assert joined(record) == 1
    assert len(runs) == 2
    assert record.claim(drill).incident is None


def test_what_is_read_otherwise_leaves_its_incident_and_is_joined_anew(record: Record, tell: Tell) -> None:
    tell(FIRST, SECOND, ELSEWHERE)
    joined(record)
    first, second, elsewhere = claims(record)
    whole = record.claim(first).incident
    list(record.reread(WordReader("words-2", {"struck": "looting_property_destruction", "shelled": "attack"})))
    assert incidents(record) == {}, "all are read otherwise"
    assert joined(record) == 3
    assert {first, second} == incidents(record)[str(whole)]
    assert record.incident(str(whole)).incident.type == "looting_property_destruction"
    assert {elsewhere} in incidents(record).values()


def test_an_incident_goes_on_without_a_claim_that_is_no_longer_read(record: Record, tell: Tell) -> None:
    tell(FIRST, SECOND)
    joined(record)
    second = claims(record)[1]
    (whole,) = incidents(record)
    for report in [r for r in record.reports() if FIRST in r.report.text]:
        nothing = WordReader("words-2", {}).read(report.report)
        with record.writing() as writer:
            replace_reading(writer, nothing)
    assert incidents(record) == {whole: {second}}
    assert joined(record) == 0


def test_reading_again_leaves_merges_and_splits_as_decided(record: Record, tell: Tell) -> None:
    tell(FIRST, SECOND, ELSEWHERE)
    joined(record)
    first, second, elsewhere = claims(record)
    record.decide("split", "incident", str(record.claim(first).incident), who="ann", expected=0, after=[[second]])
    link_anew(record)
    one, other = record.incident(str(record.claim(first).incident)), str(record.claim(elsewhere).incident)
    record.decide("merge", "incident", one.incident.id, who="ann", expected=one.version, after=[other])
    list(record.reread(WordReader("words-2", {"struck": "attack", "shelled": "attack"})))
    joined(record)
    assert record.claim(first).incident == record.claim(elsewhere).incident
    assert record.claim(first).incident != record.claim(second).incident
