"""A new version of the reader reads the record again: what changed is told, what people decided stands."""

from __future__ import annotations

from dataclasses import replace

from mahdar.record import Record

from .reader import CALM, KESH, ORIM, WORDS, WordReader


def test_the_same_version_reads_nothing_again(record: Record) -> None:
    list(record.add(ORIM.encode(), reader=WordReader()))
    head = record.head()
    assert list(record.reread(WordReader())) == []
    assert record.head() == head


def test_what_changed_is_told_claim_by_claim(record: Record) -> None:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader(words={"struck": "attack", "looted": "attack"})))
    better = WordReader("words-2", {"struck": "air_drone_strike", "shelled": "shelling_artillery_missile"})
    orim, kesh = record.reread(better)
    assert sorted((c.kind, c.slots) for c in orim.changes) == [("changed", ("type",)), ("gone", ())]
    assert [c.kind for c in kesh.changes] == ["new"]
    assert [c.claim.type for c in record.claims()] == ["air_drone_strike", "shelling_artillery_missile"]
    assert list(record.verify()) == []


def test_a_claim_that_reads_otherwise_keeps_its_id(record: Record) -> None:
    list(record.add(ORIM.encode(), reader=WordReader(words={"struck": "attack"})))
    before = next(record.claims()).claim
    list(record.reread(WordReader("words-2", {"struck": "air_drone_strike"})))
    after = next(record.claims()).claim
    assert (after.id, after.type) == (before.id, "air_drone_strike")


def test_what_a_person_decided_stands_and_is_marked_where_the_machine_changed_its_mind(record: Record) -> None:
    list(record.add(ORIM.encode(), reader=WordReader()))
    strike, looting = [c.claim for c in record.claims()]
    record.decide("edit", "claim", strike.id, who="ann", expected=0, after=replace(strike, actors=()))
    record.decide("accept", "claim", looting.id, who="ann", expected=0)
    (report,) = record.reread(WordReader("words-2", {"struck": "attack"}))
    assert {(c.kind, c.decided) for c in report.changes} == {("changed", True), ("gone", True)}
    edited, accepted = record.claim(strike.id), record.claim(looting.id)
    assert (edited.review, edited.changed, edited.found) == ("edited", True, True)
    assert edited.claim == replace(strike, actors=())
    assert edited.machine is not None
    assert edited.machine.type == "attack"
    assert (accepted.review, accepted.changed, accepted.found) == ("accepted", False, False)
    assert list(record.verify()) == []
    list(record.reread(WordReader("words-3")))
    edited, accepted = record.claim(strike.id), record.claim(looting.id)
    assert (edited.changed, accepted.found) == (False, True), "it reads again what people saw"
    assert list(record.verify()) == []


def test_a_reading_that_was_stopped_goes_on(record: Record) -> None:
    list(record.add(ORIM.encode(), KESH.encode(), CALM.encode(), reader=WordReader()))
    newer = WordReader("words-2", WORDS, confidence=0.9)
    next(iter(record.reread(newer)))
    assert len(list(record.reread(newer))) == 2
    assert newer.read_so_far == 3
    assert list(record.verify()) == []
