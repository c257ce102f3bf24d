"""What reading costs as reports grow: `python -m benchmarks.scale --data DIR MEASURE... [--figures FILE] [--docs]`.

Reports are pages of general news (DIR/corpus/mixed.jsonl.gz) in one shuffled order, as often as it takes, each time with other
names in place of theirs and later dates, so that nothing met before helps. Measures, any of which may be given:

- `--read 100 300 1000 --workers 1 2`: so many reports, from JSON lines to claims, by so many processes
- `--shut 1000 10000`: so many reports that skimming opens nothing of, by two processes
- `--spark 1000`: so many reports on Spark's local[2]

Clocks start when the workers stand. CPU seconds are those of all processes; megabytes a worker are taken at a tenth, the half
and the end. `--figures FILE` keeps what was measured, so that measures can be taken one by one (of one taken twice the later
counts) on a machine that does nothing else meanwhile; with `--busy` it does, and only CPU and memory are kept. `--docs` writes
docs/SCALE.md of all that FILE holds, and what it means on paper for a day of the world's news.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import os
import random
import re
import resource
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from mahdar.corroboration.ragged import Ragged
from mahdar.corroboration.table import ClaimTable, TableBuilder
from mahdar.corroboration.texts import Texts
from mahdar.intake import Refusal, make_report, open_reports, report_sentences
from mahdar.intake.dates import iso_day
from mahdar.model import Reading, Report
from mahdar.reading.encoder import Encoder
from mahdar.reading.reader import LONGEST, Reader
from mahdar.scale.pool import Pool

DOCS = Path(__file__).resolve().parent.parent / "docs" / "SCALE.md"
DAY = 1_000_000
"""Articles that the world's news sites publish a day, in round figures: an assumption."""
ARCHIVE = 1_000_000_000
"""Articles behind GDELT's back archive, in round figures: an assumption, as GDELT lists addresses and not texts."""
FLEET = (1, 2, 16, 64, 256)
MEMORY = 64
"""Gigabytes of one machine of a cluster, on paper."""
WARM = 12
KEPT = 1000
"""Of measures up to so many reports the claims' columns are made, to see how large they are."""
Rows = list[dict[str, Any]]
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")  # in the middle of a sentence


def altered(rows: Rows) -> Iterator[dict[str, Any]]:
    """The rows without end: first as they are, then with names exchanged among themselves and days put off."""
    seen = Counter(name for row in rows for name in _NAME.findall(row["text"]))
    names = sorted(name for name, times in seen.items() if times > 1)
    for turn in count():
        for row in rows:
            new = {**row, "id": f"{row['id']}-{turn}"}
            if turn and names:
                new["text"] = _NAME.sub(lambda match: names[_number(turn, match[0]) % len(names)], row["text"])  # noqa: B023
                if day := iso_day(row.get("published")):
                    new["published"] = (date.fromisoformat(day) + timedelta(days=turn)).isoformat()
            yield new


def _number(turn: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{turn} {name}".encode()).digest()[:8], "big")


def shut(rows: Rows) -> Iterator[dict[str, Any]]:
    """Those of the altered rows of which skimming opens nothing."""
    skimmed = Encoder()

    def is_shut(row: dict[str, Any]) -> bool:
        report = make_report(row["text"], name=row["id"], title=row.get("title"), any_language=True)
        if not isinstance(report, Report):
            return True
        sentences = [s for s in report_sentences(report) if s.end <= LONGEST]
        return not skimmed.look(report.text[:LONGEST], report.title, sentences, skimmed=True).read

    closed = [row for row in rows if is_shut(row)]
    return (row for row in altered(closed) if is_shut(row))


def by_pool(file: Path, warm: Path, workers: int, size: int) -> dict[str, Any]:
    """One measure, in a process of its own."""
    kept: list[Reading] = []
    if workers == 1:
        reader = Reader()
        return _timed(lambda given: _alone(reader, given), file, warm, size, kept) | _columns(kept)
    with Pool(workers) as pool:
        return _timed(pool.read, file, warm, size, kept)


def _alone(reader: Reader, given: Iterable[Report | Refusal]) -> Iterator[Reading | Refusal]:
    return (found if isinstance(found, Refusal) else reader.read(found) for found in given)


def _timed(
    read: Callable[[Iterable[Report | Refusal]], Iterator[Reading | Refusal]],
    file: Path,
    warm: Path,
    size: int,
    kept: list[Reading],
) -> dict[str, Any]:
    for _ in read(open_reports(warm)):
        pass
    marks = {size // 10, size // 2, size}
    megabytes: list[int] = []
    before, begun = _cpu(), time.perf_counter()
    reports = claims = refused = 0
    for found in read(open_reports(file)):
        reports += 1
        if isinstance(found, Reading):
            claims += len(found.claims)
            if size <= KEPT and found.claims:
                kept.append(found)
        else:
            refused += 1
        if reports in marks:
            megabytes.append(max(map(_megabytes, _children() or [os.getpid()])))
    wall, cpu = time.perf_counter() - begun, _cpu() - before
    return {
        "reports": reports,
        "refused": refused,
        "claims": claims,
        "wall_s": round(wall, 1),
        "reports_per_s": round(reports / wall, 2),
        "cpu_s": round(cpu, 1),
        "cpu_ms_per_report": round(1000 * cpu / max(reports, 1), 2),
        "worker_mb": megabytes,
        "parent_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def by_spark(file: Path, warm: Path, size: int) -> dict[str, Any]:
    """The same on local[2]; its two workers and the driver are started by a first, small job."""
    from mahdar.scale.spark import read, session

    spark = session("local[2]")
    with tempfile.TemporaryDirectory() as out:
        read(spark, [str(warm)], f"{out}/warm", parts=2)
        begun = time.perf_counter()
        told = read(spark, [str(file)], f"{out}/all", parts=max(2, size // 50))
        wall = time.perf_counter() - begun
    spark.stop()
    reports = told["reports"] + told["refused"]
    return {
        "reports": reports,
        "refused": told["refused"],
        "claims": told["claims"],
        "wall_s": round(wall, 1),
        "reports_per_s": round(reports / wall, 2),
    }


def _cpu() -> float:
    """CPU seconds of this process and of its children, those that live and those that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ticks = sum(sum(map(int, _stat(pid)[11:13])) for pid in _children())
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + ticks / os.sysconf("SC_CLK_TCK")


def _children() -> list[int]:
    me = str(os.getpid())
    processes = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [pid for pid in processes if _stat(pid)[1:2] == [me]]


def _stat(pid: int) -> list[str]:
    """What /proc tells of a process after its name; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _megabytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _columns(kept: list[Reading]) -> dict[str, Any]:
    """Bytes a claim of what linking holds of claims."""
    if not kept:
        return {}
    builder = TableBuilder()
    for reading in kept:
        builder.add(reading.report, reading.claims)
    table = builder.build()
    return {"column_bytes_per_claim": round(_bytes(table) / max(1, len(table)))}


def _bytes(of: object) -> int:
    if isinstance(of, np.ndarray):
        return of.nbytes if all(of.strides) else 0  # what is broadcast takes no memory
    return sum(map(_bytes, vars(of).values())) if isinstance(of, ClaimTable | Texts | Ragged) else 0


def intake_ms(file: Path) -> float:
    """CPU milliseconds a report that stay in one process, however many read: from its line to the report."""
    begun = time.process_time()
    reports = sum(1 for _ in open_reports(file))
    return round(1000 * (time.process_time() - begun) / max(reports, 1), 2)


def exponent(figures: list[dict[str, Any]]) -> float | None:
    """The slope of log CPU over log reports, by least squares; None of a single size."""
    points = [(math.log(f["reports"]), math.log(f["cpu_s"])) for f in figures if f["reports"] and f["cpu_s"]]
    if len({x for x, _ in points}) < 2:
        return None
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    across = sum((x - mean_x) ** 2 for x, _ in points)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in points) / across)


def measures(data: Path, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with gzip.open(data / "corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(1).shuffle(rows)
    with tempfile.TemporaryDirectory() as folder:
        warm = _written(rows[-WARM:], Path(folder) / "warm.jsonl")
        for size in sorted(args.read):
            file = _written(islice(altered(rows), size), Path(folder) / "reports.jsonl")
            for workers in args.workers:
                yield {"what": "read", "workers": workers, **_fresh(by_pool, file, warm, workers, size)}
            if size == max(args.read):  # of few, what is loaded first would count
                yield {"what": "intake", "ms_per_report": intake_ms(file)}
        for size in sorted(args.shut):
            file = _written(islice(shut(rows), size), Path(folder) / "reports.jsonl")
            yield {"what": "shut", "workers": 2, **_fresh(by_pool, file, warm, 2, size)}
        for size in sorted(args.spark):
            file = _written(islice(altered(rows), size), Path(folder) / "reports.jsonl")
            yield {"what": "spark", "workers": 2, **_fresh(by_spark, file, warm, size)}


def _written(rows: Iterable[dict[str, Any]], file: Path) -> Path:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return file


def _fresh(measure: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    """Taken in a process of its own, so that memory is the measure's own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(measure, *args).result()


def page(figures: list[dict[str, Any]], version: str) -> str:
    """docs/SCALE.md: what was measured, and what follows from it on paper."""
    of: dict[str, list[dict[str, Any]]] = {}
    for figure in {(f["what"], f.get("workers"), f.get("reports")): f for f in figures}.values():
        of.setdefault(figure["what"], []).append(figure)
    read = sorted(of["read"], key=lambda f: (f["workers"], f["reports"]))
    closed = sorted(of.get("shut", []), key=lambda f: f["reports"])
    parts = [
        "# Scale",
        _prose(
            f"Written by `python -m benchmarks.scale --data DIR … --docs`; do not edit. Reader: `{version}`, two processors."
        ),
        _prose(
            "Pages of general news, as often as it takes, with other names and later dates each time; from JSON lines to "
            'claims. The clock starts when the workers stand. "Worker MB" is the largest worker\'s memory at a tenth, the half '
            "and the end of the reports; a dash stands where the machine did other things too."
        ),
        _table(read),
        *(_growth([f for f in read if f["workers"] == n], _by(n)) for n in sorted({f["workers"] for f in read})),
        *_together(read),
        *(_spark(figure, read) for figure in of.get("spark", [])),
    ]
    if closed:
        parts += [
            "## Nothing opened",
            _prose(
                "Pages of which skimming opens nothing, so that all but the network and what follows is at work: intake, "
                "skimming, the way to the workers and back, the order."
            ),
            _table(closed),
            _growth(closed, _by(2)),
        ]
    parts += ["## On paper", *_on_paper(read, closed), "What breaks first:", *_breaks(read, of.get("intake", []))]
    return "\n\n".join(filter(None, parts)) + "\n"


def _prose(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 130, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _growth(figures: list[dict[str, Any]], by: str) -> str:
    slope = exponent(figures)
    return f"CPU seconds grow with the reports to the power of {slope:.3f} ({by})." if slope is not None else ""


def _spark(figure: dict[str, Any], read: list[dict[str, Any]]) -> str:
    size, speed = figure["reports"], figure["reports_per_s"]
    text = (
        f"Spark on `local[2]` read {speed} of the same {size:,} reports a second, and found {figure['claims']:,} claims"
    )
    for pool in read:
        if pool["workers"] == 2 and pool["reports"] == size and pool["reports_per_s"]:
            ratio = speed / pool["reports_per_s"]
            text += f"; the pool of two read {pool['reports_per_s']}, and found {pool['claims']:,}: Spark is {ratio:.2f} as fast"
    return _prose(f"{text}.")


def _table(figures: list[dict[str, Any]]) -> str:
    heads = {
        "workers": "workers",
        "reports": "reports",
        "claims": "claims",
        "refused": "refused",
        "wall_s": "seconds",
        "reports_per_s": "reports a second",
        "cpu_s": "CPU seconds",
        "cpu_ms_per_report": "CPU ms a report",
        "worker_mb": "worker MB",
        "parent_mb": "parent MB",
    }
    rows = [list(heads.values()), ["---"] * len(heads), *([_cell(f[key]) for key in heads] for f in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:,}"


def _by(workers: int) -> str:
    return "one process" if workers == 1 else f"{workers} workers"


def _together(read: list[dict[str, Any]]) -> Iterator[str]:
    """How much two workers bring, where both were measured on as many reports."""
    one = {f["reports"]: f["reports_per_s"] for f in read if f["workers"] == 1 and f["reports_per_s"]}
    for two in read:
        if two["workers"] == 2 and two["reports_per_s"] and two["reports"] in one:
            ratio = two["reports_per_s"] / one[two["reports"]]
            yield f"Two workers read {two['reports']:,} reports {ratio:.2f} times as fast as one process."


def _on_paper(read: list[dict[str, Any]], closed: list[dict[str, Any]]) -> Iterator[str]:
    largest = max(read, key=lambda f: (f["reports"], f["workers"]))
    each = largest["cpu_ms_per_report"] / 1000
    yield _prose(
        f"Extrapolated, not measured: {each * 1000:.1f} CPU ms a report, as of {largest['reports']:,} reports above, times the "
        "reports, over workers on processors like this one's that are kept busy. How many articles there are is an assumption "
        "in round figures; of GDELT's archive too, which lists addresses and not texts. Fetching the pages is not in it."
    )
    yield "\n".join(
        [
            "| workers | a day of the world's news (10^6 articles) | GDELT's back archive (10^9 articles) |",
            "| --- | --- | --- |",
            *(f"| {n} | {_long(DAY * each / n)} | {_long(ARCHIVE * each / n)} |" for n in FLEET),
        ]
    )
    hours = DAY * each / 3600, ARCHIVE * each / 3600
    text = f"In CPU hours: {hours[0]:,.0f} for the day, {hours[1]:,.0f} for the archive, however many the workers."
    if closed:
        least = closed[-1]["cpu_ms_per_report"] / 1000
        hours = DAY * least / 3600
        text += f" If nothing were opened it would be {least * 1000:.1f} CPU ms a report, {hours:,.1f} CPU hours for the day."
    yield _prose(text)


def _breaks(read: list[dict[str, Any]], intake: list[dict[str, Any]]) -> Iterator[str]:
    largest = max(read, key=lambda f: (f["reports"], f["workers"]))
    each, told = largest["cpu_ms_per_report"] / 1000, largest["claims"] / largest["reports"]
    for figure in intake[-1:]:
        taking = figure["ms_per_report"] / 1000
        yield _prose(
            "- On one machine, the process that takes reports in and hands them out. Taking in costs "
            f"{taking * 1000:.1f} CPU ms a report there, so that {_crowd(each, taking)} workers keep it as busy as they are, and "
            "more of them wait for it. On Spark taking in is dealt out too.",
            "  ",
        )
    sizes = [figure["column_bytes_per_claim"] for figure in read if "column_bytes_per_claim" in figure]
    if sizes:
        day = DAY * told * sizes[-1]
        yield _prose(
            "- On Spark, linking. The driver holds the columns of all claims that are linked together, about "
            f"{sizes[-1]:,} bytes a claim, and so does each Python process while pairs are scored. With {told:.2f} claims a "
            f"report, as above, a day of the world's news holds {DAY * told:,.0f} of them, {day / 2**30:,.1f} GB; {MEMORY} GB "
            f"a process are enough for {MEMORY * 2**30 / day:,.0f} such days at once. A back archive has to be linked in "
            "stretches of days that overlap, which mahdar does not do by itself.",
            "  ",
        )


def _crowd(each: float, intake: float) -> str:
    return f"about {max(1, round((each - intake) / intake))}" if intake else "many"


def _long(seconds: float) -> str:
    for unit, size in (("years", 86400 * 365), ("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:.0f} seconds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    for measure in ("read", "shut", "spark"):
        parser.add_argument(f"--{measure}", type=int, nargs="+", default=[], metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--figures", type=Path, help="a file of JSON lines to add the figures to")
    parser.add_argument("--busy", action="store_true", help="the machine does other things too: keep no wall times")
    parser.add_argument("--docs", action="store_true")
    args = parser.parse_args()
    figures = []
    if args.figures and args.figures.exists():
        figures = [json.loads(line) for line in args.figures.read_text(encoding="utf-8").splitlines()]
    for figure in measures(args.data, args):
        figure |= dict.fromkeys(figure.keys() & {"wall_s", "reports_per_s"}) if args.busy else {}
        figures.append(figure)
        print(json.dumps(figure), flush=True)
        if args.figures:
            with args.figures.open("a", encoding="utf-8") as out:
                out.write(json.dumps(figure) + "\n")
    if args.docs:
        DOCS.write_text(page(figures, Reader().version), encoding="utf-8")


if __name__ == "__main__":
    main()
