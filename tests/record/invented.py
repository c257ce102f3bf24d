"""Invented reports with all that a search must get right: claims without day or place, with several, told alike."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace

from mahdar.intake import Document, Retrieval
from mahdar.model import Actor, Claim, Place, Reading, Report, Span, Status, Time, Words
from mahdar.record.adding import identified

ACTORS: tuple[tuple[str, str | None, str | None], ...] = (
    ("the northern column", "x-north", "Northern Army of Vell"),
    ("northern soldiers", "x-north", "Northern Army of Vell"),
    ("riders of the Dawn", "x-dawn", "Dawn Brigade"),
    ("gunmen", None, None),
    ("Gunmen  in masks", None, None),
)
# words, id, name, country, admin1, admin2, lat, lon
PLACES: tuple[
    tuple[str, str | None, str | None, str | None, str | None, str | None, float | None, float | None], ...
] = (
    ("Orsk Ford", "t:1", "Orsk Ford", "XA", "XA.01", "XA.01.7", 10.5, 20.25),
    ("the ford", "t:1", "Orsk Ford", "XA", "XA.01", "XA.01.7", 10.5, 20.25),
    ("Lower Vell", "t:2", "Lower Vell", "XA", "XA.02", None, 10.75, 20.5),
    ("Tamsin Island", "t:3", "Tamsin", "XB", "XB.01", None, -5.0, 179.5),
    ("the far atoll", "t:4", "Far Atoll", "XB", None, None, -5.25, -179.75),
    ("a village nobody knows", None, None, None, None, None, None, None),
)
TIMES: tuple[tuple[str | None, str | None, int | None], ...] = (
    (None, None, None),
    ("2019-03-04", "2019-03-04", 1),
    ("2019-03", "2019-04", 3),
    (None, "2019-05-20", 2),
    (None, "2019-06", 4),
    ("2018-11-02", None, 1),
    ("2018", "2018", 4),
    ("2020-01-30", "2020-02-02", 1),
)
TYPES = ("armed_clash", "air_drone_strike", "displacement")
STATUSES: tuple[Status, ...] = ("asserted", "asserted", "denied", "uncertain")
OUTLETS = ("Vell Courier", "The Long Road", None)
WORDS = "bridge market drone flour night rain school shelled burnt column ford gunmen".split()


def documents(reports: int, *, seed: int = 1) -> list[tuple[Document, Reading]]:
    """So many reports of no to four claims each, as `Record.store` takes them; the same for the same seed."""
    chance = random.Random(seed)
    return [_report(number, chance) for number in range(reports)]


def _report(number: int, chance: random.Random) -> tuple[Document, Reading]:
    page = _Page(f"Dispatch {number}. ")
    drafts = [_claim(page, chance) for _ in range(chance.choice((0, 1, 2, 2, 4)))]
    report = Report(
        id="",
        text=page.text,
        title=f"Dispatch {number}",
        outlet=chance.choice(OUTLETS),
        published=chance.choice(("2019-06-01", "2020-02-03", None)),
        name=f"{number}.txt",
    )
    document = Document(report, page.text.encode(), Retrieval(report.name, retrieved_at="2020-03-01T00:00:00Z"))
    report = identified(document)
    claims = tuple(
        replace(draft, id=hashlib.sha256(f"{report.id} {at}".encode()).hexdigest()[:16], report=report.id)
        for at, draft in enumerate(drafts)
    )
    return document, Reading(report, claims, (), "invented-1")


class _Page:
    def __init__(self, text: str) -> None:
        self.text = text

    def add(self, piece: str) -> Words:
        start = len(self.text)
        self.text += piece + " "
        return Words(Span(start, start + len(piece)), piece)


def _claim(page: _Page, chance: random.Random) -> Claim:
    start = len(page.text)
    actors = tuple(_actor(page, chance) for _ in range(chance.choice((0, 1, 1, 2))))
    trigger = page.add("struck")
    targets = tuple(_actor(page, chance) for _ in range(chance.choice((0, 1))))
    page.add(" ".join(chance.sample(WORDS, 3)))
    places = tuple(_place(page, chance) for _ in range(chance.choice((0, 1, 1, 2, 3))))
    sources = tuple(_actor(page, chance) for _ in range(chance.choice((0, 1))))
    first, last, precision = chance.choice(TIMES)
    words = page.text[start:].rstrip()
    return Claim(
        id="",
        report="",
        type=chance.choice(TYPES),
        scope=chance.choice(("event", "event", "total")),
        status=chance.choice(STATUSES),
        trigger=trigger,
        evidence=(Words(Span(start, start + len(words)), words),),
        actors=actors,
        targets=targets,
        places=places,
        geo_precision=chance.choice((None, 1, 2, 3)),
        time=Time(first, last, precision),
        sources=sources,
        confidence=chance.choice((0.25, 0.5, 0.7, 0.9004)),
    )


def _actor(page: _Page, chance: random.Random) -> Actor:
    words, actor_id, name = chance.choice(ACTORS)
    return Actor(page.add(words), actor_id, name, "Rebel group" if actor_id else None)


def _place(page: _Page, chance: random.Random) -> Place:
    words, ref, name, country, admin1, admin2, lat, lon = chance.choice(PLACES)
    return Place(
        page.add(words),
        chance.choice(("at", "at", "from", "to")),
        name=name,
        country=country,
        lat=lat,
        lon=lon,
        gazetteer_id=ref,
        admin1=admin1,
        admin2=admin2,
        precision=chance.choice((1, 2)),
    )
