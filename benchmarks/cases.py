"""Made-up cases for measuring exports: the generator's claims, put together to incidents as corroboration would.

    for case in cases(100_000): …

Two in five incidents are carried by two reports, one in five of those with another toll. Countries are real codes, since
exports look their names up; places, actors and events are nobody's.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.generator import readings
from mahdar.intake import Document as Taken
from mahdar.model import Claim, Disagreement, Figure, Grade, Incident, Origin, Place, Version
from mahdar.publish.case import Case, Document, State

COUNTRIES = "SY YE LY SD UA ML MM CO ET IQ SO CD".split()
STATES: tuple[State, ...] = ("suggested", "accepted", "accepted", "edited", "rejected")


def cases(count: int, *, seed: int = 1) -> Iterator[Case]:
    """So many cases, the same for the same seed."""
    chance = random.Random(seed)
    taken: Taken | None = None
    made = 0
    for document, reading in readings(count * 8, seed=seed):
        for claim in reading.claims:
            if made == count:
                return
            yield _case(_placed(claim), document, taken if chance.random() < 0.4 else None, chance)
            made += 1
        taken = document


def _case(claim: Claim, first: Taken, second: Taken | None, chance: random.Random) -> Case:
    claims = [claim]
    documents = [_document(first)]
    disagreements: tuple[Disagreement, ...] = ()
    if second:
        figures = tuple(_higher(f) if chance.random() < 0.2 else f for f in claim.figures)
        other = replace(claim, id=_hash(claim.id, second.report.id), report=second.report.id, figures=figures)
        claims.append(other)
        documents.append(_document(second))
        disagreements = tuple(
            Disagreement(
                a.what, "dispute", (Version(str(a.low), (claim.id,), ()), Version(str(b.low), (other.id,), ()))
            )
            for a, b in zip(claim.figures, figures, strict=True)
            if a != b
        )
    incident = Incident(
        id=f"inc-{_hash(claim.id)}",
        type=claim.type,
        status=claim.status,
        claims=tuple(c.id for c in claims),
        reports=tuple(d.id for d in documents),
        actors=claim.actors,
        targets=claim.targets,
        places=claim.places,
        geo_precision=claim.geo_precision,
        time=claim.time,
        figures=claim.figures,
        origins=tuple(Origin(f"o-{d.id}", d.outlet or "", (d.outlet or "",), (d.id,)) for d in documents),
        disagreements=disagreements,
        grades=(Grade("airwars", "fair" if second else "weak"),),
    )
    states = tuple((c.id, chance.choice(STATES)) for c in claims)
    return Case(incident, tuple(claims), tuple(documents), states, f"{claim.time.end}T12:00:00+00:00", "generator-1")


def _document(of: Taken) -> Document:
    report = of.report
    url = f"https://{(report.outlet or 'outlet').replace(' ', '-').lower()}.example/{report.id}"
    digest = hashlib.sha256(of.data).hexdigest()
    return Document(report.id, report.title, report.outlet, report.published, url, None, digest, digest, report.text)


def _placed(claim: Claim) -> Claim:
    places = tuple(_moved(place) for place in claim.places)
    country = places[0].country or ""
    hit = tuple(
        replace(t, actor_id=f"civilians-{country.lower()}", name=f"Civilians ({country})", kind="Civilians")
        for t in claim.targets
    )
    return replace(claim, places=places, targets=hit)


def _moved(place: Place) -> Place:
    country = COUNTRIES[ord((place.country or "XA")[1]) - ord("A")]
    return replace(place, country=country, admin1=f"{country}.{(place.admin1 or '.01')[-2:]}")


def _higher(figure: Figure) -> Figure:
    return replace(figure, low=(figure.low or 0) + 3, high=(figure.high or 0) + 3)


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
