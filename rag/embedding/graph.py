"""The network of all-MiniLM-L6-v2 as an ONNX graph, made from its weights.

Six BERT layers, then mean pooling over the tokens and scaling to unit length. Inputs: ``ids`` and
``mask``, int64 of shape (batch, length); mask is 1 for a token and 0 for padding. Outputs:
``vectors`` (batch, 384) and ``tokens`` (batch, length, 384), the layer before the pooling, which
costs nothing unless it is requested. In between, states are (batch times length, width).
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
# The domain of ONNX Runtime's own operators.
RUNTIME = "com.microsoft"
# Levels of int8 numbers on each side of zero.
LEVELS = 127


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

    def rows(self, source: str) -> str:
        return self.node("Reshape", source, self.shape(-1, WIDTH))

    def grid(self, source: str, output: str = "") -> str:
        """Rows as (batch, length, width)."""
        shape = self.node("Concat", self.node("Shape", "ids"), self.shape(-1), axis=0)
        return self.node("Reshape", source, shape, output=output)


class BertBuilder(GraphBuilder):
    """Adds the parts of a BERT network, taking their weights from ``tensors`` by prefix."""

    def __init__(self, tensors: Mapping[str, Vectors]) -> None:
        super().__init__()
        self.tensors = tensors

    def linear(self, source: str, prefix: str) -> str:
        product = self.product(source, f"{prefix}.weight", self.tensors[f"{prefix}.weight"].T)
        bias = self.constant(f"{prefix}.bias", self.tensors[f"{prefix}.bias"])
        return self.node("Add", product, bias)

    def product(self, source: str, name: str, weight: Vectors) -> str:
        return self.node("MatMul", source, self.constant(name, weight))

    def words(self) -> str:
        table = self.constant("words", self.tensors["embeddings.word_embeddings.weight"])
        return self.node("Gather", table, "ids")

    def normalized(self, source: str, prefix: str) -> str:
        weight = self.constant(f"{prefix}.weight", self.tensors[f"{prefix}.weight"])
        bias = self.constant(f"{prefix}.bias", self.tensors[f"{prefix}.bias"])
        return self.node("LayerNormalization", source, weight, bias, epsilon=NORM_EPSILON)

    def embeddings(self) -> str:
        """Word plus position; every token is of type 0, so its vector is added to the positions."""
        places = self.tensors["embeddings.position_embeddings.weight"][:MOST_TOKENS]
        kind = self.tensors["embeddings.token_type_embeddings.weight"][0]
        table = self.constant("positions", places + kind)
        length = self.node("Shape", "ids", start=1, end=2)
        positions = self.node("Slice", table, self.shape(0), length, self.shape(0))
        total = self.node("Add", self.words(), positions)
        return self.rows(self.normalized(total, "embeddings.LayerNorm"))

    def layer(self, source: str, mask: str, prefix: str) -> str:
        own = f"{prefix}.attention.self"
        parts = [self.grid(self.linear(source, f"{own}.{n}")) for n in ("query", "key", "value")]
        # One operator in place of eight: the scores of a head stay in the processor's cache.
        mixed = self.node("MultiHeadAttention", *parts, "", mask, domain=RUNTIME, num_heads=HEADS)
        attended = self.linear(self.rows(mixed), f"{prefix}.attention.output.dense")
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


class Int8Products(GraphBuilder):
    """Multiplies int8 numbers, with one scale per token and one per output.

    The scales of a token depend on nothing else in its batch, and neither does what comes of it.
    """

    def __init__(self, *weights: Any) -> None:
        super().__init__(*weights)
        self.quantized: dict[str, tuple[str, str]] = {}

    def levels(self, source: str) -> tuple[str, str]:
        """A source in int8 and the scales of its tokens, made once."""
        if source not in self.quantized:
            self.quantized[source] = self._levels(source)
        return self.quantized[source]

    def _levels(self, source: str) -> tuple[str, str]:
        highest = self.node("ReduceMax", source, self.shape(1), keepdims=0)
        lowest = self.node("ReduceMin", source, self.shape(1), keepdims=0)
        reach = self.node("Max", highest, self.node("Neg", lowest), self.scalar(1e-9))
        step = self.node("Mul", reach, self.scalar(1 / LEVELS))
        # Unsigned numbers around 128: with signed ones ONNX Runtime is four times slower.
        middle = np.array([LEVELS + 1], dtype=np.uint8)
        middles = self.node(
            "ConstantOfShape", self.node("Shape", step), value=numpy_helper.from_array(middle)
        )
        levels = self.node("QuantizeLinear", source, step, middles, axis=0)
        return levels, self.node("Unsqueeze", step, self.shape(1))

    def product(self, source: str, name: str, weight: Vectors) -> str:
        """Rows of shape (tokens, inputs) times weights of shape (inputs, outputs)."""
        levels, steps = self.levels(source)
        # Processors without VNNI add the products of two neighbouring inputs in sixteen bits. So
        # that no sum overflows, two neighbouring weights together stay within the levels.
        pairs = np.abs(weight.reshape(-1, 2, weight.shape[1]).sum(axis=1))
        scales = np.maximum(np.abs(weight).max(axis=0), pairs.max(axis=0)) / LEVELS
        product = self.node(
            *("MatMulIntegerToFloat", levels),
            self.constant(name, np.round(weight / scales).astype(np.int8)),
            self.scalar(1.0),
            self.constant(f"{name}.scales", scales.astype(np.float32)),
            self.constant("middle", np.array(LEVELS + 1, dtype=np.uint8)),
            domain=RUNTIME,
        )
        return self.node("Mul", product, steps)

    def gathered(self, table: Vectors) -> str:
        """The rows of a table of words, which is kept in int8, for the tokens in ``ids``."""
        scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / LEVELS
        levels = self.constant("words", np.round(table / scales).astype(np.int8))
        found = self.node("Cast", self.node("Gather", levels, "ids"), to=TensorProto.FLOAT)
        steps = self.constant("words.scales", scales.astype(np.float32))
        return self.node("Mul", found, self.node("Gather", steps, "ids"))


class Int8Builder(Int8Products, BertBuilder):
    """The same network with int8 weights."""

    def words(self) -> str:
        return self.gathered(self.tensors["embeddings.word_embeddings.weight"])


def build_graph(safetensors: bytes, *, int8: bool) -> bytes:
    """The serialised graph. The same weights always give the same bytes.

    Args:
        safetensors: The weights of the published model.
        int8: Whether it multiplies int8 numbers instead of float32.
    """
    tensors = load(safetensors)
    builder = Int8Builder(tensors) if int8 else BertBuilder(tensors)
    real = builder.node("Cast", "mask", to=TensorProto.INT32)
    state = builder.embeddings()
    for index in range(LAYERS):
        state = builder.layer(state, real, f"encoder.layer.{index}")
    tokens = builder.grid(state, output="tokens")
    builder.pooled(tokens, builder.node("Cast", "mask", to=TensorProto.FLOAT))
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
    opset = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME, 1)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
