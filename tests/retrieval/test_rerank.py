"""The reranker: off by default, and in charge of the order where a folder is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answerability.assessment import assess
from rag.answerability.sentence_scoring import SentenceScorer
from rag.answering.pipeline import answer
from rag.errors import SettingsError
from rag.retrieval.library import open_library
from rag.retrieval.rerank import Reranker
from rag.settings import Settings, load_settings
from stored_articles import article, entry
from tiny_cross_encoder import write_cross_encoder
from tiny_embedder import TinyEmbedder

TEXTS = {
    "Ferry": "The ferry sails at noon from the old harbour wall.",
    "Tram": "The tram runs at noon to the harbour.",
    "Bridge": "The bridge opens at noon.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # It knows two words only, and so prefers what others would not.
    return write_cross_encoder(tmp_path / "model", ("bridge", "opens"))


def test_the_model_decides_the_order(tmp_path: Path, folder: Path) -> None:
    question = "which ferry sails at noon from the old harbour wall, not the bridge"
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article(text, title)) for title, text in TEXTS.items()])
        retriever = library.retriever()
        query, scorer = retriever.parse(question), SentenceScorer(retriever)
        plain = assess(query, retriever, scorer, 2)
        assert plain.evidence[0].source.title == "Ferry"
        again = assess(query, retriever, scorer, 2, reranker=folder)
        assert again.evidence[0].source.title == "Bridge"
        assert [item.rank for item in again.evidence] == [1, 2]
        settings = Settings(library=tmp_path / "library", reranker=folder)
        given = answer(question, library=library, settings=settings)
        assert given.evidence


def test_equal_scores_keep_their_order(tmp_path: Path, folder: Path) -> None:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put([entry(article(text, title)) for title, text in TEXTS.items()])
        evidence = library.search("noon", k=3)
    assert Reranker(folder).order("noon", evidence, 3)[0].passage == evidence[0].passage
    assert Reranker(folder).order("noon", (), 3) == ()


def test_it_is_off_unless_a_folder_is_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().reranker is None
    monkeypatch.setenv("FOOTNOTE_RERANKER", str(folder))
    assert load_settings().reranker == folder
    with pytest.raises(SettingsError, match="cross-encoder"):
        load_settings(reranker="no such folder")
