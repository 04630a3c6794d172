"""The gate weighs several signals; each does its own part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag import gate
from rag.relevance import ScoredSentence
from rag.types import Article, Evidence, Passage, Source, Span

GOOD = gate.Signals(0.8, 1.0, 1.0, 0.0, 0.0)
POOR = gate.Signals(0.2, 0.2, 0.3, 1.0, 1.0)


def test_good_and_poor_evidence() -> None:
    assert gate.answerable(GOOD) > 0.9
    assert gate.answerable(POOR) < 0.1


@pytest.mark.parametrize("name", gate.Signals.__dataclass_fields__)
def test_every_signal_counts(name: str) -> None:
    worse = replace(GOOD, **{name: getattr(POOR, name)})
    assert gate.answerable(worse) < gate.answerable(GOOD)


def scored(text: str, near: float = 1.0) -> ScoredSentence:
    article = Article.build(text, title="T", origin="o")
    item = Evidence(Passage(article.id, 0, len(text), text), article.source, 1, 1.0, ("dense",))
    return ScoredSentence(item, Span(0, len(text)), text, 1.0, near, near, near, None, True)


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("how many boats are there", "There are 14 boats.", False),
        ("how many boats are there", "There are fourteen boats.", False),
        ("how many boats are there", "There are many boats.", True),
        ("how much did the bridge cost", "The bridge took 4 years.", True),
        ("how much did the bridge cost", "The bridge took $4 million.", False),
        ("when was the bridge built", "The bridge was built in 1931.", False),
        ("when was the bridge built", "The bridge was built by hand.", True),
        ("what year was it built", "It was built on a Monday.", True),
        ("who built the bridge", "The bridge was built by Ada Lovelace.", False),
        ("who built the bridge", "The bridge was built by hand.", True),
        ("why was it built", "It was built by hand.", False),
    ],
)
def test_kind_of_answer(question: str, text: str, missing: bool) -> None:
    assert gate.kind_missing(question, [scored(text)]) is missing


def test_only_fitting_sentences_are_looked_at() -> None:
    sentences = [scored("The bridge was built by hand."), scored("Ada Lovelace wrote.", near=0.1)]
    assert gate.kind_missing("who built the bridge", sentences)


def test_a_refusal_lists_headlines() -> None:
    sources = [Source("a", "One", origin="o", publisher="Paper"), Source("b", "Two", origin="o")]
    assert gate.refusal_text(sources) == ("The nearest to it: “One” (Paper) and “Two”.",)
    assert "No article" in gate.refusal_text([])[0]
