"""What decisions come to: the algebra alone, without a record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.model import MahdarError
from mahdar.record.decisions import ACTIONS, OUTCOME, Action, Decision, Kind, check, holding, outcome


def decision(number: int, action: Action, undoes: int | None = None) -> Decision:
    after = {"review": OUTCOME[action], "number": number} if action in OUTCOME else None
    return Decision(
        f"d{number}",
        "2021-03-03",
        "ann",
        "claim",
        "c",
        action,
        number,
        after=after,
        undoes=f"d{undoes}" if undoes else None,
    )


def test_the_last_decision_that_holds_stands() -> None:
    assert outcome([]) is None
    decided = [decision(1, "accept"), decision(2, "edit"), decision(3, "comment")]
    assert outcome(decided)["number"] == 2
    decided.append(decision(4, "undo", 2))
    assert outcome(decided)["number"] == 1
    decided.append(decision(5, "undo", 1))
    assert outcome(decided) is None


def test_an_undone_undo_makes_a_decision_hold_again() -> None:
    decided = [decision(1, "reject"), decision(2, "undo", 1), decision(3, "undo", 2)]
    assert [d.id for d in holding(decided)] == ["d1"]
    assert outcome(decided)["review"] == "rejected"


def test_a_comment_changes_nothing() -> None:
    assert outcome([decision(1, "accept"), decision(2, "comment")]) == outcome([decision(1, "accept")])


@pytest.mark.parametrize(
    ("kind", "action", "why", "wrong"),
    [
        ("claim", "reject", " ", "say why"),
        ("claim", "not_coded", "", "say why"),
        ("claim", "merge", "", "nothing that is decided on a claim"),
        ("report", "accept", "", "nothing that is decided on a report"),
        ("claim", "undo", "", "name a decision"),
    ],
)
def test_what_cannot_be_decided_is_told(kind: Kind, action: Action, why: str, wrong: str) -> None:
    with pytest.raises(MahdarError, match=wrong):
        check(kind, action, why, None, [])


def test_nothing_is_undone_twice() -> None:
    decided = [decision(1, "accept"), decision(2, "undo", 1)]
    with pytest.raises(MahdarError, match="undone already"):
        check("claim", "undo", "", decided[0], decided)
    check("claim", "undo", "", decided[0], [*decided, decision(3, "undo", 2)])


@given(st.lists(st.tuples(st.sampled_from(ACTIONS["claim"]), st.integers(1, 30)), max_size=30))
def test_undoing_the_last_decision_gives_back_what_stood_before(steps: list[tuple[Action, int]]) -> None:
    decided: list[Decision] = []
    for number, (action, back) in enumerate(steps, start=1):
        decided.append(decision(number, action, back if action == "undo" and back < number else None))
    before = outcome(decided)
    more = [*decided, decision(98, "edit")]
    assert outcome(more)["number"] == 98
    assert outcome([*more, decision(99, "undo", 98)]) == before
