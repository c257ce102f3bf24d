"""HURIDOCS: who did what to whom, in five tables: events, acts, persons and groups, involvements, information.

The tables follow the Events Standard Formats; codes of acts and stances are those of `codebook/huridocs.csv` and
`codebook/stances.csv`. A table refers to another by record ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mahdar.codebook import EVENT_TYPES
from mahdar.codebook.crosswalks import act, crosswalks, stances
from mahdar.model import Actor, Claim
from mahdar.publish.account import account, excerpt
from mahdar.publish.case import Case
from mahdar.publish.geography import area_name, country_name, scene
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, joined, table, written
from mahdar.publish.wording import counted, label

EVENTS = table("", "Events", "huridocs_events")
ACTS = table("acts", "Acts", "huridocs_acts")
PERSONS = table("persons", "Persons and groups", "huridocs_persons")
INVOLVEMENTS = table("involvements", "Who is said to have done it", "huridocs_involvements")
INFORMATION = table("information", "Who says so", "huridocs_information")
TABLES = (EVENTS, ACTS, PERSONS, INVOLVEMENTS, INFORMATION)


def render(cases: Iterable[Cleared]) -> Iterator[Piece]:
    """The five tables in pieces. A person or group is listed once, so memory grows with their number only."""
    return written(TABLES, _rows(cases))


def _rows(cases: Iterable[Cleared]) -> Iterator[tuple[str, Sequence[Any]]]:
    listed: set[str] = set()
    for cleared in cases:
        case = cleared.case
        one = case.incident
        for actor in (*one.actors, *one.targets, *(a for c in case.claims for a in c.actors)):
            record = _record(actor)
            if record not in listed:
                listed.add(record)
                unit = "group" if actor.actor_id else "unknown"
                yield PERSONS.part, [record, unit, actor.name, actor.words.text, actor.kind]
        yield EVENTS.part, _event(case)
        act_record = f"{one.id}-act"
        yield ACTS.part, _act(case, act_record)
        for claim in case.claims:
            yield from _of_claim(claim, case, act_record)


def _event(case: Case) -> list[Any]:
    one = case.incident
    place = scene(case)
    where = place.name or place.words.text if place else ""
    grade = one.grades[0].grade if one.grades else ""
    return [
        *(one.id, f"{label(one.type)}{f', {where}' if where else ''}", one.time.start, one.time.end),
        *(country_name(place.country) if place else "", where, area_name(place.admin1) if place else ""),
        *(one.status, grade, account(case)),
    ]


def _act(case: Case, record: str) -> list[Any]:
    one = case.incident
    code = act(one.type, " ".join(c.trigger.text for c in case.claims))
    elsewhere = crosswalks()[one.type]
    place = scene(case)
    harmed = joined(f"{f.what} {counted(f)}" for c in case.claims for f in c.figures)
    return [
        *(record, one.id, code.code if code else "", code.label if code else "", one.type),
        *(EVENT_TYPES[one.type].acled_sub_event, joined(elsewhere.cameo), joined(elsewhere.plover), one.time.start),
        *(place.name or place.words.text if place else "", joined(map(_record, one.targets), ";"), harmed),
    ]


def _of_claim(claim: Claim, case: Case, act_record: str) -> Iterator[tuple[str, Sequence[Any]]]:
    one = case.incident
    for number, actor in enumerate(claim.actors):
        stance = ""
        if claim.status == "denied":  # the actors of a denial are those who deny
            stance = stances()["deny"][0 if actor.kind == "State forces" else 1]
        record = f"{claim.id}-{number}"
        yield INVOLVEMENTS.part, [record, one.id, act_record, _record(actor), claim.id, claim.status, stance]
    document = case.by_report.get(claim.report)
    yield (
        INFORMATION.part,
        [
            *(f"{claim.id}-information", one.id, claim.id, joined(s.words.text for s in claim.sources)),
            *((document.outlet, document.published, document.title) if document else ("", "", "")),
            *((document.url, document.sha256) if document else ("", "")),
            *(excerpt(claim), case.state(claim.id)),
        ],
    )


def _record(actor: Actor) -> str:
    """A person's or group's record: the register's id, or a hash of the words."""
    return actor.actor_id or "as-worded-" + hashlib.sha256(actor.words.text.encode()).hexdigest()[:12]
