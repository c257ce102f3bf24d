"""Round the matrices of an exported encoder to eight bits: what multiplies them is then two thirds of the work.

usage: python -m training.quantize --model DIR --reports FILE [--out DIR]

Reads DIR/encode.onnx as `training.export` writes it and puts in place of every product with a held matrix the runtime's
`DynamicQuantizeMatMul`, which rounds what comes in, too, a scale a window. Three things keep the states near to the exact ones,
all by what comes in for the reports of FILE (JSON lines; the first `REPORTS`):

- what varies much more in one column than in the others is divided by a number a column, and the matrix multiplied by it, for one
  large column would take all of the scale (after Xiao and others 2023, "SmoothQuant");
- a matrix keeps to seven bits, one scale a column, for on processors without VNNI the runtime adds two products in sixteen bits;
- its rows are rounded one after another, and what one loses the next make good (after Frantar and others 2023, "GPTQ").

Prints how far the states then are from the exact ones. Some fifteen CPU seconds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mahdar.intake import make_report, report_sentences
from mahdar.model import Report
from mahdar.reading.encoder import Encoder
from mahdar.reading.tokens import Window

REPORTS = 60
HIGHEST = 63  # seven bits, and none to spare
EVEN = 0.8  # how much of a column's size goes into the matrix; .6, .7 and .85 leave the states farther away
DAMPED = 0.01  # of the mean of what comes in, squared, added to every column of it
_OWN = "com.microsoft"  # the runtime's own operators
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def windows_of(model: Path, reports: Path) -> list[Window]:
    """What the encoder of a directory is shown of the first reports of a file."""
    encoder, out = Encoder(model), list[Window]()
    with reports.open(encoding="utf-8") as lines:
        for line, _ in zip(lines, range(REPORTS), strict=False):
            row = json.loads(line)
            report = make_report(row["text"], name=row["id"], title=row.get("title"), any_language=True)
            if isinstance(report, Report):
                out += encoder.look(report.text, report.title, report_sentences(report), skimmed=True).windows
    return out


def run(graph: onnx.ModelProto, windows: list[Window], names: list[str]) -> list[list[Floats]]:
    """These values of a graph, for each window."""
    held: Any = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return [held.run(names, {"ids": np.array(w.ids, dtype=np.int64)}) for w in windows]


class Incoming:
    """What comes in for one matrix over all windows: the largest size of each column, and the products of columns."""

    def __init__(self) -> None:
        self.largest: Floats = np.zeros(1, dtype=np.float32)
        self.products: Doubles = np.zeros(1)

    def add(self, x: Floats) -> None:
        self.largest = np.maximum(self.largest, np.abs(x).max(0))
        self.products = self.products + x.T.astype(np.float64) @ x


def measured(graph: onnx.ModelProto, windows: list[Window], names: list[str]) -> dict[str, Incoming]:
    wider = onnx.ModelProto()
    wider.CopyFrom(graph)
    given = {o.name for o in graph.graph.output}
    more = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names if n not in given]
    wider.graph.output.extend(more)
    out = {name: Incoming() for name in names}
    for values in run(wider, windows, names):
        for name, x in zip(names, values, strict=True):
            out[name].add(x)
    return out


def evened(weight: Floats, incoming: Incoming) -> Floats:
    """By what each column of what comes in is divided, and each row of the matrix multiplied; one in the middle."""
    by = np.maximum(incoming.largest, 1e-3) ** EVEN / np.maximum(np.abs(weight).max(1), 1e-5) ** (1 - EVEN)
    return np.asarray(by / np.exp(np.log(by).mean()), dtype=np.float32)


def rounded(weight: Floats, products: Doubles) -> tuple[NDArray[np.int8], Floats]:
    """A matrix (in, out) as whole numbers and a scale a column; `products` of what comes in say which losses count."""
    scale = np.maximum(np.abs(weight).max(0) / HIGHEST, 1e-9)
    size = len(weight)
    damped = products + DAMPED * np.trace(products) / size * np.eye(size)
    left = np.linalg.cholesky(np.linalg.inv(damped)).T  # of row i, how a loss in it is made good by the rows behind it
    rest, out = weight.astype(np.float64), np.zeros(weight.shape, dtype=np.int8)
    for i in range(size):
        out[i] = np.clip(np.round(rest[i] / scale), -HIGHEST, HIGHEST)
        lost = (rest[i] - out[i] * scale) / left[i, i]
        rest[i + 1 :] -= np.outer(left[i, i + 1 :], lost)
    return out, scale.astype(np.float32)


def quantized(graph: onnx.ModelProto, windows: list[Window]) -> onnx.ModelProto:
    """The graph with every held matrix in eight bits."""
    held = {i.name: i for i in graph.graph.initializer}
    widened = {n.output[0]: n.input[0] for n in graph.graph.node if n.op_type == "Cast" and n.input[0] in held}
    products = [n for n in graph.graph.node if n.op_type in ("Gemm", "MatMul") and n.input[1] in widened]
    incoming = measured(graph, windows, sorted({n.input[0] for n in products}))
    nodes: list[onnx.NodeProto] = []
    new: list[onnx.TensorProto] = []
    for node in graph.graph.node:
        if node.op_type == "Cast" and node.output[0] in {n.input[1] for n in products}:
            continue
        if not any(node is n for n in products):
            nodes.append(node)
            continue
        x, name = node.input[0], node.input[1]
        weight = numpy_helper.to_array(held.pop(widened[name])).astype(np.float32)
        by = evened(weight, incoming[x])
        seen = incoming[x].products / np.outer(by, by)
        numbers, scale = rounded(weight * by[:, None], seen)
        tensors = {"even": 1 / by, "rounded": numbers, "scale": scale, "zero": np.zeros(len(scale), dtype=np.int8)}
        new += [numpy_helper.from_array(v, f"{name}.{k}") for k, v in tensors.items()]
        nodes.append(helper.make_node("Mul", [x, f"{name}.even"], [f"{name}.in"]))
        given = [f"{name}.in", *(f"{name}.{k}" for k in ("rounded", "scale", "zero")), *node.input[2:]]
        nodes.append(helper.make_node("DynamicQuantizeMatMul", given, list(node.output), domain=_OWN))
    parts = graph.graph
    made = helper.make_graph(nodes, parts.name, list(parts.input), list(parts.output), [*held.values(), *new])
    return helper.make_model(made, opset_imports=list(graph.opset_import), ir_version=graph.ir_version)


def apart(exact: list[list[Floats]], other: list[list[Floats]]) -> Mapping[int, float]:
    """Of each table, the size of the difference beside that of the exact one."""
    out = {}
    for k in range(len(exact[0])):
        one = np.concatenate([tables[k] for tables in exact])
        out[k] = float(np.linalg.norm(np.concatenate([tables[k] for tables in other]) - one) / np.linalg.norm(one))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="in place unless given")
    args = parser.parse_args()
    graph = onnx.load(str(args.model / "encode.onnx"))
    windows = windows_of(args.model, args.reports)
    made = quantized(graph, windows)
    names = [o.name for o in graph.graph.output]
    far = apart(run(graph, windows, names), run(made, windows, names))
    print(f"{len(windows)} windows;", ", ".join(f"{n} {far[k]:.3f} away" for k, n in enumerate(names)))
    onnx.save(made, str((args.out or args.model) / "encode.onnx"))


if __name__ == "__main__":
    main()
