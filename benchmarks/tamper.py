"""Alter a record behind its back: `python -m benchmarks.tamper [--flips 500] [--docs]`.

One bit of one byte of the archive, of a text, of a claim or of the log is flipped, each time at a random place; `verify`
must name the very thing. Then the byte is put back. On both engines, PostgreSQL on a server of its own.
"""

from __future__ import annotations

import argparse
import math
import random
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select, text
from sqlalchemy.exc import DataError, IntegrityError

from benchmarks import report
from benchmarks.generator import readings
from benchmarks.postgres import missing, server
from mahdar.model import Incident, Reading, Report
from mahdar.record import Record
from mahdar.record.archive import FolderArchive
from mahdar.record.tables import (
    BLOBS,
    CLAIM_ACTORS,
    CLAIM_PLACES,
    CLAIM_VERSIONS,
    CLAIMS,
    DECISIONS,
    FORMER_CLAIMS,
    INCIDENT_CLAIMS,
    INCIDENTS,
    LOG,
    READINGS,
    REPORTS,
)

# What is altered, and how often: where a flip can go.
PLACES: dict[str, tuple[Table, ...]] = {
    "archive": (BLOBS,),
    "text": (REPORTS,),
    "claim": (CLAIMS, CLAIM_VERSIONS, CLAIM_VERSIONS, CLAIM_ACTORS, CLAIM_PLACES, FORMER_CLAIMS),
    "log": (LOG,),
    "rest": (READINGS, DECISIONS, INCIDENTS, INCIDENT_CLAIMS),
}


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit altered: where, and how `verify` may name it (any of `names` in what it says)."""

    place: str
    what: str
    names: tuple[str, ...]


class _Forgetful:
    """A reader that finds what the generator put in, but for the first claim of each report."""

    version = "forgetful"

    def __init__(self, readings: dict[str, Reading]) -> None:
        self._readings = readings

    def read(self, report: Report) -> Reading:
        others = self._readings[report.id].claims[1:]
        changed = [replace(claim, confidence=0.5) for claim in others[:1]]
        return Reading(report, (*changed, *others[1:]), (), self.version)


def furnish(record: Record) -> None:
    """Put in some reports, decisions, a second reading and incidents, so that every table has rows to alter."""
    rows = list(readings(40, seed=5))
    record.store(rows)
    for number, stored in enumerate(list(record.claims())[::5]):
        action = ("accept", "edit", "reject")[number % 3]
        after = replace(stored.claim, scope="total") if action == "edit" else None
        record.decide(action, "claim", stored.claim.id, who="ann", expected=0, why="seen", after=after)  # type: ignore[arg-type]
    list(record.reread(_Forgetful({reading.report.id: reading for _, reading in rows})))
    record.put_incidents(
        Incident(
            f"i{c.claim.id}", c.claim.type, c.claim.status, (c.claim.id,), (c.claim.report,), places=c.claim.places
        )
        for c in record.claims()
    )


@contextmanager
def flipped(record: Record, place: str, chance: random.Random) -> Iterator[Flip]:
    """One bit of a place altered within the block, and put back after it."""
    if place == "archive" and isinstance(record.archive, FolderArchive):
        with _flipped_file(record.archive, chance) as flip:
            yield flip
        return
    while True:
        with record.engine.connect() as connection:
            tried = _flip_cell(connection, place, chance)
        if tried:
            break
    flip, undo = tried
    try:
        yield flip
    finally:
        with record.engine.connect() as connection:
            undo(connection)


@contextmanager
def _flipped_file(archive: FolderArchive, chance: random.Random) -> Iterator[Flip]:
    name = chance.choice(list(archive.held()))
    path = archive.path(name)
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(_flip_bytes(data, chance))
    try:
        yield Flip("archive", name, (name,))
    finally:
        path.write_bytes(data)


Undo = Callable[[Connection], None]


def _flip_cell(connection: Connection, place: str, chance: random.Random) -> tuple[Flip, Undo] | None:
    """Alter one cell of a table; None where it cannot be altered so (an empty cell, a value the database refuses)."""
    table = chance.choice(PLACES[place])
    rows = connection.execute(select(table)).all()
    row = chance.choice(rows)
    column = table.c.text if place == "text" else chance.choice(list(table.c))
    old = row._mapping[column.name]
    new = _flip_value(old, chance)
    if new is None:
        return None
    where = {key.name: row._mapping[key.name] for key in table.primary_key.columns}
    names = _names(connection, table, row)
    if column is LOG.c.seq:
        names += (f"row {new}:",)  # it stands elsewhere now
    elif column is FORMER_CLAIMS.c.id and isinstance(new, str):
        names += (new,)  # so it is called now
    try:
        _write(connection, table, where, column.name, new)
    except (IntegrityError, DataError):
        return None
    if column.primary_key:
        where[column.name] = new

    def undo(connection: Connection) -> None:
        _write(connection, table, where, column.name, old)

    return Flip(place, f"{table.name}.{column.name} of {where}: {old!r:.60} -> {new!r:.60}", names), undo


def _flip_value(value: Any, chance: random.Random) -> Any:
    """The value with one bit of one byte altered; None where there is none to alter or it would be none of its kind."""
    if value is None or value in ("", b""):
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(7))
    if isinstance(value, float):
        new: float = struct.unpack("d", _flip_bytes(struct.pack("d", value), chance))[0]
        return new if math.isfinite(new) else None
    if isinstance(value, bytes):
        return _flip_bytes(value, chance)
    data = _flip_bytes(value.encode(), chance)
    with suppress(UnicodeDecodeError):
        return None if "\x00" in data.decode() else data.decode()
    return data  # no text any more: only SQLite takes it


def _flip_bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _write(connection: Connection, table: Table, where: dict[str, Any], column: str, value: Any) -> None:
    """Behind the back of every key and trigger."""
    sqlite = connection.dialect.name == "sqlite"
    connection.rollback()
    if sqlite:
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    else:
        connection.execute(text("SET session_replication_role = replica"))

    def parameter(name: str, given: Any) -> str:
        return f"CAST(:{name} AS TEXT)" if isinstance(given, bytes) and table is not BLOBS else f":{name}"

    if not sqlite and "CAST" in parameter("new", value):
        raise DataError("PostgreSQL takes no text that is none", None, ValueError())
    conditions = " AND ".join(f'"{name}" = {parameter(f"key_{name}", old)}' for name, old in where.items())
    statement = f'UPDATE {table.name} SET "{column}" = {parameter("new", value)} WHERE {conditions}'
    keys = {f"key_{name}": old for name, old in where.items()}
    if connection.execute(text(statement), {"new": value, **keys}).rowcount != 1:
        raise RuntimeError(f"{table.name}: no one row has {where}")
    connection.commit()


def _names(connection: Connection, table: Table, row: Any) -> tuple[str, ...]:
    """How the thing that a row is part of is called."""
    if table is LOG:
        return (f"row {row.seq}:",)
    if table is BLOBS:
        return (row.sha256,)
    if table is READINGS:
        of = connection.execute(select(REPORTS.c.id).where(REPORTS.c.n == row.report_n)).scalar_one()
        return (f"reading {row.n}:", str(of))
    if table in (CLAIM_VERSIONS, CLAIM_ACTORS, CLAIM_PLACES):
        return (connection.execute(select(CLAIMS.c.id).where(CLAIMS.c.n == row.claim_n)).scalar_one(),)
    if table is INCIDENT_CLAIMS:
        return (connection.execute(select(INCIDENTS.c.id).where(INCIDENTS.c.n == row.incident_n)).scalar_one(),)
    return (row.id,)


def run(
    record: Record, flips: int, *, seed: int = 1, places: tuple[str, ...] = tuple(PLACES)
) -> tuple[Counter[str], list[Flip]]:
    """Flip so many bits, one at a time, in each place in turn; how many were named by place, and those that were not."""
    chance = random.Random(seed)
    if record.sqlite:
        with record.writing() as writer:  # SQLite's triggers cannot be passed by, and full text is not what is altered
            for (name,) in writer.connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                writer.connection.execute(text(f"DROP TRIGGER {name}"))
    named: Counter[str] = Counter()
    missed: list[Flip] = []
    for number in range(flips):
        with flipped(record, places[number % len(places)], chance) as flip:
            said = [str(fault) for fault in record.verify()]
        if any(name in fault for fault in said for name in flip.names):
            named[flip.place] += 1
        else:
            missed.append(replace(flip, what=f"{flip.what}; said instead: {said[:3]}"))
    if rest := list(record.verify()):
        raise RuntimeError(f"a flip was not put back: {rest[0]}")
    return named, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--docs", action="store_true", help="put the figures into docs/record.md")
    options = parser.parse_args()
    lines: list[str] = []
    missed = 0
    with tempfile.TemporaryDirectory(prefix="mahdar-tamper-") as folder:
        missed += _report("SQLite", str(Path(folder) / "record"), options.flips, lines)
    if reason := missing():
        print(f"PostgreSQL: {reason}; left out", file=sys.stderr)
    else:
        with server() as postgres:
            missed += _report("PostgreSQL", postgres.fresh(), options.flips, lines)
    if options.docs:
        report.put("record", "tampering", lines)
    return int(missed > 0)


def _report(name: str, where: str, flips: int, lines: list[str]) -> int:
    with Record.create(where) as record:
        furnish(record)
        named, missed = run(record, flips)
    counted = ", ".join(f"{count} of {place}" for place, count in sorted(named.items()))
    lines.append(f"- {name}: {flips} bytes altered, {named.total()} named ({counted})")
    print(lines[-1][2:], flush=True)
    for flip in missed:
        print(f"  not named: {flip.place} {flip.what}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
