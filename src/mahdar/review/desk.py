"""The desk: one record with everything that people do at it. Pages and API call nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mahdar.record import Record
from mahdar.record.query import Query
from mahdar.review.coding import Registers
from mahdar.review.double import Double
from mahdar.review.explore import Explorer, countries_of
from mahdar.review.incidents import Incidents
from mahdar.review.mentioned import Mentioned
from mahdar.review.outlets import Outlets
from mahdar.review.people import People
from mahdar.review.queues import Queues
from mahdar.review.sheets import SharedSheet
from mahdar.where.gazetteer import Gazetteer
from mahdar.who.register import Register


class Desk:
    """The services over one open record."""

    def __init__(self, record: Record, people: People) -> None:
        self.record = record
        self.registers = Registers(Register.load(), Gazetteer.open())
        self.queues = Queues(record)
        self.double = Double(record, self.registers, people)
        self.outlets = Outlets(record)
        self.mentioned = Mentioned(record)
        self.explorer = Explorer(record)
        self.incidents = Incidents(record)

    def ready(self, tell: Callable[[str], None]) -> None:
        """Make what the first view needs: counts, and the columns of the search, which take minutes after a large import.

        A server does this before anybody can ask, and says so to whoever has started it.
        """
        claims = self.queues.left().of
        if claims:
            tell(f"getting {claims:,} claims ready to be searched …")
        first = Query(find=self.explorer.usual())
        found = self.explorer.search(first)
        self.explorer.timeline(first, found.total, countries_of(first, found))

    def warm(self) -> None:
        """Count what further pages show, which the first to ask for them would else wait for."""
        self.outlets.all()
        self.mentioned.actors()
        self.mentioned.places()

    def sheet(self, report: str) -> SharedSheet:
        """The sheet of a report that all coders share. Raises MahdarError if the record has no such report."""
        return SharedSheet(self.record, self.record.report(report), self.registers)

    def actors_like(self, typed: str, country: str, limit: int) -> list[dict[str, Any]]:
        """Entries of the actor register for typing ahead: what the words mean first, then names that hold them.

        Entries of `country` (ISO code, or empty) come before others.
        """
        register = self.registers.actors
        words = typed.casefold().split()
        if not words:
            return []
        meant = register.resolve(typed, country=country or None, day=None)
        first = [meant.actor, *meant.candidates] if meant else []
        like = [a for a in register if all(w in " ".join((a.name, *a.aliases)).casefold() for w in words)]
        like.sort(key=lambda a: (country not in a.countries, not a.name.casefold().startswith(words[0]), a.name))
        found = {actor.id: actor for actor in (*first, *like)}
        return [
            {"id": a.id, "name": a.name, "kind": a.kind, "countries": list(a.countries)}
            | {"active": f"{a.start or '…'} to {a.end or '…'}" if a.start or a.end else ""}
            for a in list(found.values())[:limit]
        ]
