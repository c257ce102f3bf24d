"""`mahdar incidents`: what happened, by how many independent origins it is carried; `mahdar incident`: link, and show one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mahdar.commands.record import Archive, Form, Where

if TYPE_CHECKING:
    from mahdar.model import Incident

app = typer.Typer(help="One incident: its reports and origins, where they differ, its grades.", no_args_is_help=True)


def incidents(
    record: Where,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
    least: Annotated[int, typer.Option("--origins", min=1, help="Only those of so many independent origins.")] = 1,
    archive: Archive = None,
) -> None:
    """List the incidents of a record as they were last linked, with their origins and grade."""
    from mahdar.record import Record

    with Record.open(record, archive=archive) as opened:
        found = (s.incident for s in opened.incidents() if len(s.incident.origins) >= least)
        if format is Form.json:
            _print_array(found)
        else:
            for incident in found:
                typer.echo(line(incident))


@app.command("link")
def link(
    record: Where,
    anew: Annotated[bool, typer.Option("--anew", help="Sort all claims afresh, not only those that are new.")] = False,
    archive: Archive = None,
) -> None:
    """Join claims into incidents. What people merged or split stays so; ids stay."""
    from mahdar.record import Record
    from mahdar.record.joining import join_new, link_anew

    with Record.open(record, archive=archive) as opened:
        if anew:
            link_anew(opened)
        else:
            looked_at = 0
            for claims in join_new(opened):
                looked_at += claims
                typer.echo(f"{looked_at:,} new claims looked at", err=True)
        held = sum(1 for _ in opened.incidents())
        typer.echo(f"{held:,} incidents")


@app.command("show")
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The incident's id or its beginning.")],
    record: Where,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
    archive: Archive = None,
) -> None:
    """Print one incident: who tells it, from whom they have it, where they differ, and why its claims were linked."""
    from mahdar.record import Record

    with Record.open(record, archive=archive) as opened:
        incident = opened.incident(id).incident
    if format is Form.json:
        typer.echo(json.dumps(asdict(incident), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(page(incident)))


def line(incident: Incident) -> str:
    """One incident in one line: id, type, days, place, `3 reports, 1 origin: Anadolu Agency ← local sources`, grade."""
    from mahdar.when.days import format_interval

    days = format_interval(incident.time.start, incident.time.end)
    places = ", ".join(dict.fromkeys(p.name or p.words.text for p in incident.places)) or "place not told"
    grade = incident.grades[0].grade if incident.grades else "not graded"
    return f"{incident.id}  {incident.type}  {days}  {places}  {carried(incident)}  [{grade}]"


def carried(incident: Incident) -> str:
    """`3 reports, 1 origin: Anadolu Agency ← local sources`."""
    names = "; ".join(origin.name for origin in incident.origins)
    return f"{_count(len(incident.reports), 'report')}, {_count(len(incident.origins), 'origin')}: {names}"


def page(incident: Incident) -> Iterable[str]:
    """One incident as text."""
    yield line(incident)
    for name, parties in (("actors", incident.actors), ("targets", incident.targets)):
        if parties:
            yield f"{name}: {'; '.join(p.name or p.words.text for p in parties)}"
    yield ""
    for origin in incident.origins:
        yield f"origin: {origin.name}"
        yield from (f"    {reason}" for reason in origin.reasons)
    for disagreement in incident.disagreements:
        yield f"{disagreement.kind} on {disagreement.field}:"
        for version in disagreement.versions:
            day = f", {version.published}" if version.published else ""
            yield f"    {version.value} ({', '.join(version.said_by)}{day})"
    for grade in incident.grades:
        yield f"{grade.preset}: {grade.grade}"
        yield from (f"    {reason}" for reason in grade.reasons)
    for agreement in incident.agreements:
        yield f"{agreement.name} [{agreement.agreement}]: in force {agreement.answer}. {agreement.reason}"
        if agreement.reported_violation:
            yield f"    a source calls it a violation: {agreement.reported_violation.text!r}"
    if incident.recalled:
        yield f"recalled later by claims {', '.join(incident.recalled)}"
    for tie in incident.links:
        yield f"claims {tie.left} and {tie.right}: {tie.score:.0%} likely one event"
        yield from (f"    {bar.contribution:+6.2f}  {bar.feature}: {bar.shown}" for bar in tie.contributions)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_array(found: Iterable[Any]) -> None:
    """A JSON array, one incident after the other as they come."""
    begun = False
    for incident in found:
        typer.echo(",\n" if begun else "[\n", nl=False)
        typer.echo(json.dumps(asdict(incident), ensure_ascii=False), nl=False)
        begun = True
    typer.echo("\n]" if begun else "[]")
