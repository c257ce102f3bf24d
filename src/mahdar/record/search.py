"""Search: a `Query` put to a record. Claims, incidents or reports, with counts by facet, sorted, a page at a time.

    page = record.search(Query(types=("air_drone_strike",), countries=("SY",), since="2019"))
    page.total, page.facets["outlet"].counts, [found.claim.trigger.text for found in page.rows]

A filter on what an incident or report has itself (an incident's type, a report's outlet) is asked of it; any other is
asked of its claims, and one of them must meet all such filters together. All counts are exact. A facet's counts leave
out the facet's own filter, so that they say what choosing another value would give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sqlalchemy import Connection, Table, bindparam, select, text

from mahdar.codebook import EVENT_TYPES
from mahdar.record import words
from mahdar.record.columns import DEGREE, MISSING, SURE, Array, Chosen, Columns
from mahdar.record.index import State, index_of, source_key
from mahdar.record.query import Box, Near, Query
from mahdar.record.stored import (
    StoredClaim,
    StoredIncident,
    StoredReport,
    select_claims,
    stored_claim,
    stored_incident,
    stored_report,
)
from mahdar.record.tables import CLAIM_ACTORS, CLAIM_PLACES, CLAIMS, INCIDENTS, REPORTS

if TYPE_CHECKING:
    from mahdar.record.record import Record
    from mahdar.where.gazetteer import Gazetteer

FACETS: dict[str, tuple[str, ...]] = {
    "claims": (
        *("type", "country", "area", "place", "actor", "target", "source", "outlet"),
        *("status", "scope", "review", "grade", "year", "month"),
    ),
    "incidents": (
        *("type", "country", "area", "place", "actor", "target", "status", "review", "grade", "year", "month"),
    ),
    "reports": ("outlet", "year", "month"),
}
SHOWN = 12
"""How many values of a facet are counted out; years and months are all there, in their order."""
RANKED = 10_000
"""Above so many matches of the words, their relevance is not weighed: the newest come first, and a note says so."""
_SLICE = 500  # rows that are fetched at a time
_KM = 111.195  # kilometres of one degree of latitude
_CODE = re.compile(r"[A-Z]{2}(\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Count:
    """One value of a facet: what the query takes (`Query.toggle`), how a person reads it, and how many have it."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The commonest values of one property, and those chosen; `distinct` is how many values occur at all."""

    name: str
    counts: tuple[Count, ...]
    distinct: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A report without its text."""

    id: str
    name: str
    title: str | None
    outlet: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """A claim, how it stands, and the report that makes it."""

    stored: StoredClaim
    report: Heading


Found = FoundClaim | StoredIncident | StoredReport


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. `total` is how many there are on all pages; `notes` say how the query was understood."""

    query: Query
    rows: tuple[Found, ...]
    total: int
    facets: dict[str, Facet] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """What a map draws, an entry a row that has coordinates: the place that it is put at, in degrees.

    `n` is the row's number (`ids` gives ids), `precision` the codebook's geo precision (0 unknown), `type` a code into
    `types`.
    """

    n: Array
    lat: Array
    lon: Array
    precision: Array
    type: Array
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """What a time line draws, an entry a row that is dated: first and last day it may have been, as days since
    1970-01-01, the last day known, and the codebook's time precision (9 unknown)."""

    n: Array
    first: Array
    last: Array
    day: Array
    precision: Array


def search(record: Record, query: Query, *, facets: Sequence[str] | None = None) -> Page:
    """The page that the query asks for; `facets` names those to count (by default all of `FACETS`)."""
    with _search(record, query) as asked:
        rows = asked.ordered(query.offset + query.limit)[query.offset :]
        names = FACETS[query.find] if facets is None else facets
        counted = {name: asked.facet(name) for name in names}
        return Page(query, tuple(asked.fetch(rows)), asked.found.count, counted, tuple(asked.notes))


def everything(record: Record, query: Query) -> Iterator[Found]:
    """All that is found, in the query's order, whatever its limit and offset: one state of the record to the end."""
    with _search(record, query) as asked:
        rows = asked.ordered(asked.found.count)
        for at in range(0, len(rows), _SLICE):
            yield from asked.fetch(rows[at : at + _SLICE])


def count(record: Record, query: Query) -> int:
    """How many there are."""
    with _search(record, query) as asked:
        return asked.found.count


def points(record: Record, query: Query) -> Points:
    """Where all that is found lies, whatever the page. Reports lie nowhere."""
    with _search(record, query) as asked:
        unit = asked.unit
        if "place" not in unit.arrays:
            nothing = np.empty(0)
            return Points(nothing, nothing, nothing, nothing, nothing, ())
        rows = asked.found.rows
        rows = rows[unit["lat"][rows] != MISSING]
        # Where the first place has no coordinates, the next one that has.
        owner = unit["place@"]
        further = np.flatnonzero(asked.found.mask[owner] & (unit["lat+"] != MISSING) & (unit["lat"][owner] == MISSING))
        others, first = np.unique(owner[further], return_index=True)
        further = further[first]
        lat = np.concatenate([unit["lat"][rows], unit["lat+"][further]]) / DEGREE
        lon = np.concatenate([unit["lon"][rows], unit["lon+"][further]]) / DEGREE
        rows = np.concatenate([rows, others])
        return Points(unit["n"][rows], lat, lon, unit["geo"][rows], unit["type"][rows], tuple(unit.values["type"]))


def days(record: Record, query: Query) -> Days:
    """When all that is found was, whatever the page; of reports, the day of publication."""
    with _search(record, query) as asked:
        unit = asked.unit
        rows = np.flatnonzero(asked.found.mask & (unit["day"] != MISSING))
        return Days(*(unit[name][rows] for name in ("n", "first", "last", "day", "precision")))


def ids(record: Record, query: Query, numbers: Sequence[int]) -> list[str]:
    """The ids of rows by number, in their order; those that are no more are left out."""
    table = _TABLES[query.find]
    with record.reading() as connection:
        known: dict[int, str] = {}
        for at in range(0, len(numbers), _SLICE):
            chosen = select(table.c.n, table.c.id).where(table.c.n.in_(numbers[at : at + _SLICE]))
            known.update((n, id) for n, id in connection.execute(chosen))
    return [known[n] for n in numbers if n in known]


@contextmanager
def _search(record: Record, query: Query) -> Iterator[_Asked]:
    with index_of(record).reading(record) as (connection, state):
        yield _Asked(connection, state, query)


_TABLES: dict[str, Table] = {"claims": CLAIMS, "incidents": INCIDENTS, "reports": REPORTS}
# Parameters that a unit answers of itself; the rest is asked of its claims. A report's days are those of publication.
_OWN: dict[str, frozenset[str]] = {
    "incidents": frozenset(
        "type country area place box near actor target since until precision status review grade incident".split()
    ),
    "reports": frozenset(("q", "outlet", "since", "until", "report")),
}
# The facet that a parameter is the filter of, where they are not called the same.
_FACET_OF = {"since": "day", "until": "day"}
_COLUMN_OF = {"year": "day", "month": "day"}


class _Asked:
    """One query on one state of a record: masks over the rows of its unit, and what is made of them."""

    def __init__(self, connection: Connection, state: State, query: Query) -> None:
        self.query = query
        self.notes: list[str] = []
        self._connection = connection
        self._state = state
        self.unit = state.units[query.find]
        self.masks = self._masks()
        self._lifted: dict[str, Chosen] = {}

    def _masks(self) -> dict[str, Array]:
        """A mask a filter, by the facet that it belongs to; what is asked of the claims of a unit is one mask."""
        find, query = self.query.find, self.query
        asked = query.filters
        if find == "claims":
            return _Filters(self._connection, self._state, query, self.notes).masks(asked)
        own = [name for name in asked if name in _OWN[find]]
        theirs = [name for name in asked if name not in _OWN[find]]
        masks = _Filters(self._connection, self._state, query, self.notes).masks(own)
        if theirs:
            of_claims = _Filters(self._connection, self._state, query.replace(find="claims"), self.notes).masks(theirs)
            claims = _all(of_claims.values(), len(self._state.claims))
            column = {"incidents": "incident", "reports": "report"}[find]
            masks["claims"] = self.unit.numbered(self._state.claims[column][claims])
        return masks

    @cached_property
    def found(self) -> Chosen:
        return Chosen(_all(self.masks.values(), len(self.unit)))

    def _without(self, own: str) -> Chosen:
        """What would be found without one facet's filter."""
        if own not in self.masks:
            return self.found
        if own not in self._lifted:
            others = (mask for name, mask in self.masks.items() if name != own)
            self._lifted[own] = Chosen(_all(others, len(self.unit)))
        return self._lifted[own]

    def facet(self, name: str) -> Facet:
        """The counts of one facet, its own filter lifted."""
        rows = self._without(_COLUMN_OF.get(name, name))
        if name in ("year", "month"):
            return self._calendar(name, rows)
        counts = self.unit.counts(name, rows)
        values = self.unit.values[name]
        chosen = self._chosen(name)
        codes = np.flatnonzero(counts)
        codes = codes[codes != 0]
        if name == "area":  # second-level areas can be asked for, but first-level ones are what is listed
            codes = codes[[values[code].count(".") == 1 for code in codes]] if len(codes) else codes
        order = codes[np.lexsort((codes, -counts[codes]))]
        shown = [*order[:SHOWN].tolist(), *(code for code in order[SHOWN:].tolist() if values[code] in chosen)]
        listed = tuple(
            Count(values[code], self._label(name, values[code]), int(counts[code]), values[code] in chosen)
            for code in shown
        )
        return Facet(name, listed, len(codes))

    def _calendar(self, name: str, rows: Chosen) -> Facet:
        """Years or months in their order; what lasted longer counts where it ended."""
        months = self.unit.counts("month", rows)
        if name == "year":
            months = np.add.reduceat(months, range(0, len(months), 12)) if len(months) else months
        codes = [int(code) for code in np.flatnonzero(months) if code]
        asked = self.query.since if self.query.since == self.query.until else None
        spelt = [(code, f"{code:04}" if name == "year" else f"{code // 12:04}-{code % 12 + 1:02}") for code in codes]
        counts = tuple(Count(iso, iso, int(months[code]), iso == asked) for code, iso in spelt)
        return Facet(name, counts, len(counts))

    def _chosen(self, name: str) -> frozenset[str]:
        fields = {"type": "types", "country": "countries", "status": "statuses"}
        values: tuple[str, ...] = getattr(self.query, fields.get(name, f"{name}s"), ())
        return frozenset(values)

    def _label(self, name: str, value: str) -> str:
        known = self._state.labels.get((name, value))
        if known is None:
            known = self._state.labels[name, value] = self._read_label(name, value)
        return known

    def _read_label(self, name: str, value: str) -> str:
        match name:
            case "type":
                return EVENT_TYPES[value].label if value in EVENT_TYPES else value
            case "country" | "area":
                area = _gazetteer().area(value)
                return area.name if area else value
            case "actor" | "target" | "source":
                a = CLAIM_ACTORS.c
                found = self._connection.execute(
                    select(a.name).where(a.actor_id == value, a.role == name).limit(1)
                ).first()
                return (found.name if found else None) or value
            case "place":
                p = CLAIM_PLACES.c
                found = self._connection.execute(
                    select(p.name, p.words).where(p.gazetteer_id == value).limit(1)
                ).first()
                return (found.name or found.words) if found else value
        return value

    def ordered(self, top: int) -> Array:
        """The first `top` rows in the query's order, as row indices. Rows that are level stand newest added first."""
        rows = self.found.rows
        if not len(rows) or not top:
            return rows[:0]
        key = (self._key(rows).astype(np.int64) << 32) | self.unit["n"][rows]
        top = min(top, len(rows))
        if top < len(rows):
            cut = np.argpartition(key, len(rows) - top)[len(rows) - top :]
            rows, key = rows[cut], key[cut]
        return rows[np.argsort(key)[::-1]]

    def _key(self, rows: Array) -> Array:
        """What to sort by, the greatest first."""
        unit, sort = self.unit, self.query.sort
        if sort == "relevance" and self.query.text and self._ranks is not None:
            return self._ranks[rows]
        if sort == "published" and "published" in unit.arrays:
            return unit["published"][rows]
        if sort in ("surest", "doubtful") and "sure" in unit.arrays:
            sure = unit["sure"][rows].astype(np.int32)
            return sure if sort == "surest" else -sure
        if sort == "added":
            return np.zeros(len(rows), np.int32)
        day = unit["day"][rows]
        return np.where(day == MISSING, MISSING, -day) if sort == "oldest" else day

    @cached_property
    def _ranks(self) -> Array | None:
        """Relevance by row, in ranks; None where there are too many to weigh, or the words are of a unit's claims."""
        table = {"claims": "fts_claims", "reports": "fts_reports"}.get(self.query.find)
        parsed = words.parse(self.query.text)
        if table is None or not parsed.all or np.count_nonzero(self.masks["q"]) > RANKED:
            if table is not None and parsed.all:
                self.notes.append(f"more than {RANKED:,} hold these words: the newest first, not the most relevant")
            return None
        if self._connection.dialect.name == "sqlite":
            asked = f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH :words"  # the lower the better
            found = self._connection.execute(text(asked), {"words": words.fts5(parsed)}).all()
        else:
            asked = (
                f"SELECT n, -ts_rank_cd(words, asked) FROM {table}, to_tsquery('simple', :words) AS asked "
                "WHERE words @@ asked"
            )
            found = self._connection.execute(text(asked), {"words": words.tsquery(parsed)}).all()
        ranks = np.zeros(len(self.unit), np.int32)
        row_of = self.unit.row_of
        for rank, (n, _) in enumerate(sorted(found, key=lambda row: (-row[1], row[0]))):
            if n < len(row_of) and row_of[n] >= 0:
                ranks[row_of[n]] = rank + 1
        return ranks

    def fetch(self, rows: Array) -> list[Found]:
        """What stands in the tables for these rows, in their order."""
        numbers: list[int] = self.unit["n"][rows].tolist()
        known: dict[int, Found] = {}
        for at in range(0, len(numbers), _SLICE):
            known |= _FETCH[self.query.find](self._connection, numbers[at : at + _SLICE])
        return [known[n] for n in numbers]


class _Filters:
    """The filters of a query as masks over the rows of its unit."""

    def __init__(self, connection: Connection, state: State, query: Query, notes: list[str]) -> None:
        self._connection = connection
        self._query = query
        self._unit: Columns = state.units[query.find]
        self._notes = notes

    def masks(self, names: Sequence[str]) -> dict[str, Array]:
        """By facet, for the parameters of these names."""
        out: dict[str, Array] = {}
        for name in names:
            facet = _FACET_OF.get(name, name)
            mask = self._mask(name)
            out[facet] = out[facet] & mask if facet in out else mask
        return out

    def _mask(self, name: str) -> Array:
        unit, query = self._unit, self._query
        match name:
            case "q":
                return self._matching(query.text)
            case "type" | "scope" | "status" | "review" | "grade" | "outlet" | "country":
                field = {"type": "types", "status": "statuses", "country": "countries"}.get(name, f"{name}s")
                return self._having(name, getattr(query, field))
            case "actor":
                return self._who(name, query.actors)
            case "target":
                return self._who(name, query.targets)
            case "source":
                return self._who(name, query.sources)
            case "area":
                return self._having(name, [code for area in query.areas for code in self._area_codes(area)])
            case "place":
                return self._place(query.places)
            case "box":
                assert query.box is not None
                return unit.holding("place", partial(_in_box, query.box))
            case "near":
                assert query.near is not None
                return unit.holding("place", partial(_in_circle, query.near))
            case "since" | "until" | "precision" | "surer" | "unsurer":
                return self._within(name)
            case "incident":
                return self._identified(INCIDENTS, "incident", query.incidents)
            case "report":
                return self._identified(REPORTS, "report", query.reports)
        raise AssertionError(f"a parameter that nothing filters by: {name}")

    def _within(self, name: str) -> Array:
        """Rows that lie on the asked side of a day, a precision or a confidence."""
        unit, query = self._unit, self._query
        mask: Array
        if name == "since":
            mask = (unit["last"] >= query.days()[0]) & (unit["day"] != MISSING)
        elif name == "until":
            mask = (unit["first"] <= query.days()[1]) & (unit["day"] != MISSING)
        elif name == "precision":
            mask = unit["precision"] <= query.precision
        elif name == "surer":
            mask = unit["sure"] >= round((query.surer or 0) * SURE)
        else:
            mask = unit["sure"] <= round((query.unsurer or 0) * SURE)
        return mask

    def _having(self, name: str, values: Sequence[str]) -> Array:
        codes = self._unit.codes[name]
        return self._unit.having(name, [codes[value] for value in values if value in codes])

    def _matching(self, typed: str, column: _Slot | None = None) -> Array:
        """Rows whose words are those; `column`: the words of that slot only."""
        parsed = words.parse(typed)
        if not parsed.all:  # only words to leave out
            unwanted = self._holding(words.Words((parsed.none,)), column)
            return np.logical_not(unwanted)
        return self._holding(parsed, column)

    def _holding(self, parsed: words.Words, column: _Slot | None) -> Array:
        table = "fts_reports" if self._query.find == "reports" else "fts_claims"
        # One text with all numbers: a million rows would take a second to come one by one.
        if self._connection.dialect.name == "sqlite":
            asked = f"SELECT group_concat(rowid) FROM {table} WHERE {table} MATCH :words"
            given = words.fts5(parsed, column)
        else:
            vector = "places" if column == "places" else "words"
            asked = f"SELECT string_agg(n::text, ',') FROM {table} WHERE {vector} @@ to_tsquery('simple', :words)"
            given = words.tsquery(parsed, _WEIGHTS.get(column or ""))
        listed = self._connection.execute(text(asked), {"words": given}).scalar()
        return self._unit.numbered(np.fromstring(listed or "", np.int64, sep=","))

    def _who(self, role: Literal["actor", "target", "source"], values: Sequence[str]) -> Array:
        """Rows with such an actor in that role: by id in the register, by a name the register has, or by wording."""
        mask = np.zeros(len(self._unit), bool)
        codes = self._unit.codes[role]
        for value in values:
            exact = [key for key in (value, source_key(value)) if key in codes]
            if exact:
                mask |= self._having(role, exact[:1])
            if not exact or exact[0] != value:
                mask |= self._having(role, _register_ids(value))
                mask |= self._worded(value, f"{role}s")
        return mask

    def _place(self, values: Sequence[str]) -> Array:
        mask = np.zeros(len(self._unit), bool)
        for value in values:
            if value in self._unit.codes["place"]:
                mask |= self._having("place", [value])
            else:
                mask |= self._having("place", _gazetteer_ids(value))
                mask |= self._worded(value, "places")
        return mask

    def _worded(self, value: str, column: Any) -> Array:
        """Rows that have `value` as a phrase in a slot; of incidents, there is only what their claims say."""
        phrase = words.split(value)
        if self._query.find != "claims" or not phrase:
            return np.zeros(len(self._unit), bool)
        return self._matching(f'"{" ".join(phrase)}"', column)

    def _area_codes(self, area: str) -> list[str]:
        known = self._unit.codes["area"]
        if area in known or _CODE.fullmatch(area):
            return [area]
        found = [
            entry
            for entry in _areas_called(area)
            if not self._query.countries or entry[0].partition(".")[0] in self._query.countries
        ]
        # Of several of that name, the first that the record speaks of; the others are told.
        found.sort(key=lambda entry: entry[0] not in known)
        if not found:
            self._notes.append(f"area {area}: no area of that name is known")
            return []
        code, name = found[0]
        others = ", ".join(f"{other} ({other_name})" for other, other_name in found[1:4])
        self._notes.append(f"area {area}: taken as {name} ({code}){f'; there are also {others}' if others else ''}")
        return [code]

    def _identified(self, table: Table, column: str, values: Sequence[str]) -> Array:
        """Rows of these ids, or (of claims) that belong to what has these ids."""
        named = [value for value in values if value != "none"]
        numbers: list[int] = []
        for at in range(0, len(named), _SLICE):
            chosen = select(table.c.n).where(table.c.id.in_(named[at : at + _SLICE]))
            numbers += self._connection.execute(chosen).scalars()
        if self._query.find != "claims":
            return self._unit.numbered(np.array(numbers, np.int64))
        if "none" in values:
            numbers.append(0)
        return np.isin(self._unit[column], numbers)


def _in_box(box: Box, _: Array, lat: Array, lon: Array) -> Array:
    west, south, east, north = (round(side * DEGREE) for side in (box.west, box.south, box.east, box.north))
    within = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | ((lon <= east) & (lon != MISSING))
    mask: Array = within & (lat >= south) & (lat <= north)
    return mask


def _in_circle(near: Near, _: Array, lat: Array, lon: Array) -> Array:
    """Great-circle distance, measured only between the circle's parallels."""
    reach = near.km / _KM
    mask: Array = (lat >= (near.lat - reach) * DEGREE) & (lat <= (near.lat + reach) * DEGREE) & (lat != MISSING)
    candidates = np.flatnonzero(mask)
    lats, lons = np.radians(lat[candidates] / DEGREE), np.radians(lon[candidates] / DEGREE)
    here, there = np.radians(near.lat), np.radians(near.lon)
    half = np.sin((lats - here) / 2) ** 2 + np.cos(here) * np.cos(lats) * np.sin((lons - there) / 2) ** 2
    mask[candidates] = 12742.0 * np.arcsin(np.sqrt(np.minimum(half, 1))) <= near.km
    return mask


_Slot = Literal["actors", "targets", "sources", "places"]
_WEIGHTS = {"actors": "A", "targets": "B", "sources": "C"}


def _all(masks: Any, length: int) -> Array:
    out = np.ones(length, bool)
    for mask in masks:
        out &= mask
    return out


@lru_cache(maxsize=256)
def _register_ids(name: str) -> tuple[str, ...]:
    """The actors that the register knows by this name or alias."""
    from mahdar.who.names import key
    from mahdar.who.register import Register

    register = Register.load()
    named = tuple(actor.id for actor in register if actor.name.casefold() == name.casefold())
    return tuple(dict.fromkeys((*named, *(actor.id for actor in register.by_alias.get(key(name), ())))))


@cache
def _gazetteer() -> Gazetteer:
    from mahdar.where.gazetteer import Gazetteer

    return Gazetteer.open()


def _gazetteer_ids(name: str) -> tuple[str, ...]:
    return tuple(entry.ref for entry in _gazetteer().find(name))


def _areas_called(name: str) -> list[tuple[str, str]]:
    """Code and name of the first and second-level areas that a name may mean, best first."""
    found = _gazetteer().find(name)
    return [(entry.code, entry.name) for entry in found if entry.kind in ("admin1", "admin2") and entry.code]


def _fetch_claims(connection: Connection, numbers: list[int]) -> dict[int, Found]:
    stored = {row.n: (row.report_n, stored_claim(row)) for row in connection.execute(_CLAIMS_OF, {"numbers": numbers})}
    r = REPORTS.c
    wanted = sorted({report_n for report_n, _ in stored.values()})
    rows = connection.execute(select(r.n, r.id, r.name, r.title, r.outlet, r.published).where(r.n.in_(wanted)))
    headings = {n: Heading(*rest) for n, *rest in rows}
    return {n: FoundClaim(claim, headings[report_n]) for n, (report_n, claim) in stored.items()}


def _fetch_incidents(connection: Connection, numbers: list[int]) -> dict[int, Found]:
    rows = connection.execute(select(INCIDENTS).where(INCIDENTS.c.n.in_(numbers)))
    return {row.n: stored_incident(row) for row in rows}


def _fetch_reports(connection: Connection, numbers: list[int]) -> dict[int, Found]:
    rows = connection.execute(select(REPORTS).where(REPORTS.c.n.in_(numbers)))
    return {row.n: stored_report(row) for row in rows}


_CLAIMS_OF = select_claims().where(CLAIMS.c.n.in_(bindparam("numbers", expanding=True)))
_FETCH: dict[str, Any] = {"claims": _fetch_claims, "incidents": _fetch_incidents, "reports": _fetch_reports}
