"""The gazetteer: every place mahdar knows by name, read from SQLite, the user's own imports before the shipped ones.

`Gazetteer.open()` maps the shipped file and, if there is one, the user's; nothing is read until a name is asked for.
`import_file` adds a user's own table: a GeoNames country dump, an OCHA COD table with P-codes, or any CSV or JSON lines
with a name and a point. A gazetteer is safe to share between threads and across a fork: it never writes, and each
thread of each process has its own connection.
"""

from __future__ import annotations

import math
import os
import sqlite3
import sys
import threading
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

from mahdar.folders import user_data
from mahdar.model import MahdarError, PlaceCandidate
from mahdar.where.names import normalise, skeleton, without_article

# How alike two strict keys must be to count as spellings of one name once their skeletons agree.
LIKENESS = 0.6

BEGUN = 400  # keys looked at when completing a name

IMPORTED = 0
SHIPPED = 1
SHIPPED_FILE = Path(__file__).with_name("gazetteer.sqlite")


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the gazetteer.

    `ref` is its stable id with its source as prefix (`gn:` GeoNames, `ne:` Natural Earth, `icao:`, `md:` mahdar's own
    supplement, `user:` imported). `lat` and `lon` are degrees; of an area, its label point. `radius` is km, 0 for a point.
    `seat` is the ref of the town a first-level area bears the name of. `admin1` and `admin2` are GeoNames codes
    (`SY.12`) of what it lies in; `within` names that where no code does.
    """

    ref: str
    code: str
    name: str
    country: str
    admin1: str
    admin2: str
    lat: float
    lon: float
    radius: float
    population: int
    kind: str
    within: str
    source: str
    seat: str = ""
    rank: int = SHIPPED

    def holds(self, other: Entry) -> bool:
        """Whether this area is known to hold the other place."""
        if self.kind == "country":
            return self.country == other.country
        if self.kind == "admin1":
            return bool(self.admin1) and self.admin1 == other.admin1
        if self.kind == "admin2" and self.code and self.code == other.admin2:
            return True
        reach = _CITY if other.kind == "district" and self.kind in SETTLEMENTS else 0.7 * self.radius
        return self.country == other.country and distance(self.lat, self.lon, other.lat, other.lon) < reach

    @property
    def is_area(self) -> bool:
        return self.kind in AREAS

    def candidate(self, score: float) -> PlaceCandidate:
        return PlaceCandidate(self.name, self.country or None, self.lat, self.lon, self.kind, self.ref, round(score, 4))


_CITY = 20.0  # km from the middle of a city in which its districts lie
SETTLEMENTS = frozenset("capital city town".split())
AREAS = frozenset("country admin1 admin2 admin3 region water road border continent".split())


def km(a: Entry, b: Entry) -> float:
    """Great-circle distance of two entries in km."""
    return distance(a.lat, a.lon, b.lat, b.lon)


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    p = math.pi / 180
    x = (
        math.sin((lat2 - lat1) * p / 2) ** 2
        + math.cos(lat1 * p) * math.cos(lat2 * p) * math.sin((lon2 - lon1) * p / 2) ** 2
    )
    return 12742.0 * math.asin(min(1.0, math.sqrt(x)))


@dataclass(frozen=True, slots=True)
class Match:
    """An entry a name may mean; `alternate` if the name is not its main one, `loose` if only the skeletons agree."""

    entry: Entry
    alternate: bool = False
    loose: bool = False


class _File:
    """One SQLite file, read only."""

    def __init__(self, path: Path, rank: int) -> None:
        self.path, self.rank = path, rank
        self._connections: dict[tuple[int, int], sqlite3.Connection] = {}
        self._lock = threading.Lock()

    def _db(self) -> sqlite3.Connection:
        here = (os.getpid(), threading.get_ident())
        db = self._connections.get(here)
        if db is None:
            uri = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            try:
                db = sqlite3.connect(uri, uri=True, check_same_thread=False)
                db.execute("PRAGMA cache_size=-8000")
            except sqlite3.Error as error:
                raise MahdarError(f"{self.path}: not a gazetteer ({error})") from error
            with self._lock:
                self._connections[here] = db
        return db

    @cached_property
    def _sieve(self) -> bytes:
        bits: bytes = self._db().execute("SELECT bits FROM sieve").fetchone()[0]
        return bits

    def may_hold(self, key: str) -> bool:
        """Whether a strict key may be there; False is certain, and needs no query."""
        bits = self._sieve
        bit = zlib.crc32(key.encode("utf8", "replace")) % (len(bits) * 8)
        return bool(bits[bit >> 3] & (1 << (bit & 7)))

    def ids(self, column: str, key: str) -> array[int]:
        found = self._db().execute(f"SELECT ids FROM {column} WHERE key = ?", (key,)).fetchone()
        out = array("I")
        if found:
            out.frombytes(found[0])
            if sys.byteorder == "big":
                out.byteswap()
        return out

    def entry(self, number: int) -> Entry:
        row = self._db().execute("SELECT * FROM place WHERE id = ?", (number,)).fetchone()
        return self._entry(row)

    def by_ref(self, ref: str) -> Entry | None:
        row = self._db().execute("SELECT * FROM place WHERE ref = ?", (ref,)).fetchone()
        return self._entry(row) if row else None

    def begun(self, key: str, limit: int) -> list[int]:
        """The numbers (main names even, others odd) under strict keys that begin with `key`, shortest keys first."""
        rows = self._db().execute(
            "SELECT ids FROM (SELECT key, ids FROM name WHERE key >= ? AND key < ? LIMIT ?) ORDER BY length(key), key",
            (key, key + "\U0010ffff", limit),
        )
        out = array("I")
        for (ids,) in rows:
            out.frombytes(ids)
        if sys.byteorder == "big":
            out.byteswap()
        return list(out)

    def inside(self, south: float, west: float, north: float, east: float, limit: int) -> list[Entry]:
        rows = self._db().execute(
            "SELECT * FROM place WHERE lat BETWEEN ? AND ? AND lon BETWEEN ? AND ? AND population > 0"
            " AND kind IN ('city', 'town', 'capital') ORDER BY population DESC LIMIT ?",
            (south, north, west, east, limit),
        )
        return [self._entry(row) for row in rows]

    def area(self, code: str) -> Entry | None:
        row = (
            self._db().execute("SELECT place.* FROM area JOIN place USING (id) WHERE area.code = ?", (code,)).fetchone()
        )
        return self._entry(row) if row else None

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        """The columns of `place`, after its number, stand in the order of Entry's fields."""
        return Entry(**dict(zip(Entry.__slots__, (*row[1:], self.rank), strict=True)))

    def close(self) -> None:
        with self._lock:
            for (pid, _), db in self._connections.items():
                if pid == os.getpid():
                    db.close()
            self._connections.clear()


class Gazetteer:
    """Places by name. Open it with `Gazetteer.open()`; every look-up is cached."""

    def __init__(self, files: Iterable[_File]) -> None:
        self._files = tuple(files)
        self._entry = lru_cache(maxsize=32768)(self._read_entry)
        self.lookup = lru_cache(maxsize=32768)(self._lookup)
        self.lookup_loose = lru_cache(maxsize=8192)(self._lookup_loose)
        self.area = lru_cache(maxsize=4096)(self._area)
        self.get = lru_cache(maxsize=4096)(self._get)

    @classmethod
    def open(cls, path: Path | None = None, *, shipped: Path | None = None, missing_ok: bool = False) -> Gazetteer:
        """The shipped gazetteer with the user's own at `path` (by default `user_path()`, if it exists) before it.

        Raises MahdarError if the shipped file has not been built, or if a `path` was named and is not there
        (unless `missing_ok`: then only the shipped file is used).
        """
        base = shipped or SHIPPED_FILE
        if not base.is_file():
            raise MahdarError(f"{base}: the gazetteer is not built; run `python -m mahdar.where.build`")
        own = path or user_path()
        if path is not None and not path.is_file() and not missing_ok:
            raise MahdarError(f"{path}: no such gazetteer")
        return cls([*([_File(own, IMPORTED)] if own.is_file() else []), _File(base, SHIPPED)])

    def find(self, name: str, country: str | None = None) -> list[Entry]:
        """The entries a name may mean, best first: imported, then by main name, then by population.

        Strict spelling first; then without an article or a word such as "governorate"; then, inside `country` (ISO
        alpha-2) only, by skeleton. Never a guess across countries: an unknown name gives an empty list.
        """
        matches = self.matches(name, frozenset({country.upper()}) if country else frozenset(), strictly=bool(country))
        return [m.entry for m in sorted(matches, key=order)]

    def matches(self, name: str, countries: frozenset[str], *, strictly: bool = False) -> tuple[Match, ...]:
        """As `find`, with how each entry was met. Loose spellings are tried inside `countries` only, and where strict
        spelling finds nothing there; `strictly` keeps other countries out altogether."""
        key = normalise(name)
        keys = [k for k in dict.fromkeys((key, without_article(key), core(key), without_article(core(key)))) if k]
        found: tuple[Match, ...] = ()
        for k in keys:
            found = self.lookup(k)
            if strictly:
                found = tuple(m for m in found if m.entry.country in countries)
            if found:
                break
        if countries and not any(m.entry.country in countries for m in found):
            loose = [m for k in keys for c in sorted(countries) for m in self.lookup_loose(k, c)]
            if loose:
                return (*found, *loose)
        return found

    def _lookup(self, key: str) -> tuple[Match, ...]:
        """The entries whose strict key this is, doublets of one place dropped."""
        out: list[Match] = []
        for place, file in enumerate(self._files):
            if file.may_hold(key):
                for number in file.ids("name", key):
                    out.append(Match(self._entry(place, number >> 1), bool(number & 1)))
        return distinct(out)

    def _lookup_loose(self, key: str, country: str) -> tuple[Match, ...]:
        """The entries of one country whose skeleton the key shares and whose spelling is near enough, nearest first."""
        bones = skeleton(key)
        if not bones:
            return ()
        bare = key.replace(" ", "")
        out: list[tuple[float, Match]] = []
        for place, file in enumerate(self._files):
            for number in file.ids("loose", f"{country} {bones}"):
                entry = self._entry(place, number)
                alike = max(likeness(bare, entry.name), LIKENESS if entry.population > 5000 else 0.0)
                if alike >= LIKENESS:
                    out.append((-alike, Match(entry, alternate=True, loose=True)))
        out.sort(key=lambda pair: (pair[1].entry.rank, round(pair[0], 1), -pair[1].entry.population))
        return distinct([m for _, m in out])

    def _read_entry(self, file: int, number: int) -> Entry:
        return self._files[file].entry(number)

    def _area(self, code: str) -> Entry | None:
        """The country (`SY`), first-level (`SY.12`) or second-level area (`SY.12.169388`) of that code, or the seat.

        A seat is asked for by its ref, as an Entry names it."""
        for file in reversed(self._files):
            if found := file.area(code):
                return found
        return None

    def _get(self, ref: str) -> Entry | None:
        """The entry with this id (`Entry.ref`), or None."""
        return next((entry for file in self._files if (entry := file.by_ref(ref))), None)

    def complete(self, begin: str, country: str | None = None, limit: int = 12) -> list[Entry]:
        """Places whose name begins so, for typing ahead: those of `country` first, then by people."""
        key = normalise(begin)
        if not key:
            return []
        begun = [self._entry(i, n >> 1) for i, file in enumerate(self._files) for n in file.begun(key, BEGUN)]
        begun.sort(key=lambda e: (e.country != country, normalise(e.name) != key, e.rank, -e.population, e.name, e.ref))
        return list({entry.ref: entry for entry in begun}.values())[:limit]

    def inside(self, south: float, west: float, north: float, east: float, limit: int = 40) -> list[Entry]:
        """The most populous towns within a box of degrees: the names a map without tiles is read by."""
        found = [e for file in self._files for e in file.inside(south, west, north, east, limit)]
        return sorted(found, key=lambda e: -e.population)[:limit]

    def close(self) -> None:
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def order(match: Match) -> tuple[object, ...]:
    e = match.entry
    people = e.population * (0.3 if e.kind in ("admin1", "admin2") else 1)
    return (e.rank, match.loose, match.alternate and e.population < 100_000, -people, e.ref)


def distinct(matches: list[Match]) -> tuple[Match, ...]:
    """Without the entries that repeat a better one: same country, same sort of place, within 12 km."""
    out: list[Match] = []
    for match in sorted(
        matches, key=lambda m: (m.entry.rank, m.entry.source != "mahdar", m.loose, m.alternate, -m.entry.population)
    ):
        e = match.entry
        near = 50.0 if e.is_area else 12.0
        for better in (o.entry for o in out):
            both_imported = e.rank == better.rank == IMPORTED
            same = not both_imported and e.country == better.country and e.is_area == better.is_area
            if same and km(e, better) < near:
                break
        else:
            out.append(match)
    return tuple(out)


def likeness(key: str, name: str) -> float:
    words = normalise(name).split()
    return SequenceMatcher(None, key, "".join(words)).ratio()


KIND_WORDS = frozenset(
    "city town village hamlet governorate province district region county parish oblast state area camp neighborhood "
    "neighbourhood quarter suburb locality municipality township subdistrict countryside prefecture department raion "
    "commune territory settlement island the of in and near".split()
)


@lru_cache(maxsize=8192)
def core(key: str) -> str:
    """A strict key without the words that only say what sort of place it is ("idlib governorate" -> "idlib")."""
    kept = [w for w in key.split() if w not in KIND_WORDS]
    return " ".join(kept)


def user_path() -> Path:
    """Where the user's own gazetteer lives: `MAHDAR_GAZETTEER`, else the platform's data folder."""
    if named := os.environ.get("MAHDAR_GAZETTEER"):
        return Path(named)
    return user_data() / "gazetteer.sqlite"
