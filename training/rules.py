"""Fit the scores of reading without the model: `src/mahdar/reading/rules/scores.json`.

usage: python -m training.rules --shared DIR [--out FILE]

Candidates for each role are labelled by the annotation around annotated triggers (`role_ROLE`). Mentions are then found with a
lexicon counted on the other fold, so that no weight has seen the sentence it is judged on, and mentions, pairs, fillers, times
and claims are fitted on them as for the model (`training/fit.py`). Thresholds: a role's by its own F1, the others by the
scorer's record F1 in two-fold cross-validation over reports.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.gold import report_of
from mahdar.codebook import lexicon
from mahdar.codebook.lexicon import Lexicon
from mahdar.model import Span
from mahdar.reading.context import Context
from mahdar.reading.fillers import SLOTS
from mahdar.reading.labels import FIGURE_ROLES, ROLES
from mahdar.reading.mentions import Mention
from mahdar.reading.reader import Reader
from mahdar.reading.rules import HERE, fill, find_mentions
from mahdar.reading.rules.roles import candidates, find_roles
from mahdar.reading.rules.triggers import total_features
from mahdar.reading.scoring import Score, Scores
from mahdar.who import Register
from training import fit, gold
from training.lexicon import count, merge

FICTIONAL = Path(__file__).parent / "fictional"
CLIMBED = ("claim", "mention", "total", "time", "news")
STEPS = (-0.12, -0.06, 0.06, 0.12)
WATCHED = 3  # one report in so many is measured while the thresholds are searched


class ByRules(Reader):
    """Reads by the rules with a lexicon that has not seen the report."""

    def __init__(self, lexicons: dict[str, Lexicon], roles: Scores) -> None:
        self.lexicons, self.roles = lexicons, roles
        self.encoder, self.register = None, Register.load()

    def mentions(self, context: Context) -> list[Mention]:
        found = find_mentions(context, self.lexicons[context.report.id])
        fill(found, context, self.roles)
        return found


def right(role: str, span: Span, claim: gold.GoldClaim, context: Context, score: Any) -> bool:
    """Is this candidate one of the claim's fillers, by the scorer's rules?"""
    said = context.text[span.start : span.end]
    if role == "time":
        t = context.time_over(span)
        return t is not None and score.same_time(claim, {"start": t.interval_start, "end": t.interval_end})
    if role in ("at", "from", "to"):
        return any(
            (p.get("role") or "at") == role and any(score.same_words(n, said) for n in (p["text"], p.get("name")) if n)
            for p in claim["places"]
        )
    if role == "agreement":
        return bool(claim.get("agreement")) and score.same_words(claim["agreement"], said)
    if role in SLOTS:
        return any(score.same_words(w, said) for w in claim[SLOTS[role]])
    number, what = context.number_over(span), FIGURE_ROLES.get(role)
    named = set(FIGURE_ROLES.values())
    return number is not None and any(
        (f["low"], f["high"]) == (number.low, number.high)
        and (f["what"] == what or (not what and f["what"] not in named))
        for f in claim["figures"]
    )


def fit_roles(reports: Sequence[gold.GoldReport], score: Any) -> dict[str, Score]:
    rows: dict[str, fit.Rows] = defaultdict(list)
    told: list[tuple[Mention, Context, bool]] = []
    for row in reports:
        report = report_of(row)
        context = Context(report, gold.sentences(row), Register.load())
        for code, start, end, sentence, number in gold.mentions(row, context.sentences)[1]:
            claim = row["claims"][number]
            mention = Mention(code, sentence, Span(start, end), [], 0.0, {"asserted": 1.0})
            for role, span, _, features in candidates(mention, context):
                rows[role].append((features, int(right(role, span, claim, context, score))))
            told.append((mention, context, claim["scope"] == "total"))
    out = {f"role_{role}": fit.fit(rows[role]) for role in ROLES}
    for role in ROLES:
        print(f"  {role:14}{len(rows[role])} candidates, {sum(y for _, y in rows[role])} right", flush=True)
    for mention, context, _ in told:
        mention.roles = find_roles(mention, context, Scores(out, {}))
    totals = [(total_features(m, c), int(y)) for m, c, y in told if m.type != "casualty_toll"]
    return out | {"total": fit.fit(totals)}


def role_bars(material: Sequence[fit.Material], reader: Reader, scores: Scores, score: Any) -> dict[str, float]:
    """For each role the bar that gives its fillers the best F1."""
    bars = dict(scores.bars)
    for name, rows in fit.slot_rows(material, reader, scores, score).items():
        if name.startswith("filler_") and any(y for _, y in rows):
            said = sorted(((scores[name](f), y) for f, y in rows), reverse=True)
            right_ones, best = 0, (0.0, 0.5)
            for n, (p, y) in enumerate(said, start=1):
                right_ones += y
                best = max(best, (2 * right_ones / (n + 1.15 * sum(y for _, y in said)), p))
            bars[name] = round(best[1] - 0.001, 3)
    return bars


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "scores.json")
    args = parser.parse_args()
    score = fit.scorer(args.shared)
    reports = gold.load(args.shared / "gold/train.jsonl")
    invented = [r for path in sorted(FICTIONAL.glob("*.jsonl")) for r in gold.load(path)]
    by_hand = [e for e in lexicon.read() if not e.seen]
    fold = gold.folds(reports)
    halves_lexicon = [
        Lexicon(merge(count([r for r in reports if fold[r["id"]] != f] + invented), by_hand)) for f in range(gold.FOLDS)
    ]
    roles = fit_roles(reports, score)
    reader = ByRules({r["id"]: halves_lexicon[fold[r["id"]]] for r in reports}, Scores(roles, {}))
    material = [fit.Material(r, reader) for r in reports]
    print(f"{len(material)} reports, {sum(len(x.mentions) for x in material)} candidate mentions", flush=True)
    random.Random(5).shuffle(material)
    halves = material[0::2], material[1::2]
    fitted = [fit.fit_all(h, [], reader, score, fit.fit(fit.mention_rows(h), 0.2)) for h in halves]
    bars = role_bars(material, reader, Scores(fitted[0], fit.START), score)

    def value(trial: dict[str, float]) -> float:
        """Record F1 of each half with the scores fitted on the other; many false claims in empty reports cost."""
        total = 0.0
        for half, scores in ((halves[1], fitted[0]), (halves[0], fitted[1])):
            got = fit.measure(half[::WATCHED], reader, Scores(scores, trial), score)
            total += got["record"]["f1"] - 0.001 * max(0.0, (got["false_claims_per_100"] or 0) - 60)
        return total / 2

    best = value(bars)
    print(f"record-based value {best:.4f}", flush=True)
    for name in CLIMBED:
        for step in STEPS:
            trial = {**bars, name: round(min(0.95, max(0.05, bars[name] + step)), 3)}
            got = value(trial)
            if got > best:
                bars, best = trial, got
        print(f"{name} {bars[name]}  record-based value {best:.4f}", flush=True)
    final = roles | fit.fit_all(material, [], reader, score, fit.fit(fit.mention_rows(material), 0.2))
    shown = {k: {"bias": s.bias, "weights": dict(s.weights)} for k, s in final.items()}
    args.out.write_text(json.dumps({"scores": shown, "bars": bars}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
