"""Parquet: one row an incident with typed columns and lists, for pandas, polars, DuckDB and Spark.

Written by row groups, so that memory does not grow with the cases. The profile stands in the file's metadata, what a column
means in the column's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mahdar.codebook import EVENT_TYPES
from mahdar.publish.account import account
from mahdar.publish.case import Case
from mahdar.publish.geography import scene
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, columns

GROUP = 5000  # rows of a row group

_PARTY = pa.struct([("words", pa.string()), ("name", pa.string()), ("kind", pa.string()), ("id", pa.string())])
_FIGURE = pa.struct([("what", pa.string()), ("low", pa.int64()), ("high", pa.int64()), ("words", pa.string())])
_PLACE = pa.struct(
    [
        *(("words", pa.string()), ("role", pa.string()), ("name", pa.string()), ("country", pa.string())),
        *(("lat", pa.float64()), ("lon", pa.float64()), ("precision", pa.int8()), ("admin1", pa.string())),
    ]
)
_REPORT = pa.struct([(name, pa.string()) for name in ("id", "outlet", "published", "title", "url", "sha256")])
_TYPES = dict(
    [
        *(("id", pa.string()), ("type", pa.string()), ("event_type", pa.string()), ("sub_event_type", pa.string())),
        *(("status", pa.string()), ("start", pa.string()), ("end", pa.string()), ("time_precision", pa.int8())),
        *(("country", pa.string()), ("place", pa.string()), ("lat", pa.float64()), ("lon", pa.float64())),
        *(("geo_precision", pa.int8()), ("actors", pa.list_(_PARTY)), ("targets", pa.list_(_PARTY))),
        *(("sources", pa.list_(_PARTY)), ("places", pa.list_(_PLACE)), ("figures", pa.list_(_FIGURE))),
        *(("reports", pa.list_(_REPORT)), ("claims", pa.list_(pa.string())), ("origins", pa.int32())),
        *(("disputed", pa.list_(pa.string())), ("agreements", pa.list_(pa.string())), ("account", pa.string())),
        ("evidence", pa.list_(pa.string())),
    ]
)
SCHEMA = pa.schema(
    [pa.field(c.name, _TYPES[c.name], metadata={"description": c.description}) for c in columns("parquet")]
)


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """The file's bytes, a row group at a time."""
    cleared = iter(cases)
    first = list(islice(cleared, GROUP))
    about = {"mahdar": json.dumps({"profile": first[0].profile.name, "about": first[0].profile.about} if first else {})}
    sink = io.BytesIO()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), SCHEMA.with_metadata(about), compression="zstd") as writer:
        group = first
        while group:
            rows = [_row(one.case) for one in group]
            writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA.with_metadata(about)))
            yield "", _drained(sink)
            group = list(islice(cleared, GROUP))
    yield "", _drained(sink)


def _drained(sink: io.BytesIO) -> bytes:
    """What was written since the last time; the writer counts its own offsets, so the buffer may start anew."""
    held = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return held


def _row(case: Case) -> dict[str, Any]:
    one = case.incident
    place = scene(case)
    return {
        "id": one.id,
        "type": one.type,
        "event_type": EVENT_TYPES[one.type].acled_event,
        "sub_event_type": EVENT_TYPES[one.type].acled_sub_event,
        "status": one.status,
        "start": one.time.start,
        "end": one.time.end,
        "time_precision": one.time.precision,
        "country": place.country if place else None,
        "place": place.name or place.words.text if place else None,
        "lat": place.lat if place else None,
        "lon": place.lon if place else None,
        "geo_precision": one.geo_precision,
        **{
            slot: [{"words": a.words.text, "name": a.name, "kind": a.kind, "id": a.actor_id} for a in actors]
            for slot, actors in (("actors", one.actors), ("targets", one.targets), ("sources", case.sources))
        },
        "places": [
            {"words": p.words.text, "role": p.role, "name": p.name, "country": p.country, "lat": p.lat, "lon": p.lon}
            | {"precision": p.precision, "admin1": p.admin1}
            for p in one.places
        ],
        "figures": [
            {"what": f.what, "low": f.low, "high": f.high, "words": f.words.text}
            for c in case.claims
            for f in c.figures
        ],
        "reports": [
            {
                "id": d.id,
                "outlet": d.outlet,
                "published": d.published,
                "title": d.title,
                "url": d.url,
                "sha256": d.sha256,
            }
            for d in case.documents
        ],
        "claims": [c.id for c in case.claims],
        "origins": len(one.origins),
        "disputed": [d.field for d in one.disagreements if d.kind != "update"],
        "agreements": [a.name for a in one.agreements if a.answer == "yes"],
        "account": account(case),
        "evidence": [w.text for c in case.claims for w in c.evidence],
    }
