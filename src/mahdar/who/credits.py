"""Agency credits: which agency a report (or a photo, or a sentence) says it has its story from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mahdar.who.names import key
from mahdar.who.register import Register

CreditKind = Literal["dateline", "byline", "photo", "attribution"]
HEAD_OF_TEXT = 400
"""A bare agency name counts as a byline only so near (in characters) to either end of the text."""


@dataclass(frozen=True, slots=True, order=True)
class Credit:
    """`text[start:end]` credits the agency `actor_id`; `kind` says how."""

    start: int
    end: int
    text: str
    actor_id: str
    kind: CreditKind


def find_credit(text: str) -> list[Credit]:
    """Agency credits in `text`, by start: at most one for each stretch, a dateline before the weaker kinds.

    Dateline "MOGADISHU (Reuters) -", "CNN —"; byline "Source: SANA", "(Xinhua)", "AFP" alone on a line or at either
    end; photo "[Name – Anadolu Agency]"; attribution "SANA reported", "according to Reuters", "told AFP".
    """
    found: list[Credit] = []
    for kind, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span("agency")
            near = start < HEAD_OF_TEXT or end > len(text) - HEAD_OF_TEXT
            if (kind in ("byline", "dateline") and not near) or any(c.start < end and start < c.end for c in found):
                continue
            found.append(Credit(start, end, match["agency"], agencies()[key(match["agency"])], kind))
    return sorted(found)


@cache
def agencies() -> dict[str, str]:
    """Spelling key → id of every news agency, and of the outlets that sign datelines."""
    out: dict[str, str] = {}
    for actor in Register.load():
        if actor.kind in ("source:agency", "source:outlet"):
            for alias in (actor.name, *actor.aliases):
                out.setdefault(key(alias), actor.id)
    return out


@cache
def _patterns() -> tuple[tuple[CreditKind, re.Pattern[str]], ...]:
    register = Register.load()
    names = [
        alias
        for actor in register
        if actor.kind in ("source:agency", "source:outlet")
        for alias in (actor.name, *actor.aliases)
    ]
    wire = [alias for actor in register if actor.kind == "source:agency" for alias in (actor.name, *actor.aliases)]
    any_name = "(?P<agency>" + "|".join(re.escape(n) for n in sorted(set(names), key=len, reverse=True)) + r")(?!\w)"
    any_wire = "(?P<agency>" + "|".join(re.escape(n) for n in sorted(set(wire), key=len, reverse=True)) + r")(?!\w)"
    dash = r"[-–—]{1,2}"
    verbs = "reported|reports|said|says|quoted|cited|citing|added|confirmed|wrote"
    return (
        # "MOGADISHU, Feb. 29 (Xinhua) --": a place in capitals within the sentence's first words, the agency in
        # brackets.
        (
            "dateline",
            re.compile(rf"[A-Z][A-Z'’ .-]{{2,40}}(?:[,/ ][^()\n]{{0,60}})?\(\s*{any_name}\s*\)\s*(?:{dash})?"),
        ),
        ("dateline", re.compile(rf"^\s*{any_name}\s*(?:{dash})\s", re.MULTILINE)),
        ("photo", re.compile(rf"[\[(][^\[\]()\n]{{0,80}}(?:[-–—/|]|via|by|of)\s*{any_name}(?: via [^\])]+)?\s*[\])]")),
        (
            "photo",
            re.compile(rf"(?:Photo|Image|Picture|Photograph|©|Getty|Credit)[^\n.]{{0,40}}?\b{any_name}", re.IGNORECASE),
        ),
        ("byline", re.compile(rf"\(\s*{any_name}\s*\)")),
        ("byline", re.compile(rf"(?im:^\s*(?:source|by|from|agency)s?\s*[:|]?\s*){any_name}")),
        ("byline", re.compile(rf"(?m:^)\s*{any_wire}\s*(?m:$)")),
        ("byline", re.compile(rf"(?:{dash}|\|)\s*{any_wire}\s*(?m:$)")),
        (
            "attribution",
            re.compile(
                rf"\b(?:{verbs}|told|according to|quoted by|quoting|via|by)\s+(?:the\s+)?"
                rf"(?:state(?:-run)?\s+|official\s+)?(?:news agency\s+)?{any_wire}"
            ),
        ),
        ("attribution", re.compile(rf"\b{any_wire}(?:\s+news agency)?(?:\s+(?:also|has|had|later))?\s+(?:{verbs})\b")),
        ("attribution", re.compile(rf"\b{any_wire}\s+(?:news agency|correspondent|reporter|journalist|photographer)")),
    )
