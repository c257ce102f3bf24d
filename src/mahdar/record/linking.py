"""Incidents: what corroboration made of the claims is kept, and made anew when claims or decisions changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from mahdar.model import Claim, Incident, Report
from mahdar.record.deciding import decisions, incident_standing
from mahdar.record.decisions import Decision, holding
from mahdar.record.rows import incident_row, report_of
from mahdar.record.stored import select_claims, stored_claim
from mahdar.record.tables import CLAIMS, DECISIONS, INCIDENT_CLAIMS, INCIDENTS, READINGS, REPORTS
from mahdar.record.writer import Writer

if TYPE_CHECKING:
    from mahdar.record.record import Record

Link = Callable[[Iterable[Claim], Iterable[Report], Sequence[Decision]], Iterable[Incident]]
"""What corroboration offers: claims that are not rejected, their reports, the decisions that hold -> incidents."""

_MANY = 500  # values in one IN (…): SQLite takes no more than some thousands


def put(writer: Writer, incidents: Iterable[Incident], *, gone: Iterable[str] = ()) -> int:
    """Keep incidents by id, in place of those of the same id, and drop those `gone`; how many were kept.

    What was decided on an incident stays with its id. Nothing is logged where nothing changes.
    """
    connection = writer.connection
    kept = {incident.id: incident for incident in incidents}
    known = {row.id: row for row in _chosen(connection, [*kept, *gone])}
    dropped = [known[id] for id in dict.fromkeys(gone) if id in known and id not in kept]
    changed: dict[str, str] = {}
    by_subject = _by_subject(decisions(connection, kind="incident"))
    for row in dropped:
        _clear(connection, row.n)
        connection.execute(delete(INCIDENTS).where(INCIDENTS.c.n == row.n))
    for incident in kept.values():
        columns = incident_row(incident, **incident_standing(by_subject.get(f"incident {incident.id}", [])))
        old = known.get(incident.id)
        if old is not None and old.sha256 == columns["sha256"]:
            continue
        changed[incident.id] = columns["sha256"]
        if old is None:
            n = writer.number(INCIDENTS)
            connection.execute(insert(INCIDENTS).values(n=n, **columns))
        else:
            n = old.n
            _clear(connection, n)
            connection.execute(update(INCIDENTS).where(INCIDENTS.c.n == n).values(**columns))
        recalled = set(incident.recalled)
        members = dict.fromkeys([*incident.claims, *incident.recalled])
        writer.insert(INCIDENT_CLAIMS, [{"incident_n": n, "claim": c, "recalled": c in recalled} for c in members])
        _point(connection, list(members), incident.id)
    if changed or dropped:
        writer.log("incidents", "", {"put": changed, "gone": sorted(row.id for row in dropped)})
    return len(kept)


def relink(record: Record, link: Link, *, only: Iterable[str] | None = None) -> int:
    """Make the incidents anew (`only`: those, of their claims alone) and keep them; how many there are of them.

    Linking runs outside the transaction; should claims or decisions change meanwhile, it is done again.
    """
    while True:
        with record.reading() as connection:
            state = _state(connection)
            old = set(only) if only is not None else set(connection.execute(select(INCIDENTS.c.id)).scalars())
            members = _members(connection, old) if only is not None else None
            reports = {row.n: report_of(row._mapping) for row in connection.execute(select(REPORTS))}
            rows = connection.execute(select_claims().where(CLAIMS.c.review != "rejected"))
            claims = [stored_claim(row).claim for row in rows if members is None or row.id in members]
            held = [d for of in _by_subject(decisions(connection)).values() for d in holding(of)]
        meant = {claim.report for claim in claims}
        found = list(link(claims, [r for r in reports.values() if r.id in meant], held))
        with record.writing() as writer:
            if _state(writer.connection) == state:
                return put(writer, found, gone=old)


def _state(connection: Connection) -> tuple[int, ...]:
    """Changes with every reading and every decision."""
    tables = (READINGS, DECISIONS)
    return tuple(connection.execute(select(func.coalesce(func.max(t.c.n), 0))).scalar_one() for t in tables)


def _members(connection: Connection, incidents: Iterable[str]) -> set[str]:
    numbers = [row.n for row in _chosen(connection, list(incidents))]
    return {
        claim
        for part in in_parts(numbers)
        for claim in connection.execute(
            select(INCIDENT_CLAIMS.c.claim).where(INCIDENT_CLAIMS.c.incident_n.in_(part))
        ).scalars()
    }


def _chosen(connection: Connection, ids: Sequence[str]) -> list[Any]:
    columns = select(INCIDENTS.c.n, INCIDENTS.c.id, INCIDENTS.c.sha256)
    return [row for part in in_parts(ids) for row in connection.execute(columns.where(INCIDENTS.c.id.in_(part)))]


def _clear(connection: Connection, n: int) -> None:
    """Take an incident's claims off it."""
    id = connection.execute(select(INCIDENTS.c.id).where(INCIDENTS.c.n == n)).scalar_one()
    connection.execute(delete(INCIDENT_CLAIMS).where(INCIDENT_CLAIMS.c.incident_n == n))
    connection.execute(update(CLAIMS).where(CLAIMS.c.incident == id).values(incident=None))


def _point(connection: Connection, claims: Sequence[str], incident: str) -> None:
    for part in in_parts(claims):
        connection.execute(update(CLAIMS).where(CLAIMS.c.id.in_(part)).values(incident=incident))


def in_parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + _MANY] for at in range(0, len(values), _MANY))


def _by_subject(decided: Iterable[Decision]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for decision in decided:
        found.setdefault(f"{decision.kind} {decision.subject}", []).append(decision)
    return found
