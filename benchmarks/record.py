"""How fast a record takes claims: `python -m benchmarks.record [--claims N] [--where PATH|URL …] [--docs]`.

Pure storage: the readings are made up beforehand (`benchmarks.generator`), and what is timed is `Record.store` alone, as a
program that reads on many cores would call it: original bytes on the disk, rows, full text, log, all of it durable. Without
--where a new folder and PostgreSQL on a server of its own are measured one after the other; a record that is there already
(`benchmarks.search` makes one of a million claims) is added to. CPU seconds are this process's and the server's; on a
machine that does other things, they say more than the clock. `--docs` puts the figures into docs/record.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks import report
from benchmarks.generator import readings
from benchmarks.postgres import missing, server
from mahdar.record import Record
from mahdar.record.database import FILE

A_BATCH = 256  # reports to a transaction
BAR = 2_000  # claims a second
TABLE = [
    "| | claims added | to how many | claims a second | a CPU second of mahdar's | a CPU second of the server's |",
    "|---|---|---|---|---|---|",
]


@dataclass(slots=True)
class Stored:
    """What was put into a record that held so many claims before: seconds of the clock, and of this process."""

    before: int
    claims: int = 0
    seconds: float = 0.0
    processor: float = 0.0


def measure(where: str, claims: int) -> Stored:
    """Put so many new claims into a record, which is made if there is none."""
    with Record.open(where) if (Path(where) / FILE).is_file() else Record.create(where) as record:
        stored = Stored(record.status().claims)
        made = readings(claims, seed=stored.before + 1)
        while batch := list(islice(made, A_BATCH)):
            started, used = time.perf_counter(), time.process_time()
            stored.claims += sum(added.claims for added in record.store(batch))
            stored.processor += time.process_time() - used
            stored.seconds += time.perf_counter() - started
            if sys.stderr.isatty():
                print(f"\r{stored.claims:,} claims, {stored.claims / stored.seconds:,.0f}/s ", end="", file=sys.stderr)
    return stored


def row(name: str, stored: Stored, server_seconds: float = 0.0) -> str:
    """A line of the table."""
    of_server = f"{stored.claims / server_seconds:,.0f}" if server_seconds else ""
    cells = [name, f"{stored.claims:,}", f"{stored.before:,}", f"{stored.claims / stored.seconds:,.0f}"]
    return "| " + " | ".join([*cells, f"{stored.claims / stored.processor:,.0f}", of_server]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--where", action="append", default=[], metavar="PATH|URL", help="a record, which is kept")
    parser.add_argument("--docs", action="store_true", help="put the figures into docs/record.md")
    options = parser.parse_args()
    rows = [row(name, measure(where, options.claims)) for where in options.where for name in [_engine(where)]]
    if not options.where:
        with tempfile.TemporaryDirectory(prefix="mahdar-record-") as folder:
            rows.append(row("SQLite", measure(str(Path(folder) / "record"), options.claims)))
        if reason := missing():
            print(f"PostgreSQL: {reason}; left out", file=sys.stderr)
        else:
            with server(durable=True) as postgres:
                stored = measure(postgres.fresh(), options.claims)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            rows.append(row("PostgreSQL", stored, used.ru_utime + used.ru_stime))
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}. To reach: {BAR:,} claims a second."
    lines = [*TABLE, *rows, "", load]
    print("\n".join(lines))
    if options.docs:
        report.put("record", "storage", lines)


def _engine(where: str) -> str:
    return "PostgreSQL" if "://" in where else "SQLite"


if __name__ == "__main__":
    main()
