"""The record's own commands: make one, put reports in, look at them, read again, prove, copy.

`--record` (or MAHDAR_RECORD) names the record in use: a folder, or postgresql://…
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mahdar.model import MahdarError

if TYPE_CHECKING:
    from mahdar.intake.fetch import Fetch
    from mahdar.record import Record
    from mahdar.record.stored import StoredClaim, StoredReport
    from mahdar.scale.pool import Pool

REFUSED = 2
BROKEN = 1
INTERRUPTED = 130
MANY = 1_000
"""Reports added at once after which they are made searchable right away; fewer the next search sees to, unnoticed."""
WIDEST = 120

Where = Annotated[
    str,
    typer.Option("--record", metavar="PATH|URL", envvar="MAHDAR_RECORD", help="The record: a folder, postgresql://…"),
]
Archive = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="DIR",
        envvar="MAHDAR_ARCHIVE",
        help="The folder of original bytes of a record in PostgreSQL; without it they are in the database.",
    ),
]

Show = Callable[..., None]
Workers = Annotated[int, typer.Option(min=1, help="So many processes read.")]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Also fetch from this machine and your own network.")
]


class Form(StrEnum):
    table = "table"
    json = "json"


class Listing(StrEnum):
    table = "table"
    jsonl = "jsonl"


def fetcher(allow_private: bool) -> Fetch | None:
    """What fetches addresses where private ones are allowed; None, mahdar's usual way, where not."""
    if not allow_private:
        return None
    from mahdar.intake.polite import Polite

    return Polite(allow_private=True)


def init(
    record: Annotated[
        str, typer.Argument(metavar="PATH|URL", envvar="MAHDAR_RECORD", help="A new folder, or postgresql://…")
    ],
    archive: Archive = None,
) -> None:
    """Make a new record."""
    from mahdar.record import Record

    with Record.create(record, archive=archive) as made:
        _say(f"{made.where}: a new record; the head of its log is {made.head().hash}")


def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE|DIR|URL|-", help="What `mahdar read` takes: reports in any format.")
    ],
    record: Where,
    published: Annotated[str | None, typer.Option(metavar="DATE", help="The publication date of them all.")] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="The outlet of them all.")] = None,
    workers: Workers = 1,
    archive: Archive = None,
    allow_private: AllowPrivate = False,
) -> None:
    """Read reports and keep them: bytes, text, claims. What is there already stays as it is."""
    from collections import Counter

    from mahdar import _day

    day = _day(published)
    states: Counter[str] = Counter()
    claims = 0
    with _opened(record, archive) as opened, progress() as show, _pool(workers) as pool:
        try:
            for added in opened.add(*sources, published=day, outlet=outlet, pool=pool, fetch=fetcher(allow_private)):
                states[added.state] += 1
                claims += added.claims
                if added.state == "refused":
                    _complain(f"{added.name}: {added.reason}")
                show(f"{states['added']:,} reports added, {claims:,} claims")
        except KeyboardInterrupt:
            _complain("stopped; what was added is kept, and the same command goes on where it was")
            raise typer.Exit(INTERRUPTED) from None
        finally:
            known = f", {states['known']:,} known already" if states["known"] else ""
            refused = f", {states['refused']:,} refused" if states["refused"] else ""
            _say(f"{states['added']:,} reports added with {claims:,} claims{known}{refused}")
        if states["added"] >= MANY:
            follow(opened, show)
    if states["refused"]:
        raise typer.Exit(REFUSED)


def list_reports(
    record: Where,
    limit: Annotated[int | None, typer.Option(min=1, help="So many, the newest.")] = None,
    format: Annotated[Listing, typer.Option("--format", "-f", help="How to print.")] = Listing.table,
    archive: Archive = None,
) -> None:
    """The reports of a record, in the order they were added."""
    from collections import deque
    from dataclasses import asdict

    with _opened(record, archive) as opened:
        lines: Iterable[Any] = opened.lines()
        for line in deque(lines, limit) if limit else lines:
            if format is Listing.jsonl:
                typer.echo(json.dumps({k: v for k, v in asdict(line).items() if k != "n"}, ensure_ascii=False))
            else:
                _say(
                    f"{line.id}  {line.published or '          '}  {line.claims:3} claims  "
                    f"{' · '.join(part for part in (line.outlet, line.title or line.name) if part)}"
                )


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="A report or a claim, by its id or the beginning of it.")],
    record: Where,
    original: Annotated[bool, typer.Option("--original", help="Only the original bytes, as archived.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the stages that made each claim.")] = False,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
    archive: Archive = None,
) -> None:
    """All that a record holds of one report, or of one claim with what people decided on it."""
    with _opened(record, archive) as opened:
        claim = _claim(opened, id)
        report = opened.report(claim.claim.report if claim else id)
        if original:
            sys.stdout.buffer.write(opened.original(report.report.id))
        elif format is Form.json:
            values = _claim_values(opened, claim) if claim else _report_values(opened, report)
            typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
        else:
            typer.echo(_page(opened, report, claim, explain=explain), nl=False)


def reread(record: Where, workers: Workers = 1, archive: Archive = None) -> None:
    """Read every report again that this version of mahdar did not read last, tell what changed, and link that anew."""
    from collections import Counter

    from mahdar.record.joining import join_new

    kinds: Counter[str] = Counter()
    reports = 0
    with _opened(record, archive) as opened, progress() as show, _pool(workers) as pool:
        linked = opened.status().incidents > 0
        try:
            for done in opened.reread(pool=pool):
                reports += 1
                if done.reason:
                    _complain(f"{done.report.name}: {done.reason}; it stays as it was read before")
                for change in done.changes:
                    kinds[change.kind] += 1
                    kept = "; what was decided on it stands" if change.decided else ""
                    slots = f" ({', '.join(change.slots)})" if change.slots else ""
                    _say(f"{change.report}  {change.claim}  {change.kind}{slots}{kept}")
                show(f"{reports:,} reports read again")
            if linked:
                for claims in join_new(opened):
                    _say(f"{claims:,} claims linked anew")
        except KeyboardInterrupt:
            _complain("stopped; the same command goes on where it was")
            raise typer.Exit(INTERRUPTED) from None
        finally:
            counted = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("new", "changed", "gone"))
            _say(f"{reports:,} reports read again: {counted} claims")


def verify(
    record: Where,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="A head that you kept: the log must have had it.")
    ] = None,
    stamp: Annotated[
        str | None, typer.Option(metavar="URL", help="Then let this RFC 3161 service stamp the head with the time.")
    ] = None,
    archive: Archive = None,
) -> None:
    """Prove that archive, texts, claims, decisions and log fit together; name everything that does not."""
    with _opened(record, archive) as opened:
        faults = 0
        with progress() as show:
            for fault in opened.verify(
                expected=head, progress=lambda done, total: show(f"{done:,} of {total:,} reports verified", done, total)
            ):
                faults += 1
                _say(f"{fault}")
        last = opened.head()
        if faults:
            _complain(f"{opened.where}: {faults:,} things do not hold")
            raise typer.Exit(BROKEN)
        _say(f"{opened.where}: holds. The log has {last.seq:,} rows; its head is")
        _say(last.hash)
        if stamp:
            stamped = opened.stamp(stamp)
            _say(f"stamped by {stamped.authority}; the answer ({len(stamped.token):,} bytes) is in the log")


def status(
    record: Where,
    format: Annotated[Form, typer.Option("--format", "-f", help="How to print.")] = Form.table,
    archive: Archive = None,
) -> None:
    """How much a record holds, what awaits people, and the head of its log."""
    from dataclasses import asdict

    with _opened(record, archive) as opened:
        now = opened.status()
    if format is Form.json:
        typer.echo(json.dumps(asdict(now), indent=2))
        return
    by_review = ", ".join(f"{count:,} {state}" for state, count in sorted(now.review.items()))
    rows = [
        ("record", f"{now.where} ({now.engine}, archive in a {now.archive})"),
        ("reports", f"{now.reports:,}" + (f", added {now.first_added} to {now.last_added}" if now.reports else "")),
        ("read by", ", ".join(f"{reader}: {count:,}" for reader, count in sorted(now.readers.items())) or "nobody"),
        ("claims", f"{now.claims:,}" + (f" ({by_review})" if by_review else "")),
        ("to look at", f"{now.changed:,} that the machine reads otherwise than what was decided on"),
        ("incidents", f"{now.incidents:,}; {now.unlinked:,} claims in none"),
        ("decisions", f"{now.decisions:,}"),
        ("log", f"{now.head.seq:,} rows, head {now.head.hash}"),
    ]
    for name, value in rows:
        _say(f"{name:11}{value}")


def backup(
    to: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")], record: Where, archive: Archive = None
) -> None:
    """Copy a record into a new folder; the copy is a record itself, whatever this one is kept in."""
    with _opened(record, archive) as opened, progress() as show:
        opened.backup(to, progress=lambda done, total: show(f"{done:,} of {total:,} originals copied", done, total))
    _say(f"{to}: a copy of {record if '://' not in record else 'the record'}")


def restore(
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="A backup, which is a record in a folder.")],
    record: Where,
    archive: Archive = None,
) -> None:
    """Copy a backup to where there is no record yet: a new folder, or an empty database."""
    from mahdar.record import Record

    with progress() as show:
        restored = Record.restore(
            backup,
            record,
            archive=archive,
            progress=lambda done, total: show(f"{done:,} of {total:,} originals copied", done, total),
        )
    with restored:
        _say(f"{restored.where}: restored, {restored.status().reports:,} reports")


@contextmanager
def _opened(where: str, archive: Path | None) -> Iterator[Record]:
    from mahdar.record import Record

    with Record.open(where, archive=archive) as opened:
        yield opened


def _pool(workers: int) -> AbstractContextManager[Pool | None]:
    if workers == 1:
        return nullcontext()
    from mahdar.scale.pool import Pool

    return Pool(workers)


@contextmanager
def progress() -> Iterator[Show]:
    """A line on standard error that says how far it is, only on a terminal: call it with words and, where it is known,
    how much is done of how much."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else what is printed into a file would go to the terminal
    )
    task = bar.add_task("", total=None)

    def show(words: str, done: int = 0, total: int | None = None) -> None:
        bar.update(task, description=words, completed=done, total=total)
        bar.start()

    try:
        yield show
    finally:
        bar.stop()


def follow(record: Record, show: Show) -> None:
    """Let what search works over follow the record."""
    from mahdar.record import index

    index.follow(record, lambda done, total: show(f"{done:,} of {total:,} claims made searchable", done, total))


def _claim(record: Record, id: str) -> StoredClaim | None:
    """The claim meant, if one is; else the id is a report's, or nobody's."""
    try:
        return record.claim(id)
    except MahdarError as error:
        if "more than one" in str(error):
            raise
        return None


def _page(record: Record, report: StoredReport, claim: StoredClaim | None, *, explain: bool) -> str:
    import io
    import os

    from rich.console import Console, Group

    from mahdar.publish import table
    from mahdar.publish.wording import safe

    (reading,) = record.claim_readings(report=report.report.id, rejected=True)
    parts: list[Any]
    if claim is None:
        parts = [table.draw(reading, explain=explain)]
    else:
        standing = f"{claim.review}, {claim.version} decisions; of incident {claim.incident or 'none yet'}"
        parts = [table.heading(reading), "", table.claim_block(1, claim.claim, explain=explain), "", f"   {standing}"]
        if claim.changed:
            parts.append("   the machine reads it otherwise now")
        if not claim.found and claim.machine is not None:
            parts.append("   the machine no longer reads it")
        for decision in record.decisions("claim", claim.claim.id):
            undone = f" of {decision.undoes}" if decision.undoes else ""
            why = f": {decision.why}" if decision.why else ""
            parts.append(
                safe(f"   {decision.at[:19]}  {decision.who}  {decision.action}{undone}{why}  [{decision.id}]")
            )
        parts.append("")
    parts += [safe(f"{name:10}{value}") for name, value in _provenance(report)]
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else table.WIDTH
    page = io.StringIO()
    console = Console(file=page, width=width, force_terminal=colour, no_color=not colour, highlight=False, markup=False)
    console.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _provenance(report: StoredReport) -> Iterator[tuple[str, str]]:
    """How a report was come by."""
    how = report.retrieval
    yield "report", report.report.id + (f" (given as {report.given_id})" if report.given_id else "")
    if how.final_url or how.requested_url:
        yield "from", how.final_url or how.requested_url or ""
    yield (
        "retrieved",
        f"{how.retrieved_at or report.added_at} by {how.tool}" + (f", answer {how.status}" if how.status else ""),
    )
    yield "text by", f"{report.extractor}, SHA-256 {report.text_sha256}"
    yield (
        "original",
        f"{report.media_type}, SHA-256 {report.archive_sha256}" + (f", {report.part}" if report.part else ""),
    )
    if how.original:
        yield "", f"taken over from another record, whose bytes have SHA-256 {how.original}"
    if how.absent:
        yield "absent", "; ".join(how.absent)


def _report_values(record: Record, report: StoredReport) -> dict[str, Any]:
    from dataclasses import asdict

    from mahdar.publish.values import reading_values

    (reading,) = record.claim_readings(report=report.report.id, rejected=True)
    about = {k: v for k, v in asdict(report).items() if k not in ("n", "report")}
    return {**reading_values(reading), **about}


def _claim_values(record: Record, stored: StoredClaim) -> dict[str, Any]:
    from dataclasses import asdict

    from mahdar.publish.values import claim_values

    (reading,) = record.claim_readings(report=stored.claim.report, rejected=True)
    about = {name: getattr(stored, name) for name in ("review", "version", "found", "changed", "incident")}
    return {
        **claim_values(stored.claim, reading.reader),
        **about,
        "machine": claim_values(stored.machine, reading.reader) if stored.machine else None,
        "decisions": [asdict(decision) for decision in record.decisions("claim", stored.claim.id)],
    }


def _say(line: str) -> None:
    from mahdar.publish.wording import safe

    typer.echo(safe(line))


def _complain(line: str) -> None:
    from mahdar.publish.wording import safe

    typer.echo(f"mahdar: {safe(line)}", err=True)
