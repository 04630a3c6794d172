"""The network of all-MiniLM-L6-v2 as an ONNX graph, made from its weights.

Six BERT layers, then mean pooling over the tokens and scaling to unit length. Inputs: ``ids`` and
``mask``, int64 of shape (batch, length); mask is 1 for a token and 0 for padding. Outputs:
``vectors`` (batch, 384) and ``tokens`` (batch, length, 384), the layer before the pooling, which
costs nothing unless it is requested.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load

if TYPE_CHECKING:
    from rag.embedding.base import Vectors

LAYERS = 6
HEADS = 12
WIDTH = 384
MOST_TOKENS = 256  # max_seq_length of the published model
NORM_EPSILON = 1e-12  # layer_norm_eps of the published model
# Opset 20 is the first with Gelu; ONNX Runtime has read IR 9 since 1.16.
OPSET, IR_VERSION = 20, 9


class GraphBuilder:
    """Collects nodes and constants; each method adds a step and returns its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Adds a constant once; a known name keeps its value."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def shape(self, *sizes: int) -> str:
        name = "shape_" + "_".join(map(str, sizes))
        return self.constant(name, np.array(sizes, dtype=np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(f"scalar_{value}", np.array(value, dtype=np.float32))


class BertBuilder(GraphBuilder):
    """Adds the parts of a BERT network, taking their weights from ``tensors`` by prefix."""

    def __init__(self, tensors: Mapping[str, Vectors]) -> None:
        super().__init__()
        self.tensors = tensors

    def linear(self, source: str, prefix: str) -> str:
        weight = self.constant(f"{prefix}.weight", self.tensors[f"{prefix}.weight"].T)
        bias = self.constant(f"{prefix}.bias", self.tensors[f"{prefix}.bias"])
        return self.node("Add", self.node("MatMul", source, weight), bias)

    def normalized(self, source: str, prefix: str) -> str:
        weight = self.constant(f"{prefix}.weight", self.tensors[f"{prefix}.weight"])
        bias = self.constant(f"{prefix}.bias", self.tensors[f"{prefix}.bias"])
        return self.node("LayerNormalization", source, weight, bias, epsilon=NORM_EPSILON)

    def embeddings(self) -> str:
        """Word plus position; every token is of type 0, so its vector is added to the positions."""
        words = self.constant("words", self.tensors["embeddings.word_embeddings.weight"])
        places = self.tensors["embeddings.position_embeddings.weight"][:MOST_TOKENS]
        kind = self.tensors["embeddings.token_type_embeddings.weight"][0]
        table = self.constant("positions", places + kind)
        length = self.node("Shape", "ids", start=1, end=2)
        rows = self.node("Slice", table, self.shape(0), length, self.shape(0))
        total = self.node("Add", self.node("Gather", words, "ids"), rows)
        return self.normalized(total, "embeddings.LayerNorm")

    def masking(self, mask: str) -> str:
        """Zero for a token and a large negative number for padding, to be added to scores."""
        wide = self.node("Unsqueeze", mask, self.shape(1, 2))
        padding = self.node("Sub", self.scalar(1.0), wide)
        return self.node("Mul", padding, self.scalar(-1e9))

    def heads(self, source: str, order: tuple[int, ...]) -> str:
        split = self.node("Reshape", source, self.shape(0, 0, HEADS, WIDTH // HEADS))
        return self.node("Transpose", split, perm=order)

    def layer(self, source: str, masking: str, prefix: str) -> str:
        own = f"{prefix}.attention.self"
        query = self.heads(self.linear(source, f"{own}.query"), (0, 2, 1, 3))
        key = self.heads(self.linear(source, f"{own}.key"), (0, 2, 3, 1))
        value = self.heads(self.linear(source, f"{own}.value"), (0, 2, 1, 3))
        scale = self.scalar((WIDTH // HEADS) ** -0.5)
        scores = self.node("Mul", self.node("MatMul", query, key), scale)
        weights = self.node("Softmax", self.node("Add", scores, masking), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", weights, value), perm=(0, 2, 1, 3))
        joined = self.node("Reshape", mixed, self.shape(0, 0, WIDTH))
        attended = self.linear(joined, f"{prefix}.attention.output.dense")
        attended = self.node("Add", attended, source)
        attended = self.normalized(attended, f"{prefix}.attention.output.LayerNorm")
        inner = self.node("Gelu", self.linear(attended, f"{prefix}.intermediate.dense"))
        outer = self.node("Add", self.linear(inner, f"{prefix}.output.dense"), attended)
        return self.normalized(outer, f"{prefix}.output.LayerNorm")

    def pooled(self, tokens: str, mask: str) -> None:
        """The mean over the tokens at unit length; no division by zero, even without tokens."""
        wide = self.node("Unsqueeze", mask, self.shape(2))
        total = self.node("ReduceSum", self.node("Mul", tokens, wide), self.shape(1), keepdims=0)
        count = self.node("ReduceSum", mask, self.shape(1), keepdims=1)
        mean = self.node("Div", total, self.node("Max", count, self.scalar(1e-9)))
        length = self.node("ReduceL2", mean, self.shape(1), keepdims=1)
        self.node("Div", mean, self.node("Max", length, self.scalar(1e-12)), output="vectors")


def build_graph(safetensors: bytes) -> bytes:
    """The serialised graph. The same weights always give the same bytes."""
    builder = BertBuilder(load(safetensors))
    mask = builder.node("Cast", "mask", to=TensorProto.FLOAT)
    masking = builder.masking(mask)
    state = builder.embeddings()
    for index in range(LAYERS):
        state = builder.layer(state, masking, f"encoder.layer.{index}")
    builder.node("Identity", state, output="tokens")
    builder.pooled("tokens", mask)
    grid = ("batch", "length")
    graph = helper.make_graph(
        builder.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(name, TensorProto.INT64, grid) for name in ("ids", "mask")],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ("batch", WIDTH)),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, (*grid, WIDTH)),
        ],
        list(builder.constants.values()),
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
