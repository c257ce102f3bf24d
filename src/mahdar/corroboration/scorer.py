"""A logistic score over readable features, its weights data (`links.json`, `stories.json`), and why it came out so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mahdar.model import Contribution

Matrix = NDArray[np.float32]
"""One row a pair, one column a feature; NaN where a feature cannot be told."""


@dataclass(frozen=True)
class Scorer:
    """Log odds = bias + Σ weight · value. A value that cannot be told counts as `neutral`, and is shown as unknown."""

    features: tuple[str, ...]
    weights: NDArray[np.float64]
    neutral: NDArray[np.float64]
    bias: float
    bar: float
    """Mean log odds above which two groups are one."""

    @classmethod
    @cache
    def load(cls, path: Path) -> Scorer:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data["features"]
        return cls(
            tuple(rows),
            np.array([row["weight"] for row in rows.values()]),
            np.array([row["neutral"] for row in rows.values()]),
            data["bias"],
            data["bar"],
        )

    def save(self, path: Path, note: str, learnt_from: Sequence[str] = ()) -> None:
        """`learnt_from` names the collections that the weights have seen, so that nobody measures on them by mistake."""
        rows = {
            name: {"weight": round(float(weight), 4), "neutral": round(float(neutral), 4)}
            for name, weight, neutral in zip(self.features, self.weights, self.neutral, strict=True)
        }
        data = {
            "note": note,
            "learnt_from": list(learnt_from),
            "bias": round(self.bias, 4),
            "bar": round(self.bar, 4),
            "features": rows,
        }
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def log_odds(self, matrix: Matrix) -> NDArray[np.float64]:
        odds = np.full(len(matrix), self.bias)
        for column, weight, neutral in zip(matrix.T, self.weights, self.neutral, strict=True):
            odds += weight * np.where(np.isnan(column), neutral, column)
        return odds

    def explain(self, values: NDArray[np.float32], shown: tuple[str, ...]) -> tuple[Contribution, ...]:
        """The bars of a waterfall for one pair: the bias, then every feature with a weight, `shown` in words."""
        bars = [Contribution("bias", 1.0, self.bias, "two claims taken at random from the same blocks")]
        for name, weight, neutral, value, words in zip(
            self.features, self.weights, self.neutral, values, shown, strict=True
        ):
            taken = float(neutral) if np.isnan(value) else float(value)
            bars.append(Contribution(name, taken, float(weight) * taken, "unknown" if np.isnan(value) else words))
        return tuple(bars)


def probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))
