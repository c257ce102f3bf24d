"""What is wrong with a record before it is released: each finding names the incident, the rule and what to look at.

A finding that `blocks` stops a release; the others are printed with it. Findings are made of the cases as the record has
them, before redaction, and stay in the house.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mahdar.model import Actor, Words
from mahdar.publish.case import UNDECIDED, Case
from mahdar.when.days import days
from mahdar.who import Register


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one incident."""

    incident: str
    rule: str
    blocks: bool
    told: str


Check = Callable[[Case, date], Iterator[str]]


def validate(cases: Iterable[Case], day: date) -> Iterator[Finding]:
    """The findings of every rule on every case, as of the release's day."""
    for case in cases:
        for rule, (check, blocks) in RULES.items():
            for told in check(case, day):
                yield Finding(case.incident.id, rule, blocks, told)


def missing_source(case: Case, _: date) -> Iterator[str]:
    """A claim whose report is not there, has no outlet, or was not archived."""
    for claim in case.claims:
        document = case.by_report.get(claim.report)
        if document is None:
            yield f"claim {claim.id}: its report {claim.report} is not in the record"
        elif not document.outlet and not document.url:
            yield f"claim {claim.id}: its report {claim.report} names neither outlet nor address"
        elif not document.sha256:
            yield f"claim {claim.id}: its report {claim.report} has no archived bytes"
    if not case.claims:
        yield "no claim carries it"


def precision(case: Case, _: date) -> Iterator[str]:
    """A precision that the point or the day does not bear out."""
    for place in case.incident.places:
        name = place.name or place.words.text
        if place.lat is None or place.lon is None:
            if place.precision == 1 and place.role == "at":
                yield f"{name}: given as the exact place, but without a point"
        elif not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180):
            yield f"{name}: {place.lat}, {place.lon} is no point on earth"
        elif place.precision == 1 and place.kind in ("country", "admin1", "admin2", "region"):
            yield f"{name}: given as the exact place, but it is a {place.kind}"
    time = case.incident.time
    if time.precision == 1 and (len(time.end or time.start or "-" * 10) < 10):
        yield f"{time.start or '..'} to {time.end or '..'}: given to the day, but names none"
    first, last = days(time.start, time.end)
    if first and last and first > last:
        yield f"begins on {first} and ends on {last}"


def future(case: Case, day: date) -> Iterator[str]:
    """What is said to have happened after the release, or after every report that tells of it."""
    if case.incident.status == "intended":
        return
    first, _ = days(case.incident.time.start or case.incident.time.end, None)
    if first is None:
        return
    if first > day:
        yield f"dated {first}, after the release"
    published = [p for d in case.documents if (p := days(d.published, None)[0])]
    if published and first > max(published):
        yield f"dated {first}, after the last report of {max(published)}"


def actor_not_active(case: Case, _: date) -> Iterator[str]:
    """An actor that the register knows from another time."""
    register = Register.load()
    day = case.incident.time.start or case.incident.time.end
    parties: tuple[Actor, ...] = (*case.incident.actors, *case.incident.targets)
    for actor in parties:
        entry = register.get(actor.actor_id) if actor.actor_id else None
        if entry and not entry.active(day):
            yield f"{entry.name}: active from {entry.start or '…'} to {entry.end or '…'}, not on {day}"


def broken_span(case: Case, _: date) -> Iterator[str]:
    """Words that do not stand where the claim says, or a text that is not the one that was hashed."""
    for document in case.documents:
        if document.text is not None and document.text_sha256:
            digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
            if digest != document.text_sha256:
                yield f"report {document.id}: the text is not the one that was hashed"
    for claim in case.claims:
        if not claim.evidence:
            yield f"claim {claim.id}: no words carry it"
        text = case.by_report[claim.report].text if claim.report in case.by_report else None
        if text is not None:
            told: list[Words] = [claim.trigger, *claim.evidence]
            told += [a.words for a in (*claim.actors, *claim.targets, *claim.sources)]
            told += [p.words for p in claim.places] + [f.words for f in claim.figures]
            for words in told:
                if text[words.span.start : words.span.end] != words.text:
                    yield f"claim {claim.id}: “{words.text}” does not stand at {words.span.start} to {words.span.end}"


def undecided(case: Case, _: date) -> Iterator[str]:
    """Claims that nobody has decided on."""
    waiting = [c.id for c in case.claims if case.state(c.id) == UNDECIDED]
    if waiting:
        yield f"{len(waiting)} of {len(case.claims)} claims: {', '.join(waiting)}"


# Rule -> its check, and whether it stops a release.
RULES: dict[str, tuple[Check, bool]] = {
    "missing source": (missing_source, True),
    "precision against point and day": (precision, True),
    "future date": (future, True),
    "actor not active then": (actor_not_active, False),
    "broken span": (broken_span, True),
    "undecided claims": (undecided, True),
}
