"""What a record gives back: reports, claims and incidents as they stand, with what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from mahdar.intake import Retrieval
from mahdar.model import Claim, Incident, Report
from mahdar.record.decisions import Review
from mahdar.record.rows import load, report_of
from mahdar.record.tables import CLAIM_VERSIONS, CLAIMS


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


def stored_incident(row: Row[Any]) -> StoredIncident:
    """From a row of `select(INCIDENTS)`."""
    return StoredIncident(row.n, load(Incident, row.body), row.review, row.version)
