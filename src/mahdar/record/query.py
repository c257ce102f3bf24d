"""What one asks of a record: a frozen `Query`, the same for the command line, the API, Python and a page's address.

A query is written as name and value pairs, as in an address: `type=shelling_artillery_missile&country=SY&since=2019-06`.
`Query.from_params` reads such pairs, `to_params` writes the shortest ones that mean the same. `PARAMETERS` lists every
name with what it means; values of one name are alternatives, different names must all hold. Nothing here looks at a
record; `search.py` does.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, Self, get_args
from urllib.parse import parse_qsl, urlencode

from mahdar.codebook import EVENT_TYPES
from mahdar.model import MahdarError, Scope, Status
from mahdar.record.decisions import Review
from mahdar.record.words import parse
from mahdar.when.days import day_of

Unit = Literal["claims", "incidents", "reports"]
Sort = Literal["newest", "oldest", "published", "added", "surest", "doubtful", "relevance"]

MOST = 1000
"""The longest page. Whoever wants everything asks page after page (`search.everything`)."""
SIZE = 50


@dataclass(frozen=True, slots=True)
class Box:
    """A map box in degrees, edges included. `west` may be greater than `east`: the box then crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west <= 180 and -180 <= self.east <= 180 and -90 <= self.south <= self.north <= 90):
            raise MahdarError(f"box={self}: not west,south,east,north in degrees")

    def __str__(self) -> str:
        return ",".join(map(_shown, (self.west, self.south, self.east, self.north)))


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the map: degrees and km."""

    lat: float
    lon: float
    km: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180 and 0 < self.km <= 20_100):
            raise MahdarError(f"near={self}: not latitude,longitude,kilometres")

    def __str__(self) -> str:
        return ",".join(map(_shown, (self.lat, self.lon, self.km)))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name of an address: the field of `Query` it fills, how its value is read, and what it means."""

    field: str
    meaning: str
    read: Any = str
    choices: tuple[str, ...] = ()
    many: bool = False


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _shown(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _box(text: str) -> Box:
    return Box(*_numbers(text))


def _near(text: str) -> Near:
    return Near(*_numbers(text))


PARAMETERS: dict[str, Parameter] = {
    "find": Parameter("find", "claims, incidents or reports", choices=get_args(Unit)),
    "q": Parameter("text", 'words: all of them, "a phrase", this OR that, -without, begin*'),
    "type": Parameter("types", "event type", choices=tuple(EVENT_TYPES), many=True),
    "actor": Parameter("actors", "who did it: register id, register name, alias or words of the source", many=True),
    "target": Parameter("targets", "to whom or what: as actor", many=True),
    "source": Parameter("sources", "who says so: as actor", many=True),
    "outlet": Parameter("outlets", "who published it", many=True),
    "country": Parameter("countries", "where: two-letter country code", str.upper, many=True),
    "area": Parameter("areas", "where: code (SY.12) or name of a governorate, province or district", many=True),
    "place": Parameter("places", "where: gazetteer id, name, or words of the source", many=True),
    "box": Parameter("box", "west,south,east,north in degrees", _box),
    "near": Parameter("near", "latitude,longitude,kilometres", _near),
    "since": Parameter("since", "not over before this day, month or year"),
    "until": Parameter("until", "begun by this day, month or year"),
    "precision": Parameter("precision", "dated at least to: 1 the day, 2 the week, 3 the month, 4 the year", int),
    "status": Parameter("statuses", "how it is put", choices=get_args(Status), many=True),
    "scope": Parameter("scopes", "one event, or a total over many", choices=get_args(Scope), many=True),
    "review": Parameter("reviews", "what people made of it", choices=get_args(Review), many=True),
    "surer": Parameter("surer", "confidence at least, 0 to 1", float),
    "unsurer": Parameter("unsurer", "confidence at most, 0 to 1", float),
    "grade": Parameter("grades", "how well its incident is carried", many=True),
    "incident": Parameter("incidents", "id of its incident; `none` for claims in no incident", many=True),
    "report": Parameter("reports", "id of its report", many=True),
    "sort": Parameter("sort", "order", choices=get_args(Sort)),
    "limit": Parameter("limit", f"how many, 1 to {MOST}", int),
    "offset": Parameter("offset", "after how many", int),
}
_NAME_OF = {p.field: name for name, p in PARAMETERS.items()}


@dataclass(frozen=True, slots=True)
class Query:
    """What to find. Fields of several values hold alternatives, sorted and without repeats, so equal queries are equal.

    `since` and `until` are ISO days, months or years and ask for overlap with the interval that a claim gives itself.
    Raises MahdarError, naming the parameter, where a value cannot be meant.
    """

    find: Unit = "claims"
    text: str = ""
    types: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    box: Box | None = None
    near: Near | None = None
    since: str | None = None
    until: str | None = None
    precision: int | None = None
    statuses: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    surer: float | None = None
    unsurer: float | None = None
    grades: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    sort: Sort = "newest"
    limit: int = SIZE
    offset: int = 0

    def __post_init__(self) -> None:
        for name, parameter in PARAMETERS.items():
            value = getattr(self, parameter.field)
            if parameter.many:
                value = tuple(sorted({parameter.read(_searchable(name, v)) for v in value} - {""}))
            elif isinstance(value, str):
                value = _searchable(name, value) or ("" if name == "q" else None)
            object.__setattr__(self, parameter.field, value)
            for one in value if parameter.many else (value,):
                if parameter.choices and one not in parameter.choices:
                    raise MahdarError(f"{name}={one}: {_instead(str(one), parameter.choices)}")
        parse(self.text)  # refuses what cannot be searched
        first = _day("since", self.since, last=False)
        final = _day("until", self.until, last=True)
        if first is not None and final is not None and first > final:
            raise MahdarError(f"since={self.since}&until={self.until}: begins after its end")
        for name in ("surer", "unsurer"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise MahdarError(f"{name}={_shown(value)}: not between 0 and 1")
        for name, low, high in (("precision", 1, 4), ("limit", 1, MOST), ("offset", 0, 10**9)):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise MahdarError(f"{name}={value}: not between {low} and {high}")

    @classmethod
    def from_params(cls, params: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Self:
        """A query from pairs of `PARAMETERS`' names and text, or from a mapping of name to value or list of values.

        An empty value counts as not given (a form sends its empty fields). Raises MahdarError on a name that there is
        not, a value that cannot be read, and several values where one can be meant.
        """
        pairs = params.items() if isinstance(params, Mapping) else params
        given: dict[str, list[str]] = {}
        for name, values in pairs:
            if name not in PARAMETERS:
                raise MahdarError(f"{name}: no such search parameter; {_instead(name, tuple(PARAMETERS))}")
            several = values if isinstance(values, list | tuple) else [values]
            given.setdefault(name, []).extend(str(v) for v in several if v is not None and str(v).strip())
        fields: dict[str, Any] = {}
        for name, texts in given.items():
            parameter = PARAMETERS[name]
            try:
                values = [parameter.read(text.strip()) for text in texts]
            except (ValueError, TypeError):
                raise MahdarError(f"{name}={texts[0]}: not {parameter.meaning}") from None
            if parameter.many:
                fields[parameter.field] = tuple(values)
            elif len(values) > 1:
                raise MahdarError(f"{name}: given {len(values)} times, can be given once")
            elif values:
                fields[parameter.field] = values[0]
        return cls(**fields)

    @classmethod
    def from_url(cls, query: str) -> Self:
        """A query from the part of an address after `?`."""
        return cls.from_params(parse_qsl(query.removeprefix("?")))

    def to_params(self) -> list[tuple[str, str]]:
        """The pairs that `from_params` makes this query of, in the order of `PARAMETERS`; defaults are left out."""
        pairs = []
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            if value == spec.default:
                continue
            several = value if isinstance(value, tuple) else (value,)
            pairs += [(_NAME_OF[spec.name], _shown(v) if isinstance(v, float) else str(v)) for v in several]
        return pairs

    def to_url(self) -> str:
        """The part of an address after `?`: `from_url(q.to_url()) == q`."""
        return urlencode(self.to_params())

    def replace(self, **changes: Any) -> Self:
        """The same query with some fields changed; back to the first page unless `offset` is among them."""
        return dataclasses.replace(self, **({"offset": 0} | changes))

    def toggle(self, name: str, value: str) -> Self:
        """With the value of a facet added, or taken away if it is there. `year` and `month` set `since` and `until`."""
        if name in ("year", "month"):
            same = self.since == self.until == value
            return self.replace(since=None if same else value, until=None if same else value)
        if name not in PARAMETERS or not PARAMETERS[name].many:
            raise MahdarError(f"{name}: not something to choose several values of")
        held: tuple[str, ...] = getattr(self, PARAMETERS[name].field)
        changed = tuple(v for v in held if v != value) if value in held else (*held, value)
        return self.replace(**{PARAMETERS[name].field: changed})

    def page(self, number: int) -> Self:
        """The same query at its `number`-th page, from 1."""
        return self.replace(offset=(number - 1) * self.limit)

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the parameters that narrow the result (not find, sort, limit, offset)."""
        beside = ("find", "sort", "limit", "offset")
        return tuple(dict.fromkeys(name for name, _ in self.to_params() if name not in beside))

    def days(self) -> tuple[int | None, int | None]:
        """First and last day asked for, as days since 1970-01-01; None where open."""
        return _day("since", self.since, last=False), _day("until", self.until, last=True)


_EPOCH = day_of("1970").toordinal()
_UNSEARCHABLE = re.compile(r"[\x00\ud800-\udfff]")


def _searchable(name: str, text: str) -> str:
    if _UNSEARCHABLE.search(text):
        raise MahdarError(f"{name}: holds characters that no text has")
    return " ".join(text.split())


def _day(name: str, iso: str | None, *, last: bool) -> int | None:
    if iso is None:
        return None
    try:
        return day_of(iso, last=last).toordinal() - _EPOCH
    except ValueError:
        raise MahdarError(f"{name}={iso}: not a day (2020-04-02), month (2020-04) or year (2020)") from None


def _instead(value: str, choices: tuple[str, ...]) -> str:
    near = get_close_matches(value, choices, n=1)
    return f"did you mean {near[0]}?" if near else f"is not one of {', '.join(choices)}"
