"""The record: what was read, what people decided, and the proof of both. One object, the same on SQLite and PostgreSQL.

    with Record.open("syria") as record:
        for added in record.add("reports/", "https://example.org/story"):
            print(added.name, added.state, added.claims)
        for found in record.claims():
            print(found.review, found.claim.type, found.claim.time.start)

Reading goes through `reading()` and sees one state; writing through `writing()`, one at a time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, insert, or_, select

from mahdar.intake import Document, Refusal, open_documents
from mahdar.intake.document import tool
from mahdar.model import Incident, MahdarError, Reading, Report
from mahdar.record import adding, copying, deciding, linking, log, rereading, timestamp, verifying
from mahdar.record.adding import Added
from mahdar.record.alone import Alone, reason, shipped_reader
from mahdar.record.archive import Archive, DatabaseArchive, FolderArchive
from mahdar.record.database import FILE, Database, is_address, upgrade
from mahdar.record.decisions import Action, Decision, Kind
from mahdar.record.linking import Link
from mahdar.record.log import Head, LogRow
from mahdar.record.rereading import Reread
from mahdar.record.rows import Facts, report_of
from mahdar.record.stored import (
    ReportLine,
    Status,
    StoredClaim,
    StoredIncident,
    StoredReport,
    reading_of,
    select_claims,
    select_lines,
    status_of,
    stored_claim,
    stored_incident,
    stored_report,
)
from mahdar.record.tables import CLAIMS, INCIDENTS, LOG, META, READINGS, REPORTS
from mahdar.record.timestamp import Stamp
from mahdar.record.verifying import Fault
from mahdar.record.writer import Writer

if TYPE_CHECKING:
    from mahdar.intake.fetch import Fetch
    from mahdar.reading.reader import ReadsAlong, ReadsReports
    from mahdar.record.query import Query
    from mahdar.record.search import Page

_STREAMED = {"yield_per": 200}  # rows held at a time
_OWN = ("archive", "cache")  # what a record's folder holds beside its database

Source = str | Path | bytes | BinaryIO | Document


class Record:
    """One record, open. Safe to use from several threads; several processes may have it open at once."""

    def __init__(self, database: Database, archive: Archive, id: str) -> None:
        self._database = database
        self.archive = archive
        self.id = id

    # Opening

    @classmethod
    def create(cls, where: str | Path, *, archive: str | Path | None = None) -> Record:
        """A new record: in a folder that is new or empty, or in a database `postgresql://…` without tables of ours.

        `archive` is the folder of original bytes of a record in PostgreSQL; without it they go into the database.
        Raises MahdarError where a record is already, or anything else.
        """
        in_database = is_address(where)
        if not in_database:
            _make_folder(Path(where))
        database = Database.at(str(where)) if in_database else Database.in_folder(Path(where))
        try:
            with database.writing() as connection:
                database.check_empty(connection)
                upgrade(connection)
                meta = {"record": uuid.uuid4().hex, "archive": "folder" if archive or not in_database else "database"}
                connection.execute(insert(META), [{"key": key, "value": value} for key, value in meta.items()])
                store = _archive(database, where, archive, meta["archive"])
                writer = Writer(connection, store)
                writer.log("created", meta["record"], {"tool": tool(), "archive": meta["archive"]})
                writer.done()
        except BaseException:
            database.close()
            raise
        return cls(database, store, meta["record"])

    @classmethod
    def open(cls, where: str | Path, *, archive: str | Path | None = None) -> Record:
        """A record that is there, brought up to this version of mahdar in place where it is older.

        Raises MahdarError where there is none, where it cannot be reached, or where a newer mahdar made it.
        """
        in_database = is_address(where)
        if not in_database and not (Path(where) / FILE).is_file():
            raise MahdarError(f"{where}: is no record; `mahdar init` makes one")
        database = Database.at(str(where)) if in_database else Database.in_folder(Path(where))
        try:
            database.bring_up_to_date()
            with database.reading() as connection:
                meta = {row.key: row.value for row in connection.execute(select(META))}
            store = _archive(database, where, archive, meta["archive"])
        except BaseException:
            database.close()
            raise
        return cls(database, store, meta["record"])

    @property
    def where(self) -> str:
        """Where it is, as messages say it: a folder, or an address without its password."""
        return self._database.name

    @property
    def engine(self) -> Engine:
        return self._database.engine

    @property
    def sqlite(self) -> bool:
        return self._database.sqlite

    @property
    def writable(self) -> bool:
        return self._database.writable

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self, *, verbatim: bool = False) -> Iterator[Connection]:
        """One consistent state of everything, for queries on `tables`; `verbatim`: broken texts are given as they are."""
        with self._database.reading(verbatim=verbatim) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """The write lock and a transaction: all of it is kept when the block ends, nothing if it raises."""
        with self._database.writing() as connection:
            writer = Writer(connection, self.archive)
            yield writer
            writer.done()

    # Adding

    def add(
        self,
        *sources: Source,
        reader: ReadsReports | None = None,
        published: str | None = None,
        outlet: str | None = None,
        pool: ReadsAlong | None = None,
        fetch: Fetch | None = None,
    ) -> Iterator[Added]:
        """Read the reports of `sources` (what `mahdar.read` takes, or documents) and keep them, each in its own
        transaction: what has been yielded is kept, whatever happens next.

        `published` (an ISO day) and `outlet` hold for every report. A report that is known changes nothing; one that
        cannot be taken is told (`Added.state`) and stops no other. A `pool` (`mahdar.scale.pool`) reads in place of the
        one `reader`; `fetch` replaces the fetcher for addresses. Raises MahdarError where the record cannot be written.
        """
        for found, reading in (pool or Alone(reader)).along(
            self._to_read(_documents(sources, fetch), published, outlet)
        ):
            if isinstance(found, Added):
                yield found
            elif isinstance(reading, Reading):
                try:
                    adding.check_reading(reading, adding.identified(found))
                except MahdarError as error:
                    yield _refused(found.report.name, error)
                else:
                    yield from self.store([(found, reading)])
            elif reading is not None:
                yield _refused(reading.name, reading)

    def _to_read(
        self, documents: Iterable[Document | Refusal], published: str | None, outlet: str | None
    ) -> Iterator[tuple[Document | Added, Report | None]]:
        """Each document with its report as it is to be read; where there is nothing to read, what became of it."""
        for found in documents:
            if isinstance(found, Refusal):
                yield _refused(found.name, found), None
                continue
            document = _overridden(found, published, outlet)
            report = adding.identified(document)
            if known := self._holds(document):
                yield Added(report.name, "known", known), None
                continue
            try:
                adding.check_report(report)
            except MahdarError as error:
                yield _refused(report.name, error), None
            else:
                yield document, report

    def store(self, batch: Sequence[tuple[Document, Reading]]) -> list[Added]:
        """Keep documents that were read already, all in one transaction. Their readings must be of the report as
        `adding.identified` gives it, and are taken at their word (`adding.check_reading`).
        """
        originals = (document.data for document, _ in batch)
        with self._database.told(), self.archive.putting(*originals) as arriving, self.writing() as writer:
            return adding.store(writer, batch, arriving)

    def _holds(self, document: Document) -> str | None:
        facts = Facts.of(document)
        with self.reading() as connection:
            return adding.Held(connection, [facts]).again(facts)

    def knows(self, report_id: str) -> bool:
        """Whether a report of this id (`rows.report_id`) is in the record."""
        with self.reading() as connection:
            return connection.execute(select(REPORTS.c.n).where(REPORTS.c.id == report_id)).first() is not None

    # Looking

    def reports(self, *, after: int = 0) -> Iterator[StoredReport]:
        """All reports in the order they were added, those numbered up to `after` left out."""
        with self.reading() as connection:
            chosen = select(REPORTS).where(REPORTS.c.n > after).order_by(REPORTS.c.n)
            for row in connection.execute(chosen, execution_options=_STREAMED):
                yield stored_report(row)

    def report(self, id: str) -> StoredReport:
        """One report by its id, its id's beginning (four characters or more), or the id that its input gave it.

        Raises MahdarError where none or several are meant.
        """
        with self.reading() as connection:
            rows = _meant(connection, select(REPORTS), REPORTS.c.id, id, REPORTS.c.given_id == id)
        exact = [row for row in rows if id in (row.id, row.given_id)] or rows
        if len(exact) != 1:
            raise MahdarError(f"{id}: {'no report' if not exact else 'more than one report'} of the record has this id")
        return stored_report(exact[0])

    def lines(self, *, after: int = 0) -> Iterator[ReportLine]:
        """All reports in the order they were added, without their texts."""
        with self.reading() as connection:
            chosen = select_lines().where(REPORTS.c.n > after)
            for row in connection.execute(chosen, execution_options=_STREAMED):
                yield ReportLine(*row)

    def claim_readings(self, *, rejected: bool = False, report: str | None = None) -> Iterator[Reading]:
        """Each report (or the one of this id) with its claims as they stand, as a reader would give it: what
        `mahdar.publish` prints. Rejected claims are left out unless wanted.
        """
        with self.reading() as connection:
            chosen = select(REPORTS).order_by(REPORTS.c.n)
            if report is not None:
                chosen = chosen.where(REPORTS.c.id == report)
            for row in connection.execute(chosen, execution_options=_STREAMED):
                of_report = select_claims().where(CLAIMS.c.report_n == row.n)
                if not rejected:
                    of_report = of_report.where(CLAIMS.c.review != "rejected")
                current = select(READINGS).where(READINGS.c.report_n == row.n, READINGS.c.current)
                claims = [stored_claim(claim).claim for claim in connection.execute(of_report)]
                yield reading_of(report_of(row._mapping), connection.execute(current).one(), claims)

    def status(self) -> Status:
        """How much there is of everything, and the head of the log."""
        with self.reading() as connection:
            return status_of(connection, self.where)

    def original(self, report_id: str) -> bytes:
        """The bytes that a report was made of, as archived."""
        with self._database.told():
            return self.archive.get(self.report(report_id).archive_sha256)

    def claims(self, *, report: str | None = None, ids: Iterable[str] | None = None) -> Iterator[StoredClaim]:
        """Claims as they stand, in the order they were added: all, those of a report (its id), or those of `ids`."""
        chosen = select_claims()
        if report is not None:
            chosen = chosen.join(REPORTS, REPORTS.c.n == CLAIMS.c.report_n).where(REPORTS.c.id == report)
        if ids is not None:
            chosen = chosen.where(CLAIMS.c.id.in_(list(ids)))
        with self.reading() as connection:
            for row in connection.execute(chosen, execution_options=_STREAMED):
                yield stored_claim(row)

    def claim(self, id: str) -> StoredClaim:
        """One claim by its id or its id's beginning (four characters or more). Raises MahdarError as `report` does."""
        with self.reading() as connection:
            rows = _meant(connection, select_claims(), CLAIMS.c.id, id)
        if len(rows) != 1:
            raise MahdarError(f"{id}: {'no claim' if not rows else 'more than one claim'} of the record has this id")
        return stored_claim(rows[0])

    def incidents(self, *, ids: Iterable[str] | None = None) -> Iterator[StoredIncident]:
        """Incidents as the last linking made them: all in the order they were first made, or those of `ids`."""
        chosen = select(INCIDENTS).order_by(INCIDENTS.c.n)
        if ids is not None:
            chosen = chosen.where(INCIDENTS.c.id.in_(list(ids)))
        with self.reading() as connection:
            for row in connection.execute(chosen, execution_options=_STREAMED):
                yield stored_incident(row)

    def incident(self, id: str) -> StoredIncident:
        """One incident by its id, or its id's beginning (four characters or more). Raises MahdarError as `report`."""
        with self.reading() as connection:
            rows = _meant(connection, select(INCIDENTS), INCIDENTS.c.id, id)
        if len(rows) != 1:
            raise MahdarError(
                f"{id}: {'no incident' if not rows else 'several incidents'} of the record: name the whole id"
            )
        return stored_incident(rows[0])

    def search(self, query: Query, *, facets: Sequence[str] | None = None) -> Page:
        """The page of claims, incidents or reports that a query asks for, with counts by facet (`search.FACETS`)."""
        from mahdar.record.search import search

        return search(self, query, facets=facets)

    # Deciding and linking

    def decide(
        self,
        action: Action,
        kind: Kind,
        subject: str,
        *,
        who: str,
        expected: int,
        why: str = "",
        after: Any = None,
        undoes: str | None = None,
    ) -> Decision:
        """What a person decides on a claim, an incident or a report, by its id; kept with who, when, before and after.

        `expected` is the version that was looked at (`StoredClaim.version`, 0 where nothing was decided yet). `after`:
        of edit and add, the whole claim as it is to stand; of merge, the ids of the other incidents; of split, groups of
        claim ids. reject, not_coded and comment say `why`; undo names the decision it `undoes`. Merging and splitting
        bind the next `relink`.

        Raises Conflict where somebody else decided in the meantime, MahdarError for what cannot be.
        """
        with self.writing() as writer:
            return deciding.decide(
                writer, action, kind, subject, who=who, expected=expected, why=why, after=after, undoes=undoes
            )

    def decisions(self, kind: Kind | None = None, subject: str | None = None) -> list[Decision]:
        """The decisions on one subject, on all of a kind, or all, in the order they were taken; those undone too."""
        with self.reading() as connection:
            return deciding.decisions(connection, kind=kind, subjects=None if subject is None else [subject])

    def put_incidents(self, incidents: Iterable[Incident], *, gone: Iterable[str] = ()) -> int:
        """Keep incidents by id and drop those `gone`; how many were kept."""
        with self.writing() as writer:
            return linking.put(writer, incidents, gone=gone)

    def relink(self, link: Link, *, only: Iterable[str] | None = None) -> int:
        """Make the incidents anew by `link`, or `only` those named, of their own claims; how many there are of them."""
        return linking.relink(self, link, only=only)

    # Reading again

    def reread(self, reader: ReadsReports | None = None, *, pool: ReadsAlong | None = None) -> Iterator[Reread]:
        """Read every report anew that this version of the reader did not read last, each in its own transaction, and
        tell what changed. What people decided stands. Stopped and begun again, it goes on where it was. A `pool` of
        such readers (`mahdar.scale.pool`) reads in place of the one `reader`.
        """
        reader = reader or shipped_reader()
        return rereading.reread(self, reader.version, pool or Alone(reader))

    # Proof

    def verify(
        self, *, expected: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Iterator[Fault]:
        """Everything that does not hold together: archive, texts, log, claims, decisions, incidents. Nothing: all does.

        `expected` is a head hash kept elsewhere, which the log must have had. `progress` is told how many reports were
        looked at, of how many.
        """
        return verifying.verify(self, expected=expected, progress=progress)

    # Copies

    def backup(self, to: str | Path, *, progress: Callable[[int, int], None] | None = None) -> None:
        """Copy the record into a folder that is new or empty; the copy is a record itself, of one state.

        `progress` is told how many archived files were copied, of how many.
        """
        copying.backup(self, Path(to), progress)

    @classmethod
    def restore(
        cls,
        backup: str | Path,
        where: str | Path,
        *,
        archive: str | Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Record:
        """Copy a backup to where there is no record yet, and open it there; `archive` as for `create`."""
        with cls.open(backup) as source:
            copying.restore(source, where, archive, progress)
        return cls.open(where, archive=archive)

    # The log

    def head(self) -> Head:
        """How long the log is and the hash that stands for all of it."""
        with self.reading() as connection:
            return log.head(connection)

    def log(self, *, since: int = 0) -> Iterator[LogRow]:
        """The rows of the log after number `since`, oldest first."""
        with self.reading() as connection:
            chosen = select(LOG).where(LOG.c.seq > since).order_by(LOG.c.seq)
            for row in connection.execute(chosen, execution_options=_STREAMED):
                yield LogRow(*row)

    def note(self, kind: str, subject: str, values: dict[str, Any]) -> Head:
        """Log something that left or entered the record otherwise: an import, an export, a time stamp."""
        with self.writing() as writer:
            writer.log(kind, subject, values)
        return self.head()

    def stamp(self, authority: str) -> Stamp:
        """Let an authority (the address of an RFC 3161 service) stamp the head of the log with the time; its answer is
        logged. Only the hash is sent. Raises MahdarError where it does not answer or refuses.
        """
        stamped = timestamp.stamp(self.head(), authority)
        self.note("stamp", authority, stamped.values())
        return stamped


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [f.name for f in folder.iterdir() if not f.name.startswith(FILE) and f.name not in _OWN]
    except OSError as error:
        raise MahdarError(f"{folder}: no record can be made there ({error.strerror})") from error
    if others:
        raise MahdarError(f"{folder}: holds other things ({others[0]}); a record wants a folder of its own")


def _archive(database: Database, where: str | Path, given: str | Path | None, kind: str) -> Archive:
    if kind == "database":
        return DatabaseArchive(database.engine)
    if given is None and is_address(where):
        raise MahdarError(f"{database.name}: keeps its original bytes in a folder; name it (--archive)")
    folder = Path(given) if given is not None else Path(where) / "archive"
    if database.writable:
        with database.told():
            folder.mkdir(parents=True, exist_ok=True)
    return FolderArchive(folder)


def _meant(
    connection: Connection, chosen: Select[Any], id: ColumnElement[Any], typed: str, *else_: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """The row of an id; where there is none, some of those whose id begins so (four characters or more) or that are
    meant otherwise. Whole ids are asked for by themselves: an index finds them, and a beginning is looked for in every row.
    """
    rows = connection.execute(chosen.where(id == typed)).all()
    others = [*else_, *([id.startswith(typed, autoescape=True)] if len(typed) >= 4 else [])]
    return rows if rows or not others else connection.execute(chosen.where(or_(*others)).limit(3)).all()


def _documents(sources: Iterable[Source], fetch: Fetch | None) -> Iterator[Document | Refusal]:
    for source in sources:
        if isinstance(source, Document):
            yield source
        else:
            yield from open_documents(source, fetch=fetch)


def _refused(name: str, error: MahdarError) -> Added:
    return Added(name, "refused", reason=reason(name, error))


def _overridden(document: Document, published: str | None, outlet: str | None) -> Document:
    report = document.report
    return replace(
        document,
        report=replace(report, published=published or report.published, outlet=outlet or report.outlet),
    )
