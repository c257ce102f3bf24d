"""Turn a trained network into what the reader loads: int8 ONNX graphs, the tokenizer and the pooled head.

usage: python -m training.export --run DIR --base DIR --fold {0,1,all} --out DIR
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from mahdar.reading.labels import ROLES, STATUSES, TYPES
from training.model import ReaderModel


class _Encode(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.model.encode(ids, mask)


class _Find(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = self.model.find(states, mask)
        return h, self.model.token(h)


class _Fill(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, states: torch.Tensor, mask: torch.Tensor, marked: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.model.fill(states, mask, marked, types)


def export(model: ReaderModel, out: Path) -> None:
    model.eval()
    size = model.token.in_features
    states, mask, marked = torch.randn(2, 9, size), torch.ones(2, 9), torch.zeros(2, 9)
    marked[:, 3] = 1
    graphs: dict[str, tuple[torch.nn.Module, tuple[torch.Tensor, ...], list[str], list[str]]] = {
        "encode": (_Encode(model), (torch.ones(2, 9, dtype=torch.long), mask), ["ids", "mask"], ["states"]),
        "find": (_Find(model), (states, mask), ["states", "mask"], ["hidden", "triggers"]),
        "fill": (
            _Fill(model),
            (states, mask, marked, torch.ones(2, dtype=torch.long)),
            ["states", "mask", "marked", "types"],
            ["roles", "ends", "vectors"],
        ),
    }
    for name, (module, inputs, names, outputs) in graphs.items():
        axes: dict[str, Any] = {n: {0: "batch", 1: "length"} for n in [*names, *outputs]}
        axes["types"] = axes["ends"] = axes["vectors"] = {0: "batch"}
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
            graph = onnx.load(str(plain))
            heads = [n.name for n in graph.graph.node if n.op_type == "MatMul" and "/layer" not in n.name.lower()]
            heads = [n for n in heads if any(h in n for h in ("token", "role", "ends", "merge"))]
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
        "same_weight": model.same.weight,
        "same_bias": model.same.bias,
    }
    np.savez(out / "heads.npz", **{k: v.detach().numpy().astype(np.float32) for k, v in heads_of.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("run", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--fold", default="all", choices=["0", "1", "all"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    model = ReaderModel(args.base, json.loads((args.run / "pieces.json").read_text()))
    model.load_state_dict(torch.load(args.run / f"model-{args.fold}.pt"))
    export(model, args.out)
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    labels = {"types": TYPES, "roles": ROLES, "statuses": STATUSES}
    (args.out / "labels.json").write_text(json.dumps(labels, indent=1))
    print({p.name: round(p.stat().st_size / 1e6, 2) for p in sorted(args.out.iterdir())})


if __name__ == "__main__":
    main()
