"""Incidents as corroboration makes them: kept by id, decided on, made anew when something changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from mahdar.model import Claim, Incident, MahdarError, Report
from mahdar.record import Record
from mahdar.record.decisions import Decision

from .reader import KESH, ORIM, WordReader


def each_alone(claims: Iterable[Claim], reports: Iterable[Report], decisions: Sequence[Decision]) -> list[Incident]:
    """Every claim an incident of its own, but for those that people put together."""
    together = [set(d.after["together"]) for d in decisions if d.action == "merge"]
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        group = next((min(t) for t in together if claim.id in t), claim.id)
        groups.setdefault(group, []).append(claim)
    return [incident(*group) for group in groups.values()]


def incident(*claims: Claim) -> Incident:
    ids = tuple(sorted(c.id for c in claims))
    first = claims[0]
    return Incident(
        f"i-{ids[0]}", first.type, first.status, ids, tuple({c.report for c in claims}), places=first.places
    )


@pytest.fixture
def linked(record: Record) -> Record:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader()))
    assert record.relink(each_alone) == 3
    return record


def test_every_claim_knows_its_incident(linked: Record) -> None:
    for stored in linked.claims():
        assert stored.incident is not None
        assert stored.claim.id in linked.incident(stored.incident).incident.claims
    assert list(linked.verify()) == []


def test_linking_again_changes_nothing(linked: Record) -> None:
    before = linked.head(), list(linked.incidents())
    linked.relink(each_alone)
    assert (linked.head(), list(linked.incidents())) == before


def test_merging_binds_the_next_linking_and_can_be_undone(linked: Record) -> None:
    one, other, _ = [s.incident.id for s in linked.incidents()]
    merged = linked.decide("merge", "incident", one, who="ann", expected=0, after=[other])
    assert linked.relink(each_alone, only=[one, other]) == 1
    assert len(list(linked.incidents())) == 2
    assert list(linked.verify()) == []
    linked.decide("undo", "incident", merged.subject, who="ann", expected=1, undoes=merged.id)
    linked.relink(each_alone)
    assert len(list(linked.incidents())) == 3
    assert list(linked.verify()) == []


def test_splitting_names_what_is_apart(linked: Record) -> None:
    claims = [s.claim for s in linked.claims()]
    linked.put_incidents([incident(*claims)], gone=[s.incident.id for s in linked.incidents()])
    (whole,) = linked.incidents()
    decision = linked.decide("split", "incident", whole.incident.id, who="ann", expected=0, after=[[claims[0].id]])
    assert sorted(map(len, decision.after["apart"])) == [1, 2]
    with pytest.raises(MahdarError, match="split"):
        linked.decide("split", "incident", whole.incident.id, who="ann", expected=1, after=[["0" * 16]])
    assert list(linked.verify()) == []


def test_what_was_decided_on_an_incident_stays_with_its_id(linked: Record) -> None:
    first = next(linked.incidents()).incident
    linked.decide("reject", "incident", first.id, who="ann", expected=0, why="a film")
    linked.put_incidents([incident(*[s.claim for s in linked.claims(ids=first.claims)])], gone=[first.id])
    stored = linked.incident(first.id)
    assert (stored.review, stored.version) == ("rejected", 1)


def test_rejected_claims_are_not_linked(linked: Record) -> None:
    claim = next(linked.claims()).claim
    linked.decide("reject", "claim", claim.id, who="ann", expected=0, why="a drill")
    assert linked.relink(each_alone) == 2
    assert linked.claim(claim.id).incident is None
    assert list(linked.verify()) == []


def test_a_decision_taken_while_linking_is_not_overlooked(linked: Record) -> None:
    claim = next(linked.claims()).claim
    runs = []

    def slow(claims: Iterable[Claim], reports: Iterable[Report], decisions: Sequence[Decision]) -> list[Incident]:
        runs.append(len(decisions))
        if len(runs) == 1:
            linked.decide("reject", "claim", claim.id, who="ann", expected=0, why="a drill")
        return each_alone(claims, reports, decisions)

    assert linked.relink(slow) == 2
    assert runs == [0, 1]
