"""Claims as plain values for the pages' scripts and the API: every value with its words and their offset."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mahdar.model import Actor, Claim, Figure, Place, Words
from mahdar.record.stored import StoredIncident
from mahdar.review.sheets import Coded
from mahdar.web.wording import event_label, type_label


def claim_values(claim: Claim) -> dict[str, Any]:
    """One claim; offsets (`start`, `offset`) are character offsets into the report's text."""
    time = claim.time
    return {
        "id": claim.id,
        "report": claim.report,
        "type": claim.type,
        "label": type_label(claim.type),
        "event": event_label(claim.type),
        "status": claim.status,
        "scope": claim.scope,
        "confidence": round(claim.confidence, 4),
        "trigger": _words(claim.trigger),
        "evidence": [_words(words) for words in claim.evidence],
        "actors": [_actor(actor) for actor in claim.actors],
        "targets": [_actor(actor) for actor in claim.targets],
        "sources": [_actor(actor) for actor in claim.sources],
        "places": [_place(place) for place in claim.places],
        "geo_precision": claim.geo_precision,
        "time": {
            "start": time.start,
            "end": time.end,
            "precision": time.precision,
            "anchor": time.anchor,
            "text": time.words.text if time.words else None,
            "offset": time.words.span.start if time.words else None,
        },
        "figures": [_figure(figure) for figure in claim.figures],
        "agreement": _words(claim.agreement) if claim.agreement else None,
    }


def coded_values(coded: Coded) -> dict[str, Any]:
    """A claim of a sheet: the claim, and how it stands."""
    return claim_values(coded.claim) | {
        "review": coded.review,
        "version": coded.version,
        "by": coded.by,
        "at": coded.at,
        "why": coded.why,
        "incident": coded.incident,
    }


def incident_values(stored: StoredIncident) -> dict[str, Any]:
    """An incident, and how it stands; everything that says why it is one."""
    incident = stored.incident
    return {
        "id": incident.id,
        "review": stored.review,
        "version": stored.version,
        "type": incident.type,
        "label": type_label(incident.type),
        "status": incident.status,
        "time": {"start": incident.time.start, "end": incident.time.end, "precision": incident.time.precision},
        "places": [
            {name: value for name, value in _place(place).items() if name not in ("start", "candidates")}
            for place in incident.places
        ],
        "geo_precision": incident.geo_precision,
        "actors": [{"id": a.actor_id, "name": a.name, "text": a.words.text} for a in incident.actors],
        "targets": [{"id": a.actor_id, "name": a.name, "text": a.words.text} for a in incident.targets],
        "figures": [{"what": f.what, "low": f.low, "high": f.high} for f in incident.figures],
        "claims": list(incident.claims),
        "recalled": list(incident.recalled),
        "reports": list(incident.reports),
        "origins": [asdict(origin) for origin in incident.origins],
        "links": [asdict(link) for link in incident.links],
        "disagreements": [asdict(disagreement) for disagreement in incident.disagreements],
        "grades": [asdict(grade) for grade in incident.grades],
        "agreements": [
            {"id": a.agreement, "name": a.name, "answer": a.answer, "reason": a.reason, "within_terms": a.within_terms}
            for a in incident.agreements
        ],
    }


def _words(words: Words) -> dict[str, Any]:
    return {"text": words.text, "start": words.span.start}


def _actor(actor: Actor) -> dict[str, Any]:
    return {**_words(actor.words), "actor_id": actor.actor_id, "name": actor.name, "kind": actor.kind}


def _place(place: Place) -> dict[str, Any]:
    candidates = [
        {
            "label": c.name,
            "name": c.name,
            "country": c.country,
            "lat": c.lat,
            "lon": c.lon,
            "kind": c.kind,
            "gazetteer_id": c.gazetteer_id,
        }
        for c in place.candidates
    ]
    return {
        **_words(place.words),
        "role": place.role,
        "name": place.name,
        "country": place.country,
        "lat": place.lat,
        "lon": place.lon,
        "kind": place.kind,
        "gazetteer_id": place.gazetteer_id,
        "precision": place.precision,
        "reason": place.reason,
        "candidates": candidates,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        **_words(figure.words),
        "what": figure.what,
        "low": figure.low,
        "high": figure.high,
        "source": figure.source,
    }
