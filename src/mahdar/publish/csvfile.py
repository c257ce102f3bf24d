"""CSV: one row a claim, for a spreadsheet. Lists are joined by "; ", and no cell can run as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mahdar.model import Claim, Figure, Place, Reading, Report
from mahdar.publish.tabular import rows_text

COLUMNS = (
    *("report", "id", "title", "outlet", "published", "type", "scope", "status", "confidence", "trigger"),
    *("actors", "actor_names", "targets", "target_names", "place_at", "place_from", "place_to", "place_names"),
    *("country", "lat", "lon", "geo_precision", "start", "end", "time_precision", "time_text", "time_anchor"),
    *("killed", "injured", "other_figures", "sources", "agreement", "evidence", "evidence_spans", "reader"),
)


def render(readings: Iterable[Reading]) -> Iterator[str]:
    """The heading row, then one piece of text a reading."""
    yield rows_text([COLUMNS])
    for reading in readings:
        yield rows_text([row[c] for c in COLUMNS] for row in (_row(c, reading) for c in reading.claims))


def _row(claim: Claim, reading: Reading) -> dict[str, Any]:
    report: Report = reading.report
    point = next((p for p in claim.places if p.role == "at" and p.lat is not None), None)
    return {
        "report": claim.report,
        "id": claim.id,
        "title": report.title,
        "outlet": report.outlet,
        "published": report.published,
        "type": claim.type,
        "scope": claim.scope,
        "status": claim.status,
        "confidence": round(claim.confidence, 3),
        "trigger": claim.trigger.text,
        "actors": _joined(a.words.text for a in claim.actors),
        "actor_names": _joined(a.name for a in claim.actors),
        "targets": _joined(a.words.text for a in claim.targets),
        "target_names": _joined(a.name for a in claim.targets),
        "place_at": _worded(claim.places, "at"),
        "place_from": _worded(claim.places, "from"),
        "place_to": _worded(claim.places, "to"),
        "place_names": _joined(p.name for p in claim.places),
        "country": _joined(dict.fromkeys(p.country for p in claim.places)),
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "geo_precision": claim.geo_precision,
        "start": claim.time.start,
        "end": claim.time.end,
        "time_precision": claim.time.precision,
        "time_text": claim.time.words.text if claim.time.words else None,
        "time_anchor": claim.time.anchor,
        "killed": _joined(span_of(f) for f in claim.figures if f.what == "killed"),
        "injured": _joined(span_of(f) for f in claim.figures if f.what == "injured"),
        "other_figures": _joined(
            f"{f.what} {span_of(f)}" for f in claim.figures if f.what not in ("killed", "injured")
        ),
        "sources": _joined(a.words.text for a in claim.sources),
        "agreement": claim.agreement.text if claim.agreement else None,
        "evidence": _joined(w.text for w in claim.evidence),
        "evidence_spans": _joined(f"{w.span.start}-{w.span.end}" for w in claim.evidence),
        "reader": reading.reader,
    }


def span_of(figure: Figure) -> str:
    """A figure's range as `14`, `24-99`, `1800 or more`, `up to 2000000`."""
    low, high = figure.low, figure.high
    if low is None and high is None:
        return "unknown"
    if low is None or high is None:
        return f"up to {high}" if low is None else f"{low} or more"
    return str(low) if low == high else f"{low}-{high}"


def _worded(places: Iterable[Place], role: str) -> str:
    return _joined(p.words.text for p in places if p.role == role)


def _joined(parts: Iterable[str | None]) -> str:
    return "; ".join(" ".join(part.split()) for part in parts if part)
