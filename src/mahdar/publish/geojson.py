"""GeoJSON (RFC 7946): one feature an incident, longitude first, WGS 84; for GIS programs and GeoPackage through them.

The geometry is the point, or points, it happened at; null where no place is resolved. A point is as sure as
`geo_precision` says and no more precise than the export's profile (`coordinates` says how far it is rounded). What the
properties mean stands before the features (`schema`, a Frictionless table schema; programs that do not look for it pass on).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mahdar.codebook import EVENT_TYPES
from mahdar.publish.account import account
from mahdar.publish.case import Case
from mahdar.publish.geography import country_name, scene, spots
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, columns, joined
from mahdar.record.rows import dump


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """A FeatureCollection, a feature at a time."""
    schema = {"fields": [column.described() for column in columns("geojson")]}
    yield "", f'{{"type": "FeatureCollection", "schema": {dump(schema, Any)}, "features": ['
    between = "\n"
    for cleared in cases:
        yield "", between + dump(_feature(cleared), Any)
        between = ",\n"
    yield "", "\n]}\n"


def _feature(cleared: Cleared) -> dict[str, Any]:
    case = cleared.case
    points = list(dict.fromkeys((p.lon, p.lat) for p in spots(case)))
    geometry: dict[str, Any] | None = None
    if len(points) == 1:
        geometry = {"type": "Point", "coordinates": points[0]}
    elif points:
        geometry = {"type": "MultiPoint", "coordinates": points}
    return {"type": "Feature", "id": case.incident.id, "geometry": geometry, "properties": _properties(case, cleared)}


def _properties(case: Case, cleared: Cleared) -> dict[str, Any]:
    one = case.incident
    place = scene(case)
    decimals = cleared.profile.decimals
    return {
        "id": one.id,
        "type": one.type,
        "event_type": EVENT_TYPES[one.type].acled_event,
        "sub_event_type": EVENT_TYPES[one.type].acled_sub_event,
        "status": one.status,
        "start": one.time.start,
        "end": one.time.end,
        "time_precision": one.time.precision,
        "place": place.name or place.words.text if place else None,
        "country": country_name(place.country) if place and place.country else None,
        "geo_precision": one.geo_precision,
        "coordinates": "as resolved" if decimals is None else f"rounded to {10**-decimals:g} degrees",
        "actors": joined(a.name or a.words.text for a in one.actors),
        "targets": joined(a.name or a.words.text for a in one.targets),
        **{what: _range(case, what) for what in ("killed", "injured", "displaced")},
        "reports": len(case.documents),
        "origins": len(one.origins),
        "disputed": joined(d.field for d in one.disagreements if d.kind != "update"),
        "outlets": joined(case.outlets),
        "account": account(case),
    }


def _range(case: Case, what: str) -> str | None:
    """The lowest and highest number claimed as `9-14`, open ends as `9-` and `-14`."""
    figures = case.figures(what)
    if not figures:
        return None
    low = min((f.low for f in figures if f.low is not None), default="")
    high = "" if any(f.high is None for f in figures) else max(f.high for f in figures if f.high is not None)
    return f"{low}" if low == high else f"{low}-{high}"
