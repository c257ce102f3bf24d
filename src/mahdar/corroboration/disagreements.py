"""Where the claims of one incident differ, field by field, with who holds what since when. Nothing is averaged."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import asin, cos, inf, radians, sin, sqrt
from typing import Literal

from mahdar.corroboration.table import SLACK, interval, party, where
from mahdar.model import Claim, Disagreement, Figure, FigureKind, Place, Report, Version
from mahdar.when.days import format_interval

COUNTED: tuple[FigureKind, ...] = ("killed", "injured", "displaced", "detained", "abducted", "returned", "homes")
Kind = Literal["dispute", "update", "denial"]


def find_disagreements(claims: Sequence[Claim], reports: Mapping[str, Report]) -> list[Disagreement]:
    """The disagreements among claims of one incident (ordered by publication), in the order of the fields."""
    found = [_figures(what, claims, reports) for what in COUNTED]
    found += [_denial(claims, reports), _actors(claims, reports), _places(claims, reports), _days(claims, reports)]
    return [disagreement for disagreement in found if disagreement is not None]


def said_by(claim: Claim, report: Report, figure: Figure | None = None) -> tuple[str, ...]:
    """Who says so, as worded: the figure's own source, else the claim's, else the outlet."""
    if figure is not None and figure.source:
        return (figure.source,)
    if claim.sources:
        return tuple(source.name or source.words.text for source in claim.sources)
    return (report.outlet or report.id,)


def shown_figure(low: int | None, high: int | None) -> str:
    """`22`, `22 or more`, `up to 48`, `24 to 99`."""
    if low == high:
        return str(low)
    if high is None:
        return f"{low} or more"
    return f"up to {high}" if low is None else f"{low} to {high}"


def _figures(what: FigureKind, claims: Sequence[Claim], reports: Mapping[str, Report]) -> Disagreement | None:
    """Numbers that cannot all be right, or that grow from one day's reports to the next."""
    told = [(c, f) for c in claims for f in c.figures if f.what == what and (f.low is not None or f.high is not None)]
    values = list(dict.fromkeys((f.low, f.high) for _, f in told))
    if len(values) < 2:
        return None
    days = {value: [reports[c.report].published for c, f in told if (f.low, f.high) == value] for value in values}
    grows = _grows(days)
    if not grows and max(low or 0 for low, _ in values) <= min(inf if high is None else high for _, high in values):
        return None  # "dozens" and 44 are the same toll in other words
    versions = tuple(
        Version(
            shown_figure(*value),
            tuple(dict.fromkeys(c.id for c, f in told if (f.low, f.high) == value)),
            tuple(
                dict.fromkeys(s for c, f in told if (f.low, f.high) == value for s in said_by(c, reports[c.report], f))
            ),
            min((day for day in days[value] if day), default=None),
        )
        for value in values
    )
    return Disagreement(what, "update" if grows else "dispute", versions)


def _grows(days: Mapping[tuple[int | None, int | None], Sequence[str | None]]) -> bool:
    """Whether every number was first published on a day of its own, and each day's is higher than the last's."""
    if any(day is None for of in days.values() for day in of):
        return False
    ordered = sorted(days, key=lambda value: min(day or "" for day in days[value]))
    first = [min(day or "" for day in days[value]) for value in ordered]
    size = [low if low is not None else high or 0 for low, high in ordered]
    return all(a < b for a, b in pairwise(first)) and all(a < b for a, b in pairwise(size))


def _denial(claims: Sequence[Claim], reports: Mapping[str, Report]) -> Disagreement | None:
    if len({c.status == "denied" for c in claims}) < 2:
        return None
    sides = _versions(claims, reports, lambda c: "denied" if c.status == "denied" else "said to have happened")
    return Disagreement("status", "denial", sides)


def _actors(claims: Sequence[Claim], reports: Mapping[str, Report]) -> Disagreement | None:
    """Rival versions of who did it: actors of the register of whom two claims have none in common."""
    named = [c for c in claims if c.status != "denied" and any(a.actor_id and _specific(a.kind) for a in c.actors)]
    keys = {c.id: party(a for a in c.actors if a.actor_id) for c in named}
    if all(keys[a.id] & keys[b.id] for a in named for b in named):
        return None
    sides = _versions(
        named, reports, lambda c: ", ".join(sorted({a.name or a.words.text for a in c.actors if a.actor_id}))
    )
    return Disagreement("actors", "dispute", sides)


def _specific(kind: str | None) -> bool:
    """Whether an actor of this kind is somebody in particular: "unidentified armed group" rivals nobody."""
    return kind is not None and not kind.startswith("source:") and kind not in ("Civilians", "Protesters", "Rioters")


def _places(claims: Sequence[Claim], reports: Mapping[str, Report]) -> Disagreement | None:
    """Towns or sites too far apart to be one place."""
    placed = [c for c in claims if any(p.lat is not None and (p.precision or 3) < 3 for p in where(c.places))]
    if not any(_far(a, b) for a in placed for b in placed):
        return None
    sides = _versions(
        placed, reports, lambda c: ", ".join(dict.fromkeys(p.name or p.words.text for p in where(c.places)))
    )
    return Disagreement("places", "dispute", sides)


def _far(one: Claim, other: Claim) -> bool:
    return all(
        km(a, b) > SLACK[max(a.precision or 3, b.precision or 3)]
        for a in where(one.places)
        for b in where(other.places)
    )


def km(a: Place, b: Place) -> float:
    """Great-circle distance, infinite where a place has no coordinates."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return inf
    half = sin(radians(b.lat - a.lat) / 2) ** 2
    half += cos(radians(a.lat)) * cos(radians(b.lat)) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))


def _days(claims: Sequence[Claim], reports: Mapping[str, Report]) -> Disagreement | None:
    """Days told to the day that are two or more apart; a night has two dates."""
    told = [c for c in claims if c.time.precision == 1 and c.time.start]
    spans = [interval(c.time) for c in told]
    if not any(first - last > 1 for _, last in spans for first, _ in spans):
        return None
    sides = _versions(told, reports, lambda c: format_interval(c.time.start, c.time.end))
    return Disagreement("time", "dispute", sides)


def _versions(
    claims: Iterable[Claim], reports: Mapping[str, Report], value: Callable[[Claim], Hashable]
) -> tuple[Version, ...]:
    sides: dict[Hashable, list[Claim]] = {}
    for claim in claims:
        sides.setdefault(value(claim), []).append(claim)
    return tuple(
        Version(
            str(side),
            tuple(c.id for c in held),
            tuple(dict.fromkeys(s for c in held for s in said_by(c, reports[c.report]))),
            min((day for c in held if (day := reports[c.report].published)), default=None),
        )
        for side, held in sides.items()
    )
