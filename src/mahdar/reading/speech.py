"""Who says what, as the network sees it: a word of speech, its source and its content, over the sentences around it.

Where the rules of `attribution.py` know wordings, this knows how speech looks; assembly weighs both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from mahdar.model import Span
from mahdar.reading.encoder import Look
from mahdar.reading.labels import CONTENT, SPEECH
from mahdar.reading.mentions import RoleSpan, role_spans
from mahdar.reading.trimming import whole_words

_HEARD = range(-1, 3)  # a cue is filled from the two sentences before it and the one behind it (`Window.neighbourhood`)
SURE = 0.6  # probability from which a word tells of speech: .6 to .7 finds most right in PolNeAR's development part


@dataclass(frozen=True, slots=True)
class Speech:
    """One act of speech: its cue ("said", "according to"), that cue's probability, who speaks and what is said."""

    cue: Span
    sentence: int
    probability: float
    sources: tuple[RoleSpan, ...]
    contents: tuple[Span, ...]

    def tells(self, span: Span) -> bool:
        return any(c.overlaps(span) for c in self.contents)


def find_speeches(text: str, look: Look, told: Collection[int] | None = None) -> list[Speech]:
    """Every act of speech of a report, in order of the text; or those only that may tell something of the sentences `told`, for
    the network sees no farther around a cue. After `look.sightings()`."""
    heard = None if told is None else {k + away for k in told for away in _HEARD}
    cues = [
        (s, Span(*whole_words(text, s.offsets[low][0], s.offsets[high][1])), float(s.speech[low : high + 1].max()))
        for s in look.seen
        if heard is None or s.sentence in heard
        for low, high in _runs(s.speech >= SURE)
    ]
    out = []
    fillings = look.fillings([(sighting, cue, SPEECH) for sighting, cue, _ in cues])
    for (sighting, cue, p), filling in zip(cues, fillings, strict=True):
        spans = role_spans(filling, text, cue)
        sources = tuple(r for r in spans if r.role == "source")
        contents = tuple(r.span for r in spans if r.role == CONTENT)
        out.append(Speech(cue, sighting.sentence, p, sources, contents))
    return sorted(out, key=lambda s: s.cue)


def _runs(on: Sequence[bool] | np.ndarray) -> list[tuple[int, int]]:
    """First and last index of each unbroken run of true values."""
    out: list[tuple[int, int]] = []
    for i, value in enumerate(on):
        if value and out and out[-1][1] == i - 1:
            out[-1] = (out[-1][0], i)
        elif value:
            out.append((i, i))
    return out
