"""mahdar: an evidence-grade record of what news reports of armed conflict claim.

    from mahdar import read, read_text

    for reading in read("report.html", "folder/", "https://example.org/story", "corpus.jsonl"):
        for claim in reading.claims:
            print(claim.type, claim.time.start, [place.name for place in claim.places])

The command line (`mahdar read`) is the same thing. What a claim holds: `mahdar.model`, and docs/codebook.md in words.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mahdar.model import (
    Actor,
    Caption,
    Claim,
    Figure,
    MahdarError,
    Place,
    PlaceCandidate,
    Reading,
    Relation,
    Report,
    Span,
    Step,
    Time,
    Words,
)

if TYPE_CHECKING:
    from mahdar.intake import Refusal
    from mahdar.intake.fetch import Fetch
    from mahdar.reading.reader import ReadsReports

__version__ = "0.1.0"
__all__ = [
    "Actor",
    "Caption",
    "Claim",
    "Figure",
    "MahdarError",
    "Place",
    "PlaceCandidate",
    "Reading",
    "Relation",
    "Report",
    "Source",
    "Span",
    "Step",
    "Time",
    "Words",
    "read",
    "read_text",
]

Source = str | Path | bytes | BinaryIO | Report
"""A path of a file or folder, an address, `-` for standard input, bytes, a binary stream, or a report already made."""


def read(
    *sources: Source,
    published: str | None = None,
    outlet: str | None = None,
    skip: Container[str] = (),
    limit: int | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
    reader: ReadsReports | None = None,
    workers: int = 1,
    fetch: Fetch | None = None,
) -> Iterator[Reading]:
    """What the reader finds in each report of the sources, one `Reading` a report, in order; one worker
    reads nothing ahead.

    `published` (an ISO day) and `outlet`, where given, hold for every report and override what it says itself.
    Reports whose id is in `skip` are left out; at most `limit` are read. `reader` is anything with
    `read(report) -> Reading`; by default the reader that ships with mahdar. With several `workers` so many processes
    read, each with a reader of its own (`mahdar.scale.pool`); the readings are the same. `fetch` replaces the fetcher for
    addresses (`mahdar.intake.polite.Polite(allow_private=True)`, say, where they are within your own network).

    A report that cannot be taken (no such file, not English, empty …) never stops the others: it goes to `on_refusal`.
    Without one, the first refusal is raised after the last reading, so that a single bad source raises at once and
    nothing is lost in silence. Raises MahdarError (a Refusal is one) as told, and for a `published` that is no day.
    """
    refused: list[Refusal] = []
    refuse = on_refusal or refused.append
    reports = _asked_for(_opened(sources, fetch), _day(published), outlet, skip, limit)
    for reading in _one_by_one(reports, reader) if workers == 1 else _by_many(reports, reader, workers):
        if isinstance(reading, Reading):
            yield reading
        else:
            refuse(reading)
    if refused:
        raise refused[0]


def read_text(
    text: str,
    title: str | None = None,
    published: str | None = None,
    outlet: str | None = None,
    id: str | None = None,
) -> Reading:
    """What the reader finds in one report's clean text, which is kept to the letter: every span points into it.

    `published` is an ISO day; without it the reader looks for a date line in the text. Raises MahdarError for a text
    without words, in a language that the reader cannot read, or a `published` that is no day.
    """
    from mahdar.intake import make_report

    report = make_report(text, name="the text", id=id, title=title, outlet=outlet, published=_day(published))
    if isinstance(report, MahdarError):
        raise report
    return _reader().read(report)


def _asked_for(
    reports: Iterable[Report | Refusal], day: str | None, outlet: str | None, skip: Container[str], limit: int | None
) -> Iterator[Report | Refusal]:
    """The reports that are to be read, as they are to be read."""
    left = limit
    for report in reports:
        if not isinstance(report, Report):
            yield report
        elif report.id not in skip:
            yield replace(report, published=day or report.published, outlet=outlet or report.outlet)
            left = None if left is None else left - 1
        if left == 0:
            return


def _one_by_one(reports: Iterable[Report | Refusal], reader: ReadsReports | None) -> Iterator[Reading | Refusal]:
    for report in reports:
        yield (reader or _reader()).read(report) if isinstance(report, Report) else report


def _by_many(
    reports: Iterable[Report | Refusal], reader: ReadsReports | None, workers: int
) -> Iterator[Reading | Refusal]:
    from mahdar.scale.pool import Pool

    with Pool(workers, reader) as pool:
        yield from pool.read(reports)


def _opened(sources: tuple[Source, ...], fetch: Fetch | None) -> Iterator[Report | Refusal]:
    from mahdar.intake import open_reports

    for source in sources:
        if isinstance(source, Report):
            yield source
        else:
            yield from open_reports(source, fetch=fetch)


def _day(published: str | None) -> str | None:
    from mahdar.intake.dates import iso_day

    day = iso_day(published)
    if published is not None and day is None:
        raise MahdarError(f"{published!r} is not a day; a publication date is written as in 2020-04-02")
    return day


@cache
def _reader() -> ReadsReports:
    """The shipped reader, opened once a process: a second or so for its model, register and gazetteer."""
    from mahdar.reading.reader import Reader

    return Reader()
