"""Cross-encoders from weights without a graph, run by torch; skipped where that is not installed.

A tiny one is trained here to tell whether the second text holds the first one's only word that it
knows, so that its order can be right or wrong.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from rag.embedding.cross_encoder import CrossEncoder, TorchPairs
from rag.errors import FootnoteError
from rag.retrieval.library import open_library
from rag.retrieval.rerank import Reranker
from rag.verification.entailment import Entailment
from stored_articles import article, entry
from tiny_cross_encoder import SPECIAL, write_cross_encoder
from tiny_embedder import TinyEmbedder

MISSING = "the extra 'transformers' is not installed"
torch = pytest.importorskip("torch", reason=MISSING)
transformers = pytest.importorskip("transformers", reason=MISSING)

pytestmark = pytest.mark.filterwarnings("ignore")

WORDS = ("ferry", "bridge", "tram", "noon", "opens")
PAIRS = [(one, other) for one in WORDS for other in WORDS]
# As the reranker shows a passage, under its title.
TITLED = [(one, f"{other.title()}\n{other}") for one, other in PAIRS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 32 dimensions with two outputs, trained on pairs with and without a title."""
    place = tmp_path_factory.mktemp("cross") / "model"
    write_cross_encoder(place, WORDS, graph=False)
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label={0: "contradiction", 1: "entailment"},
        label2id={"contradiction": 0, "entailment": 1},
        pad_token_id=0,
    )
    model = transformers.BertForSequenceClassification(config)
    tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
    same = torch.tensor([int(one == other) for one, other in PAIRS])
    steps = torch.optim.Adam(model.parameters(), lr=0.003)
    weights = torch.tensor([1.0, 4.0])
    batches = [tokenizer.encode_batch(PAIRS), tokenizer.encode_batch(TITLED)]
    for turn in range(600):
        given = batches[turn % len(batches)]
        ids = torch.tensor([row.ids for row in given])
        types = torch.tensor([row.type_ids for row in given])
        steps.zero_grad()
        logits = model(input_ids=ids, token_type_ids=types).logits
        torch.nn.functional.cross_entropy(logits, same, weights).backward()
        steps.step()
    model.save_pretrained(place)
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"}
    (place / "tokenizer_config.json").write_text(json.dumps(kind))
    assert (place / "model.safetensors").is_file() and not list(place.glob("**/*.onnx"))
    return place


def test_weights_score_pairs_as_their_own_library_does(folder: Path) -> None:
    encoder = CrossEncoder(folder)
    assert encoder.labels == ("contradiction", "entailment")
    scores = encoder.scores(PAIRS)
    assert scores.shape == (len(PAIRS), 2) and scores.dtype == np.float32
    assert [row.argmax() for row in scores] == [one == other for one, other in PAIRS]
    model = transformers.BertForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for pair, row in zip(PAIRS, scores, strict=True):
        with torch.no_grad():
            given = tokenizer(*pair, return_tensors="pt", return_token_type_ids=True)
            alone = model(**given).logits[0].numpy()
        assert row == pytest.approx(alone, abs=1e-4), "a batch, padded, gives the same"


def test_odd_texts_have_scores_too(folder: Path) -> None:
    long = "ferry " * 500
    odd = [("ferry", long), ("", ""), ("half \ud83d a pair", "ferry")]
    scores = CrossEncoder(folder).scores(odd)
    assert scores.shape == (3, 2) and np.isfinite(scores).all()
    assert CrossEncoder(folder).scores([]).shape == (0, 2)


def test_weights_put_evidence_in_order(tmp_path: Path, folder: Path) -> None:
    told = {"Tram": "tram", "Bridge": "bridge", "Ferry": "ferry"}
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article(text, title)) for title, text in told.items()])
        evidence = library.search("tram bridge ferry", k=3)
    for word in told.values():
        first = Reranker(folder).order(word, evidence, 2)
        assert len(first) == 2 and first[0].passage.text == word


def test_weights_judge_sentences(tmp_path: Path, folder: Path) -> None:
    judge = Entailment(folder)
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article("ferry", "Ferry"))])
        evidence = library.search("ferry", k=1)
    assert judge.score(evidence, "ferry") > 0.9 > 0.1 > judge.score(evidence, "tram")


def test_what_cannot_be_loaded_is_named(tmp_path: Path, folder: Path) -> None:
    bare = write_cross_encoder(tmp_path / "bare", WORDS, graph=False)
    with pytest.raises(FootnoteError, match="cannot be loaded"):
        TorchPairs(bare, 64)
    (bare / "config.json").write_text((folder / "config.json").read_text())
    torch.save({}, bare / "pytorch_model.bin")
    with pytest.raises(FootnoteError, match="cannot be loaded"):
        TorchPairs(bare, 64)
