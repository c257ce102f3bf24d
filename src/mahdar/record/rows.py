"""The model's types as rows and back: what is searched gets a column, the whole is JSON beside it.

Columns are always made from the JSON by the functions here, so that `verify` can make them again and compare.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from mahdar.intake import Document, Retrieval
from mahdar.model import Caption, Claim, Figure, Incident, MahdarError, Place, Relation, Report, Span, Words
from mahdar.record.archive import digest
from mahdar.record.decisions import Review
from mahdar.record.log import canonical, sha256_of

T = TypeVar("T")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def dump(value: Any, kind: Hashable) -> str:
    """A value of the model as JSON text, keys in the order of its fields."""
    return _adapter(kind).dump_json(value).decode()


def load(kind: type[T], text: str | bytes) -> T:
    """A value of the model from its JSON. Raises MahdarError where it is none."""
    try:
        value: T = _adapter(cast(Hashable, kind)).validate_json(text)
    except ValueError as error:
        first = str(error).splitlines()
        raise MahdarError(f"is no {getattr(kind, '__name__', kind)} ({'; '.join(first[:2])})") from error
    return value


def text_sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return digest(text.encode("utf-8", "surrogatepass"))


def report_id(report: Report) -> str:
    """A report's id in any record: from its text, outlet and day, so that the same report is the same everywhere.

    The same words from another outlet or of another day are another report: that is how copies are told.
    """
    return sha256_of([report.text, report.outlet, report.published])[:16]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report of a record is told by: itself by its id, and among others of the same words by the rest."""

    id: str
    text_sha256: str
    archive_sha256: str
    url: str | None
    outlet: str | None
    published: str | None

    @classmethod
    def of(cls, document: Document, archive_sha256: str | None = None) -> Facts:
        """Those of a document; `archive_sha256` is that of its bytes, where it is known."""
        report = document.report
        return cls(
            report_id(report),
            text_sha256(report.text),
            archive_sha256 or digest(document.data),
            document.retrieval.final_url,
            report.outlet,
            report.published,
        )


def report_row(document: Document, facts: Facts, added_at: str) -> dict[str, Any]:
    """The columns of a document with these facts, but for `n`."""
    report, retrieval = document.report, document.retrieval
    # What intake calls a report for want of a given id says nothing more than the text does.
    given = report.id not in (facts.id, facts.text_sha256[:16])
    return {
        "id": facts.id,
        "given_id": report.id if given else None,
        "name": report.name,
        "archive_sha256": facts.archive_sha256,
        "part": document.part,
        "media_type": document.media_type,
        "url": retrieval.final_url,
        "retrieved_at": retrieval.retrieved_at or added_at,
        "retrieval": dump(retrieval, Retrieval),
        "extractor": document.extractor,
        "text": report.text,
        "text_sha256": facts.text_sha256,
        "title": report.title,
        "outlet": report.outlet,
        "published": report.published,
        "country": report.country,
        "furniture": canonical([[s.start, s.end] for s in report.furniture]),
        "captions": dump(report.captions, tuple[Caption, ...]),
        "added_at": added_at,
    }


def report_of(row: RowMapping) -> Report:
    """The report of a row of `reports`."""
    return Report(
        id=row["id"],
        text=row["text"],
        title=row["title"],
        outlet=row["outlet"],
        published=row["published"],
        country=row["country"],
        furniture=tuple(Span(start, end) for start, end in json.loads(row["furniture"])),
        captions=load(tuple[Caption, ...], row["captions"]),
        name=row["name"],
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a claim stands, beside what it says."""

    review: Review = "suggested"
    version: int = 0
    found: bool = True
    changed: bool = False


def claim_row(claim: Claim, report: Report, standing: Standing) -> dict[str, Any]:
    """The search columns of a claim as it stands, but for `n`, `report_n` and `incident`."""
    return {
        "id": claim.id,
        "scope": claim.scope,
        **_event_columns(claim),
        "confidence": claim.confidence,
        "outlet": report.outlet,
        "published": report.published,
        "review": standing.review,
        "version": standing.version,
        "found": standing.found,
        "changed": standing.changed,
    }


def actor_rows(claim: Claim) -> Iterator[dict[str, Any]]:
    """The rows of `claim_actors`, but for `claim_n`."""
    for role, actors in (("actor", claim.actors), ("target", claim.targets), ("source", claim.sources)):
        for position, actor in enumerate(actors):
            yield {
                "role": role,
                "position": position,
                "words": actor.words.text,
                "actor_id": actor.actor_id,
                "name": actor.name,
                "kind": actor.kind,
            }


def place_rows(claim: Claim) -> Iterator[dict[str, Any]]:
    """The rows of `claim_places`, but for `claim_n`."""
    for position, place in enumerate(claim.places):
        yield {
            "position": position,
            "role": place.role,
            "words": place.words.text,
            "name": place.name,
            "country": place.country,
            "admin1": place.admin1,
            "admin2": place.admin2,
            "lat": place.lat,
            "lon": place.lon,
            "kind": place.kind,
            "gazetteer_id": place.gazetteer_id,
            "precision": place.precision,
        }


def incident_row(incident: Incident, review: Review = "suggested", version: int = 0) -> dict[str, Any]:
    """The columns of an incident, but for `n`."""
    body = dump(incident, Incident)
    return {
        "id": incident.id,
        **_event_columns(incident),
        "reports": len(incident.reports),
        "origins": len(incident.origins),
        "disputed": any(d.kind != "update" for d in incident.disagreements),
        "review": review,
        "version": version,
        "body": body,
        "sha256": text_sha256(body),
    }


def _event_columns(event: Claim | Incident) -> dict[str, Any]:
    at = _main_place(event.places)
    low, high = _killed(event.figures)
    return {
        "type": event.type,
        "status": event.status,
        "start": event.time.start,
        "end": event.time.end,
        "time_precision": event.time.precision,
        "country": at.country if at else None,
        "admin1": at.admin1 if at else None,
        "admin2": at.admin2 if at else None,
        "lat": at.lat if at else None,
        "lon": at.lon if at else None,
        "geo_precision": event.geo_precision,
        "killed_low": low,
        "killed_high": high,
    }


def _main_place(places: Sequence[Place]) -> Place | None:
    """Where it is put on a map: where it happened before from where and to where, the finest first."""
    return min(places, key=lambda p: (p.role != "at", p.lat is None, p.precision or 9), default=None)


def _killed(figures: Sequence[Figure]) -> tuple[int | None, int | None]:
    """The widest range of the dead that any version gives; None where it is open."""
    killed = [f for f in figures if f.what == "killed"]
    lows = [f.low for f in killed if f.low is not None]
    highs = [f.high for f in killed if f.high is not None]
    return min(lows, default=None), max(highs) if killed and len(highs) == len(killed) else None


def words_in(value: object) -> Iterator[Words]:
    """All words with a span that a value of the model holds, however deep."""
    if isinstance(value, Words):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from words_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from words_in(getattr(value, field.name))


def unfounded(value: object, text: str) -> Words | None:
    """The first words of a value that do not stand in the text where they say; None where all do."""
    return next((w for w in words_in(value) if text[w.span.start : w.span.end] != w.text), None)


def relations_json(relations: tuple[Relation, ...]) -> str:
    return dump(relations, tuple[Relation, ...])
