"""Fit the scores that link reports (`stories`) and claims (`links`).

usage: python -m training.linking stories --shared DIR
       python -m training.linking links --shared DIR --readings FILE

`stories` learns from DIR/bench/corroboration, `links` from the incident labels of DIR/gold and what the shipped reader reads
there; FILE keeps those readings (a pickle; made if it is not there, a quarter of an hour). Both print what cross-fitting
measures: every pair scored by weights that have seen neither of its incidents. benchmarks/corroboration.py uses the same.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.gold import report_of
from mahdar.corroboration import linking, stories
from mahdar.corroboration.blocks import unpack
from mahdar.corroboration.clusters import group
from mahdar.corroboration.features import FEATURES, candidates, features
from mahdar.corroboration.scorer import Matrix, Scorer
from mahdar.corroboration.table import ClaimTable, TableBuilder
from mahdar.model import Reading, Report

NOTE = "Written by `python -m training.linking {}`. Log odds = bias + sum of weight times value; see corroboration/scorer.py."
LINK_BAR = 0.0
"""Mean log odds at which claims are one incident: likelier than not. Not tuned: the labels leave too much unlabelled."""
FOLDS = 5
BARS = np.arange(-2.5, 1.01, 0.25)
RIDGE = 3.0
TRUST = 200.0
PRIOR = {
    "same_place": 1.5,
    "km": -0.8,
    "vague_place": -0.3,
    "other_country": -3.0,
    "actors": 1.0,
    "targets": 0.7,
    "figures": 0.5,
}
"""What these count by judgement. The few labelled reports hardly tell: where nearly all claims that share words also share
a place, data alone would say that a place in common means nothing."""
DOUBTFUL = 0.0
"""Log odds of the story above which two reports without a label may be of one incident for all we know."""
LEAST_ALIKE = -1.0
"""Log odds below which even the best partner of a claim is no partner."""


def fit(features: Sequence[str], matrix: Matrix, same: NDArray[np.bool_], prior: Mapping[str, float] = {}) -> Scorer:
    """Logistic regression by Newton's method on standardised features. A ridge of strength RIDGE pulls the weights to
    nothing, or one of strength TRUST to `prior`, where a feature is named there."""
    neutral = np.nanmean(matrix, axis=0).astype(np.float64)
    filled = np.where(np.isnan(matrix), neutral, matrix).astype(np.float64)
    spread = filled.std(axis=0) + 1e-9
    x = np.column_stack(((filled - neutral) / spread, np.ones(len(filled))))
    middle = np.array([prior.get(name, 0.0) for name in features] + [0.0]) * np.append(spread, 0)
    penalty = np.array([TRUST if name in prior else RIDGE for name in features] + [0.0])
    beta = middle.copy()
    beta[-1] = np.log(same.mean() / (1 - same.mean()))
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (same - p) - penalty * (beta - middle)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-6)
        step = np.linalg.solve(hessian, gradient)
        beta += step / max(1.0, float(np.abs(step).max()))  # far from the solution a full step overshoots
        if np.abs(step).max() < 1e-6:
            break
    slopes = beta[:-1] / spread
    return Scorer(tuple(features), slopes, neutral, float(beta[-1] - slopes @ neutral), 0.0)


def fold_of(incident: str) -> int:
    return int(hashlib.sha256(incident.encode()).hexdigest(), 16) % FOLDS


def crossed(
    features: Sequence[str],
    matrix: Matrix,
    same: NDArray[np.bool_],
    taught: NDArray[np.bool_],
    fold: tuple[NDArray[np.int64], NDArray[np.int64]],
    prior: Mapping[str, float] = {},
) -> NDArray[np.float64]:
    """Log odds of every pair by weights fitted without any pair of either side's fold. Only `taught` pairs are fitted on."""
    a, b = fold
    odds = np.zeros(len(matrix))
    for one in range(FOLDS):
        for other in range(one, FOLDS):
            held = np.isin(a, (one, other)) | np.isin(b, (one, other))
            mine = ((a == one) & (b == other)) | ((a == other) & (b == one))
            if mine.any():
                learn = taught & ~held
                odds[mine] = fit(features, matrix[learn], same[learn], prior).log_odds(matrix[mine])
    return odds


def b_cubed(labels: Sequence[Any], gold: Sequence[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of a grouping of items against the true one."""
    precision, recall = (float(values.mean()) for values in _each(labels, gold))
    return precision, recall, _f1(precision, recall)


def _each(labels: Sequence[Any], gold: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """B-cubed precision and recall of each item."""
    ours: dict[Any, set[int]] = {}
    true: dict[Any, set[int]] = {}
    for item, (label, incident) in enumerate(zip(labels, gold, strict=True)):
        ours.setdefault(label, set()).add(item)
        true.setdefault(incident, set()).add(item)
    shared = [(len(ours[a] & true[b]), len(ours[a]), len(true[b])) for a, b in zip(labels, gold, strict=True)]
    return np.array([x / y for x, y, _ in shared]), np.array([x / z for x, _, z in shared])


def _f1(precision: float, recall: float) -> float:
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def crossed_b_cubed(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    odds: NDArray[np.float64],
    gold: Sequence[str],
) -> tuple[float, float, float]:
    """B-cubed with the bar, too, chosen for each fold on the others: every item is scored under a bar that its fold had no
    say in."""
    fold = np.array([fold_of(incident) for incident in gold])
    each = {float(bar): _each(group(size, left, right, odds, bar).tolist(), gold) for bar in BARS}
    precision, recall = np.zeros(size), np.zeros(size)
    for held in range(FOLDS):
        rest, mine = fold != held, fold == held
        scores = {bar: _f1(of[0][rest].mean(), of[1][rest].mean()) for bar, of in each.items()}
        best = max(scores, key=scores.__getitem__)
        precision[mine], recall[mine] = each[best][0][mine], each[best][1][mine]
    return float(precision.mean()), float(recall.mean()), _f1(float(precision.mean()), float(recall.mean()))


def best_bar(
    size: int, left: NDArray[np.int64], right: NDArray[np.int64], odds: NDArray[np.float64], gold: Sequence[str]
) -> float:
    """The bar with the best B-cubed F1 on these rows."""
    scores = [b_cubed(group(size, left, right, odds, bar).tolist(), gold)[2] for bar in BARS]
    return float(BARS[int(np.argmax(scores))])


def align(
    table: ClaimTable,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    matrix: Matrix,
    incident: NDArray[np.int64],
    labelled: NDArray[np.bool_],
    fold: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    rounds: int = 3,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs of claims are of one event, where only reports are known to be (`incident`: a number a report).

    Of two reports of one incident each claim goes with its best partner, if both agree; first by a plain sum of what they
    share, then by the weights that this taught. Returns (same, taught): other pairs of those two reports are left out, and
    pairs with an old event that any report may recall, and those of reports told so alike that only nobody labelled them.
    """
    a, b = table.report[left], table.report[right]
    one_story = incident[a] == incident[b]
    background = table.background[left] | table.background[right]
    doubtful = (matrix[:, FEATURES.index("story")] > DOUBTFUL) & ~(labelled[a] & labelled[b])
    column = {name: np.nan_to_num(matrix[:, at]) for at, name in enumerate(FEATURES)}
    odds = 2 * column["same_type"] + column["same_family"] + column["same_place"] + column["same_day"]
    odds += 4 * column["evidence"] + column["figures"] + column["story"] / 2
    odds -= column["days"] + column["km"] / 2 + 0.3 * column["position"]
    for _ in range(rounds):
        same = one_story & _mutual(left, right, a, b, odds)
        taught = same | (~one_story & ~background & ~doubtful)
        if fold is None:
            odds = fit(FEATURES, matrix[taught], same[taught], PRIOR).log_odds(matrix)
        else:
            odds = crossed(FEATURES, matrix, same, taught, fold, PRIOR)
    return same, taught


def _mutual(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    odds: NDArray[np.floating[Any]],
) -> NDArray[np.bool_]:
    """Pairs where each claim is the other's best in the other's report, and that are likelier than not to be alike."""
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for at, (one, other, x, y, score) in enumerate(zip(left, right, a, b, odds, strict=True)):
        for key in ((int(one), int(y)), (int(other), int(x))):
            if key not in best or score > best[key][0]:
                best[key] = (float(score), at)
    chosen = np.zeros(len(left), dtype=np.bool_)
    for at, (one, other, x, y) in enumerate(zip(left, right, a, b, strict=True)):
        chosen[at] = best[int(one), int(y)][1] == at == best[int(other), int(x)][1]
    return chosen & (odds > LEAST_ALIKE)


@dataclass(frozen=True)
class Told:
    """Reports of one collection with the name of the incident of each."""

    sketches: stories.Sketches
    incidents: tuple[str, ...]

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return unpack(self.sketches.pairs)

    @cached_property
    def matrix(self) -> Matrix:
        return self.sketches.features(*self.pairs)

    @property
    def same(self) -> NDArray[np.bool_]:
        names = np.array(self.incidents)
        same: NDArray[np.bool_] = names[self.pairs[0]] == names[self.pairs[1]]
        return same

    def crossed(self) -> NDArray[np.float64]:
        fold = np.array([fold_of(name) for name in self.incidents])
        left, right = self.pairs
        every = np.ones(len(left), dtype=np.bool_)
        return crossed(stories.FEATURES, self.matrix, self.same, every, (fold[left], fold[right]))


def documents(path: Path) -> tuple[list[Report], list[str]]:
    """The reports of a file of documents with an incident each, and its name."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    reports = [
        Report(row["doc_id"], row["text"], title=row.get("title"), published=(row.get("published") or "")[:10] or None)
        for row in rows
    ]
    return reports, [row["incident_id"] for row in rows]


def digest(reports: Iterable[Report]) -> str:
    """What tells one collection of reports from another."""
    return hashlib.sha256("\n".join(sorted(report.id for report in reports)).encode()).hexdigest()[:16]


def fit_stories(path: Path) -> None:
    reports, incidents = documents(path)
    told = Told(stories.Sketches(reports), tuple(incidents))
    odds = told.crossed()
    print("crossed B-cubed P R F1:", crossed_b_cubed(len(reports), *told.pairs, odds, incidents))
    bar = best_bar(len(reports), *told.pairs, odds, incidents)
    scorer = replace(fit(stories.FEATURES, told.matrix, told.same), bar=bar)
    scorer.save(stories.WEIGHTS, NOTE.format("stories"), [digest(reports)])


@dataclass(frozen=True)
class Labelled:
    """Claims of reports some of which are known to be of one incident: `incidents` names one a report, its own id where
    nobody said."""

    table: ClaimTable
    incidents: tuple[str, ...]

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return unpack(candidates(self.table))

    @cached_property
    def matrix(self) -> Matrix:
        return features(self.table, *self.pairs)

    @property
    def labelled(self) -> NDArray[np.bool_]:
        return np.array([name != id for name, id in zip(self.incidents, self.table.texts.ids, strict=True)])

    @property
    def folds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        fold = np.array([fold_of(name) for name in self.incidents])[self.table.report]
        return fold[self.pairs[0]], fold[self.pairs[1]]

    def crossed(self) -> NDArray[np.float64]:
        same, taught = self._aligned(self.folds)
        return crossed(FEATURES, self.matrix, same, taught, self.folds, PRIOR)

    def fitted(self) -> Scorer:
        same, taught = self._aligned(None)
        return fit(FEATURES, self.matrix[taught], same[taught], PRIOR)

    def _aligned(
        self, folds: tuple[NDArray[np.int64], NDArray[np.int64]] | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        numbers = np.unique(np.array(self.incidents), return_inverse=True)[1]
        return align(self.table, *self.pairs, self.matrix, numbers, self.labelled, folds)

    def pairwise(self, odds: NDArray[np.float64], bar: float) -> dict[str, float]:
        """Pairwise precision, recall and F1 of reports that tell one incident as news: over labelled reports, and (the
        last figure) with every unlabelled report counted as alone."""
        labels = group(len(self.table), *self.pairs, odds, bar)
        held: dict[int, set[int]] = {}
        for label, report, old in zip(labels.tolist(), self.table.report.tolist(), self.table.background, strict=True):
            if not old:
                held.setdefault(label, set()).add(report)
        found = {pair for reports in held.values() for pair in combinations(sorted(reports), 2)}
        every = combinations(range(len(self.incidents)), 2)
        true = {(one, other) for one, other in every if self.incidents[one] == self.incidents[other]}
        told = {pair for pair in found if self.labelled[list(pair)].all()}
        right = len(found & true)
        precision, recall = right / max(len(told), 1), right / max(len(true), 1)
        return {
            "pairwise_precision": precision,
            "pairwise_recall": recall,
            "pairwise_f1": _f1(precision, recall),
            "pairwise_f1_unlabelled_alone": _f1(right / max(len(found), 1), recall),
        }


def labelled(rows: Sequence[dict[str, Any]], readings: Iterable[Reading]) -> Labelled:
    """Annotated reports with the claims that were read in them."""
    builder = TableBuilder()
    for reading in readings:
        builder.add(reading.report, reading.claims)
    names = {row["id"]: row["incident"] or row["id"] for row in rows}
    table = builder.build()
    return Labelled(table, tuple(names[id] for id in table.texts.ids))


def gold_rows(shared: Path, names: Iterable[str] = ("dev", "train")) -> list[dict[str, Any]]:
    texts = ((shared / "gold" / f"{name}.jsonl").read_text(encoding="utf-8") for name in names)
    return [json.loads(line) for text in texts for line in text.splitlines()]


def readings_of(rows: Sequence[dict[str, Any]], kept: Path) -> list[Reading]:
    """What the shipped reader reads in annotated reports; kept in a file, as it takes a second a report."""
    if not kept.exists():
        from mahdar.reading.reader import Reader

        reader = Reader()
        kept.write_bytes(pickle.dumps([reader.read(report_of(row)) for row in rows]))
    found: list[Reading] = pickle.loads(kept.read_bytes())
    return found


def fit_links(shared: Path, kept: Path) -> None:
    rows = gold_rows(shared)
    readings = readings_of(rows, kept)
    told = labelled(rows, readings)
    odds = told.crossed()
    for bar in np.arange(-1, 1.01, 0.5):
        print(f"crossed, bar {bar}:", told.pairwise(odds, float(bar)))
    replace(told.fitted(), bar=LINK_BAR).save(
        linking.WEIGHTS, NOTE.format("links"), [digest(reading.report for reading in readings)]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("stories", "links"))
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--readings", type=Path, help="where the readings are kept; for links")
    args = parser.parse_args()
    if args.what == "stories":
        fit_stories(args.shared / "bench" / "corroboration" / "gva_docs.jsonl.gz")
    elif args.readings is None:
        parser.error("links: name a file for the readings")
    else:
        fit_links(args.shared, args.readings)


if __name__ == "__main__":
    main()
