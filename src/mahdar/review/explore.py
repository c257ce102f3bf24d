"""What the map and the time line draw of a query: clusters and bars, made here so that any record stays smooth."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from mahdar.agreements import Agreements
from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.query import Box, Query, Unit
from mahdar.record.search import Page, count, days, ids, points, search

CELL = 72  # pixels of a cluster's cell
MOST = 1200  # clusters drawn; the largest are kept
DEALS = 14  # agreements drawn under the time line
KEPT = 256  # answers kept
T = TypeVar("T")
_EPOCH = date(1970, 1, 1).toordinal()
_UNITS = (("day", 100, 1), ("week", 900, 2), ("month", 5500, 3), ("year", 10**9, 4))  # at most so many days; precision


@dataclass(frozen=True, slots=True)
class Cluster:
    """Points near each other on the screen: their middle in degrees, how many, the coarsest precision among them.

    `id` is the row's where it stands alone; `type` the commonest type; `box` what holds all of them.
    """

    lat: float
    lon: float
    count: int
    precision: int
    type: str
    id: str | None
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day, week, month or year that begins on `start`, with the query's value for it and how many are dated to it."""

    start: str
    end: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Deal:
    """An agreement over the time line: from and until when it held, as shares 0 to 1 of the line's length."""

    id: str
    name: str
    left: float
    right: float
    open: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars of one unit, `vague` rows whose date is coarser than the unit, `undated` rows, and agreements in force."""

    unit: str
    bars: tuple[Bar, ...]
    most: int
    vague: int
    undated: int
    deals: tuple[Deal, ...]

    @property
    def drawn(self) -> int:
        return sum(bar.count for bar in self.bars)


class Explorer:
    """Answers over one record, the last ones kept until the record changes."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def search(self, query: Query) -> Page:
        """Rows and facets."""
        return self._kept(("search", query), lambda: search(self._record, query))

    def usual(self) -> Unit:
        """What to find where nothing is said: incidents where there are any, else claims."""
        held = self._kept("usual", lambda: count(self._record, Query(find="incidents")))
        return "incidents" if held else "claims"

    def clusters(self, query: Query, box: Box, zoom: int) -> tuple[list[Cluster], int, int]:
        """Clusters within a box at a zoom of web maps; how many rows lie in the box, and how many have a point at all."""
        whole = query.replace(limit=1)
        found = self._kept(("points", whole), lambda: points(self._record, whole))
        lat, lon = found.lat, found.lon
        east_of, west_of = lon >= box.west, lon <= box.east
        inside = east_of & west_of if box.west <= box.east else east_of | west_of
        inside &= (lat >= box.south) & (lat <= box.north)
        rows = np.flatnonzero(inside)
        if not len(rows):
            return [], 0, len(lat)
        lat, lon, precision = lat[rows], lon[rows], found.precision[rows].astype(int)
        groups, number = np.unique(_cells(lat, lon, precision, zoom), return_inverse=True)
        counts = np.bincount(number)
        middle = [np.bincount(number, values) / counts for values in (lat, lon)]
        order = np.argsort(number, kind="stable")
        starts = np.searchsorted(number[order], np.arange(len(groups)))
        edges = [f.reduceat(values[order], starts) for f in (np.minimum, np.maximum) for values in (lon, lat)]
        coarsest = np.maximum.reduceat(precision[order], starts)
        types = found.type[rows][order]
        numbers = found.n[rows][order]
        largest = np.argsort(-counts, kind="stable")[:MOST]
        alone = [int(numbers[starts[g]]) for g in largest if counts[g] == 1]
        known = dict(zip(alone, self._ids(query, alone), strict=False))
        out = []
        for g in largest:
            own = types[starts[g] : starts[g] + counts[g]]
            commonest = found.types[int(np.bincount(own).argmax())]
            id = known.get(int(numbers[starts[g]])) if counts[g] == 1 else None
            west, south, east, north = (round(float(edge[g]), 5) for edge in edges)
            point = round(float(middle[0][g]), 5), round(float(middle[1][g]), 5)
            out.append(Cluster(*point, int(counts[g]), int(coarsest[g]), commonest, id, (west, south, east, north)))
        return out, len(rows), len(found.lat)

    def _ids(self, query: Query, numbers: list[int]) -> list[str]:
        found = ids(self._record, query, numbers)
        return found if len(found) == len(numbers) else []  # one has gone meanwhile: the next look will tell

    def timeline(self, query: Query, total: int, countries: tuple[str, ...]) -> Timeline:
        """The bars of a query that found `total`, over the agreements of some countries."""
        whole = query.replace(limit=1)
        return self._kept(("timeline", whole, countries), lambda: self._timeline(whole, total, countries))

    def _timeline(self, query: Query, total: int, countries: tuple[str, ...]) -> Timeline:
        found = days(self._record, query)
        if not len(found.day):
            return Timeline("day", (), 0, 0, total, ())
        precise = found.precision <= 3
        reach = found.day[precise] if precise.any() else found.day
        # a single report of an old event does not stretch the line: the outermost half per cent is folded into its ends
        low, high = (int(v) for v in np.quantile(reach, [0.0025, 0.9975], method="nearest"))
        since, until = query.days()
        low, high = max(low, since) if since is not None else low, min(high, until) if until is not None else high
        high = max(high, low)
        unit, _, finest = next(u for u in _UNITS if high - low < u[1])
        starts = _starts(date.fromordinal(low + _EPOCH), date.fromordinal(high + _EPOCH), unit)
        edges = np.array([start.toordinal() - _EPOCH for start in starts])
        exact = found.precision <= finest
        number = np.clip(np.searchsorted(edges[:-1], found.day[exact], side="right") - 1, 0, len(edges) - 2)
        counts = np.bincount(number, minlength=len(edges) - 1)
        bars = tuple(
            Bar(start.isoformat(), (end - timedelta(days=1)).isoformat(), _value(start, unit), int(n))
            for start, end, n in zip(starts, starts[1:], counts, strict=False)
        )
        vague = int((~exact).sum())
        deals = _deals(starts[0], starts[-1], countries)
        return Timeline(unit, bars, int(counts.max()), vague, total - len(found.day), deals)

    def _kept(self, key: Hashable, make: Callable[[], T]) -> T:
        key = (self._record.head().seq, key)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast(T, self._answers[key])
        value = make()
        with self._lock:
            self._answers[key] = value
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return value


def countries_of(query: Query, found: Page) -> tuple[str, ...]:
    """The countries whose agreements lie under the time line: those asked for, else the three commonest."""
    counts = found.facets["country"].counts if "country" in found.facets else ()
    return query.countries or tuple(count.value for count in counts[:3])


def box_of(text: str) -> Box:
    """`west,south,east,north` as a map has it: cut to the world. Raises MahdarError where it is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise MahdarError(f"box={text}: not west,south,east,north in degrees") from None
    if not all(abs(value) < 1e6 for value in (west, south, east, north)) or south > north:
        raise MahdarError(f"box={text}: not west,south,east,north in degrees")
    south, north = max(south, -90.0), min(north, 90.0)
    if east - west >= 360:
        return Box(-180, south, 180, north)
    wrapped = [(value + 180) % 360 - 180 for value in (west, east)]
    return Box(wrapped[0], south, wrapped[1] if east % 360 != 180 else 180.0, north)


def _cells(lat: NDArray[Any], lon: NDArray[Any], precision: NDArray[Any], zoom: int) -> NDArray[Any]:
    """The cell of each point on the screen; areas (precision 3) do not mix with settlements."""
    size = 256 * 2**zoom / CELL
    x = np.floor((lon + 180) / 360 * size).astype(np.int64)
    bounded = np.clip(lat, -85, 85) * np.pi / 180
    y = np.floor((1 - np.log(np.tan(bounded) + 1 / np.cos(bounded)) / np.pi) / 2 * size).astype(np.int64)
    return cast(NDArray[Any], (x << 33) | (y << 1) | (precision >= 3))


def _starts(first: date, last: date, unit: str) -> list[date]:
    """The beginnings of all units from that of `first` to the one after that of `last`."""
    match unit:
        case "day":
            at = first
        case "week":
            at = first - timedelta(days=first.weekday())
        case "month":
            at = first.replace(day=1)
        case _:
            at = first.replace(month=1, day=1)
    out = [at]
    while out[-1] <= last:
        out.append(_next(out[-1], unit))
    return out


def _next(at: date, unit: str) -> date:
    match unit:
        case "day":
            return at + timedelta(days=1)
        case "week":
            return at + timedelta(weeks=1)
        case "month":
            return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
        case _:
            return at.replace(year=at.year + 1)


def _value(start: date, unit: str) -> str:
    return {"month": start.isoformat()[:7], "year": start.isoformat()[:4]}.get(unit, start.isoformat())


def _deals(first: date, last: date, countries: tuple[str, ...]) -> tuple[Deal, ...]:
    """The agreements of these countries that held within the line, the earliest first."""
    length = (last - first).days or 1
    out = []
    for held in Agreements.load():
        if not set(held.countries) & set(countries) or not held.began or held.frame:
            continue
        begins, ends = _day(held.began), _day((held.ended or held.doubt_from)[:10]) or last
        if begins is None or begins >= last or ends < first:
            continue
        left, right = max(begins, first), min(ends, last)
        span = [(day - first).days / length for day in (left, right)]
        out.append(Deal(held.id, held.name, span[0], max(span[1], span[0]), not held.ended))
    return tuple(out[-DEALS:])


def _day(iso: str) -> date | None:
    try:
        return date.fromisoformat(iso if len(iso) == 10 else f"{iso}-01" if len(iso) == 7 else f"{iso}-01-01")
    except ValueError:
        return None
