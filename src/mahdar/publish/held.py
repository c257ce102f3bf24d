"""The cases that a record holds: its incidents, of all or of a query, with their claims, reports and decisions.

Read a few hundred at a time, so memory does not grow with the record. The names that people marked as not to be published
are kept with the record (`marked`, `mark`), and every export withholds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from mahdar.intake import Retrieval
from mahdar.publish.case import Case, Custody, Document, State, Withheld
from mahdar.record import Record
from mahdar.record.deciding import decision_of
from mahdar.record.decisions import Decision
from mahdar.record.linking import in_parts
from mahdar.record.query import Query
from mahdar.record.rows import dump, load, report_of
from mahdar.record.search import everything
from mahdar.record.stored import StoredClaim, StoredIncident, reading_of, select_claims, stored_claim
from mahdar.record.tables import CLAIMS, DECISIONS, META, READINGS, REPORTS

AT_ONCE = 250  # incidents whose claims and reports are fetched together
MARKED = "withheld"  # the key of `meta`


def cases(record: Record, query: Query | None = None, *, texts: bool = True) -> Iterator[Case]:
    """The cases of the record's incidents that the query finds (by default all), in its order.

    Without `texts` what only the house's own exports may carry is left out, which halves the time: the reports' clean
    texts and custody, and the decisions themselves.
    """
    incidents: Iterator[StoredIncident]
    if query is None:
        incidents = record.incidents()
    else:
        found = everything(record, query.replace(find="incidents"))
        incidents = (one for one in found if isinstance(one, StoredIncident))
    bound = _bound(record.decisions("incident")) if texts else {}
    while batch := list(islice(incidents, AT_ONCE)):
        with record.reading() as connection:
            yield from _cases(connection, batch, texts, bound)


def marked(record: Record) -> tuple[Withheld, ...]:
    """The names that people marked as not to be published, anywhere in the record."""
    with record.reading() as connection:
        value = connection.execute(select(META.c.value).where(META.c.key == MARKED)).scalar()
    return load(tuple[Withheld, ...], value) if value else ()


def mark(record: Record, names: Sequence[Withheld]) -> None:
    """Keeps these names, and no others, as not to be published. That it was done is logged, the names are not."""
    with record.writing() as writer:
        writer.connection.execute(delete(META).where(META.c.key == MARKED))
        writer.connection.execute(insert(META).values(key=MARKED, value=dump(tuple(names), tuple[Withheld, ...])))
        writer.log("note", MARKED, {"names": len(names)})


def _bound(decided: Iterable[Decision]) -> dict[str, list[str]]:
    """Claim id -> the incidents, perhaps no longer there, that people merged it into or split it off."""
    bound: dict[str, list[str]] = defaultdict(list)
    for decision in decided:
        if decision.action in ("merge", "split"):
            for claim in chain(decision.after.get("together", ()), *decision.after.get("apart", ())):
                bound[claim].append(decision.subject)
    return bound


def _cases(
    connection: Connection, incidents: Sequence[StoredIncident], texts: bool, bound: Mapping[str, Sequence[str]]
) -> Iterator[Case]:
    claims = _claims(connection, {id for one in incidents for id in one.incident.claims})
    reports = _documents(connection, {c.claim.report for c in claims.values()}, texts)
    subjects = [*claims, *(one.incident.id for one in incidents)]
    last = _last_decisions(connection, subjects)
    tied = {subject for claim in claims for subject in bound.get(claim, ())}
    decided = _decisions(connection, {*subjects, *reports, *tied}) if texts else {}
    for one in incidents:
        held = [claims[id] for id in one.incident.claims if id in claims]
        told = [reports[id] for id in dict.fromkeys(c.claim.report for c in held) if id in reports]
        own = [one.incident.id, *(c.claim.id for c in held)]
        times = [last[id] for id in own if id in last]
        times += [read_at for _, _, read_at in told]
        about = {*own, *(document.id for document, _, _ in told), *(s for c in held for s in bound.get(c.claim.id, ()))}
        taken = (decision for id in about for decision in decided.get(id, ()))
        yield Case(
            one.incident,
            tuple(c.claim for c in held),
            tuple(document for document, _, _ in told),
            tuple((c.claim.id, _state(c, one)) for c in held),
            max(times, default=None),
            ", ".join(dict.fromkeys(reader for _, reader, _ in told)),
            decisions=tuple(sorted(taken, key=lambda d: (d.kind, d.subject, d.version))),
        )


def _state(claim: StoredClaim, incident: StoredIncident) -> State:
    """What was decided on the claim; of one that nobody decided on by itself, what was decided on its incident."""
    return claim.review if claim.review != "suggested" else incident.review


def _claims(connection: Connection, ids: Iterable[str]) -> dict[str, StoredClaim]:
    rows = connection.execute(select_claims().where(CLAIMS.c.id.in_(list(ids))))
    return {row.id: stored_claim(row) for row in rows}


def _documents(connection: Connection, ids: Iterable[str], texts: bool) -> dict[str, tuple[Document, str, str]]:
    """Report id -> the document, the reader that read it last, and when."""
    r, read = REPORTS.c, READINGS.c
    columns = [r.id, r.name, r.title, r.outlet, r.published, r.url, r.retrieved_at, r.archive_sha256, r.text_sha256]
    columns += [r.retrieval, read.reader, read.read_at]
    if texts:
        columns += [r.text, r.extractor, r.given_id, r.country, r.furniture, r.captions]
        columns += [read.relations, read.unread_start, read.unread_end]
    chosen = select(*columns).join(READINGS, (read.report_n == r.n) & read.current).where(r.id.in_(list(ids)))
    out = {}
    for row in connection.execute(chosen):
        retrieval = load(Retrieval, row.retrieval)
        facts = (row.title, row.outlet, row.published, row.url, row.retrieved_at)
        hashes = (retrieval.original or row.archive_sha256, row.text_sha256)
        own = (row.text, row.name, _custody(row, retrieval)) if texts else (None, row.name)
        out[row.id] = (Document(row.id, *facts, *hashes, *own), row.reader, row.read_at)
    return out


def _custody(row: Row[Any], retrieval: Retrieval) -> Custody:
    """What the record keeps of a report, as it was where the report was first archived."""
    report = report_of(row._mapping)
    reading = reading_of(report, row, ())
    return Custody(
        replace(retrieval, retrieved_at=row.retrieved_at, original=None),
        row.extractor,
        row.reader,
        row.read_at,
        row.given_id,
        report.country,
        report.furniture,
        report.captions,
        reading.relations,
        reading.unread,
    )


def _decisions(connection: Connection, subjects: Iterable[str]) -> dict[str, list[Decision]]:
    """Subject -> the decisions on it."""
    taken: dict[str, list[Decision]] = defaultdict(list)
    for part in in_parts(list(subjects)):
        for row in connection.execute(select(DECISIONS).where(DECISIONS.c.subject.in_(part))):
            taken[row.subject].append(decision_of(row))
    return taken


def _last_decisions(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """Subject -> when it was last decided on."""
    last: dict[str, str] = defaultdict(str)
    chosen = select(DECISIONS.c.subject, DECISIONS.c.at).where(DECISIONS.c.subject.in_(subjects))
    for row in connection.execute(chosen):
        last[row.subject] = max(last[row.subject], row.at)
    return last


def about(format: str, profile: str, query: Query | None, files: Iterable[tuple[str, str]]) -> dict[str, object]:
    """What the record's log keeps of an export: never the cases, and no query, which may name somebody."""
    return {"format": format, "profile": profile, "all": query is None, "files": dict(files)}
