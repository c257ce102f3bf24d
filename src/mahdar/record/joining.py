"""New claims join the incidents of a record: only what lies near them is looked at again, whatever the record's size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, func, or_, select

from mahdar.codebook.event_types import EVENT_TYPES
from mahdar.corroboration import link
from mahdar.corroboration.features import KIN
from mahdar.model import Claim, Incident, Report
from mahdar.record.deciding import decisions
from mahdar.record.decisions import Decision, holding
from mahdar.record.linking import in_parts, put
from mahdar.record.rows import report_of
from mahdar.record.stored import select_claims, stored_claim, stored_incident
from mahdar.record.tables import CLAIMS, INCIDENT_CLAIMS, INCIDENTS, REPORTS
from mahdar.record.writer import Writer
from mahdar.when.days import days

if TYPE_CHECKING:
    from mahdar.record.record import Record

NEAR = timedelta(days=31)
"""How far apart in days claims of one event may be told to lie."""
BATCH = 500
"""New claims joined at a time: bounds memory, and what an interruption costs."""


def join_new(record: Record) -> Iterable[int]:
    """Join every claim that belongs to no incident yet; yields how many claims were looked at, batch by batch."""
    after = 0
    while True:
        with record.reading() as connection:
            new = connection.execute(
                select(CLAIMS.c.n, CLAIMS.c.id, CLAIMS.c.type, CLAIMS.c.country, CLAIMS.c.start, CLAIMS.c.end)
                .where(CLAIMS.c.incident.is_(None), CLAIMS.c.review != "rejected", CLAIMS.c.scope != "total")
                .where(CLAIMS.c.n > after)
                .order_by(CLAIMS.c.n)
                .limit(BATCH)
            ).all()
            near = _near(connection, new)
        if not new:
            return
        decided = record.decisions()
        known = [stored.incident for part in in_parts(near) for stored in record.incidents(ids=part)]
        wanted = {row.id for row in new} | {id for incident in known for id in incident.claims}
        stored = (s for part in in_parts(sorted(wanted)) for s in record.claims(ids=part))
        claims = [s.claim for s in stored if s.review != "rejected"]
        reports = [record.report(id).report for id in dict.fromkeys(claim.report for claim in claims)]
        found = link(claims, reports, held(decided), known)
        with record.writing() as writer:
            if decisions(writer.connection) != decided:
                continue  # somebody decided meanwhile: these claims again
            put(writer, found, gone=[incident.id for incident in known])
        after = new[-1].n
        yield len(new)


def link_anew(record: Record) -> int:
    """Sort all claims afresh; incidents keep their ids as far as most of their claims stay together. How many there are."""
    known = [stored.incident for stored in record.incidents()]

    def again(claims: Iterable[Claim], reports: Iterable[Report], decided: Sequence[Decision]) -> list[Incident]:
        return link(claims, reports, decided, known, anew=True)

    return record.relink(again)


def take_out(writer: Writer, claims: Sequence[str]) -> None:
    """Take claims that are no longer what they were out of their incidents, which are made again of the rest and keep their
    ids. `join_new` then joins the claims anew."""
    connection = writer.connection
    old = [
        stored_incident(row).incident
        for part in in_parts(claims)
        for row in connection.execute(
            select(INCIDENTS)
            .where(INCIDENTS.c.n.in_(select(INCIDENT_CLAIMS.c.incident_n).where(INCIDENT_CLAIMS.c.claim.in_(part))))
            .order_by(INCIDENTS.c.n)
        )
    ]
    known = list({incident.id: incident for incident in old}.values())
    left = sorted({id for incident in known for id in incident.claims} - set(claims))
    stored = [
        stored_claim(row)
        for part in in_parts(left)
        for row in connection.execute(select_claims().where(CLAIMS.c.id.in_(part), CLAIMS.c.review != "rejected"))
    ]
    reports = {
        row.id: report_of(row._mapping)
        for part in in_parts(sorted({s.claim.report for s in stored}))
        for row in connection.execute(select(REPORTS).where(REPORTS.c.id.in_(part)))
    }
    found = link([s.claim for s in stored], reports.values(), held(decisions(connection)), known)
    put(writer, found, gone=[incident.id for incident in known])


def held(decided: Iterable[Decision]) -> list[Decision]:
    """The decisions that hold, in the order they were made."""
    by_subject: dict[tuple[str, str], list[Decision]] = {}
    for decision in decided:
        by_subject.setdefault((decision.kind, decision.subject), []).append(decision)
    return sorted((d for of in by_subject.values() for d in holding(of)), key=lambda d: (d.at, d.id))


def _near(connection: Connection, new: Iterable[Any]) -> list[str]:
    """Ids of the incidents of the kinds of act, countries and days of new claims. What is not told keeps nothing out."""
    found: set[str] = set()
    start = func.coalesce(INCIDENTS.c.start, INCIDENTS.c.end)
    end = func.coalesce(INCIDENTS.c.end, INCIDENTS.c.start)
    for types, country, first, last in {_neighbourhood(row) for row in new}:
        chosen = select(INCIDENTS.c.id).where(INCIDENTS.c.type.in_(types))
        if country:
            chosen = chosen.where(or_(INCIDENTS.c.country == country, INCIDENTS.c.country.is_(None)))
        if first and last:  # ISO texts: "2020" sorts before "2020-04", so that a year or month is let in at both ends
            chosen = chosen.where(or_(start.is_(None), and_(start <= last, end >= first[:4])))
            chosen = chosen.where(or_(end.is_(None), end >= first, func.length(end) < len(first)))
        found.update(connection.execute(chosen).scalars())
    return sorted(found)


def _neighbourhood(row: Any) -> tuple[tuple[str, ...], str | None, str | None, str | None]:
    families = KIN[EVENT_TYPES[row.type].family]
    types = tuple(code for code, event in EVENT_TYPES.items() if event.family in families)
    first, last = days(row.start or row.end, row.end or row.start)
    if first is None or last is None:
        return types, row.country, None, None
    return types, row.country, (first - NEAR).isoformat(), (last + NEAR).isoformat()
