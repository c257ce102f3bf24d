"""Turn a trained network into what the reader loads: an int8 ONNX graph, the tokenizer and the heads.

usage: python -m training.export --run DIR --base DIR --name NAME --out DIR
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
from training.model import ReaderModel

OUTPUTS = ["states", "triggers", "keys", "products"]
HEADS = ("sentence", "same", "ends", "merge")
ROLE_HEADS = ("query", "right", "out")


class _Graph(torch.nn.Module):
    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        h = self.model.encode(ids, mask)
        return h, self.model.token(h), self.model.roles.key(h), self.model.roles.left(h)


def export(model: ReaderModel, out: Path) -> None:
    model.eval()
    inputs = (torch.ones(2, 9, dtype=torch.long), torch.ones(2, 9))
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Graph(model),
                inputs,
                str(plain),
                input_names=["ids", "mask"],
                output_names=OUTPUTS,
                dynamic_axes={n: {0: "batch", 1: "length"} for n in ["ids", "mask", *OUTPUTS]},
                opset_version=17,
                dynamo=False,
            )
        graph = onnx.load(str(plain))
        heads = [n.name for n in graph.graph.node if n.op_type == "MatMul" and "/layers" not in n.name.lower()]
        quantize_dynamic(
            str(plain),
            str(out / "encode.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=heads,
        )
    held = {n: getattr(model, n) for n in HEADS} | {n: getattr(model.roles, n) for n in ROLE_HEADS}
    arrays = {f"{n}_weight": m.weight for n, m in held.items()} | {f"{n}_bias": m.bias for n, m in held.items()}
    arrays |= {"kind": model.kind.weight, "step": model.roles.step.weight, "apart": model.roles.apart.weight}
    np.savez(out / "heads.npz", **{k: v.detach().numpy().astype(np.float32) for k, v in arrays.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("run", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--name", default="all")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    model = ReaderModel(args.base, json.loads((args.run / "pieces.json").read_text()))
    model.load_state_dict(torch.load(args.run / f"model-{args.name}.pt"))
    export(model, args.out)
    shutil.copy(args.run / "tokenizer.json", args.out / "tokenizer.json")
    labels = {"triggers": TRIGGERS, "roles": FILLED, "statuses": STATUSES}
    (args.out / "labels.json").write_text(json.dumps(labels, indent=1))
    print({p.name: round(p.stat().st_size / 1e6, 2) for p in sorted(args.out.iterdir())})


if __name__ == "__main__":
    main()
