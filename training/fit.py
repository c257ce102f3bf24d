"""Fit the reader's small scores (`scores.json`) on mentions its network has not seen.

usage: python -m training.fit --shared DIR --model DIR (--left RUN_FOLD | --unseen FILE) [--more FILE ...] --out FILE

MODEL is an exported network trained without fold RUN_FOLD of train.jsonl, or without the annotated pages of FILE (as in
`training/pages.py`; `training/unseen.jsonl` is kept for this); those are read with it, and mentions, pairs, fillers, times and
claims are labelled by the annotation. Logistic regressions, then thresholds chosen for the scorer's record F1 by
cross-validation over reports. The scorer's own rules (`gold/score.py`) decide what counts as right. `--more` are further
reports that the network has not seen: they teach how pairs and slots look, but not how much of a page is worth showing
(`mention`, `claim`, thresholds), for written ones tell more events than real ones do.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks import calibration
from benchmarks.gold import report_of
from mahdar.intake import report_sentences
from mahdar.model import Span
from mahdar.publish.values import claim_values
from mahdar.reading import counts, dating, fillers, merging
from mahdar.reading.assembly import assemble, claim_features
from mahdar.reading.context import Context
from mahdar.reading.encoder import Look
from mahdar.reading.labels import FIGURE_ROLES, ROLES
from mahdar.reading.mentions import Mention, logit
from mahdar.reading.merging import Links, group, pair_features, side
from mahdar.reading.reader import Reader
from mahdar.reading.scoring import Score, Scores
from mahdar.where import Places
from mahdar.who import Register
from training import gold, pages

# Chance of its surest sentence from which a page is fitted on: below what the reader asks for, as such pages are few.
OPENED = 0.75
FILLED = 0.12  # probability from which a mention is filled while fitting: below every threshold that may be chosen
C = 0.15  # of the logistic regressions, by cross-validated likelihood
FOLDS = 5
OWN = 2  # what a row of a real page counts beside one of a written report
Rows = list[tuple[dict[str, float], int]]
START = {
    "mention": 0.25, "both": 0.6, "pair": 0.5, "claim": 0.4, "time": 0.3, "news": 0.5, "total": 0.5, "detail": 0.7,
    **{f"filler_{role}": 0.45 for role in ROLES},
}  # fmt: skip


def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", shared / "gold/score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    return module


def fit(rows: Rows, c: float = C) -> Score:
    """A logistic regression over named features; constant where the labels are all one."""
    labels = [y for _, y in rows]
    if len(set(labels)) < 2:
        return Score(4.0 if labels and labels[0] else -1.0, {"probability": 1.0})
    vectorizer = DictVectorizer()
    x = vectorizer.fit_transform([f for f, _ in rows])
    model = LogisticRegression(C=c, max_iter=2000).fit(x, labels)
    names = vectorizer.get_feature_names_out()
    weights = {str(k): round(float(w), 4) for k, w in zip(names, model.coef_[0], strict=True) if abs(w) > 1e-4}
    return Score(round(float(model.intercept_[0]), 4), weights)


class Material:
    """One report read by the network: its context and candidate mentions, with the annotation beside them."""

    def __init__(self, row: gold.GoldReport, reader: Reader) -> None:
        self.row = row
        report = report_of(row)
        self.context = Context(report, report_sentences(report), reader.register)
        self.look: Look | None = None
        if reader.encoder is None:
            self.mentions = reader.mentions(self.context)
        else:
            self.look, self.mentions = reader.candidates(self.context)
        self.claim_of = [self._claim(m) for m in self.mentions]

    def fill(self, reader: Reader, score: Score) -> None:
        """Let the network fill the mentions that could be likely under some threshold; the others are dropped."""
        if self.look is None:
            return
        kept = [
            (m, c)
            for m, c in zip(self.mentions, self.claim_of, strict=True)
            if score({**m.features, f"type:{m.type}": 1.0}) >= FILLED
        ]
        self.mentions, self.claim_of = [m for m, _ in kept], [c for _, c in kept]
        reader.fill(self.context, self.look, self.mentions)

    def _claim(self, m: Mention) -> int | None:
        """The annotated claim of the same type that the mention's sentence is evidence of; its trigger decides ties."""
        s = self.context.sentences[m.sentence]
        found = [
            (gold.find(c["trigger"], self.row["text"], s.start, s.end), i)
            for i, c in enumerate(self.row["claims"])
            if c["type"] == m.type
            and any(gold.shared((s.start, s.end), (e["start"], e["end"])) > 10 for e in c["evidence"])
        ]
        if not found:
            return None
        exact = [i for hit, i in found if hit and m.trigger.overlaps(Span(*hit))]
        return exact[0] if exact else found[0][1]


def mention_rows(material: Sequence[Material]) -> Rows:
    return [
        ({**m.features, f"type:{m.type}": 1.0}, int(c is not None))
        for x in material
        for m, c in zip(x.mentions, x.claim_of, strict=True)
    ]


def pair_rows(material: Sequence[Material], reader: Reader) -> Rows:
    out: Rows = []
    for x in material:
        known = [(side(m, x.context), c) for m, c in zip(x.mentions, x.claim_of, strict=True) if c is not None]
        for i, (b, d) in enumerate(known):
            out += [
                (pair_features(a, b, reader.encoder), int(c == d))
                for a, c in known[:i]
                if a.mention.type == b.mention.type
            ]
    return out


def drafts(x: Material, reader: Reader, scores: Scores) -> list[list[Mention]]:
    for m in x.mentions:
        m.score = scores["mention"]({**m.features, f"type:{m.type}": 1.0})
    likely = [m for m in x.mentions if m.score >= scores.bars["mention"]]
    x.context.mentions = likely
    return group(likely, Links(x.context, reader.encoder, scores["pair"]), scores.bars["pair"])


def majority(draft: Sequence[Mention], x: Material) -> int | None:
    known = {id(m): c for m, c in zip(x.mentions, x.claim_of, strict=True)}
    votes = [c for m in draft if (c := known[id(m)]) is not None]
    return max(set(votes), key=votes.count) if votes else None


def right_filler(filler: fillers.Filler, claim: gold.GoldClaim, x: Material, score: Any) -> bool:
    span = filler.shown(x.context.text)
    said = x.context.text[span.start : span.end]
    if filler.role in ("at", "from", "to"):
        return any(
            (p.get("role") or "at") == filler.role
            and any(score.same_words(n, said) for n in (p["text"], p.get("name")) if n)
            for p in claim["places"]
        )
    if filler.role == "agreement":
        return bool(claim.get("agreement")) and score.same_words(claim["agreement"], said)
    if filler.role in fillers.SLOTS:
        return any(score.same_words(w, said) for w in claim[fillers.SLOTS[filler.role]])
    what = FIGURE_ROLES.get(filler.role)
    found = [counts.count_of(r.span, x.context) for r in filler.spans]
    return any(
        c is not None and (f["low"], f["high"]) == c[1:] and (what is None or f["what"] == what)
        for c in found
        for f in claim["figures"]
    )


def slot_rows(material: Sequence[Material], reader: Reader, scores: Scores, score: Any) -> dict[str, Rows]:
    names = (*(f"filler_{r}" for r in ROLES if r != "time"), "time", "news", "claim")
    out: dict[str, Rows] = {name: [] for name in names}
    for x in material:
        all_drafts = drafts(x, reader, scores)
        link = Links(x.context, reader.encoder, scores["pair"])
        taken: set[int] = set()
        for draft in sorted(all_drafts, key=lambda d: -max(m.score for m in d)):
            number = majority(draft, x)
            out["claim"].append(
                (claim_features(draft, all_drafts, link), int(number is not None and number not in taken))
            )
            if number is None or number in taken:
                continue
            taken.add(number)
            claim = x.row["claims"][number]
            for role in ROLES:
                if role == "time":
                    continue
                for filler in fillers.fillers(draft, role, x.context):
                    out[f"filler_{role}"].append((filler.features, int(right_filler(filler, claim, x, score))))
            said = dating.time_options(draft, x.context)
            for t, features in said:
                start, end = dating.interval(t, draft, x.context)
                ok = score.same_time(claim, {"start": start, "end": end})
                out["time"].append((features, int(ok)))
            if all(features["carried"] for _, features in said) and x.context.published:
                ok = score.same_time(claim, {"start": None, "end": x.context.published})
                if ok or not score.interval(claim):
                    out["news"].append((dating.news_features(draft, x.context), int(ok)))
    return out


def fit_all(
    material: Sequence[Material], more: Sequence[Material], reader: Reader, score: Any, mention: Score
) -> dict[str, Score]:
    """All scores but `mention`, which is fitted before the unlikely ones are dropped."""
    fitted = {"mention": mention, "pair": fit(pair_rows(material, reader) * OWN + pair_rows(more, reader))}
    scores = Scores(fitted, START)
    further = slot_rows(more, reader, scores, score)
    for name, rows in slot_rows(material, reader, scores, score).items():
        fitted[name] = fit(rows if name == "claim" else rows * OWN + further[name])
    return fitted


def fit_shown(rows: Sequence[gold.GoldReport], crossed: dict[str, list[dict[str, Any]]]) -> dict[str, Score]:
    """What the confidence of a shown filler is worth, a slot each; `crossed`: claims by scores fitted on other reports."""
    out: dict[str, Rows] = {f"shown_{slot}": [] for slot in calibration.SLOTS if slot != "claim"}
    for slot, filler, confidence, right in calibration.judged(rows, crossed):
        if slot != "claim":
            out[f"shown_{slot}"].append(({"logit": logit(confidence), f"kind:{_kind(slot, filler)}": 1.0}, int(right)))
    return {name: fit(told, 1.0) for name, told in out.items()}


def _kind(slot: str, filler: Any) -> str:
    """As the reader names it to `Scores.shown`."""
    if slot == "figures":
        return next((role for role, what in FIGURE_ROLES.items() if what == filler["what"]), "other_figure")
    if slot == "places":
        return str(filler["role"])
    return str(filler["time"]["anchor"]) if slot == "time" else slot[:-1]


def claims_of(material: Sequence[Material], reader: Reader, scores: Scores) -> dict[str, list[dict[str, Any]]]:
    """Report id -> its claims as the reader would show them with these scores."""
    return {
        x.row["id"]: [claim_values(c, "") for c in assemble(x.mentions, x.context, scores, reader.encoder)]
        for x in material
    }


def measure(material: Sequence[Material], reader: Reader, scores: Scores, score: Any) -> dict[str, Any]:
    out: dict[str, Any] = score.score([x.row for x in material], claims_of(material, reader, scores))[0]
    return out


def remember(module: Any, name: str, key: Callable[..., Any]) -> None:
    """Make a pure function of the reader remember its answers: thresholds are tried a hundred times on the same mentions."""
    plain, held = getattr(module, name), dict[Any, Any]()

    def remembered(*args: Any, **named: Any) -> Any:
        k = key(*args)
        if k not in held:
            held[k] = plain(*args, **named)
        return held[k]

    setattr(module, name, remembered)


def climb(bars: dict[str, float], value: Callable[[dict[str, float]], float]) -> dict[str, float]:
    """Coordinate search over the thresholds."""
    best, best_value = dict(bars), value(bars)
    print(f"  {best_value:.4f} at the start", flush=True)
    names = ["claim", "pair", "detail", "mention", "both", "time", "news", "total", *[b for b in bars if "filler" in b]]
    for step in (0.1, 0.05):
        for name in names:
            for sign in (-1, 1):
                while True:
                    trial = {**best, name: round(min(0.95, max(0.05, best[name] + sign * step)), 3)}
                    got = value(trial) if trial != best else 0.0
                    if got <= best_value + 1e-4:
                        break
                    best, best_value = trial, got
        print(f"  {best_value:.4f} in steps of {step}", flush=True)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("shared", "model", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--left", type=int)
    which.add_argument("--unseen", type=Path)
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    parser.add_argument("--bars", type=Path, help="scores.json whose thresholds to begin with")
    parser.add_argument("--fast", action="store_true", help="keep those thresholds")
    args = parser.parse_args()
    score = scorer(args.shared)
    remember(fillers, "fillers", lambda g, role, c: (id(c), role, *map(id, g)))
    remember(merging, "pair_features", lambda a, b, *_: (id(a.mention), id(b.mention)))
    remember(Places, "resolve", lambda *a: (id(a[0]), *a[1:]))
    resolve = Register.resolve
    held = dict[Any, Any]()

    def resolved(self: Register, wording: str, **named: Any) -> Any:
        key = (wording, *(tuple(v) if isinstance(v, list) else v for v in named.values()))
        if key not in held:
            held[key] = resolve(self, wording, **named)
        return held[key]

    Register.resolve = resolved  # type: ignore[method-assign]
    reports = gold.load(args.shared / "gold/train.jsonl")
    fold = gold.folds(reports)
    with tempfile.TemporaryDirectory() as scratch:
        for file in args.model.iterdir():
            (Path(scratch) / file.name).symlink_to(file.resolve())
        if not (Path(scratch) / "scores.json").exists():
            (Path(scratch) / "scores.json").write_text('{"scores": {}, "bars": {}}')
        reader = Reader(Path(scratch))
    if reader.encoder is not None:
        reader.encoder.skim.open = OPENED
    unseen = pages.load(args.shared / "bench", args.unseen) if args.unseen else None
    left = [r for r in reports if fold[r["id"]] == args.left] if unseen is None else unseen
    material = [Material(r, reader) for r in left]
    print(f"{len(left)} reports, {sum(len(x.mentions) for x in material)} candidate mentions", flush=True)
    random.Random(5).shuffle(material)
    folds = [material[k::FOLDS] for k in range(FOLDS)]
    others = [[x for f in folds if f is not fold for x in f] for fold in folds]
    mention, *of_fold = (fit(mention_rows(part), 0.2) for part in (material, *others))
    more = [Material(r, reader) for path in args.more for r in gold.load(path)]
    for x in [*material, *more]:
        x.fill(reader, mention)
    fitted = [fit_all(part, more, reader, score, m) for part, m in zip(others, of_fold, strict=True)]
    rows = [x.row for x in material]

    def crossed_by(scores: Sequence[dict[str, Score]], bars: dict[str, float]) -> dict[str, list[dict[str, Any]]]:
        """Claims of every report by the scores that were fitted without it."""
        each = (claims_of(fold, reader, Scores(s, bars)) for fold, s in zip(folds, scores, strict=True))
        return {key: claims for part in each for key, claims in part.items()}

    def value(bars: dict[str, float]) -> float:
        """Record F1 of each fold by the scores of the others; more than 20 false claims in 100 empty reports cost."""
        got = score.score(rows, crossed_by(fitted, bars))[0]
        return float(got["record"]["f1"] - 0.001 * max(0.0, (got["false_claims_per_100"] or 0) - 20))

    bars = START | (json.loads(args.bars.read_text())["bars"] if args.bars else {})
    bars = bars if args.fast else climb(bars, value)
    read = crossed_by(fitted, bars)
    shown = [fit_shown([x.row for x in part], read) for part in others]
    crossed = crossed_by([f | s for f, s in zip(fitted, shown, strict=True)], bars)
    held = score.score(rows, crossed)[0]
    print("by the other folds' scores:", {k: held[k]["f1"] for k in ("record", "detection", "type", *score.SLOTS)})
    print("confidence by the other folds' scores and share right:")
    print("\n".join(calibration.table(calibration.told(rows, crossed))))
    final = Scores(fit_all(material, more, reader, score, mention) | fit_shown(rows, read), bars)
    both = measure(material, reader, final, score)
    print({k: both[k]["f1"] for k in ("record", "detection", "type", *score.SLOTS)}, both["false_claims_per_100"])
    args.out.write_text(
        json.dumps(
            {
                "scores": {k: {"bias": s.bias, "weights": dict(s.weights)} for k, s in final.scores.items()},
                "bars": final.bars,
            },
            indent=1,
            sort_keys=True,
        )
    )


if __name__ == "__main__":
    main()
