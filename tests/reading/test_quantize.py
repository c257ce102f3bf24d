"""Rounding the encoder's matrices: small numbers, and what they lose made good."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx", reason="what trains the network is not installed")

import onnx
from onnx import TensorProto, helper, numpy_helper

from mahdar.reading.tokens import Window
from training.quantize import HIGHEST, apart, quantized, rounded, run

SIZE, OUT = 48, 24


def windows() -> list[Window]:
    return [Window(ids=list(range(low, low + 40))) for low in range(0, 200, 10)]


def graph() -> onnx.ModelProto:
    """Rows of a table looked up, one column of it much larger than the others, multiplied by a held matrix."""
    chance = np.random.default_rng(3)
    table = chance.normal(size=(256, SIZE)).astype(np.float32)
    table[:, 7] *= 40
    weight = chance.normal(size=(SIZE, OUT)).astype(np.float16)
    held = {"table": table, "head.weight.half": weight, "head.bias": np.ones(OUT, dtype=np.float32)}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["x"]),
        helper.make_node("Cast", ["head.weight.half"], ["head.weight"], to=TensorProto.FLOAT),
        helper.make_node("Gemm", ["x", "head.weight", "head.bias"], ["states"]),
    ]
    given = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["length"])]
    told = [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["length", OUT])]
    made = helper.make_graph(nodes, "small", given, told, [numpy_helper.from_array(v, k) for k, v in held.items()])
    versions = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=versions, ir_version=8)


def test_a_matrix_becomes_seven_bits_that_lose_less_of_what_comes_in_than_rounding_each_for_itself() -> None:
    chance = np.random.default_rng(1)
    mixed = chance.normal(size=(8, SIZE))  # eight directions in forty-eight columns: they hang together
    x = chance.normal(size=(500, 8)) @ mixed + 0.1 * chance.normal(size=(500, SIZE))
    weight = chance.normal(size=(SIZE, OUT)).astype(np.float32)
    numbers, scale = rounded(weight, x.T @ x)
    assert np.abs(numbers.astype(int)).max() <= HIGHEST
    lost = np.square(x @ (numbers * scale) - x @ weight).sum()
    each = np.square(x @ (np.round(weight / scale) * scale) - x @ weight).sum()
    assert lost < each / 2


def test_the_rounded_graph_answers_nearly_as_the_exact_one_though_one_column_is_large() -> None:
    exact, seen = graph(), windows()
    made = quantized(exact, seen)
    assert [n.op_type for n in made.graph.node] == ["Gather", "Mul", "DynamicQuantizeMatMul"]
    assert "head.weight.half" not in {i.name for i in made.graph.initializer}
    assert apart(run(exact, seen, ["states"]), run(made, seen, ["states"]))[0] < 0.02
