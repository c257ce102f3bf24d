"""ACLED: 31 columns, one row per day, place and pair of actors, by the rules of a profile (`acled-2024.toml`).

Beside the rows stand two files: which rule filled which cell (`rules`), and which incidents are no row and why
(`left-out`). Nothing is decided in silence.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mahdar.codebook import EVENT_TYPES
from mahdar.codebook.crosswalks import crosswalks
from mahdar.model import Actor, Place
from mahdar.publish.account import account
from mahdar.publish.case import Case
from mahdar.publish.geography import area_name, country, country_name, spots
from mahdar.publish.leftout import LEFT_OUT, LeftOut, must_have_happened
from mahdar.publish.leftout import row as left_out_row
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, joined, table, written
from mahdar.when.days import days

PROFILE = "acled-2024"
ROWS = table("", "Events as ACLED lists them", "acled")
RULES = table("rules", "Which rule filled which cell", "rules")
TABLES = (ROWS, RULES, LEFT_OUT)


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """The three tables in pieces; memory does not grow with the cases."""
    return written(TABLES, (row for cleared in cases for row in _rows(cleared.case)))


@dataclass(slots=True)
class _Coding:
    """One case on its way to rows, and the rules that fired."""

    case: Case
    rules: list[tuple[str, str, str]] = field(default_factory=list)

    def fired(self, column: str, rule: str, detail: str = "") -> None:
        self.rules.append((column, rule, detail))


def _rows(case: Case) -> Iterator[tuple[str, Sequence[Any]]]:
    coding = _Coding(case)
    try:
        dates, time_precision = _dates(coding)
        places = _places(coding)
    except LeftOut as reason:
        yield left_out_row(case, reason)
        return
    one = case.incident
    kind, rule = EVENT_TYPES[one.type], crosswalks()[one.type]
    nation = country(places[0].country)
    assert nation is not None  # _places leaves others out
    actor1, with1, inter1 = _side(coding, "actor1", one.actors, nation.name)
    actor2, with2, inter2 = _side(coding, "actor2", one.targets, nation.name)
    targeting = _profile()["civilian_targeting"]
    hit = one.type in targeting["types"] and inter2 in targeting["kinds"]
    deaths = _fatalities(coding)
    cells = [(day, place) for day in dates for place in places]
    if len(cells) > 1 and deaths:
        coding.fired("fatalities", "fatalities-split", f"{deaths} over {len(cells)} rows")
    notes = account(case)
    sources = joined(case.outlets, ";")
    for number, (day, place) in enumerate(cells):
        row_id = f"{nation.iso3}{row_number(one.id, day.isoformat(), place.name or place.words.text)}"
        yield (
            ROWS.part,
            [
                *(row_id, day.isoformat(), day.year, time_precision),
                *(rule.disorder_type, kind.acled_event, kind.acled_sub_event),
                *(actor1, with1, inter1, actor2, with2, inter2, interaction(inter1, inter2)),
                "Civilian targeting" if hit else "",
                *(nation.numeric, nation.acled_region, nation.name),
                *(area_name(place.admin1), area_name(place.admin2), ""),
                *(place.name or place.words.text, place.lat, place.lon, place.precision or one.geo_precision or 3),
                *(sources, "", notes, deaths // len(cells) + (number < deaths % len(cells)), "", case.edited_at),
            ],
        )
        for column, name, detail in coding.rules:
            yield RULES.part, [row_id, one.id, column, name, detail]


def row_number(*parts: str) -> int:
    """A number of 15 digits that the parts always give: as a row's id it outlives releases, and fits 64 bits."""
    return int(hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16], 16) % 10**15


@cache
def interaction(inter1: str, inter2: str) -> str:
    """Two kinds as newer ACLED rows write them, the lower code first: "State forces-Civilians", "State forces only"."""
    order = _profile()["inter"]["order"]
    both = sorted((kind for kind in (inter1, inter2) if kind), key=order.index)
    return "-".join(both) if len(both) == 2 else f"{both[0]} only" if both else ""


def _dates(coding: _Coding) -> tuple[list[date], int]:
    """The days of the event, one row each, and ACLED's time precision."""
    rules, words = _profile()["time"], _profile()["left_out"]
    one = coding.case.incident
    must_have_happened(coding.case)
    first, last = days(one.time.start, one.time.end)
    if last is None and first is None:
        raise LeftOut(words["no_time"])
    precision = one.time.precision or 4
    if precision > 3:
        raise LeftOut(words["time"])
    if first is None or last is None:
        told = first or last
        assert told is not None
        if precision == 1:
            return [told], 1
        back, ahead = (timedelta(rules["week_before"]), timedelta()) if last else (timedelta(), timedelta(6))
        first, last = told - back, told + ahead
    span = (last - first).days + 1
    if precision == 1 and span <= rules["longest"]:
        if span > 1:
            coding.fired("event_date", "one-row-a-day", f"{first} to {last}")
        return [first + timedelta(n) for n in range(span)], 1
    if span > rules["longest"]:
        raise LeftOut(f"{words['long']}: {first} to {last}")
    if precision <= 2 and span <= 7:
        coding.fired("event_date", "week-middle", f"{first} to {last}")
        return [first + timedelta(span // 2)], 2
    said = one.time.words.text if one.time.words else ""
    for rule, day in (("early", first), ("late", last)):
        if any(re.search(pattern, said, re.IGNORECASE) for pattern in rules[rule]):
            coding.fired("event_date", f"month-{rule}", said)
            return [day], 3
    coding.fired("event_date", "month-middle", f"{first} to {last}")
    return [first + timedelta(span // 2)], 3


def _places(coding: _Coding) -> list[Place]:
    words = _profile()["left_out"]
    found = spots(coding.case)
    known = [p for p in found if p.kind != "country" and country(p.country)]
    if not known:
        at = [p for p in coding.case.incident.places if p.role == "at"]
        if any(p.kind == "country" for p in at):
            raise LeftOut(words["country"])
        raise LeftOut(words["no_country"] if found else words["no_point"])
    # One row a place; rows of two countries would need two pairs of actors, and the first is where it happened.
    same = [p for p in known if p.country == known[0].country]
    once = list({(p.name, p.lat, p.lon): p for p in same}.values())
    if len(once) > 1:
        coding.fired("location", "one-row-a-place", joined(p.name for p in once))
    if len(known) > len(same):
        coding.fired("country", "first-country", joined(country_name(p.country) for p in known))
    return once


def _side(coding: _Coding, column: str, actors: tuple[Actor, ...], nation: str) -> tuple[str, str, str]:
    """The main actor, those with it, and its kind; by type where nobody is named or the register knows nobody."""
    names, inter = _profile()["actors"], _profile()["inter"]
    known = [a for a in actors if a.name and a.kind]
    if known:
        main = known[0]
        kind = main.kind if main.kind in inter["order"] else inter["source"]
        others = joined((a.name for a in known[1:] if a.name != main.name), ";")
        if kind != main.kind:
            coding.fired(column, "source-as-civilian", f"{main.name}: {main.kind}")
        if unknown := [a.words.text for a in actors if not a.name]:
            coding.fired(column, "actor-not-in-register", joined(unknown))
        return main.name or "", others, kind or ""
    said = joined(a.words.text for a in actors)
    of_type = coding.case.incident.type
    acts = column == "actor1"
    for rule, kind, template in (
        ("acts_protesters" if acts else "hits_protesters", "Protesters", "protesters"),
        ("acts_rioters" if acts else "", "Rioters", "rioters"),
        ("" if acts else "hits_civilians", "Civilians", "civilians"),
    ):
        if rule and of_type in names[rule]:
            coding.fired(column, f"{template}-by-type", said)
            return names[template].format(country=nation), "", kind
    if acts and of_type not in names["acts_nobody"]:
        coding.fired(column, "actor-unidentified", said)
        return names["unidentified"].format(country=nation), "", "Political militia"
    if said:
        coding.fired(column, "actor-not-in-register", said)
    return "", "", ""


def _fatalities(coding: _Coding) -> int:
    killed = coding.case.figures("killed")
    if not killed:
        coding.fired("fatalities", "fatalities-unknown", "no number of killed is told")
        return 0
    counts = [(*_counted(figure.low, figure.high, figure.words.text), figure.words.text) for figure in killed]
    lowest, rule, said = min(counts)
    told = joined(f"{count} ({words})" for count, _, words in sorted(counts))
    coding.fired("fatalities", rule if len(counts) == 1 else "fatalities-lowest", told if len(counts) > 1 else said)
    return lowest


@lru_cache(maxsize=4096)
def _counted(low: int | None, high: int | None, words: str) -> tuple[int, str]:
    for pattern in _profile()["fatalities"]:
        if re.search(pattern["words"], words, re.IGNORECASE):
            return pattern["count"], pattern["rule"]
    if low is None:
        return 0, "fatalities-no-lower-end"
    return low, "fatalities-as-told" if low == high else "fatalities-lower-end"


@cache
def _profile() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{PROFILE}.toml").read_text(encoding="utf-8"))
