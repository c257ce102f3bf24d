"""The gate: which reports, and which of their sentences, are worth the encoder's time. Most news holds no event.

Two linear models over words (`gate.json`, fitted by `training.gate`): one over all words of a report, one over those of a
sentence. Their bars are set for recall, because what the gate closes is lost. Neighbours of a passing sentence go along
as context.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from mahdar.model import Span

WEIGHTS = Path(__file__).with_name("gate.json")
_WORD = re.compile(r"[a-z]{2,}")
_LEAD = 2  # sentences at the top that go along once anything passes
_READ = 8000  # characters of a report that tell its subject


def report_features(text: str) -> set[str]:
    """The words of a report's beginning: lower case, plain letters, cut to a rough stem of 9 letters."""
    return {w[:9] for w in _WORD.findall(text[:_READ].lower())}


def sentence_features(sentence: str) -> set[str]:
    """The words of a sentence, cut like a report's, and its pairs of neighbouring words."""
    found = _WORD.findall(sentence.lower())
    return {w[:9] for w in found} | {f"{a[:6]} {b[:6]}" for a, b in pairwise(found)}


@dataclass(frozen=True, slots=True)
class Linear:
    """bias + sum of weights of the features present; divided by their root where `scaled`, so that length counts less."""

    bias: float
    bar: float
    scaled: bool
    weights: Mapping[str, float]

    def __call__(self, features: Iterable[str]) -> float:
        known = list(features)
        total = sum(self.weights.get(w, 0.0) for w in known)
        return self.bias + (total / math.sqrt(max(1, len(known))) if self.scaled else total)


@dataclass(frozen=True, slots=True)
class Gate:
    report: Linear
    sentence: Linear

    @staticmethod
    @cache
    def load(path: Path = WEIGHTS) -> Gate:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Gate(Linear(**data["report"]), Linear(**data["sentence"]))

    def opens(self, text: str) -> bool:
        """Whether the report is worth splitting and reading at all."""
        return self.report(report_features(text)) >= self.report.bar

    def passing(self, text: str, sentences: list[Span]) -> list[int]:
        """Indices of the sentences to read, in order."""
        chosen: set[int] = set()
        for i, s in enumerate(sentences):
            if self.sentence(sentence_features(text[s.start : s.end])) >= self.sentence.bar:
                chosen.update((i - 1, i, i + 1))
        if chosen:
            chosen.update(range(_LEAD))
        return sorted(i for i in chosen if 0 <= i < len(sentences))
