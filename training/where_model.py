"""Train the two linear models of mahdar.where: which stretches are place names, and which place a name means.

`python -m training.where_model DIR` reads DIR/where/*.jsonl.gz (`text` and `toponyms` with offsets and points), reports
five-fold cross-validation over documents, then writes `recognise.json` and `resolve.json` in `src/mahdar/where/data/` fitted
on everything. The seed is fixed. Needs the training extra.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from mahdar.where import lexicon, resolve
from mahdar.where.gazetteer import Gazetteer, distance
from mahdar.where.places import Places
from mahdar.where.scan import Scan

DATA = Path(__file__).parents[1] / "src" / "mahdar" / "where" / "data"
RARE = 4
FOLDS = 5

Document = dict[str, Any]
Ranked = tuple[np.ndarray, np.ndarray]
START = {
    "people": 5.0, "people_below_best": 3.0, "country_share": 2.0, "admin1_share": 2.0, "contained": 3.0, "near": 1.0,
    "alternate": -1.0,
}  # fmt: skip


def documents(folder: Path) -> list[Document]:
    out: list[Document] = []
    for path in sorted((folder / "where").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf8") as lines:
            out += [json.loads(line) for line in lines]
    return out


def recognition_rows(document: Document, gazetteer: Gazetteer) -> list[tuple[dict[str, float], int]]:
    """Features and label of every candidate stretch; adjectives have no label and are left out."""
    scan = Scan(document["text"], gazetteer, {})
    gold = [(t["start"], t["end"], t["adj"]) for t in document["toponyms"]]
    rows = []
    for s in scan.candidates():
        if s.adjective:
            continue
        hits = [
            (min(e, s.end) - max(b, s.start), max(e, s.end) - min(b, s.start), adj)
            for b, e, adj in gold
            if b < s.end and s.start < e
        ]
        if any(adj for *_, adj in hits):
            continue
        rows.append((s.features, int(any(shared / joint >= 0.5 for shared, joint, _ in hits))))
    return rows


def fit_recognition(rows: list[tuple[dict[str, float], int]]) -> dict[str, float]:
    seen = Counter(name for features, _ in rows for name in features)
    kept = [{n: v for n, v in features.items() if seen[n] >= RARE} for features, _ in rows]
    vectors = DictVectorizer()
    x = vectors.fit_transform(kept)
    model = LogisticRegression(C=0.6, max_iter=300, fit_intercept=False)
    model.fit(x, [label for _, label in rows])
    return {
        n: round(float(w), 3) for n, w in zip(vectors.feature_names_, model.coef_[0], strict=True) if abs(w) >= 0.02
    }


def resolution_rows(document: Document, gazetteer: Gazetteer) -> list[Ranked]:
    """For every name of a document with more than one candidate: the candidates' features, which are within 161 km of
    the gold point."""
    points = {
        (t["start"], t["end"]): (t["lat"], t["lon"])
        for t in document["toponyms"]
        if t["lat"] is not None and not t["adj"]
    }
    places = Places(
        document["text"], title=document.get("title"), outlet=document.get("domain"), gazetteer=gazetteer,
        spans=[(t["start"], t["end"]) for t in document["toponyms"]],
    )  # fmt: skip
    groups = places._groups
    rows = []
    for s in places.spots:
        if (s.start, s.end) not in points or s.adjective:
            continue
        group = groups[s.key]
        lat, lon = points[s.start, s.end]
        right = np.array([distance(lat, lon, m.entry.lat, m.entry.lon) <= 161 for m in group.matches], dtype=float)
        if 0 < right.sum() < len(right):
            rows.append((features(group, places), right))
    return rows


def features(group: resolve.Group, places: Places) -> np.ndarray:
    """The candidates' rows of FEATURES, felt without the group's own votes."""
    votes = places._votes
    votes.add(group, -1.0)
    felt = resolve.felt_features(group, votes)
    votes.add(group)
    return np.hstack([np.array(resolve.fixed_features(group, places._around), dtype=float), np.array(felt)])


def fit_resolution(rows: list[Ranked], decay: float = 0.003) -> dict[str, float]:
    """Softmax over each name's candidates: the likelihood that one of the right ones is meant, with a ridge."""
    x = np.vstack([r[0] for r in rows])
    right = np.concatenate([r[1] for r in rows])
    starts = np.cumsum([0, *(len(r[1]) for r in rows)][:-1])
    lengths = np.array([len(r[1]) for r in rows])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        z -= np.repeat(np.maximum.reduceat(z, starts), lengths)
        e = np.exp(z) + 1e-12
        p = e / np.repeat(np.add.reduceat(e, starts), lengths)
        q = e * right / np.repeat(np.add.reduceat(e * right, starts), lengths)
        gain = np.log(np.add.reduceat(p * right, starts)).mean()
        return float(-gain + decay * w @ w), -(x.T @ (q - p)) / len(rows) + 2 * decay * w

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    return {n: round(float(v), 3) for n, v in zip(resolve.FEATURES, found, strict=True)}


def accuracy(rows: list[Ranked], found: dict[str, float]) -> float:
    w = np.array([found[n] for n in resolve.FEATURES])
    return float(np.mean([right[int(np.argmax(x @ w))] for x, right in rows]))


def use(name: str, found: dict[str, float]) -> None:
    (DATA / f"{name}.json").write_text(
        json.dumps(dict(sorted(found.items())), indent=0, ensure_ascii=False) + "\n", encoding="utf8"
    )
    lexicon.weights.cache_clear()


def main(folder: str) -> None:
    docs = documents(Path(folder))
    fold = np.random.default_rng(7).integers(0, FOLDS, len(docs))
    with Gazetteer.open() as gazetteer:
        rows = [recognition_rows(d, gazetteer) for d in docs]
        f1 = []
        for k in range(FOLDS):
            model = fit_recognition([r for i, found in enumerate(rows) if fold[i] != k for r in found])
            counts: Counter[tuple[bool, int]] = Counter()
            for features, label in (r for i, found in enumerate(rows) if fold[i] == k for r in found):
                counts[sum(model.get(n, 0.0) * v for n, v in features.items()) > 0, label] += 1
            f1.append(2 * counts[True, 1] / (2 * counts[True, 1] + counts[True, 0] + counts[False, 1]))
        print("recognition, F1 of the candidates, by fold:", [round(f, 3) for f in f1])
        use("recognise", fit_recognition([r for found in rows for r in found]))
        # Votes depend on the weights, so features are read again once with the weights fitted on the first reading.
        use("resolve", START)
        for _ in range(2):
            ranked = [resolution_rows(d, gazetteer) for d in docs]
            shares = []
            for k in range(FOLDS):
                found = fit_resolution([r for i, held in enumerate(ranked) if fold[i] != k for r in held])
                shares.append(accuracy([r for i, held in enumerate(ranked) if fold[i] == k for r in held], found))
            print(
                "resolution, right of the names with a right and a wrong candidate, by fold:",
                [round(s, 3) for s in shares],
            )
            use("resolve", fit_resolution([r for held in ranked for r in held]))


if __name__ == "__main__":
    main(sys.argv[1])
