"""What an export says of a place beyond the claim: country codes and regions, names of areas, grid cells.

Country codes: ISO 3166-1; names and regions as ACLED and as UCDP write them; `gwno`: Gleditsch and Ward's list of states
as of today, empty where it has none (Palestine, Western Sahara: UCDP counts events there to the state that rules them).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mahdar.model import Place
from mahdar.publish.case import Case
from mahdar.where.gazetteer import Gazetteer

SITES = frozenset("site base airfield crossing camp road".split())


@dataclass(frozen=True, slots=True)
class Country:
    iso2: str
    iso3: str
    numeric: int | None
    name: str
    acled_region: str
    ucdp_name: str
    ucdp_region: str
    gwno: int | None


@cache
def countries() -> dict[str, Country]:
    """ISO two-letter code -> country, from `data/countries.csv`."""
    with (Path(__file__).with_name("data") / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {
            r["iso2"]: Country(
                r["iso2"],
                r["iso3"],
                int(r["numeric"]) if r["numeric"] else None,
                r["name"],
                r["acled_region"],
                r["ucdp_name"] or r["name"],
                r["ucdp_region"],
                int(r["gwno"]) if r["gwno"] else None,
            )
            for r in csv.DictReader(file)
        }


def country(iso2: str | None) -> Country | None:
    return countries().get(iso2) if iso2 else None


def country_name(iso2: str | None) -> str:
    known = country(iso2)
    return known.name if known else iso2 or ""


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer.open()


@cache
def area_name(code: str | None) -> str:
    """The name of an area by its GeoNames code (`SY.12`); empty where the gazetteer has none."""
    entry = _gazetteer().area(code) if code else None
    return entry.name if entry else ""


def spots(case: Case) -> list[Place]:
    """The places an incident happened at that have a point: those of one claim that the incident holds, finest first."""
    at = [p for p in case.incident.places if p.role == "at" and p.lat is not None and p.lon is not None]
    return sorted(at, key=lambda p: p.precision or 9)


def scene(case: Case) -> Place | None:
    """The one place to put the incident at on a map: the finest with a point, else the first place named."""
    found = spots(case)
    if found:
        return found[0]
    return next((p for p in case.incident.places if p.role == "at"), next(iter(case.incident.places), None))


def grid_cell(lat: float, lon: float) -> int:
    """The PRIO-GRID cell of a point: half a degree square, numbered from the south west by rows of 720."""
    row = min(math.floor((lat + 90) * 2), 359)
    column = min(math.floor((lon + 180) * 2), 719)
    return row * 720 + column + 1
