"""A hand-made reading: what the formats must hold does not depend on what the reader finds."""

from __future__ import annotations

import pytest

from mahdar.model import (
    Actor,
    Claim,
    Figure,
    Place,
    PlaceCandidate,
    Reading,
    Relation,
    Report,
    Span,
    Step,
    Time,
    Words,
)

TEXT = """Air strike hits market in Dessa

Warplanes struck a vegetable market in the rebel-held town of Dessa on Tuesday morning, killing at least 14 people, \
a local health official told Meridian Wire. Families fled to Varr.

Read also: ten quiet beaches

Zembala backs the army."""


def words(text: str) -> Words:
    start = TEXT.index(text)
    return Words(Span(start, start + len(text)), text)


@pytest.fixture
def reading() -> Reading:
    """An air strike with every slot filled, a displacement with few, a relation and a piece of furniture."""
    report = Report(
        id="r1",
        text=TEXT,
        title="Air strike hits market in Dessa",
        outlet="Meridian Wire",
        published="2024-03-12",
        furniture=(words("Read also: ten quiet beaches").span,),
        name="market.txt",
    )
    candidates = tuple(
        PlaceCandidate("Dessa", country, lat, 36.2, "city", f"gn:{i}", score)
        for i, (country, lat, score) in enumerate([("SY", 35.1, 0.9), ("IQ", 33.0, 0.1)])
    )
    strike = Claim(
        id="00f1",
        report="r1",
        type="air_drone_strike",
        scope="event",
        status="asserted",
        trigger=words("struck"),
        evidence=(words("Air strike hits market in Dessa"), words(TEXT.split("\n\n")[1].split(". ")[0] + ".")),
        actors=(Actor(words("Warplanes"), "military-xx", "Military Forces of Karvenia (2001-)", "State forces", 0.8),),
        targets=(Actor(words("a vegetable market")),),
        places=(
            Place(words("Dessa"), "at", "Dessa", "SY", 35.1, 36.2, "city", "gn:0", precision=1, candidates=candidates),
            Place(words("Varr"), "to", reason="not in the gazetteer"),
        ),
        geo_precision=1,
        time=Time("2024-03-12", "2024-03-12", 1, words("Tuesday morning"), "publication", 0.9),
        figures=(Figure("killed", 14, None, words("at least 14 people")),),
        sources=(Actor(words("Meridian Wire")), Actor(words("a local health official"))),
        agreement=words("quiet"),
        confidence=0.91234,
        steps=(
            Step("trigger", "type", "air_drone_strike", words("struck"), "0.93 that it is a claim of this type"),
            Step("when", "time", "2024-03-12", words("Tuesday morning"), "anchored to publication"),
        ),
    )
    fled = Claim(
        id="00f2",
        report="r1",
        type="displacement",
        scope="event",
        status="uncertain",
        trigger=words("fled"),
        evidence=(words("Families fled to Varr."),),
        time=Time(None, "2024-03-12", 2, None, "publication"),
    )
    backs = Relation(words("Zembala"), "supports", words("the army"), words("Zembala backs the army."))
    return Reading(report, (strike, fled), (backs,), "mahdar-test")
