"""Adding to a record: what was read in documents becomes rows, all of a batch or none of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, select

from mahdar.intake import Document
from mahdar.model import Claim, MahdarError, Reading, Report
from mahdar.record.archive import digest
from mahdar.record.log import canonical, sha256_of_row
from mahdar.record.rows import Standing, claim_row, dump, relations_json, report_id, report_row, text_sha256, unfounded
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
    writer: Writer, batch: Sequence[tuple[Document, Reading, str]], *, read_at: Mapping[str, str] | None = None
) -> list[Added]:
    """The rows of documents, each with the reading of its identified report and the SHA-256 of its archived bytes.

    `read_at` says when reports (by id) were read that another record held: these are taken whatever else here has the same
    words, for what was decided there names them and their claims by id.
    """
    held = Held(writer.connection, [document for document, _, _ in batch])
    rows = _Rows(writer, read_at or {})
    added = []
    for document, reading, archive_sha256 in batch:
        report = reading.report
        if known := held.again(document) if read_at is None else held.same(document):
            added.append(Added(report.name, "known", known))
            continue
        held.take(document)
        writer.archive.enter(archive_sha256, document.data, writer.connection)
        rows.report(document, archive_sha256, reading)
        added.append(Added(report.name, "added", report.id, len(reading.claims)))
    rows.write()
    return added


class Held:
    """The reports of a record that have the texts of some documents: which of these come again?

    The same text is the same report if it comes from the same address (a feed gives a page a new day whenever it is
    touched), or if its outlet is no other one, and its day no other one either unless the bytes are the same. What is
    not said is not another one: a page saved by hand tells less of itself than the feed that led to it.
    """

    def __init__(self, connection: Connection, documents: Sequence[Document]) -> None:
        self._by_text: dict[str, list[tuple[str, _Facts]]] = defaultdict(list)
        r = REPORTS.c
        texts = [text_sha256(document.report.text) for document in documents]
        facts_of = (r.url, r.archive_sha256, r.outlet, r.published)
        found = select(r.text_sha256, r.id, *facts_of).where(r.text_sha256.in_(texts)).order_by(r.n)
        for text, id, *facts in connection.execute(found):
            self._by_text[text].append((id, _Facts(*facts)))

    def again(self, document: Document) -> str | None:
        """The id of the report that a document brings again, if any."""
        facts = _facts(document)
        held = self._by_text[text_sha256(document.report.text)]
        return self.same(document) or next((id for id, its in held if its.may_be(facts)), None)

    def same(self, document: Document) -> str | None:
        """Its id, if the record has a report of this id."""
        id = report_id(document.report)
        return id if any(id == other for other, _ in self._by_text[text_sha256(document.report.text)]) else None

    def take(self, document: Document) -> None:
        """A document is of the record now."""
        self._by_text[text_sha256(document.report.text)].append((report_id(document.report), _facts(document)))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What tells reports of the same words apart."""

    url: str | None
    archive_sha256: str
    outlet: str | None
    published: str | None

    def may_be(self, other: _Facts) -> bool:
        if self.url and self.url == other.url:
            return True
        same_day = self.archive_sha256 == other.archive_sha256 or _no_other(self.published, other.published)
        return same_day and _no_other(self.outlet, other.outlet)


def _no_other(one: str | None, two: str | None) -> bool:
    return not one or not two or one == two


def _facts(document: Document) -> _Facts:
    report = document.report
    return _Facts(document.retrieval.final_url, digest(document.data), report.outlet, report.published)


class _Rows:
    """Rows gathered over a batch, so that each table is written once."""

    def __init__(self, writer: Writer, read_at: Mapping[str, str]) -> None:
        self._writer = writer
        self._read_at = read_at
        self._reports: list[dict[str, Any]] = []
        self._readings: list[dict[str, Any]] = []
        self._claims: list[dict[str, Any]] = []
        self._versions: list[dict[str, Any]] = []
        self._details: list[tuple[int, Claim]] = []

    def report(self, document: Document, archive_sha256: str, reading: Reading) -> None:
        writer = self._writer
        row = report_row(document, archive_sha256, writer.now)
        n = writer.number(REPORTS)
        self._reports.append({"n": n, **row})
        log_report(writer, row)
        listed = []
        for claim in reading.claims:
            body = dump(claim, Claim)
            sha256 = text_sha256(body)
            listed.append([claim.id, sha256])
            number = writer.number(CLAIMS)
            self._claims.append({"n": number, "report_n": n, **claim_row(claim, reading.report, Standing())})
            self._versions.append({"claim_n": number, "machine": body, "machine_sha256": sha256})
            self._details.append((number, claim))
        self._readings.append(reading_row(writer, n, reading, listed, self._read_at.get(row["id"])))

    def write(self) -> None:
        self._writer.insert(REPORTS, self._reports)
        self._writer.insert(READINGS, self._readings)
        self._writer.insert(CLAIMS, self._claims)
        self._writer.insert(CLAIM_VERSIONS, self._versions)
        self._writer.put_details(self._details)


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
    writer: Writer, report_n: int, reading: Reading, listed: list[list[str]], read_at: str | None = None
) -> dict[str, Any]:
    """The row of a reading, which the log vouches for; `listed` are its claims' ids and hashes in order."""
    row = {
        "n": writer.number(READINGS),
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
