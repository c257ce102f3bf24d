"""What a record gives back: reports, claims and incidents as they stand, with what is known about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, select

from mahdar.intake import Retrieval
from mahdar.model import Claim, Incident, Reading, Relation, Report, Span
from mahdar.record.decisions import Review
from mahdar.record.log import Head, head
from mahdar.record.rows import load, report_of
from mahdar.record.tables import CLAIM_VERSIONS, CLAIMS, DECISIONS, INCIDENTS, META, READINGS, REPORTS


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report of the record. `archive_sha256` names its original bytes."""

    n: int
    report: Report
    given_id: str | None
    archive_sha256: str
    part: str | None
    media_type: str
    retrieval: Retrieval
    extractor: str
    text_sha256: str
    added_at: str


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """A claim as it stands (`claim`), beside what the machine reads (`machine`; None where a person added it).

    `version` counts the decisions on it. `found`: the last reading has it. `changed`: the last reading has it otherwise
    than the one that was decided on. `incident` is the id of the incident it belongs to, if linked.
    """

    n: int
    claim: Claim
    machine: Claim | None
    review: Review
    version: int
    found: bool
    changed: bool
    incident: str | None


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident as the last linking made it, and what people decided on it."""

    n: int
    incident: Incident
    review: Review
    version: int


def stored_report(row: Row[Any]) -> StoredReport:
    """From a row of `select(REPORTS)`."""
    return StoredReport(
        n=row.n,
        report=report_of(row._mapping),
        given_id=row.given_id,
        archive_sha256=row.archive_sha256,
        part=row.part,
        media_type=row.media_type,
        retrieval=load(Retrieval, row.retrieval),
        extractor=row.extractor,
        text_sha256=row.text_sha256,
        added_at=row.added_at,
    )


def select_claims() -> Select[Any]:
    """What `stored_claim` needs, in order of the claims' numbers; add conditions on `tables.CLAIMS`."""
    c = CLAIMS.c
    return (
        select(c.n, c.id, c.review, c.version, c.found, c.changed, c.incident, c.report_n)
        .add_columns(CLAIM_VERSIONS.c.machine, CLAIM_VERSIONS.c.decided)
        .join(CLAIM_VERSIONS, CLAIM_VERSIONS.c.claim_n == c.n)
        .order_by(c.n)
    )


def stored_claim(row: Row[Any]) -> StoredClaim:
    """From a row of `select_claims`."""
    machine = load(Claim, row.machine) if row.machine is not None else None
    decided = load(Claim, row.decided) if row.decided is not None else None
    claim = decided or machine
    assert claim is not None, f"claim {row.n} has neither a machine's version nor a person's"
    return StoredClaim(row.n, claim, machine, row.review, row.version, row.found, row.changed, row.incident)


def reading_of(report: Report, row: Row[Any], claims: Iterable[Claim]) -> Reading:
    """From a row of `select(READINGS)`, with the claims as they stand."""
    unread = Span(row.unread_start, row.unread_end) if row.unread_start is not None else None
    return Reading(report, tuple(claims), load(tuple[Relation, ...], row.relations), row.reader, unread)


def stored_incident(row: Row[Any]) -> StoredIncident:
    """From a row of `select(INCIDENTS)`."""
    return StoredIncident(row.n, load(Incident, row.body), row.review, row.version)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report in a list: no text, but how many claims it has that are not rejected."""

    n: int
    id: str
    name: str
    title: str | None
    outlet: str | None
    published: str | None
    added_at: str
    claims: int


def select_lines() -> Select[Any]:
    """What `ReportLine` holds, in the order reports were added."""
    c = REPORTS.c
    claims = (
        select(func.count())
        .select_from(CLAIMS)
        .where(CLAIMS.c.report_n == c.n, CLAIMS.c.review != "rejected")
        .scalar_subquery()
    )
    return select(c.n, c.id, c.name, c.title, c.outlet, c.published, c.added_at, claims.label("claims")).order_by(c.n)


@dataclass(frozen=True, slots=True)
class Status:
    """A record at a glance. `review` counts claims by what people decided, `readers` reports by what read them last."""

    where: str
    id: str
    engine: str
    archive: str
    reports: int
    claims: int
    review: dict[str, int]
    changed: int
    readers: dict[str, int]
    incidents: int
    unlinked: int
    decisions: int
    first_added: str | None
    last_added: str | None
    head: Head


def status_of(connection: Connection, where: str) -> Status:
    """Counts everything there is."""

    def one(chosen: Select[Any]) -> Any:
        return connection.execute(chosen).scalar()

    def count(table: Table, *conditions: ColumnElement[bool]) -> int:
        return int(one(select(func.count()).select_from(table).where(*conditions)))

    meta = {row.key: row.value for row in connection.execute(select(META))}
    review = connection.execute(select(CLAIMS.c.review, func.count()).group_by(CLAIMS.c.review))
    readers = connection.execute(
        select(READINGS.c.reader, func.count()).where(READINGS.c.current).group_by(READINGS.c.reader)
    )
    return Status(
        where=where,
        id=meta["record"],
        engine="SQLite" if connection.dialect.name == "sqlite" else "PostgreSQL",
        archive=meta["archive"],
        reports=count(REPORTS),
        claims=count(CLAIMS),
        review={row[0]: row[1] for row in review},
        changed=count(CLAIMS, CLAIMS.c.changed | ~CLAIMS.c.found, CLAIMS.c.version > 0),
        readers={row[0]: row[1] for row in readers},
        incidents=count(INCIDENTS),
        unlinked=count(CLAIMS, CLAIMS.c.incident.is_(None), CLAIMS.c.review != "rejected"),
        decisions=count(DECISIONS),
        first_added=one(select(func.min(REPORTS.c.added_at))),
        last_added=one(select(func.max(REPORTS.c.added_at))),
        head=head(connection),
    )
