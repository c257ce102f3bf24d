"""Grades: how well an incident is carried, by the rules of `grades.toml`, with the reasons in words.

Two presets: `airwars` (confirmed, fair, weak, contested, discounted) and `admiralty` (the source's reliability and what it
says apart, as `F2`: two judgements, never one number). Rules are data; this interprets their conditions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mahdar.corroboration.accepting import accepting
from mahdar.model import Claim, Grade, Incident, MahdarError

RULES = Path(__file__).with_name("grades.toml")
PRESETS = ("airwars", "admiralty")


@cache
def presets(path: Path = RULES) -> dict[str, Any]:
    """The presets of a file of rules. Raises MahdarError for a condition that is none."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise MahdarError(f"{path}: no rules can be read from it ({error})") from None
    for name, preset in found.items():
        for rule in preset.get("grade", []):
            unknown = set(rule) - {"name", "why", *_CONDITIONS}
            if unknown or not {"name", "why"} <= set(rule):
                raise MahdarError(
                    f"{path}: a grade of {name} lacks a name or why, or has {sorted(unknown)}, no condition"
                )
    return found


def grade(incident: Incident, preset: str = "airwars", claims: Sequence[Claim] = (), path: Path = RULES) -> Grade:
    """The grade of an incident by a preset of the rules. `claims` are those that tell it as news: without them nobody can
    be seen to accept or name anything. Raises MahdarError for a preset that the rules do not have."""
    rules = presets(path)
    if preset not in rules:
        raise MahdarError(f"{preset!r} is no preset; {', '.join(rules)} are")
    facts = _facts(incident, claims)
    for rule in rules[preset]["grade"]:
        if all(_CONDITIONS[name](facts, wanted) for name, wanted in rule.items() if name in _CONDITIONS):
            reasons = [rule["why"].format(**facts["words"]), *facts["said"]]
            letter = _reliability(incident, rules[preset], reasons)
            return Grade(preset, letter + rule["name"], tuple(reasons))
    raise MahdarError(f"{path}: no grade of {preset} holds; let the last one be without conditions")


_CONDITIONS: dict[str, Any] = {
    "least_origins": lambda facts, wanted: facts["origins"] >= wanted,
    "most_origins": lambda facts, wanted: facts["origins"] <= wanted,
    "accepted": lambda facts, wanted: bool(facts["accepted"]) == wanted,
    "denied": lambda facts, wanted: facts["denied"] == wanted,
    "rivals": lambda facts, wanted: facts["rivals"] == wanted,
    "disputed": lambda facts, wanted: bool(facts["fields"]) == wanted,
    "only": lambda facts, wanted: facts["status"] == wanted,
    "sourced": lambda facts, wanted: facts["sourced"] == wanted,
}


def _facts(incident: Incident, claims: Sequence[Claim]) -> dict[str, Any]:
    fields = [d.field for d in incident.disagreements if d.kind != "update"]
    accepted = accepting(claims)
    names = "; ".join(origin.name for origin in incident.origins)
    said = [f"{_count(incident.reports, 'report')}, {_count(incident.origins, 'independent origin')}"]
    said += [f"the {d.field} grew in later reports" for d in incident.disagreements if d.kind == "update"]
    said += [f"they differ on the {d.field}" for d in incident.disagreements if d.kind == "dispute"]
    said += ["somebody denies it" for d in incident.disagreements if d.kind == "denial"]
    if incident.recalled:
        said.append(f"not counted, as they only recall it later: {_count(incident.recalled, 'claim')}")
    return {
        "origins": len(incident.origins),
        "accepted": accepted,
        "denied": any(d.kind == "denial" for d in incident.disagreements) or incident.status == "denied",
        "rivals": "actors" in fields,
        "fields": fields,
        "status": incident.status,
        "sourced": any(claim.sources for claim in claims),
        "said": said,
        "words": {
            "accepted": ", ".join(accepted),
            "origins": len(incident.origins),
            "names": names,
            "fields": ", ".join(fields),
        },
    }


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def _reliability(incident: Incident, preset: Mapping[str, Any], reasons: list[str]) -> str:
    """The letter of the most reliable origin, by the judgements the rules hold; no letter where a preset has none."""
    if "reliability" not in preset:
        return ""
    judged = {
        preset["sources"][teller]
        for origin in incident.origins
        for teller in origin.chain
        if teller in preset.get("sources", {})
    }
    letter = str(min(judged, default=preset["reliability"]))
    reasons.append(
        f"reliability {letter}: the best judged of its sources"
        if judged
        else f"reliability {letter}: no source is judged"
    )
    return letter
