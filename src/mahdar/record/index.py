"""The search columns of a record, kept in step with its log.

Whoever searches first makes the columns from the tables; from then on only what the log says was touched is read again.
They are saved beside the record (`search.columns` files under `cache/`, for PostgreSQL in the user's cache folder), with
the row of the log that they were made at: a file that the log does not know is not believed. Of the words of reports they
hold only how sources are called; they are readable for their owner only, can be deleted at any time, and are no part of
a backup.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, exists, func, or_, select

from mahdar.folders import user_cache
from mahdar.record.columns import SHAPES, SURE, Batch, Columns, day_number, degrees, interval
from mahdar.record.database import is_address
from mahdar.record.log import Head, head
from mahdar.record.tables import CLAIM_ACTORS, CLAIM_PLACES, CLAIMS, INCIDENTS, LOG, REPORTS

if TYPE_CHECKING:
    from mahdar.record.record import Record

MANY = 20_000
"""Rows of the log after which everything is read anew, which is then as quick."""
UNSAVED = 2_000
"""Rows of the log that may pass before the columns are saved again."""
CHUNK = 20_000  # rows that are read at a time
Progress = Callable[[int, int], None]
_IN = 400  # numbers in one condition


@dataclass(frozen=True)
class State:
    """The columns of claims, incidents and reports as they were at one head of the log."""

    head: Head
    units: dict[str, Columns]
    labels: dict[tuple[str, str], str] = field(default_factory=dict)  # how facets' values are called, once looked up

    @property
    def claims(self) -> Columns:
        return self.units["claims"]


class Index:
    """The columns of one record. Safe to use from several threads."""

    def __init__(self, record: Record) -> None:
        self._record_id = record.id
        self._lock = threading.Lock()
        self._state: State | None = None
        self._saved = 0
        self._folder = _folder(record)
        self._saves = record.writable

    @contextmanager
    def reading(self, record: Record, progress: Progress | None = None) -> Iterator[tuple[Connection, State]]:
        """A connection that sees one state of the record, and the columns of that state. `progress` is told of claims
        that must be read first, how many of how many: after a long import that takes a while."""
        with record.reading() as connection:
            with self._lock:
                state = self._state = self._at(connection, progress)
            yield connection, state

    def _at(self, connection: Connection, progress: Progress | None) -> State:
        now = head(connection)
        held = self._state or self._load(connection)
        if held is not None and held.head == now:
            return held
        # An older state than the one held: another thread was quicker. Whoever reads late reads for itself.
        touched = _touched(connection, held) if held is not None and held.head.seq < now.seq else None
        if held is None or touched is None:
            kept = {unit: Columns.empty(shape) for unit, shape in SHAPES.items()}
        else:
            kept = {unit: _reread(connection, unit, held.units[unit], touched[unit]) for unit in SHAPES}
        units = {unit: _read_on(connection, unit, kept[unit], progress) for unit in SHAPES}
        state = State(now, units | {"claims": _graded(units["claims"], units["incidents"])})
        if now.seq - self._saved >= UNSAVED or held is None:
            self._save(state)
        return state

    def _load(self, connection: Connection) -> State | None:
        units, heads = {}, set()
        for unit, shape in SHAPES.items():
            try:
                units[unit], about = Columns.load(self._folder / f"{unit}.columns", shape)
            except (OSError, ValueError, KeyError):
                return None  # none yet, or of another version: they are made anew
            heads.add((about["record"], about["seq"], about["hash"]))
        if len(heads) > 1:
            return None
        record, seq, hash = heads.pop()
        known = connection.execute(select(LOG.c.hash).where(LOG.c.seq == seq)).scalar()
        if record != self._record_id or known != hash:
            return None
        self._saved = seq
        return State(Head(seq, hash), units)

    def _save(self, state: State) -> None:
        if not self._saves:
            return
        about = {"record": self._record_id, "seq": state.head.seq, "hash": state.head.hash}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for unit, columns in state.units.items():
                columns.save(self._folder / f"{unit}.columns", about)
        except OSError:
            self._saves = False  # read-only or full: searching goes on without
        self._saved = state.head.seq


def follow(record: Record, progress: Progress | None = None) -> None:
    """Let the columns follow the record now, so that the next search need not: what was added since is read, and after
    much of it saved. `progress` as for `Index.reading`."""
    with index_of(record).reading(record, progress):
        pass


_INDEXES: WeakKeyDictionary[Record, Index] = WeakKeyDictionary()
_INDEXES_LOCK = threading.Lock()


def index_of(record: Record) -> Index:
    """The index of an open record, one for all who use it."""
    with _INDEXES_LOCK:
        if record not in _INDEXES:
            _INDEXES[record] = Index(record)
        return _INDEXES[record]


def _folder(record: Record) -> Path:
    """Where columns are saved."""
    if not is_address(record.where):
        return Path(record.where) / "cache"
    return user_cache() / record.id


def _touched(connection: Connection, held: State) -> dict[str, set[int]] | None:
    """The numbers of claims, incidents and reports that a state holds and rows of the log after it touched, those that
    are gone among them; None where it is quicker to read all anew.

    Whatever changes what can be searched by is logged as one of these kinds; all other kinds are notes. What was done
    to reports that came after is no matter: they are read as they are now (`_read_on`).
    """
    new = exists().where(REPORTS.c.id == LOG.c.subject, REPORTS.c.n > _last(held.units["reports"]))
    rows = connection.execute(
        select(LOG.c.kind, LOG.c.subject, LOG.c.payload)
        .where(LOG.c.seq > held.head.seq, LOG.c.kind.in_(("report", "reading", "decision", "incidents")), ~new)
        .limit(MANY + 1)
    ).all()
    if len(rows) > MANY:
        return None
    subjects: dict[str, set[str]] = {"claim": set(), "incident": set(), "report": set()}
    dropped = False
    for kind, subject, payload in rows:
        if kind == "incidents":
            values = json.loads(payload)
            subjects["incident"].update(values["put"])
            dropped = dropped or bool(values["gone"])
        elif kind == "decision":
            of, _, id = subject.partition(" ")
            subjects[of].add(id)
        else:
            subjects["report"].add(subject)
    if len(subjects["incident"]) > MANY:
        return None
    claims = _numbers(connection, CLAIMS, CLAIMS.c.id, subjects["claim"])
    if len(claims) < len(subjects["claim"]):  # one was added by a person, who then took it back
        claims |= _gone(connection, CLAIMS, held.claims)
    incidents = _numbers(connection, INCIDENTS, INCIDENTS.c.id, subjects["incident"])
    if dropped:
        incidents |= _gone(connection, INCIDENTS, held.units["incidents"])
    reports = _numbers(connection, REPORTS, REPORTS.c.id, subjects["report"])
    claims |= _numbers(connection, CLAIMS, CLAIMS.c.incident, subjects["incident"])
    claims |= _numbers(connection, CLAIMS, CLAIMS.c.report_n, reports)
    before = np.isin(held.claims["incident"], list(incidents)) | np.isin(held.claims["report"], list(reports))
    claims |= set(held.claims["n"][before].tolist())
    touched = {"claims": claims, "incidents": incidents, "reports": reports}
    return {unit: {n for n in numbers if n <= _last(held.units[unit])} for unit, numbers in touched.items()}


def _gone(connection: Connection, table: Table, held: Columns) -> set[int]:
    """Numbers of rows that the columns hold and the table no more."""
    there = connection.execute(select(table.c.n)).scalars().all()
    return set(np.setdiff1d(held["n"], np.array(there, np.int64)).tolist())


def _numbers(connection: Connection, table: Any, column: ColumnElement[Any], values: set[Any]) -> set[int]:
    """`n` of the rows of which `column` has one of `values`."""
    out: set[int] = set()
    ordered = sorted(values)
    for at in range(0, len(ordered), _IN):
        out.update(connection.execute(select(table.c.n).where(column.in_(ordered[at : at + _IN]))).scalars())
    return out


def _last(columns: Columns) -> int:
    return int(columns["n"].max(initial=0))


def _read_on(connection: Connection, unit: str, held: Columns, progress: Progress | None) -> Columns:
    """Columns with all rows that are numbered higher than theirs."""
    table, columns_of = _UNITS[unit]
    first, last = _last(held), connection.execute(select(func.max(table.c.n))).scalar() or 0
    batch = Batch(held)
    pieces = []
    for at in range(first, last, CHUNK):
        pieces.append(columns_of(connection, batch, (at + 1, at + CHUNK)))
        if progress and unit == "claims":
            progress(min(at + CHUNK, last) - first, last - first)
    return held.plus(pieces)


def _reread(connection: Connection, unit: str, held: Columns, numbers: set[int]) -> Columns:
    if not numbers:
        return held
    ordered = sorted(numbers)
    kept = held.without(held.numbered(np.array(ordered)))
    batch = Batch(kept)
    columns_of = _UNITS[unit][1]
    return kept.plus([columns_of(connection, batch, ordered[at : at + _IN]) for at in range(0, len(ordered), _IN)])


Which = tuple[int, int] | list[int]
"""Numbers of rows: from a first to a last one, or each of a list."""


def _which(column: ColumnElement[Any], which: Which) -> ColumnElement[bool]:
    return column.between(*which) if isinstance(which, tuple) else column.in_(which)


def _claims(connection: Connection, batch: Batch, which: Which) -> Columns:
    c = CLAIMS.c
    rows = connection.execute(
        select(c.n, c.report_n, INCIDENTS.c.n, c.start, c.end, c.time_precision, c.published, c.confidence)
        .add_columns(c.geo_precision, c.type, c.scope, c.status, c.review, c.outlet)
        .outerjoin(INCIDENTS, INCIDENTS.c.id == c.incident)
        .where(_which(c.n, which))
        .order_by(c.n)
    ).all()
    n, report, incident, start, end, precision, published, sure, geo, kind, scope, status, review, outlet = _columns(
        rows, 14
    )
    return batch.columns(
        {
            "n": n,
            "report": report,
            "incident": [number or 0 for number in incident],
            **_times(start, end, precision, published),
            "geo": [number or 0 for number in geo],
            "published": list(map(day_number, published)),
            "sure": [round(number * SURE) for number in sure],
            **{"type": kind, "scope": scope, "status": status, "review": review, "outlet": outlet},
            "grade": [None] * len(n),
        },
        _whos(connection, which) | _wheres(connection, which),
    )


def _whos(connection: Connection, which: Which) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
    a = CLAIM_ACTORS.c
    out: dict[str, dict[int, list[tuple[Any, ...]]]] = {
        role: defaultdict(list) for role in ("actor", "target", "source")
    }
    found = connection.execute(
        select(a.claim_n, a.role, a.actor_id, a.words)
        .where(_which(a.claim_n, which), or_(a.actor_id.is_not(None), a.role == "source"))
        .order_by(a.claim_n, a.role, a.position)
    )
    for n, role, actor_id, words in found.all():
        out[role][n].append((actor_id or source_key(words),))
    return out


def source_key(words: str) -> str:
    """What stands for a source that the register does not know."""
    return " ".join(words.casefold().split())


def _wheres(connection: Connection, which: Which) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
    p = CLAIM_PLACES.c
    found = connection.execute(
        select(p.claim_n, p.role, p.gazetteer_id, p.country, p.admin1, p.admin2, p.lat, p.lon, p.precision)
        .where(_which(p.claim_n, which))
        .order_by(p.claim_n, p.position)
    )
    places: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for place in found.all():
        places[place[0]].append(place[1:])
    return _placed(places)


def _placed(places: dict[int, list[tuple[Any, ...]]]) -> dict[str, dict[int, list[tuple[Any, ...]]]]:
    """Countries, areas and places by row, the one it is put on a map by first."""
    out: dict[str, dict[int, list[tuple[Any, ...]]]] = {name: {} for name in ("country", "area", "place")}
    for n, several in places.items():
        if len(several) > 1:
            several.sort(key=lambda place: (place[0] != "at", place[5] is None, place[7] or 9))
        out["country"][n] = [(country,) for _, _, country, *_ in several if country]
        out["area"][n] = [(area,) for place in several for area in place[3:5] if area]
        out["place"][n] = [(place[1], degrees(place[5]), degrees(place[6])) for place in several]
    return out


def _incidents(connection: Connection, batch: Batch, which: Which) -> Columns:
    i = INCIDENTS.c
    rows = connection.execute(
        select(i.n, i.start, i.end, i.time_precision, i.geo_precision, i.type, i.status, i.review, i.body)
        .where(_which(i.n, which))
        .order_by(i.n)
    ).all()
    n, start, end, precision, geo, kind, status, review, bodies = _columns(rows, 9)
    whos: dict[str, dict[int, list[tuple[Any, ...]]]] = {"actor": {}, "target": {}}
    places: dict[int, list[tuple[Any, ...]]] = {}
    grades = []
    keys = ("role", "gazetteer_id", "country", "admin1", "admin2", "lat", "lon", "precision")
    for number, body in zip(n, map(json.loads, bodies), strict=True):
        for role, slot in (("actor", "actors"), ("target", "targets")):
            whos[role][number] = [(actor["actor_id"],) for actor in body[slot] if actor["actor_id"]]
        places[number] = [tuple(place[key] for key in keys) for place in body["places"]]
        grades.append(body["grades"][0]["grade"] if body["grades"] else None)
    return batch.columns(
        {
            "n": n,
            **_times(start, end, precision, [None] * len(n)),
            "geo": [number or 0 for number in geo],
            **{"type": kind, "status": status, "review": review, "grade": grades},
        },
        whos | _placed(places),
    )


def _reports(connection: Connection, batch: Batch, which: Which) -> Columns:
    r = REPORTS.c
    rows = connection.execute(select(r.n, r.published, r.outlet).where(_which(r.n, which)).order_by(r.n)).all()
    n, published, outlet = _columns(rows, 3)
    times = _times(published, published, [1] * len(n), published)
    return batch.columns({"n": n, **times, "outlet": outlet}, {})


_UNITS: dict[str, Any] = {
    "claims": (CLAIMS, _claims),
    "incidents": (INCIDENTS, _incidents),
    "reports": (REPORTS, _reports),
}


def _columns(rows: Sequence[Any], width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _times(
    start: Sequence[Any], end: Sequence[Any], precision: Sequence[Any], published: Sequence[Any]
) -> dict[str, Any]:
    first, last, day, month = _columns(list(map(interval, start, end, precision, published)), 4)
    return {"first": first, "last": last, "day": day, "month": month, "precision": [p or 9 for p in precision]}


def _graded(claims: Columns, incidents: Columns) -> Columns:
    """Claims with the grade of their incident."""
    grades = np.zeros(int(incidents["n"].max(initial=0)) + 1, np.uint8)
    grades[incidents["n"]] = incidents["grade"]
    known = np.where(claims["incident"] < len(grades), claims["incident"], 0)
    return Columns(
        claims.shape,
        claims.arrays | {"grade": grades[known]},
        claims.values | {"grade": incidents.values["grade"]},
    )
