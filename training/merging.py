"""Fit the heads that tell from two sentences' states whether what they hold of one type is one event.

usage: python -m training.merging --shared DIR --model DIR [--more FILE ...]

MODEL is an exported network; it reads the annotated reports, and pairs of mentions of one type are labelled by the annotation.
Writes `merge` and `same` into MODEL/heads.npz. The network itself is not trained for this question, so that reports it has
learnt from may be used. Prints how well the heads order the pairs of every tenth report, which they are not fitted on.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from mahdar.reading.reader import Reader
from training import gold, pages
from training.fit import Material

WIDTH = 64  # of what a sentence's state is reduced to
EPOCHS, BATCH, RATE, DROPOUT = 15, 128, 1e-3, 0.4
LEFT = 10  # every so many reports one is left out


class Pairs(NamedTuple):
    """Pairs of sentences: rows of `states`, and whether they tell of one event; a report's pairs weigh by their root."""

    first: list[int]
    second: list[int]
    same: list[float]
    weight: list[float]


class Heads(torch.nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.merge, self.same = torch.nn.Linear(hidden, WIDTH), torch.nn.Linear(2 * WIDTH, 1)

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        x, y = (torch.nn.functional.dropout(self.merge(s).tanh(), DROPOUT, self.training) for s in (a, b))
        return self.same(torch.cat([(x - y).abs(), x * y], 1))[:, 0]


def pairs_of(reports: list[gold.GoldReport], reader: Reader, states: list[np.ndarray]) -> Pairs:
    """The pairs of the reports; their sentences' states are added to `states`."""
    out = Pairs([], [], [], [])
    for row in reports:
        x = Material(row, reader)
        known = [
            (m, c) for m, c in zip(x.mentions, x.claim_of, strict=True) if c is not None and m.sighting is not None
        ]
        at = {id(m): len(states) + k for k, (m, _) in enumerate(known)}
        states += [m.sighting.mean for m, _ in known if m.sighting is not None]
        found = [
            (at[id(a)], at[id(b)], float(c == d))
            for i, (b, d) in enumerate(known)
            for a, c in known[:i]
            if a.type == b.type and a.sentence != b.sentence
        ]
        for a, b, same in found:
            out.first.append(a)
            out.second.append(b)
            out.same.append(same)
            out.weight.append(len(found) ** -0.5)
    return out


def fit(heads: Heads, states: torch.Tensor, pairs: Pairs) -> None:
    adam = torch.optim.AdamW(heads.parameters(), lr=RATE, weight_decay=0.02)
    first, second = torch.tensor(pairs.first), torch.tensor(pairs.second)
    same, weight = torch.tensor(pairs.same), torch.tensor(pairs.weight)
    heads.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(same))
        for k in order.split(BATCH):
            logits = heads(states[first[k]], states[second[k]])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, same[k], weight[k], reduction="sum")
            adam.zero_grad()
            (loss / weight[k].sum()).backward()
            adam.step()
    heads.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="further annotated reports")
    args = parser.parse_args()
    torch.manual_seed(0)
    if not (args.model / "scores.json").exists():
        (args.model / "scores.json").write_text(json.dumps({"scores": {}, "bars": {}}))
    reader = Reader(args.model)
    reports = gold.load(args.shared / "gold/train.jsonl") + pages.load(args.shared / "bench")
    reports = [r for r in [*reports, *(r for path in args.more for r in gold.load(path))] if len(r["claims"]) > 1]
    random.Random(1).shuffle(reports)
    found: list[np.ndarray] = []
    left = pairs_of(reports[::LEFT], reader, found)
    kept = pairs_of([r for k, r in enumerate(reports) if k % LEFT], reader, found)
    states = torch.from_numpy(np.stack(found))
    heads = Heads(states.shape[1])
    middle, spread = states.mean(0), states.std(0) + 1e-3
    fit(heads, (states - middle) / spread, kept)
    with torch.inference_mode():
        told = heads(*(((states - middle) / spread)[which] for which in (left.first, left.second))).numpy()
    print(f"{len(kept.same)} pairs; of the {len(left.same)} left out: AUC {roc_auc_score(left.same, told):.3f}")
    weight = (heads.merge.weight / spread).detach().numpy()
    fitted = {
        "merge_weight": weight,
        "merge_bias": heads.merge.bias.detach().numpy() - weight @ middle.numpy(),
        "same_weight": heads.same.weight.detach().numpy(),
        "same_bias": heads.same.bias.detach().numpy(),
    }
    with np.load(args.model / "heads.npz") as held:
        heads_of = {k: held[k] for k in held.files} | {k: v.astype(np.float32) for k, v in fitted.items()}
    np.savez(args.model / "heads.npz", **heads_of)


if __name__ == "__main__":
    main()
