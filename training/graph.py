"""The network's pass over a window as an ONNX graph, written out node by node: `ids` (length,) in, four tables a row a piece out.

Why not `torch.onnx.export`: one window at a time needs no mask and no batch, the three products of attention are one, and names
stay. Sums are in float32, nearer to what was trained than int8, which made reading a tenth cheaper (benchmarks/JOURNAL.md);
matrices are held in float16, embeddings in int8 with a scale a row, and both are widened when they are loaded or looked up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mahdar.reading.tokens import WINDOW
from training.model import HEAD, ReaderModel

OUT = ("states", "triggers", "keys", "products")
PLACES = 2 * WINDOW  # a window's last sentence may stand over its end
_OWN = "com.microsoft"  # the runtime's own operators


class _Graph:
    """Nodes and what they are made of, in order."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.held: list[onnx.TensorProto] = []

    def hold(self, name: str, values: NDArray[Any]) -> str:
        self.held.append(numpy_helper.from_array(values, name))
        return name

    def matrix(self, name: str, values: torch.Tensor) -> str:
        """Held in float16; what multiplies by it gets it in float32."""
        self.hold(f"{name}.half", values.detach().numpy().astype(np.float16))
        return self.node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def vector(self, name: str, values: torch.Tensor) -> str:
        return self.hold(name, values.detach().numpy().astype(np.float32))

    def numbers(self, name: str, *values: int) -> str:
        return self.hold(name, np.array(values, dtype=np.int64))

    def node(self, operator: str, given: list[str], out: str, *others: str, domain: str = "", **how: Any) -> str:
        self.nodes.append(helper.make_node(operator, given, [out, *others], domain=domain, **how))
        return out

    def linear(self, name: str, x: str, weight: torch.Tensor, bias: torch.Tensor, out: str) -> str:
        """x (length, in), weight (out, in) as PyTorch has it."""
        given = [x, self.matrix(f"{name}.weight", weight.T.contiguous()), self.vector(f"{name}.bias", bias)]
        return self.node("Gemm", given, out)

    def norm(self, name: str, x: str, layer: torch.nn.LayerNorm, out: str) -> str:
        given = [x, self.vector(f"{name}.weight", layer.weight), self.vector(f"{name}.bias", layer.bias)]
        return self.node("LayerNormalization", given, out, axis=-1, epsilon=layer.eps)


def encode_graph(model: ReaderModel) -> onnx.ModelProto:
    """The graph of a network whose layers all have as many attention heads."""
    graph = _Graph()
    h = _embed(graph, model.embeddings)
    heads = model.layers[0].attention.self.query.out_features // HEAD
    graph.numbers("by_head", 0, 3 * heads, HEAD)
    graph.numbers("thirds", heads, heads, heads)
    graph.numbers("flat", 0, heads * HEAD)
    for n, layer in enumerate(model.layers):
        h = _layer(graph, f"layers.{n}", h, layer, OUT[0] if n == len(model.layers) - 1 else f"layers.{n}.out")
    read = (model.token, model.roles.key, model.roles.left)
    every = torch.cat([m.weight for m in read]), torch.cat([m.bias for m in read])
    graph.numbers("widths", *(m.out_features for m in read))
    graph.node("Split", [graph.linear("heads", h, *every, "heads.out"), "widths"], *OUT[1:], axis=-1)
    made = helper.make_graph(
        graph.nodes,
        "encode",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["length"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["length", None]) for name in OUT],
        graph.held,
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_OWN, 1)]
    return helper.make_model(made, opset_imports=versions, ir_version=8)


def _embed(graph: _Graph, embeddings: Any) -> str:
    table = (embeddings.word_embeddings.weight + embeddings.token_type_embeddings.weight[0]).detach().numpy()
    scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-9).astype(np.float32)
    graph.hold("pieces", np.round(table / scale).astype(np.int8))
    graph.hold("pieces.scale", scale)
    rounded = graph.node("Gather", ["pieces", "ids"], "piece.rounded")
    wide = graph.node("Cast", [rounded], "piece.wide", to=TensorProto.FLOAT)
    piece = graph.node("Mul", [wide, graph.node("Gather", ["pieces.scale", "ids"], "piece.scale")], "piece")
    places = graph.matrix("places", embeddings.position_embeddings.weight[:PLACES])
    length = graph.node("Shape", ["ids"], "length")
    place = graph.node("Slice", [places, graph.numbers("start", 0), length], "place")
    return graph.norm("embedded", graph.node("Add", [piece, place], "sum"), embeddings.LayerNorm, "embedded")


def _layer(graph: _Graph, name: str, h: str, layer: Any, out: str) -> str:
    own, after, end = layer.attention.self, layer.attention.output, layer.output
    scaled = own.query.weight / HEAD**0.5, own.query.bias / HEAD**0.5
    weight = torch.cat([scaled[0], own.key.weight, own.value.weight])
    bias = torch.cat([scaled[1], own.key.bias, own.value.bias])
    every = graph.linear(f"{name}.attention", h, weight, bias, f"{name}.every")
    split = graph.node("Reshape", [every, "by_head"], f"{name}.split")
    turned = graph.node("Transpose", [split], f"{name}.turned", perm=[1, 0, 2])
    query, key, value = (f"{name}.{part}" for part in ("query", "key", "value"))
    graph.node("Split", [turned, "thirds"], query, key, value, axis=0)
    likeness = graph.node("FusedMatMul", [query, key], f"{name}.likeness", domain=_OWN, transB=1)
    share = graph.node("Softmax", [likeness], f"{name}.share", axis=-1)
    seen = graph.node(
        "Transpose", [graph.node("MatMul", [share, value], f"{name}.seen")], f"{name}.back", perm=[1, 0, 2]
    )
    flat = graph.node("Reshape", [seen, "flat"], f"{name}.flat")
    mixed = graph.linear(f"{name}.mix", flat, after.dense.weight, after.dense.bias, f"{name}.mixed")
    kept = graph.norm(f"{name}.kept", graph.node("Add", [mixed, h], f"{name}.added"), after.LayerNorm, f"{name}.kept")
    inner = layer.intermediate.dense
    wide = graph.node(
        "MatMul", [kept, graph.matrix(f"{name}.inner.weight", inner.weight.T.contiguous())], f"{name}.wide"
    )
    bent = graph.node("BiasGelu", [wide, graph.vector(f"{name}.inner.bias", inner.bias)], f"{name}.bent", domain=_OWN)
    closed = graph.linear(f"{name}.outer", bent, end.dense.weight, end.dense.bias, f"{name}.closed")
    return graph.norm(f"{name}.end", graph.node("Add", [closed, kept], f"{name}.both"), end.LayerNorm, out)
