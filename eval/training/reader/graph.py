"""The trained network as one ONNX file: int8 weights, calibrated chances, vocabulary inside.

Inputs: ``ids``, ``kinds``, ``places`` and ``mask``, int64 of shape (batch, length), see
`rag.reader.Batch`. Outputs: ``claim`` (batch, 3), chances of supported, contradicted and
not stated; ``support`` and ``answer`` (batch, sentences), chances of each sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from eval.training.reader.calibrate import Calibration
from eval.training.reader.network import EPSILON, HEADS, LAYERS, WIDTH, ReaderNetwork
from rag.embedding.graph import (
    IR_VERSION,
    LEVELS,
    OPSET,
    RUNTIME,
    GraphBuilder,
    Int8Products,
)
from rag.reader import MOST_TOKENS

Weights = NDArray[np.float32]


class ReaderBuilder(GraphBuilder):
    """Adds the parts of `eval.training.reader.network.ReaderNetwork`.

    Between the layers, states are rows: (batch times length, width).
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.weights = {name: value.float().numpy() for name, value in weights.items()}

    def linear(self, source: str, name: str) -> str:
        """A layer's product with rows."""
        product = self.product(source, f"{name}.weight", self.weights[f"{name}.weight"].T)
        return self.node(
            "Add", product, self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        )

    def product(self, source: str, name: str, weight: Weights) -> str:
        return self.node("MatMul", source, self.constant(name, weight))

    def dense(self, source: str, name: str) -> str:
        """A product of a head, which has few rows, of any shape."""
        weight = self.stored(f"{name}.weight", self.weights[f"{name}.weight"].T)
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("Add", self.node("MatMul", source, weight), bias)

    def stored(self, name: str, weight: Weights) -> str:
        return self.constant(name, weight)

    def gathered(self, table: Weights) -> str:
        return self.node("Gather", self.constant("words", table), "ids")

    def normalized(self, source: str, name: str) -> str:
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("LayerNormalization", source, weight, bias, epsilon=EPSILON)

    def embeddings(self) -> str:
        table = self.constant("positions", self.weights["positions.weight"][:MOST_TOKENS])
        length = self.node("Shape", "ids", start=1, end=2)
        places = self.node("Slice", table, self.shape(0), length, self.shape(0))
        kinds = self.constant("types", self.weights["kinds.weight"])
        total = self.node("Add", self.gathered(self.weights["words.weight"]), places)
        total = self.node("Add", total, self.node("Gather", kinds, "kinds"))
        return self.rows(self.normalized(total, "norm"))

    def layer(self, source: str, real: str, name: str) -> str:
        joint = self.grid(self.linear(source, f"{name}.joint"))
        sizes = self.constant("thirds", np.array([WIDTH] * 3, dtype=np.int64))
        thirds = [f"{name}.{part}" for part in ("query", "key", "value")]
        self.nodes.append(helper.make_node("Split", [joint, sizes], thirds, axis=-1))
        # One step of ONNX Runtime's own in place of eight: the scores of one head stay in the
        # processor's cache.
        mixed = self.node("MultiHeadAttention", *thirds, "", real, domain=RUNTIME, num_heads=HEADS)
        state = self.node("Add", self.linear(self.rows(mixed), f"{name}.output"), source)
        state = self.normalized(state, f"{name}.first_norm")
        inner = self.node("Gelu", self.linear(state, f"{name}.inner"))
        outer = self.node("Add", self.linear(inner, f"{name}.outer"), state)
        return self.normalized(outer, f"{name}.second_norm")

    def pooled(self, weights: str, state: str) -> str:
        """Means over tokens: (batch, groups, length) weights to (batch, groups, width)."""
        total = self.node("ReduceSum", weights, self.shape(2), keepdims=1)
        share = self.node("Div", weights, self.node("Max", total, self.scalar(1e-6)))
        return self.node("MatMul", share, state)

    def head(self, name: str, *vectors: str) -> str:
        joined = self.node("Concat", *vectors, axis=-1)
        inner = self.node("Gelu", self.dense(joined, f"{name}.inner"))
        return self.dense(inner, f"{name}.outer")

    def number(self, source: str) -> str:
        return self.node("Cast", source, to=TensorProto.FLOAT)


class Int8ReaderBuilder(Int8Products, ReaderBuilder):
    """The same network with int8 weights; a row's output does not depend on its batch."""

    def stored(self, name: str, weight: Weights) -> str:
        """Weights that are multiplied as float32, kept in int8."""
        scales = np.maximum(np.abs(weight).max(axis=0), 1e-9) / LEVELS
        levels = self.constant(name, np.round(weight / scales).astype(np.int8))
        steps = self.constant(f"{name}.scales", scales.astype(np.float32))
        return self.node("DequantizeLinear", levels, steps, axis=1)


def build(weights: Mapping[str, Tensor], how: Calibration, *, int8: bool) -> onnx.ModelProto:
    """The graph, with int8 or float32 weights."""
    builder = Int8ReaderBuilder(weights) if int8 else ReaderBuilder(weights)
    node, number, shape = builder.node, builder.number, builder.shape
    mask = number("mask")
    real = node("Cast", "mask", to=TensorProto.INT32)
    state = builder.embeddings()
    for index in range(LAYERS):
        state = builder.layer(state, real, f"layers.{index}")
    state = builder.grid(state)
    first = builder.constant("first", np.array([0], dtype=np.int64))
    whole = node("Gather", state, first, axis=1)  # (batch, 1, width)
    wide = node("Clip", builder.dense(state, "attention"), builder.scalar(-15.0),
                builder.scalar(15.0))  # fmt: skip
    wide = node("Transpose", node("Exp", wide), perm=(0, 2, 1))  # (batch, 3, length)
    counted = [node("Slice", wide, *(builder.constant(f"{end}_{i}", np.array([i + add]))
               for end, add in (("from", 0), ("to", 1))), shape(1)) for i in range(3)]  # fmt: skip

    text = node("Unsqueeze", number(node("Greater", "places", builder.constant(
        "nowhere", np.array(0)))), shape(1))  # fmt: skip
    asked = node("Unsqueeze", node("Mul", mask, number(node("Equal", "kinds", builder.constant(
        "nowhere", np.array(0))))), shape(1))  # fmt: skip
    claim = builder.head("claim", whole, builder.pooled(asked, state),
                         builder.pooled(node("Mul", text, counted[0]), state))  # fmt: skip
    scaled = node("Div", node("Squeeze", claim, shape(1)), builder.scalar(how.claim))
    shift = builder.constant("claim_shift", np.array(how.claim_shift, dtype=np.float32))
    node("Softmax", node("Add", scaled, shift), axis=-1, output="claim")

    one = builder.constant("one", np.array(1))
    most = node("ReduceMax", "places", keepdims=0)
    numbers = node("Range", one, node("Add", most, one), one)
    numbers = node("Unsqueeze", numbers, shape(0, 2))  # (1, sentences, 1)
    members = number(node("Equal", node("Unsqueeze", "places", shape(1)), numbers))
    for name, weight, heat, add in (
        ("support", counted[1], how.support, 0.0),
        ("answer", counted[2], how.answer, how.answer_shift),
    ):
        vectors = builder.pooled(node("Mul", members, weight), state)
        size = node("Shape", vectors)
        logits = builder.head(name, vectors, node("Expand", whole, size))
        scaled = node("Div", node("Squeeze", logits, shape(2)), builder.scalar(heat))
        node("Sigmoid", node("Add", scaled, builder.scalar(add)), output=name)
    return _model(builder)


def _model(builder: GraphBuilder) -> onnx.ModelProto:
    grid = ("batch", "length")
    graph = helper.make_graph(
        builder.nodes,
        "footnote-reader",
        [helper.make_tensor_value_info(name, TensorProto.INT64, grid)
         for name in ("ids", "kinds", "places", "mask")],
        [
            helper.make_tensor_value_info("claim", TensorProto.FLOAT, ("batch", 3)),
            helper.make_tensor_value_info("support", TensorProto.FLOAT, ("batch", "sentences")),
            helper.make_tensor_value_info("answer", TensorProto.FLOAT, ("batch", "sentences")),
        ],
        list(builder.constants.values()),
    )  # fmt: skip
    opset = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME, 1)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def export(
    weights: Mapping[str, Tensor],
    how: Calibration,
    vocabulary: Sequence[str],
    notes: Mapping[str, str],
    path: Path,
    *,
    small: bool = True,
) -> None:
    """Writes the file; ``small`` makes its large weights int8, a scale for each column."""
    model = build(weights, how, int8=small)
    helper.set_model_props(model, {"vocabulary": "\n".join(vocabulary), **notes})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def restore(network: ReaderNetwork, path: Path) -> None:
    """Loads the weights of an exported reader into a network.

    The network keeps its word embeddings: training does not change them, and in int8 they are
    coarser.
    """
    model = onnx.load(path)
    found = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    if not {"types", "positions"} <= found.keys():
        raise ValueError(f"{path} is not an exported reader")
    weights = {name: value for name, value in found.items() if name.endswith((".weight", ".bias"))}
    for name, value in weights.items():
        if f"{name}.scales" in found:
            weights[name] = value.astype(np.float32) * found[f"{name}.scales"]
    # `ReaderBuilder.linear` stores matrices turned round; the other weights have one dimension.
    kept = {name: torch.from_numpy(np.array(value.T)) for name, value in weights.items()}
    kept["kinds.weight"] = torch.from_numpy(found["types"].copy())
    places = network.positions.weight.detach().clone()
    places[:MOST_TOKENS] = torch.from_numpy(found["positions"].copy())
    kept["positions.weight"] = places
    left = network.load_state_dict(kept, strict=False)
    if left.missing_keys != ["words.weight"] or left.unexpected_keys:
        raise ValueError(f"{path} is not an exported reader: {left}")
