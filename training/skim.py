"""Fit the small network that tells which sentences are worth reading (`mahdar/reading/skim.py`).

usage: python -m training.skim --shared DIR --run DIR --base DIR [--more FILE ...] [--epochs N]

Positive: sentences that are evidence of an annotated claim. Negative: the other sentences of annotated reports, and pages of
general news that nobody annotated. One report in eight is left out; on these it prints, for some bars of a sentence (`BAR`), the
shares of sentences with an annotated trigger and of all words that are read, and for some bars of a report's surest sentence
(`OPEN`), how many reports with and without claims are opened. Both bars are set by what the whole reader then finds. Reads
RUN/tokenizer.json and RUN/pieces.json (`training.prepare` or `training.restore`) and writes RUN/skim.onnx and RUN/skim.npz.
Some four CPU minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from mahdar.intake.sentences import split_sentences
from mahdar.reading.tokens import LONGEST
from training import gold, pages

WIDTH, UNITS, HIDDEN = 64, 128, 64
AROUND = 2  # pieces on either side that a unit of the convolution sees
UNSEEN = Path(__file__).with_name("unseen.jsonl")  # pages kept from everything that is learnt
BAR = 0.6  # chance from which a sentence is read
OPEN = 0.89  # chance that a report's surest sentence must have
UNANNOTATED = 0.3  # weight of a page that nobody annotated
SETTLED = 0.999  # of the average of the weights


class Sheet:
    """A report as the pieces of its sentences: which are evidence, and which hold a trigger."""

    def __init__(self, tokenizer: Tokenizer, report: gold.GoldReport, weight: float) -> None:
        spans = gold.sentences(report) if "claims" in report else split_sentences(report["text"])
        texts = [report["text"][s.start : s.end] for s in spans]
        self.words = [len(t.split()) for t in texts]
        encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
        self.ids = [e.ids[:LONGEST] or [0] for e in encoded]
        self.evidence, self.trigger = np.zeros(len(spans), np.float32), np.zeros(len(spans), bool)
        self.weight, self.annotated = weight, "claims" in report
        if self.annotated:
            types, triggers = gold.mentions(report, spans)
            self.evidence[:] = [bool(t) for t in types]
            self.trigger[[k for _, _, _, k, _ in triggers]] = True


class Model(torch.nn.Module):
    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = torch.nn.Embedding.from_pretrained(table, freeze=False)
        self.conv = torch.nn.Conv1d(WIDTH, UNITS, 2 * AROUND + 1, padding=AROUND)
        self.hidden, self.out = torch.nn.Linear(5 * UNITS, HIDDEN), torch.nn.Linear(HIDDEN, 1)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, pieces: torch.Tensor, sentence: torch.Tensor, blank: torch.Tensor) -> torch.Tensor:
        """pieces (pieces,), the sentence of each (pieces,), zeros (sentences,) -> logits (sentences,)."""
        units = self.conv(self.table(pieces).float().T[None])[0].T.relu()
        empty = blank[:, None].expand(-1, UNITS)
        told = empty.scatter_reduce(0, sentence[:, None].expand(-1, UNITS), units, "amax")
        none = torch.zeros_like(told[:1])
        before, after = torch.cat([none, told[:-1]]), torch.cat([told[1:], none])
        report = torch.cat([told.mean(0), told.amax(0)])[None] + blank[:, None]
        every = self.drop(torch.cat([told, before, after, report], 1))
        return self.out(self.drop(self.hidden(every).relu()))[:, 0]

    def on(self, sheet: Sheet) -> torch.Tensor:
        sizes = torch.tensor([len(s) for s in sheet.ids])
        pieces = torch.tensor([i for s in sheet.ids for i in s])
        return self(pieces, torch.arange(len(sizes)).repeat_interleave(sizes), torch.zeros(len(sizes)))


class _Units(torch.nn.Module):
    """What is run as a graph: the convolution. Its largest values and what follows are numpy's (`mahdar.reading.skim`)."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.table, self.conv = model.table, model.conv

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        units: torch.Tensor = self.conv(self.table(pieces).float().T[None])[0]
        return units


def table_of(base: Path, pieces: list[int]) -> torch.Tensor:
    """The base model's embeddings of the pieces, on their `WIDTH` main axes, of unit variance together."""
    held = AutoModel.from_pretrained(str(base)).embeddings.word_embeddings.weight.data[torch.tensor(pieces)]
    centred = held - held.mean(0)
    axes = torch.linalg.svd(centred, full_matrices=False)[2][:WIDTH]
    turned = centred @ axes.T
    return turned / turned.std() * 0.3


def train(model: Model, sheets: list[Sheet], epochs: int) -> None:
    rng, begun = random.Random(1), time.monotonic()
    average = {k: v.detach().clone() for k, v in model.named_parameters()}
    adam = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    steps, at_once = 0, 4
    total = epochs * (len(sheets) // at_once + 1)
    for epoch in range(epochs):
        model.train()
        order = rng.sample(sheets, len(sheets))
        lost = 0.0
        for low in range(0, len(order), at_once):
            loss = torch.zeros(())
            for sheet in order[low : low + at_once]:
                want = torch.from_numpy(sheet.evidence)
                logits = model.on(sheet)
                loss = loss + sheet.weight * torch.nn.functional.binary_cross_entropy_with_logits(
                    logits, want, pos_weight=torch.tensor(2.0), reduction="sum"
                )
            (loss / 40).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for group in adam.param_groups:
                group["lr"] = 1e-3 * min(1.0, (steps + 1) / 100) * max(0.02, 1 - steps / total)
            adam.step()
            adam.zero_grad()
            steps += 1
            keep = min(SETTLED, (1 + steps) / (10 + steps))
            for k, v in model.named_parameters():
                average[k].lerp_(v.detach(), 1 - keep)
            lost += loss.item()
        print(f"epoch {epoch} loss {lost / len(order):.3f} {time.monotonic() - begun:.0f} s", flush=True)
    for k, v in model.named_parameters():
        v.data.copy_(average[k])
    model.eval()


def dump(model: Model, run: Path) -> None:
    """Write the graph, its table in half precision, and the weights of what follows it with the two bars."""
    model.eval().table.half()
    torch.onnx.export(
        _Units(model), (torch.ones(9, dtype=torch.long),), str(run / "skim.onnx"), input_names=["pieces"], output_names=["units"],
        dynamic_axes={"pieces": {0: "piece"}, "units": {1: "piece"}}, opset_version=18, dynamo=False,
    )  # fmt: skip
    held = {
        "hidden_weight": model.hidden.weight, "hidden_bias": model.hidden.bias,
        "out_weight": model.out.weight[0], "out_bias": model.out.bias[0], "bar": torch.tensor(BAR), "open": torch.tensor(OPEN),
    }  # fmt: skip
    np.savez(run / "skim.npz", allow_pickle=False, **{k: v.detach().numpy() for k, v in held.items()})


def told(model: Model, sheets: list[Sheet]) -> list[np.ndarray]:
    with torch.inference_mode():
        return [model.on(s).sigmoid().numpy() for s in sheets]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("shared", "run", "base"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(args.run / "tokenizer.json"))
    real = [*gold.load(args.shared / "gold/train.jsonl"), *pages.load(args.shared / "bench")]
    written = [r for path in args.more for r in gold.load(path)]
    known = {r["id"] for r in [*real, *pages.load(args.shared / "bench", UNSEEN)]}
    with gzip.open(args.shared / "bench/corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        general = [r for r in map(json.loads, lines) if r["id"] not in known]
    random.Random(2).shuffle(real)
    random.Random(2).shuffle(general)
    apart = len(real) // 8, len(general) // 8
    chosen = [Sheet(tokenizer, r, 1.0) for r in [*real[apart[0] :], *written] if r["text"].strip()]
    chosen += [Sheet(tokenizer, {"text": r["text"][:8000]}, UNANNOTATED) for r in general[apart[1] :]]
    left = [Sheet(tokenizer, r, 1.0) for r in real[: apart[0]]]
    beside = [Sheet(tokenizer, {"text": r["text"]}, UNANNOTATED) for r in general[: apart[1]]]
    model = Model(table_of(args.base, json.loads((args.run / "pieces.json").read_text())))
    print(f"{len(chosen)} reports, {sum(len(s.ids) for s in chosen)} sentences", flush=True)
    train(model, [s for s in chosen if s.ids], args.epochs)
    left, beside = [s for s in left if s.ids], [s for s in beside if s.ids]
    chances, general_chances = told(model, left), told(model, beside)
    triggers = np.concatenate([c[s.trigger] for c, s in zip(chances, left, strict=True)])
    evidence = np.concatenate([c[s.evidence > 0] for c, s in zip(chances, left, strict=True)])

    def read(sheets: list[Sheet], chances: list[np.ndarray], bar: float) -> float:
        """Share of words in sentences that are read."""
        words = sum(sum(s.words) for s in sheets)
        return sum(int(np.array(s.words)[c >= bar].sum()) for s, c in zip(sheets, chances, strict=True)) / max(1, words)

    full = [(s, c) for s, c in zip(left, chances, strict=True) if s.evidence.any()]
    for recall in (0.93, 0.95, 0.96, 0.97, 0.98, 0.99):
        bar = float(np.quantile(triggers, 1 - recall))
        shares = read(left, chances, bar), read([s for s, _ in full], [c for _, c in full], bar)
        print(
            f"triggers {recall}: bar {bar:.3f}, evidence {float((evidence >= bar).mean()):.3f}, reads {shares[0]:.3f} of words, "
            f"{shares[1]:.3f} of those of reports with claims, {read(beside, general_chances, bar):.4f} of general news",
            flush=True,
        )
    surest, tells = [c.max() for c in chances], np.array([s.evidence.any() for s in left])
    for chance in (0.5, 0.7, OPEN):
        opened = np.array(surest) >= chance
        general_opened = np.mean([c.max() >= chance for c in general_chances])
        print(
            f"surest {chance}: opens {opened[tells].mean():.3f} with claims, {opened[~tells].mean():.3f} without, "
            f"{general_opened:.3f} of general news",
            flush=True,
        )
    dump(model, args.run)


if __name__ == "__main__":
    main()
