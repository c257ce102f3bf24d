"""Fit the gate's word weights.

usage: python -m training.gate --shared DIR [--more FILE ...]

Positive: reports with claims. Negative: the rest of train.jsonl, and general news (unlabelled: mostly, but not all, without an
event). Prints, for some recalls of reports left out, how much of general news the bar would open.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from mahdar.reading import gate
from training import gold

TOLD = 800  # pages of general news kept apart to tell what passes
REPORTS = 0.985  # recall of reports with a claim, on reports left out
KEPT = 10000  # words with the largest weights


class Model:
    """A logistic regression over sets of words, as the gate will apply it."""

    def __init__(self, texts: list[str], labels: list[int]) -> None:
        self.vectorizer = DictVectorizer()
        x = self.vectorizer.fit_transform([self._values(t) for t in texts])
        self.model = LogisticRegression(C=30.0, max_iter=400).fit(x, labels)

    def _values(self, text: str) -> dict[str, float]:
        words = gate.features(text)
        return dict.fromkeys(words, 1 / math.sqrt(max(1, len(words))))

    def __call__(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self.model.decision_function(self.vectorizer.transform([self._values(t) for t in texts])))

    def dump(self, bar: float) -> dict[str, object]:
        weights = dict(zip(self.vectorizer.get_feature_names_out(), self.model.coef_[0], strict=True))
        kept = sorted(weights, key=lambda w: -abs(weights[w]))[:KEPT]
        return {
            "bias": round(float(self.model.intercept_[0]), 4),
            "bar": round(bar, 3),
            "weights": {w: round(float(weights[w]), 3) for w in sorted(kept)},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    reports = gold.load(args.shared / "gold/train.jsonl")
    more = [r for path in args.more for r in gold.load(path)]
    fold = gold.folds(reports)
    with gzip.open(args.shared / "bench/corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = [json.loads(line)["text"] for line in lines]
    random.Random(3).shuffle(pages)
    told, learnt = pages[:TOLD], pages[TOLD:]

    def fitted(chosen: list[gold.GoldReport]) -> Model:
        texts = [r["text"] for r in [*chosen, *more]] + learnt
        return Model(texts, [int(bool(r["claims"])) for r in [*chosen, *more]] + [0] * len(learnt))

    scores: list[float] = []
    for k in range(gold.FOLDS):
        model = fitted([r for r in reports if fold[r["id"]] != k])
        scores += model([r["text"] for r in reports if fold[r["id"]] == k and r["claims"]]).tolist()
    final = fitted(reports)
    general = final(told)
    for recall in (0.9, 0.95, 0.97, 0.985, 0.995):
        bar = float(np.quantile(scores, 1 - recall))
        print(f"recall {recall}: bar {bar:.2f} opens {float((general >= bar).mean()):.3f} of general news", flush=True)
    gate.WEIGHTS.write_text(
        json.dumps(final.dump(float(np.quantile(scores, 1 - REPORTS))), indent=0, sort_keys=True), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
