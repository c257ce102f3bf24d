"""What people decide, and what a claim or incident is after it: pure values, no database.

A decision is never changed or removed; another one undoes it. What stands is the outcome (`after`) of the last decision
that holds and has one; without any, what the machine read. A comment has no outcome, and an undone undo holds again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mahdar.model import MahdarError

Kind = Literal["claim", "incident", "report"]
Action = Literal["accept", "reject", "edit", "add", "not_coded", "merge", "split", "comment", "undo"]
Review = Literal["suggested", "accepted", "edited", "rejected"]

ACTIONS: dict[Kind, tuple[Action, ...]] = {
    "claim": ("accept", "reject", "edit", "add", "not_coded", "comment", "undo"),
    "incident": ("accept", "reject", "merge", "split", "not_coded", "comment", "undo"),
    "report": ("not_coded", "comment", "undo"),
}
REASONED: frozenset[Action] = frozenset(("reject", "not_coded", "comment"))  # these say why
OUTCOME: dict[Action, Review] = {
    "accept": "accepted",
    "add": "accepted",
    "edit": "edited",
    "reject": "rejected",
    "not_coded": "rejected",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what of which claim, incident or report, when, before, after and why.

    `version` is the subject's own count of decisions with this one. `before` and `after` are JSON values: of a claim
    `{"review", "claim"}`, of an incident `{"review"}` and with merge `{"together": […]}`, with split `{"apart": [[…], …]}`
    (claim ids). `undoes` is the id of the decision that an undo takes back.
    """

    id: str
    at: str
    who: str
    kind: Kind
    subject: str
    action: Action
    version: int
    why: str = ""
    before: Any = None
    after: Any = None
    undoes: str | None = None


class Conflict(MahdarError):  # noqa: N818  # what it is, not only an error: the page shows both versions
    """Somebody else decided in between: `present` is the subject's version now, `by` who made it so."""

    def __init__(self, subject: str, expected: int, present: int, by: str) -> None:
        super().__init__(f"{subject}: {by} decided on it in the meantime; look at it again")
        self.subject, self.expected, self.present, self.by = subject, expected, present, by


def holding(decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions on one subject that hold, in order, undo decisions themselves left out."""
    undone: set[str] = set()
    for decision in reversed(decisions):
        if decision.action == "undo" and decision.id not in undone and decision.undoes:
            undone.add(decision.undoes)
    return [d for d in decisions if d.id not in undone and d.action != "undo"]


def outcome(decisions: Sequence[Decision]) -> Any:
    """What the decisions on one subject come to: the `after` of the last one that holds and decided, or None."""
    decided = [d for d in holding(decisions) if d.action in OUTCOME]
    return decided[-1].after if decided else None


def check(kind: Kind, action: Action, why: str, undoes: Decision | None, decisions: Iterable[Decision]) -> None:
    """Raises MahdarError, in one sentence, for what cannot be decided so."""
    if action not in ACTIONS.get(kind, ()):
        raise MahdarError(f"{action!r} is nothing that is decided on a {kind}; {', '.join(ACTIONS.get(kind, ()))} are")
    if action in REASONED and not why.strip():
        raise MahdarError(f"{action.replace('_', ' ')}: say why")
    if action == "undo":
        if undoes is None:
            raise MahdarError("undo: name a decision on the same subject")
        if any(d.undoes == undoes.id for d in decisions if d.action == "undo" and _stands(d, decisions)):
            raise MahdarError(f"decision {undoes.id} is undone already")


def _stands(undo: Decision, decisions: Iterable[Decision]) -> bool:
    return not any(d.undoes == undo.id and _stands(d, decisions) for d in decisions if d.action == "undo")
