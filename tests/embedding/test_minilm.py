"""The embedder against sentence-transformers: vectors of texts and of spans in them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import DATA, ROOT
from rag.embedding import minilm as minilm_module
from rag.embedding import weights
from rag.embedding.base import EmbedderIdentity
from rag.embedding.minilm import MiniLM, load_minilm
from rag.embedding.weights import WheelWeights, cached_graph, find_weights
from rag.text import sentences
from rag.types import Span

REFERENCE = json.loads((DATA / "minilm_reference.json").read_text(encoding="utf-8"))
TEXTS = [case["text"] for case in REFERENCE["cases"]]
CLOSE = 1e-5


def difference(left: object, right: object) -> float:
    return float(np.abs(np.asarray(left) - np.asarray(right)).max())


def test_agrees_with_sentence_transformers(minilm: MiniLM) -> None:
    expected = [case["vector"] for case in REFERENCE["cases"]]
    assert difference(minilm.embed(TEXTS), expected) < CLOSE


def test_int8_agrees_nearly(int8: MiniLM) -> None:
    worded = [case for case in REFERENCE["cases"] if re.search(r"\w", case["text"])]
    exact = np.array([case["vector"] for case in worded])
    near = int8.embed([case["text"] for case in worded])
    assert (exact * near).sum(axis=1).min() > 0.99


def test_int8_spans_agree_nearly(minilm: MiniLM, int8: MiniLM) -> None:
    spans = [sentences(text) for text in TEXTS]
    exact, near = (np.vstack(one.embed_with_spans(TEXTS, spans).spans) for one in (minilm, int8))
    assert (exact * near).sum(axis=1).min() > 0.97


@settings(max_examples=15, deadline=None)
@given(st.permutations(TEXTS))
def test_an_int8_vector_does_not_depend_on_its_neighbours(int8: MiniLM, texts: list[str]) -> None:
    alone = {text: int8.embed([text])[0] for text in TEXTS}
    for text, vector in zip(texts, int8.embed(texts), strict=True):
        # Sums in another order may round a few numbers to the next of their levels.
        assert vector @ alone[text] > 0.9998


def test_the_identity_names_the_precision(minilm: MiniLM, int8: MiniLM) -> None:
    assert str(int8.identity) == "all-MiniLM-L6-v2-int8 (384 dimensions, digest 53aa5117)"
    assert find_weights(identity=minilm.identity).identity == minilm.identity
    assert find_weights(identity=int8.identity).identity == int8.identity
    assert find_weights().identity == int8.identity


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


def test_many_threads_get_one_and_the_same(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[WheelWeights] = []

    def build(found: WheelWeights) -> object:
        built.append(found)
        return original(found)

    original = minilm_module.MiniLM
    monkeypatch.setattr(minilm_module, "MiniLM", build)
    monkeypatch.setattr(weights, "user_cache_dir", lambda _: str(cache_folder))
    minilm_module._load.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: load_minilm(), range(16)))
        vectors = list(pool.map(lambda one: one.embed(TEXTS[:2]), loaded))
    assert len({id(one) for one in loaded}) == len(built) == 1
    assert all(difference(found, vectors[0]) < CLOSE for found in vectors)
    assert load_minilm() is load_minilm()
    minilm_module._load.cache_clear()


def test_onnx_and_llama_index_are_not_imported_for_an_answer(cache_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.embedding.minilm import MiniLM\n"
        "from rag.embedding.weights import find_weights\n"
        "MiniLM(find_weights(), cache_folder=Path(sys.argv[1])).embed(['one text'])\n"
        "print([name for name in ('onnx', 'llama_index', 'chromadb', 'torch', 'safetensors')"
        " if name in sys.modules])"
    )
    found = find_weights()
    assert isinstance(found, WheelWeights)
    cached_graph(found, cache_folder)
    done = subprocess.run(
        [sys.executable, "-c", program, str(cache_folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
