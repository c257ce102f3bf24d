"""Outlines of countries for maps drawn without a network: Natural Earth 1:50m, as npm's `world-atlas` packs it.

The file travels with the review page, which draws the same map in the browser (`web/static/vendor/world-atlas`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import mahdar
from mahdar.model import MahdarError

FILE = Path(mahdar.__file__).parent / "web" / "static" / "vendor" / "world-atlas" / "countries-50m.json"

Ring = tuple[tuple[float, float], ...]
"""A closed line of longitudes and latitudes."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One country: its name and its rings (holes are rings too; draw with the even-odd rule)."""

    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of the earth in degrees."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, ring: Ring) -> bool:
        lons, lats = [p[0] for p in ring], [p[1] for p in ring]
        return min(lons) <= self.east and max(lons) >= self.west and min(lats) <= self.north and max(lats) >= self.south


def outlines(box: Box) -> list[Outline]:
    """The countries that have a ring in the box, with those rings."""
    found = []
    for outline in _all():
        rings = tuple(ring for ring in outline.rings if box.meets(ring))
        if rings:
            found.append(Outline(outline.name, rings))
    return found


def _unwrapped(points: list[tuple[float, float]]) -> Ring:
    """A line that crosses the antimeridian goes on beyond 180 degrees rather than back across the whole map."""
    out = points[:1]
    turn = 0.0
    for (before, _), (lon, lat) in pairwise(points):
        turn += 360.0 if lon - before < -180 else -360.0 if lon - before > 180 else 0.0
        out.append((lon + turn, lat))
    return tuple(out)


@cache
def _all() -> tuple[Outline, ...]:
    """Every country, its arcs undone: quantised, each point as the step from the one before (the TopoJSON format)."""
    try:
        topology = json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MahdarError(f"{FILE}: the outlines of countries cannot be read ({error})") from error
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for steps in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            points.append((round(x * sx + tx, 4), round(y * sy + ty, 4)))
        arcs.append(tuple(points))

    def ring(numbers: list[int]) -> Ring:
        points: list[tuple[float, float]] = []
        for number in numbers:  # a negative number is an arc walked backwards
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            points += arc[1:] if points else arc
        return _unwrapped(points)

    out = []
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
        out.append(Outline(shape["properties"]["name"], tuple(ring(r) for polygon in polygons for r in polygon)))
    return tuple(out)
