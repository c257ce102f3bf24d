"""Turn the shipped model back into a checkpoint, so that training can go on from it where no checkpoint was kept.

usage: python -m training.restore --base DIR --run DIR [--model DIR] [--name NAME]

Writes RUN/tokenizer.json, RUN/pieces.json, RUN/skim.onnx, RUN/skim.npz and RUN/model-NAME.pt (`shipped` unless named). What
float16 rounded away stays away: the restored network's answers are those of the shipped graph up to rounding. The embeddings are
the base model's own.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer

from mahdar.reading.encoder import MODEL
from training.model import HEAD, ReaderModel

# The linear maps of a layer by their names in the graph (`training.graph`), but for the three of attention, which are one there.
MAPS = {"mix": "attention.output.dense", "inner": "intermediate.dense", "outer": "output.dense"}
NORMS = {"kept": "attention.output.LayerNorm", "end": "output.LayerNorm"}
ATTENTION = ("query", "key", "value")
HEADS = ("token", "roles.key", "roles.left")


def pieces_of(tokenizer: Path, base: Path) -> list[int]:
    """For each id of the pruned tokenizer, the base model's id."""
    pruned = Tokenizer.from_file(str(tokenizer)).get_vocab()
    full = Tokenizer.from_file(str(base / "tokenizer.json")).get_vocab()
    return [full[piece] for piece, _ in sorted(pruned.items(), key=lambda x: x[1])]


def tensors(graph: Path) -> dict[str, Any]:
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(str(graph)).graph.initializer}


def restored(directory: Path) -> dict[str, torch.Tensor]:
    """The weights of a shipped model by their names in `ReaderModel`."""
    encode, fill = tensors(directory / "encode.onnx"), tensors(directory / "fill.onnx")
    out: dict[str, Any] = {k.removeprefix("model."): v for k, v in fill.items() if k.startswith("model.")}
    # The one matrix whose name is lost on the way out.
    (last,) = (v for k, v in fill.items() if k.startswith("onnx::MatMul"))
    out["roles.out.weight"] = last.T

    def linear(name: str) -> tuple[Any, Any]:
        return encode[f"{name}.weight.half"].astype(np.float32).T, encode[f"{name}.bias"]

    layers = sum(k.endswith(".attention.bias") for k in encode)
    for n in range(layers):
        thirds = zip(*(np.split(x, 3) for x in linear(f"layers.{n}.attention")), strict=True)
        for part, (weight, bias) in zip(ATTENTION, thirds, strict=True):
            scale = HEAD**0.5 if part == "query" else 1.0
            stem = f"layers.{n}.attention.self.{part}"
            out |= {f"{stem}.weight": weight * scale, f"{stem}.bias": bias * scale}
        for held, name in MAPS.items():
            weight, bias = linear(f"layers.{n}.{held}")
            out |= {f"layers.{n}.{name}.weight": weight, f"layers.{n}.{name}.bias": bias}
        for held, name in NORMS.items():
            out |= {f"layers.{n}.{name}.{part}": encode[f"layers.{n}.{held}.{part}"] for part in ("weight", "bias")}
    weight, bias = linear("heads")
    ends = np.cumsum(encode["widths"])[:-1]
    for name, w, b in zip(HEADS, np.split(weight, ends), np.split(bias, ends), strict=True):
        out |= {f"{name}.weight": w, f"{name}.bias": b}
    heads = np.load(directory / "heads.npz")
    out |= {f"sentence.{part}": heads[f"sentence_{part}"] for part in ("weight", "bias")}
    out["kind.weight"] = heads["kind"]
    return {k: torch.from_numpy(np.array(v, dtype=np.float32)) for k, v in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "run"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--name", default="shipped")
    args = parser.parse_args()
    args.run.mkdir(parents=True, exist_ok=True)
    for file in ("tokenizer.json", "skim.onnx", "skim.npz"):
        shutil.copy(args.model / file, args.run / file)
    pieces = pieces_of(args.model / "tokenizer.json", args.base)
    (args.run / "pieces.json").write_text(json.dumps(pieces))
    model = ReaderModel.of(args.base, pieces, restored(args.model))
    torch.save(model.state_dict(), args.run / f"model-{args.name}.pt")


if __name__ == "__main__":
    main()
