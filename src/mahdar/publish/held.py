"""The cases that a record holds: its incidents, of all or of a query, with their claims, reports and decisions.

Read a few hundred at a time, so memory does not grow with the record. The names that people marked as not to be published
are kept with the record (`marked`, `mark`), and every export withholds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, delete, insert, select

from mahdar.publish.case import Case, Document, State, Withheld
from mahdar.record import Record
from mahdar.record.query import Query
from mahdar.record.rows import dump, load
from mahdar.record.search import everything
from mahdar.record.stored import StoredClaim, StoredIncident, select_claims, stored_claim
from mahdar.record.tables import CLAIMS, DECISIONS, META, READINGS, REPORTS

AT_ONCE = 250  # incidents whose claims and reports are fetched together
MARKED = "withheld"  # the key of `meta`


def cases(record: Record, query: Query | None = None, *, texts: bool = True) -> Iterator[Case]:
    """The cases of the record's incidents that the query finds (by default all), in its order.

    Without `texts` the reports' clean texts are left out: half the time, for exports that may not carry them.
    """
    incidents: Iterator[StoredIncident]
    if query is None:
        incidents = record.incidents()
    else:
        found = everything(record, query.replace(find="incidents"))
        incidents = (one for one in found if isinstance(one, StoredIncident))
    while batch := list(islice(incidents, AT_ONCE)):
        with record.reading() as connection:
            yield from _cases(connection, batch, texts)


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


def _cases(connection: Connection, incidents: Sequence[StoredIncident], texts: bool) -> Iterator[Case]:
    claims = _claims(connection, {id for one in incidents for id in one.incident.claims})
    reports = _documents(connection, {c.claim.report for c in claims.values()}, texts)
    decided = _last_decisions(connection, [*claims, *(one.incident.id for one in incidents)])
    for one in incidents:
        held = [claims[id] for id in one.incident.claims if id in claims]
        told = [reports[id] for id in dict.fromkeys(c.claim.report for c in held) if id in reports]
        times = [decided[id] for id in (one.incident.id, *(c.claim.id for c in held)) if id in decided]
        times += [read_at for _, _, read_at in told]
        yield Case(
            one.incident,
            tuple(c.claim for c in held),
            tuple(document for document, _, _ in told),
            tuple((c.claim.id, _state(c, one)) for c in held),
            max(times, default=None),
            ", ".join(dict.fromkeys(reader for _, reader, _ in told)),
        )


def _state(claim: StoredClaim, incident: StoredIncident) -> State:
    """What was decided on the claim; of one that nobody decided on by itself, what was decided on its incident."""
    return claim.review if claim.review != "suggested" else incident.review


def _claims(connection: Connection, ids: Iterable[str]) -> dict[str, StoredClaim]:
    rows = connection.execute(select_claims().where(CLAIMS.c.id.in_(list(ids))))
    return {row.id: stored_claim(row) for row in rows}


def _documents(connection: Connection, ids: Iterable[str], texts: bool) -> dict[str, tuple[Document, str, str]]:
    """Report id -> the document, the reader that read it last, and when."""
    r = REPORTS.c
    columns = [r.id, r.name, r.title, r.outlet, r.published, r.url, r.retrieved_at, r.archive_sha256, r.text_sha256]
    chosen = (
        select(*columns, READINGS.c.reader, READINGS.c.read_at, *([r.text] if texts else []))
        .join(READINGS, (READINGS.c.report_n == r.n) & READINGS.c.current)
        .where(r.id.in_(list(ids)))
    )
    out = {}
    for row in connection.execute(chosen):
        facts = (row.title, row.outlet, row.published, row.url, row.retrieved_at, row.archive_sha256, row.text_sha256)
        out[row.id] = (Document(row.id, *facts, row.text if texts else None, row.name), row.reader, row.read_at)
    return out


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
