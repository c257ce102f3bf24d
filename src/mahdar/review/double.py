"""Two coders on one report: giving reports out, blind sheets, agreement between the coders, adjudication.

A chosen share of reports goes to two coders each. Both code on sheets of their own; once both have handed in, their
agreement counts and somebody who may adjudicate chooses between them, claim by claim and field by field. Only what was
chosen goes into the record, as decisions of the adjudicator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import Row, Select, and_, insert, select, update

from mahdar.model import Claim, MahdarError
from mahdar.record import Record
from mahdar.record.deciding import decide
from mahdar.record.decisions import Action
from mahdar.record.tables import ASSIGNMENTS, PERSONS, REPORTS
from mahdar.record.writer import Writer
from mahdar.review.coding import Registers
from mahdar.review.pairing import FieldAgreement, Pair, agreement, kept, pair
from mahdar.review.people import Forbidden, People, Person, Right
from mahdar.review.sheets import BlindSheet, Coded, SharedSheet

MOST = 2000  # reports given out at once
Side = Literal["left", "right", "none"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A report given to a coder."""

    n: int
    report: str
    title: str
    person: str
    blind: bool
    given_at: str
    started: bool
    finished_at: str | None
    settled_at: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one pair: whose claim is taken, and the fields in which the other's value is taken instead."""

    pair: int
    side: Side
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Both:
    """Two handed-in sheets of one report, paired."""

    sheet: SharedSheet
    left: Assignment
    right: Assignment
    pairs: tuple[Pair, ...]


class Double:
    """Assignments of one record."""

    def __init__(self, record: Record, registers: Registers, people: People) -> None:
        self._record = record
        self._registers = registers
        self._people = people

    def give(self, by: Person, reports: Sequence[str], coder: str) -> int:
        """Give reports to one coder, not blind; how many were new to them."""
        by.need(Right.assign)
        return self._give(by, [(report, coder) for report in reports], blind=False)

    def give_blind(
        self, by: Person, reports: Sequence[str], coders: Sequence[str], share: float, seed: str = ""
    ) -> int:
        """Give a share of the reports to two of the coders each, blind; how many reports were given.

        Which reports and which two is told by the report's id and the seed alone, so that it can be repeated and
        nobody can pick. Raises MahdarError for fewer than two coders or a share outside 0 to 1.
        """
        by.need(Right.assign)
        names = sorted(set(coders))
        if len(names) < 2:
            raise MahdarError("double coding needs two coders")
        if not 0 < share <= 1:
            raise MahdarError("the share of reports lies between 0 and 1")
        chosen = []
        for report in sorted(set(reports)):
            drawn = int.from_bytes(hashlib.sha256(f"{seed}|{report}".encode()).digest()[:8], "big")
            if drawn / 2**64 < share:
                first = drawn % len(names)
                second = (first + 1 + drawn // 7 % (len(names) - 1)) % len(names)
                chosen += [(report, names[first]), (report, names[second])]
        return self._give(by, chosen, blind=True) // 2

    def _give(self, by: Person, given: Sequence[tuple[str, str]], *, blind: bool) -> int:
        people = {name: self._people.get(name) for name in {name for _, name in given}}
        for person in people.values():
            if not person.may(Right.decide):
                raise MahdarError(f"{person.name} is a {person.role} and does not code")
        if len(given) > 2 * MOST:
            raise MahdarError(f"at most {MOST} reports are given out at once")
        with self._record.writing() as writer:
            db = writer.connection
            known = {row.id: row.n for row in db.execute(select(REPORTS.c.id, REPORTS.c.n))}
            taken = set(db.execute(select(ASSIGNMENTS.c.report_n)).scalars())
            new = []
            for report, name in given:
                if report not in known:
                    raise MahdarError(f"{report}: no report of the record has this id")
                if known[report] not in taken:
                    new.append((known[report], report, people[name]))
            for report_n, report, person in new:
                values = {"report_n": report_n, "person_n": person.n, "blind": blind, "given_by": by.name, "version": 0}
                n = writer.number(ASSIGNMENTS)
                db.execute(insert(ASSIGNMENTS).values(n=n, given_at=writer.now, **values))
                writer.log("assignment", report, {"n": n, "to": person.name, "blind": blind, "by": by.name})
        return len(new)

    def mine(self, person: Person) -> list[Assignment]:
        """The blind assignments of one coder, those not handed in first."""
        chosen = _select().where(PERSONS.c.name == person.name, ASSIGNMENTS.c.blind)
        return self._found(chosen.order_by(ASSIGNMENTS.c.finished_at.is_not(None), ASSIGNMENTS.c.n))

    def sheet(self, person: Person, n: int) -> BlindSheet:
        """A coder's own blind sheet. Raises Forbidden for anybody else's, MahdarError if there is none."""
        with self._record.reading() as connection:
            row = connection.execute(
                select(ASSIGNMENTS.c.person_n, REPORTS.c.id, ASSIGNMENTS.c.blind)
                .join(REPORTS, REPORTS.c.n == ASSIGNMENTS.c.report_n)
                .where(ASSIGNMENTS.c.n == n)
            ).first()
        if row is None or not row.blind:
            raise MahdarError(f"there is no blind assignment {n}")
        if person.n is None or row.person_n != person.n:
            raise Forbidden("this is another coder's sheet")
        return BlindSheet(self._record, self._record.report(row.id), self._registers, n, person)

    def blind(self, person: Person, report: str) -> int | None:
        """The number of a coder's own open blind assignment of a report, if there is one."""
        chosen = select(ASSIGNMENTS.c.n).join(REPORTS, REPORTS.c.n == ASSIGNMENTS.c.report_n)
        mine = and_(ASSIGNMENTS.c.person_n == (person.n or 0), ASSIGNMENTS.c.blind, ASSIGNMENTS.c.settled_at.is_(None))
        with self._record.reading() as connection:
            return connection.execute(chosen.where(REPORTS.c.id == report, mine)).scalar()

    def all(self) -> list[Assignment]:
        """All blind assignments, report by report."""
        return self._found(_select().where(ASSIGNMENTS.c.blind).order_by(ASSIGNMENTS.c.report_n, ASSIGNMENTS.c.n))

    def both(self, person: Person, report: str) -> Both:
        """The two sheets of a report, to adjudicate. Raises Forbidden before both are handed in, and to their coders."""
        person.need(Right.adjudicate)
        found = self._found(_select().where(ASSIGNMENTS.c.blind, REPORTS.c.id == report).order_by(ASSIGNMENTS.c.n))
        if len(found) != 2:
            raise MahdarError(f"{report}: there is no double coding of this report")
        if not all(one.finished_at for one in found):
            raise Forbidden("not both coders have handed this report in")
        if person.name in (found[0].person, found[1].person):
            raise Forbidden("you coded this report yourself; somebody else adjudicates it")
        return self._both(found[0], found[1])

    def agreement(self) -> tuple[list[FieldAgreement], int]:
        """Agreement on each field over all reports that two coders have handed in, and how many those are."""
        pairs: list[Pair] = []
        reports = 0
        found = self.all()
        for left, right in pairwise(found):
            if left.report == right.report and left.finished_at and right.finished_at:
                reports += 1
                pairs += self._both(left, right).pairs
        return agreement(pairs), reports

    def settle(self, person: Person, report: str, choices: Sequence[Choice], why: str = "") -> None:
        """Put what was chosen into the record, all at once. Raises MahdarError unless every pair is chosen on."""
        both = self.both(person, report)
        if both.left.settled_at:
            raise MahdarError("this report has been adjudicated")
        if sorted(choice.pair for choice in choices) != list(range(len(both.pairs))):
            raise MahdarError("choose for every claim whose coding holds")
        final = [c for c in (chosen_claim(both.pairs[choice.pair], choice) for choice in choices) if c is not None]
        if len({claim.id for claim in final}) < len(final):
            raise MahdarError("one claim was chosen twice")
        now = {coded.claim.id: coded for coded in both.sheet.coded()}
        said = f"adjudicated between {both.left.person} and {both.right.person}" + (f": {why}" if why.strip() else "")
        with self._record.writing() as writer:
            settle = _Decider(writer, person.name, said)
            for claim in final:
                held = now.pop(claim.id, None)
                if held is None:
                    settle("add", claim.id, 0, claim)
                else:
                    settle("accept" if held.claim == claim else "edit", claim.id, held.version, claim)
            for held in now.values():
                settle("reject", held.claim.id, held.version, None)
            writer.connection.execute(
                update(ASSIGNMENTS)
                .where(ASSIGNMENTS.c.n.in_([both.left.n, both.right.n]))
                .values(settled_at=writer.now)
            )
            writer.log("assignment", report, {"settled": [both.left.n, both.right.n], "by": person.name})

    def _both(self, left: Assignment, right: Assignment) -> Both:
        report = self._record.report(left.report)
        coded: list[list[Coded]] = []
        for one in (left, right):
            owner = self._people.get(one.person)
            coded.append(BlindSheet(self._record, report, self._registers, one.n, owner).coded())
        shared = SharedSheet(self._record, report, self._registers)
        return Both(shared, left, right, tuple(pair(coded[0], coded[1])))

    def _found(self, chosen: Select[Any]) -> list[Assignment]:
        with self._record.reading() as connection:
            return [_assignment(row) for row in connection.execute(chosen)]


class _Decider:
    """Decisions of one adjudication, in one transaction."""

    def __init__(self, writer: Writer, who: str, why: str) -> None:
        self._writer, self._who, self._why = writer, who, why

    def __call__(self, action: Action, claim: str, version: int, after: Claim | None) -> None:
        decide(self._writer, action, "claim", claim, who=self._who, expected=version, why=self._why, after=after)


def chosen_claim(pair: Pair, choice: Choice) -> Claim | None:
    """The claim that a choice makes of a pair; None where there is to be none.

    Raises MahdarError where the side that was chosen has no claim, or the other has no value to take over.
    """
    left, right = (coded.claim if coded and kept(coded) else None for coded in pair)
    if choice.side == "none":
        return None
    taken, other = (left, right) if choice.side == "left" else (right, left)
    if taken is None:
        raise MahdarError("the coder whose coding was chosen has no such claim")
    changes: dict[str, Any] = {}
    for name in choice.fields:
        if other is None:
            raise MahdarError("only one coder has this claim; there is no other value to take")
        if name == "time_precision":
            changes["time"] = replace(changes.get("time", taken.time), precision=other.time.precision)
        elif name == "time":
            precision = changes["time"].precision if "time" in changes else taken.time.precision
            changes["time"] = replace(other.time, precision=precision)
        elif name in SLOTS:
            changes[name] = getattr(other, name)
        else:
            raise MahdarError(f"{name!r} is no field to choose on")
    return replace(taken, **changes)


SLOTS = frozenset("type actors targets places geo_precision sources figures status scope".split())


def _select() -> Select[Any]:
    a = ASSIGNMENTS.c
    return (
        select(a.n, a.blind, a.given_at, a.version, a.finished_at, a.settled_at)
        .add_columns(PERSONS.c.name.label("person"), REPORTS.c.id.label("report"), REPORTS.c.title, REPORTS.c.name)
        .join(PERSONS, PERSONS.c.n == a.person_n)
        .join(REPORTS, REPORTS.c.n == a.report_n)
    )


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        row.n,
        row.report,
        row.title or row.name,
        row.person,
        row.blind,
        row.given_at,
        row.version > 0,
        row.finished_at,
        row.settled_at,
    )


def by_report(assignments: Sequence[Assignment]) -> Mapping[str, list[Assignment]]:
    """Assignments by their report, in order."""
    out: dict[str, list[Assignment]] = {}
    for one in assignments:
        out.setdefault(one.report, []).append(one)
    return out
