"""Small fitted scores: logistic functions of named features, with their weights in `model/scores.json`.

`training.fit` writes the file; every score it holds can be explained feature by feature (`terms`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Score:
    """bias + sum of weight x feature, through a logistic; unknown features count nothing."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, features: Mapping[str, float]) -> float:
        weights, z = self.weights, self.bias
        for name, value in features.items():
            if value and name in weights:
                z += weights[name] * value
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def terms(self, features: Mapping[str, float]) -> list[tuple[str, float]]:
        """What each feature adds to the log-odds, largest first."""
        found = [(k, self.weights[k] * v) for k, v in features.items() if k in self.weights and v]
        return sorted(found, key=lambda t: -abs(t[1]))


@dataclass(frozen=True, slots=True)
class Scores:
    """The fitted scores and thresholds of one model."""

    scores: Mapping[str, Score]
    bars: Mapping[str, float]

    def __getitem__(self, name: str) -> Score:
        return self.scores[name]

    def shown(self, slot: str, confidence: float, kind: str) -> float:
        """How sure one may be of a filler that is shown: its score as scores of its slot have turned out (`shown_SLOT`).
        What is picked for being the likeliest of several is right less often than its score says. `kind`: what a figure
        counts, the role of an actor or a place, the anchor of a time."""
        if f"shown_{slot}" not in self.scores:
            return confidence
        held = min(max(confidence, 1e-4), 1 - 1e-4)
        return self.scores[f"shown_{slot}"]({"logit": math.log(held / (1 - held)), f"kind:{kind}": 1.0})

    @staticmethod
    @cache
    def load(path: Path) -> Scores:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Scores({k: Score(v["bias"], v["weights"]) for k, v in data["scores"].items()}, data["bars"])
