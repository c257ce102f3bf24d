"""Made-up reports by the million, with what a reader finds in them, for measuring a record and its search.

    for document, reading in readings(1_000_000): …

Sentences come from templates, names from syllables: nothing of it happened anywhere. Countries bear codes that ISO leaves
to users (XA, XB, …). How often things occur falls off as in real news: few actors, places and outlets make most of it.
The same seed gives the same reports.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from mahdar.intake import Document, Retrieval
from mahdar.model import Actor, Claim, Figure, FigureKind, Place, Reading, Report, Span, Status, Step, Time, Words
from mahdar.record.rows import report_id

READER = "generator-1"
A_REPORT = 4  # claims
FIRST_DAY = date(2015, 1, 1)
DAYS = 3650

_ONSETS = "b d f g h k l m n r s t v z sh th kh br dr tr".split()
_VOWELS = "a e i o u aa ei ou".split()
_CODAS = "n r l m s d k sh b".split()

# type, scope, words of the event, slot of the one named after it, what is counted
_EVENTS: tuple[tuple[str, str, str, FigureKind | None], ...] = (
    ("shelling_artillery_missile", "shelled", "homes in the east of", "killed"),
    ("air_drone_strike", "bombed from the air", "a market in", "killed"),
    ("armed_clash", "fought", "rival fighters near", "killed"),
    ("looting_property_destruction", "looted", "shops and houses in", "homes"),
    ("displacement", "drove out", "families from", "displaced"),
    ("arrests", "detained", "young men in", "detained"),
    ("abduction_forced_disappearance", "abducted", "teachers in", "abducted"),
    ("attack", "fired on", "farmers outside", "injured"),
    ("remote_explosive_landmine_ied", "left a mine that went off under", "a bus in", "injured"),
    ("access_obstruction", "turned back", "an aid convoy bound for", None),
    ("change_to_group_activity", "withdrew from positions facing", "the hills above", None),
    ("peaceful_protest", "faced a march of", "residents in", None),
)
_STATUSES: tuple[Status, ...] = ("asserted",) * 17 + ("denied", "intended", "uncertain")
_FILLERS = (
    "Telephone lines to the district were cut for most of the day.",
    "Nobody could be reached at the hospital.",
    "The road has been closed since the first rains.",
    "A spokesman promised an inquiry within the week.",
    "Prices of bread and fuel had doubled by evening.",
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Town:
    name: str
    ref: str
    country: str
    admin1: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class _Side:
    id: str
    name: str
    kind: str
    wordings: tuple[str, ...]


class _World:
    """The places, sides, outlets and sources of one seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.towns = _Few([t for number in range(12) for t in self._country(number)], chance)
        self.sides = _Few([self._side(number) for number in range(300)], chance)
        self.outlets = _Few([f"{self._name()} {chance.choice(('Post', 'News', 'Herald'))}" for _ in range(200)], chance)
        self.sources = _Few(
            [f"{chance.choice(('the office of', 'a doctor in', 'villagers of'))} {self._name()}" for _ in range(500)],
            chance,
        )

    def _country(self, number: int) -> Iterator[_Town]:
        code = f"X{chr(ord('A') + number)}"
        south, west = self._chance.uniform(-30, 50), self._chance.uniform(-90, 120)
        for area in range(8):
            lat, lon = south + self._chance.uniform(0, 6), west + self._chance.uniform(0, 8)
            for town in range(40):
                yield _Town(
                    self._name(),
                    f"bench:{code}.{area}.{town}",
                    code,
                    f"{code}.{area:02}",
                    round(lat + self._chance.gauss(0, 0.4), 4),
                    round(lon + self._chance.gauss(0, 0.4), 4),
                )

    def _side(self, number: int) -> _Side:
        name = self._name()
        kind = self._chance.choice(("State forces", "Rebel group", "Political militia", "Identity militia"))
        wordings = (f"{name} forces", f"the {name} Brigade", f"fighters of the {name} movement")
        return _Side(f"bench-{number}", f"{name} Movement", kind, wordings)

    def _name(self) -> str:
        parts = (
            self._chance.choice(_ONSETS) + self._chance.choice(_VOWELS) + self._chance.choice(("", *_CODAS))
            for _ in range(self._chance.choice((2, 2, 3)))
        )
        return "".join(parts).capitalize()


class _Few(list[T]):
    """A list whose first items are drawn far more often than its last."""

    def __init__(self, items: Sequence[T], chance: random.Random) -> None:
        super().__init__(items)
        self._chance = chance

    def draw(self) -> T:
        return self[int(len(self) * self._chance.random() ** 3)]


def readings(claims: int, *, seed: int = 1) -> Iterator[tuple[Document, Reading]]:
    """At least so many claims, some four a report, as `Record.store` takes them."""
    chance = random.Random(seed)
    world = _World(chance)
    made = number = 0
    while made < claims:
        number += 1
        document, reading = _report(number, world, chance)
        made += len(reading.claims)
        yield document, reading


def _report(number: int, world: _World, chance: random.Random) -> tuple[Document, Reading]:
    published = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    page = _Page(f"Dispatch {number} from {world.towns.draw().name}\n\n")
    drafts = [_claim(page, published, world, chance) for _ in range(chance.choice((2, 3, 4, 5, 6)))]
    report = Report(
        id="",
        text=page.text,
        title=page.text.partition("\n")[0],
        outlet=world.outlets.draw(),
        published=published.isoformat(),
        name=f"dispatch-{number}.txt",
    )
    report = replace(report, id=report_id(report))
    claims = tuple(
        replace(draft, id=hashlib.sha256(f"{report.id}|{at}".encode()).hexdigest()[:16], report=report.id)
        for at, draft in enumerate(drafts)
    )
    document = Document(report, page.text.encode(), Retrieval(report.name, retrieved_at=f"{published}T06:00:00Z"))
    return document, Reading(report, claims, (), READER)


class _Page:
    """A text that grows and says where each piece went."""

    def __init__(self, text: str) -> None:
        self.text = text

    def add(self, piece: str, after: str = " ") -> Words:
        start = len(self.text)
        self.text += piece + after
        return Words(Span(start, start + len(piece)), piece)

    def since(self, start: int) -> Words:
        words = self.text[start:].rstrip()
        return Words(Span(start, start + len(words)), words)


def _claim(page: _Page, published: date, world: _World, chance: random.Random) -> Claim:
    kind, verb, after, counted = chance.choice(_EVENTS)
    side, town = world.sides.draw(), world.towns.draw()
    start = len(page.text)
    actor = Actor(page.add(chance.choice(side.wordings)), side.id, side.name, side.kind, 0.9)
    trigger = page.add(verb)
    what, _, near = after.rpartition(" ")
    target = Actor(page.add(what), confidence=0.8)
    page.add(near)
    place = Place(
        page.add(town.name),
        name=town.name,
        country=town.country,
        lat=town.lat,
        lon=town.lon,
        kind="town",
        gazetteer_id=town.ref,
        admin1=town.admin1,
        precision=chance.choice((1, 1, 1, 2)),
        confidence=0.9,
    )
    day = published - timedelta(days=int(30 * chance.random() ** 4))
    page.add("on")
    time = Time(day.isoformat(), day.isoformat(), 1, page.add(f"{day:%d %B %Y}", ", "), "text", 0.95)
    figures: tuple[Figure, ...] = ()
    if counted:
        count = 1 + int(60 * chance.random() ** 4)
        words = page.add(f"with {count} {counted}", ", ")
        figures = (Figure(counted, count, count, words, confidence=0.9),)
    source = Actor(page.add(world.sources.draw()), confidence=0.8)
    page.add("said.")
    evidence = page.since(start)
    page.add(chance.choice(_FILLERS), "\n\n")
    return Claim(
        id="",
        report="",
        type=kind,
        scope="event",
        status=chance.choice(_STATUSES),
        trigger=trigger,
        evidence=(evidence,),
        actors=(actor,),
        targets=(target,),
        places=(place,),
        geo_precision=place.precision,
        time=time,
        figures=figures,
        sources=(source,),
        confidence=round(chance.uniform(0.3, 0.99), 3),
        steps=(Step("trigger", "type", kind, trigger, "as the template says"),),
    )
