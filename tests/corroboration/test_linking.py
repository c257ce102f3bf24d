from dataclasses import dataclass, replace
from typing import Any

import pytest

from mahdar.corroboration import find_stories, link
from mahdar.corroboration.linking import WEIGHTS
from mahdar.corroboration.scorer import Scorer, probability
from mahdar.model import Claim, Incident, Report
from tests.corroboration.reports import actor, claim, report

MARKET = "Aircraft of the Northern Army bombed the fish market of Saltmarsh on Friday and killed eleven porters, Maro Tull said."
AGAIN = "Eleven porters died when Northern Army aircraft struck the Saltmarsh fish market, said Maro Tull of the harbour guild."
BRIDGE = "Gunmen held up a grain lorry on the Kestrel bridge and took the driver with them, the millers' union told reporters."
ARMY = (actor("Northern Army", "north", "State forces"),)


@dataclass
class Decision:
    action: str
    after: Any


def told(
    id: str, text: str, type: str = "air_drone_strike", published: str = "2024-03-01", **slots: Any
) -> tuple[Report, Claim]:
    return report(id, text, outlet=f"{id} Post", published=published), claim(id, type, said=text, **slots)


A = told("a", MARKET, actors=ARMY, killed=11)
B = told("b", AGAIN, published="2024-03-02", actors=ARMY, killed=11)
C = told("c", BRIDGE, "abduction_forced_disappearance", town="Kestrel")


def linked(*pairs: tuple[Report, Claim], **rest: Any) -> list[Incident]:
    return link([c for _, c in pairs], [r for r, _ in pairs], **rest)


def claims(incidents: list[Incident]) -> list[tuple[str, ...]]:
    return sorted(tuple(c.partition("-")[0] for c in incident.claims) for incident in incidents)


def test_two_reports_of_one_strike_are_one_incident_and_another_act_is_another() -> None:
    assert claims(linked(A, B, C)) == [("a", "b"), ("c",)]


def test_a_link_is_explained_to_the_last_tenth() -> None:
    [tie] = linked(A, B)[0].links
    assert tie.contributions[0].feature == "bias"
    assert [c.feature for c in tie.contributions[1:]] == list(Scorer.load(WEIGHTS).features)
    assert probability(sum(c.contribution for c in tie.contributions)) == pytest.approx(tie.score, abs=1e-4)
    assert all(c.shown for c in tie.contributions)


def test_the_order_of_claims_changes_nothing() -> None:
    assert linked(C, B, A) == linked(A, B, C)


def test_a_total_is_no_incident() -> None:
    total = A[0], replace(A[1], scope="total")
    assert claims(linked(total, C)) == [("c",)]


def test_a_plan_is_not_linked_with_a_deed() -> None:
    planned = B[0], replace(B[1], status="intended")
    assert claims(linked(A, planned)) == [("a",), ("b",)]


def test_a_later_report_that_recalls_the_strike_attaches_to_it() -> None:
    later = told("later", AGAIN, published="2024-09-15", actors=ARMY, killed=11)
    [incident] = linked(A, B, later)
    assert incident.recalled == (later[1].id,)
    assert {r for origin in incident.origins for r in origin.reports} == {"a", "b"}


def test_new_claims_join_and_the_incident_keeps_its_id() -> None:
    before = linked(B, C)
    after = linked(A, B, C, known=before)
    assert {i.id for i in after} == {i.id for i in before}
    assert next(i for i in after if len(i.claims) == 2).claims[0] == A[1].id


def test_adding_nothing_changes_nothing() -> None:
    before = linked(A, B, C)
    assert linked(A, B, C, known=before) == before


def test_a_persons_split_is_respected() -> None:
    split = Decision("split", {"apart": [[A[1].id], [B[1].id]]})
    assert claims(linked(A, B, C, decisions=[split])) == [("a",), ("b",), ("c",)]
    assert claims(linked(A, B, C, decisions=[split], known=linked(A, B, C))) == [("a",), ("b",), ("c",)]


def test_a_persons_merge_is_respected_and_the_later_decision_holds() -> None:
    merge = Decision("merge", {"together": [A[1].id, C[1].id]})
    split = Decision("split", {"apart": [[A[1].id], [C[1].id]]})
    assert claims(linked(A, C, decisions=[merge])) == [("a", "c")]
    assert claims(linked(A, C, decisions=[merge, split])) == [("a",), ("c",)]
    assert claims(linked(A, C, decisions=[split, merge])) == [("a", "c")]


def test_ids_stay_different_when_an_incident_is_split() -> None:
    split = Decision("split", {"apart": [[A[1].id], [B[1].id]]})
    ids = [i.id for i in linked(A, B, C, decisions=[split], known=linked(A, B, C))]
    assert len(set(ids)) == 3


def test_no_claims_no_incidents() -> None:
    assert link([], []) == []


def test_reports_sort_into_stories_unread() -> None:
    reports = [A[0], C[0], B[0]]
    assert find_stories(reports) == [("a", "b"), ("c",)]
