"""Acceptance: a party owns a harmful act that it is named as having done, by the wordings of `accepting.toml`.

Speaking of an act is not owning it: a ministry that reports its own advance, or a monitor that is quoted, accepts nothing.
Where the words leave it open nobody has accepted. (HURIDOCS keeps it as the stance "accepts responsibility".)
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mahdar.model import Actor, Claim, Words

RULES = Path(__file__).with_name("accepting.toml")
_GAP = r"[^.;\n]{0,80}?"
"""Between the party and what it says: an apposition, a day, a medium."""
_NEAR = r"[^.;\n]{0,60}?"


def accepting(claims: Iterable[Claim]) -> list[str]:
    """Names of those whom an asserted claim says to have done harm and to own it, each once."""
    names = (
        actor.name or actor.words.text
        for claim in claims
        if claim.status == "asserted" and claim.type in _rules()["types"]
        for actor in claim.actors
        if actor.kind in _rules()["kinds"] and _owns(actor, claim)
    )
    return list(dict.fromkeys(names))


def _owns(actor: Actor, claim: Claim) -> bool:
    """Whether the evidence has the actor own the act, wherever it names that actor as its source or as who did it."""
    if actor.actor_id is None or actor.actor_id not in {source.actor_id for source in claim.sources}:
        return False
    mentions = [party.words for party in (*claim.sources, *claim.actors) if party.actor_id == actor.actor_id]
    return any(
        not _rules()["refuses"].search(stretch)
        for evidence in claim.evidence
        for mention in mentions
        if evidence.span.start <= mention.span.start and mention.span.end <= evidence.span.end
        for stretch in _stretches(evidence, mention, claim.trigger)
    )


def _stretches(evidence: Words, mention: Words, trigger: Words) -> Iterator[str]:
    """The words that join a mention of the party to the act it owns, for each pattern that does."""
    rules = _rules()
    begin = mention.span.start - evidence.span.start
    before, after = evidence.text[:begin], evidence.text[begin + len(mention.text) :]
    if rules["disowns"].match(after):
        return
    if found := rules["owned_by"].search(before):
        yield found[0]
    if found := rules["responsibility"].match(after):
        yield found[0]
    act = trigger.span.start - mention.span.end
    if 0 < act < len(after) and rules["own_act"].fullmatch(after, 0, act):
        yield after[:act]


@cache
def _rules() -> dict[str, Any]:
    lists = tomllib.loads(RULES.read_text(encoding="utf-8"))

    def any_of(name: str) -> str:
        return "(?:" + "|".join(r"\s+".join(map(re.escape, w.split())) for w in lists[name]) + ")"

    own_act = rf"{_GAP}\b(?:{any_of('admits')}|{any_of('says')}\b{_NEAR}\b{any_of('self')})\b{_NEAR}"
    return {
        "types": frozenset(lists["types"]),
        "kinds": frozenset(lists["kinds"]),
        "responsibility": re.compile(rf"{_GAP}\b{any_of('responsibility')}\b", re.I),
        "owned_by": re.compile(rf"\b{any_of('owned_by')}\s+(?:[\w’'-]+\s+){{0,4}}$", re.I),
        "own_act": re.compile(own_act, re.I),
        "disowns": re.compile(rf"[^.;\n]*\b{any_of('disowns')}\b", re.I),
        "refuses": re.compile(rf"(?:\b|(?=n[’']t)){any_of('refuses')}\b", re.I),
    }
