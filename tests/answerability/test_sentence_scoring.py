"""Sentences are scored in their context, and the best of them by themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rag.answerability.sentence_scoring import (
    ALONE,
    READ_ALONE,
    READ_ALONE_WIDE,
    ScoredSentence,
    SentenceScorer,
    best_cosine_alone,
)
from rag.query.query import LONG_QUESTION
from rag.text import sentences
from rag.types import Article, Evidence, Passage, Span

# Without a word of the question, so that only the cosines differ.
SENTENCES = tuple(f"Boat {word} is at sea." for word in "one two three four five six seven".split())
QUESTION = "which harbour?"


class Index:
    """Every sentence has one cosine in its context and one by itself."""

    def __init__(self, context: dict[str, float], alone: dict[str, float]) -> None:
        self.context, self.alone, self.read = context, alone, list[str]()

    def question_vector(self, question: str) -> object:
        return np.array([1.0, 0.0], dtype=np.float32)

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], object]:
        spans = tuple(sentences(passage.text))
        told = [passage.text[span.start : span.end] for span in spans]
        placed = tuple(Span(passage.start + a, passage.start + b) for a, b in spans)
        return placed, np.array([[self.context[text], 0.0] for text in told], dtype=np.float32)

    def embed(self, pieces: list[str], articles: object) -> object:
        self.read.extend(pieces)
        return np.array([[self.alone[text], 0.0] for text in pieces], dtype=np.float32)


def scored(index: Index, question: str = QUESTION) -> dict[str, ScoredSentence]:
    text = " ".join(SENTENCES)
    article = Article.build(text, title="T", origin="o")
    item = Evidence(Passage(article.id, 0, len(text), text), article.source, 1, 1.0, ("dense",))
    return {s.text: s for s in SentenceScorer(index).score(question, (item,))}  # type: ignore[arg-type]


def falling(start: float = 0.5) -> dict[str, float]:
    return {text: start - place / 100 for place, text in enumerate(SENTENCES)}


def test_a_sentence_that_says_it_by_itself_overtakes() -> None:
    plain = scored(Index(falling(), falling()))
    found = scored(Index(falling(), falling() | {SENTENCES[2]: 0.9}))
    assert max(plain.values(), key=lambda item: item.score).text == SENTENCES[0]
    assert max(found.values(), key=lambda item: item.score).text == SENTENCES[2]
    gained = found[SENTENCES[2]].score - plain[SENTENCES[2]].score
    assert gained == pytest.approx(ALONE * (0.9 - 0.48))
    assert found[SENTENCES[2]].cosine == pytest.approx(0.48)


def test_only_the_best_are_read_alone() -> None:
    index = Index(falling(), falling())
    found = scored(index)
    assert index.read == list(SENTENCES[:READ_ALONE])
    assert [item.alone is not None for item in found.values()] == [
        place < READ_ALONE for place in range(len(SENTENCES))
    ]
    long = Index(falling(), falling())
    scored(long, "which " * LONG_QUESTION)
    assert long.read == list(SENTENCES[:READ_ALONE_WIDE])


def test_none_gains_by_not_being_read() -> None:
    found = scored(Index(falling(), falling(0.1)))
    order = sorted(found.values(), key=lambda item: -item.score)
    assert tuple(item.text for item in order) == SENTENCES
    high = scored(Index(falling(), falling(0.9)))
    plain = scored(Index(falling(), falling()))
    assert high[SENTENCES[-1]].score == pytest.approx(plain[SENTENCES[-1]].score)


def test_the_best_cosine_is_of_those_that_were_read() -> None:
    alone = falling() | {SENTENCES[3]: 0.7, SENTENCES[-1]: 0.95}
    assert best_cosine_alone(tuple(scored(Index(falling(), alone)).values())) == pytest.approx(0.7)
    assert best_cosine_alone(()) == 0.0


def test_each_sentence_is_scored_once_and_remembered() -> None:
    text = " ".join(SENTENCES)
    article = Article.build(text, title="T", origin="o")
    ends = [len(" ".join(SENTENCES[:count])) for count in (3, 5, 7)]
    places = [(0, ends[0]), (ends[0] + 1, ends[1]), (0, ends[1]), (ends[1] + 1, ends[2])]
    found = tuple(
        Evidence(Passage(article.id, a, b, text[a:b]), article.source, rank, 1.0, ("dense",))
        for rank, (a, b) in enumerate(places, start=1)
    )
    index = Index(falling(), falling())
    scorer = SentenceScorer(index)  # type: ignore[arg-type]
    first = scorer.score(QUESTION, found)
    assert [item.text for item in first] == list(SENTENCES), "each sentence once"
    read = len(index.read)
    assert scorer.score(QUESTION, found) is first and len(index.read) == read
    renamed = replace(article.source, title="Renamed")
    again = scorer.score(QUESTION, [replace(item, source=renamed) for item in found])
    assert {item.evidence.source.title for item in again} == {"Renamed"}
