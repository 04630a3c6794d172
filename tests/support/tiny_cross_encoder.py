"""A cross-encoder of a few kilobytes: its first score is the number of words that two texts share.

The second label, where there is one, gets the negative of that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def write_cross_encoder(
    folder: Path,
    words: Sequence[str],
    *,
    labels: Sequence[str] = ("relevance",),
    graph: bool = True,
) -> Path:
    """Writes config, tokenizer and graph; other words are unknown and never shared."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"id2label": {str(n): label for n, label in enumerate(labels)}, "pad_token_id": 0}
    config["max_position_embeddings"] = 64
    (folder / "config.json").write_text(json.dumps(config))
    if graph:
        onnx.save(_graph(len(vocabulary), len(labels)), str(folder / "model.onnx"))
    return folder


def _graph(size: int, labels: int) -> onnx.ModelProto:
    counted = np.eye(size, dtype=np.float32)
    counted[: len(SPECIAL)] = 0.0
    signs = np.array([[(-1.0) ** n for n in range(labels)]], dtype=np.float32)
    constants = {
        "counted": counted,
        "signs": signs,
        "one": np.array(1.0, dtype=np.float32),
        "rows": np.array([1], dtype=np.int64),
    }
    ids = ("input_ids", "attention_mask", "token_type_ids")
    nodes = [
        helper.make_node("Gather", ["counted", "input_ids"], ["hot"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["one", "second"], ["first"]),
    ]
    for side in ("first", "second"):
        nodes += [
            helper.make_node("Mul", [side, "mask"], [f"{side}_kept"]),
            helper.make_node("Unsqueeze", [f"{side}_kept", "two"], [f"{side}_wide"]),
            helper.make_node("Mul", ["hot", f"{side}_wide"], [f"{side}_hot"]),
            helper.make_node("ReduceMax", [f"{side}_hot", "rows"], [f"{side}_bag"], keepdims=0),
        ]
    constants["two"] = np.array([2], dtype=np.int64)
    nodes += [
        helper.make_node("Mul", ["first_bag", "second_bag"], ["shared"]),
        helper.make_node("ReduceSum", ["shared", "rows"], ["total"], keepdims=1),
        helper.make_node("MatMul", ["total", "signs"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "shared words",
        [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "length"]) for n in ids],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.checker.check_model(model)
    return model
