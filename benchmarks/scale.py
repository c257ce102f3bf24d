"""What reading costs as reports grow: `python -m benchmarks.scale --data DIR [--sizes N ...] [--workers N ...] [--docs]`.

Reports are pages of general news (DIR/corpus/mixed.jsonl.gz), as often as it takes, each time with other names in place of
theirs and later dates, so that nothing met before helps. Of each size and number of workers: wall and CPU seconds from JSON
lines to claims, and the peak memory of this process and of the largest worker. The exponent of cost is fitted over the
sizes, for each number of workers. `--docs` writes docs/SCALE.md, with what the figures mean on paper for a day of the
world's news. Run it on a machine that does nothing else: `--sizes 1000 10000 100000 --workers 1 2`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import mahdar
from mahdar.intake import Refusal, open_reports
from mahdar.reading.reader import Reader

DOCS = Path(__file__).resolve().parent.parent / "docs" / "SCALE.md"
SIZES = (1000, 3000, 10_000)
DAY = 1_000_000
"""Articles that the world's news sites publish a day, in round figures: the issue's own assumption."""
ARCHIVE = 1_000_000_000
"""Articles of a large back archive, in round figures."""
FLEET = (1, 2, 16, 64, 256)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")  # in the middle of a sentence


def altered(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows without end: first as they are, then with names exchanged among themselves and days put off."""
    seen = Counter(name for row in rows for name in _NAME.findall(row["text"]))
    names = sorted(name for name, times in seen.items() if times > 1)
    for turn in count():
        for row in rows:
            new = {**row, "id": f"{row['id']}-{turn}"}
            if turn and names:
                new["text"] = _NAME.sub(lambda match: names[_number(turn, match[0]) % len(names)], row["text"])  # noqa: B023
                if row.get("published"):
                    day = date.fromisoformat(row["published"][:10]) + timedelta(days=turn)
                    new["published"] = day.isoformat()
            yield new


def _number(turn: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{turn} {name}".encode()).digest()[:8], "big")


def measured(file: Path, workers: int) -> dict[str, Any]:
    refused: list[Refusal] = []
    before, begun = _cpu(), time.perf_counter()
    reports = claims = 0
    for reading in mahdar.read(file, workers=workers, on_refusal=refused.append):
        reports += 1
        claims += len(reading.claims)
    cpu, wall = _cpu() - before, time.perf_counter() - begun
    return {
        "workers": workers,
        "reports": reports,
        "refused": len(refused),
        "claims": claims,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "reports_per_s": round(reports / wall, 1),
        "cpu_ms_per_report": round(1000 * cpu / max(reports, 1), 2),
        "peak_mb": _peak(resource.RUSAGE_SELF),
        "peak_worker_mb": _peak(resource.RUSAGE_CHILDREN) if workers > 1 else None,
    }


def _cpu() -> float:
    """CPU seconds of this process and of the workers that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _peak(who: int) -> int:
    return resource.getrusage(who).ru_maxrss // 1024


def intake_ms(file: Path) -> float:
    """CPU milliseconds a report that stay in one process, however many read: from its line to the report."""
    begun = time.process_time()
    reports = sum(1 for _ in open_reports(file))
    return 1000 * (time.process_time() - begun) / max(reports, 1)


def exponent(figures: list[dict[str, Any]]) -> float | None:
    """The slope of log CPU over log reports, by least squares; None of a single size."""
    points = [(math.log(f["reports"]), math.log(f["cpu_s"])) for f in figures if f["reports"] and f["cpu_s"]]
    if len({x for x, _ in points}) < 2:
        return None
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    across = sum((x - mean_x) ** 2 for x, _ in points)
    return float(sum((x - mean_x) * (y - mean_y) for x, y in points) / across)


def run(data: Path, sizes: list[int], workers: list[int]) -> dict[str, Any]:
    with gzip.open(data / "corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted(sizes):
            file = Path(folder) / f"{size}.jsonl"
            with file.open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in islice(altered(rows), size))
            for number in workers:
                with ProcessPoolExecutor(1, get_context("spawn")) as fresh:  # so that the peaks are this measure's own
                    figures.append(fresh.submit(measured, file, number).result())
                print(figures[-1], flush=True)
        smallest = Path(folder) / f"{min(sizes)}.jsonl"
        intake = intake_ms(smallest)
    by_workers = {number: [f for f in figures if f["workers"] == number] for number in workers}
    return {
        "reader": Reader().version,
        "figures": figures,
        "exponent": {number: exponent(of) for number, of in by_workers.items()},
        "intake_ms_per_report": round(intake, 2),
    }


def page(found: dict[str, Any]) -> str:
    figures = found["figures"]
    keys = list(figures[0])
    largest = max(figures, key=lambda f: (f["reports"], f["workers"]))
    each = largest["cpu_ms_per_report"] / 1000
    intake = found["intake_ms_per_report"] / 1000
    lines = [
        "# Scale",
        "",
        "Written by `python -m benchmarks.scale --data DIR --docs`; do not edit. Reader: `" + found["reader"] + "`.",
        "",
        "Pages of general news, as often as it takes, with other names and later dates each time; from JSON lines to claims.",
        "",
        "| " + " | ".join(keys) + " |",
        "|---" * len(keys) + "|",
        *("| " + " | ".join("-" if f[k] is None else str(f[k]) for k in keys) + " |" for f in figures),
        "",
        *(
            f"With {number} worker{'s' if number > 1 else ''} CPU grows with the reports to the power of {slope:.3f}."
            for number, slope in found["exponent"].items()
            if slope is not None
        ),
        "",
        "## On paper",
        "",
        f"Computed from {each * 1000:.1f} CPU ms a report (the last line above), workers on processors like this one's and",
        "kept busy. How many articles there are is an assumption, in round figures.",
        "",
        "| workers | a day of the world's news (10^6 articles) | a back archive of 10^9 articles |",
        "|---|---|---|",
        *(f"| {n} | {_long(DAY * each / n)} | {_long(ARCHIVE * each / n)} |" for n in FLEET),
        "",
        f"In CPU hours: {DAY * each / 3600:,.1f} for the day, {ARCHIVE * each / 3600:,.0f} for the archive.",
        "",
        "What breaks first: on one machine, the process that takes reports in. That costs "
        f"{intake * 1000:.1f} ms a report there, so",
        f"that {_crowd(each, intake)} workers keep it as busy as they are, and more of them wait for it. On Spark taking in is",
        "dealt out too; then it is linking, whose columns lie in one process's memory (`python -m benchmarks.linking_scale`",
        "prints how much).",
        "",
    ]
    return "\n".join(lines)


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
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--docs", action="store_true")
    args = parser.parse_args()
    found = run(args.data, args.sizes, args.workers)
    if args.docs:
        DOCS.write_text(page(found), encoding="utf-8")
    print(json.dumps({k: v for k, v in found.items() if k != "figures"}, indent=1))


if __name__ == "__main__":
    main()
