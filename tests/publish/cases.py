"""A case written by hand: a market struck in a made-up town of Syria, told by two outlets, denied by the army."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from mahdar.model import (
    Actor,
    Claim,
    Disagreement,
    Figure,
    Grade,
    Incident,
    InForce,
    Origin,
    Place,
    Span,
    Status,
    Step,
    Time,
    Version,
    Words,
)
from mahdar.publish.case import Case, Document
from mahdar.publish.redaction import Cleared, Redactor, profile

TEXTS = {
    "r1": (
        "Jets hit market in Tell Qamar\n\nWarplanes struck a market in Tell Qamar early on Tuesday, killing at least 14 "
        "civilians, said Jory Pell, a baker whose shop front was blown in. قال شاهد إن السوق كان مزدحما."
    ),
    "r2": (
        "Dozens dead in market strike\n\nDozens of civilians were killed in a strike on a market in Tell Qamar, Salm Agency "
        "reported, citing Jory Pell. Lina Haddad, 9, was among the dead."
    ),
    "r3": "Army denies strike\n\nThe army denied that its aircraft had flown over Tell Qamar on Tuesday.",
}
ARMY = ("military-sy-2000", "Military Forces of Syria (2000-2024)", "State forces")
CIVILIANS = ("civilians-sy", "Civilians (Syria)", "Civilians")


def words(report: str, text: str) -> Words:
    start = TEXTS[report].index(text)
    return Words(Span(start, start + len(text)), text)


def place(report: str, name: str = "Tell Qamar") -> Place:
    return Place(
        words(report, name),
        name=name,
        country="SY",
        lat=35.86412,
        lon=36.80123,
        kind="town",
        gazetteer_id="gn:1",
        admin1="SY.12",
        precision=1,
    )


def document(report: str, outlet: str, published: str) -> Document:
    text = TEXTS[report]
    digest = hashlib.sha256(text.encode()).hexdigest()
    url = f"https://{report}.example/tell-qamar-market"
    title = text.partition("\n")[0]
    return Document(report, title, outlet, published, url, f"{published}T08:00:00+00:00", digest, digest, text)


def market_strike() -> Case:
    """Three claims: 14 or more dead by one outlet, dozens by another, and the army's denial."""
    day = Time("2019-07-16", "2019-07-16", 1, words("r1", "early on Tuesday"), "publication")
    told = Claim(
        id="c1",
        report="r1",
        type="air_drone_strike",
        scope="event",
        status="asserted",
        trigger=words("r1", "struck"),
        evidence=(
            words("r1", TEXTS["r1"].split("\n\n")[1].split(" قال")[0]),
            words("r1", "قال شاهد إن السوق كان مزدحما."),
        ),
        actors=(Actor(words("r1", "Warplanes"), *ARMY),),
        targets=(Actor(words("r1", "civilians"), *CIVILIANS),),
        places=(place("r1"),),
        geo_precision=1,
        time=day,
        figures=(Figure("killed", 14, None, words("r1", "at least 14")),),
        sources=(Actor(words("r1", "Jory Pell, a baker whose shop front was blown in")),),
        steps=(Step("trigger", "type", "air_drone_strike", words("r1", "struck")),),
    )
    again = replace(
        told,
        id="c2",
        report="r2",
        trigger=words("r2", "strike"),
        evidence=(words("r2", TEXTS["r2"].split("\n\n")[1]),),
        actors=(),
        targets=(Actor(words("r2", "civilians"), *CIVILIANS),),
        places=(place("r2"),),
        time=replace(day, words=None),
        figures=(Figure("killed", 24, 99, words("r2", "Dozens")),),
        sources=(
            Actor(words("r2", "Salm Agency"), "salm", "Salm Agency", "source:agency"),
            Actor(words("r2", "Jory Pell")),
        ),
        steps=(),
    )
    denied = replace(
        told,
        id="c3",
        report="r3",
        status="denied",
        trigger=words("r3", "flown over"),
        evidence=(words("r3", TEXTS["r3"].split("\n\n")[1]),),
        actors=(Actor(words("r3", "The army"), *ARMY),),
        targets=(),
        places=(place("r3"),),
        time=replace(day, words=words("r3", "on Tuesday")),
        figures=(),
        sources=(Actor(words("r3", "The army"), *ARMY),),
        steps=(),
    )
    incident = Incident(
        id="inc-market",
        type="air_drone_strike",
        status="asserted",
        claims=("c1", "c2", "c3"),
        reports=("r1", "r2", "r3"),
        actors=told.actors,
        targets=told.targets,
        places=told.places,
        geo_precision=1,
        time=day,
        figures=told.figures,
        origins=(
            Origin("o1", "Jory Pell", ("Jory Pell",), ("r1",)),
            Origin(
                "o2", "Salm Agency ← Jory Pell", ("Salm Agency", "Jory Pell"), ("r2",), (), ("r2 credits Salm Agency",)
            ),
        ),
        disagreements=(
            Disagreement(
                "killed",
                "dispute",
                (
                    Version("14 or more", ("c1",), ("Jory Pell",), "2019-07-16"),
                    Version("24 to 99", ("c2",), ("Salm Agency", "Jory Pell"), "2019-07-17"),
                ),
            ),
            Disagreement("actors", "denial", (Version("denied by the army", ("c3",), ("The army",), "2019-07-17"),)),
        ),
        grades=(Grade("airwars", "fair", ("two outlets", "one witness")),),
        agreements=(InForce("sochi", "Sochi memorandum", "yes", "in Idlib zone, by a party", None, True),),
    )
    documents = (
        document("r1", "Meridian Wire", "2019-07-16"),
        document("r2", "The Courier", "2019-07-17"),
        document("r3", "State Radio", "2019-07-17"),
    )
    states = (("c1", "accepted"), ("c2", "edited"), ("c3", "accepted"))
    return Case(incident, (told, again, denied), documents, states, "2019-07-18T09:30:00+00:00", "mahdar-test")  # type: ignore[arg-type]


def cleared(case: Case, name: str = "internal") -> Cleared:
    return Redactor(profile(name)).clear(case)


def with_status(case: Case, status: Status) -> Case:
    return replace(case, incident=replace(case.incident, status=status))
