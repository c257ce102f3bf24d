"""HXL: one row an incident under a row of headings and a row of hashtags (https://hxlstandard.org)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mahdar.codebook import EVENT_TYPES
from mahdar.model import Actor
from mahdar.publish.account import account
from mahdar.publish.case import Case
from mahdar.publish.geography import area_name, country, country_name, scene
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, joined, rows_text, table, written

ROWS = table("", "Incidents with HXL hashtags", "hxl")
TABLES = (ROWS,)


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """Headings, hashtags, then the incidents in pieces."""
    pieces = written(TABLES, ((ROWS.part, _row(cleared.case)) for cleared in cases))
    yield next(pieces)
    yield ROWS.part, rows_text([[column.tag for column in ROWS.columns]])
    yield from pieces


def _row(case: Case) -> Sequence[Any]:
    one = case.incident
    kind = EVENT_TYPES[one.type]
    place = scene(case)
    start, end = one.time.start, one.time.end
    nation = country(place.country) if place else None
    counts = [_least(case, what) for what in ("killed", "injured", "displaced", "homes")]
    return [
        *(
            one.id,
            end or start,
            (end or start or "")[:4],
            start,
            end,
            kind.acled_event,
            kind.acled_sub_event,
            one.status,
        ),
        *(_named(one.actors), _named(one.targets)),
        *(country_name(place.country) if place else "", nation.iso3 if nation else ""),
        *(area_name(place.admin1) if place else "", place.admin1 if place else ""),
        *(area_name(place.admin2) if place else "", place.admin2 if place else ""),
        *(place.name or place.words.text if place else "", place.lat if place else None, place.lon if place else None),
        *(one.geo_precision, joined(case.outlets), len(one.origins), *counts, account(case)),
    ]


def _named(actors: tuple[Actor, ...]) -> str:
    return joined(a.name or a.words.text for a in actors)


def _least(case: Case, what: str) -> int | None:
    """The lowest number claimed; None where none is, or only an upper end."""
    return min((f.low for f in case.figures(what) if f.low is not None), default=None)
