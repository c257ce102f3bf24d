"""What people decide is kept, stands, and overwrites nobody else's unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest

from mahdar.model import Claim, MahdarError, Words
from mahdar.record import Record
from mahdar.record.decisions import Conflict

from .reader import ORIM, WordReader


@pytest.fixture
def claim(record: Record) -> Claim:
    list(record.add(ORIM.encode(), reader=WordReader()))
    return next(record.claims()).claim


def test_a_suggestion_is_accepted_rejected_and_taken_back(record: Record, claim: Claim) -> None:
    assert record.claim(claim.id).review == "suggested"
    record.decide("accept", "claim", claim.id, who="ann", expected=0)
    assert record.claim(claim.id).review == "accepted"
    rejected = record.decide("reject", "claim", claim.id, who="ben", expected=1, why="a drill")
    assert (rejected.before["review"], rejected.after["review"], rejected.why) == ("accepted", "rejected", "a drill")
    assert record.claim(claim.id).review == "rejected"
    record.decide("undo", "claim", claim.id, who="ann", expected=2, undoes=rejected.id)
    stored = record.claim(claim.id)
    assert (stored.review, stored.version, stored.claim) == ("accepted", 3, claim)
    assert [d.who for d in record.decisions("claim", claim.id)] == ["ann", "ben", "ann"]
    assert list(record.verify()) == []


def test_an_edit_stands_beside_what_the_machine_read(record: Record, claim: Claim) -> None:
    edited = replace(claim, type="shelling_artillery_missile", actors=())
    record.decide("edit", "claim", claim.id, who="ann", expected=0, after=edited)
    stored = record.claim(claim.id)
    assert (stored.claim, stored.machine, stored.review) == (edited, claim, "edited")
    assert list(record.verify()) == []


def test_a_person_adds_what_the_machine_missed(record: Record, claim: Claim) -> None:
    added = replace(claim, id="byhand0000000001", type="attack")
    decision = record.decide("add", "claim", added.id, who="ann", expected=0, after=added)
    stored = record.claim(added.id)
    assert (stored.claim, stored.machine, stored.review) == (added, None, "accepted")
    record.decide("undo", "claim", added.id, who="ann", expected=1, undoes=decision.id)
    assert record.claim(added.id).review == "rejected", "it is kept, but nobody says it any more"
    assert list(record.verify()) == []


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(record: Record, claim: Claim) -> None:
    record.decide("edit", "claim", claim.id, who="ann", expected=0, after=replace(claim, type="attack"))
    with pytest.raises(Conflict, match="ann") as conflict:
        record.decide("edit", "claim", claim.id, who="ben", expected=0, after=replace(claim, type="other"))
    assert (conflict.value.present, conflict.value.by) == (1, "ann")
    assert record.claim(claim.id).claim.type == "attack"
    assert len(record.decisions()) == 1


def test_of_many_who_decide_at_once_one_wins(record: Record, claim: Claim) -> None:
    outcomes: list[str] = []

    def decide(who: str) -> None:
        try:
            record.decide("accept", "claim", claim.id, who=who, expected=0)
        except Conflict:
            outcomes.append("conflict")
        else:
            outcomes.append("kept")

    threads = [Thread(target=decide, args=(f"coder {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 5 + ["kept"]
    assert list(record.verify()) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda c: replace(c, id="0" * 16), "keeps its id"),
        (lambda c: replace(c, report="0" * 16), "stays with its report"),
        (lambda c: replace(c, type="quarrel"), "no event type"),
        (lambda c: replace(c, trigger=Words(c.trigger.span, "missed")), "does not stand"),
        (lambda c: None, "whole claim"),
    ],
)
def test_an_edit_that_would_break_the_record_is_refused(
    record: Record, claim: Claim, change: Callable[[Claim], Claim], wrong: str
) -> None:
    with pytest.raises(MahdarError, match=wrong):
        record.decide("edit", "claim", claim.id, who="ann", expected=0, after=change(claim))
    assert record.decisions() == []


def test_subjects_that_are_not_there_and_nobody_are_refused(record: Record, claim: Claim) -> None:
    for kind in ("claim", "report", "incident"):
        with pytest.raises(MahdarError, match=f"no {kind}"):
            record.decide("comment", kind, "0" * 16, who="ann", expected=0, why="look")
    with pytest.raises(MahdarError, match="who decided"):
        record.decide("accept", "claim", claim.id, who=" ", expected=0)


def test_why_a_report_was_not_coded_is_kept(record: Record, claim: Claim) -> None:
    record.decide("not_coded", "report", claim.report, who="ann", expected=0, why="a feature on bakeries")
    (decision,) = record.decisions("report", claim.report)
    assert (decision.action, decision.why) == ("not_coded", "a feature on bakeries")
    assert list(record.verify()) == []
