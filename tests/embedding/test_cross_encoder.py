"""Cross-encoders from a local folder, with a graph made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.embedding.cross_encoder import CrossEncoder
from rag.errors import FootnoteError, MissingExtra
from tiny_cross_encoder import write_cross_encoder

WORDS = ("rates", "rise", "fall", "banks", "cats", "sleep")


def test_scores_of_pairs_in_their_order_whatever_their_length(tmp_path: Path) -> None:
    model = CrossEncoder(write_cross_encoder(tmp_path, WORDS))
    long = " ".join(["something"] * 30)
    pairs = [("rates rise", f"banks rates {long} rise"), ("cats", "rates"), ("cats", "cats sleep")]
    pairs *= 5
    scores = model.scores(pairs)
    assert scores.dtype == np.float32 and scores.shape == (15, 1)
    assert scores[:, 0].tolist() == [2.0, 0.0, 1.0] * 5
    assert model.labels == ("relevance",)


def test_labels_are_the_columns(tmp_path: Path) -> None:
    model = CrossEncoder(write_cross_encoder(tmp_path, WORDS, labels=("same", "other")))
    assert model.labels == ("same", "other")
    assert model.scores([("cats sleep", "cats sleep")]).tolist() == [[2.0, -2.0]]
    assert model.scores([]).shape == (0, 2)


@pytest.mark.parametrize(
    "name",
    ["model_quantized.onnx", "onnx/model_int8.onnx", "onnx/model_qint8_avx512_vnni.onnx"],
)
def test_graphs_in_int8_are_found(tmp_path: Path, name: str) -> None:
    folder = write_cross_encoder(tmp_path, WORDS)
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / name)
    assert CrossEncoder(folder).scores([("cats", "cats sleep")]).tolist() == [[1.0]]
    # The one that was exported first is preferred.
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(FootnoteError, match="cannot be loaded"):
        CrossEncoder(folder)


def test_a_long_pair_loses_the_end_of_its_longer_text(tmp_path: Path) -> None:
    model = CrossEncoder(write_cross_encoder(tmp_path, WORDS))
    filler = " ".join(["something"] * 500)
    scores = model.scores([("cats", f"cats {filler}"), ("cats", f"{filler} cats")])
    assert scores[:, 0].tolist() == [1.0, 0.0]


def test_half_a_surrogate_pair_is_no_error(tmp_path: Path) -> None:
    model = CrossEncoder(write_cross_encoder(tmp_path, WORDS))
    assert model.scores([("cats \ud800", "cats")])[0, 0] == 1.0


def test_folders_that_hold_no_model_are_named(tmp_path: Path) -> None:
    with pytest.raises(FootnoteError, match=r"config\.json"):
        CrossEncoder(tmp_path)
    folder = write_cross_encoder(tmp_path / "damaged", WORDS)
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(FootnoteError, match="cannot be loaded"):
        CrossEncoder(folder)
    folder = write_cross_encoder(tmp_path / "words", WORDS)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(FootnoteError, match=r"tokenizer\.json"):
        CrossEncoder(folder)


def test_labels_that_do_not_fit_are_said(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path, WORDS)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "id2label": {"0": "a", "1": "b"}}))
    with pytest.raises(FootnoteError, match="2 labels"):
        CrossEncoder(folder).scores([("cats", "cats")])


def test_weights_without_a_graph_want_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtra, match="transformers"):
        CrossEncoder(write_cross_encoder(tmp_path, WORDS, graph=False))
