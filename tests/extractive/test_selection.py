"""Whole sentences are selected, without repetition, with the context that they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag import text as texts
from rag.answerability.sentence_scoring import ScoredSentence, SentenceScorer
from rag.answering.streaming import verify_stream
from rag.extractive.backend import Extractive, compose
from rag.extractive.selection import is_about_another, select_single, without_other_things
from rag.generation import ArticleSentence, Preamble
from rag.generation.failover import DraftRelay
from rag.query.entities import Names
from rag.query.parsing import parse_query
from rag.types import Article, Evidence, Passage, Sentence, Span
from rag.verification import verify_pieces
from tiny_embedder import TinyEmbedder

EMBEDDER = TinyEmbedder()
WHO = "When did The Who come to Ferrow?"
ROOM = "How many people does room B21 seat?"


class Index:
    """Sentences without stored vectors, embedded with the predictable embedder."""

    def question_vector(self, question: str) -> object:
        return EMBEDDER.embed([question])[0]

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], None]:
        from rag.text import sentences

        spans = sentences(passage.text)
        return tuple(Span(passage.start + a, passage.start + b) for a, b in spans), None

    def embed(self, pieces: list[str], articles: object) -> object:
        return EMBEDDER.embed(pieces)


def evidence(*texts: str) -> tuple[Evidence, ...]:
    items = []
    for rank, text in enumerate(texts, start=1):
        article = Article.build(text, title=f"Title {rank}", origin="o", publisher=f"Paper {rank}")
        passage = Passage(article.id, 0, len(text), text)
        items.append(Evidence(passage, article.source, rank, 1.0 / rank, ("dense",)))
    return tuple(items)


def chosen(question: str, *texts: str, most: int = 3) -> list[str]:
    scored = SentenceScorer(Index()).score(question, evidence(*texts))  # type: ignore[arg-type]
    return [scored[place].text for place in select_single(scored, most)]


def test_the_sentence_with_the_words_comes_first() -> None:
    text = "The bridge is old. The ferry costs four euros. Boats are blue."
    assert chosen("what does the ferry cost", text)[0] == "The ferry costs four euros."


def test_a_sentence_that_needs_context_brings_the_one_before() -> None:
    text = "Ada Lovelace lived in London. She wrote the first program for the engine."
    assert sorted(chosen("who wrote the first program for the engine", text, most=1)) == [
        "Ada Lovelace lived in London.",
        "She wrote the first program for the engine.",
    ]


def test_a_paragraph_that_needs_context_brings_the_one_before() -> None:
    text = "Ada Lovelace lived in London.\n\nShe wrote the first program for the engine."
    assert len(chosen("who wrote the first program for the engine", text, most=1)) == 2
    headed = "About the Engine\n\nShe wrote the first program for the engine."
    assert len(chosen("who wrote the first program for the engine", headed, most=1)) == 1


def test_repetition_is_left_out() -> None:
    one = "The ferry to the island costs four euros today."
    other = "The ferry to the island costs four euros, today."
    assert len(chosen("what does the ferry to the island cost", one, other)) == 1


@pytest.mark.parametrize(
    ("question", "count"),
    [("litres of elm and oak", 2), ("litres of elm", 1), ("litres of oak", 1)],
)
def test_the_same_said_of_another_thing_that_is_asked_about_is_no_repetition(
    question: str, count: int
) -> None:
    told = [f"The {name} mill pumps {n} litres a minute." for name, n in (("elm", 3), ("oak", 4))]
    scored = SentenceScorer(Index()).score(question, evidence(*told))  # type: ignore[arg-type]
    picked = select_single(scored, 3, question)
    assert [scored[place].text.split()[1] in question for place in picked] == [True] * count


@pytest.mark.parametrize(
    ("question", "best", "told", "other"),
    [
        (WHO, "The Who came to Ferrow in 1972.", "The WHO came to Ferrow in 2021.", True),
        (WHO, "The Who came to Ferrow in 1972.", "The band came to Ferrow by boat.", True),
        (WHO, "The Who came to Ferrow in 1972.", "The Who came to Ferrow twice.", False),
        (ROOM, "Room B21 seats 45 people.", "Room B12 seats 30 people.", True),
        (ROOM, "Room B21 seats 45 people.", "Room B21 is full of people.", False),
        ("Litres of Elm and Oak?", "The Elm mill pumps litres.", "The Oak mill pumps.", False),
    ],
)
def test_what_is_said_of_another_thing_with_a_similar_name(
    question: str, best: str, told: str, other: bool
) -> None:
    scored = SentenceScorer(Index()).score(question, evidence(best, told))  # type: ignore[arg-type]
    assert is_about_another(question, scored[0], scored[1]) is other


GATES = ["The north gate is closed.", "The south gate is not closed."]
PIERS = ["The new pier is 9 m long.", "The old pier is 4 m long."]
# The baker, in other words: more is exchanged than what tells two things apart.
BAKERY = [
    "Birch Bakery opens at Easter, and times may vary.",
    "The cheap chain opens at Easter from seven for early guests, though times may vary.",
]


@pytest.mark.parametrize(
    ("question", "said", "picked"),
    [
        ("Is the north gate closed?", GATES, [0]),
        ("How long is the old pier?", PIERS, [1]),
        ("How long is the pier?", PIERS, [0, 1]),
        ("Boats in 2019?", ["In 2019 Esk had 40 boats.", "In 2023 Esk had 9 boats."], [0]),
        ("Birch Bakery at Easter", BAKERY, [0, 1]),
        ("What of the old pier?", ["The old pier is closed.", "Swans sleep on the quay."], [0, 1]),
    ],
)
def test_what_is_said_alike_of_another_thing_is_left_out(
    question: str, said: list[str], picked: list[int]
) -> None:
    scored = SentenceScorer(Index()).score(question, evidence(*said))  # type: ignore[arg-type]
    assert without_other_things(question, scored, range(len(said))) == picked


def test_a_sentence_with_the_words_of_a_question_answers_it_with_a_yes() -> None:
    said = "The north gate is closed to lorries."
    for question, count in (("Is the north gate closed to lorries?", 1), ("North gate lorries", 0)):
        scored = SentenceScorer(Index()).score(question, evidence(said))  # type: ignore[arg-type]
        assert len(select_single(scored, 3, f"{question} closed")) == count


def test_a_question_in_the_text_is_answered_not_repeated() -> None:
    text = "What does the ferry cost?\n\nFour euros are charged at the pier."
    assert chosen("what does the ferry cost", text, most=1) == [
        "Four euros are charged at the pier."
    ]


ROWS = (
    "Ticket: Adult; Weekday: 6.50; Weekend: 8.00",
    "Ticket: Child; Weekday: 3.00; Weekend: 4.50",
    "Ticket: Family; Weekday: 14.00; Weekend: 18.00",
)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("What does a child ticket cost on the weekend?", ROWS[1:2]),
        ("What do an adult and a child ticket cost on the weekend?", ROWS[:2]),
        ("What does a ticket cost on the weekend?", ROWS),
    ],
)
def test_of_a_tables_rows_only_those_that_are_asked_for(question: str, rows: list[str]) -> None:
    text = "\n".join(ROWS)
    scored = SentenceScorer(Index()).score(question, evidence(text))  # type: ignore[arg-type]
    picked = [scored[place].text for place in sorted(select_single(scored, 3))]
    assert picked == list(rows)


def test_who_says_it() -> None:
    first, second = evidence("The ferry costs four euros.", "The ferry costs five euros.")

    def scored(item: Evidence) -> ScoredSentence:
        text = item.passage.text
        return ScoredSentence(item, Span(0, len(text)), text, 1, 1, 1, 1, None, True)

    alone = ["Paper 1 writes:", "The ferry costs four euros."]
    assert list(compose([scored(first)])) == alone
    assert list(compose([scored(first), scored(second)])) == [
        "Paper 1 writes:",
        "The ferry costs four euros.",
        "Paper 2 writes:",
        "The ferry costs five euros.",
    ]


def draft_of(question: str, found: Sequence[Evidence]) -> list[str]:
    query = parse_query(question, Names.of(()), date(2025, 1, 1))
    backend = Extractive(SentenceScorer(Index()))  # type: ignore[arg-type]
    return list(backend.draft(query, found))


ARTICLES = (
    "Ada Quill bought the old ferry of Esk in 1950. She painted it red. It never sank.",
    "The ferry of Esk is not open on Sundays. The bridge of Esk opened in 1932.",
    "Oaks grow slowly. Tarn planted nine hundred oaks on its hills in the spring.",
)


@pytest.mark.parametrize(("days", "order"), [((3, 9), [1, 0]), ((9, 3), [0, 1])])
def test_the_newest_comes_first_where_it_is_asked_for(
    days: tuple[int, int], order: list[int]
) -> None:
    told = [
        replace(item, source=replace(item.source, published=date(2024, 1, day)))
        for day, item in zip(days, evidence(*ARTICLES[:2]), strict=True)
    ]
    draft = draft_of("the latest articles about Esk", told)
    cited = [piece.citation.article_id for piece in draft if isinstance(piece, ArticleSentence)]
    assert cited == [told[place].source.id for place in order]


def drafted(question: str) -> list[str]:
    return draft_of(question, evidence(*ARTICLES))


@pytest.mark.parametrize(
    "question",
    [
        "who bought the ferry of Esk?",
        "is the ferry of Esk open on Sundays?",
        "compare the ferry and the bridge",
        "what do the articles say about Esk?",
        "When did the bridge of Esk open? How many oaks did Tarn plant?",
        "why?",
    ],
)
def test_all_but_lead_ins_are_words_of_an_article(question: str) -> None:
    lines = [piece for piece in drafted(question) if not isinstance(piece, Preamble)]
    assert lines
    for line in lines:
        assert any(line in text for text in ARTICLES), line
    assert len(lines) == len(set(lines))


def test_a_side_has_sentences_about_it() -> None:
    about = (
        "Ships of Tarn took the trade of Esk in the long war over the river.",
        "On Sundays the people in the old town of Esk rest at home.",
        "Esk sells more boats than all of Tarn on its long river.",
    )
    found = evidence(*about)
    drafting = draft_of("compare Esk and Tarn", found)
    esk = drafting[: drafting.index("On “Tarn”:")]
    assert not any("Ships of Tarn" in piece for piece in esk)
    assert any("Ships of Tarn" in piece for piece in drafting)
    assert any("Esk sells" in piece for piece in esk)


def test_a_side_has_no_sentence_about_another_one() -> None:
    found = evidence(
        "Graz runs trams on six lines. The trams in Graz run free of charge in the old town.",
        "The trams in Lund run on electricity from wind.",
        "Three heritage lines are left in Porto. A ride along the Douro costs six euros.",
    )
    drafting = draft_of("Compare how Graz, Lund and Porto run trams", found)
    porto = drafting[drafting.index("On “Porto”:") :]
    assert any("heritage" in piece for piece in porto)
    assert not any("trams in" in piece for piece in porto)


def test_a_side_is_more_than_one_of_its_words() -> None:
    found = evidence(
        "The Tarn chapel has an old stone floor and a bell.",
        "The Tarn ferry has room for twelve cars and their people.",
        "The bridge at Esk has room for three hundred cars.",
    )
    drafting = draft_of("compare Tarn ferry and bridge", found)
    assert any("Tarn ferry has" in piece for piece in drafting)
    assert not any("chapel" in piece for piece in drafting)


def test_the_why_of_a_question_keeps_its_subject() -> None:
    text = (
        "The old guild of Tarn on the hills sued Esk over its dirty ferries. Who plants oaks knows"
    )
    found = evidence(f"{text} why trees grow.", "Boats are blue.")
    asked = "who sued Esk? who sued Esk: why?"
    drafting = draft_of(asked, found)
    said = [piece for piece in drafting if not isinstance(piece, Preamble)]
    assert [piece.startswith("The old guild") for piece in said] == [True]


def test_a_lead_in_claims_nothing_and_a_models_words_are_checked() -> None:
    found = evidence(*ARTICLES)
    drafting = DraftRelay().events(drafted("who bought the ferry of Esk?"))
    first, second, *_ = verify_stream(drafting, lambda: found, None)
    assert isinstance(first, Sentence) and isinstance(second, Sentence)
    assert (first.text, first.verdict) == ("Paper 1 writes:", "no_claim")
    assert second.verdict == "supported" and second.citations[0].quote in ARTICLES[0]
    [said] = verify_pieces(["Esk sank, says Paper 1."], found)
    assert said.verdict != "no_claim"


# What a reader of marks would take for one, and what Markdown would take for a sign.
SIGNS = st.sampled_from(
    [
        *"⁻⁶²₀*_`#>|-–[](){}<>$\\&;",
        "10⁻⁶",
        "[0, 100]",
        "[1]",
        "【2】",
        "2 ** 3",
        "H₂O",
        "a_b_c",
        "1.",
    ]
)
LETTERS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12)


@given(st.lists(st.one_of(SIGNS, LETTERS), max_size=12), SIGNS)
@example(["", "is", "10⁻⁶ m [0, 100]", "** of `x`"], "*")
def test_an_answer_shows_the_articles_words_character_for_character(
    pieces: list[str], first: str
) -> None:
    text = f"{first} The ferry of Esk {' '.join(pieces)} opened in 1932."
    found = evidence(text, "The ferry of Esk was painted red [2] in 1950⁴.")
    drafting = DraftRelay().events(draft_of("when did the ferry of Esk open?", found))
    shown = [
        item for item in verify_stream(drafting, lambda: found, None) if isinstance(item, Sentence)
    ]
    said = [sentence for sentence in shown if sentence.verdict != "no_claim"]
    texts = {item.source.id: item.passage.text for item in found}
    assert said
    for sentence in said:
        [citation] = sentence.citations
        assert sentence.verdict == "supported"
        held = texts[citation.article_id][citation.start : citation.end]
        assert sentence.text == citation.quote == held


def test_headings_and_questions_state_nothing() -> None:
    assert not texts.states_something("The Great Race", alone=True)
    assert not texts.states_something("Who won?", alone=False)
    assert texts.states_something("He won.", alone=True)
    assert texts.states_something("Ticket: Child; Weekday: 3.00; Weekend: 4.50", alone=True)
