"""Questions that name publishers: their features, and the selection of sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rag.answerability.publishers import (
    PublisherFeatures,
    publisher_features,
    without_publishers,
)
from rag.answerability.sentence_scoring import ScoredSentence
from rag.extractive.selection import rescore_multi_part, select_multi_part
from rag.query.entities import Names
from rag.query.parsing import parse_query
from rag.query.query import Query
from rag.retrieval.search import SearchResult
from rag.types import Article, Evidence, Passage, Span

PAPERS = ("Harbour Post", "City Courier")
TEXTS = (
    "The ferry costs four euros.",
    "The ferry runs every hour.",
    "A bridge will replace the ferry.",
)


def evidence() -> list[Evidence]:
    items = []
    for rank, (text, paper) in enumerate(zip(TEXTS, (*PAPERS[:1], *PAPERS), strict=True), 1):
        built = Article.build(text, title=f"Title {rank}", origin="o", publisher=paper)
        passage = Passage(built.id, 0, len(text), text)
        items.append(Evidence(passage, built.source, rank, 1.0, ("dense",)))
    return items


def read(question: str) -> Query:
    return parse_query(question, Names.of(item.source for item in evidence()), date(2025, 1, 1))


def scored() -> list[ScoredSentence]:
    return [
        ScoredSentence(
            item,
            Span(0, len(item.passage.text)),
            item.passage.text,
            cosine=0.9 - 0.1 * item.rank,
            words=0.5,
            near=0.5,
            score=1.0 - 0.1 * item.rank,
            before=None,
            answers=True,
        )
        for item in evidence()
    ]


def signals(question: str) -> PublisherFeatures:
    return publisher_features(SearchResult(read(question), tuple(evidence())), scored())


def test_sides_are_looked_at_one_by_one() -> None:
    found = signals("Do the Harbour Post and the City Courier say the ferry costs four euros?")
    assert found.publisher_known == 1.0
    assert found.worst_side < found.mean_side < 1.0
    assert found.worst_side_cosine == pytest.approx(0.6)
    assert found.mean_side_cosine == pytest.approx(0.7)


def test_missing_publishers_and_names_count() -> None:
    found = signals("Do Reuters and the Harbour Post say that Zedekiah owns the ferry?")
    assert found.publisher_missing == 0.5
    assert found.other_names == 0.0


def test_publishers_are_no_subject() -> None:
    assert "Post" not in without_publishers(read("What does the Harbour Post say of ferries?"))


def test_named_publishers_take_turns_in_an_answer() -> None:
    query = read("Compare the Harbour Post and the City Courier on the ferry.")
    assert select_multi_part(query, scored(), 2) == (0, 2)


def test_after_a_turn_each_the_best_of_all_comes_next() -> None:
    query = read("Compare the Harbour Post and the City Courier on the ferry.")
    harbour, other, courier = scored()
    found = [
        replace(harbour, score=0.9),
        replace(other, score=0.2),
        replace(courier, score=0.8),
        replace(courier, score=0.7, text="Engineers plan it over the strait."),
    ]
    assert select_multi_part(query, found, 3) == (0, 2, 3)


def test_the_clause_lifts_its_sentence() -> None:
    plain = rescore_multi_part(Query(text="the ferry"), scored())
    query = Query(text="the ferry", clauses=("bridge replaces the old ferry soon",))
    lifts = [
        lifted.score - before.score
        for lifted, before in zip(rescore_multi_part(query, scored()), plain, strict=True)
    ]
    assert max(lifts) == lifts[2] > lifts[0]
