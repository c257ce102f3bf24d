"""The gate: which reports are worth reading at all. Most news holds no event of armed conflict.

A linear model over the words of a report's beginning (`gate.json`, fitted by `training.gate`); its bar is set for recall, because
what the gate closes is lost. Which sentences of an open report the network reads is told by the rules (`second_view.py`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("gate.json")
_WORD = re.compile(r"[a-z]{2,}")
_READ = 8000  # characters of a report that tell its subject


def features(text: str) -> set[str]:
    """The words of a report's beginning: lower case, plain letters, cut to a rough stem of 9 letters."""
    return {w[:9] for w in _WORD.findall(text[:_READ].lower())}


@dataclass(frozen=True, slots=True)
class Gate:
    """bias + sum of the weights of the words present, divided by the root of their number, so that length counts less."""

    bias: float
    bar: float
    weights: Mapping[str, float]

    @staticmethod
    @cache
    def load(path: Path = WEIGHTS) -> Gate:
        return Gate(**json.loads(path.read_text(encoding="utf-8")))

    def score(self, text: str) -> float:
        """Log-odds that the report tells of an event, as far as its words show."""
        known = features(text)
        return self.bias + sum(self.weights.get(w, 0.0) for w in known) / math.sqrt(max(1, len(known)))

    def opens(self, text: str) -> bool:
        return self.score(text) >= self.bar
