"""What speaks for a time expression being an event's time: how it stands to the event's word, and how old it is.

    found = time_features(text, trigger, expression, published)

Named numbers for a fitted score (`reading.dating`); nothing here decides. Pure: text and offsets in, features out.
"""

from __future__ import annotations

import re

from mahdar.when.days import days
from mahdar.when.expression import TimeExpression
from mahdar.when.tokens import lexicon

Span = tuple[int, int]

OLD = 60  # days before publication from which a time is background
LEAD = 60  # characters before a word that are looked at
_CLAUSE = re.compile(r"[,;:—–]|\b(?:that|which|who|whose|when|where|while|after|before|since|as|but|and|following)\b")
_SUBORDINATE = re.compile(
    r"\b(?:after|since|following|until|before|because|who|which|whose|when|where|despite)\W+(?:\w+\W+){0,6}$"
)
_WORD = re.compile(r"\w+")


def time_features(text: str, trigger: Span, expression: TimeExpression, published: str | None) -> dict[str, float]:
    """Features of one expression for the event whose word stands at `trigger` in the same text.

    `published` is the ISO day that tells old from new; without it no expression is either.
    """
    first, second = sorted(((expression.start, expression.end), trigger))
    gap = text[first[1] : second[0]]
    lead = _WORD.findall(text, max(0, expression.start - LEAD), expression.start)[-4:]
    between = _WORD.findall(gap)
    _, last = days(None, expression.interval_end or expression.interval_start)
    _, today = days(None, published)
    age = (today - last).days if last and today else None
    return {
        "near": 1 / (1 + len(between) / 4),
        "same_clause": float(_CLAUSE.search(gap) is None),
        "reported": float(_reported(lead)),
        "report_between": float(_reported(between)),
        "subordinate": float(bool(_SUBORDINATE.search(text, max(0, trigger[0] - LEAD), trigger[0]))),
        "told": float(expression.tells(trigger[0])),
        "length": float(expression.kind == "DURATION"),
        "ahead": float(age is not None and age < 0),
        "today": float(age == 0),
        "old": float(age is not None and age > OLD),
    }


def _reported(words: list[str]) -> bool:
    """Whether words tell of saying or publishing, so that a time beside them dates what was said, not what happened."""
    known = lexicon().words
    return any({"SAID", "SPOKEN"} & known.get(word.lower(), {}).keys() for word in words)
