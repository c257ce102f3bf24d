"""Turn a trained network into what the reader loads: ONNX graphs (the large one int8), the tokenizer and the heads.

usage: python -m training.export --run DIR --base DIR --name NAME --out DIR

RUN/skim.onnx (`training.skim`) goes with it.
`training.merging` then adds the heads that tell which mentions are of one event.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from mahdar.reading.labels import FILLED, STATUSES, TRIGGERS
from training.model import KEYS, PRODUCTS, ReaderModel


class _Encode(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        h = self.model.encode(ids, mask)
        return h, self.model.token(h), self.model.roles.key(h), self.model.roles.left(h)


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
    size, at = model.token.in_features, torch.ones(2, 9, dtype=torch.long)
    told = torch.randn(2, 2 * size)
    graphs: dict[str, tuple[torch.nn.Module, tuple[torch.Tensor, ...], list[str], list[str]]] = {
        "encode": (_Encode(model), (at, torch.ones(2, 9)), ["ids", "mask"], ["states", "triggers", "keys", "products"]),
        "fill": (
            _Fill(model),
            (torch.randn(2, 9, KEYS), torch.randn(2, 9, PRODUCTS), told, at, at),
            ["keys", "products", "told", "step", "apart"],
            ["roles", "ends"],
        ),
    }
    for name, (module, inputs, names, outputs) in graphs.items():
        axes: dict[str, dict[int, str]] = {n: {0: "batch", 1: "length"} for n in [*names, *outputs]}
        axes["told"] = axes["ends"] = {0: "batch"}
        with tempfile.TemporaryDirectory() as scratch:
            plain = Path(scratch) / "plain.onnx"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    module,
                    inputs,
                    str(plain),
                    input_names=names,
                    output_names=outputs,
                    dynamic_axes={n: axes[n] for n in [*names, *outputs]},
                    opset_version=17,
                    dynamo=False,
                )
            if name == "fill":  # small: quantising it would save nothing
                shutil.copy(plain, out / "fill.onnx")
                continue
            graph = onnx.load(str(plain))
            heads = [n.name for n in graph.graph.node if n.op_type == "MatMul" and "/layers" not in n.name.lower()]
            quantize_dynamic(
                str(plain),
                str(out / f"{name}.onnx"),
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                nodes_to_exclude=heads,
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
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    shutil.copy(args.run / "skim.onnx", args.out / "skim.onnx")
    labels = {"triggers": TRIGGERS, "roles": FILLED, "statuses": STATUSES}
    (args.out / "labels.json").write_text(json.dumps(labels, indent=1))
    print({p.name: round(p.stat().st_size / 1e6, 2) for p in sorted(args.out.iterdir())})


if __name__ == "__main__":
    main()
