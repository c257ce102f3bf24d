"""Actors and places as the record's claims name them: how often, and which words no register knows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select

from mahdar.record import Record
from mahdar.record.tables import CLAIM_ACTORS, CLAIM_PLACES
from mahdar.review.cached import Counted

MOST = 3000  # entries listed; words of no register are counted apart
UNKNOWN = 300


@dataclass(frozen=True, slots=True)
class MentionedActor:
    """An actor with the number of claims in which it acts, is the target, or is the source."""

    id: str
    name: str
    kind: str
    acts: int
    suffers: int
    says: int

    @property
    def all(self) -> int:
        return self.acts + self.suffers + self.says


@dataclass(frozen=True, slots=True)
class MentionedPlace:
    """A place of the gazetteer with the number of claims that are put there."""

    id: str
    name: str
    kind: str
    country: str
    lat: float | None
    lon: float | None
    claims: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that no register knows, with the number of claims that hold them."""

    words: str
    claims: int


class Mentioned:
    """What one record's claims mention."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._actors = Counted(record, self._count_actors)
        self._places = Counted(record, self._count_places)

    def actors(self) -> tuple[list[MentionedActor], list[Unknown]]:
        """Actors, most mentioned first, and the commonest words that no entry of the register stands for."""
        return self._actors.get()

    def places(self) -> tuple[list[MentionedPlace], list[Unknown]]:
        """Places, most claims first, and the commonest names that are not in the gazetteer."""
        return self._places.get()

    def _count_actors(self) -> tuple[list[MentionedActor], list[Unknown]]:
        c = CLAIM_ACTORS.c
        roles = [func.sum(case((c.role == role, 1), else_=0)).label(role) for role in ("actor", "target", "source")]
        known = (
            select(c.actor_id.label("id"), func.max(c.name).label("name"), func.max(c.kind).label("kind"), *roles)
            .where(c.actor_id.is_not(None))
            .group_by(c.actor_id)
            .order_by(func.count().desc(), c.actor_id)
            .limit(MOST)
        )
        unknown = (
            select(c.words, func.count())
            .where(c.actor_id.is_(None))
            .group_by(c.words)
            .order_by(func.count().desc(), c.words)
            .limit(UNKNOWN)
        )
        with self._record.reading() as connection:
            actors = [
                MentionedActor(r.id, r.name or r.id, r.kind or "", int(r.actor), int(r.target), int(r.source))
                for r in connection.execute(known)
            ]
            return actors, [Unknown(words, count) for words, count in connection.execute(unknown)]

    def _count_places(self) -> tuple[list[MentionedPlace], list[Unknown]]:
        c = CLAIM_PLACES.c
        firsts = [func.max(column).label(column.name) for column in (c.name, c.kind, c.country, c.lat, c.lon)]
        known = (
            select(c.gazetteer_id.label("id"), *firsts, func.count().label("claims"))
            .where(c.gazetteer_id.is_not(None))
            .group_by(c.gazetteer_id)
            .order_by(func.count().desc(), c.gazetteer_id)
            .limit(MOST)
        )
        unknown = (
            select(c.words, func.count())
            .where(c.gazetteer_id.is_(None))
            .group_by(c.words)
            .order_by(func.count().desc(), c.words)
            .limit(UNKNOWN)
        )
        with self._record.reading() as connection:
            places = [
                MentionedPlace(r.id, r.name or r.id, r.kind or "", r.country or "", r.lat, r.lon, r.claims)
                for r in connection.execute(known)
            ]
            return places, [Unknown(words, count) for words, count in connection.execute(unknown)]
