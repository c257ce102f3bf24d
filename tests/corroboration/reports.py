"""Reports and claims of a fictional war, made in a line each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mahdar.model import Actor, Claim, Figure, Place, Report, Span, Time, Words

SOURCE_KINDS = {
    "reuters": "source:agency",
    "afp": "source:agency",
    "anadolu": "source:agency",
    "sohr": "source:monitor",
}
TOWNS = {"Saltmarsh": (35.0, 36.0), "Ferry Hill": (35.02, 36.02), "Kestrel": (39.0, 44.0)}


def report(
    id: str, text: str = "", *, outlet: str | None = None, published: str | None = "2024-03-01", title: str = ""
) -> Report:
    return Report(
        id, text or f"Nothing else is known of {id}.", title=title or None, outlet=outlet, published=published
    )


def words(text: str) -> Words:
    return Words(Span(0, len(text)), text)


def actor(name: str, id: str | None = None, kind: str | None = None) -> Actor:
    return Actor(words(name), id, name, kind)


def source(name: str, id: str | None = None) -> Actor:
    return Actor(words(name), id, name if id else None, SOURCE_KINDS.get(id or ""))


def claim(report: str, type: str = "air_drone_strike", day: str | None = "2024-03-01", **slots: Any) -> Claim:
    """A claim of `report`; `town`, `killed` (a number or a pair) and `said` (its words) are short for slots."""
    said = words(slots.pop("said", f"{type.replace('_', ' ')} told by {report}"))
    town, killed = slots.pop("town", "Saltmarsh"), slots.pop("killed", None)
    low, high = killed if isinstance(killed, tuple) else (killed, killed)
    lat, lon = TOWNS.get(town, (None, None))
    made = Claim(
        id=f"{report}-{type}-{slots.get('status', 'asserted')}",
        report=report,
        type=type,
        scope="event",
        status="asserted",
        trigger=said,
        evidence=(said,),
        places=(Place(words(town), name=town, country="XA", lat=lat, lon=lon, precision=1, gazetteer_id=town),)
        if town
        else (),
        geo_precision=1 if town else None,
        time=Time(day, day, 1) if day else Time(),
        figures=(Figure("killed", low, high, said),) if killed else (),
    )
    return replace(made, **slots)
