"""A group of mentions -> how many: the figures of its claim, each with its range and its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from mahdar.model import Figure, FigureKind, Span, Words
from mahdar.reading.context import Context
from mahdar.reading.cues import any_of
from mahdar.reading.fillers import keep
from mahdar.reading.labels import COUNTS, FIGURE_ROLES, OTHER_FIGURE
from mahdar.reading.mentions import Mention
from mahdar.reading.scoring import Scores
from mahdar.reading.trimming import without_loose

_HARM = ("killed", "injured")
_MANY = re.compile(r"(?:an?|no|the|these|those|many|some|others?|civilians|people|dead|casualties)\b", re.I)


def figures(group: Sequence[Mention], context: Context, scores: Scores) -> list[Figure]:
    """Counts with their ranges; the same range of the same kind only once, and one number of one kind only."""
    found: list[Figure] = []
    for role in COUNTS:
        what: FigureKind = FIGURE_ROLES.get(role) or OTHER_FIGURE.get(group[0].type, "other")
        for filler in keep(group, role, context, scores):
            for r in sorted(filler.spans, key=lambda r: r.span):
                count = count_of(r.span, context)
                if count:
                    span, low, high = count
                    # Only what is shown: a figure's score knows its words as the network marks them.
                    span = Span(span.start, without_loose(context.text, span.start, span.end))
                    said = Words(span, context.text[span.start : span.end])
                    kind = "other" if what in _HARM and _counts_both(span, context.text) else what
                    found.append(Figure(kind, low, high, said, confidence=filler.confidence))
    out: list[Figure] = []
    for f in sorted(found, key=lambda f: (-f.confidence, f.words.span)):
        if not any(
            (f.low, f.high) == (k.low, k.high) and (f.what == k.what or f.words.span.overlaps(k.words.span))
            for k in out
        ):
            out.append(f)
    return sorted((f for f in out if not _is_hedged(f, out)), key=lambda f: f.words.span)


def _counts_both(span: Span, text: str) -> bool:
    """Whether a number is one of dead and injured together."""
    before, behind = _of_both()
    return bool(before.search(text, max(0, span.start - 40), span.start) or behind.match(text, span.end))


@cache
def _of_both() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Before a number "killed and wounded", behind it that or "casualties": in 98 of 100 so worded annotators give `other`."""
    dead, hurt = any_of("edges", "dead"), any_of("edges", "hurt")
    both = rf"(?:{dead}\s+(?:and|or)\s+{hurt}|{hurt}\s+(?:and|or)\s+{dead})"
    counted = rf"(?:(?:people|others|were|been|have|had)\s+)*{both}\b(?!\s+(?:\d|at least|more))"
    return (
        re.compile(rf"(?<!\d\s)(?<!one\s)\b{both}\s+$", re.I),
        re.compile(rf"\s+(?:[\w-]+\s+)?(?:casualties\b|{counted})", re.I),
    )


@cache
def _one() -> re.Pattern[str]:
    several = rf"\s+(?:(?:large|small|great|unknown|unspecified)\s+)?{any_of('edges', 'no_one')}\b"
    return re.compile(rf"(?:an?|one|another|a single)\b(?!{several})", re.I)


def _is_hedged(figure: Figure, all_of_them: Sequence[Figure]) -> bool:
    """The headline's "10 killed" beside "at least 10 killed": annotators give the careful wording alone (in 11 of 13)."""
    return figure.low == figure.high and any(
        f.what == figure.what and (f.low, f.high) in ((figure.low, None), (None, figure.high)) for f in all_of_them
    )


def count_of(span: Span, context: Context) -> tuple[Span, int | None, int | None] | None:
    """The number in (or around the start of) a figure's words, with its span; a single person without a number is 1."""
    number = context.number_over(span)
    if number:
        return Span(min(number.start, span.start), max(number.end, span.end)), number.low, number.high
    said = context.text[span.start : span.end]
    if _one().match(said) or (said[:1].isupper() and not _MANY.match(said) and not said.lower().endswith("s")):
        return span, 1, 1
    return None
