"""`mahdar export`, `import`, `dossier`, `picture`, `release`, `withhold` and `compare`: what leaves the record, and for whom.

Everything passes a profile's redaction before it is written; `public`, the strictest, is what one gets without asking.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mahdar.commands.record import Archive, Where
from mahdar.commands.serve import who
from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.publish.case import Case
    from mahdar.publish.press import Press
    from mahdar.publish.redaction import Redactor
    from mahdar.record.query import Query

REFUSED = 2
MANY = 500  # incidents after which a long export shows how far it is

Asked = Annotated[
    str | None,
    typer.Option(
        "--query", "-q", metavar="QUERY", help="Which incidents, as in an address: 'country=SY&since=2019-06'."
    ),
]
ForWhom = Annotated[str, typer.Option("--profile", help="For whom: internal, partner or public.")]
Hidden = Annotated[
    Path | None,
    typer.Option(
        "--withhold", metavar="FILE", help="More names to withhold: CSV with name, role, aliases, replacement."
    ),
]
Day = Annotated[str | None, typer.Option("--day", metavar="DATE", help="The date it bears; by default today.")]

release_app = typer.Typer(help="Releases: freeze a week, check it, publish it, make it again.", no_args_is_help=True)


class By(StrEnum):
    week = "week"
    type = "type"
    actor = "actor"


class Picture(StrEnum):
    map = "map"
    line = "line"
    counts = "counts"


def export(
    format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="acled, ucdp, hxl, geojson, parquet, jsonl, prov, ftm or huridocs.")
    ],
    record: Where,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")],
    query: Asked = None,
    profile: ForWhom = "public",
    withhold: Hidden = None,
    archive: Archive = None,
) -> None:
    """Write incidents in a format of other people's tools."""
    if format == "wacz":
        raise MahdarError("pages cannot be redacted, so they leave by a command of their own: mahdar wacz FILE")
    from mahdar.publish.formats import format_named
    from mahdar.publish.press import Press
    from mahdar.record import Record
    from mahdar.review.people import local_person

    chosen, asked = format_named(format), _query(query)
    with Record.open(record, archive=archive) as opened:
        press = Press(opened)
        redactor = _redactor(press, profile, withhold)
        found = _Watched(press.cases(asked, redactor))
        made = press.export(local_person(who()), chosen, found, redactor, output, query=asked)
    typer.echo(f"{found.count:,} incident{'s' * (found.count != 1)}, profile {profile}")
    for file in made:
        typer.echo(f"{output.parent / file.name}  {file.size:,} bytes")


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines that `mahdar export jsonl --profile internal` wrote.")
    ],
    record: Where,
    archive: Archive = None,
) -> None:
    """Take over what another record exported: reports, claims, decisions, incidents. What is there already stands."""
    from mahdar.publish.taking import Count, take_over
    from mahdar.record import Record

    shown = sys.stderr.isatty()
    count = Count()
    with Record.open(record, archive=archive) as opened:
        for part in take_over(opened, file):
            if isinstance(part, Count):
                count += part
                if shown:
                    typer.echo(f"\r{count.incidents:,} incidents ", err=True, nl=False)
            else:
                typer.echo(f"mahdar: {part}", err=True)
    if shown:
        typer.echo("\r", err=True, nl=False)
    kinds = ("incidents", "reports", "claims", "decisions")
    typer.echo(f"{', '.join(f'{getattr(count, kind):,} {kind}' for kind in kinds)} taken over")
    if count.known:
        typer.echo(f"{count.known:,} incidents were there already")
    if count.left:
        typer.echo(f"{count.left:,} incidents are linked otherwise here; mahdar incident link joins their claims")
    if count.refused:
        raise typer.Exit(REFUSED)


def dossier(
    record: Where,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="NAME.pdf or NAME.html.")],
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="An incident's id, or its beginning.")
    ] = None,
    query: Asked = None,
    profile: ForWhom = "public",
    withhold: Hidden = None,
    day: Day = None,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    archive: Archive = None,
) -> None:
    """Lay out one incident, or a query's, for people: as PDF/A or as one HTML file."""
    kind = output.suffix.lower()
    if kind not in (".pdf", ".html"):
        raise MahdarError(f"{output}: a dossier is NAME.pdf or NAME.html")
    if (incident is None) == (query is None):
        raise MahdarError("a dossier is of one incident or of a --query")
    from mahdar.publish import dossier as dossiers
    from mahdar.publish import files, held
    from mahdar.publish.press import Press
    from mahdar.record import Record
    from mahdar.review.people import local_person

    with Record.open(record, archive=archive) as opened:
        one = opened.incident(incident).incident.id if incident else None
        asked = _query(f"incident={one}" if one else query)
        press = Press(opened)
        redactor = _redactor(press, profile, withhold)
        cleared = list(islice(redactor.clear_all(held.cases(opened, asked)), dossiers.MOST + 1))
        if title and redactor.reveals(title):
            raise MahdarError("the title holds a name that is withheld; call it otherwise")
        render = dossiers.pdf if kind == ".pdf" else dossiers.html
        page = render(cleared, day=_day(day), title=title)
        [made] = files.write([("", page)], (), output, "Dossier", redactor)
        press.left(local_person(who()), "dossier", redactor, asked, [made])
    typer.echo(f"{output}  {len(cleared)} incident{'s' * (len(cleared) != 1)}, {made.size:,} bytes")


def picture(
    what: Annotated[Picture, typer.Argument(help="map, line (a time line) or counts.")],
    record: Where,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="NAME.svg or NAME.png.")],
    query: Asked = None,
    by: Annotated[By, typer.Option(help="What is counted.")] = By.week,
    profile: ForWhom = "public",
    withhold: Hidden = None,
    archive: Archive = None,
) -> None:
    """Draw a map, a time line or counts, with what is uncertain drawn so."""
    kind = output.suffix.lower()
    if kind not in (".svg", ".png"):
        raise MahdarError(f"{output}: a picture is NAME.svg or NAME.png")
    from mahdar.publish import files, held, pictures, typeset
    from mahdar.publish.press import Press
    from mahdar.record import Record

    with Record.open(record, archive=archive) as opened:
        redactor = _redactor(Press(opened), profile, withhold)
        cleared = redactor.clear_all(held.cases(opened, _query(query), texts=False))
        match what:
            case Picture.map:
                svg = pictures.draw_map(pictures.places(cleared))
            case Picture.line:
                svg = pictures.draw_time_line(pictures.spans_of_many(cleared))
            case Picture.counts:
                svg = pictures.draw_bars(pictures.counted(cleared, by.value))
        [made] = files.write([("", svg if kind == ".svg" else typeset.png(svg))], (), output, "Picture", redactor)
    typer.echo(f"{output}  {made.size:,} bytes")


def withhold(
    record: Where,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="CSV with name, role, aliases, replacement: all there are.")
    ] = None,
    archive: Archive = None,
) -> None:
    """Keep the names that no export may hold, or print those that are kept."""
    from mahdar.publish import held
    from mahdar.publish.redaction import read_withheld
    from mahdar.publish.tabular import rows_text
    from mahdar.record import Record

    with Record.open(record, archive=archive) as opened:
        if file:
            names = read_withheld(file)
            held.mark(opened, names)
            typer.echo(f"{len(names):,} names are withheld from every export that is not internal")
            return
        rows = [(w.name, w.role, ";".join(w.aliases), w.replacement or "") for w in held.marked(opened)]
    typer.echo(rows_text([("name", "role", "aliases", "replacement"), *rows]).replace("\r\n", "\n"), nl=False)


def compare(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of ACLED or UCDP GED.")],
    record: Where,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The table to write.")],
    query: Asked = None,
    profile: ForWhom = "public",
    withhold: Hidden = None,
    archive: Archive = None,
) -> None:
    """Set somebody else's record beside ours: which both have, which only one has, and where they differ."""
    from mahdar.publish import compare as comparing
    from mahdar.publish import files, held
    from mahdar.publish.external import read_external
    from mahdar.publish.press import Press
    from mahdar.record import Record

    theirs = list(read_external(file))
    with Record.open(record, archive=archive) as opened:
        redactor = _redactor(Press(opened), profile, withhold)
        found = comparing.compare(redactor.clear_all(_Watched(held.cases(opened, _query(query)))), theirs)
        files.write(comparing.render(found), comparing.TABLES, output, "Comparison", redactor)
        if opened.writable:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            opened.note(
                "import",
                "external",
                {"dataset": theirs[0].dataset if theirs else "", "sha256": digest, "rows": len(theirs)},
            )
    count = Counter(line.status for line in found)
    differing = sum(bool(line.differences) for line in found)
    alone = f"only ours {count['only ours']:,}, only theirs {count['only theirs']:,}"
    typer.echo(f"both {count['both']:,} ({differing:,} differ), {alone}: {output}")


@release_app.command("make")
def make_release(
    week: Annotated[str, typer.Argument(metavar="WEEK", help="The week to close: 2024-W11.")],
    record: Where,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where releases are kept.")] = Path("releases"),
    profiles: Annotated[list[str] | None, typer.Option("--profile", help="For whom; may be given again.")] = None,
    formats: Annotated[list[str] | None, typer.Option("--format", help="Formats; by default all.")] = None,
    notes: Annotated[str, typer.Option(help="What to say in the release notes.")] = "",
    allow: Annotated[list[str] | None, typer.Option(metavar="RULE", help="Let a rule's findings pass.")] = None,
    day: Day = None,
    archive: Archive = None,
) -> None:
    """Freeze a week, check it, and publish it with what changed since the releases before."""
    from mahdar.publish.formats import FORMATS, format_named
    from mahdar.publish.press import Closing, Press
    from mahdar.publish.release import NotReady
    from mahdar.record import Record
    from mahdar.review.people import local_person

    chosen = [format_named(f).name for f in formats] if formats else list(FORMATS)
    with Record.open(record, archive=archive) as opened:
        try:
            made, findings = Press(opened, to).make(
                local_person(who()),
                Closing(week, tuple(profiles or ("public",)), tuple(chosen), notes, tuple(allow or ())),
                _day(day),
            )
        except NotReady as stopped:
            for finding in stopped.findings:
                typer.echo(
                    f"{'stops' if finding.blocks else 'note '}  {finding.incident}  {finding.rule}: {finding.told}",
                    err=True,
                )
            raise
    for finding in findings:
        if not finding.blocks:
            typer.echo(f"note   {finding.incident}  {finding.rule}: {finding.told}", err=True)
    for rule, count in Counter(finding.rule for finding in findings if finding.blocks).items():
        typer.echo(f"note   {count:,} findings of {rule!r} let pass", err=True)
    typer.echo(str(made))


@release_app.command("check")
def check_release(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="A release's folder.")],
    to: Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="Keep what was made again here.")] = None,
) -> None:
    """Make a release again and compare it byte for byte with what was published."""
    import tempfile

    from mahdar.publish.release import rebuild

    with tempfile.TemporaryDirectory(prefix="mahdar-") as folder:
        differing = rebuild(release, to or Path(folder))
    if differing:
        raise MahdarError(f"{release}: {len(differing)} files differ: {', '.join(differing)}")
    typer.echo(f"{release}: the same to the byte")


def _query(text: str | None) -> Query | None:
    from mahdar.record.query import Query

    return Query.from_url(text) if text else None


def _redactor(press: Press, profile: str, withhold: Path | None) -> Redactor:
    from mahdar.publish.redaction import read_withheld

    return press.redactor(profile, read_withheld(withhold) if withhold else ())


def _day(day: str | None) -> str:
    from mahdar.intake.dates import iso_day

    if day is None:
        return datetime.now(UTC).date().isoformat()
    told = iso_day(day)
    if told is None:
        raise MahdarError(f"{day!r} is not a day; write it as in 2020-04-02")
    return told


class _Watched:
    """Cases as they pass, counted; on standard error too, where somebody looks and there are many."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = cases
        self.count = 0

    def __iter__(self) -> Iterator[Case]:
        shown = sys.stderr.isatty()
        for case in self._cases:
            self.count += 1
            if shown and self.count % MANY == 0:
                typer.echo(f"\r{self.count:,} incidents ", err=True, nl=False)
            yield case
        if shown:
            typer.echo("\r", err=True, nl=False)
        if not self.count:
            typer.echo(
                "mahdar: no incident was found (claims become incidents by linking: mahdar incident link)", err=True
            )
