"""What a coder does to a claim, as functions from claims to claims. Nothing here stores anything.

Every value keeps its words: a slot is filled by a stretch of the report, told by its offset or found by its text (the
occurrence nearest to the trigger). Words that do not stand in the report are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from mahdar.codebook.event_types import EVENT_TYPES
from mahdar.intake.sentences import split_sentences
from mahdar.model import (
    Actor,
    Claim,
    Figure,
    FigureKind,
    MahdarError,
    Place,
    PlaceRole,
    Report,
    Scope,
    Span,
    Status,
    Step,
    Time,
    Words,
)
from mahdar.when.days import days, precision_of
from mahdar.where.gazetteer import Entry, Gazetteer
from mahdar.who.register import Register

FIGURES = get_args(FigureKind)
STATUSES = get_args(Status)
SCOPES = get_args(Scope)
PLACE_ROLES = get_args(PlaceRole)
LONGEST = 2000  # characters of one stretch
MOST = 40  # values of one slot

T = TypeVar("T")


class Value(BaseModel):
    """Words of the report: `text` as it stands there, `start` its offset (without it, the nearest to the trigger)."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=LONGEST)
    start: int | None = Field(default=None, ge=0)


class ActorValue(Value):
    """An actor, target or source: `actor_id` an entry of the register, or None to let the register resolve the words."""

    actor_id: str | None = Field(default=None, max_length=200)


class PlaceValue(Value):
    """A place: `gazetteer_id` the place it is, or None for a place that the gazetteer does not have."""

    role: PlaceRole = "at"
    gazetteer_id: str | None = Field(default=None, max_length=200)
    precision: int | None = Field(default=None, ge=1, le=3)


class TimeValue(BaseModel):
    """When: ISO days, months or years; `precision` 1 day to 4 year, or None to take that of the interval."""

    model_config = ConfigDict(extra="forbid")
    start: str | None = Field(default=None, max_length=10)
    end: str | None = Field(default=None, max_length=10)
    precision: int | None = Field(default=None, ge=1, le=4)
    text: str | None = Field(default=None, max_length=LONGEST)
    offset: int | None = Field(default=None, ge=0)


class FigureValue(Value):
    """How many: `low` to `high`, one of them None where the words leave that side open."""

    what: FigureKind
    low: int | None = Field(default=None, ge=0, le=10**9)
    high: int | None = Field(default=None, ge=0, le=10**9)
    source: str | None = Field(default=None, max_length=LONGEST)


class Change(BaseModel):
    """What a coder changes of a claim. What is left out stays as it is; an empty list empties the slot."""

    model_config = ConfigDict(extra="forbid")
    type: str | None = Field(default=None, max_length=60)
    scope: Scope | None = None
    status: Status | None = None
    trigger: Value | None = None
    evidence: list[Value] | None = Field(default=None, min_length=1, max_length=MOST)
    actors: list[ActorValue] | None = Field(default=None, max_length=MOST)
    targets: list[ActorValue] | None = Field(default=None, max_length=MOST)
    sources: list[ActorValue] | None = Field(default=None, max_length=MOST)
    places: list[PlaceValue] | None = Field(default=None, max_length=MOST)
    geo_precision: int | None = Field(default=None, ge=1, le=3)
    time: TimeValue | None = None
    figures: list[FigureValue] | None = Field(default=None, max_length=MOST)
    agreement: Value | None = None


class Part(BaseModel):
    """What moves to the second claim of a split, by position in each slot. What is not named stays in both."""

    model_config = ConfigDict(extra="forbid")
    type: str | None = Field(default=None, max_length=60)
    actors: list[int] = Field(default=[], max_length=MOST)
    targets: list[int] = Field(default=[], max_length=MOST)
    places: list[int] = Field(default=[], max_length=MOST)
    figures: list[int] = Field(default=[], max_length=MOST)
    evidence: list[int] = Field(default=[], max_length=MOST)


@dataclass(frozen=True, slots=True)
class Registers:
    """The two registers that words resolve to."""

    actors: Register
    places: Gazetteer


def edit(report: Report, claim: Claim, change: Change, registers: Registers) -> Claim:
    """The claim with the change made; its id stays. Raises MahdarError, in one sentence, on what cannot be coded."""
    near = claim.trigger.span.start
    given = change.model_fields_set
    if change.type is not None:
        claim = replace(claim, type=known_type(change.type))
    if change.scope is not None:
        claim = replace(claim, scope=change.scope)
    if change.status is not None:
        claim = replace(claim, status=change.status)
    if change.trigger is not None:
        claim = replace(claim, trigger=find_words(report, change.trigger, near))
    if change.evidence is not None:
        words = {w.span: w for value in change.evidence for w in [find_words(report, value, near)]}
        claim = replace(claim, evidence=tuple(words[span] for span in sorted(words)))
    if change.time is not None:
        claim = replace(claim, time=_time(report, claim.time, change.time, near))
    if change.places is not None:
        places = tuple(_place(report, value, claim.places, near, registers.places) for value in change.places)
        precisions = [p.precision for p in places if p.precision]
        claim = replace(claim, places=places, geo_precision=max(precisions) if precisions else None)
    if "geo_precision" in given and change.geo_precision is not None:
        claim = replace(claim, geo_precision=change.geo_precision)
    country = next((p.country for p in claim.places if p.country), report.country)
    day = claim.time.start or claim.time.end or report.published
    for slot in ("actors", "targets", "sources"):
        values: list[ActorValue] | None = getattr(change, slot)
        if values is not None:
            held: tuple[Actor, ...] = getattr(claim, slot)
            filled = tuple(_actor(report, v, held, near, registers.actors, country, day) for v in values)
            claim = with_slot(claim, slot, filled)
    if change.figures is not None:
        claim = replace(claim, figures=tuple(_figure(report, value, near) for value in change.figures))
    if "agreement" in given:
        claim = replace(claim, agreement=find_words(report, change.agreement, near) if change.agreement else None)
    return claim


def new_claim(report: Report, type: str, trigger: Value) -> Claim:
    """A claim that the reader missed: its trigger's sentence is its evidence; its other slots are still empty."""
    words = find_words(report, trigger, 0)
    code = known_type(type)
    return Claim(
        id=_id(report.id, code, "asserted", words, "added"),
        report=report.id,
        type=code,
        scope="total" if code == "casualty_toll" else "event",
        status="asserted",
        trigger=words,
        evidence=(_sentence(report, words.span),),
        steps=(Step("review", "claim", code, words, "added by a coder"),),
    )


def duplicate(claim: Claim, taken: Iterable[str]) -> Claim:
    """The same claim once more under an id of its own, to be changed next. `taken` are the report's claim ids."""
    held = set(taken)
    number = 2
    while (new := _id(claim.report, claim.type, claim.status, claim.trigger, f"copy {number} of {claim.id}")) in held:
        number += 1
    return replace(claim, id=new)


def split(claim: Claim, part: Part, taken: Iterable[str]) -> tuple[Claim, Claim]:
    """Two claims of one: what `part` names goes to the second, and only there; what it does not name stays in both.

    Raises MahdarError where the part names nothing, or nothing is left of a slot's evidence.
    """
    slots = ("actors", "targets", "places", "figures", "evidence")
    moved = {slot: set(getattr(part, slot)) for slot in slots}
    if not any(moved.values()) and part.type in (None, claim.type):
        raise MahdarError("a split needs something that goes to the second claim")
    first, second = claim, duplicate(claim, taken)
    for slot, numbers in moved.items():
        values: tuple[object, ...] = getattr(claim, slot)
        if not numbers <= set(range(len(values))):
            raise MahdarError(f"the claim has no such {slot} to move")
        if numbers:
            first = with_slot(first, slot, tuple(v for i, v in enumerate(values) if i not in numbers))
            second = with_slot(second, slot, tuple(v for i, v in enumerate(values) if i in numbers))
    if not first.evidence:
        raise MahdarError("the first claim must keep some of its evidence")
    if part.type is not None:
        second = replace(second, type=known_type(part.type))
    return first, second


def merge(claims: Sequence[Claim]) -> Claim:
    """One claim of several of one report, under the id of the first: evidence and slots united, the finest time kept.

    Raises MahdarError for fewer than two claims or claims of different reports.
    """
    if len(claims) < 2:
        raise MahdarError("a merge needs at least two claims")
    if len({claim.report for claim in claims}) > 1:
        raise MahdarError("claims of different reports are not merged; link their incidents instead")
    first = claims[0]
    evidence = {w.span: w for claim in claims for w in claim.evidence}
    finest = min((c.time for c in claims), key=lambda t: (t.precision or 9, t.start is None))
    precisions = [c.geo_precision for c in claims if c.geo_precision]
    return replace(
        first,
        evidence=tuple(evidence[span] for span in sorted(evidence)),
        actors=_united([c.actors for c in claims], _same_actor),
        targets=_united([c.targets for c in claims], _same_actor),
        sources=_united([c.sources for c in claims], _same_actor),
        places=_united([c.places for c in claims], lambda p: (p.role, p.gazetteer_id or p.words.text.casefold())),
        figures=_united([c.figures for c in claims], lambda f: (f.what, f.low, f.high)),
        time=finest,
        geo_precision=min(precisions) if precisions else None,
        agreement=next((c.agreement for c in claims if c.agreement), None),
    )


def with_slot(claim: Claim, slot: str, value: Any) -> Claim:
    """The claim with one slot, told by its name, filled otherwise."""
    changed: dict[str, Any] = {slot: value}
    return replace(claim, **changed)


def known_type(code: str) -> str:
    """A type by its code or the start of it, as coders type it ("air", "armed"). Raises MahdarError if none or many."""
    typed = code.strip().casefold().replace(" ", "_")
    if typed in EVENT_TYPES:
        return typed
    begun = [known for known in EVENT_TYPES if typed and known.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    raise MahdarError(
        f"{code!r} is not an event type of the codebook" if not begun else f"{code!r} begins several types"
    )


def find_words(report: Report, value: Value, near: int) -> Words:
    """The stretch of the report that a value names. Raises MahdarError where its words do not stand there."""
    text = value.text
    if value.start is not None:
        if report.text[value.start : value.start + len(text)] == text:
            return report.words(value.start, value.start + len(text))
        raise MahdarError(f"the report does not say {text!r} at that place")
    wanted = text.strip()
    starts = list(_occurrences(report.text, wanted)) if wanted else []
    if not starts:
        raise MahdarError(f"the report does not say {text!r}: select the words that do")
    start = min(starts, key=lambda s: abs(s - near))
    return report.words(start, start + len(wanted))


def _occurrences(text: str, wanted: str) -> Iterable[int]:
    """Where `wanted` stands: as typed, or else without regard to case (only where that keeps lengths)."""
    for hay, needle in ((text, wanted), (text.lower(), wanted.lower())):
        if len(hay) == len(text) and len(needle) == len(wanted):
            start = hay.find(needle)
            found = start >= 0
            while start >= 0:
                yield start
                start = hay.find(needle, start + 1)
            if found:
                return


def _sentence(report: Report, span: Span) -> Words:
    held = [s for s in split_sentences(report.text, report.furniture) if s.overlaps(span)]
    if not held:  # furniture, or between sentences: the trigger alone
        return report.words(span.start, span.end)
    return report.words(min(held[0].start, span.start), max(held[-1].end, span.end))


def _actor(
    report: Report,
    value: ActorValue,
    held: Sequence[Actor],
    near: int,
    register: Register,
    country: str | None,
    day: str | None,
) -> Actor:
    words = find_words(report, value, near)
    before = next((a for a in held if a.words == words), None)
    if (
        before
        and value.actor_id in (None, before.actor_id)
        and (before.actor_id or "actor_id" not in value.model_fields_set)
    ):
        return before
    if value.actor_id:
        entry = register.get(value.actor_id)
        if entry is None:
            raise MahdarError(f"{value.actor_id!r} is not in the actor register")
    else:
        match = register.resolve(words.text, country=country, day=day)
        entry = match.actor if match else None
    if entry is None:
        return Actor(words)
    return Actor(words, entry.id, entry.name, entry.kind)


def _place(report: Report, value: PlaceValue, held: Sequence[Place], near: int, gazetteer: Gazetteer) -> Place:
    words = find_words(report, value, near)
    before = next((p for p in held if p.words == words), None)
    if before and value.gazetteer_id == before.gazetteer_id:
        return replace(before, role=value.role, precision=value.precision or before.precision)
    if value.gazetteer_id is None:
        return Place(words, value.role, precision=value.precision, reason="a coder found no entry in the gazetteer")
    entry = gazetteer.get(value.gazetteer_id)
    if entry is None:
        raise MahdarError(f"{value.gazetteer_id!r} is not in the gazetteer")
    return Place(
        words,
        value.role,
        name=entry.name,
        country=entry.country or None,
        lat=entry.lat,
        lon=entry.lon,
        kind=entry.kind,
        admin1=entry.admin1 or None,
        admin2=entry.admin2 or None,
        gazetteer_id=entry.ref,
        precision=value.precision or _precision(entry),
    )


def _precision(entry: Entry) -> int:
    """The codebook's geo_precision of a place taken whole: an area 3, else the settlement itself."""
    return 3 if entry.is_area else 1


def _time(report: Report, held: Time, value: TimeValue, near: int) -> Time:
    start, end = value.start or None, value.end or None
    try:
        first, last = days(start, end)
        precision = value.precision or precision_of(start, end)
    except ValueError as error:
        raise MahdarError(f"not a date: {error}") from error
    if first and last and first > last:
        raise MahdarError(f"the event would end ({end}) before it starts ({start})")
    if first and first > date(2100, 1, 1):
        raise MahdarError(f"{start} lies in the far future")
    words = find_words(report, Value(text=value.text, start=value.offset), near) if value.text else None
    if (start, end, precision, words) == (held.start, held.end, held.precision, held.words):
        return held
    anchor = ("text" if words else "coder") if start or end else None
    return Time(start, end, precision if start or end else None, words, anchor)


def _figure(report: Report, value: FigureValue, near: int) -> Figure:
    if value.low is None and value.high is None:
        raise MahdarError(f"a figure needs a number: {value.text!r}")
    if value.low is not None and value.high is not None and value.low > value.high:
        raise MahdarError(f"the lower number ({value.low}) is above the higher ({value.high})")
    return Figure(value.what, value.low, value.high, find_words(report, value, near), value.source or None)


def _same_actor(actor: Actor) -> object:
    return actor.actor_id or actor.words.text.casefold()


def _united(slots: Sequence[Sequence[T]], same: Callable[[T], object]) -> tuple[T, ...]:
    out: dict[object, T] = {}
    for values in slots:
        for value in values:
            out.setdefault(same(value), value)
    return tuple(out.values())


def _id(report: str, code: str, status: str, trigger: Words, note: str) -> str:
    """An id from content, made as the reader makes its own, with what tells a coder's claim from the reader's."""
    key = f"{report}|{code}|{status}|{trigger.span.start}|{trigger.span.end}|{note}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]
