"""What a question asks for: several things, an overview, a comparison."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.intents import parse_comparison, parse_overview, split_questions


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("Who runs the ferry and how much does it cost?", 2),
        ("When was it sold and to whom, and why?", 2),
        ("Who is Ada Lovelace? What did she write? Where did she live?", 3),
        ("did Tarn plant oaks and did Esk cut them", 2),
        ("who runs the ferry, what does it cost", 2),
        ("who bought the ferry and for how much", 2),
        ("is Esk being sued, and by whom?", 2),
        ("the man who fled and to whom", 1),
        ("from where and to where did he sail", 1),
        ("Who runs the ferry and the bridge?", 1),
        ("Who is the man who fled and who paid for it?", 1),
        ("What did she say when she was asked and when did she leave?", 1),
        ("Which ferry is slow and was sold in 1950?", 1),
        ("why?", 1),
    ],
)
def test_questions_in_a_question(question: str, pieces: int) -> None:
    found = split_questions(question)
    assert len(found) == pieces, found
    if pieces == 1:
        assert found == (question,)


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("what do the articles say about the ferry?", "the ferry"),
        ("What is written about oaks", "oaks"),
        ("give me an overview of the articles on Tarn", "Tarn"),
        ("Summarise the coverage of the bridge", "the bridge"),
        ("which articles mention Esk?", "Esk"),
        ("sports articles about rowing on the Esk", "rowing on the Esk"),
        ("any news since March 2024 on the strike?", "the strike"),
        ("articles by Ada Quill about oaks", "oaks"),
        ("who wrote the articles about oaks", None),
        ("is there a story behind the news about oaks", None),
        ("what does Ada say about the ferry?", None),
        ("what do the articles say about it all", None),
        ("summary of the life of Ada Lovelace", None),
    ],
)
def test_overviews(question: str, subject: str | None) -> None:
    assert parse_overview(question) == subject


def test_what_somebody_said_is_an_overview_of_those_whose_articles_are_here() -> None:
    assert parse_overview("what did ada quill write about oaks", ["Ada Quill"]) == "oaks"
    assert parse_overview("what does the Paper say about oaks?", ["Tarn News", "Paper"]) == "oaks"
    assert parse_overview("what did Bea Moss write about oaks", ["Ada Quill"]) is None


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("compare the ferry and the bridge", ("ferry", "bridge")),
        ("Compare Esk with Tarn on fares", ("Esk fares", "Tarn fares")),
        ("what's the difference between a ferry and a bridge?", ("ferry", "bridge")),
        ("how does Esk differ from Tarn", ("Esk", "Tarn")),
        ("Esk vs. Tarn", ("Esk", "Tarn")),
        ("Compare how Esk and Tarn Bay set fares", ("how Esk set fares", "how Tarn Bay set fares")),
        ("contrast what esk and tarn charge", ("what esk charge", "what tarn charge")),
        ("Compare Esk, Tarn, Bay and Lund on fares",
         ("Esk fares", "Tarn fares", "Bay fares", "Lund fares")),
        ("Compare the trams in Bergen, Graz and Porto",
         ("trams in Bergen", "trams in Graz", "trams in Porto")),
        ("compare the cost of the ferry and the tram", ("cost of the ferry", "cost of the tram")),
        ("compare Esk and Tarn with Bay", ("Esk", "Tarn", "Bay")),
        ("Esk vs. Tarn vs. Bay", ("Esk", "Tarn", "Bay")),
        ("how does Esk differ from Tarn and Bay", ("Esk", "Tarn", "Bay")),
        ("Compare how Esk, Tarn and Bay set fares",
         ("how Esk set fares", "how Tarn set fares", "how Bay set fares")),
        ("compare the ferry in Tarn and the bridge", ("ferry in Tarn", "bridge")),
        ("compare praise for Esk and Lund's fears", ("praise for Esk", "Lund's fears")),
        ("compare Portland, Oregon and Portland, Maine", ("Portland, Oregon", "Portland, Maine")),
        ("compare Esk and Tarn and say who won", ("Esk", "Tarn and say who won")),
        ("who runs the ferry and the bridge", None),
        ("compare the ferry and the ferries", None),
        ("compare the and and", None),
    ],
)  # fmt: skip
def test_comparisons(question: str, sides: tuple[str, ...] | None) -> None:
    found = parse_comparison(question)
    assert (found and tuple(side.text for side in found)) == sides


def test_the_sides_of_a_comparison_are_named_without_their_aspect() -> None:
    for question in ("compare how Esk and Tarn Bay set fares", "compare Esk and Tarn Bay on fares"):
        found = parse_comparison(question)
        assert found is not None and [side.name for side in found] == ["Esk", "Tarn Bay"]


@given(st.text(max_size=300))
def test_any_text_is_read(question: str) -> None:
    assert split_questions(question)
    parse_overview(question)
    parse_comparison(question)
