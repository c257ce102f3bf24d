"""Train the reader's network.

usage: python -m training.train --gold DIR --run DIR --base DIR [--fold {0,1,all}] [--more FILE ...] [--bench DIR]
       [--lessons FILE] [--speech FILE] [--factual FILE] [--epochs N] [--after NAME] [--teacher NAME] [--name NAME]

Writes RUN/model-NAME.pt (NAME: the fold, unless given). What skimming would not have read is not shown (`training.skim`).
Folds 0 and 1 leave that half of train.jsonl out and print how it is found, so that assembly and confidence can be fitted on
mentions the network has not seen (`training.fit`). `--lessons`: pages that an earlier reader has read (`training.teach`); each
epoch shows some of them beside the annotated reports. `--speech`: the same of reports annotated with who says what. `--after 0`
goes on from model-0.pt: the reports that it has not seen (all not in RUN/known-0.json, where that is) are shown every epoch,
the rest every other one, at half the rate; it costs a third of training on all from the start.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from benchmarks.status import documents
from mahdar.reading.labels import FILLED, TRIGGERS, TYPES
from mahdar.reading.skim import Skim
from mahdar.reading.tokens import Wordpieces
from training import gold, pages
from training.examples import Example, Mention, examples, judged, spoken, taught
from training.model import ReaderModel
from training.teach import read_lessons

BATCH = 4
RATE, HEAD_RATE = 1.5e-4, 1e-3
SEEN = 0.5
EMPTY = 0.6  # share of the windows without an event that an epoch shows
LESSONS = 400  # windows of lessons an epoch shows; those without an event are one in five
FACT = 5.0  # weight of a judged word: there are a dozen in a window, beside hundreds of pieces that are judged for triggers
LIKENESS = 10.0  # weight of the distance to a teacher's states
TAUGHT = 2.0  # pace at which a pruned network is taught
SPEECHES = 500  # windows of speech an epoch shows
N = len(TYPES)
Chosen = list[tuple[int, Example, Mention]]


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


def sentence_logits(
    model: ReaderModel, h: torch.Tensor, batch: list[Example]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits and targets of every judged sentence, and the weight of each."""
    pooled, weights = [], []
    for j, e in enumerate(batch):
        for s in e.window.judged:
            own = h[j, e.window.pieces_of(s)]
            pooled.append(torch.cat([own.mean(0), own.amax(0)]) if len(own) else h.new_zeros(2 * h.shape[-1]))
            weights.append(e.weight)
    want = torch.from_numpy(np.concatenate([e.types for e in batch]))
    return model.sentence(torch.stack(pooled)), want, torch.tensor(weights)


def on_triggers(model: ReaderModel, h: torch.Tensor, batch: list[Example]) -> torch.Tensor:
    size = (*h.shape[:2], len(TRIGGERS))
    want, counts = torch.zeros(size), torch.zeros(size)
    for j, e in enumerate(batch):
        want[j, : len(e.window)], counts[j, : len(e.window)] = torch.from_numpy(e.triggers), torch.from_numpy(e.counts)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        model.token(h), want, weight=counts, pos_weight=torch.full(size[-1:], 3.0), reduction="sum"
    )
    return loss / counts.amax(-1).sum().clamp(min=1)


def gather(h: torch.Tensor, chosen: Chosen) -> tuple[torch.Tensor, ...]:
    """The arguments of `fill` for the chosen mentions, then their role targets and weights."""
    size, length = len(chosen), max(len(m.positions) for _, _, m in chosen)
    marked, counts = torch.zeros(size, length), torch.zeros(size, length)
    step, apart = torch.zeros(size, length, dtype=torch.long), torch.zeros(size, length, dtype=torch.long)
    want = torch.zeros(size, length, 2 * len(FILLED))
    rows = []
    for q, (j, _, m) in enumerate(chosen):
        n, touched = len(m.positions), set(m.marked)
        rows.append(torch.nn.functional.pad(h[j, m.positions], (0, 0, 0, length - n)))
        marked[q, :n] = torch.tensor([float(p in touched) for p in m.positions])
        step[q, :n], apart[q, :n] = torch.tensor(m.step), torch.tensor(m.apart)
        want[q, :n], counts[q, :n] = torch.from_numpy(m.roles), torch.from_numpy(m.counts)
    types = torch.tensor([m.type for _, _, m in chosen])
    return torch.stack(rows), marked, types, step, apart, want, counts


def on_fillings(model: ReaderModel, h: torch.Tensor, chosen: Chosen) -> torch.Tensor:
    functional = torch.nn.functional
    *given, want, counts = gather(h, chosen)
    roles, ends = model.fill(*given)
    loss = 3 * functional.binary_cross_entropy_with_logits(
        roles, want, weight=counts[..., None], pos_weight=torch.full((2 * len(FILLED),), 2.0), reduction="sum"
    )
    loss = loss / counts.sum().clamp(min=1)
    total = torch.tensor([m.total for _, _, m in chosen])
    status = torch.from_numpy(np.stack([m.status for _, _, m in chosen]))
    loss = loss + 0.3 * functional.binary_cross_entropy_with_logits(ends[:, 0], total)
    return loss + 0.3 * functional.cross_entropy(ends[:, 1:], status)


def distance(h: torch.Tensor, teacher: ReaderModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean square of the difference to the teacher's states, relative to theirs."""
    with torch.inference_mode():
        wanted = teacher.encode(ids, mask)
    within = mask.bool()
    return ((h - wanted)[within] ** 2).mean() / (wanted[within] ** 2).mean()


def train(
    model: ReaderModel,
    data: list[Example],
    lessons: list[Example],
    speeches: list[Example],
    facts: list[Example],
    epochs: int,
    seed: int,
    seen: frozenset[str] = frozenset(),
    pace: float = 1.0,
    teacher: ReaderModel | None = None,
) -> None:
    """`seen`: reports to show only every other epoch; what goes with them is then halved, too. `teacher`: a network of the same
    heads whose states this one is to have."""
    rng, begun = random.Random(seed), time.monotonic()

    def show(_: int) -> list[Example]:
        shown = [e for e in data if not e.is_empty or rng.random() < EMPTY]
        shown = [e for e in shown if e.report not in seen or rng.random() < SEEN]
        full, empty = [e for e in lessons if not e.is_empty], [e for e in lessons if e.is_empty]
        share = SEEN if seen else 1.0
        shown += rng.sample(full, min(len(full), int(share * LESSONS * 4 / 5)))
        shown += rng.sample(empty, min(len(empty), int(share * LESSONS / 5)))
        shown += rng.sample(speeches, min(len(speeches), int(share * SPEECHES)))
        return shown + rng.sample(facts, int(share * len(facts) * 2 / 3))

    plan = [show(epoch) for epoch in range(epochs)]
    steps = sum(len(shown) // BATCH + 1 for shown in plan)
    adam = torch.optim.AdamW(
        [{"params": model.body(), "lr": RATE * pace}, {"params": model.heads(), "lr": HEAD_RATE * pace}],
        weight_decay=0.01,
    )
    warm = max(1, steps // 10)
    rate = torch.optim.lr_scheduler.LambdaLR(adam, lambda k: min(1.0, (k + 1) / warm) * max(0.02, 1 - k / steps))
    average = Average(model)
    for epoch, shown in enumerate(plan):
        model.train()
        finding = filling = apart = 0.0
        for numbers in batches([len(e.window) for e in shown], seed * 100 + epoch):
            batch = [shown[i] for i in numbers]
            given = collate(batch)
            states = model.encode(*given)
            h = model.drop(states)
            logits, want, weight = sentence_logits(model, h, batch)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, want, weight=weight[:, None], pos_weight=torch.full((N,), 2.0), reduction="sum"
            )
            loss = loss / len(logits) + 10 * on_triggers(model, h, batch)
            finding += loss.item()
            chosen = [(j, e, m) for j, e in enumerate(batch) for m in e.mentions]
            if chosen:
                on_roles = on_fillings(model, h, chosen)
                filling += on_roles.item()
                loss = loss + on_roles
            if teacher is not None:
                unlike = distance(states, teacher, *given)
                apart += unlike.item()
                loss = loss + LIKENESS * unlike
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            adam.zero_grad()
            rate.step()
            average.update()
        done = len(shown) / BATCH
        print(
            f"epoch {epoch} windows {len(shown)} find {finding / done:.3f} fill {filling / done:.3f} apart {apart / done:.3f} "
            f"{time.monotonic() - begun:.0f} s cpu {time.process_time():.0f} s",
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
            a, b, _ = sentence_logits(model, model.encode(*collate(batch)), batch)
            logits.append(a.sigmoid().numpy())
            want.append(b.numpy() > 0)
    got, true = np.concatenate(logits), np.concatenate(want)

    def f1(x: Any, y: Any) -> float:
        return round(2 * float((x & y).sum()) / max(1, int(x.sum() + y.sum())), 3)

    return {t: (f1(got >= t, true), f1((got >= t).any(1), true.any(1))) for t in (0.3, 0.4, 0.5, 0.6)}


def role_f1(model: ReaderModel, data: list[Example]) -> dict[str, float]:
    """F1 of the pieces inside each role, with the annotated triggers given."""
    model.eval()
    right, got, true = (np.zeros(len(FILLED)) for _ in range(3))
    with torch.inference_mode():
        for i in range(0, len(data), BATCH):
            batch = data[i : i + BATCH]
            chosen = [(j, e, m) for j, e in enumerate(batch) for m in e.mentions]
            if not chosen:
                continue
            *given, want, counts = gather(model.encode(*collate(batch)), chosen)
            inside = (model.fill(*given)[0][..., 1::2] > 0) & (counts > 0)[..., None]
            wanted = want[..., 1::2] > 0
            right += (inside & wanted).sum((0, 1)).numpy()
            got += inside.sum((0, 1)).numpy()
            true += wanted.sum((0, 1)).numpy()
    return {r: round(float(2 * right[k] / max(1, got[k] + true[k])), 3) for k, r in enumerate(FILLED)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gold", "run", "base"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--fold", default="all", choices=["0", "1", "all"])
    parser.add_argument(
        "--more", type=Path, nargs="*", default=[], help="further annotated reports, always in training"
    )
    parser.add_argument("--bench", type=Path, help="where the texts of the annotated pages are (`training/pages.py`)")
    parser.add_argument("--lessons", type=Path)
    parser.add_argument("--speech", type=Path, help="documents annotated with who says what (PolNeAR)")
    parser.add_argument("--factual", type=Path, help="sentences whose predicates are judged: did it happen? (UDS)")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--after", help="go on from the model of this name")
    parser.add_argument("--teacher", help="model of this name whose states are to be had (`training.prune`)")
    parser.add_argument("--name", help="name of the model written; the fold by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    wordpieces = Wordpieces(Tokenizer.from_file(str(args.run / "tokenizer.json")))
    pieces = json.loads((args.run / "pieces.json").read_text())
    reports = gold.load(args.gold / "train.jsonl")
    fold = gold.folds(reports)
    used = [r for r in reports if args.fold == "all" or fold[r["id"]] != int(args.fold)]
    skim = Skim(InferenceSession(args.run / "skim.onnx", providers=["CPUExecutionProvider"]), args.run)
    data = examples(wordpieces, used, skim=skim)
    for path in args.more:
        data += examples(wordpieces, gold.load(path), weight=0.7, skim=skim)
    annotated = pages.load(args.bench) if args.bench else []
    data += examples(wordpieces, annotated, weight=0.7, skim=skim)
    known = {page["id"] for page in annotated}
    taken = [x for x in read_lessons(args.lessons) if x["id"] not in known] if args.lessons else []
    lessons = taught(wordpieces, taken, weight=0.5)
    speeches: list[Example] = []
    if args.speech:
        with gzip.open(args.speech, "rt", encoding="utf-8") as lines:
            speeches = spoken(wordpieces, [json.loads(line) for line in lines], weight=0.5)
    facts: list[Example] = []
    if args.factual:
        with gzip.open(args.factual, "rt", encoding="utf-8") as lines:
            facts = judged(wordpieces, list(documents(map(json.loads, lines))), weight=FACT)
    if args.after:
        model = ReaderModel.load(args.base, pieces, args.run / f"model-{args.after}.pt")
    else:
        model = ReaderModel(args.base, pieces)
    teacher = (
        ReaderModel.load(args.base, pieces, args.run / f"model-{args.teacher}.pt").eval() if args.teacher else None
    )
    print(
        f"{len(data)} windows, {sum(len(e.mentions) for e in data)} mentions; lessons: {len(lessons)} windows, "
        f"{sum(not e.is_empty for e in lessons)} with an event, {sum(len(e.mentions) for e in lessons)} mentions",
        flush=True,
    )
    before = args.run / f"known-{args.after}.json"
    seen = frozenset(json.loads(before.read_text())) if args.after and before.exists() else frozenset()
    train(
        model,
        data,
        lessons,
        speeches,
        facts,
        args.epochs,
        args.seed,
        seen,
        TAUGHT if teacher else 0.5 if args.after and args.after != "start" else 1.0,
        teacher,
    )
    name = args.name or args.fold
    torch.save(model.state_dict(), args.run / f"model-{name}.pt")
    (args.run / f"known-{name}.json").write_text(json.dumps(sorted({e.report for e in data})))
    left = [r for r in reports if args.fold != "all" and fold[r["id"]] == int(args.fold)]
    if left:
        unseen = examples(wordpieces, left)
        print("left out:", sentence_f1(model, unseen), role_f1(model, unseen), flush=True)


if __name__ == "__main__":
    main()
