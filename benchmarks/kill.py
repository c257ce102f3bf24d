"""Kill a record at any moment: `python -m benchmarks.kill [--kills 200] [--where PATH|URL …] [--docs]`.

A child process adds, reads again, decides and backs up, and says each thing after it is done. It is killed (SIGKILL) at a
random moment. Then everything it said must be there, and `verify` must find nothing wrong. Without --where both engines
are tried, PostgreSQL on a server of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import select

from benchmarks import report
from benchmarks.generator import readings
from benchmarks.postgres import missing, server
from mahdar.intake import Document
from mahdar.model import Reading, Report
from mahdar.record import Record
from mahdar.record.tables import READINGS, REPORTS

LONGEST = 1.0  # seconds that a child works at most: some twenty steps
A_RECORD = 20  # kills, after which another record is begun, so that verifying stays quick
Said = tuple[str, ...]


class Generated:
    """A reader that knows what the generator put into each report; each version finds a little less."""

    def __init__(self, documents: list[tuple[Document, Reading]], version: int) -> None:
        self.version = f"generated-{version}"
        self._readings = {reading.report.id: reading for _, reading in documents}
        self._left_out = version % 3

    def read(self, report: Report) -> Reading:
        claims = self._readings[report.id].claims
        return Reading(report, claims[self._left_out :], (), self.version)


def work(where: str, archive: str | None, backups: Path, seed: int, say: Callable[[Said], None]) -> None:
    """What the child does until it is killed: `say` is called for each thing that is kept now."""
    chance = random.Random(seed)
    documents = _documents()
    with Record.open(where, archive=archive) as record:
        say(("ready",))
        while True:
            step = chance.choices(("add", "decide", "reread", "backup"), (6, 4, 2, 1))[0]
            if step == "add":
                document, _ = chance.choice(documents)
                for added in record.add(document, reader=Generated(documents, 0)):
                    say(("add", added.report or ""))
            elif step == "decide":
                found = list(record.claims())
                if found:
                    stored = chance.choice(found)
                    decision = record.decide("accept", "claim", stored.claim.id, who="ann", expected=stored.version)
                    say(("decide", decision.id))
            elif step == "reread":
                reader = Generated(documents, chance.randrange(1, 1000))
                for reread in record.reread(reader):
                    say(("reread", reread.report.id, reader.version))
            else:
                folder = backups / f"{time.monotonic_ns()}"
                record.backup(folder)
                say(("backup", str(folder)))


@cache
def _documents() -> list[tuple[Document, Reading]]:
    return list(readings(400, seed=3))


@cache
def _warm_up(folder: Path) -> None:
    """Do everything once, so that children begin with all that is imported and made only once."""
    with Record.open(_create(str(folder / "warm"))) as record:
        list(record.add(_documents()[0][0], reader=Generated(_documents(), 0)))
        record.backup(folder / "warm-backup")
        list(record.verify())


def kill_once(where: str, archive: str | None, backups: Path, chance: random.Random) -> list[Said]:
    """Start a child, kill it at a random moment; what it said before."""
    seed = chance.randrange(2**31)
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        try:
            work(where, archive, backups, seed, lambda said: _tell(into, said))
        except BaseException as error:  # noqa: BLE001  # the parent tells it
            _tell(into, ("error", repr(error)))
        os._exit(1)
    os.close(into)
    with os.fdopen(out, "rb") as lines:
        first = lines.readline()
        time.sleep(chance.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        # A line is written in one piece, so the last is whole or not there.
        said = [tuple(json.loads(line)) for line in (first, *lines)]
    return [step for step in said if step != ("ready",)]


def _tell(into: int, said: Said) -> None:
    os.write(into, json.dumps(said).encode() + b"\n")


def broken(where: str, archive: str | None, said: list[Said]) -> Iterator[str]:
    """What of all that was said is not there, and what does not hold."""
    with Record.open(where, archive=archive) as record:
        decided = {decision.id for decision in record.decisions()}
        with record.reading() as connection:
            rows = connection.execute(select(REPORTS.c.id, READINGS.c.reader).join(READINGS))
            read = {(row.id, row.reader) for row in rows}
        for step, *what in said:
            if step == "error":
                yield f"the child failed: {what[0]}"
            elif step == "add" and not record.knows(what[0]):
                yield f"report {what[0]} is lost"
            elif step == "reread" and tuple(what) not in read:
                yield f"reading of {what[0]} by {what[1]} is lost"
            elif step == "decide" and what[0] not in decided:
                yield f"decision {what[0]} is lost"
            elif step == "backup" and Path(what[0]).exists():
                with Record.open(what[0]) as copy:
                    yield from (f"in a backup: {fault}" for fault in copy.verify())
                shutil.rmtree(what[0])
        yield from (str(fault) for fault in record.verify())


def run(where: str, kills: int, *, archive: str | None = None, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Kill so many times; what had been said, counted by step, and everything that was wrong."""
    chance = random.Random(seed)
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    said: list[Said] = []
    with tempfile.TemporaryDirectory(prefix="mahdar-kill-") as folder:
        _warm_up(Path(folder))
        for _ in range(kills):
            new = kill_once(where, archive, Path(folder), chance)
            counted.update(step[0] for step in new)
            said = [step for step in said if step[0] != "backup"] + new
            wrong += broken(where, archive, said)
    return counted, wrong


@contextmanager
def engines(asked: list[str]) -> Iterator[dict[str, Callable[[], str]]]:
    """What is to be killed: by name, a function that gives a new record's place."""
    if asked:
        yield {where: lambda where=where: _create(where) for where in asked}  # type: ignore[misc]
        return
    with tempfile.TemporaryDirectory(prefix="mahdar-kill-") as folder:
        numbers = iter(range(10**6))
        ways: dict[str, Callable[[], str]] = {"SQLite": lambda: _create(f"{folder}/record{next(numbers)}")}
        if reason := missing():
            print(f"PostgreSQL: {reason}; left out", file=sys.stderr)
            yield ways
            return
        with server() as postgres:
            yield ways | {"PostgreSQL": lambda: _create(postgres.fresh())}


def _create(where: str) -> str:
    Record.create(where).close()
    return where


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--where", action="append", default=[], metavar="PATH|URL")
    parser.add_argument("--docs", action="store_true", help="put the figures into docs/record.md")
    options = parser.parse_args()
    failed = False
    lines = []
    with engines(options.where) as ways:
        for name, new in ways.items():
            counted: Counter[str] = Counter()
            wrong: list[str] = []
            for start in range(0, options.kills, A_RECORD):
                more, faults = run(new(), min(A_RECORD, options.kills - start), seed=start + 1)
                counted += more
                wrong += faults
            done = ", ".join(f"{count} {step}" for step, count in sorted(counted.items()))
            lines.append(f"- {name}: {options.kills} kills; kept before them: {done}; wrong after them: {len(wrong)}")
            print(lines[-1][2:], flush=True)
            for fault in wrong:
                print(f"  {fault}")
            failed = failed or bool(wrong)
    if options.docs:
        report.put("record", "kills", lines)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
