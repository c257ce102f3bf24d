"""Adding to a record: what was read in documents becomes rows, all of a batch or none of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Table, select

from mahdar.intake import Document
from mahdar.model import Claim, MahdarError, Reading, Report
from mahdar.record import fulltext
from mahdar.record.archive import Arriving
from mahdar.record.log import canonical, sha256_of_row
from mahdar.record.rows import (
    Facts,
    Standing,
    claim_row,
    dump,
    relations_json,
    report_id,
    report_row,
    text_sha256,
    unfounded,
)
from mahdar.record.tables import CLAIM_VERSIONS, CLAIMS, READINGS, REPORTS
from mahdar.record.writer import Writer

_UNHELD = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one report: `state` and, of a report that was taken, its id in the record and how many claims.

    `known`: it was there already, and nothing changed. `refused`: `reason` says why, in a sentence's end.
    """

    name: str
    state: Literal["added", "known", "refused"]
    report: str | None = None
    claims: int = 0
    reason: str = ""


def identified(document: Document) -> Report:
    """The document's report under the id it has in every record, as a reader is to read it."""
    return replace(document.report, id=report_id(document.report))


def check_report(report: Report) -> None:
    """Raises MahdarError for a report that no database could hold."""
    for words in (report.text, report.title, report.outlet, report.published, report.country, report.name):
        if words and _UNHELD.search(words):
            raise MahdarError(f"{report.name}: holds a character that is none (NUL or half of a pair)")


def check_reading(reading: Reading, report: Report) -> None:
    """Raises MahdarError for a reading that is not of this report, or whose words do not stand in its text."""
    words = unfounded((reading.claims, reading.relations), report.text)
    if words:
        raise MahdarError(f"{report.name}: {reading.reader} read {words.text!r}, which does not stand there")
    if any(claim.report != report.id for claim in reading.claims):
        raise MahdarError(f"{report.name}: {reading.reader} read claims of another report")
    if len({claim.id for claim in reading.claims}) < len(reading.claims):
        raise MahdarError(f"{report.name}: {reading.reader} gave two claims one id")


def store(
    writer: Writer,
    batch: Sequence[tuple[Document, Reading]],
    arriving: Arriving,
    *,
    read_at: Mapping[str, str] | None = None,
) -> list[Added]:
    """The rows of documents, each with the reading of its identified report; their bytes are on the way to the archive.

    `read_at` says when reports (by id) were read that another record held: these are taken whatever else here has the same
    words, for what was decided there names them and their claims by id.
    """
    found = [Facts.of(document, sha256) for (document, _), sha256 in zip(batch, arriving.sha256, strict=True)]
    held = Held(writer.connection, found)
    added, new = [], []
    for (document, reading), facts in zip(batch, found, strict=True):
        report = reading.report
        if known := held.again(facts) if read_at is None else held.same(facts):
            added.append(Added(report.name, "known", known))
            continue
        held.take(facts)
        new.append(_New(writer, document, facts, reading))
        added.append(Added(report.name, "added", report.id, len(reading.claims)))
    _write(writer, new, read_at or {})
    arriving.settle({one.facts.archive_sha256 for one in new}, writer.connection)
    return added


class Held:
    """The reports of a record that have the texts of some documents: which of these come again?

    The same text is the same report if it comes from the same address (a feed gives a page a new day whenever it is
    touched), or if its outlet is no other one, and its day no other one either unless the bytes are the same. What is
    not said is not another one: a page saved by hand tells less of itself than the feed that led to it.
    """

    def __init__(self, connection: Connection, asked: Sequence[Facts]) -> None:
        self._by_text: dict[str, list[Facts]] = defaultdict(list)
        r = REPORTS.c
        facts = select(r.id, r.text_sha256, r.archive_sha256, r.url, r.outlet, r.published)
        found = facts.where(r.text_sha256.in_([one.text_sha256 for one in asked])).order_by(r.n)
        for row in connection.execute(found):
            self.take(Facts(*row))

    def again(self, facts: Facts) -> str | None:
        """The id of the report that comes again, if any."""
        held = self._by_text[facts.text_sha256]
        return self.same(facts) or next((its.id for its in held if _may_be(its, facts)), None)

    def same(self, facts: Facts) -> str | None:
        """Its id, if the record has a report of this id."""
        return facts.id if any(facts.id == its.id for its in self._by_text[facts.text_sha256]) else None

    def take(self, facts: Facts) -> None:
        """A report is of the record now."""
        self._by_text[facts.text_sha256].append(facts)


def _may_be(one: Facts, two: Facts) -> bool:
    if one.url and one.url == two.url:
        return True
    same_day = one.archive_sha256 == two.archive_sha256 or _no_other(one.published, two.published)
    return same_day and _no_other(one.outlet, two.outlet)


def _no_other(one: str | None, two: str | None) -> bool:
    return not one or not two or one == two


class _New:
    """A report to add, and the numbers that its rows get."""

    def __init__(self, writer: Writer, document: Document, facts: Facts, reading: Reading) -> None:
        self.document = document
        self.facts = facts
        self.reading = reading
        self.n = writer.number(REPORTS)
        self.reading_n = writer.number(READINGS)
        self.claims = [(writer.number(CLAIMS), claim) for claim in reading.claims]


def _write(writer: Writer, new: Sequence[_New], read_at: Mapping[str, str]) -> None:
    """Put the rows of reports into the tables, each of which is written once."""
    rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in (REPORTS, READINGS, CLAIMS, CLAIM_VERSIONS)}
    of_claims = [numbered for one in new for numbered in one.claims]
    with fulltext.entering(writer.connection, [(one.n, one.document.report) for one in new], of_claims):
        for one in new:
            row = report_row(one.document, one.facts, writer.now)
            rows[REPORTS].append({"n": one.n, **row})
            log_report(writer, row)
            listed = []
            for n, claim in one.claims:
                body = dump(claim, Claim)
                sha256 = text_sha256(body)
                listed.append([claim.id, sha256])
                rows[CLAIMS].append({"n": n, "report_n": one.n, **claim_row(claim, one.reading.report, Standing())})
                rows[CLAIM_VERSIONS].append({"claim_n": n, "machine": body, "machine_sha256": sha256})
            when = read_at.get(one.facts.id)
            rows[READINGS].append(reading_row(writer, one.reading_n, one.n, one.reading, listed, when))
    for table, values in rows.items():
        writer.insert(table, values)
    writer.put_details(of_claims)


def log_report(writer: Writer, row: dict[str, Any]) -> None:
    """The log's row for a new report: its archive, its text, and the hash of all its columns."""
    writer.log("report", row["id"], report_payload(row))


def report_payload(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log says of a report, from its columns."""
    return {
        "archive": row["archive_sha256"],
        "text": row["text_sha256"],
        "row": sha256_of_row(row, but=("n", "text")),
    }


def reading_row(
    writer: Writer, n: int, report_n: int, reading: Reading, listed: list[list[str]], read_at: str | None = None
) -> dict[str, Any]:
    """Row number `n` of the readings, which the log vouches for; `listed` are its claims' ids and hashes in order."""
    row = {
        "n": n,
        "report_n": report_n,
        "reader": reading.reader,
        "relations": relations_json(reading.relations),
        "unread_start": reading.unread.start if reading.unread else None,
        "unread_end": reading.unread.end if reading.unread else None,
        "claims": canonical(listed),
        "read_at": read_at or writer.now,
        "current": True,
    }
    writer.log("reading", reading.report.id, reading_payload(row))
    return row


def reading_payload(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log says of a reading; `current` is left out, for it passes to the next."""
    return {"n": row["n"], "row": sha256_of_row(row, but=("current",))}
