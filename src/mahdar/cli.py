"""The command line: each command is one call into a room. Run `mahdar --help`, or read docs/guide.md.

Exit codes: 0 all was read; 2 an input was refused (the others are still complete) or a request is wrong; 130 Ctrl-C.
Rooms are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

import mahdar
from mahdar.commands import agreements, export, incidents, record, search, serve, wacz, watch
from mahdar.commands.record import AllowPrivate, fetcher
from mahdar.model import MahdarError, Reading

if TYPE_CHECKING:
    import rich.progress

    from mahdar.intake import Refusal

MANY = 20  # reports after which a batch shows how far it is
REFUSED = 2
INTERRUPTED = 130
WIDEST = 120  # columns: longer lines are hard to read


class Format(StrEnum):
    table = "table"
    jsonl = "jsonl"
    json = "json"
    csv = "csv"


_SUFFIXES = {f".{f.value}": f for f in (Format.jsonl, Format.json, Format.csv)} | {".ndjson": Format.jsonl}

app = typer.Typer(
    name="mahdar",
    help="Reads news reports of armed conflict and keeps an evidence-grade record of what they claim.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich costs a tenth of a second at every start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
gazetteer = typer.Typer(help="Places: look a name up, or add your own table.", no_args_is_help=True)
actors = typer.Typer(help="Actors: look a name up in the register.", no_args_is_help=True)
app.add_typer(gazetteer, name="gazetteer")
app.add_typer(actors, name="actors")
app.add_typer(agreements.app, name="agreements")
app.add_typer(incidents.app, name="incident")
app.add_typer(serve.user, name="user")
app.add_typer(export.release_app, name="release")
app.command("init")(record.init)
app.command("add")(record.add)
app.command("list")(record.list_reports)
app.command("show")(record.show)
app.command("reread")(record.reread)
app.command("verify")(record.verify)
app.command("status")(record.status)
app.command("backup")(record.backup)
app.command("restore")(record.restore)
app.command("incidents")(incidents.incidents)
app.command("search")(search.search)
app.command("serve")(serve.serve)
app.command("watch")(watch.watch)
app.command("export")(export.export)
app.command("import")(export.import_)
app.command("dossier")(export.dossier)
app.command("picture")(export.picture)
app.command("withhold")(export.withhold)
app.command("compare")(export.compare)
app.command("wacz")(wacz.wacz)


def main(arguments: Sequence[str] | None = None) -> None:
    """The `mahdar` command. Bad input is told in one sentence on standard error, never as a trace back."""
    try:
        app(args=list(arguments) if arguments is not None else None)
    except MahdarError as error:
        _say(str(error))
        sys.exit(REFUSED)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mahdar {mahdar.__version__}")
        raise typer.Exit


@app.callback()
def _mahdar(
    version: Annotated[  # its callback does the work
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass


@app.command()
def read(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR|URL|-", help="Text, pages, PDF, JSON lines, feeds, web archives, folders, addresses."
        ),
    ],
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to print; by default told by -o's suffix, else table.")
    ] = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the stages that made each claim.")] = False,
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="The publication date (2020-04-02), whatever the report says.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="The outlet, whatever the report says.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read so many reports and stop.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With -o and jsonl: leave out reports whose claims the file already holds.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="So many processes read.")] = 1,
    allow_private: AllowPrivate = False,
) -> None:
    """Read reports and print what they claim."""
    from mahdar.publish.output import Output, same_file

    chosen = format or _SUFFIXES.get(Path(output).suffix.lower() if output else "", Format.table)
    if explain and chosen is Format.csv:
        raise MahdarError("--explain has no room in csv; take --format table, jsonl or json")
    if resume and (output is None or chosen is not Format.jsonl):
        raise MahdarError("--resume goes with -o FILE and --format jsonl")
    if output and same_file(output, sources):
        raise MahdarError(f"{output}: is itself to be read; write to another file")

    refused: list[str] = []

    def refuse(refusal: Refusal) -> None:
        refused.append(refusal.name)
        _say(str(refusal))

    try:
        with (
            Output(output, resume=resume, keep=chosen is Format.jsonl) as out,
            Progress(shown=output is not None) as progress,
        ):
            readings = mahdar.read(
                *sources,
                published=published,
                outlet=outlet,
                skip=out.held,
                limit=limit,
                on_refusal=refuse,
                workers=workers,
                fetch=fetcher(allow_private),
            )
            for piece in _render(progress.watch(readings), chosen, explain, to_file=output is not None):
                out.write(piece)
            if progress.reports or out.held or not refused:  # where nothing could be read, the file stays as it was
                out.done()
    except KeyboardInterrupt:
        if output and chosen is Format.jsonl:
            _say("stopped; what was read is kept, and the same command with --resume goes on where it was")
        raise typer.Exit(INTERRUPTED) from None
    if refused:
        raise typer.Exit(REFUSED)


def _render(readings: Iterable[Reading], chosen: Format, explain: bool, *, to_file: bool) -> Iterator[str]:
    match chosen:
        case Format.jsonl:
            from mahdar.publish import jsonl

            return jsonl.render(readings, explain=explain)
        case Format.json:
            from mahdar.publish import jsonfile

            return jsonfile.render(readings, explain=explain)
        case Format.csv:
            from mahdar.publish import csvfile

            return csvfile.render(readings)
        case Format.table:
            from mahdar.publish import table

            on_terminal = sys.stdout.isatty() and not to_file
            width = min(shutil.get_terminal_size().columns, WIDEST) if on_terminal else table.WIDTH
            colour = on_terminal and "NO_COLOR" not in os.environ
            return table.render(readings, explain=explain, width=width, colour=colour)


@gazetteer.command("find")
def find_place(
    name: Annotated[str, typer.Argument(help="A place name, in any usual spelling.")],
    country: Annotated[str | None, typer.Option(metavar="CODE", help="Two-letter country code, such as SY.")] = None,
) -> None:
    """What a name may mean, best first."""
    from mahdar.where.gazetteer import Gazetteer

    with Gazetteer.open() as places:
        found = places.find(name, country)
    if not found:
        raise MahdarError(f"{name!r} is not in the gazetteer{f' for {country.upper()}' if country else ''}")
    rows = [
        (
            e.name,
            e.country,
            e.kind,
            f"{e.lat:.4f}",
            f"{e.lon:.4f}",
            f"{e.population or ''}",
            e.within or e.admin1,
            e.ref,
        )
        for e in found
    ]
    _columns(("name", "country", "kind", "lat", "lon", "people", "within", "id"), rows)


@gazetteer.command("import")
def import_places(
    file: Annotated[Path, typer.Argument(help="A GeoNames dump, an OCHA COD table, or CSV or JSON lines with points.")],
    country: Annotated[
        str | None, typer.Option(metavar="CODE", help="The country of places whose row does not say.")
    ] = None,
) -> None:
    """Add your own places; they come before the shipped ones."""
    from mahdar.where.imports import import_file

    typer.echo(f"{import_file(file, country=country.upper() if country else None):,} places taken from {file}")


@actors.command("find")
def find_actor(
    name: Annotated[str, typer.Argument(help="A name or wording: 'HTS', 'regime forces'.")],
    country: Annotated[str | None, typer.Option(metavar="CODE", help="The country spoken of, such as SY.")] = None,
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day spoken of: 2020-04-02, 2020-04 or 2020.")
    ] = None,
) -> None:
    """Which actor of the register a wording means, where and when."""
    from mahdar.who import Register

    match = Register.load().resolve(name, country=country.upper() if country else None, day=day)
    if match is None:
        hint = "" if country else "; a country (--country SY) may settle it"
        raise MahdarError(f"{name!r} is not in the actor register{hint}")
    others = [actor for actor in match.candidates if actor.id != match.actor.id]
    rows = [
        (a.name, a.kind, " ".join(a.countries), f"{a.start or '…'} to {a.end or '…'}", score, a.id)
        for a, score in [(match.actor, f"{match.score:.2f}"), *((other, "") for other in others)]
    ]
    _columns(("name", "kind", "country", "active", "score", "id"), rows)


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads, columns aligned, two spaces between."""
    from mahdar.publish.wording import safe

    shown = [[safe(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _say(message: str) -> None:
    """One sentence on standard error; what a file name or page put into it cannot drive the terminal."""
    from mahdar.publish.wording import safe

    typer.echo(f"mahdar: {safe(message)}", err=True)


class Progress:
    """How far a batch is, on standard error: only on a terminal, only where the claims go elsewhere, only for many."""

    def __init__(self, *, shown: bool) -> None:
        self.reports = 0
        self._shown = (shown or not sys.stdout.isatty()) and sys.stderr.isatty()
        self._bar: rich.progress.Progress | None = None

    def watch(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        claims = 0
        for reading in readings:
            self.reports += 1
            claims += len(reading.claims)
            if self._shown and self.reports > MANY:
                self._show(claims)
            yield reading

    def _show(self, claims: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress as Bar
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            self._bar = Bar(
                SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True)
            )
            self._task = self._bar.add_task("")
            self._bar.start()
        self._bar.update(self._task, description=f"{self.reports:,} reports read, {claims:,} claims")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()


if __name__ == "__main__":
    main()
