"""UCDP GED: 49 columns, one row an event with a death, by the rules of `ucdp-ged.toml`; what is left out is listed.

Deaths are ranges: `low` the lowest and `high` the highest number that a claim carrying the incident gives, `best` the
lower end of the incident's own figure. Nothing is averaged. Deaths stand on the side they fell on where the register
knows who was hit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from mahdar.codebook.crosswalks import crosswalks
from mahdar.model import Actor, Place
from mahdar.publish.acled import row_number
from mahdar.publish.case import UNDECIDED, Case
from mahdar.publish.geography import Country, area_name, country, grid_cell, scene
from mahdar.publish.leftout import LEFT_OUT, LeftOut, must_have_happened
from mahdar.publish.leftout import row as left_out_row
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, joined, table, written
from mahdar.when.days import days

ROWS = table("", "Events as UCDP GED lists them", "ucdp")
TABLES = (ROWS, LEFT_OUT)


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """The two tables in pieces; memory does not grow with the cases."""
    return written(TABLES, (_row(cleared.case) for cleared in cases))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Who fought whom: the type of violence and the two sides, the state first."""

    violence: int
    a: Actor
    b: Actor | None
    hit: str  # the column of the deaths


def _row(case: Case) -> tuple[str, Sequence[Any]]:
    try:
        return ROWS.part, _cells(case)
    except LeftOut as reason:
        return left_out_row(case, reason)


def _cells(case: Case) -> list[Any]:
    """The row's cells in the columns' order. Raises LeftOut."""
    one = case.incident
    must_have_happened(case)
    low, best, high = _deaths(case)
    sides = _sides(case)
    first, last, date_precision = _dates(case)
    place, lat, lon, nation = _place(case)
    side_a = sides.a.name
    side_b = sides.b.name if sides.b else _rules()["words"]["civilians"]
    fell = dict.fromkeys(("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"), 0) | {sides.hit: best}
    decided = case.claims and all(case.state(c.id) != UNDECIDED for c in case.claims)
    reports = case.documents
    return [
        *(row_number(one.id), one.id, first.year, None, _rules()["words"]["clear" if decided else "check"]),
        *(sides.violence, None, None, None, None, None, f"{side_a} - {side_b}"),
        *(None, None, side_a, None, None, side_b),
        *(len(reports), joined(f"{d.outlet or ''},{d.published or ''},{d.title or ''}" for d in reports)),
        *(joined(d.outlet for d in reports), joined(d.published for d in reports), joined(d.title for d in reports)),
        joined(s.words.text for s in case.sources),
        *(_where_precision(place), place.name or place.words.text, joined(p.words.text for p in one.places)),
        *(area_name(place.admin1), area_name(place.admin2), lat, lon),
        *(f"POINT ({lon} {lat})", grid_cell(lat, lon)),
        *(nation.ucdp_name, nation.gwno, nation.ucdp_region, 1 if first == last else 2, date_precision, first, last),
        *(*fell.values(), best, high, low, _number(sides.a), _number(sides.b)),
    ]


def _place(case: Case) -> tuple[Place, float, float, Country]:
    place, words = scene(case), _rules()["left_out"]
    if place is None or place.lat is None or place.lon is None:
        raise LeftOut(words["no_point"])
    nation = country(place.country)
    if nation is None:
        raise LeftOut(words["no_country"])
    return place, place.lat, place.lon, nation


def _deaths(case: Case) -> tuple[int, int, int]:
    """The lowest, the incident's own, and the highest number of deaths claimed."""
    ends = [(f.low, f.high) for f in case.figures("killed")]
    lows = [low for low, _ in ends if low is not None]
    highs = [end for pair in ends for end in pair if end is not None]
    low, high = min(lows, default=0), max(highs, default=0)
    if high < 1:
        raise LeftOut(_rules()["left_out"]["no_death"])
    own = next((f for f in case.incident.figures if f.what == "killed"), None)
    best = (own.low if own.low is not None else own.high) if own else None
    return low, min(max(low if best is None else best, low), high), high


def _sides(case: Case) -> _Sides:
    rules, words = _rules()["kinds"], _rules()["left_out"]
    violence = crosswalks()[case.incident.type].ucdp_violence
    if not violence:
        raise LeftOut(words["no_type"])
    actor = next((a for a in case.incident.actors if a.name and a.kind in (*rules["state"], *rules["armed"])), None)
    if actor is None:
        raise LeftOut(words["no_actor"])
    target = next((t for t in case.incident.targets if t.name and t.kind), None)
    if violence == "3" or (violence == "target" and target and target.kind in rules["unarmed"]):
        return _Sides(3, actor, None, "deaths_civilians")
    if target is None:
        raise LeftOut(words["no_target"])
    if target.kind not in (*rules["state"], *rules["armed"]):
        raise LeftOut(words["no_sides"])
    state = [side for side in (actor, target) if side.kind in rules["state"]]
    a, b = (target, actor) if state == [target] else (actor, target)
    # A clash tells who died only by its words; a strike's dead are those it hit.
    hit = "deaths_unknown" if violence == "sides" or violence == "1" else "deaths_a" if a is target else "deaths_b"
    return _Sides(1 if state or violence == "1" else 2, a, b, hit)


def _dates(case: Case) -> tuple[date, date, int]:
    time, words = case.incident.time, _rules()["left_out"]
    first, last = days(time.start, time.end)
    told = first or last
    if told is None:
        raise LeftOut(words["no_time"])
    precision = time.precision or 4
    if first is None or last is None:
        return told, told, 1 if precision == 1 else 3 if precision == 2 else 4 if precision == 3 else 5
    span = (last - first).days + 1
    if span > 366:
        raise LeftOut(f"{words['time']}: {first} to {last}")
    by_span = 1 if span == 1 else 2 if span < 7 else 3 if span == 7 else 4 if span <= 31 else 5
    return first, last, max(by_span, {1: 1, 2: 2, 3: 4, 4: 5}[precision])


def _where_precision(place: Place) -> int:
    if place.kind in _rules()["where"]:
        return int(_rules()["where"][place.kind])
    return {1: 1, 2: 2, 3: 5}[place.precision or 3]


def _number(side: Actor | None) -> int | None:
    """The number of the state whose forces or government a side is."""
    if side is None or side.kind not in _rules()["kinds"]["state"] or not side.actor_id:
        return None
    parts = side.actor_id.split("-")
    state = country(parts[1].upper()) if len(parts) > 1 else None
    return state.gwno if state else None


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("ucdp-ged.toml").read_text(encoding="utf-8"))
