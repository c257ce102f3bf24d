"""Claims, reports and relations as plain values for JSON, keys in the order of the codebook's section 5.

The keys of the codebook come first and mean what it says; further keys follow (docs/reading.md lists them). Offsets
are Python character offsets into the report's clean text, `[start, end]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mahdar.model import Actor, Claim, Figure, Place, Reading, Relation, Span, Step, Words


def claim_values(claim: Claim, reader: str, *, explain: bool = False) -> dict[str, Any]:
    """One claim as `jsonl` prints it: the codebook's keys, then ours; with `explain`, what made it (`steps`)."""
    out: dict[str, Any] = {
        "report": claim.report,
        "type": claim.type,
        "scope": claim.scope,
        "status": claim.status,
        "trigger": claim.trigger.text,
        "evidence": [{"start": w.span.start, "end": w.span.end, "text": w.text} for w in claim.evidence],
        "actors": _texts(claim.actors),
        "targets": _texts(claim.targets),
        "places": [_place(p) for p in claim.places],
        "geo_precision": claim.geo_precision,
        "start": claim.time.start,
        "end": claim.time.end,
        "time_precision": claim.time.precision,
        "figures": [_figure(f) for f in claim.figures],
        "sources": _texts(claim.sources),
        "agreement": claim.agreement.text if claim.agreement else None,
        "id": claim.id,
        "confidence": _round(claim.confidence),
        "trigger_span": _ends(claim.trigger.span),
        "spans": {
            "actors": [_ends(a.words.span) for a in claim.actors],
            "targets": [_ends(a.words.span) for a in claim.targets],
            "places": [_ends(p.words.span) for p in claim.places],
            "time": _ends(claim.time.words.span) if claim.time.words else None,
            "figures": [_ends(f.words.span) for f in claim.figures],
            "sources": [_ends(a.words.span) for a in claim.sources],
            "agreement": _ends(claim.agreement.span) if claim.agreement else None,
        },
        "resolved": {
            "actors": [_resolved(a) for a in claim.actors],
            "targets": [_resolved(a) for a in claim.targets],
            "sources": [_resolved(a) for a in claim.sources],
            "agreement": claim.agreement_id,
        },
        "time": {
            "text": claim.time.words.text if claim.time.words else None,
            "anchor": claim.time.anchor,
            "confidence": _round(claim.time.confidence),
        },
        "reader": reader,
    }
    if explain:
        out["steps"] = [_step(s) for s in claim.steps]
    return out


def reading_values(reading: Reading, *, explain: bool = False) -> dict[str, Any]:
    """One report with all that was read in it, as the `json` document lists it."""
    report = reading.report
    return {
        "id": report.id,
        "name": report.name,
        "title": report.title,
        "outlet": report.outlet,
        "published": report.published,
        "country": report.country,
        "text": report.text,
        "furniture": [_words(report.words(s.start, s.end)) for s in report.furniture],
        "captions": [
            {
                **_words(report.words(c.span.start, c.span.end)),
                "credit": _words(c.credit) if c.credit else None,
            }
            for c in report.captions
        ],
        "claims": [claim_values(c, reading.reader, explain=explain) for c in reading.claims],
        "relations": [relation_values(r) for r in reading.relations],
        "unread": _ends(reading.unread) if reading.unread else None,
        "reader": reading.reader,
    }


def relation_values(relation: Relation) -> dict[str, Any]:
    """A standing relation between actors, as the codebook's section 3 writes it, with its spans."""
    return {
        "subject": relation.subject.text,
        "relation": relation.relation,
        "object": relation.object.text,
        "evidence": _words(relation.evidence),
        "spans": {"subject": _ends(relation.subject.span), "object": _ends(relation.object.span)},
    }


def _texts(actors: Sequence[Actor]) -> list[str]:
    return [a.words.text for a in actors]


def _place(place: Place) -> dict[str, Any]:
    return {
        "text": place.words.text,
        "role": place.role,
        "name": place.name,
        "country": place.country,
        "lat": place.lat,
        "lon": place.lon,
        "kind": place.kind,
        "gazetteer_id": place.gazetteer_id,
        "precision": place.precision,
        "reason": place.reason,
        "candidates": [
            {"name": c.name, "country": c.country, "lat": c.lat, "lon": c.lon, "kind": c.kind}
            | {"gazetteer_id": c.gazetteer_id, "score": _round(c.score)}
            for c in place.candidates
        ],
        "confidence": _round(place.confidence),
        "inferred_from": place.inferred_from,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "what": figure.what,
        "low": figure.low,
        "high": figure.high,
        "text": figure.words.text,
        "source": figure.source,
        "confidence": _round(figure.confidence),
    }


def _resolved(actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.actor_id,
        "name": actor.name,
        "kind": actor.kind,
        "confidence": _round(actor.confidence),
        "inferred_from": actor.inferred_from,
    }


def _step(step: Step) -> dict[str, Any]:
    words = _words(step.words) if step.words else None
    return {"stage": step.stage, "slot": step.slot, "value": step.value, "words": words, "note": step.note}


def _words(words: Words) -> dict[str, Any]:
    return {"start": words.span.start, "end": words.span.end, "text": words.text}


def _ends(span: Span) -> list[int]:
    return [span.start, span.end]


def _round(confidence: float) -> float:
    return round(confidence, 3)
