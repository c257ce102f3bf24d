"""Make a trained network smaller: keep the attention heads and inner units that its answers hang on most.

usage: python -m training.prune --gold DIR --run DIR --base DIR --from NAME --name NAME [--heads N] [--wide N] [--layers N ...]

How much a part matters is how much the loss on annotated windows would change, to the first order, if it were taken out
(Michel, Levy and Neubig 2019, "Are sixteen heads really better than one?"). `--layers`: numbers of the layers to keep. Writes
RUN/model-NAME.pt, to be trained with the larger network as `--teacher` (`training.train`).
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

from mahdar.reading.tokens import Wordpieces
from training import gold
from training.examples import Example, examples
from training.model import HEAD, ReaderModel, behead, narrow
from training.train import BATCH, collate, on_fillings, on_triggers, sentence_logits

WINDOWS = 160  # that the loss is taken on


def matter(model: ReaderModel, data: list[Example]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """For each layer, what its heads and its inner units matter."""
    outs = [(layer.attention.output.dense.weight, layer.output.dense.weight) for layer in model.layers]
    totals = [(torch.zeros(heads.shape[1] // HEAD), torch.zeros(units.shape[1])) for heads, units in outs]
    model.eval()
    for low in range(0, len(data), BATCH):
        batch = data[low : low + BATCH]
        model.zero_grad()
        h = model.encode(*collate(batch))
        logits, want, _ = sentence_logits(model, h, batch)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, want, reduction="sum") / len(logits)
        loss = loss + 10 * on_triggers(model, h, batch)
        chosen = [(j, e, m) for j, e in enumerate(batch) for m in e.mentions]
        if chosen:
            loss = loss + on_fillings(model, h, chosen)
        loss.backward()
        for (heads, units), (head_total, unit_total) in zip(outs, totals, strict=True):
            assert heads.grad is not None and units.grad is not None
            head_total += (heads * heads.grad).detach().sum(0).view(-1, HEAD).sum(1).abs()
            unit_total += (units * units.grad).detach().sum(0).abs()
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gold", "run", "base"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--wide", type=int, default=256)
    parser.add_argument("--layers", type=int, nargs="*")
    args = parser.parse_args()
    wordpieces = Wordpieces(Tokenizer.from_file(str(args.run / "tokenizer.json")))
    pieces = json.loads((args.run / "pieces.json").read_text())
    model = ReaderModel.load(args.base, pieces, args.run / f"model-{args.source}.pt")
    data = [e for e in examples(wordpieces, gold.load(args.gold / "train.jsonl")) if e.mentions]
    random.Random(0).shuffle(data)
    for layer, (heads, units) in zip(model.layers, matter(model, data[:WINDOWS]), strict=True):
        behead(layer, heads.topk(min(args.heads, len(heads))).indices.sort().values)
        narrow(layer, units.topk(min(args.wide, len(units))).indices.sort().values)
    if args.layers:
        model.layers = torch.nn.ModuleList(model.layers[n] for n in args.layers)
    torch.save(model.state_dict(), args.run / f"model-{args.name}.pt")


if __name__ == "__main__":
    main()
