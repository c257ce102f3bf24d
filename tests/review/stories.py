"""A small fictional record for tests of review and of the pages: three reports of one shelling and some other things."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mahdar.intake import Document, Retrieval
from mahdar.model import (
    Actor,
    Claim,
    Contribution,
    Disagreement,
    Figure,
    Grade,
    Incident,
    Link,
    Origin,
    Place,
    Reading,
    Report,
    Span,
    Time,
    Version,
    Words,
)
from mahdar.record import Record
from mahdar.record.rows import report_id

BULLETIN = """Shells fall on Saraqib again

Army artillery shelled the market of Saraqib on Tuesday, killing at least 9 people, the Lantern Monitor said.

Rebels looted two bakeries in Ariha on Monday, a baker told this paper.

The bodies were charred, a medic said.

About 400 families fled Ariha towards Idlib overnight.
"""
COURIER = """Market hit, fourteen dead

Government guns struck Saraqib market on Tuesday and killed 14 people, hospital staff said.
"""
WIRE = """Shells fall on Saraqib again (wire)

Army artillery shelled the market of Saraqib on Tuesday, killing at least 9 people, the Lantern Monitor said.
"""
DULL = """Mayor opens bridge

The new bridge took two years to build. Nobody was hurt when the ribbon was cut.
"""
ARABIC = """قصف على سوق سراقب

قصفت مدفعية الجيش سوق سراقب يوم الثلاثاء.
"""
PLACES = {
    "Saraqib": ("gn:164816", 35.8634, 36.8, "SY", 1),
    "سراقب": ("gn:164816", 35.8634, 36.8, "SY", 1),
    "Ariha": ("gn:172409", 35.8, 36.6, "SY", 1),
    "Idlib": ("gn:169389", 35.93, 36.63, "SY", 3),
}


def report(text: str, outlet: str | None, published: str) -> Report:
    made = Report(id="", text=text, title=text.partition("\n")[0], outlet=outlet, published=published, name="test.txt")
    return replace(made, id=report_id(made))


def words(held: Report, text: str, after: int = 0) -> Words:
    start = held.text.index(text, after)
    return Words(Span(start, start + len(text)), text)


def claim(
    held: Report,
    type: str,
    trigger: str,
    *,
    actor: str = "",
    target: str = "",
    place: str = "",
    day: str = "",
    killed: tuple[str, int, int | None] | None = None,
    source: str = "",
    confidence: float = 0.8,
) -> Claim:
    """A claim whose every value stands in the report, as the reader makes them."""
    word = words(held, trigger)
    line = held.text.rindex("\n", 0, word.span.start) + 1
    sentence = held.text[line : held.text.index("\n", word.span.start)]
    ref, lat, lon, country, precision = PLACES.get(place, ("", 0.0, 0.0, "", 1))
    places = (
        (
            Place(
                words(held, place, line),
                "at",
                "Saraqib" if place == "سراقب" else place,
                country,
                lat,
                lon,
                "city",
                ref,
                precision=precision,
            ),
        )
        if place
        else ()
    )
    return Claim(
        id=hashlib.sha256(f"{held.id}|{type}|{trigger}".encode()).hexdigest()[:16],
        report=held.id,
        type=type,
        scope="event",
        status="asserted",
        trigger=word,
        evidence=(words(held, sentence, line),),
        actors=(Actor(words(held, actor, line)),) if actor else (),
        targets=(Actor(words(held, target, line)),) if target else (),
        places=places,
        geo_precision=precision if place else None,
        time=Time(day, day, 1, None, "publication") if day else Time(),
        figures=(Figure("killed", killed[1], killed[2], words(held, killed[0], line)),) if killed else (),
        sources=(Actor(words(held, source, line)),) if source else (),
        confidence=confidence,
    )


def readings() -> list[Reading]:
    bulletin = report(BULLETIN, "Idlib Bulletin", "2020-03-04")
    courier = report(COURIER, "Courier of the North", "2020-03-05")
    wire = report(WIRE, "Cedar Wire", "2020-03-04")
    dull = report(DULL, "Idlib Bulletin", "2020-02-03")
    arabic = report(ARABIC, "صوت الشمال", "2020-03-05")
    shelled: dict[str, Any] = {"actor": "Army artillery", "target": "market", "place": "Saraqib", "day": "2020-03-03"}
    nine = ("at least 9", 9, None)
    return [
        Reading(
            bulletin,
            (
                claim(
                    bulletin, "shelling_artillery_missile", "shelled", **shelled, killed=nine, source="Lantern Monitor"
                ),
                claim(
                    bulletin,
                    "looting_property_destruction",
                    "looted",
                    actor="Rebels",
                    target="two bakeries",
                    place="Ariha",
                    day="2020-03-02",
                    source="a baker",
                    confidence=0.4,
                ),
                claim(bulletin, "displacement", "fled", target="400 families", place="Idlib", day="2020-03-04"),
            ),
        ),
        Reading(
            courier,
            (
                claim(
                    courier,
                    "shelling_artillery_missile",
                    "struck",
                    actor="Government guns",
                    target="Saraqib market",
                    place="Saraqib",
                    day="2020-03-03",
                    killed=("14", 14, 14),
                    source="hospital staff",
                ),
            ),
        ),
        Reading(
            wire,
            (claim(wire, "shelling_artillery_missile", "shelled", **shelled, killed=nine, source="Lantern Monitor"),),
        ),
        Reading(dull, ()),
        Reading(
            arabic,
            (
                claim(
                    arabic, "shelling_artillery_missile", "قصفت", actor="مدفعية الجيش", place="سراقب", day="2020-03-03"
                ),
            ),
        ),
    ]


def make_record(folder: Path) -> Record:
    """A record with the stories and one incident that holds three claims of them."""
    record = Record.create(folder)
    read = readings()
    record.store([(Document(r.report, r.report.text.encode(), Retrieval("test.txt")), r) for r in read])
    record.put_incidents([incident(read)])
    return record


def incident(read: Iterable[Reading]) -> Incident:
    """The shelling of Saraqib, as three reports tell it."""
    bulletin, courier, wire, *_ = read
    first, second, copy = bulletin.claims[0], courier.claims[0], wire.claims[0]
    links = tuple(
        Link(
            first.id,
            other.id,
            score,
            (
                Contribution("bias", 1, -3.1),
                Contribution("type", 1, 2.2, "the same"),
                Contribution("place", 0, 3.4, "0 km"),
                Contribution("killed", 5, -0.6, "9+ and 14"),
            ),
        )
        for other, score in ((second, 0.87), (copy, 0.99))
    )
    return Incident(
        id="saraqib-market",
        type="shelling_artillery_missile",
        status="asserted",
        claims=(first.id, copy.id, second.id),
        reports=(bulletin.report.id, wire.report.id, courier.report.id),
        actors=first.actors,
        targets=first.targets,
        places=first.places,
        geo_precision=1,
        time=first.time,
        figures=(*first.figures, *second.figures),
        origins=(
            Origin(
                "o1",
                "Lantern Monitor",
                ("Lantern Monitor",),
                (bulletin.report.id, wire.report.id),
                ((bulletin.report.id, wire.report.id),),
                ("the wire repeats the bulletin (0.97 of its words)",),
            ),
            Origin("o2", "hospital staff", ("hospital staff",), (courier.report.id,)),
        ),
        links=links,
        disagreements=(
            Disagreement(
                "killed",
                "dispute",
                (
                    Version("at least 9", (first.id, copy.id), ("the Lantern Monitor",), "2020-03-04"),
                    Version("14", (second.id,), ("hospital staff",), "2020-03-05"),
                ),
            ),
        ),
        grades=(Grade("airwars", "fair", ("two independent origins",)),),
    )
