"""A report's text in pieces, each with what it carries: which claims and slots, furniture, words that some wish folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from mahdar.model import Claim, Report, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` stands at `start`. `keys` are `claim:slot` of every claim whose slot these words are."""

    start: int
    text: str
    keys: tuple[str, ...] = ()
    furniture: bool = False
    graphic: bool = False


def slots(claim: Claim) -> Iterator[tuple[str, Span]]:
    """Every stretch that a claim's values stand on, with the slot's name."""
    yield from (("evidence", words.span) for words in claim.evidence)
    yield "trigger", claim.trigger.span
    yield from (("actors", a.words.span) for a in claim.actors)
    yield from (("targets", a.words.span) for a in claim.targets)
    yield from (("places", p.words.span) for p in claim.places)
    yield from (("figures", f.words.span) for f in claim.figures)
    yield from (("sources", a.words.span) for a in claim.sources)
    if claim.time.words:
        yield "time", claim.time.words.span
    if claim.agreement:
        yield "agreement", claim.agreement.span


def pieces(report: Report, claims: Sequence[Claim]) -> list[Piece]:
    """The whole text, cut wherever something begins or ends; put together again it is the text to the letter."""
    keyed = [(span, f"{claim.id}:{slot}") for claim in claims for slot, span in slots(claim) if span.end > span.start]
    graphic = [Span(*m.span()) for m in _graphic().finditer(report.text)]
    spans = [span for span, _ in keyed] + graphic + list(report.furniture)
    cuts = sorted({0, len(report.text), *(s.start for s in spans), *(min(s.end, len(report.text)) for s in spans)})
    starting: dict[int, list[tuple[Span, str]]] = {}
    for span, key in keyed:
        starting.setdefault(span.start, []).append((span, key))
    out = []
    open: list[tuple[Span, str]] = []
    for start, end in pairwise(cuts):
        open = [(span, key) for span, key in open if span.end > start] + starting.get(start, [])
        here = Span(start, end)
        out.append(
            Piece(
                start,
                report.text[start:end],
                tuple(dict.fromkeys(key for _, key in open)),
                any(s.overlaps(here) for s in report.furniture),
                any(s.overlaps(here) for s in graphic),
            )
        )
    return out


@cache
def _graphic() -> re.Pattern[str]:
    lines = Path(__file__).with_name("graphic.txt").read_text(encoding="utf-8").splitlines()
    words = [re.escape(w.strip()).replace(r"\*", r"\w*") for w in lines if w.strip() and not w.startswith("#")]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
