"""How fast a record takes claims: `python -m benchmarks.record [--claims N] [--where PATH|URL …]`.

Pure storage: the readings are made up beforehand (`benchmarks.generator`), and what is timed is `Record.store` alone, as a
program that reads on many cores would call it: original bytes on the disk, rows, full text, log, all of it durable. Without
--where a new folder and PostgreSQL on a server of its own are measured one after the other. CPU seconds are this process's
and the server's; on a machine that does other things, they say more than the clock.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.generator import readings
from benchmarks.postgres import missing, server
from mahdar.record import Record

A_BATCH = 64  # reports to a transaction


def measure(where: str, claims: int) -> str:
    """Fill a new record with so many claims; what came of it, in a line."""
    stored = 0
    seconds = processor = 0.0
    made = readings(claims)
    with Record.create(where) as record:
        while batch := list(islice(made, A_BATCH)):
            started, used = time.perf_counter(), time.process_time()
            stored += sum(added.claims for added in record.store(batch))
            processor += time.process_time() - used
            seconds += time.perf_counter() - started
            if sys.stderr.isatty():
                print(f"\r{stored:,} claims, {stored / seconds:,.0f}/s ", end="", file=sys.stderr)
    return f"{stored:,} claims in {seconds:,.0f} s: {stored / seconds:,.0f}/s, {stored / processor:,.0f} per CPU second here"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--where", action="append", default=[], metavar="PATH|URL", help="a record to make and keep")
    options = parser.parse_args()
    for where in options.where:
        print(f"{where}: {measure(where, options.claims)}")
    if options.where:
        return
    with tempfile.TemporaryDirectory(prefix="mahdar-record-") as folder:
        print(f"SQLite: {measure(str(Path(folder) / 'record'), options.claims)}", flush=True)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.sqlite"))
        print(f"  database {size / 2**20:,.0f} MB, without the originals")
    if reason := missing():
        print(f"PostgreSQL: {reason}; left out", file=sys.stderr)
        return
    with server(durable=True) as postgres:
        print(f"PostgreSQL: {measure(postgres.fresh(), options.claims)}", end="", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f", {options.claims / (used.ru_utime + used.ru_stime):,.0f} per CPU second of the server")


if __name__ == "__main__":
    main()
