"""Train the reader's network.

usage: python -m training.train --gold DIR --run DIR --base DIR [--fold {0,1,all}] [--more FILE ...]
       [--epochs N] [--after {0,1,all}]

Writes RUN/model-FOLD.pt. Folds 0 and 1 leave that half of train.jsonl out and print how it is found, so that assembly and
confidence can be fitted on mentions the network has not seen (`training.fit`). `--after 0` goes on from model-0.pt: the fold it
has not seen is shown every epoch, the rest every other one, at half the rate; it costs a third of training on all from the start.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from mahdar.model import Span
from mahdar.reading.labels import ROLE_NUMBER, ROLES, TYPE_NUMBER, TYPES
from training import gold
from training.examples import Example, Lexicon, Mention, examples
from training.model import ReaderModel

BATCH = 4
RATE, HEAD_RATE = 1.5e-4, 1e-3
SEEN = 0.5
EMPTY = 0.6  # share of the windows without an event that an epoch shows
N = len(TYPES)


class Average:
    """Exponential moving average of the trained weights: steadier than the last step's."""

    def __init__(self, model: torch.nn.Module, decay: float = 0.99) -> None:
        self.model, self.decay, self.steps = model, decay, 0
        self.held = {k: v.detach().clone() for k, v in model.named_parameters() if v.requires_grad}

    def update(self) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for k, v in self.model.named_parameters():
            if k in self.held:
                self.held[k].lerp_(v.detach(), 1 - decay)

    def apply(self) -> None:
        for k, v in self.model.named_parameters():
            if k in self.held:
                v.data.copy_(self.held[k])


def batches(lengths: list[int], seed: int) -> list[list[int]]:
    """Batches of like length in random order."""
    rng = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + rng.random() * 25)
    groups = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    rng.shuffle(groups)
    return groups


def collate(batch: list[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(len(e.window) for e in batch)
    ids, mask = torch.zeros(len(batch), length, dtype=torch.long), torch.zeros(len(batch), length)
    for j, e in enumerate(batch):
        ids[j, : len(e.window)], mask[j, : len(e.window)] = torch.tensor(e.window.ids), 1
    return ids, mask


def sentence_logits(model: ReaderModel, h: torch.Tensor, batch: list[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and targets of every judged sentence, with its weight in a last column of the targets."""
    pooled, want = [], []
    for j, e in enumerate(batch):
        for s in e.window.judged:
            own = h[j, e.window.pieces_of(s)]
            pooled.append(torch.cat([own.mean(0), own.amax(0)]) if len(own) else h.new_zeros(2 * h.shape[-1]))
            row = torch.zeros(N + 1)
            row[[TYPE_NUMBER[t] for t in e.types[s]]] = 1
            row[N] = e.weight
            want.append(row)
    return model.sentence(torch.stack(pooled)), torch.stack(want)


def token_targets(batch: list[Example], length: int) -> tuple[torch.Tensor, torch.Tensor]:
    want, counts = torch.zeros(len(batch), length, N), torch.zeros(len(batch), length, N)
    for j, e in enumerate(batch):
        have = {(k, t) for t, _, _, k, _ in e.triggers}
        for s in e.window.judged:
            own = e.window.pieces_of(s)
            counts[j, own] = e.weight
            for t in e.types[s]:
                if (s, t) not in have:  # the trigger of that claim stands in another sentence
                    counts[j, own, TYPE_NUMBER[t]] = 0
        for t, a, b, s, _ in e.triggers:
            for i in e.window.touching(s, Span(a, b)):
                want[j, i, TYPE_NUMBER[t]] = 1
    return want, counts


def gather(
    h: torch.Tensor, chosen: list[tuple[int, Example, Mention]]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, list[list[int]]]:
    """Neighbourhoods of the chosen mentions: states, mask, marks, types, and the window positions they came from."""
    where = [e.window.neighbourhood(m.sentence) for _, e, m in chosen]
    length = max(map(len, where))
    mask, marked = torch.zeros(len(chosen), length), torch.zeros(len(chosen), length)
    rows = []
    for q, ((j, e, m), positions) in enumerate(zip(chosen, where, strict=True)):
        mask[q, : len(positions)] = 1
        touched = set(e.window.touching(m.sentence, m.trigger))
        marked[q, : len(positions)] = torch.tensor([float(p in touched) for p in positions])
        rows.append(torch.nn.functional.pad(h[j, positions], (0, 0, 0, length - len(positions))))
    return torch.stack(rows), mask, marked, torch.tensor([TYPE_NUMBER[m.type] for _, _, m in chosen]), where


def role_targets(
    chosen: list[tuple[int, Example, Mention]], where: list[list[int]], length: int
) -> tuple[torch.Tensor, torch.Tensor]:
    want, counts = torch.zeros(len(chosen), length, 2 * len(ROLES)), torch.zeros(len(chosen), length)
    for q, ((_, e, m), positions) in enumerate(zip(chosen, where, strict=True)):
        if m.claim < 0:
            continue
        for i, p in enumerate(positions):
            a, b = e.window.offsets[p]
            if b <= a:
                continue
            counts[q, i] = e.weight
            for role, x, y in m.spans:
                if a < y and b > x:
                    want[q, i, 2 * ROLE_NUMBER[role] + 1] = 1
                    if a <= x:
                        want[q, i, 2 * ROLE_NUMBER[role]] = 1
    return want, counts


def choose(batch: list[Example], rng: random.Random) -> list[tuple[int, Example, Mention]]:
    """All real mentions and about as many false ones."""
    out = [(j, e, m) for j, e in enumerate(batch) for m in e.mentions]
    for j, e in enumerate(batch):
        out += [(j, e, m) for m in rng.sample(e.false, min(len(e.false), max(1, len(e.mentions) // 2)))]
    return out


def filler_loss(model: ReaderModel, h: torch.Tensor, chosen: list[tuple[int, Example, Mention]]) -> torch.Tensor:
    functional = torch.nn.functional
    states, mask, marked, types, where = gather(h, chosen)
    roles, ends, vectors = model.fill(states, mask, marked, types)
    want, counts = role_targets(chosen, where, mask.shape[1])
    loss = functional.binary_cross_entropy_with_logits(
        roles, want, weight=counts[..., None], pos_weight=torch.full((2 * len(ROLES),), 2.0), reduction="sum"
    ) / counts.sum().clamp(min=1)
    loss = 3 * loss
    real = torch.tensor([float(m.claim >= 0) for _, _, m in chosen])
    loss = loss + 0.5 * functional.binary_cross_entropy_with_logits(ends[:, 0], real)
    true = [q for q, (_, _, m) in enumerate(chosen) if m.claim >= 0]
    if true:
        total = torch.tensor([float(chosen[q][2].total) for q in true])
        status = torch.tensor([chosen[q][2].status for q in true])
        loss = loss + 0.3 * functional.binary_cross_entropy_with_logits(ends[true, 1], total)
        loss = loss + 0.3 * functional.cross_entropy(ends[true, 2:], status)
    pairs = [
        (p, q)
        for p in true
        for q in true
        if p < q and chosen[p][1].report == chosen[q][1].report and chosen[p][2].type == chosen[q][2].type
    ]
    if pairs:
        same = torch.tensor([float(chosen[p][2].claim == chosen[q][2].claim) for p, q in pairs])
        logits = model.same_event(vectors[[p for p, _ in pairs]], vectors[[q for _, q in pairs]])
        loss = loss + 0.3 * functional.binary_cross_entropy_with_logits(logits, same)
    return loss


def train(
    model: ReaderModel,
    data: list[Example],
    epochs: int,
    seed: int,
    seen: frozenset[str] = frozenset(),
    pace: float = 1.0,
) -> None:
    """`seen`: reports to show only every other epoch."""
    expected = sum((1.0 if any(e.types.values()) else EMPTY) * (SEEN if e.report in seen else 1.0) for e in data)
    steps = epochs * (int(expected) // BATCH + 1)
    adam = torch.optim.AdamW(
        [{"params": model.body(), "lr": RATE * pace}, {"params": model.heads(), "lr": HEAD_RATE * pace}],
        weight_decay=0.01,
    )
    warm = max(1, steps // 10)
    plan = torch.optim.lr_scheduler.LambdaLR(adam, lambda k: min(1.0, (k + 1) / warm) * max(0.02, 1 - k / steps))
    average = Average(model)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    rng, begun = random.Random(seed), time.monotonic()
    for epoch in range(epochs):
        model.train()
        finding = filling = 0.0
        shown = [e for e in data if any(e.types.values()) or rng.random() < EMPTY]
        shown = [e for e in shown if e.report not in seen or rng.random() < SEEN]
        for numbers in batches([len(e.window) for e in shown], seed * 100 + epoch):
            batch = [shown[i] for i in numbers]
            ids, mask = collate(batch)
            shared = model.encode(ids, mask)
            h = model.find(shared, mask)
            logits, want = sentence_logits(model, h, batch)
            loss = bce(logits, want[:, :N], weight=want[:, N:], pos_weight=torch.full((N,), 2.0), reduction="sum")
            loss = loss / len(logits)
            want_token, counts = token_targets(batch, ids.shape[1])
            on_tokens = bce(
                model.token(h), want_token, weight=counts, pos_weight=torch.full((N,), 3.0), reduction="sum"
            )
            loss = loss + 10 * on_tokens / counts[..., 0].sum().clamp(min=1)
            finding += loss.item()
            chosen = choose(batch, rng)
            if chosen:
                on_roles = filler_loss(model, shared, chosen)
                filling += on_roles.item()
                loss = loss + on_roles
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            adam.zero_grad()
            plan.step()
            average.update()
        done = steps / epochs
        print(
            f"epoch {epoch} find {finding / done:.3f} fill {filling / done:.3f} {time.monotonic() - begun:.0f} s "
            f"cpu {time.process_time():.0f} s",
            flush=True,
        )
    average.apply()


def sentence_f1(model: ReaderModel, data: list[Example]) -> dict[float, tuple[float, float]]:
    """For some thresholds: F1 of (sentence, type) pairs, and of sentences that hold anything."""
    model.eval()
    logits, want = [], []
    with torch.inference_mode():
        for i in range(0, len(data), BATCH):
            batch = data[i : i + BATCH]
            ids, mask = collate(batch)
            a, b = sentence_logits(model, model.find(model.encode(ids, mask), mask), batch)
            logits.append(a.sigmoid().numpy())
            want.append(b[:, :N].numpy() > 0)
    got, true = np.concatenate(logits), np.concatenate(want)

    def f1(x: Any, y: Any) -> float:
        return round(2 * float((x & y).sum()) / max(1, int(x.sum() + y.sum())), 3)

    return {t: (f1(got >= t, true), f1((got >= t).any(1), true.any(1))) for t in (0.3, 0.4, 0.5, 0.6)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gold", "run", "base"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--fold", default="all", choices=["0", "1", "all"])
    parser.add_argument(
        "--more", type=Path, nargs="*", default=[], help="further annotated reports, always in training"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument(
        "--after", choices=["0", "1", "all"], help="go on from the model that left this fold (or none) out"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tokenizer = Tokenizer.from_file(str(args.run / "tokenizer.json"))
    pieces = json.loads((args.run / "pieces.json").read_text())
    reports = gold.load(args.gold / "train.jsonl")
    fold = gold.folds(reports)
    used = [r for r in reports if args.fold == "all" or fold[r["id"]] != int(args.fold)]
    more = [r for path in args.more for r in gold.load(path)]
    lexicon = Lexicon([*used, *more])
    data = examples(tokenizer, used, lexicon) + examples(tokenizer, more, lexicon, weight=0.7)
    model = ReaderModel(args.base, pieces)
    real, false = sum(len(e.mentions) for e in data), sum(len(e.false) for e in data)
    print(f"{len(used) + len(more)} reports, {len(data)} windows, {real} mentions, {false} false ones", flush=True)
    seen: frozenset[str] = frozenset()
    if args.after:
        model.load_state_dict(torch.load(args.run / f"model-{args.after}.pt"))
        if args.after != "all":
            seen = frozenset(e.report for e in data if fold.get(e.report) != int(args.after))
    train(model, data, args.epochs, args.seed, seen, 0.5 if args.after else 1.0)
    torch.save(model.state_dict(), args.run / f"model-{args.fold}.pt")
    left = [r for r in reports if args.fold != "all" and fold[r["id"]] == int(args.fold)]
    if left:
        print("left out:", sentence_f1(model, examples(tokenizer, left, lexicon)), flush=True)


if __name__ == "__main__":
    main()
