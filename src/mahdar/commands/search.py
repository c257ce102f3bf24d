"""`mahdar search`: what a record holds, by words, filters, map and days; counted, sorted, printed.

Options are the names of `mahdar.record.query.PARAMETERS`, so that what is asked here, in an address of the review page
and in Python reads alike; a test holds the two lists together. Each option says once more what it means because `--help`
must not load the record's room.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.record.search import Found, FoundClaim, Page

SHOWN = 20  # rows of a table or a JSON document; lines (jsonl, csv) are printed to the last
WIDEST = 160


class Form(StrEnum):
    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


Several = list[str] | None


def search(
    record: Annotated[
        str, typer.Option("--record", metavar="PATH|URL", envvar="MAHDAR_RECORD", help="The record to search.")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]…", help='All of them; "a phrase", this OR that, begin*. Without: --without.'),
    ] = None,
    without: Annotated[Several, typer.Option(metavar="WORD", help="Leave out what holds this word or phrase.")] = None,
    find: Annotated[str | None, typer.Option(metavar="WHAT", help="claims (default), incidents or reports.")] = None,
    type: Annotated[Several, typer.Option(metavar="CODE", help="Event type: air_drone_strike.")] = None,
    actor: Annotated[Several, typer.Option(metavar="WHO", help="Who did it: id, name, alias or words.")] = None,
    target: Annotated[Several, typer.Option(metavar="WHO", help="To whom or what: as --actor.")] = None,
    source: Annotated[Several, typer.Option(metavar="WHO", help="Who says so: as --actor.")] = None,
    outlet: Annotated[Several, typer.Option(metavar="NAME", help="Who published it.")] = None,
    country: Annotated[Several, typer.Option(metavar="CODE", help="Where: two-letter country code.")] = None,
    area: Annotated[
        Several, typer.Option(metavar="AREA", help="Where: a governorate or district, SY.12 or Idlib.")
    ] = None,
    place: Annotated[Several, typer.Option(metavar="PLACE", help="Where: gazetteer id, name or words.")] = None,
    box: Annotated[str | None, typer.Option(metavar="W,S,E,N", help="Where: a box in degrees.")] = None,
    near: Annotated[str | None, typer.Option(metavar="LAT,LON,KM", help="Where: a circle.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Not over before it: 2020-04-02, 2020-04, 2020.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Begun by then.")] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="1-4", help="Dated at least to the day, week, month, year.")
    ] = None,
    status: Annotated[Several, typer.Option(metavar="STATUS", help="asserted, denied, intended, uncertain.")] = None,
    scope: Annotated[Several, typer.Option(metavar="SCOPE", help="event or total.")] = None,
    review: Annotated[Several, typer.Option(metavar="STATE", help="suggested, accepted, edited, rejected.")] = None,
    surer: Annotated[str | None, typer.Option(metavar="0-1", help="Confidence at least.")] = None,
    unsurer: Annotated[str | None, typer.Option(metavar="0-1", help="Confidence at most.")] = None,
    grade: Annotated[Several, typer.Option(metavar="GRADE", help="How well its incident is carried.")] = None,
    incident: Annotated[Several, typer.Option(metavar="ID", help="Of this incident; none: of no incident.")] = None,
    report: Annotated[Several, typer.Option(metavar="ID", help="Of this report.")] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="ORDER", help="newest, oldest, published, added, surest, doubtful or relevance."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"How many; by default {SHOWN}, with jsonl and csv all.")
    ] = None,
    offset: Annotated[int | None, typer.Option(min=0, help="Leave out so many first.")] = None,
    counts: Annotated[bool, typer.Option("--counts", help="Count what is found by type, country, outlet …")] = False,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
    archive: Annotated[Path | None, typer.Option(help="The archive's folder of a record in a database.")] = None,
) -> None:
    """Search a record: claims, incidents or reports, by any filters together."""
    from mahdar.commands.record import follow, progress
    from mahdar.record import Record
    from mahdar.record.query import PARAMETERS, Query

    given = {name: value for name, value in locals().items() if name in PARAMETERS}
    typed = [*(words or ()), *(f'-"{word}"' for word in without or ())]
    in_lines = format in (Form.jsonl, Form.csv)
    query = Query.from_params(given | {"q": " ".join(typed), "limit": min(limit or SHOWN, 1000)})
    if format is Form.csv and query.find != "claims":
        raise MahdarError(f"--format csv prints claims; take table, json or jsonl for {query.find}")
    if counts and in_lines:
        raise MahdarError(f"--counts has no room in {format}; take --format table or json")
    with Record.open(record, archive=archive) as opened:
        with progress() as show:
            follow(opened, show)
        if in_lines:
            from itertools import islice

            from mahdar.record.search import everything

            found = islice(everything(opened, query), query.offset, None if limit is None else query.offset + limit)
            for line in _csv(found) if format is Form.csv else map(_line, found):
                typer.echo(line, nl=False)
            return
        from mahdar.record import search as searching

        page = searching.search(opened, query, facets=None if counts else ())
    typer.echo(json.dumps(_page(page), ensure_ascii=False, indent=2) if format is Form.json else _table(page))


def _values(found: Found) -> dict[str, Any]:
    """One row as JSON: a claim with the codebook's keys, an incident with its slots, a report without its text."""
    from mahdar.publish.values import claim_values
    from mahdar.record.search import FoundClaim
    from mahdar.record.stored import StoredIncident

    if isinstance(found, FoundClaim):
        stored = found.stored
        about = {"title": found.report.title, "outlet": found.report.outlet, "published": found.report.published}
        standing = {"review": stored.review, "version": stored.version, "incident": stored.incident}
        return claim_values(stored.claim, "") | about | standing
    if isinstance(found, StoredIncident):
        from dataclasses import asdict

        return asdict(found.incident) | {"review": found.review, "version": found.version}
    report = found.report
    return {"id": report.id, "name": report.name, "title": report.title, "outlet": report.outlet} | {
        "published": report.published,
        "added_at": found.added_at,
        "archive_sha256": found.archive_sha256,
    }


def _line(found: Found) -> str:
    return json.dumps(_values(found), ensure_ascii=False) + "\n"


def _page(page: Page) -> dict[str, Any]:
    facets = {
        name: {"distinct": facet.distinct, "counts": [[c.value, c.label, c.count] for c in facet.counts]}
        for name, facet in page.facets.items()
    }
    return {"query": page.query.to_url(), "total": page.total, "notes": list(page.notes), "facets": facets} | {
        "rows": [_values(found) for found in page.rows]
    }


def _csv(rows: Iterator[Found]) -> Iterator[str]:
    from mahdar.model import Reading, Report
    from mahdar.publish import csvfile
    from mahdar.record.search import FoundClaim

    def readings() -> Iterator[Reading]:
        for found in rows:
            assert isinstance(found, FoundClaim)
            about = found.report
            report = Report(about.id, "", about.title, about.outlet, about.published, name=about.name)
            yield Reading(report, (found.stored.claim,))

    return csvfile.render(readings())


def _table(page: Page) -> str:
    """A block a row, then the counts; what a source says cannot drive the terminal."""
    from mahdar.publish.wording import safe

    of = page.query.find if page.total != 1 else page.query.find.removesuffix("s")
    first = page.query.offset + 1
    shown = f", {first:,} to {first + len(page.rows) - 1:,}" if 0 < len(page.rows) < page.total else ""
    lines = [f"{page.total:,} {of}{shown}", *page.notes]
    for found in page.rows:
        lines += ["", *_block(found)]
    for name, facet in page.facets.items():
        if facet.counts:
            listed = " · ".join(f"{'✓ ' if c.chosen else ''}{c.label} {c.count:,}" for c in facet.counts)
            more = f" · … {facet.distinct} in all" if facet.distinct > len(facet.counts) else ""
            lines += ["", f"{name}: {listed}{more}"]
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else WIDEST
    return "\n".join(_cut(safe(line), width) for line in lines)


def _block(found: Found) -> list[str]:
    from mahdar.record.search import FoundClaim
    from mahdar.record.stored import StoredReport

    if isinstance(found, FoundClaim):
        return _claim(found)
    if isinstance(found, StoredReport):
        report = found.report
        about = " · ".join(part for part in (report.outlet, report.published, report.name) if part)
        return [f"{report.id}  {report.title or report.name}", f"  {about}"]
    from mahdar.publish.wording import interval, label

    incident = found.incident
    grade = f", {incident.grades[0].grade}" if incident.grades else ""
    return [
        f"{incident.id}  {label(incident.type)}, {interval(incident.time)}, {_places(incident.places)}",
        f"  {_people(incident.actors)} → {_people(incident.targets)}; {len(incident.claims)} claims of "
        f"{len(incident.reports)} reports{grade}; {found.review}",
    ]


def _claim(found: FoundClaim) -> list[str]:
    from mahdar.publish.wording import counted, interval, label

    claim, report = found.stored.claim, found.report
    figures = "".join(f"; {figure.what} {counted(figure)}" for figure in claim.figures)
    told = " · ".join(part for part in (report.outlet, report.published, report.title) if part)
    standing = f"{claim.status}, {found.stored.review}, {claim.confidence:.2f}"
    return [
        f"{claim.id}  {label(claim.type)}, {interval(claim.time)}, {_places(claim.places)}  ({standing})",
        f"  {_people(claim.actors)} → {_people(claim.targets)}{figures}",
        f"  “{claim.evidence[0].text if claim.evidence else claim.trigger.text}”",
        f"  {told}",
    ]


def _people(actors: Any) -> str:
    return ", ".join(actor.words.text for actor in actors) or "not told"


def _places(places: Any) -> str:
    return ", ".join(place.name or place.words.text for place in places) or "no place told"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
