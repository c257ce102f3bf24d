"""Seconds and memory to write many incidents in each format.

    python -m benchmarks.export [--cases 100000] [--format acled …] [--docs]

Each format is written in a process of its own, from cases made up as they are wanted (their making is measured first and
its CPU time taken off), through the public profile's redaction, to files on disk. The bars: under 60 s of CPU and 500 MB for each
table. `--docs` puts the table into docs/publish.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.cases import cases
from mahdar.publish.files import export
from mahdar.publish.formats import FORMATS
from mahdar.publish.redaction import Redactor, profile

PAGE = Path(__file__).parents[1] / "docs" / "publish.md"
BEGIN, END = "<!-- written by benchmarks.export -->\n", "<!-- end -->"


def measure(job: tuple[str, int]) -> tuple[float, float, float, float]:
    """CPU seconds, wall seconds, peak MB of memory and MB written, of one format or (`""`) of making the cases alone."""
    name, count = job
    began, cpu = time.perf_counter(), time.process_time()
    size = 0
    if name:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"cases{FORMATS[name].suffix}"
            size = sum(f.size for f in export(cases(count), FORMATS[name], target, Redactor(profile("public"))))
    else:
        for _ in cases(count):
            pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.process_time() - cpu, time.perf_counter() - began, peak, size / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--format", action="append", choices=FORMATS)
    parser.add_argument("--docs", action="store_true")
    wanted = parser.parse_args()
    lines = [
        f"| format ({wanted.cases:,} incidents) | CPU seconds | peak memory, MB | written, MB |",
        "|---|---|---|---|",
    ]
    context = multiprocessing.get_context("spawn")
    making = 0.0
    for name in ["", *(wanted.format or FORMATS)]:
        with context.Pool(1) as pool:
            cpu, wall, peak, size = pool.apply(measure, ((name, wanted.cases),))
        if name:
            lines.append(f"| {name} | {cpu - making:.0f} | {peak:.0f} | {size:.0f} |")
        else:
            making = cpu
        print(
            f"{name or 'making the cases':18} {cpu:7.1f} s CPU {wall:7.1f} s {peak:7.0f} MB {size:8.1f} MB written",
            flush=True,
        )
    print("\n".join(lines))
    if wanted.docs:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
