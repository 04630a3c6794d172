"""Sentences are scored in their context, and read where the reader knows their language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rag.answerability.reading import WINDOW
from rag.answerability.sentence_scoring import (
    READ_FIRST,
    READS,
    SURE,
    ScoredSentence,
    SentenceScorer,
    asked_stems,
)
from rag.reader import Reader, Window, load_reader
from rag.text import sentences
from rag.types import Article, Evidence, Passage, Span

# Without a word of the question, so that only the cosines differ.
SENTENCES = tuple(f"Boat {word} is at sea." for word in "one two three four five six seven".split())
QUESTION = "which harbour?"


class Index:
    """Every sentence has one cosine with the question."""

    def __init__(self, cosines: dict[str, float]) -> None:
        self.cosines = cosines

    def question_vector(self, question: str) -> object:
        return np.array([1.0, 0.0], dtype=np.float32)

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], object]:
        spans = tuple(sentences(passage.text))
        told = [passage.text[span.start : span.end] for span in spans]
        placed = tuple(Span(passage.start + a, passage.start + b) for a, b in spans)
        return placed, np.array([[self.cosines[text], 0.0] for text in told], dtype=np.float32)

    def embed(self, pieces: list[str], articles: object) -> object:
        raise AssertionError("the library has these vectors")


def scored(
    texts: tuple[str, ...], question: str, reader: Callable[[], Reader | None] | None = load_reader
) -> list[ScoredSentence]:
    text = " ".join(texts)
    article = Article.build(text, title="T", origin="o")
    item = Evidence(Passage(article.id, 0, len(text), text), article.source, 1, 1.0, ("dense",))
    index = Index(dict.fromkeys(texts, 0.5))
    return list(SentenceScorer(index, reader).score(question, (item,)))  # type: ignore[arg-type]


FERRY = (
    "The ferry to Esk was built in 1968.",
    "It carries ninety people across the sound.",
    "Ada Quill has been its captain since 2011.",
    "The crew has five members.",
    "A ticket costs four pounds.",
    "In winter it stays in the harbour.",
    "Its hull was painted green.",
    "Children travel for nothing.",
)


@pytest.mark.parametrize(
    ("question", "answer"), [("Who is the captain of the ferry?", 2), ("What is a ticket?", 4)]
)
def test_the_sentence_that_answers_is_read_as_such(question: str, answer: int) -> None:
    assert len(FERRY) > WINDOW
    found = scored(FERRY, question)
    read = [item.reads for item in found]
    assert all(chance is not None and 0 <= chance <= 1 for chance in read)
    assert max(range(len(found)), key=lambda place: found[place].score) == answer


def test_reading_adds_to_the_score() -> None:
    question = "Who is the captain of the ferry?"
    plain, read = scored(FERRY, question, None), scored(FERRY, question)
    for one, other in zip(plain, read, strict=True):
        assert one.reads is None and other.reads is not None
        assert other.score == pytest.approx(one.score + READS * other.reads)


class Marking:
    """A reader that finds an answer where a sentence has a word, and keeps what it was shown."""

    def __init__(self, word: str, chance: float) -> None:
        self.word, self.chance = word, chance
        self.shown: list[str] = []

    def answers(self, pairs: Sequence[tuple[str, Window]]) -> list[tuple[float, ...]]:
        self.shown += [sentence for _, window in pairs for sentence in window.sentences]
        return [
            tuple(self.chance if self.word in each else 0.1 for each in window.sentences)
            for _, window in pairs
        ]


@pytest.mark.parametrize(
    ("word", "chance", "reads_on"),
    [("one", SURE, False), ("one", SURE - 0.01, True), ("seven", SURE, True)],
)
def test_no_more_is_read_than_until_an_answer_is_sure(
    word: str, chance: float, reads_on: bool
) -> None:
    index = Index({text: 0.9 - place / 10 for place, text in enumerate(SENTENCES)})
    items = []
    for rank, text in enumerate(SENTENCES, start=1):
        article = Article.build(text, title="T", origin=text)
        passage = Passage(article.id, 0, len(text), text)
        items.append(Evidence(passage, article.source, rank, 1.0, ("dense",)))
    reader = Marking(word, chance)
    found = SentenceScorer(index, lambda: reader).score(QUESTION, tuple(items))  # type: ignore[arg-type, return-value]
    assert reader.shown == list(SENTENCES if reads_on else SENTENCES[:READ_FIRST])
    assert [item.reads is not None for item in found] == [
        text in reader.shown for text in SENTENCES
    ]


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        (
            ("Der Dampfer fährt nicht nach Esk, weil der Hafen voll Eis ist.",),
            "Wer fährt nach Esk?",
        ),
        (("The ferry does not sail to Esk in the winter months.",), "Wer fährt nach der Insel?"),
    ],
)
def test_other_languages_are_not_read(texts: tuple[str, ...], question: str) -> None:
    assert [item.reads for item in scored(texts, question)] == [None]


def test_what_is_read_says_nothing_of_a_better_sentence_that_cannot_be() -> None:
    languages = ("Der Dampfer nach Esk kostet vier Euro und fährt jeden Tag.", "The ferry is old.")
    items = []
    for rank, text in enumerate(languages, start=1):
        article = Article.build(text, title="T", origin="o")
        passage = Passage(article.id, 0, len(text), text)
        items.append(Evidence(passage, article.source, rank, 1.0, ("dense",)))
    for best, read in ((0, [False, False]), (1, [False, True])):
        index = Index({text: float(place == best) for place, text in enumerate(languages)})
        found = SentenceScorer(index, load_reader).score("Esk?", tuple(items))  # type: ignore[arg-type]
        assert [item.reads is not None for item in found] == read


def test_an_irregular_form_of_a_word_is_that_word() -> None:
    assert asked_stems("What did the boat send?", ["The boat sent flags."]) == {"boat", "sent"}
    assert asked_stems("What did the boat send?", ["The boat left."]) == {"boat", "send"}


def test_each_sentence_is_scored_once_and_remembered() -> None:
    text = " ".join(SENTENCES)
    article = Article.build(text, title="T", origin="o")
    ends = [len(" ".join(SENTENCES[:count])) for count in (3, 5, 7)]
    places = [(0, ends[0]), (ends[0] + 1, ends[1]), (0, ends[1]), (ends[1] + 1, ends[2])]
    found = tuple(
        Evidence(Passage(article.id, a, b, text[a:b]), article.source, rank, 1.0, ("dense",))
        for rank, (a, b) in enumerate(places, start=1)
    )
    scorer = SentenceScorer(Index(dict.fromkeys(SENTENCES, 0.5)))  # type: ignore[arg-type]
    first = scorer.score(QUESTION, found)
    assert [item.text for item in first] == list(SENTENCES), "each sentence once"
    assert scorer.score(QUESTION, found) is first
    renamed = replace(article.source, title="Renamed")
    again = scorer.score(QUESTION, [replace(item, source=renamed) for item in found])
    assert {item.evidence.source.title for item in again} == {"Renamed"}
