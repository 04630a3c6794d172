"""The features of answerability, and what the fitted trees make of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import text as texts
from rag.answerability import assessment
from rag.answerability.assessment import Tree, evaluate, load_trees, probability
from rag.answerability.features import NAMELESS, Features, features, kind_missing, names_among
from rag.answerability.sentence_scoring import ScoredSentence
from rag.query.entities import Names
from rag.query.parsing import parse_query
from rag.retrieval.search import SearchResult
from rag.types import Article, Evidence, Passage, Source, Span

GOOD = Features(
    reads=2.5,
    reads_and_fits=7.5,
    reads_about_names=3.0,
    names_held=1.0,
    best_cosine=0.75,
    passage_cosine=0.7,
    sentence_words=1.0,
    passage_words=1.0,
    beside_names=1.0,
    kind_held=1.0,
    asks_fact=0.0,
    length=0.35,
    size=1.0,
    publishers=None,
)
POOR = replace(
    GOOD,
    reads=-5.0,
    reads_and_fits=-4.0,
    reads_about_names=-6.0,
    names_held=0.0,
    best_cosine=0.2,
    passage_cosine=0.25,
    sentence_words=0.3,
    passage_words=0.4,
    beside_names=0.0,
    kind_held=0.0,
    asks_fact=1.0,
)
READ = ("reads", "reads_and_fits", "reads_about_names", "names_held")
UNREAD = dict.fromkeys(READ)
CIRCUMSTANCES = ("asks_fact", "length", "size")
EVIDENCE = [name for name in GOOD.__slots__ if name not in ("publishers", *CIRCUMSTANCES)]


@pytest.mark.parametrize("size", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("unknown", [{}, UNREAD])
def test_good_and_poor_evidence(size: float, unknown: dict[str, None]) -> None:
    """In libraries of one passage, of fifty and of thousands, with the reader and without."""
    assert assessment.predict(replace(GOOD, size=size, **unknown)) > 0.7
    assert assessment.predict(replace(POOR, size=size, **unknown)) < 0.3


@given(*[st.fixed_dictionaries({n: st.floats(-1, 1) for n in (*EVIDENCE, *CIRCUMSTANCES)})] * 2)
def test_more_evidence_never_lowers_the_chance(
    one: dict[str, float], two: dict[str, float]
) -> None:
    same = {name: one[name] for name in CIRCUMSTANCES}
    less = {name: min(one[name], two[name]) for name in EVIDENCE}
    more = {name: max(one[name], two[name]) for name in EVIDENCE}
    lower = assessment.predict(Features(**same, **less, publishers=None))
    assert lower <= assessment.predict(Features(**same, **more, publishers=None)) + 1e-9


def test_every_feature_is_asked_for() -> None:
    _, trees = load_trees()
    asked = set().union(*(names_in(tree) for tree in trees))
    assert asked <= set(GOOD.values())
    assert {*EVIDENCE, "publisher_missing", "worst_side"} <= asked


def names_in(tree: Tree) -> set[str]:
    return {tree[0], *names_in(tree[3]), *names_in(tree[4])} if isinstance(tree, tuple) else set()


def test_the_same_evidence_is_worth_less_among_more() -> None:
    middling = replace(GOOD, reads=0.0, reads_and_fits=3.0, best_cosine=0.5, passage_cosine=0.5)
    few, many = replace(middling, size=0.1), replace(middling, size=1.0)
    assert assessment.predict(many) < assessment.predict(few)


def test_a_short_question_needs_more_evidence_in_a_large_library() -> None:
    """Two thirds of a chance, as the trees see it, are not enough among 7,000 passages."""
    many = replace(GOOD, reads=-1.0, reads_and_fits=2.0, reads_about_names=-1.0, size=1.0)
    long, short = replace(many, length=1.0), replace(many, length=0.9)
    by_trees = {each: probability(*load_trees(), each.values()) for each in (long, short)}
    assert assessment.predict(long) == by_trees[long]
    odds = by_trees[short] / (1 - by_trees[short])
    assert assessment.predict(short) == pytest.approx(1 / (1 + math.exp(0.4) / odds))
    small = replace(short, size=0.5)
    assert assessment.predict(small) == pytest.approx(probability(*load_trees(), small.values()))


def test_an_unknown_feature_takes_its_own_branch() -> None:
    tree = ("a", 1.0, False, 0.25, ("b", 0.0, True, 0.5, 0.75))
    assert evaluate(tree, {"a": 1.0, "b": 0.0}) == 0.25
    assert evaluate(tree, {"a": None, "b": 0.0}) == 0.5
    assert evaluate(tree, {"a": 2.0, "b": None}) == 0.5
    assert evaluate(tree, {"a": 2.0, "b": 0.1}) == 0.75


NAMES = Names.of(
    Source(str(n), f"Bridge news {n}", origin="o", publisher="Post", published=date(2023, n, 1))
    for n in range(1, 5)
)


@pytest.mark.parametrize(
    ("question", "text", "refused"),
    [
        ("what did Reuters write about the bridge", "The bridge opened.", True),
        ("Reuters on the bridge", "The bridge opened.", True),
        ("who bought Reuters", "Thomson bought Reuters.", False),
        ("what did Post and Reuters write", "The bridge opened.", False),
        ("what opened on 30 February 2023", "The bridge opened.", True),
        ("what opened in May 2031", "The bridge opened.", True),
        ("what opened in May 2031", "It is to open in 2031.", False),
        ("what opened in May", "The bridge opened.", False),
    ],
)
def test_what_no_article_here_can_say(question: str, text: str, refused: bool) -> None:
    query = parse_query(question, NAMES, date(2025, 1, 1))
    days = [date(2023, month, 1) for month in range(1, 5)]
    empty = bool(query.periods) and not any(p.holds(day) for day in days for p in query.periods)
    article = Article.build(text, title="T", origin="o")
    item = Evidence(Passage(article.id, 0, len(text), text), article.source, 1, 1.0, ("dense",))
    assert assessment.is_out_of_scope(SearchResult(query, (item,), outside_dates=empty)) is refused


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
        ("how many boats are there", "Of boats, by the last count, 14.", False),
        ("how many boats sank", "The boats took 9 men across.", False),
        ("how many boats sank", "At the quay 9 men stood and looked on for the boats.", True),
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
    assert kind_missing(question, [scored(text)]) is missing


@pytest.mark.parametrize(
    ("question", "held", "about_names"),
    [
        ("how much does Ada Lovelace earn", 1.0, 0.0),
        ("how much does Grace Hopper earn", 0.0, -NAMELESS),
        # The title says who is meant, and the credits of whom a question may ask.
        ("how much does the Bridge Herald say she earns", 1.0, 0.0),
        ("how much does the minister earn", None, 0.0),
    ],
)
def test_a_sentence_of_an_article_without_the_name_counts_less(
    question: str, held: float | None, about_names: float
) -> None:
    text = "She earns 40 pounds a month."
    article = Article.build(text, title="Ada Lovelace", origin="o", publisher="Bridge Herald")
    item = Evidence(Passage(article.id, 0, len(text), text), article.source, 1, 1.0, ("dense",))
    sentence = ScoredSentence(item, Span(0, len(text)), text, 1, 1, 1, 1, None, True, reads=0.5)
    query = parse_query(question, NAMES, date(2025, 1, 1))

    def rarity(stems: Iterable[str]) -> Mapping[str, float]:
        return dict.fromkeys(stems, 1.0)

    found = features(SearchResult(query, (item,), searched=1), [sentence], rarity)
    assert found.reads == 0.0
    assert (found.names_held, found.reads_about_names) == (held, about_names)


def test_only_fitting_sentences_are_looked_at() -> None:
    sentences = [scored("The bridge was built by hand."), scored("Ada Lovelace wrote.", near=0.1)]
    assert kind_missing("who built the bridge", sentences)


def test_names_are_found_where_they_are_written_as_names() -> None:
    asked = frozenset(texts.content_stems("who leads lovelace bridges in Genoa"))
    told = [
        scored("The Lovelace Bridges opened."),
        scored("All bridges lead there, and bridges fall."),
    ]
    names = names_among(asked, "who leads lovelace bridges in Genoa", told)
    assert names == set(texts.content_stems("Lovelace Genoa"))
