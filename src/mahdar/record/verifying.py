"""Verifying: does everything in a record still fit together? Each thing that does not is named.

- the log: every row carries the hash of its content and of the row before, without a gap;
- each report: its row, its text and its original bytes have the hashes that the log tells;
- each reading and each version of a claim: the hashes that the log tells through the reading;
- each claim: its words stand in the text where it says, and its columns, actors and places are those of its JSON;
- each decision: as logged, and the claims and incidents stand as the decisions say;
- each incident: as the log last told it.

Rows that no row of the log vouches for are named too. Only cutting off the end of the log together with all it vouches
for leaves no trace inside: that is what a head hash kept elsewhere is for (`expected`).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Table, func, select

from mahdar.model import Claim, Incident, MahdarError, Relation, Report
from mahdar.record.adding import reading_payload, report_payload
from mahdar.record.archive import digest
from mahdar.record.deciding import decision_of, decision_payload, incident_standing, standing, standing_claim
from mahdar.record.decisions import Decision
from mahdar.record.log import START, Head, canonical, row_hash
from mahdar.record.rows import actor_rows, claim_row, incident_row, load, place_rows, report_of, text_sha256, unfounded
from mahdar.record.stored import stored_report
from mahdar.record.tables import (
    CLAIM_ACTORS,
    CLAIM_PLACES,
    CLAIM_VERSIONS,
    CLAIMS,
    DECISIONS,
    FORMER_CLAIMS,
    INCIDENT_CLAIMS,
    INCIDENTS,
    LOG,
    META,
    READINGS,
    REPORTS,
)

if TYPE_CHECKING:
    from mahdar.record.record import Record

_PART = 200  # reports looked at in one go
_STREAMED = {"yield_per": 500}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: `kind` and `subject` name it, `reason` ends the sentence."""

    kind: str
    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.reason}"


def verify(
    record: Record, *, expected: str | None = None, progress: Callable[[int, int], None] | None = None
) -> Iterator[Fault]:
    """Everything that does not hold, in the state at the time of the call; nothing where all holds.

    `expected` is a head hash that was kept elsewhere: it must be the hash of some row. `progress` is told how many
    reports were looked at, of how many.
    """
    with record.reading(verbatim=True) as connection:
        yield from _database(record, connection)
        told = _Told()
        yield from _log(connection, told, expected)
        yield from _meta(connection, record, told)
        decided = _Decided()
        yield from _decisions(connection, told, decided)
        yield from _Reports(record, connection, told, decided, progress).faults()
        yield from _incidents(connection, told, decided)


@dataclass(slots=True)
class _Told:
    """What the log vouches for."""

    record: str = ""
    reports: dict[str, bytes] = field(default_factory=dict)  # id -> mark of what the log says of it
    readings: dict[int, tuple[str, bytes]] = field(default_factory=dict)  # n -> report, mark
    decisions: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # id -> subject, mark
    incidents: dict[str, str] = field(default_factory=dict)  # id -> hash


@dataclass(slots=True)
class _Decided:
    """The decisions by kind and subject, in order."""

    by_subject: dict[tuple[str, str], list[Decision]] = field(default_factory=lambda: defaultdict(list))

    def on(self, kind: str, subject: str) -> list[Decision]:
        return self.by_subject.get((kind, subject), [])


def _database(record: Record, connection: Connection) -> Iterator[Fault]:
    if record.sqlite:
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check(10)"):
            if said != "ok":
                yield Fault("database", record.where, said.splitlines()[0])


def _log(connection: Connection, told: _Told, expected: str | None) -> Iterator[Fault]:
    last = Head(0, START)
    met = expected is None
    for row in connection.execute(select(LOG).order_by(LOG.c.seq), execution_options=_STREAMED):
        name = f"row {row.seq}"
        if row.seq != last.seq + 1:
            yield Fault("log", name, f"does not follow on row {last.seq}: rows between are missing")
        if row.previous != last.hash:
            yield Fault("log", name, "does not carry the hash of the row before")
        if row.hash != row_hash(row.previous, row.seq, row.at, row.kind, row.subject, row.payload):
            yield Fault("log", name, "was altered: its hash does not fit what it says")
        last = Head(row.seq, row.hash)
        met = met or row.hash == expected
        try:
            _take(told, row)
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Fault("log", name, "says what no log says")
    if not met:
        yield Fault("log", f"row {last.seq}", f"no row up to it has the hash {expected} that was kept")


def _take(told: _Told, row: Row[Any]) -> None:
    payload = json.loads(row.payload)
    match row.kind:
        case "created":
            told.record = row.subject
        case "report":
            told.reports[row.subject] = _mark(payload)
        case "reading":
            told.readings[payload["n"]] = row.subject, _mark(payload)
        case "decision":
            told.decisions[payload["id"]] = row.subject, _mark(payload)
        case "incidents":
            told.incidents.update(payload["put"])
            for id in payload["gone"]:
                told.incidents.pop(id, None)


def _mark(payload: dict[str, Any]) -> bytes:
    """What stands for a payload in memory: a record may hold a million."""
    return hashlib.sha256(canonical(payload).encode("ascii")).digest()


def _meta(connection: Connection, record: Record, told: _Told) -> Iterator[Fault]:
    meta = {row.key: row.value for row in connection.execute(select(META))}
    if told.record != meta.get("record"):
        yield Fault("record", record.where, "does not bear the id that its log began with")


def _decisions(connection: Connection, told: _Told, decided: _Decided) -> Iterator[Fault]:
    left = dict(told.decisions)
    for row in connection.execute(select(DECISIONS).order_by(DECISIONS.c.n), execution_options=_STREAMED):
        subject, mark = left.pop(row.id, (None, None))
        if mark is None:
            yield Fault("decision", row.id, "is in no row of the log")
        elif mark != _mark(decision_payload(row._asdict())) or subject != f"{row.kind} {row.subject}":
            yield Fault("decision", row.id, "was altered: its hash is not the logged one")
        try:
            decision = decision_of(row)
        except ValueError:
            continue  # named above: no JSON that was logged is broken
        so_far = decided.by_subject[decision.kind, decision.subject]
        so_far.append(decision)
        if decision.version != len(so_far):
            yield Fault("decision", row.id, f"is number {len(so_far)} on its subject, not {decision.version}")
    for id in left:
        yield Fault("decision", id, "is logged but missing")


class _Reports:
    """The reports with all that hangs on them, a part at a time."""

    def __init__(
        self,
        record: Record,
        connection: Connection,
        told: _Told,
        decided: _Decided,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._record = record
        self._connection = connection
        self._told = told
        self._decided = decided
        self._progress = progress
        self._readings_left = set(told.readings)
        self._claims_seen = 0

    def faults(self) -> Iterator[Fault]:
        total = self._connection.execute(select(func.count()).select_from(REPORTS)).scalar_one()
        missing = set(self._told.reports)
        last, done = 0, 0
        while rows := self._connection.execute(
            select(REPORTS).where(REPORTS.c.n > last).order_by(REPORTS.c.n).limit(_PART)
        ).all():
            part = _Part(self._connection, rows[0].n, rows[-1].n)
            for row in rows:
                missing.discard(row.id)
                yield from self._report(row, part)
            self._claims_seen += part.claims_count
            last, done = rows[-1].n, done + len(rows)
            if self._progress:
                self._progress(done, total)
        for id in sorted(missing):
            yield Fault("report", id, "is logged but missing")
        for n in sorted(self._readings_left):
            yield Fault("reading", str(n), f"of report {self._told.readings[n][0]} is logged but missing")
        yield from self._strays()

    def _report(self, row: Row[Any], part: _Part) -> Iterator[Fault]:
        name, mark = row.id, self._told.reports.get(row.id)
        if mark is None:
            yield Fault("report", name, "is in no row of the log")
        elif mark != _mark(report_payload(row._asdict())):
            yield Fault("report", name, "was altered: its hashes are not the logged ones")
        if text_sha256(row.text) != row.text_sha256:
            yield Fault("text", name, "was altered: its hash does not fit")
        yield from self._archive(row)
        try:
            report = report_of(row._mapping)
            stored_report(row)
        except (MahdarError, ValueError, TypeError) as error:
            yield Fault("report", name, f"cannot be understood ({error})")
            return
        read = _Read()
        for reading in part.readings[row.n]:
            yield from self._reading(reading, report, read)
        for former in part.former[row.n]:
            which = f"of reading {former.reading_n}"
            if text_sha256(former.machine) != former.machine_sha256:
                yield Fault("former claim", former.id, f"{which} was altered: its hash does not fit")
            elif not read.has(former.id, former.machine_sha256, former.reading_n):
                yield Fault("former claim", former.id, f"{which} is not in that reading's list")
        for claim in part.claims[row.n]:
            yield from _Claim(claim, part, self._decided.on("claim", claim.id)).faults(report, read)
        for id, _ in sorted(read.listed - read.met):
            yield Fault("claim", id, f"of report {name} was read but is missing")

    def _archive(self, row: Row[Any]) -> Iterator[Fault]:
        try:
            data = self._record.archive.get(row.archive_sha256)
        except (MahdarError, OSError, ValueError) as error:
            yield Fault("archive", str(row.archive_sha256), f"of report {row.id} cannot be had ({error})")
            return
        if digest(data) != row.archive_sha256:
            yield Fault("archive", row.archive_sha256, f"of report {row.id} was altered: its hash does not fit")

    def _reading(self, row: Row[Any], report: Report, read: _Read) -> Iterator[Fault]:
        name = str(row.n)
        self._readings_left.discard(row.n)
        subject, mark = self._told.readings.get(row.n, (None, None))
        if mark is None:
            yield Fault("reading", name, f"of report {report.id} is in no row of the log")
        elif mark != _mark(reading_payload(row._asdict())) or subject != report.id:
            yield Fault("reading", name, f"of report {report.id} was altered: its hash is not the logged one")
        try:
            pairs = [(str(id), str(sha256)) for id, sha256 in json.loads(row.claims)]
            relations = load(tuple[Relation, ...], row.relations)
        except (MahdarError, ValueError, TypeError) as error:
            yield Fault("reading", name, f"of report {report.id} cannot be understood ({error})")
            return
        if words := unfounded(relations, report.text):
            yield Fault("reading", name, f"has {words.text!r}, which does not stand in report {report.id}")
        read.listed.update(pairs)
        read.by_reading[row.n] = frozenset(pairs)
        if row.current:
            if read.current is not None:
                yield Fault("report", report.id, "has two current readings")
            read.current = dict(pairs)

    def _strays(self) -> Iterator[Fault]:
        """Rows that hang on nothing."""
        count = self._connection.execute(select(func.count()).select_from(CLAIMS)).scalar_one()
        if count != self._claims_seen:
            yield Fault("claims", "of no report", f"are in the record: {count - self._claims_seen}")
        for table, column, of in (
            (CLAIM_VERSIONS, CLAIM_VERSIONS.c.claim_n, CLAIMS),
            (CLAIM_ACTORS, CLAIM_ACTORS.c.claim_n, CLAIMS),
            (CLAIM_PLACES, CLAIM_PLACES.c.claim_n, CLAIMS),
            (FORMER_CLAIMS, FORMER_CLAIMS.c.reading_n, READINGS),
            (READINGS, READINGS.c.report_n, REPORTS),
            (INCIDENT_CLAIMS, INCIDENT_CLAIMS.c.incident_n, INCIDENTS),
        ):
            stray = self._connection.execute(
                select(func.count()).select_from(table).where(column.not_in(select(of.c.n)))
            ).scalar_one()
            if stray:
                yield Fault("rows", f"of {table.name}", f"hang on nothing: {stray}")


@dataclass(slots=True)
class _Read:
    """What the readings of one report list: ids of claims with hashes of what the machine read."""

    listed: set[tuple[str, str]] = field(default_factory=set)
    by_reading: dict[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    current: dict[str, str] | None = None  # of the current reading
    met: set[tuple[str, str]] = field(default_factory=set)

    def has(self, id: str, sha256: str, reading: int | None = None) -> bool:
        """Whether any reading, or the one of this number, lists this version; it is met then."""
        self.met.add((id, sha256))
        return (id, sha256) in (self.listed if reading is None else self.by_reading.get(reading, ()))


class _Part:
    """What hangs on the reports numbered `first` to `last`, in a few queries."""

    def __init__(self, connection: Connection, first: int, last: int) -> None:
        self.readings = _grouped(
            connection.execute(select(READINGS).where(READINGS.c.report_n.between(first, last)).order_by(READINGS.c.n)),
            "report_n",
        )
        self.former = _grouped(
            connection.execute(
                select(FORMER_CLAIMS, READINGS.c.report_n)
                .join(READINGS, READINGS.c.n == FORMER_CLAIMS.c.reading_n)
                .where(READINGS.c.report_n.between(first, last))
            ),
            "report_n",
        )
        claims = connection.execute(
            select(CLAIMS, CLAIM_VERSIONS.c.machine, CLAIM_VERSIONS.c.machine_sha256, CLAIM_VERSIONS.c.decided)
            .outerjoin(CLAIM_VERSIONS, CLAIM_VERSIONS.c.claim_n == CLAIMS.c.n)
            .where(CLAIMS.c.report_n.between(first, last))
            .order_by(CLAIMS.c.n)
        ).all()
        self.claims_count = len(claims)
        self.claims = _grouped(claims, "report_n")
        self.actors = self._details(connection, CLAIM_ACTORS, first, last)
        self.places = self._details(connection, CLAIM_PLACES, first, last)
        self.incidents: dict[str, set[str]] = defaultdict(set)
        for row in connection.execute(
            select(INCIDENT_CLAIMS.c.claim, INCIDENTS.c.id)
            .join(INCIDENTS, INCIDENTS.c.n == INCIDENT_CLAIMS.c.incident_n)
            .join(CLAIMS, CLAIMS.c.id == INCIDENT_CLAIMS.c.claim)
            .where(CLAIMS.c.report_n.between(first, last))
        ):
            self.incidents[row.claim].add(row.id)

    def _details(self, connection: Connection, table: Table, first: int, last: int) -> dict[int, list[Row[Any]]]:
        return _grouped(
            connection.execute(
                select(table)
                .join(CLAIMS, CLAIMS.c.n == table.c.claim_n)
                .where(CLAIMS.c.report_n.between(first, last))
                .order_by(*table.primary_key.columns)
            ),
            "claim_n",
        )


class _Claim:
    """One claim with its versions."""

    def __init__(self, row: Row[Any], part: _Part, decided: list[Decision]) -> None:
        self._row = row
        self._part = part
        self._decided = decided

    def faults(self, report: Report, read: _Read) -> Iterator[Fault]:
        for reason in self._reasons(report, read):
            yield Fault("claim", self._row.id, f"of report {report.id} {reason}")

    def _reasons(self, report: Report, read: _Read) -> Iterator[str]:
        row = self._row
        current = (read.current or {}).get(row.id)
        if row.machine is None and row.decided is None:
            yield "has no content"
            return
        if row.machine is None:
            if row.machine_sha256 is not None or not self._decided:
                yield "was added by nobody"
        elif text_sha256(row.machine) != row.machine_sha256:
            yield "was altered: the hash of what the machine read does not fit"
        elif not read.has(row.id, row.machine_sha256) or current not in (None, row.machine_sha256):
            yield "is not as its reading lists it"
        try:
            machine = load(Claim, row.machine) if row.machine is not None else None
            kept = load(Claim, row.decided) if row.decided is not None else None
            claim = standing_claim(self._decided, machine, kept)
            how = standing(self._decided, row.machine_sha256, found=current is not None)
        except (MahdarError, ValueError, TypeError, KeyError) as error:
            yield f"cannot be understood ({error})"
            return
        if claim != (kept or machine):
            yield "does not stand as the decisions on it say"
        for version in filter(None, (machine, kept)):
            if words := unfounded(version, report.text):
                yield f"says {words.text!r}, which does not stand at {words.span.start} of the text"
        if claim.report != report.id:
            yield f"says that it is of report {claim.report}"
        yield from _differences("column", [claim_row(claim, report, how)], [row])
        yield from _differences("actor", actor_rows(claim), self._part.actors[row.n])
        yield from _differences("place", place_rows(claim), self._part.places[row.n])
        among = self._part.incidents.get(row.id, set())
        if (row.incident is None and among) or (row.incident is not None and row.incident not in among):
            yield f"says that it is of incident {row.incident}, which is not so"


def _incidents(connection: Connection, told: _Told, decided: _Decided) -> Iterator[Fault]:
    left = dict(told.incidents)
    members: dict[int, dict[str, bool]] = defaultdict(dict)
    for row in connection.execute(select(INCIDENT_CLAIMS), execution_options=_STREAMED):
        members[row.incident_n][row.claim] = row.recalled
    for row in connection.execute(select(INCIDENTS).order_by(INCIDENTS.c.n), execution_options=_STREAMED):
        sha256 = left.pop(row.id, None)
        if sha256 is None:
            yield Fault("incident", row.id, "is in no row of the log")
        if text_sha256(row.body) != row.sha256 or (sha256 is not None and sha256 != row.sha256):
            yield Fault("incident", row.id, "was altered: its hash does not fit")
        try:
            incident = load(Incident, row.body)
        except (MahdarError, ValueError) as error:
            yield Fault("incident", row.id, f"cannot be understood ({error})")
            continue
        columns = incident_row(incident, **incident_standing(decided.on("incident", row.id)))
        columns |= {"body": row.body, "sha256": row.sha256}  # compared above; a newer model may write it otherwise
        for reason in _differences("column", [columns], [row]):
            yield Fault("incident", row.id, reason)
        named = {claim: claim in incident.recalled for claim in (*incident.claims, *incident.recalled)}
        if named != members[row.n]:
            yield Fault("incident", row.id, "has other claims beside it than it names")
    for id in left:
        yield Fault("incident", id, "is logged but missing")


def _differences(what: str, wanted: Iterable[Mapping[str, Any]], rows: Iterable[Row[Any]]) -> Iterator[str]:
    """How rows differ from what their columns should be."""
    wanted, found = _in_order(wanted), _in_order(row._asdict() for row in rows)
    if len(wanted) != len(found):
        yield f"has {len(found)} rows of {what}s beside it, not {len(wanted)}"
        return
    for should, row in zip(wanted, found, strict=True):
        wrong = [name for name, value in should.items() if row[name] != value]
        if wrong:
            yield f"was altered: {what} {', '.join(wrong)} is not what its content says"


def _in_order(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (str(row.get("role")), str(row.get("position"))))


def _grouped(rows: Iterable[Row[Any]], key: str) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found
