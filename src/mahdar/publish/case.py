"""A case: an incident with all that an export may tell of it. The record hands cases out; every format is made of them.

A case as it comes from the record holds every name. It reaches a format only as a `Cleared` case (`redaction.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from mahdar.intake import Retrieval
from mahdar.model import Actor, Caption, Claim, Figure, Incident, Relation, Span
from mahdar.record.decisions import Decision

State = Literal["suggested", "accepted", "edited", "rejected"]
Role = Literal["victim", "witness", "source", "person", "place"]
UNDECIDED: State = "suggested"
CARRYING = ("asserted", "uncertain")
"""The statuses of claims that say it happened."""


@dataclass(frozen=True, slots=True)
class Custody:
    """What a record keeps of a report besides, so that another record can take the report over as it stands: how it was
    retrieved and by what its text was extracted, what is no text of it, and the reading that the claims are of.

    Only the house's own exports carry it.
    """

    retrieval: Retrieval
    extractor: str
    reader: str
    read_at: str
    given_id: str | None = None
    country: str | None = None
    furniture: tuple[Span, ...] = ()
    captions: tuple[Caption, ...] = ()
    relations: tuple[Relation, ...] = ()
    unread: Span | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report as an export names it: what was published, and the hashes that tie it to the archive.

    `sha256` is of the bytes that were first archived, `text_sha256` of the clean text in UTF-8 that offsets point into;
    `retrieved` is an ISO time. `text` is the clean text itself, `name` the file or line it was read from, `custody` the
    rest of what the record keeps of it: only the house's own exports carry them.
    """

    id: str
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    retrieved: str | None = None
    sha256: str | None = None
    text_sha256: str | None = None
    text: str | None = None
    name: str = ""
    custody: Custody | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A name that people marked as not to be published: of a victim, witness, confidential source, other person or place.

    `aliases` are its other spellings; `replacement` is what to write instead (by default the profile's words).
    """

    name: str
    role: Role = "person"
    aliases: tuple[str, ...] = ()
    replacement: str | None = None


@dataclass(frozen=True)
class Case:
    """An incident, its claims in the incident's order, and the reports they stand in.

    `states` says what people decided of each claim (claim id, state); a claim that is not listed is undecided. `changed`
    is the ISO time of the last change of any of it, `reader` the version that read the claims. `decisions` are those on
    the incident, its claims and its reports, of each in the order they were taken: only the house's own exports carry them.
    """

    incident: Incident
    claims: tuple[Claim, ...]
    documents: tuple[Document, ...]
    states: tuple[tuple[str, State], ...] = ()
    changed: str | None = None
    reader: str = ""
    withheld: tuple[Withheld, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @cached_property
    def by_report(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @property
    def carried(self) -> Iterator[Claim]:
        """The claims that say it happened: asserted or uncertain, not merely recalling it from elsewhere."""
        return (c for c in self.claims if c.status in CARRYING)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Who published it, first published first, each once."""
        return tuple(dict.fromkeys(d.outlet for d in self.documents if d.outlet))

    @property
    def sources(self) -> tuple[Actor, ...]:
        """Who says so inside the reports, each wording once."""
        named: dict[str, Actor] = {}
        for claim in self.claims:
            for actor in claim.sources:
                named.setdefault(actor.name or actor.words.text, actor)
        return tuple(named.values())

    def figures(self, what: str) -> list[Figure]:
        """Every figure of a kind in the claims that carry the incident; the incident's own where no claim has one."""
        told = [f for c in self.claims if c.status in CARRYING for f in c.figures if f.what == what]
        return told or [f for f in self.incident.figures if f.what == what]

    def state(self, claim: str) -> State:
        return next((state for of, state in self.states if of == claim), UNDECIDED)

    @property
    def edited_at(self) -> int | None:
        """`changed` in seconds since 1970, UTC."""
        if self.changed is None:
            return None
        moment = datetime.fromisoformat(self.changed)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
