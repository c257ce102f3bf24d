"""Turn the shipped model back into a checkpoint, so that training can go on from it where no checkpoint was kept.

usage: python -m training.restore --base DIR --run DIR [--model DIR] [--name NAME]

Writes RUN/tokenizer.json, RUN/pieces.json, RUN/skim.onnx and RUN/model-NAME.pt (`shipped` unless named). What int8 rounded away
stays away: the restored network's answers are those of the shipped graph up to rounding. The embeddings are the base model's
own.
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
from training.model import ReaderModel

# The matrices of a layer in the order in which the graph holds them.
MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
HEADS = ("token", "roles.key", "roles.left")


def pieces_of(tokenizer: Path, base: Path) -> list[int]:
    """For each id of the pruned tokenizer, the base model's id."""
    pruned = Tokenizer.from_file(str(tokenizer)).get_vocab()
    full = Tokenizer.from_file(str(base / "tokenizer.json")).get_vocab()
    return [full[piece] for piece, _ in sorted(pruned.items(), key=lambda x: x[1])]


def tensors(graph: Path) -> dict[str, Any]:
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(str(graph)).graph.initializer}


def number(name: str) -> int:
    """`onnx::MatMul_734_quantized` -> 734: matrices lose their names on the way out, but not their order."""
    return int(name.removeprefix("onnx::MatMul_").removesuffix("_quantized"))


def restored(directory: Path) -> dict[str, torch.Tensor]:
    """The weights of a shipped model by their names in `ReaderModel`."""
    out: dict[str, Any] = {}
    encode, fill = tensors(directory / "encode.onnx"), tensors(directory / "fill.onnx")
    for held in (encode, fill):
        out |= {
            k.removeprefix("model."): v for k, v in held.items() if k.startswith("model.") and "embeddings" not in k
        }
    rounded = sorted((k for k in encode if k.startswith("onnx::") and k.endswith("_quantized")), key=number)
    for k, name in enumerate(rounded):
        stem = name.removesuffix("_quantized")
        weight = (encode[name].astype(np.float32) - encode[f"{stem}_zero_point"]) * encode[f"{stem}_scale"]
        out[f"layers.{k // len(MATRICES)}.{MATRICES[k % len(MATRICES)]}.weight"] = weight.T
    for held, names in ((encode, HEADS), (fill, ("roles.out",))):
        plain = sorted((k for k in held if k.startswith("onnx::") and k.split("_")[-1].isdigit()), key=number)
        out |= {f"{name}.weight": held[k].T for name, k in zip(names, plain, strict=True)}
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
    for file in ("tokenizer.json", "skim.onnx"):
        shutil.copy(args.model / file, args.run / file)
    pieces = pieces_of(args.model / "tokenizer.json", args.base)
    (args.run / "pieces.json").write_text(json.dumps(pieces))
    model = ReaderModel.of(args.base, pieces, restored(args.model))
    torch.save(model.state_dict(), args.run / f"model-{args.name}.pt")


if __name__ == "__main__":
    main()
