"""A short answer stands in front only where a sentence decides it by its form."""

from __future__ import annotations

import pytest

from rag.gating.relevance import ScoredSentence
from rag.picking.short_answer import short_answer
from rag.types import Article, Evidence, Passage, Span


def scored(*texts: str) -> list[ScoredSentence]:
    made = []
    for rank, text in enumerate(texts, start=1):
        built = Article.build(text, title=f"Title {rank}", origin="o")
        passage = Passage(built.id, 0, len(text), text)
        evidence = Evidence(passage, built.source, rank, 1.0, ("dense",))
        span = Span(0, len(text))
        made.append(ScoredSentence(evidence, span, text, 0.9, 1.0, 1.0, 1.0, None, True))
    return made


def short(question: str, *texts: str) -> str | None:
    found = short_answer(question, range(len(texts)), scored(*texts))
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        ("who bought the ferry", "In May, Ada Quill bought the old ferry of Esk.", "Ada Quill"),
        ("who bought the ferry", "The ferry was bought by Ada Quill last year.", "Ada Quill"),
        ("who bought the ferry", "The ferry was bought by Ada Quill and two others.", None),
        ("who bought the ferry", "Ada Quill bought a bridge, and the town kept it all.", None),
        ("who bought the ferry", "Ada Quill’s brother bought the ferry.", None),
        ("who is the mayor of Esk", "Esk mayor Ada Quill opened the bridge.", "Ada Quill"),
        ("who is the mayor of Esk", "Ada Quill, the new mayor of Esk, opened it.", "Ada Quill"),
        ("who is the mayor of Esk", "Ada Quill met the mayor of Esk.", None),
        ("when did the bridge open", "The bridge opened in 1932.", "1932"),
        ("when did the bridge open", "The bridge may have opened in 1932.", None),
        ("when did the bridge open", "The bridge opened in 1932 and again in 1950.", None),
        ("when did the bridge open", "The bridge opened; the ferry sank in 1932.", None),
        ("how many oaks did Tarn plant", "Tarn planted nine hundred young oaks.", "nine hundred"),
        ("how many oaks did Tarn plant", "Tarn planted oaks on 40 hills.", None),
        (
            "how many oaks does Esk have",
            "Tarn with 900 oaks beat Esk, whose oaks are 40.",
            None,
        ),
        ("how much did the ferry cost", "The ferry cost $4 million in all.", "$4 million"),
        (
            "how much did Esk pay for the ferry",
            "Esk paid Tarn $4 million for its ferry.",
            "$4 million",
        ),
        (
            "how much did Esk pay for the ferry",
            "The plan to charge riders $1 a day is the latest since Esk had to pay for the ferry.",
            None,
        ),
        ("how much did Esk pay for the ferry", "Tarn paid Esk $4 million for the ferry.", None),
        ("who made the ferry", "The ferry was made by Esk engineer Bea Moss.", None),
        ("who made the ferry", "The ferry was made by Bea Moss in 1932.", "Bea Moss"),
        ("how old is Ada Quill", "Ada Quill, 34, runs the ferry.", "34"),
        ("how old is Ada Quill", "Her fan, 23-year-old Bea Moss, met Ada Quill.", None),
        ("how old is ada quill", "The 34-year-old captain Ada Quill said so.", "34"),
        ("how old is Ada Quill", "A 12-year-old Ada Quill fan cheered.", None),
        ("how old is Ada Quill", "Bob Quill, 61, runs the ferry of Ada.", None),
        ("how old is Ada Quill", "Ada Quill is 34 years old.", "34"),
        ("how old is Ada Quill", "Ada Quill, a 34-year-old captain, left.", "34"),
        ("how old is Ada Quill", "Tom, the son of Ada Quill, 12, sings.", None),
        ("how old is Ada Quill", "Ada Quill, 34, and Ada Quill, 35, are two.", None),
        ("how old is the mayor of Esk", "In the town of Esk, 40, or so, live.", None),
        ("is the bridge open", "The bridge is open to all.", "Yes"),
        ("is the bridge open", "The bridge is not open.", "No"),
        ("is the bridge open", "The bridge could be open.", None),
        ("is the bridge open", "Nobody knows whether the bridge is open.", None),
        ("did Esk beat Tarn", "Tarn beat Esk by two goals.", None),
        ("did Esk beat Tarn", "Esk beat Tarn by two goals.", "Yes"),
        ("did Esk beat Tarn", "Esk reportedly beat Tarn.", None),
        ("is Ada Quill mayor of Esk", "Ada Quill was mayor of Esk for years.", None),
        ("is the bridge open", "The bridge is open, Ada Quill said.", None),
        ("did Esk buy the ferry", "Esk denied that it would buy the ferry.", None),
        ("did Esk beat Tarn", "Esk did not beat Tarn.", "No"),
        ("who is suing Esk", "Ada Quill is suing Esk over the ferry.", "Ada Quill"),
        ("who sued Esk", "Ada Quill was sued by Esk.", None),
        ("who is the founder of Esk", "With Quill, the founder of Esk wants to sell.", None),
        ("who is the mayor of Esk", "Former Esk mayor Ada Quill has sung.", None),
        ("who is the mayor of Esk", "Esk mayor Ada Quill was fired in July.", None),
        ("who was the mayor of Esk", "Former Esk mayor Ada Quill has sung.", "Ada Quill"),
        ("who is the mayor of Esk", "Upper Esk mayor Ada Quill sang.", None),
        ("who is the owner of Esk", "Quill, the owner of Esk Real Estate sang.", None),
        ("who is the owner of Esk", "Bea Moss sang with Ada Quill, the owner of Esk.", "Ada Quill"),
        ("how many games does Esk have", "Esk has scheduled 5 games abroad.", None),
        ("how many boats does Esk have", "Esk have lost two boats since Monday.", None),
        ("how many towns sued Esk", "A group of 42 towns sued Esk.", "42"),
        ("who told Esk", "A source close to Ada Quill told Esk of it.", None),
        ("who won the cup", "Bea Moss and Ada Quill won the cup.", None),
        ("who bought the ferry", "If Ada Quill bought the ferry, it would sail.", None),
        ("who bought Esk", "Ada Quill bought Esk ferries in May.", None),
        ("who bought Esk", "Ada Quill has since bought Esk in May.", None),
        ("who bought Esk", "In May, Ada Quill bought Esk for a song.", "Ada Quill"),
        ("who bought Esk", "Ada Quill bought shares of Esk.", None),
        ("who won the cup", "When Esk won the cup in 1914, it rained.", None),
        ("who won the cup in 1914", "When Esk won the cup in 1914, it rained.", "Esk"),
        ("who won the cup", "Tarn have won the cup and the bowl twice each.", None),
        ("who won the cup", "Tarn won the cup on Sunday.", "Tarn"),
        ("who leads Esk", "Ada Quill leads Esk out of the tunnel.", None),
        ("who told Esk", "Ada Quill told Tarn that Esk is shut.", None),
        ("when did Esk beat Tarn", "Esk beat Tarn in 2007, avenging a loss in 1994.", None),
        ("when did Esk win the cup", "In 1990 Tarn met Esk and won the cup.", None),
        ("did Esk sue Tarn", "Esk riders sued Tarn in May.", None),
        ("did Esk sue Tarn", "Esk sued Tarn council members in May.", None),
        ("did Esk sue Tarn", "Esk has already sued Tarn over it.", "Yes"),
        ("did Esk sue Tarn", "Esk did not sue Tarn.", "No"),
        ("did the league win Esk", "Tarn's latest league win against Esk was long ago.", None),
        ("what is a ferry", "A ferry is a boat.", None),
        ("does Esk own the ferry", "Esk relies on the ferry.", None),
        ("does Esk own the ferry", "Esk owns the ferry.", "Yes"),
        ("did Esk buy the ferry", "Esk’s council bought the ferry.", None),
        ("did Esk buy the ferry", "A rival of Esk bought the ferry.", None),
        ("did Esk buy the ferry", "Esk bought oaks, Tarn bought the ferry.", None),
        ("did Esk buy the ferry", "Esk bought oaks while others bought the ferry.", None),
        ("did Esk buy the ferry", "In May Esk bought the old ferry.", "Yes"),
        ("is Esk Tarn", "Esk and Tarn are towns.", None),
        ("is Ada Quill back", "Ada Quill is a captain.", None),
        ("when did Ada Quill buy the ferry", "Ada Quill renamed the ferry in 1932.", None),
        ("when did Ada Quill buy the ferry", "Ada Quill bought the ferry in 1932.", "1932"),
        ("how many oaks did Tarn plant", "Tarn felled 40 oaks.", None),
    ],
)
def test_one_sentence(question: str, text: str, said: str | None) -> None:
    assert short(question, text) == said


def test_sentences_that_differ_decide_nothing() -> None:
    assert short("when did the bridge open", "In 1932 the bridge opened.") == "1932"
    both = ("The bridge opened in 1932.", "The bridge opened in 1935.")
    assert short("when did the bridge open", *both) is None
    assert short("is the bridge open", "The bridge is open.", "The bridge is not open.") is None


def test_a_fuller_name_is_the_same_name() -> None:
    said = short("who bought the ferry", "Ada Quill bought the ferry.", "Quill bought the ferry.")
    assert said == "Ada Quill"
