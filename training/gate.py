"""Fit the gate's word weights.

usage: python -m training.gate --shared DIR [--more FILE ...]

Positive: reports with claims and their evidence sentences. Negative: the rest of train.jsonl, and general news (unlabelled:
mostly, but not all, without an event). Prints what is kept of reports left out, and what passes of general news.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from mahdar.intake.sentences import split_sentences
from mahdar.reading import gate
from training import gold

OUT = Path(gate.__file__).with_name("gate.json")
LEARNT, TOLD = 900, 1700  # pages of general news to learn from, and up to which to tell what passes
REPORTS = 0.985  # recall of reports with a claim, on reports left out
CLAIMS = 0.95  # recall of claims by their best sentence alone; more pass as neighbours
KEPT = 10000  # words with the largest weights

Row = tuple[set[str], int]


class Model:
    """A logistic regression over sets of words, as the gate will apply it."""

    def __init__(self, rows: list[Row], *, scaled: bool, c: float) -> None:
        self.scaled = scaled
        self.vectorizer = DictVectorizer()
        x = self.vectorizer.fit_transform([self._values(f) for f, _ in rows])
        self.model = LogisticRegression(C=c, max_iter=400).fit(x, [y for _, y in rows])

    def _values(self, features: set[str]) -> dict[str, float]:
        return dict.fromkeys(features, 1 / math.sqrt(max(1, len(features))) if self.scaled else 1.0)

    def __call__(self, features: list[set[str]]) -> np.ndarray:
        if not features:
            return np.zeros(0)
        return np.asarray(self.model.decision_function(self.vectorizer.transform([self._values(f) for f in features])))

    def dump(self, bar: float) -> dict[str, object]:
        weights = dict(zip(self.vectorizer.get_feature_names_out(), self.model.coef_[0], strict=True))
        kept = sorted(weights, key=lambda w: -abs(weights[w]))[:KEPT]
        return {
            "bias": round(float(self.model.intercept_[0]), 4),
            "bar": round(bar, 3),
            "scaled": self.scaled,
            "weights": {w: round(float(weights[w]), 3) for w in sorted(kept)},
        }


def sentence_rows(report: gold.GoldReport) -> list[Row]:
    spans = gold.sentences(report)
    types, _ = gold.mentions(report, spans)
    return [
        (gate.sentence_features(report["text"][s.start : s.end]), int(bool(t)))
        for s, t in zip(spans, types, strict=True)
    ]


def claim_tops(report: gold.GoldReport, scores: np.ndarray) -> list[float]:
    """For each claim, the score of its best evidence sentence."""
    spans = gold.sentences(report)
    out = []
    for claim in report["claims"]:
        over = [
            float(scores[k])
            for k, s in enumerate(spans)
            for e in claim["evidence"]
            if gold.shared((s.start, s.end), (e["start"], e["end"])) >= min(15, 0.5 * (e["end"] - e["start"]))
        ]
        out += [max(over)] if over else []
    return out


def near(scores: np.ndarray, bar: float) -> np.ndarray:
    """Sentences that pass, with their neighbours."""
    over = np.pad(scores >= bar, 1)
    return np.asarray(over[:-2] | over[1:-1] | over[2:])


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
    learnt = [[gate.sentence_features(p[s.start : s.end]) for s in split_sentences(p)] for p in pages[:LEARNT]]
    told = [[gate.sentence_features(p[s.start : s.end]) for s in split_sentences(p)] for p in pages[LEARNT:TOLD]]
    of_report: Callable[[str], set[str]] = gate.report_features

    def report_model(chosen: list[gold.GoldReport]) -> Model:
        rows = [(of_report(r["text"]), int(bool(r["claims"]))) for r in [*chosen, *more]]
        return Model(rows + [(of_report(p), 0) for p in pages[:LEARNT] + pages[TOLD:]], scaled=True, c=30.0)

    def sentence_model(chosen: list[gold.GoldReport]) -> Model:
        rows = [row for r in [*chosen, *more] for row in sentence_rows(r)]
        return Model(rows + [(f, 0) for page in learnt for f in page], scaled=False, c=0.3)

    tops: list[float] = []
    subjects: list[float] = []
    left: list[tuple[np.ndarray, list[int]]] = []
    for k in range(gold.FOLDS):
        chosen = [r for r in reports if fold[r["id"]] != k]
        by_report, by_sentence = report_model(chosen), sentence_model(chosen)
        for report in (r for r in reports if fold[r["id"]] == k and r["claims"]):
            rows = sentence_rows(report)
            scores = by_sentence([f for f, _ in rows])
            left.append((scores, [y for _, y in rows]))
            tops += claim_tops(report, scores)
            subjects.append(float(by_report([of_report(report["text"])])[0]))
    by_report, by_sentence = report_model(reports), sentence_model(reports)
    general = by_report([of_report(p) for p in pages[LEARNT:TOLD]])
    general_sentences = [by_sentence(page) for page in told]
    for recall in (0.9, 0.95, 0.97, 0.985, 0.995):
        bar, subject = float(np.quantile(tops, 1 - recall)), float(np.quantile(subjects, 1 - recall))
        evidence = sum(int((near(s, bar) & np.array(y, dtype=bool)).sum()) for s, y in left) / sum(
            sum(y) for _, y in left
        )
        read = sum(int(near(s, bar).sum()) for s, _ in left) / sum(len(s) for s, _ in left)
        opened = float((general >= subject).mean())
        passed = sum(int(near(s, bar).sum()) for s in general_sentences) / sum(len(s) for s in general_sentences)
        print(
            f"recall {recall}: sentence bar {bar:.2f} keeps {evidence:.3f} of evidence, reads {read:.3f} of its reports and "
            f"{passed:.3f} of general news; report bar {subject:.2f} opens {opened:.3f} of general news",
            flush=True,
        )
    data = {
        "report": by_report.dump(float(np.quantile(subjects, 1 - REPORTS))),
        "sentence": by_sentence.dump(float(np.quantile(tops, 1 - CLAIMS))),
    }
    OUT.write_text(json.dumps(data, indent=0, sort_keys=True))


if __name__ == "__main__":
    main()
