"""Turn a trained network into what the reader loads: ONNX graphs, the tokenizer and the heads.

usage: python -m training.export --run DIR --base DIR --name NAME --out DIR

RUN/skim.onnx and RUN/skim.npz (`training.skim`) go with it.
`training.merging` then adds the heads that tell which mentions are of one event.
"""

from __future__ import annotations

import argparse
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch

from mahdar.reading.labels import FILLED, STATUSES, TRIGGERS
from training.graph import encode_graph
from training.model import KEYS, PRODUCTS, ReaderModel


class _Fill(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, keys: torch.Tensor, products: torch.Tensor, told: torch.Tensor, step: torch.Tensor, apart: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        roles = self.model.roles.compare(keys, products, told, step, apart)
        return roles, self.model.ends(told)


def export(model: ReaderModel, out: Path) -> None:
    model.eval()
    onnx.save(encode_graph(model), str(out / "encode.onnx"))
    at, told = torch.ones(2, 9, dtype=torch.long), torch.randn(2, 2 * model.token.in_features)
    names = ["keys", "products", "told", "step", "apart"]
    axes: dict[str, dict[int, str]] = {n: {0: "batch", 1: "length"} for n in [*names, "roles"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Fill(model),
            (torch.randn(2, 9, KEYS), torch.randn(2, 9, PRODUCTS), told, at, at),
            str(out / "fill.onnx"),
            input_names=names,
            output_names=["roles", "ends"],
            dynamic_axes=axes | {"told": {0: "batch"}, "ends": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
    heads_of = {
        "sentence_weight": model.sentence.weight,
        "sentence_bias": model.sentence.bias,
        "kind": model.kind.weight,
    }
    np.savez(out / "heads.npz", **{k: v.detach().numpy().astype(np.float32) for k, v in heads_of.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("run", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--name", default="all")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    pieces = json.loads((args.run / "pieces.json").read_text())
    model = ReaderModel.load(args.base, pieces, args.run / f"model-{args.name}.pt")
    export(model, args.out)
    for file in ("tokenizer.json", "skim.onnx", "skim.npz"):
        shutil.copy(args.run / file, args.out / file)
    labels = {"triggers": TRIGGERS, "roles": FILLED, "statuses": STATUSES}
    (args.out / "labels.json").write_text(json.dumps(labels, indent=1))
    print({p.name: round(p.stat().st_size / 1e6, 2) for p in sorted(args.out.iterdir())})


if __name__ == "__main__":
    main()
