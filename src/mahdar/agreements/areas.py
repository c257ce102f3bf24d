"""Where an agreement holds: countries, areas of the gazetteer, outlines, circles; and whether a place lies there.

Coordinates are (longitude, latitude) in degrees, distances km. Areas are a few degrees across, so that a plane with the
longitude shrunk by the cosine of the latitude is exact enough (within 1 % of the outlines' own coarseness).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mahdar.model import Place

Point = tuple[float, float]
Placing = Literal["inside", "border", "partly", "outside", "unknown"]

MARGIN = 5.0  # km either side of an outline that count as its border area
FAR = 60.0  # km: an area of the gazetteer named as a whole may reach so far from its label point
DEGREE = 111.2  # km in a degree of latitude
_WIDE = frozenset("country admin1 admin2 admin3 region continent water road border".split())


@dataclass(frozen=True, slots=True)
class Area:
    """`units` and `partly` map GeoNames codes or gazetteer ids to names; with no more than `countries`, all of them."""

    countries: tuple[str, ...]
    units: dict[str, str]
    partly: dict[str, str]
    polygon: tuple[Point, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    margin: float = MARGIN
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is its countries as a whole."""
        return not (self.units or self.partly or self.polygon or self.circles)

    def place(self, place: Place) -> Placing:
        """Whether a place lies in the area.

        An area named as a whole counts by name (`units`, `partly`); a point counts by outline where there is one, else
        by the area it lies in.
        """
        if place.country and place.country not in self.countries:
            return "outside"
        if place.country is None and place.lat is None:
            return "unknown"
        if self.whole or place.country in self.units:
            return "inside" if place.country else "unknown"
        own = {place.gazetteer_id, place.admin2, place.admin1 if place.kind == "admin1" else None} - {None}
        if own & self.units.keys():
            return "inside"
        if place.kind == "country" or own & self.partly.keys():
            return "partly"
        if place.lat is None or place.lon is None:
            return "unknown"
        if self.polygon or self.circles:
            gap = self.distance((place.lon, place.lat))
            if place.kind in _WIDE:
                return "inside" if gap < 0 and place.kind == "admin3" else "partly" if gap < FAR else "outside"
            return "inside" if gap < -self.margin else "border" if gap <= self.margin else self._by_unit(place)
        return self._by_unit(place)

    def _by_unit(self, place: Place) -> Placing:
        """By the first-level area a point lies in. Beside an outline, `units` only tell the way for areas as a whole."""
        if self.polygon:
            return "outside"
        if place.admin1 in self.units:
            return "inside"
        if place.admin1 is None and self.units:
            return "unknown"
        return "outside"

    def distance(self, point: Point) -> float:
        """km from the area's outlines, negative inside the nearest; farther than `FAR` from one only a lower bound."""
        gaps = [distance(point, (lon, lat)) - radius for lon, lat, radius in self.circles]
        if self.polygon and (far := _beyond_box(point, self.polygon)) > FAR:
            gaps.append(far)
        elif self.polygon:
            edge = min(_to_edge(point, a, b) for a, b in _edges(self.polygon))
            gaps.append(-edge if inside(point, self.polygon) else edge)
        return min(gaps)


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether a point lies in a polygon, by the number of edges that a ray to the east crosses."""
    x, y = point
    crossed = False
    for (ax, ay), (bx, by) in _edges(polygon):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossed = not crossed
    return crossed


def distance(a: Point, b: Point) -> float:
    """km between two near points."""
    return math.hypot(*_plane(a, b))


def _beyond_box(point: Point, polygon: tuple[Point, ...]) -> float:
    """km from the box around a polygon; 0 within it. Cheap, and most places are far from most areas."""
    west, south, east, north = _box(polygon)
    x, y = _plane(point, (min(max(point[0], west), east), min(max(point[1], south), north)))
    return math.hypot(x, y)


@lru_cache(maxsize=1024)
def _box(polygon: tuple[Point, ...]) -> tuple[float, float, float, float]:
    lons, lats = zip(*polygon, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _edges(polygon: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))


def _to_edge(point: Point, a: Point, b: Point) -> float:
    (ax, ay), (bx, by) = _plane(point, a), _plane(point, b)
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
    return math.hypot(ax + t * dx, ay + t * dy)


def _plane(origin: Point, point: Point) -> tuple[float, float]:
    """km east and north of the origin."""
    x = (point[0] - origin[0]) * DEGREE * math.cos(math.radians((point[1] + origin[1]) / 2))
    return x, (point[1] - origin[1]) * DEGREE
