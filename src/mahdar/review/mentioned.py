"""Actors and places as the record's claims name them: how often, and which words no register knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

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
    def names(self) -> tuple[str, ...]:
        """What one may look for it by."""
        return self.name, self.id


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

    @property
    def names(self) -> tuple[str, ...]:
        """What one may look for it by."""
        return self.name, self.country


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that no register knows, with the number of claims that hold them."""

    words: str
    claims: int


Entry = TypeVar("Entry", bound=MentionedActor | MentionedPlace, covariant=True)


@dataclass(frozen=True)
class Listing(Generic[Entry]):
    """The entries of a register that claims mention, most mentioned first, and the commonest words it does not know."""

    known: Sequence[Entry]
    unknown: Sequence[Unknown]

    def entry(self, id: str) -> Entry | None:
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {one.id: one for one in self.known}


class Mentioned:
    """What one record's claims mention."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._actors = Counted(record, self._count_actors)
        self._places = Counted(record, self._count_places)

    def actors(self) -> Listing[MentionedActor]:
        return self._actors.get()

    def places(self) -> Listing[MentionedPlace]:
        return self._places.get()

    def _count_actors(self) -> Listing[MentionedActor]:
        c = CLAIM_ACTORS.c
        named = [func.max(column).label(column.name) for column in (c.name, c.kind)]
        roles = [func.sum(case((c.role == role, 1), else_=0)).label(role) for role in ("actor", "target", "source")]
        with self._record.reading() as connection:
            rows = connection.execute(_commonest(c.actor_id, *named, *roles))
            known = [
                MentionedActor(r.id, r.name or r.id, r.kind or "", int(r.actor), int(r.target), int(r.source))
                for r in rows
            ]
            return Listing(known, _unknown(connection, c.actor_id, c.words))

    def _count_places(self) -> Listing[MentionedPlace]:
        c = CLAIM_PLACES.c
        named = [func.max(column).label(column.name) for column in (c.name, c.kind, c.country, c.lat, c.lon)]
        with self._record.reading() as connection:
            rows = connection.execute(_commonest(c.gazetteer_id, *named, func.count().label("claims")))
            known = [
                MentionedPlace(r.id, r.name or r.id, r.kind or "", r.country or "", r.lat, r.lon, r.claims)
                for r in rows
            ]
            return Listing(known, _unknown(connection, c.gazetteer_id, c.words))


def _commonest(id: ColumnElement[Any], *columns: ColumnElement[Any]) -> Select[Any]:
    """The entries of a register, by the column that names them, with what is told of each."""
    chosen = select(id.label("id"), *columns).where(id.is_not(None)).group_by(id)
    return chosen.order_by(func.count().desc(), id).limit(MOST)


def _unknown(connection: Connection, id: ColumnElement[Any], words: ColumnElement[Any]) -> list[Unknown]:
    """The commonest words that the column of ids has nothing for."""
    chosen = select(words, func.count()).where(id.is_(None)).group_by(words)
    rows = connection.execute(chosen.order_by(func.count().desc(), words).limit(UNKNOWN))
    return [Unknown(held, count) for held, count in rows]
