"""FollowTheMoney entities (https://followthemoney.tech), a JSON object a line: events, who was involved, the articles.

Each incident is an `Event`; each registered actor an `Organization` or, of a state, a `PublicBody`; each report an
`Article`, tied to the event by a `Documentation`. Unnamed groups and people ("two men") are told of in the event's words
only: they are no entities that could be matched with others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from mahdar.model import Actor
from mahdar.publish.account import account, excerpt
from mahdar.publish.case import Case, Document
from mahdar.publish.geography import country_name, scene
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece
from mahdar.publish.wording import label
from mahdar.record.rows import dump

Entity = dict[str, Any]
_NO_BODY = ("Civilians", "Protesters", "Rioters")


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """One piece a case: its lines. An actor or article comes again with each case; equal ids are one entity."""
    for cleared in cases:
        yield "", "".join(dump(e, Any) + "\n" for e in entities(cleared.case))


def entities(case: Case) -> Iterator[Entity]:
    """The entities of one case, the actors before the event that names them."""
    one = case.incident
    place = scene(case)
    actors, targets = list(_bodies(one.actors)), list(_bodies(one.targets))
    yield from {entity["id"]: entity for entity in (*actors, *targets)}.values()
    where = place.name or place.words.text if place else None
    country = place.country if place else None
    yield _entity(
        _id("event", one.id),
        "Event",
        name=f"{label(one.type)}{f', {where}' if where else ''}{f', {one.time.end}' if one.time.end else ''}",
        startDate=one.time.start,
        endDate=one.time.end,
        location=", ".join(part for part in (where, country_name(country)) if part),
        country=country.lower() if country else None,
        summary=account(case),
        recordId=one.id,
        organizer=[a["id"] for a in actors],
        involved=[e["id"] for e in (*actors, *targets)],
    )
    for document in case.documents:
        article = _article(document)
        yield article
        quotes = [excerpt(c) for c in case.claims if c.report == document.id]
        yield _entity(
            _id("documentation", one.id, document.id),
            "Documentation",
            document=article["id"],
            entity=_id("event", one.id),
            role="reports",
            summary=quotes,
        )


def _article(document: Document) -> Entity:
    return _entity(
        _id("report", document.id),
        "Article",
        fileName=f"{document.id}.txt",
        title=document.title,
        publisher=document.outlet,
        publishedAt=document.published,
        sourceUrl=document.url,
        retrievedAt=document.retrieved,
        notes=f"SHA-256 {document.sha256}" if document.sha256 else None,
    )


def _bodies(actors: tuple[Actor, ...]) -> Iterator[Entity]:
    for actor in actors:
        if actor.actor_id and actor.name and actor.kind not in _NO_BODY:
            schema = "PublicBody" if actor.kind == "State forces" else "Organization"
            yield _entity(_id("actor", actor.actor_id), schema, name=actor.name, legalForm=actor.kind)


def _entity(id: str, schema: str, **values: str | list[str] | None) -> Entity:
    properties = {
        name: sorted(set(value)) if isinstance(value, list) else [value] for name, value in values.items() if value
    }
    return {"id": id, "schema": schema, "properties": properties}


def _id(*parts: str) -> str:
    return f"mahdar-{parts[0]}-" + hashlib.sha256("\x1f".join(parts[1:]).encode()).hexdigest()[:20]
