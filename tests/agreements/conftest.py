"""Claims to hold against the register, made by hand, and a register of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahdar.model import Actor, Claim, Place, Span, Time, Words
from mahdar.who import Register


@pytest.fixture(autouse=True)
def no_agreements_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Whatever the machine's user has imported stays out of the tests."""
    own = tmp_path / "agreements.json"
    monkeypatch.setenv("MAHDAR_AGREEMENTS", str(own))
    return own


def said(text: str, start: int = 0) -> Words:
    return Words(Span(start, start + len(text)), text)


def actor(actor_id: str | None, words: str = "they") -> Actor:
    """An actor of the register; "civilians-sy" and its like are civilians; None is somebody nobody knows."""
    if actor_id is None:
        return Actor(said(words))
    if actor_id.startswith("civilians"):
        return Actor(said(words), actor_id, "Civilians", "Civilians")
    entry = Register.load().get(actor_id)
    assert entry is not None, actor_id
    return Actor(said(words), entry.id, entry.name, entry.kind)


IDLIB = Place(said("Idlib"), "at", "Idlib", "SY", 35.93, 36.63, "admin1", "gn:169387", "SY.12")
SARAQIB = Place(said("Saraqib"), "at", "Saraqib", "SY", 35.86, 36.80, "town", "md:saraqib-sy-idlib", "SY.12")
PALMYRA = Place(said("Palmyra"), "at", "Palmyra", "SY", 34.56, 38.27, "town", "md:palmyra-sy", "SY.11")
HAMA = Place(said("Hama"), "at", "Hama", "SY", 35.13, 36.76, "admin1", "gn:170015", "SY.10")
SYRIA = Place(said("Syria"), "at", "Syria", "SY", 35.0, 38.0, "country", "gn:163843")


def claim(
    type: str = "shelling_artillery_missile",
    *,
    by: tuple[str | None, ...] = ("military-sy-2000",),
    on: tuple[str | None, ...] = ("civilians-sy",),
    at: tuple[Place, ...] = (SARAQIB,),
    start: str | None = "2020-04-02",
    end: str | None = "2020-04-02",
    precision: int | None = 1,
    evidence: str = "Shells fell.",
    agreement: str | None = None,
) -> Claim:
    """One claim: the army shells civilians in Saraqib on 2 April 2020, unless told otherwise."""
    named = said(agreement, evidence.index(agreement)) if agreement else None
    return Claim(
        id="c1",
        report="r1",
        type=type,
        scope="event",
        status="asserted",
        trigger=said("fell"),
        evidence=(said(evidence),),
        actors=tuple(actor(a) for a in by),
        targets=tuple(actor(a) for a in on),
        places=at,
        time=Time(start, end, precision),
        agreement=named,
    )
