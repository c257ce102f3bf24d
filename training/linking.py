"""Fit the scores that link reports and claims: `python -m training.linking stories|links --shared DIR [--claims FILE]`.

Cross-fitting (`cross_scores`) serves the benchmark too: a pair is scored by weights that have seen neither of its incidents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.clusters import group
from mahdar.corroboration.features import FEATURES
from mahdar.corroboration.scorer import Matrix, Scorer
from mahdar.corroboration.table import ClaimTable

FOLDS = 5
RIDGE = 3.0
TRUST = 200.0
PRIOR = {
    "same_place": 1.5, "km": -0.8, "vague_place": -0.3, "other_country": -3.0, "actors": 1.0, "targets": 0.7, "figures": 0.5,
}  # fmt: skip
"""What these count by judgement. The few labelled reports hardly tell: where nearly all claims that share words also share
a place, data alone would say that a place in common means nothing."""
DOUBTFUL = 0.0
"""Log odds of the story above which two reports without a label may be of one incident for all we know."""
LEAST_ALIKE = -1.0
"""Log odds below which even the best partner of a claim is no partner."""
BARS = np.arange(-2.5, 1.01, 0.25)


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


def b_cubed(labels: Sequence[Any], gold: Sequence[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of a grouping of items against the true one."""
    ours: dict[Any, set[int]] = {}
    true: dict[Any, set[int]] = {}
    for item, (label, incident) in enumerate(zip(labels, gold, strict=True)):
        ours.setdefault(label, set()).add(item)
        true.setdefault(incident, set()).add(item)
    shared = [(len(ours[a] & true[b]), len(ours[a]), len(true[b])) for a, b in zip(labels, gold, strict=True)]
    precision = float(np.mean([both / mine for both, mine, _ in shared]))
    recall = float(np.mean([both / theirs for both, _, theirs in shared]))
    return precision, recall, 2 * precision * recall / (precision + recall)


def best_bar(
    size: int, left: NDArray[np.int64], right: NDArray[np.int64], odds: NDArray[np.float64], gold: Sequence[Any]
) -> float:
    """The bar with the best B-cubed F1 on these rows."""
    scores = [b_cubed(group(size, left, right, odds, bar).tolist(), gold)[2] for bar in BARS]
    return float(BARS[int(np.argmax(scores))])


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
    odds = (
        2 * column["same_type"] + column["same_family"] + column["same_place"] + column["same_day"]
        + 4 * column["evidence"] + column["figures"] - column["days"] - column["km"] / 2 - 0.3 * column["position"] + column["story"] / 2
    ).astype(np.float64)  # fmt: skip
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
    odds: NDArray[np.float64],
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
