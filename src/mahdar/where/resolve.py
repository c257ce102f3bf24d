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

ROUNDS = 3
CELL = 1.3  # degrees: with its neighbours a cell reaches about 150 to 280 km

FEATURES = (
    "people", "people_below_best", "country", "admin1", "admin2", "capital", "supplement", "airfield", "alternate", "loose",
    "country_share", "country_leads", "admin1_share", "contained", "not_contained", "near", "near_share", "outlet_country",
    "kind_asked", "kind_not_asked", "country_said", "alone_in_country", "title_country", "first_country",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the report beside its place names: nationalities named, with weights; the outlet's country; and
    the country of the first place or nationality named."""

    said: Mapping[str, float] = field(default_factory=dict)
    outlet: str | None = None
    first: str | None = None
    title: frozenset[str] = frozenset()


class Votes:
    """How much of the report's readings fall into each country, first-level area and cell of the map."""

    def __init__(self, said: Mapping[str, float]) -> None:
        self.country: dict[str, float] = defaultdict(float, said)
        self.admin1: dict[str, float] = defaultdict(float)
        self.cell: dict[tuple[int, int], float] = defaultdict(float)

    def add(self, group: Group, sign: float = 1.0) -> None:
        for match, share in zip(group.matches, group.shares, strict=True):
            if share < 0.05:
                continue
            e, weight = match.entry, sign * share * min(group.weight, 3.0)
            self.country[e.country] += weight
            if e.kind == "country":
                continue
            if e.admin1:
                self.admin1[e.admin1] += weight
            if e.radius < 400:
                x, y = cell(e)
                for dx in (-1, 0, 1):
                    for dy in (-1, 0, 1):
                        self.cell[x + dx, y + dy] += weight


def cell(e: Entry) -> tuple[int, int]:
    return int(e.lat // CELL), int(e.lon // CELL)


def rank(groups: Sequence[Group], around: Surroundings, weights: Mapping[str, float]) -> Votes:
    """Fill every group's `scores` and `shares` (a softmax), in the order of its matches; returns the final votes."""
    w = [weights.get(name, 0.0) for name in FEATURES]
    for group in groups:
        total = sum(people(m.entry) + 1 for m in group.matches)
        group.shares = [(people(m.entry) + 1) / total for m in group.matches]
    votes = tally(groups, around)
    for _ in range(ROUNDS):
        for group in groups:
            rows = features(group, votes, around)
            group.scores = [sum(a * b for a, b in zip(w, row, strict=True) if b) for row in rows]
            group.shares = softmax(group.scores)
        votes = tally(groups, around)
    return votes


def people(e: Entry) -> float:
    """A stand-in for how well known a place is. An area counts less than the people in it: names of towns are commoner."""
    if e.kind == "country":
        return e.population * 3.0
    if e.kind in ("admin1", "admin2"):
        return e.population * 0.3
    if e.source == "mahdar" and not e.population:
        return 60_000.0
    return float(e.population)


def tally(groups: Iterable[Group], around: Surroundings) -> Votes:
    votes = Votes(around.said)
    for group in groups:
        votes.add(group)
    return votes


def softmax(scores: Sequence[float]) -> list[float]:
    if not scores:
        return []
    top = max(scores)
    raised = [math.exp(s - top) for s in scores]
    total = sum(raised)
    return [r / total for r in raised]


def features(group: Group, votes: Votes, around: Surroundings) -> list[list[float]]:
    """One row of FEATURES a candidate, felt without the group's own votes."""
    own_country: dict[str, float] = defaultdict(float)
    own_admin1: dict[str, float] = defaultdict(float)
    own_cell: dict[tuple[int, int], float] = defaultdict(float)
    mass = min(group.weight, 3.0)
    for match, share in zip(group.matches, group.shares, strict=True):
        if share >= 0.05:
            e = match.entry
            own_country[e.country] += share * mass
            if e.kind != "country":
                if e.admin1:
                    own_admin1[e.admin1] += share * mass
                if e.radius < 400:
                    x, y = cell(e)
                    for dx in (-1, 0, 1):
                        for dy in (-1, 0, 1):
                            own_cell[x + dx, y + dy] += share * mass
    countries = {c: v - own_country.get(c, 0.0) for c, v in votes.country.items()}
    total = sum(v for v in countries.values() if v > 0) + 1e-9
    leader = max(countries, key=lambda c: (countries[c], c)) if countries else ""
    sure = min(1.0, total / 2)
    places = sum(v - own_admin1.get(a, 0.0) for a, v in votes.admin1.items()) + 1e-9
    logs = [math.log10(1 + people(m.entry)) for m in group.matches]
    top = max(logs, default=0.0)
    in_country: dict[str, int] = defaultdict(int)
    for m in group.matches:
        in_country[m.entry.country] += 1
    rows = []
    for match, log in zip(group.matches, logs, strict=True):
        e = match.entry
        share = max(0.0, countries.get(e.country, 0.0)) / total
        near = max(0.0, votes.cell.get(cell(e), 0.0) - own_cell.get(cell(e), 0.0)) if e.kind != "country" else 0.0
        contained = any(c.ref != e.ref and c.holds(e) for c in group.containers)
        suited = bool(group.asked) and bool(asked_kinds(group.asked) & {e.kind})
        rows.append([
            log / 7, (log - top) / 7, float(e.kind == "country"), float(e.kind == "admin1"), float(e.kind == "admin2"),
            float(e.kind == "capital"), float(e.source == "mahdar" and e.kind != "country"), float(e.kind == "airfield"),
            float(match.alternate), float(match.loose), share * sure, float(e.country == leader) * sure,
            max(0.0, votes.admin1.get(e.admin1, 0.0) - own_admin1.get(e.admin1, 0.0)) / places if e.admin1 else 0.0,
            float(contained), float(bool(group.containers) and not contained), 1 - math.exp(-near), near / (places + 1),
            float(e.country == around.outlet), float(suited), float(bool(group.asked) and not suited),
            min(2.0, around.said.get(e.country, 0.0)) / 2, float(in_country[e.country] == 1),
            float(e.country in around.title), float(e.country == around.first),
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
