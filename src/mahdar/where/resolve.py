"""Which place a name means, by context: a linear score over the gazetteer's candidates.

Every name of a report is a `Group` (one sense per report): its candidates, and the areas the report itself puts it in
("Alexandria, Louisiana", "X in Idlib province"). `rank` scores all groups of a report together in a few rounds: each round's best
readings vote for countries, first-level areas and the neighbourhood on the map, and the next round's scores feel those
votes, without a group's own. Weights: `data/resolve.json`, trained by `training/where_model.py`. Nothing here reads text.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mahdar.where.gazetteer import Entry, Match

ROUNDS = 2
CELL = 2.6  # degrees; two grids, half a cell apart, so that neighbours share a cell of one of them
WIDE = 400.0  # km: an area wider than this says nothing about the neighbourhood
SURE = 0.05  # the share below which a reading casts no vote

FIXED = (
    "people", "people_below_best", "country", "admin1", "admin2", "capital", "supplement", "airfield", "alternate", "loose",
    "contained", "not_contained", "outlet_country", "kind_asked", "kind_not_asked", "country_said", "alone_in_country",
    "title_country", "first_country",
)  # fmt: skip
FELT = ("country_share", "country_leads", "admin1_share", "near", "near_share")
FEATURES = FIXED + FELT

Cells = tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(slots=True)
class Group:
    """All mentions of one name. `weight` is how often it is named; `asked` the kinds its kind words ask for."""

    key: str
    matches: Sequence[Match]
    weight: float = 1.0
    containers: list[Entry] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    scores: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    cells: list[Cells | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the report beside its place names: nationalities named, with weights; the outlet's country; the
    country of the first place or nationality named; and the countries named in the title."""

    said: Mapping[str, float] = field(default_factory=dict)
    outlet: str | None = None
    first: str | None = None
    title: frozenset[str] = frozenset()


class Votes:
    """How much of the report's readings fall into each country, first-level area and cell of the map."""

    def __init__(self, said: Mapping[str, float]) -> None:
        self.country: dict[str, float] = defaultdict(float, said)
        self.admin1: dict[str, float] = defaultdict(float)
        self.cell: dict[tuple[int, int, int], float] = defaultdict(float)
        self.placed = 0.0

    def add(self, group: Group, sign: float = 1.0) -> None:
        """Count a group's readings in; with `sign` -1, take them out again."""
        mass = sign * min(group.weight, 3.0)
        for match, share, cells in zip(group.matches, group.shares, group.cells, strict=True):
            if share < SURE:
                continue
            weight = share * mass
            self.country[match.entry.country] += weight
            if match.entry.admin1:
                self.admin1[match.entry.admin1] += weight
                self.placed += weight
            if cells:
                self.cell[cells[0]] += weight
                self.cell[cells[1]] += weight


def cells_of(e: Entry) -> Cells | None:
    if e.kind == "country" or e.radius > WIDE:
        return None
    x, y = e.lat / CELL, e.lon / CELL
    return (0, math.floor(x), math.floor(y)), (1, math.floor(x + 0.5), math.floor(y + 0.5))


def rank(groups: Sequence[Group], around: Surroundings, weights: Mapping[str, float]) -> Votes:
    """Fill every group's `scores` and `shares` (a softmax), in the order of its matches; returns the final votes."""
    fixed_weights = [weights.get(name, 0.0) for name in FIXED]
    felt_weights = [weights.get(name, 0.0) for name in FELT]
    votes = Votes(around.said)
    fixed: list[list[float]] = []
    for group in groups:
        rows = fixed_features(group, around)
        fixed.append([sum(w * v for w, v in zip(fixed_weights, row, strict=True) if v) for row in rows])
        group.scores = fixed[-1]
        group.shares = softmax(group.scores)
        group.cells = [cells_of(m.entry) for m in group.matches]
        votes.add(group)
    for _ in range(ROUNDS):
        for group, known in zip(groups, fixed, strict=True):
            if len(group.matches) < 2:
                continue
            votes.add(group, -1.0)
            felt = felt_features(group, votes)
            group.scores = [
                k + sum(w * v for w, v in zip(felt_weights, row, strict=True))
                for k, row in zip(known, felt, strict=True)
            ]
            group.shares = softmax(group.scores)
            votes.add(group)
    return votes


def people(e: Entry) -> float:
    """A stand-in for how well known a place is. An area counts less than the people in it: names of towns are commoner."""
    if e.kind == "country":
        return e.population * 3.0
    if e.kind in ("admin1", "admin2"):
        return e.population * 0.3
    if e.source == "mahdar" and not e.population:
        return 40_000.0 if e.kind in ("town", "region", "admin1", "water", "continent") else 8_000.0
    return float(e.population)


def softmax(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    top = max(scores)
    raised = [math.exp(s - top) for s in scores]
    total = sum(raised)
    return [r / total for r in raised]


def fixed_features(group: Group, around: Surroundings) -> list[list[float]]:
    """One row of FIXED a candidate: what does not depend on the other names of the report."""
    logs = [math.log10(1 + people(m.entry)) for m in group.matches]
    top = max(logs, default=0.0)
    in_country: dict[str, int] = defaultdict(int)
    for m in group.matches:
        in_country[m.entry.country] += 1
    asked = asked_kinds(group.asked) if group.asked else set()
    rows = []
    for match, log in zip(group.matches, logs, strict=True):
        e = match.entry
        contained = any(c.ref != e.ref and c.holds(e) for c in group.containers)
        suited = e.kind in asked
        rows.append([
            log / 7, (log - top) / 7, e.kind == "country", e.kind == "admin1", e.kind == "admin2", e.kind == "capital",
            e.source == "mahdar" and e.kind != "country", e.kind == "airfield", match.alternate, match.loose,
            contained, bool(group.containers) and not contained, e.country == around.outlet, suited,
            bool(asked) and not suited, min(2.0, around.said.get(e.country, 0.0)) / 2, in_country[e.country] == 1,
            e.country in around.title, e.country == around.first,
        ])  # fmt: skip
    return rows


def felt_features(group: Group, votes: Votes) -> list[list[float]]:
    """One row of FELT a candidate: what the votes of the other names say. The group's own must have been taken out."""
    total = sum(votes.country.values()) + 1e-9
    leader = max(votes.country, key=lambda c: (votes.country[c], c)) if votes.country else ""
    sure = min(1.0, total / 2)
    placed = votes.placed + 1.0
    rows = []
    for match, cells in zip(group.matches, group.cells, strict=True):
        e = match.entry
        near = max(votes.cell.get(cells[0], 0.0), votes.cell.get(cells[1], 0.0)) if cells else 0.0
        rows.append([
            votes.country.get(e.country, 0.0) / total * sure, sure if e.country == leader else 0.0,
            votes.admin1.get(e.admin1, 0.0) / placed if e.admin1 else 0.0, 1 - math.exp(-max(0.0, near)), near / placed,
        ])  # fmt: skip
    return rows


_KINDS = {
    "city": {"city", "capital", "town", "village"},
    "admin1": {"admin1", "region", "admin2"},
    "admin2": {"admin2", "admin1", "region"},
    "district": {"district", "town", "city"},
    "camp": {"camp", "district"},
    "airfield": {"airfield", "base"},
}


def asked_kinds(asked: Iterable[str]) -> set[str]:
    return {kind for word in asked for kind in _KINDS.get(word, {word})}
