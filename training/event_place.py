"""Train the models of mahdar.where.event_place: which of a sentence's places the event of a verb happened at.

`python -m training.event_place DIR [--folds-only]` reads DIR/place/*.jsonl.gz (`text`, `verb` [start, end] and `locs`, a list of
[start, end], empty where no place is the event's), prints five-fold cross-validation (copies of a sentence in one fold), then
fits on everything and writes `event_place.json` in `src/mahdar/where/data/`, with the bar at which the cross-validated scores
keep KEPT_EMPTY of the sentences without a place empty. Candidates are our own (`place_names`); one is right if it overlaps a
gold span. The seed is fixed. Needs the training extra.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from mahdar.where.event_place import Features, evidence, layout, place_names, sentence_features

OUT = Path(__file__).parents[1] / "src" / "mahdar" / "where" / "data" / "event_place.json"
FOLDS = 5
INNER = 5  # folds within the training part, so that the trees see linear scores of sentences the linear model has not
RARE = 3  # a word feature met less often is dropped
KEPT_EMPTY = 0.757  # above the 0.75 asked, for the noise of another sample
LINEAR = {"C": 0.1, "max_iter": 300, "solver": "liblinear", "random_state": 0}
TREES = {
    "n_estimators": 250, "learning_rate": 0.05, "max_leaf_nodes": 10, "max_depth": None, "min_samples_leaf": 20,
    "subsample": 0.6, "max_features": 0.25, "random_state": 0,
}  # fmt: skip

Linear = tuple[dict[str, float], float]


@dataclass(frozen=True)
class Example:
    """One sentence: its candidates' features, which of them are right, and whether the event has a place at all."""

    key: str
    features: list[Features]
    right: list[int]
    placed: bool


def examples(folder: Path) -> list[Example]:
    out = []
    for path in sorted((folder / "place").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf8") as lines:
            out += [example(json.loads(line)) for line in lines]
    return out


def example(row: dict[str, Any]) -> Example:
    text, whole = row["text"], (0, len(row["text"]))
    found = place_names(text, whole)
    right = [int(any(start < e and s < end for s, e in row["locs"])) for start, end in found]
    features = sentence_features(text, whole, tuple(row["verb"]), found)
    return Example("".join(text.split())[:60], features, right, bool(row["locs"]))


def folds(data: Sequence[Example], count: int, seed: int) -> list[int]:
    """The fold of each example; sentences that begin alike share one."""
    keys = sorted({e.key for e in data})
    random.Random(seed).shuffle(keys)
    of = {key: i % count for i, key in enumerate(keys)}
    return [of[e.key] for e in data]


def fit_linear(data: Iterable[Example]) -> Linear:
    pairs = [(f, y) for e in data for f, y in zip(e.features, e.right, strict=True)]
    vectors = DictVectorizer()
    x = vectors.fit_transform([dict.fromkeys(f.strings, 1.0) for f, _ in pairs])
    kept = np.asarray((x > 0).sum(axis=0)).ravel() >= RARE
    model = LogisticRegression(**LINEAR).fit(x[:, kept], [y for _, y in pairs])
    names = [n for n, k in zip(vectors.feature_names_, kept, strict=True) if k]
    # Rounded here, not at the end, so that what is measured is what is shipped.
    return {n: round(float(w), 3) for n, w in zip(names, model.coef_[0], strict=True) if abs(w) >= 0.005}, round(
        float(model.intercept_[0]), 3
    )


def linear_scores(model: Linear, e: Example) -> list[float]:
    weights, bias = model
    return [bias + sum(weights.get(s, 0.0) for s in f.strings) for f in e.features]


def rows(e: Example, linear: Sequence[float]) -> list[list[float]]:
    return [layout(f, linear, i) for i, f in enumerate(e.features)]


def fit_both(data: Sequence[Example]) -> tuple[Linear, GradientBoostingClassifier]:
    """The linear model on everything, and the trees over linear scores from models that had not seen the sentence."""
    of = folds(data, INNER, seed=1)
    x: list[list[float]] = []
    y: list[int] = []
    for fold in range(INNER):
        model = fit_linear(e for e, f in zip(data, of, strict=True) if f != fold)
        for e, f in zip(data, of, strict=True):
            if f == fold:
                x += rows(e, linear_scores(model, e))
                y += e.right
    return fit_linear(data), GradientBoostingClassifier(**TREES).fit(np.array(x), y)


def cross_validated(data: Sequence[Example], seed: int = 0) -> list[list[float]]:
    """Each example's probabilities by models that have not seen it."""
    out: list[list[float]] = [[] for _ in data]
    of = folds(data, FOLDS, seed)
    for fold in range(FOLDS):
        linear, trees = fit_both([e for e, f in zip(data, of, strict=True) if f != fold])
        for i, e in enumerate(data):
            if of[i] == fold and e.features:
                out[i] = trees.predict_proba(np.array(rows(e, linear_scores(linear, e))))[:, 1].tolist()
    return out


def figures(data: Sequence[Example], scores: Sequence[Sequence[float]], bar: float) -> dict[str, float]:
    """The benchmark's three figures at a bar, and `ranked`: of the ambiguous, how many have a right place on top."""
    counts = dict.fromkeys(("placed", "right", "open", "ambiguous", "ranked", "empty", "kept"), 0)
    for e, s in zip(data, scores, strict=True):
        best = int(np.argmax(s)) if s else -1
        chosen = best >= 0 and evidence(s) >= bar
        counts["placed" if e.placed else "empty"] += 1
        counts["kept"] += not e.placed and not chosen
        counts["right"] += chosen and e.right[best]
        if len(s) > 1 and any(e.right):
            counts["open"] += 1
            counts["ambiguous"] += chosen and e.right[best]
            counts["ranked"] += e.right[best]
    return {
        "right": counts["right"] / max(counts["placed"], 1),
        "ambiguous": counts["ambiguous"] / max(counts["open"], 1),
        "kept_empty": counts["kept"] / max(counts["empty"], 1),
        "ranked": counts["ranked"] / max(counts["open"], 1),
    }


def fitted_bar(data: Sequence[Example], scores: Sequence[Sequence[float]]) -> float:
    """The lowest bar that keeps KEPT_EMPTY of the sentences without a place empty."""
    totals = sorted(evidence(s) for e, s in zip(data, scores, strict=True) if not e.placed)
    return round(totals[min(int(KEPT_EMPTY * len(totals)), len(totals) - 1)] + 0.0005, 3)


def exported(trees: GradientBoostingClassifier) -> tuple[float, list[list[list[float]]]]:
    """The ensemble as the reader's lists of nodes, and its starting score; leaves carry the learning rate."""

    def node(tree: Any, i: int) -> list[float]:
        left, right = int(tree.children_left[i]), int(tree.children_right[i])
        if left < 0:
            return [-1, round(float(tree.value[i][0][0]) * trees.learning_rate, 4), 0, 0]
        return [int(tree.feature[i]), round(float(tree.threshold[i]), 4), left, right]

    out = [[node(e.tree_, i) for i in range(e.tree_.node_count)] for (e,) in trees.estimators_]
    prior = float(trees.init_.class_prior_[1])
    return round(float(np.log(prior / (1 - prior))), 4), out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds-only", action="store_true", help="cross-validate, write nothing")
    options = parser.parse_args()
    data = examples(options.data)
    scores = cross_validated(data)
    bar = fitted_bar(data, scores)
    for at in (0.0, 0.4, 0.5, 0.6, 0.7, bar):
        print(f"bar {at:.3f}", " ".join(f"{k} {v:.3f}" for k, v in figures(data, scores, at).items()))
    if options.folds_only:
        return
    (weights, bias), trees = fit_both(data)
    base, nodes = exported(trees)
    model = {"bar": bar, "bias": bias, "base": base, "weights": weights, "trees": nodes}
    OUT.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
