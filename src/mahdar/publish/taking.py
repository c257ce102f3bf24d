"""Taking over an export: the cases of another record's JSON lines become reports, claims, decisions and incidents of this one.

An export of the house's own (profile `internal`) holds all that it takes: texts, how the reports were retrieved, what was
read in them, what people decided, and the names that are marked as not to be published. Exporting what was taken over
gives the same lines to the byte. The original bytes stay with the record that has them: here the report as it was handed
over is archived in their place, and its retrieval keeps the SHA-256 of the original (`intake.Retrieval.original`).

What this record has already stands: a known report keeps its reading, a claim what was decided on it here, and an incident
whose claims are linked otherwise here, or in part not here, is left to linking.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, select

from mahdar.codebook import EVENT_TYPES
from mahdar.intake import Document as Taken
from mahdar.intake import Refusal
from mahdar.intake.document import tool
from mahdar.model import Claim, Incident, MahdarError, Reading, Report
from mahdar.publish.case import Case, Custody, Document, Withheld
from mahdar.publish.held import mark, marked
from mahdar.record import Record
from mahdar.record.adding import check_report, store
from mahdar.record.deciding import adopt
from mahdar.record.decisions import Kind, outcome
from mahdar.record.linking import in_parts, put
from mahdar.record.rows import dump, load, report_id, text_sha256, unfounded
from mahdar.record.tables import CLAIMS, INCIDENTS, REPORTS
from mahdar.record.writer import Writer

AT_ONCE = 100  # cases of one transaction
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Count:
    """What a part of an export came to: what is new in the record of each kind; incidents that it had, and that it left
    to linking; lines that were refused."""

    reports: int = 0
    claims: int = 0
    decisions: int = 0
    incidents: int = 0
    known: int = 0
    left: int = 0
    refused: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def take_over(record: Record, file: Path) -> Iterator[Count | Refusal]:
    """Takes the cases of a file of JSON lines into the record, some at a time, each part whole or not at all; begun again
    after an interruption, it goes on. A line that cannot be taken is told of and stops no other.

    Raises MahdarError where the file cannot be read or the record not be written.
    """
    try:
        with file.open("rb") as lines:
            export = _Export(lines, file.name)
            for refusal in export.survey():
                yield refusal
                yield Count(refused=1)
            if export.marks:
                mark(record, tuple(dict.fromkeys([*marked(record), *export.marks])))
            while cases := export.next(AT_ONCE):
                yield _take(record, export, cases)
    except OSError as error:
        raise MahdarError(f"{file}: cannot be read ({error.strerror})") from error
    record.note("import", "jsonl", {"sha256": export.sha256, "incidents": export.count, "tool": tool()})


class _Export:
    """The file, surveyed once: where the lines stand that can be taken, and which of them tell of which report.

    Memory grows with the number of lines and reports, not with what they hold.
    """

    def __init__(self, lines: BinaryIO, name: str) -> None:
        self._lines = lines
        self._name = name
        self._places: Iterator[int] = iter(())
        self._of_report: dict[str, list[int]] = defaultdict(list)
        self.marks: dict[Withheld, None] = {}
        self.sha256 = ""
        self.count = 0

    def survey(self) -> Iterator[Refusal]:
        """Looks at every line; what cannot be taken is told of."""
        digest = hashlib.sha256()
        places: list[int] = []
        at = 0
        for number, line in enumerate(self._lines, start=1):
            digest.update(line)
            try:
                case = load(Case, line)
                _check(case)
            except MahdarError as error:
                yield Refusal(f"{self._name}, line {number}", str(error))
            else:
                places.append(at)
                self.marks |= dict.fromkeys(case.withheld)
                for document in case.documents:
                    self._of_report[document.id].append(at)
            at += len(line)
        self.sha256, self.count, self._places = digest.hexdigest(), len(places), iter(places)

    def next(self, count: int) -> list[Case]:
        """The next cases, in the file's order."""
        return [self._case(place) for place in islice(self._places, count)]

    def reading(self, document: Document, report: Report) -> Reading:
        """What the machine read in a report, by all cases that tell of it."""
        told = [case for place in self._of_report[document.id] for case in [self._case(place)]]
        claims = {c.id: c for case in told for c in _read(case) if c.report == document.id}
        in_order = sorted(claims.values(), key=lambda claim: (claim.trigger.span, claim.id))
        custody = _custody(document)
        return Reading(report, tuple(in_order), custody.relations, custody.reader, custody.unread)

    def _case(self, place: int) -> Case:
        self._lines.seek(place)
        return load(Case, self._lines.readline())


def _take(record: Record, export: _Export, cases: Sequence[Case]) -> Count:
    documents = {document.id: document for case in cases for document in case.documents}
    with record.reading() as connection:
        for row in _rows(connection, REPORTS, documents):
            del documents[row.id]
    pairs = [
        (taken, export.reading(d, replace(taken.report, id=d.id))) for d in documents.values() for taken in [_taken(d)]
    ]
    originals = (taken.data for taken, _ in pairs)
    with record.archive.putting(*originals) as arriving, record.writing() as writer:
        added = store(writer, pairs, arriving, read_at={d.id: _custody(d).read_at for d in documents.values()})
        decided = _decide(writer, cases, "claim")
        known, taken = _incidents(writer, cases)
        decided += _decide(writer, cases, "report") + _decide(writer, cases, "incident")
    reports = [one for one in added if one.state == "added"]
    claims = sum(one.claims for one in reports)
    return Count(len(reports), claims, decided, taken, known, len(cases) - taken - known)


def _decide(writer: Writer, cases: Sequence[Case], kind: Kind) -> int:
    """Adopts the decisions of a kind that follow on what this record has decided; how many."""
    return sum(adopt(writer, decision) for case in cases for decision in case.decisions if decision.kind == kind)


def _incidents(writer: Writer, cases: Sequence[Case]) -> tuple[int, int]:
    """Keeps the incidents that are new and whose claims are all here and in none; how many were known, and are new."""
    there = {row.id: row.sha256 for row in _rows(writer.connection, INCIDENTS, [case.incident.id for case in cases])}
    claims = [id for case in cases for id in case.incident.claims]
    free = {row.id for row in _rows(writer.connection, CLAIMS, claims) if row.incident is None}
    known, new = 0, []
    for one in (case.incident for case in cases):
        if one.id in there:
            known += there[one.id] == text_sha256(dump(one, Incident))
        elif free.issuperset(one.claims):
            free -= set(one.claims)
            new.append(one)
    return known, put(writer, new)


def _rows(connection: Connection, table: Table, ids: Iterable[str]) -> Iterator[Any]:
    for part in in_parts(list(ids)):
        yield from connection.execute(select(table).where(table.c.id.in_(part)))


def _check(case: Case) -> None:
    """Raises MahdarError for a case that no record could have exported whole."""
    texts: dict[str, str] = {}
    for document in case.documents:
        if document.text is None:
            raise MahdarError("leaves texts out; only an export of the profile internal can be taken over")
        report = _taken(document).report
        check_report(report)
        if report_id(report) != document.id or text_sha256(report.text) != document.text_sha256:
            raise MahdarError(
                f"was altered: report {document.id} has another text, outlet or day than its id stands for"
            )
        if words := unfounded(_custody(document).relations, report.text):
            raise MahdarError(f"was altered: {words.text!r} does not stand in report {document.id}")
        texts[document.id] = report.text
    if sorted(claim.id for claim in case.claims) != sorted(case.incident.claims):
        raise MahdarError(f"was altered: incident {case.incident.id} names other claims than it has")
    for claim in (*case.claims, *_read(case)):
        if claim.report not in texts:
            raise MahdarError(f"lacks report {claim.report} of claim {claim.id}")
        if words := unfounded(claim, texts[claim.report]):
            raise MahdarError(f"was altered: {words.text!r} of claim {claim.id} does not stand in its report")
        if claim.type not in EVENT_TYPES:
            raise MahdarError(f"has a claim of type {claim.type!r}, which is none of the codebook")


def _read(case: Case) -> Iterator[Claim]:
    """The claims as the machine read them: before anybody decided on them, without those that a person added."""
    for claim in case.claims:
        decided = [d for d in case.decisions if d.kind == "claim" and d.subject == claim.id]
        if outcome(decided) is None and not (decided and decided[0].action == "add"):
            yield claim
        elif decided[0].action != "add":
            before = decided[0].before
            yield load(Claim, dump(before.get("claim") if isinstance(before, dict) else None, Any))


def _custody(document: Document) -> Custody:
    if document.custody is None:
        raise MahdarError(
            f"does not say how report {document.id} was come by; only mahdar's own export can be taken over"
        )
    return document.custody


def _taken(document: Document) -> Taken:
    """The report as intake would have it, its bytes being what was handed over."""
    custody = _custody(document)
    report = Report(
        document.id if custody.given_id is None else custody.given_id,
        document.text or "",
        document.title,
        document.outlet,
        document.published,
        custody.country,
        custody.furniture,
        custody.captions,
        document.name,
    )
    retrieval = replace(
        custody.retrieval, final_url=document.url, retrieved_at=document.retrieved, original=document.sha256
    )
    data = dump(document, Document).encode()
    return Taken(report, data, retrieval, extractor=custody.extractor, media_type=MEDIA_TYPE)
