"""Other people's records: rows of ACLED's and UCDP GED's CSV, old layouts and new, as events that ours can be compared with.

    for event in read_external(Path("acled.csv")):
        event.start, event.place, event.actors

An `External` says what the row says in mahdar's terms; `as_claim` gives it the shape of a report with one claim, so that
it is linked as any claim is.
"""

from __future__ import annotations

import csv
import sys
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from mahdar.codebook import EVENT_TYPES
from mahdar.model import Actor, Claim, Figure, MahdarError, Place, Report, Span, Time, Words
from mahdar.publish.geography import countries
from mahdar.when.days import day_of
from mahdar.who import Register

Dataset = Literal["ACLED", "UCDP"]
ACLED_NEEDS = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "latitude", "longitude", "fatalities")
UCDP_NEEDS = ("id", "type_of_violence", "side_a", "side_b", "date_start", "date_end", "latitude", "longitude", "best")
_UCDP_TYPES = {"1": "armed_clash", "2": "armed_clash", "3": "attack"}
_UCDP_DAYS = {"1": 1, "2": 2, "3": 2, "4": 3, "5": 4}
_UCDP_PLACES = {"1": 1, "2": 2}


@dataclass(frozen=True, slots=True)
class External:
    """One row: `type` is mahdar's code for it, `label` its own; `start` and `end` (ISO) are the days it may mean; `low` and
    `high` are deaths."""

    dataset: Dataset
    id: str
    type: str
    label: str
    start: str
    end: str
    time_precision: int
    country: str | None
    place: str
    lat: float
    lon: float
    geo_precision: int
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    low: int
    high: int
    sources: str
    notes: str


def read_external(file: Path) -> Iterator[External]:
    """The rows of an ACLED or UCDP GED file, told apart by their columns.

    Raises MahdarError for a file that is neither, and, with its line, for a row with a day or number that is none.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            delimiter = ";" if lines.readline().count(";") > 10 else ","  # ACLED's own export tool has both
            lines.seek(0)
            rows = csv.DictReader(lines, delimiter=delimiter)
            has = set(rows.fieldnames or ())
            read: Callable[[Mapping[str, str]], External]
            if has.issuperset(ACLED_NEEDS):
                read = _acled
            elif has.issuperset(UCDP_NEEDS):
                read = _ucdp
            else:
                raise MahdarError(f"{file}: has neither ACLED's nor UCDP GED's columns")
            for row in rows:
                try:
                    yield read(row)
                except (KeyError, TypeError, ValueError) as error:
                    raise MahdarError(f"{file}, line {rows.line_num}: is no event ({error})") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MahdarError(f"{file}: cannot be read ({error})") from error


def as_claim(event: External) -> tuple[Report, Claim]:
    """A report that says what the row says, and the claim in it: every value has its words there."""
    page = _Page(event.notes or event.label)
    evidence = Words(Span(0, len(page.text)), page.text)
    day = event.end
    claim_id = f"{event.dataset}:{event.id}"
    place = Place(
        page.add(event.place),
        name=event.place,
        country=event.country,
        lat=event.lat,
        lon=event.lon,
        precision=event.geo_precision,
    )
    figures = (Figure("killed", event.low, event.high, page.add(str(event.low))),) if event.high else ()
    claim = Claim(
        id=claim_id,
        report=claim_id,
        type=event.type,
        scope="event",
        status="asserted",
        trigger=page.add(event.label),
        evidence=(evidence,),
        actors=tuple(_actor(page, name, event) for name in event.actors),
        targets=tuple(_actor(page, name, event) for name in event.targets),
        places=(place,),
        geo_precision=event.geo_precision,
        time=Time(event.start, event.end, event.time_precision),
        figures=figures,
    )
    return Report(claim_id, page.text, None, event.dataset, day, event.country), claim


class _Page:
    """A text that grows, and says where each piece went."""

    def __init__(self, text: str) -> None:
        self.text = text

    def add(self, piece: str) -> Words:
        start = len(self.text) + 1
        self.text += f"\n{piece}"
        return Words(Span(start, start + len(piece)), piece)


def _acled(row: Mapping[str, str]) -> External:
    precision = int(row.get("time_precision") or 1)
    start, end = _around(day_of(_iso(row["event_date"])), precision)
    deaths = int(float(row["fatalities"] or 0))
    label = row["sub_event_type"]
    return External(
        dataset="ACLED",
        id=row["event_id_cnty"],
        type=_acled_types().get(label, "other"),
        label=label,
        start=start.isoformat(),
        end=end.isoformat(),
        time_precision=precision,
        country=_by_number().get(row.get("iso") or "") or _by_name().get((row.get("country") or "").lower()),
        place=row.get("location") or "",
        lat=float(row["latitude"]),
        lon=float(row["longitude"]),
        geo_precision=int(row.get("geo_precision") or 1),
        actors=_names(row.get("actor1"), row.get("assoc_actor_1")),
        targets=_names(row.get("actor2"), row.get("assoc_actor_2")),
        low=deaths,
        high=deaths,
        sources=row.get("source") or "",
        notes=row.get("notes") or "",
    )


def _around(day: date, precision: int) -> tuple[date, date]:
    """The days that ACLED may mean: it writes the middle day of a week, and some day of a month."""
    if precision == 1:
        return day, day
    if precision == 2:
        return day - timedelta(days=3), day + timedelta(days=3)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _ucdp(row: Mapping[str, str]) -> External:
    best = int(row["best"] or 0)
    return External(
        dataset="UCDP",
        id=row["id"],
        type=_UCDP_TYPES.get(row["type_of_violence"], "other"),
        label={"1": "State-based violence", "2": "Non-state violence"}.get(
            row["type_of_violence"], "One-sided violence"
        ),
        start=day_of(_iso(row["date_start"])).isoformat(),
        end=day_of(_iso(row["date_end"])).isoformat(),
        time_precision=_UCDP_DAYS.get(row.get("date_prec") or "1", 4),
        country=_by_state().get(row.get("country_id") or "") or _by_name().get((row.get("country") or "").lower()),
        place=row.get("where_coordinates") or row.get("adm_1") or "",
        lat=float(row["latitude"]),
        lon=float(row["longitude"]),
        geo_precision=_UCDP_PLACES.get(row.get("where_prec") or "1", 3),
        actors=_names(row["side_a"]),
        targets=_names(row["side_b"]),
        low=int(row.get("low") or best),
        high=int(row.get("high") or best),
        sources=row.get("source_original") or row.get("source_office") or "",
        notes=row.get("source_headline") or row.get("where_description") or "",
    )


def _iso(text: str) -> str:
    """A day as ISO: `2019-07-16`, `2019-07-16 00:00:00.000`, `16 July 2019`, `16-July-2019`."""
    from mahdar.intake.dates import iso_day

    told = iso_day(text.strip()[:10]) or iso_day(text.strip().replace("-", " "))
    if told is None:
        raise ValueError(f"{text!r} is no day")
    return told


def _names(*cells: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for cell in cells if cell for name in cell.split(";") if name.strip())


def _actor(page: _Page, name: str, event: External) -> Actor:
    """The register's entry of that name (ACLED's names are those of the register), else as worded."""
    found = _register_names().get(name)
    if found is None:
        match = Register.load().resolve(name, country=event.country, day=event.start)
        found = (match.actor.id, match.actor.name, match.actor.kind) if match else None
    return Actor(page.add(name), *(found or ()))


@cache
def _register_names() -> dict[str, tuple[str, str, str]]:
    return {actor.name: (actor.id, actor.name, actor.kind) for actor in Register.load()}


@cache
def _acled_types() -> dict[str, str]:
    """ACLED's sub-event type -> ours; "Other" is `other`, not the extensions that stand under it."""
    types = {kind.acled_sub_event: code for code, kind in reversed(EVENT_TYPES.items())}
    return types | {"Other": "other"}


@cache
def _by_number() -> dict[str, str]:
    return {str(c.numeric): c.iso2 for c in countries().values() if c.numeric is not None}


@cache
def _by_name() -> dict[str, str]:
    return {name.lower(): c.iso2 for c in countries().values() for name in (c.name, c.ucdp_name)}


@cache
def _by_state() -> dict[str, str]:
    """Gleditsch and Ward's number -> ISO code; Yugoslavia's number, which UCDP keeps for Serbia, too."""
    return {str(c.gwno): c.iso2 for c in countries().values() if c.gwno} | {"345": "RS"}
