"""Incidents under review: all that is known of one, and what people decide on it.

Which claims belong together is decided, not stored by hand: a merge or a split is a decision, and linking the incidents
it touches anew carries it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mahdar.corroboration import link
from mahdar.model import Claim, Incident, MahdarError, Report
from mahdar.record import Record
from mahdar.record.deciding import decisions as decided
from mahdar.record.decisions import Decision, holding
from mahdar.record.rows import report_of
from mahdar.record.stored import StoredClaim, StoredIncident
from mahdar.record.tables import INCIDENT_CLAIMS, INCIDENTS, REPORTS
from mahdar.review.people import Person, Right


@dataclass(frozen=True, slots=True)
class Case:
    """One incident with its claims, their reports, and what was decided on it and on its claims, latest first."""

    stored: StoredIncident
    claims: tuple[StoredClaim, ...]
    reports: dict[str, Report]
    decisions: tuple[Decision, ...]

    def of_report(self, report: str) -> list[StoredClaim]:
        return [s for s in self.claims if s.claim.report == report]

    def claim(self, id: str) -> Claim | None:
        return next((s.claim for s in self.claims if s.claim.id == id), None)


class Incidents:
    """The incidents of one record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def case(self, id: str) -> Case:
        """All that is known of an incident. Raises MahdarError if there is none of that id."""
        stored = self._record.incident(id)
        wanted = [*stored.incident.claims, *stored.incident.recalled]
        by_id = {s.claim.id: s for s in self._record.claims(ids=wanted)}
        claims = tuple(by_id[c] for c in dict.fromkeys(wanted) if c in by_id)
        with self._record.reading() as connection:
            meant = {s.claim.report for s in claims}
            rows = connection.execute(select(REPORTS).where(REPORTS.c.id.in_(meant)))
            reports = {row.id: report_of(row._mapping) for row in rows}
            on = decided(connection, kind="incident", subjects=[stored.incident.id])
            on += decided(connection, kind="claim", subjects=wanted)
        on.sort(key=lambda d: (d.at, d.version), reverse=True)
        return Case(stored, claims, reports, tuple(on))

    def accept(self, person: Person, id: str, version: int) -> None:
        self._decide(person, "accept", id, version)

    def reject(self, person: Person, id: str, version: int, why: str) -> None:
        self._decide(person, "reject", id, version, why)

    def comment(self, person: Person, id: str, version: int, why: str) -> None:
        person.need(Right.comment)
        self._record.decide("comment", "incident", id, who=person.name, expected=version, why=why)

    def merge(self, person: Person, id: str, version: int, others: Sequence[str], why: str = "") -> str:
        """The incidents are one; the id of the one that now holds the claims. Others may be given by their beginning."""
        person.need(Right.decide)
        whole = [self._record.incident(other.strip()).incident.id for other in others if other.strip()]
        if not whole or id in whole:
            raise MahdarError("name another incident to merge with")
        claims = self._record.incident(id).incident.claims
        self._record.decide("merge", "incident", id, who=person.name, expected=version, why=why, after=whole)
        self._relink([id, *whole])
        return self._holding(claims[0])

    def split(self, person: Person, id: str, version: int, apart: Sequence[str], why: str = "") -> list[str]:
        """The claims named are another event; the ids of the incidents that now hold them all."""
        person.need(Right.decide)
        case = self._record.incident(id).incident
        self._record.decide("split", "incident", id, who=person.name, expected=version, why=why, after=[list(apart)])
        self._relink([id])
        kept = [c for c in case.claims if c not in apart]
        return list(dict.fromkeys(self._holding(c) for c in (*kept, *apart)))

    def undo(self, person: Person, id: str, version: int) -> list[str]:
        """Take back the person's last decision on the incident, and link anew what it touched; the incidents then.

        Raises MahdarError where the last decision that holds is somebody else's.
        """
        person.need(Right.decide)
        mine = [d for d in holding(self._record.decisions("incident", id)) if d.action != "comment"]
        if not mine or mine[-1].who != person.name:
            raise MahdarError("there is nothing of yours to take back on this incident")
        last = mine[-1]
        self._record.decide("undo", "incident", id, who=person.name, expected=version, undoes=last.id)
        after = last.after or {}
        touched = list(
            dict.fromkeys([*after.get("together", []), *(c for group in after.get("apart", []) for c in group)])
        )
        if not touched:
            return [id]
        self._relink(list(dict.fromkeys(self._holding(c) for c in touched)))
        return list(dict.fromkeys(self._holding(c) for c in touched))

    def _decide(self, person: Person, action: str, id: str, version: int, why: str = "") -> None:
        person.need(Right.decide)
        self._record.decide(action, "incident", id, who=person.name, expected=version, why=why)  # type: ignore[arg-type]

    def _relink(self, only: Sequence[str]) -> None:
        """Sort the claims of these incidents afresh; ids stay with most of their claims."""
        known = [stored.incident for stored in self._record.incidents(ids=only)]

        def again(claims: Iterable[Claim], reports: Iterable[Report], on: Sequence[Decision]) -> list[Incident]:
            return link(claims, reports, on, known, anew=True)

        self._record.relink(again, only=only)

    def _holding(self, claim: str) -> str:
        """The incident that a claim now belongs to."""
        with self._record.reading() as connection:
            found = connection.execute(
                select(INCIDENTS.c.id)
                .join(INCIDENT_CLAIMS, INCIDENT_CLAIMS.c.incident_n == INCIDENTS.c.n)
                .where(INCIDENT_CLAIMS.c.claim == claim)
            ).scalar()
        if found is None:
            raise MahdarError(f"claim {claim} is in no incident")
        return str(found)
