"""What other classifications call an event type: `crosswalks.csv`, `huridocs.csv` and `stances.csv`, in code.

PLOVER, CAMEO and UCDP by type; HURIDOCS by type and, within it, by the words that name the event; the stances of a party
are HURIDOCS' micro-thesaurus 28. `ucdp_violence` is `1`, `3`, `sides` (1 with a state side, else 2), `target` (by who was
hit), or empty where UCDP has no such event.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """One event type elsewhere; `plover` and `cameo` may be several codes."""

    disorder_type: str
    plover: tuple[str, ...]
    cameo: tuple[str, ...]
    ucdp_violence: str


@dataclass(frozen=True, slots=True)
class Act:
    """A HURIDOCS act code. `words` are beginnings of words in the trigger that tell it; none: the type's usual act."""

    code: str
    label: str
    type: str
    words: tuple[str, ...]


@cache
def crosswalks() -> dict[str, Crosswalk]:
    return {
        r["type"]: Crosswalk(r["disorder_type"], _several(r["plover"]), _several(r["cameo"]), r["ucdp_violence"])
        for r in _rows("crosswalks")
    }


def act(type: str, trigger: str) -> Act | None:
    """The HURIDOCS act of an event type by the words that name it, or None where the list has none."""
    usual = None
    told = f" {' '.join(trigger.lower().split())}"
    for entry in _acts().get(type, ()):
        if any(f" {word}" in told for word in entry.words):
            return entry
        if not entry.words:
            usual = entry
    return usual


@cache
def stances() -> dict[str, tuple[str, str]]:
    """Stance -> its code for officials and for others."""
    return {r["stance"]: (r["official"], r["non_state"]) for r in _rows("stances")}


@cache
def _acts() -> dict[str, tuple[Act, ...]]:
    out: dict[str, tuple[Act, ...]] = {}
    for r in _rows("huridocs"):
        out[r["type"]] = (*out.get(r["type"], ()), Act(r["code"], r["label"], r["type"], _several(r["words"])))
    return out


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
