"""What linking knows of many claims, as columns: type, days, places, parties, figures, words. Totals are not taken in.

A claim is seen once and only its columns stay, so that a million fit beside each other.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from mahdar.codebook.event_types import EVENT_TYPES
from mahdar.corroboration.ragged import Ragged, RaggedBuilder
from mahdar.corroboration.texts import UNKNOWN, Texts, TextsBuilder
from mahdar.corroboration.words import codes_of, key, rarity, words_of
from mahdar.model import Actor, Claim, Figure, Place, Report, Time
from mahdar.when.days import days

TYPES = tuple(EVENT_TYPES)
FAMILIES = tuple(dict.fromkeys(e.family for e in EVENT_TYPES.values()))
STATUSES = ("asserted", "denied", "uncertain", "intended")
PLACES = 4
"""So many places of a claim are compared."""
SPAN = {1: 0, 2: 6, 3: 30, 4: 365}
"""Days that an interval with one open side reaches back, by its precision."""
SLACK = {1: 5.0, 2: 20.0, 3: 75.0}
"""Kilometres within which two places may be one, by the coarser one's precision."""
BACKGROUND = 30
"""Days before its report's publication from which on what a claim tells of is recalled, not news."""


@dataclass(frozen=True)
class ClaimTable:
    """One row a claim. `report` is a row of `texts`; days are ordinals or UNKNOWN; places not told are NaN."""

    ids: tuple[str, ...]
    texts: Texts
    report: NDArray[np.int32]
    type: NDArray[np.int8]
    family: NDArray[np.int8]
    status: NDArray[np.int8]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    time_precision: NDArray[np.int8]
    lat: NDArray[np.float32]
    lon: NDArray[np.float32]
    """(rows, PLACES)"""
    slack: NDArray[np.float32]
    """How far (km) the claim's places reach."""
    country: NDArray[np.uint32]
    """0 if unknown."""
    toll: NDArray[np.float32]
    """The highest number killed that it gives; NaN if none."""
    rank: NDArray[np.int16]
    """The claim's place in its report, the first 0."""
    places: Ragged
    actors: Ragged
    targets: Ragged
    figures: Ragged
    words: Ragged

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def published(self) -> NDArray[np.int32]:
        day: NDArray[np.int32] = self.texts.published[self.report]
        return day

    @property
    def background(self) -> NDArray[np.bool_]:
        """Whether a claim tells of something long before its report."""
        dated = (self.published != UNKNOWN) & (self.last != UNKNOWN)
        late: NDArray[np.bool_] = dated & (self.published - self.last > BACKGROUND)
        return late


class TableBuilder:
    """Takes reports with their claims one at a time."""

    def __init__(self) -> None:
        self._texts = TextsBuilder()
        self._ids: list[str] = []
        self._ints = {name: array("i") for name in _INTS}
        self._floats = {name: array("f") for name in _FLOATS}
        self._sets = {name: RaggedBuilder() for name in _SETS}

    def add(self, report: Report, claims: Iterable[Claim]) -> None:
        row = self._texts.add(report)
        ordered = sorted(claims, key=lambda c: (c.evidence[0].span.start if c.evidence else 0, c.id))
        rank = 0
        for claim in ordered:
            if claim.scope != "total":
                self._add(claim, row, rank)
                rank += 1

    def _add(self, claim: Claim, row: int, rank: int) -> None:
        first, last = interval(claim.time)
        at = where(claim.places)[:PLACES]
        located = [(p.lat, p.lon) if p.lat is not None and p.lon is not None else (nan, nan) for p in at]
        located += [(nan, nan)] * (PLACES - len(located))
        killed = [f.high if f.high is not None else f.low for f in claim.figures if f.what == "killed"]
        countries = [p.country for p in at if p.country]
        self._ids.append(claim.id)
        values: tuple[int, ...] = (
            row,
            TYPES.index(claim.type),
            FAMILIES.index(EVENT_TYPES[claim.type].family),
            STATUSES.index(claim.status),
            first,
            last,
            claim.time.precision or 0,
            key(countries[0]) if countries else 0,
            min(rank, 999),
        )
        for name, value in zip(_INTS, values, strict=True):
            self._ints[name].append(value - 2**32 if value >= 2**31 else value)
        self._floats["lat"].extend(lat for lat, _ in located)
        self._floats["lon"].extend(lon for _, lon in located)
        self._floats["slack"].append(max((SLACK[p.precision or claim.geo_precision or 3] for p in at), default=nan))
        self._floats["toll"].append(max((k for k in killed if k is not None), default=nan))
        self._sets["places"].add({key(p.gazetteer_id or (p.name or p.words.text).lower()) for p in at})
        self._sets["actors"].add(party(claim.actors))
        self._sets["targets"].add(party(claim.targets))
        figures = _figures(claim.figures)
        self._sets["figures"].add(figures, figures.values())
        self._sets["words"].add({code >> 1 for e in claim.evidence for code in codes_of(e.text)})

    def build(self) -> ClaimTable:
        texts = self._texts.build()
        size = len(self._ids)
        ints = {name: np.array(values, dtype=np.int64) for name, values in self._ints.items()}
        floats = {name: np.array(values, dtype=np.float32) for name, values in self._floats.items()}
        sets = {name: builder.build() for name, builder in self._sets.items()}
        words = sets["words"]
        weighed = words.reweighted(words.told(lambda keys, held: rarity(keys, held, size)))
        return ClaimTable(
            tuple(self._ids),
            texts,
            ints["report"].astype(np.int32),
            ints["type"].astype(np.int8),
            ints["family"].astype(np.int8),
            ints["status"].astype(np.int8),
            ints["first"].astype(np.int32),
            ints["last"].astype(np.int32),
            ints["time_precision"].astype(np.int8),
            floats["lat"].reshape(size, PLACES),
            floats["lon"].reshape(size, PLACES),
            floats["slack"],
            (ints["country"] % 2**32).astype(np.uint32),
            floats["toll"],
            ints["rank"].astype(np.int16),
            sets["places"],
            sets["actors"],
            sets["targets"],
            sets["figures"],
            weighed.kept(weighed.heaviest(HEAVIEST)),
        )


HEAVIEST = 24
"""So many of the words of a claim's evidence are compared."""
_INTS = ("report", "type", "family", "status", "first", "last", "time_precision", "country", "rank")
_FLOATS = ("lat", "lon", "slack", "toll")
_SETS = ("places", "actors", "targets", "figures", "words")


def interval(time: Time) -> tuple[int, int]:
    """First and last day (ordinals) a claim's event may lie in, UNKNOWN twice if it has no time."""
    start, end = days(time.start, time.end)
    reach = SPAN.get(time.precision or 2, 6)
    if start and end:
        return start.toordinal(), max(start, end).toordinal()
    if end:
        return end.toordinal() - reach, end.toordinal()
    if start:
        return start.toordinal(), start.toordinal() + reach
    return UNKNOWN, UNKNOWN


def where(places: Sequence[Place]) -> list[Place]:
    """Where it happened: the places "at", or else where people or goods were moved from and to."""
    return [p for p in places if p.role == "at"] or list(places)


def party(actors: Iterable[Actor]) -> set[int]:
    """What two wordings of one party have in common: their register entry, or the words of names."""
    keys = set()
    for actor in actors:
        if actor.actor_id:
            keys.add(key(f"id {actor.actor_id}"))
        else:
            keys.update(key(word.lower()) for word in words_of(actor.words.text) if len(word) > 3)
    return keys


def _figures(figures: Iterable[Figure]) -> dict[int, float]:
    """Numbers told of what, each weighing by how telling it is: that two reports both say 3 says little."""
    found = {}
    for figure in figures:
        for bound in (figure.low, figure.high):
            if bound:
                found[key(f"{figure.what} {bound}")] = float(np.sqrt(np.log1p(bound)))
    return found


def table_of(reports: Iterable[Report], claims: Callable[[str], Iterable[Claim]]) -> ClaimTable:
    """The table of reports with what `claims` gives of each id."""
    builder = TableBuilder()
    for report in reports:
        builder.add(report, claims(report.id))
    return builder.build()
