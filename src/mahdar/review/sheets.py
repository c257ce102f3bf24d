"""A report's claims under a coder's hands: the sheet of the record that all share, and the blind sheet of one coder.

Both do the same things; what a coder does becomes moves on claims, and the kind of sheet says where these are kept: as
decisions in the record, or beside it until the two coders are adjudicated. All moves of one act are kept, or none.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from mahdar.model import Claim, MahdarError, Report
from mahdar.record import Record
from mahdar.record.deciding import decide, decisions
from mahdar.record.decisions import Action, Conflict, Decision, Review, holding
from mahdar.record.rows import dump, load
from mahdar.record.stored import StoredReport
from mahdar.record.tables import ASSIGNMENTS, CLAIMS
from mahdar.review import coding
from mahdar.review.coding import Change, Part, Registers, Value
from mahdar.review.people import Forbidden, Person, Right

KEPT = 100  # acts that a blind sheet can take back
REVIEW_AFTER: dict[Action, Review] = {"accept": "accepted", "add": "accepted", "edit": "edited", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Coded:
    """A claim as it stands on a sheet. `by` and `why` are of the last decision on it, if any."""

    claim: Claim
    review: Review
    version: int
    by: str = ""
    at: str = ""
    why: str = ""
    incident: str | None = None
    changed: bool = False
    comments: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """One step of an act: what is decided on one claim, of which the coder saw `version`."""

    action: Action
    claim: str
    version: int
    after: Claim | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act came to: the claims to look at next, and a sentence."""

    claims: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim and the version of it that somebody saw."""

    id: str
    version: int


class Stale(Conflict):
    """A conflict with the claim as it is now, to be shown beside one's own."""

    def __init__(self, conflict: Conflict, claim: Claim | None) -> None:
        super().__init__(conflict.subject, conflict.expected, conflict.present, conflict.by)
        self.claim = claim


class Sheet(ABC):
    """The claims of one report, and what a coder may do to them."""

    def __init__(self, report: StoredReport, registers: Registers) -> None:
        self.stored = report
        self.registers = registers

    @property
    def report(self) -> Report:
        return self.stored.report

    @property
    @abstractmethod
    def version(self) -> int:
        """The number of decisions on the report itself, or of acts on a blind sheet."""

    @abstractmethod
    def coded(self) -> list[Coded]:
        """The claims in the order of the report, rejected ones among them."""

    @abstractmethod
    def keep(self, person: Person, moves: Sequence[Move]) -> None:
        """Keep all moves of an act. Raises Stale if one of the claims has been decided on since it was seen."""

    @abstractmethod
    def undo(self, person: Person) -> Outcome:
        """Take back the person's last act on this sheet. Raises MahdarError if there is none."""

    @abstractmethod
    def check_open(self, person: Person) -> None:
        """Raises Forbidden where the person may not code here, at least not now."""

    def accept(self, person: Person, seen: Seen) -> Outcome:
        held = self._held(person, seen)
        if held.review in ("accepted", "edited"):
            return Outcome((seen.id,), "Accepted already.")
        self.keep(person, [Move("accept", seen.id, seen.version, held.claim)])
        return Outcome((seen.id,), "Accepted.")

    def reject(self, person: Person, seen: Seen, why: str) -> Outcome:
        self._held(person, seen)
        self.keep(person, [Move("reject", seen.id, seen.version, why=why)])
        return Outcome((seen.id,), "Rejected.")

    def edit(self, person: Person, seen: Seen, change: Change, why: str = "") -> Outcome:
        held = self._held(person, seen)
        after = coding.edit(self.report, held.claim, change, self.registers)
        if after == held.claim and held.review != "suggested":
            return Outcome((seen.id,), "Nothing was changed.")
        self.keep(person, [Move("edit", seen.id, seen.version, after, why)])
        return Outcome((seen.id,), "Saved.")

    def add(self, person: Person, type: str, trigger: Value) -> Outcome:
        self._open(person)
        claim = coding.new_claim(self.report, type, trigger)
        held = {coded.claim.id: coded for coded in self.coded()}
        if claim.id in held:
            raise MahdarError("there is such a claim on these words already")
        self.keep(person, [Move("add", claim.id, 0, claim)])
        return Outcome((claim.id,), "Added.")

    def duplicate(self, person: Person, seen: Seen) -> Outcome:
        held = self._held(person, seen)
        copy = coding.duplicate(held.claim, self._ids())
        self.keep(person, [Move("add", copy.id, 0, copy, f"a copy of {seen.id}")])
        return Outcome((seen.id, copy.id), "Duplicated.")

    def split(self, person: Person, seen: Seen, part: Part) -> Outcome:
        held = self._held(person, seen)
        first, second = coding.split(held.claim, part, self._ids())
        why = f"split into {first.id} and {second.id}"
        moves = [Move("edit", first.id, seen.version, first, why), Move("add", second.id, 0, second, why)]
        self.keep(person, moves)
        return Outcome((first.id, second.id), "Split in two.")

    def merge(self, person: Person, seen: Sequence[Seen]) -> Outcome:
        held = [self._held(person, one) for one in seen]
        if len({coded.claim.id for coded in held}) < len(held):
            raise MahdarError("a claim cannot be merged with itself")
        merged = coding.merge([coded.claim for coded in held])
        why = "merged: " + ", ".join(one.id for one in seen)
        moves = [Move("edit", merged.id, seen[0].version, merged, why)]
        moves += [Move("reject", one.id, one.version, why=f"the same event as {merged.id}") for one in seen[1:]]
        self.keep(person, moves)
        return Outcome((merged.id,), "Merged.")

    def _open(self, person: Person) -> None:
        person.need(Right.decide)
        self.check_open(person)

    def _held(self, person: Person, seen: Seen) -> Coded:
        self._open(person)
        held = next((coded for coded in self.coded() if coded.claim.id == seen.id), None)
        if held is None:
            raise MahdarError(f"{seen.id}: this report has no such claim")
        if held.version != seen.version:
            raise Stale(Conflict(seen.id, seen.version, held.version, held.by), held.claim)
        return held

    def _ids(self) -> set[str]:
        return {coded.claim.id for coded in self.coded()}


class SharedSheet(Sheet):
    """The claims of a report as the record has them. Every act is a decision that is kept for good."""

    def __init__(self, record: Record, report: StoredReport, registers: Registers) -> None:
        super().__init__(report, registers)
        self._record = record

    @property
    def version(self) -> int:
        return len(self._record.decisions("report", self.report.id))

    @property
    def put_down(self) -> Decision | None:
        """The decision that holds the report to have nothing to code, if there is one."""
        held = [d for d in holding(self._record.decisions("report", self.report.id)) if d.action == "not_coded"]
        return held[-1] if held else None

    def coded(self) -> list[Coded]:
        taken: dict[str, list[Decision]] = {}
        stored = list(self._record.claims(report=self.report.id))
        for decision in self._decisions([s.claim.id for s in stored]):
            taken.setdefault(decision.subject, []).append(decision)
        out = []
        for one in stored:
            on_it = holding(taken.get(one.claim.id, []))
            decided = [d for d in on_it if d.action != "comment"]
            last = decided[-1] if decided else None
            if last is None and one.machine is None:
                continue  # a coder added it and took it back
            out.append(
                Coded(
                    one.claim,
                    one.review,
                    one.version,
                    last.who if last else "",
                    last.at if last else "",
                    last.why if last else "",
                    one.incident,
                    one.changed,
                    tuple(d for d in on_it if d.action == "comment"),
                )
            )
        return in_order(out)

    def check_open(self, person: Person) -> None:  # noqa: ARG002  # open to whoever may code
        if not self._record.writable:
            raise Forbidden("this record can only be read")
        with self._record.reading() as connection:
            blind = connection.execute(
                select(ASSIGNMENTS.c.n).where(
                    ASSIGNMENTS.c.report_n == self.stored.n, ASSIGNMENTS.c.blind, ASSIGNMENTS.c.settled_at.is_(None)
                )
            ).first()
        if blind:
            raise Forbidden("two coders code this report blind; it is open again once they are adjudicated")

    def keep(self, person: Person, moves: Sequence[Move]) -> None:
        try:
            with self._record.writing() as writer:
                known = self._versions(writer.connection, [move.claim for move in moves])
                for move in moves:
                    # what was added before and taken back is still in the record: it is added by an edit
                    action, seen = move.action, move.version
                    if action == "add" and move.claim in known:
                        action, seen = "edit", known[move.claim]
                    after = move.after if action in ("add", "edit") else None
                    decide(
                        writer, action, "claim", move.claim, who=person.name, expected=seen, why=move.why, after=after
                    )
        except Conflict as conflict:
            held = next((c.claim for c in self.coded() if c.claim.id == conflict.subject), None)
            raise Stale(conflict, held) from conflict

    def not_coded(self, person: Person, version: int, why: str) -> Outcome:
        """Put the report down as having nothing to code; claims that the machine suggests are rejected with it."""
        self._open(person)
        with self._record.writing() as writer:
            decide(writer, "not_coded", "report", self.report.id, who=person.name, expected=version, why=why)
            for coded in self.coded():
                if coded.review == "suggested":
                    claim = coded.claim.id
                    decide(writer, "reject", "claim", claim, who=person.name, expected=coded.version, why=why)
        return Outcome((), "Put down as not coded.")

    def comment(self, person: Person, claim: str | None, text: str) -> Outcome:
        """A remark on a claim, or on the report."""
        person.need(Right.comment)
        kind, subject = ("claim", claim) if claim else ("report", self.report.id)
        versions = {c.claim.id: c.version for c in self.coded()} | {self.report.id: self.version}
        if subject not in versions:
            raise MahdarError(f"{subject}: this report has no such claim")
        self._record.decide("comment", kind, subject, who=person.name, expected=versions[subject], why=text)  # type: ignore[arg-type]
        return Outcome((subject,) if claim else (), "Commented.")

    def undo(self, person: Person) -> Outcome:
        self._open(person)
        ids = [s.claim.id for s in self._record.claims(report=self.report.id)]
        taken = [*self._decisions(ids), *self._record.decisions("report", self.report.id)]
        subjects = {d.subject: [o for o in taken if o.subject == d.subject] for d in taken}
        held = {d.id for of_one in subjects.values() for d in holding(of_one) if d.action != "comment"}
        mine = [d for d in taken if d.id in held and d.who == person.name]
        if not mine:
            raise MahdarError("there is nothing of yours to take back on this report")
        last = max(d.at for d in mine)
        act = [d for d in mine if d.at == last]
        for decision in act:
            later = [d for d in subjects[decision.subject] if d.id in held and d.version > decision.version]
            if any(d.who != person.name for d in later):
                raise MahdarError(f"{decision.subject}: {later[-1].who} decided on it after you")
        with self._record.writing() as writer:
            for decision in reversed(act):
                seen = len(subjects[decision.subject])
                kind, subject = decision.kind, decision.subject
                decide(writer, "undo", kind, subject, who=person.name, expected=seen, undoes=decision.id)
        claims = tuple(d.subject for d in act if d.kind == "claim" and d.action != "add")
        return Outcome(claims, f"Taken back: {act[0].action.replace('_', ' ')}.")

    @staticmethod
    def _versions(connection: Connection, claims: Sequence[str]) -> dict[str, int]:
        held = connection.execute(select(CLAIMS.c.id, CLAIMS.c.version).where(CLAIMS.c.id.in_(claims)))
        return {row.id: row.version for row in held}

    def _decisions(self, claims: Sequence[str]) -> list[Decision]:
        with self._record.reading() as connection:
            return decisions(connection, kind="claim", subjects=claims)


@dataclass(slots=True)
class _Held:
    """What a blind sheet's JSON holds: claims with how they stand, and what each act found before it."""

    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    acts: list[dict[str, dict[str, Any] | None]] = field(default_factory=list)


class BlindSheet(Sheet):
    """One coder's own sheet of a report that is coded twice: nobody else sees it before both are done."""

    def __init__(
        self, record: Record, report: StoredReport, registers: Registers, assignment: int, owner: Person
    ) -> None:
        super().__init__(report, registers)
        self._record = record
        self.assignment = assignment
        self._owner = owner
        self._load()

    def _load(self) -> None:
        with self._record.reading() as connection:
            row = connection.execute(select(ASSIGNMENTS).where(ASSIGNMENTS.c.n == self.assignment)).one()
        self._version: int = row.version
        self.finished: bool = row.finished_at is not None
        self._sheet = _Held(**json.loads(row.sheet)) if row.sheet else self._first()

    def _first(self) -> _Held:
        """What the machine suggests, untouched."""
        machine = [s.machine for s in self._record.claims(report=self.report.id) if s.machine is not None]
        return _Held(
            {c.id: {"claim": json.loads(dump(c, Claim)), "review": "suggested", "version": 0} for c in machine}
        )

    @property
    def version(self) -> int:
        return self._version

    def coded(self) -> list[Coded]:
        out = [
            Coded(load(Claim, json.dumps(v["claim"])), v["review"], v["version"], v.get("by", ""), why=v.get("why", ""))
            for v in self._sheet.claims.values()
        ]
        return in_order(out)

    def check_open(self, person: Person) -> None:
        if person.n is None or person.n != self._owner.n:
            raise Forbidden("this is another coder's sheet")
        if self.finished:
            raise Forbidden("you have handed this report in")

    def keep(self, person: Person, moves: Sequence[Move]) -> None:
        claims = dict(self._sheet.claims)
        act: dict[str, dict[str, Any] | None] = {}
        for move in moves:
            held = claims.get(move.claim)
            if (held["version"] if held else 0) != move.version:
                raise MahdarError(f"{move.claim}: has changed in another window; look at it again")
            if move.action == "reject" and not move.why.strip():
                raise MahdarError("reject: say why")
            act.setdefault(move.claim, held)
            claim = json.loads(dump(move.after, Claim)) if move.after else (held or {}).get("claim")
            claims[move.claim] = {
                "claim": claim,
                "review": REVIEW_AFTER[move.action],
                "version": move.version + 1,
                "by": person.name,
                "why": move.why,
            }
        self._save(_Held(claims, [*self._sheet.acts, act][-KEPT:]))

    def undo(self, person: Person) -> Outcome:
        self._open(person)
        if not self._sheet.acts:
            raise MahdarError("there is nothing to take back on this sheet")
        *before, act = self._sheet.acts
        claims = dict(self._sheet.claims)
        for id, held in act.items():
            if held is None:
                del claims[id]
            else:  # its number goes on, so that no other window takes it for the one it saw
                claims[id] = {**held, "version": claims[id]["version"] + 1}
        self._save(_Held(claims, before))
        return Outcome(tuple(id for id, held in act.items() if held), "Taken back.")

    def finish(self, person: Person) -> Outcome:
        """Hand the sheet in. Raises MahdarError while a suggestion is undecided."""
        self._open(person)
        left = sum(coded.review == "suggested" for coded in self.coded())
        if left:
            raise MahdarError(f"{left} of the claims are not decided yet")
        self._save(self._sheet, finished=True)
        return Outcome((), "Handed in.")

    def _save(self, sheet: _Held, *, finished: bool = False) -> None:
        text = json.dumps({"claims": sheet.claims, "acts": sheet.acts}, ensure_ascii=False)
        with self._record.writing() as writer:
            values: dict[str, Any] = {"sheet": text, "version": self._version + 1}
            if finished:
                values["finished_at"] = writer.now
                writer.log("assignment", self.report.id, {"n": self.assignment, "finished": self._owner.name})
            kept = writer.connection.execute(
                update(ASSIGNMENTS)
                .where(
                    ASSIGNMENTS.c.n == self.assignment,
                    ASSIGNMENTS.c.version == self._version,
                    ASSIGNMENTS.c.finished_at.is_(None),
                )
                .values(**values)
            )
            if not kept.rowcount:
                raise MahdarError("this sheet has changed in another window; look at it again")
        self._load()


def in_order(coded: Sequence[Coded]) -> list[Coded]:
    """By where the report says it."""
    return sorted(coded, key=lambda c: (c.claim.evidence[0].span.start, c.claim.trigger.span.start, c.claim.id))
