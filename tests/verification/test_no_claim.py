"""Openings that add nothing, and sentences that claim nothing, told by their kind of words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Article, Evidence, Passage
from rag.verification import is_no_claim
from rag.verification.no_claim import lead_in_length
from rules_alone import verify_by_rules

SOURCE = Article.build(
    "The ferry of Esk closed in March.", title="Ferry closed", origin="o", publisher="Esk Times"
)
CLAIM = "the ferry of Esk closed in March."

ADDING_NOTHING = [
    *(
        "In summary,",
        "Overall,",
        "Therefore,",
        "For example,",
        "In other words,",
        "Taken together,",
    ),
    *("The article says that", "The articles provided indicate that", "It is stated that"),
    *("According to article 1,", "Based on the articles provided,", "As mentioned in the text,"),
    *("According to the Esk Times,", "The Esk Times reports that", "The author notes that"),
    *("The reason is that", "This is because", "On the other hand,", "It is worth noting that"),
    *("In short, the passage says that", "To put it simply,"),
]
SAYING_SOMETHING = [
    *("According to the harbour master,", "He said that", "Some say that", "Officials said that"),
    *("It is alleged that", "In January,", "Without a permit,", "Because of the report,"),
    *("The company denied that", "Perhaps,", "If the articles are right,", "No article says that"),
]


@pytest.mark.parametrize("opening", ADDING_NOTHING)
def test_an_opening_about_the_text_does_not_count(opening: str) -> None:
    said = f"{opening} {CLAIM}"
    assert lead_in_length(said, SOURCE.source) == len(opening) + 1
    passage = Passage(SOURCE.id, 0, len(SOURCE.text), SOURCE.text)
    (found,) = verify_by_rules(said, (Evidence(passage, SOURCE.source, 1, 1.0, ("dense",)),))
    assert found.verdict == "supported" and found.text == said


@pytest.mark.parametrize("opening", SAYING_SOMETHING)
def test_an_opening_that_says_something_counts(opening: str) -> None:
    assert lead_in_length(f"{opening} {CLAIM}", SOURCE.source) == 0


@given(st.text(max_size=80))
def test_of_any_text_something_is_left(text: str) -> None:
    assert 0 <= lead_in_length(text, SOURCE.source) <= max(0, len(text) - 15)


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("The articles do not say why the ferry closed.", ""),
        ("However, the provided text doesn't mention a price.", ""),
        ("There is no information on this in the articles.", ""),
        ("It is not stated when it reopens.", ""),
        ("The articles give no date.", ""),
        ("Why did the ferry close?", ""),
        ("Here are the main points:", ""),
        ("The ferry closed for the following reasons:", "Why did the ferry close?"),
        ("Esk Times writes:", ""),
        ("The articles name three points:", ""),
        ("They differ in several ways:", ""),
        ("Below is an overview of each side's position:", ""),
        ("The timeline is as follows:", ""),
        ("Advantages:", ""),
        ("Feel free to ask if you'd like more detail.", ""),
        ("Let me know if you need anything else.", ""),
        ("If you have more questions about the strike of Esk, please don’t hesitate to ask!", ""),
        ("I'd be happy to elaborate on any of these points.", ""),
        ("I can go into more depth if needed.", ""),
        ("If anything is unclear, tell me and I'll gladly explain it further.", ""),
        ("I hope this clears things up.", ""),
    ],
)
def test_it_claims_nothing(said: str, question: str) -> None:
    assert is_no_claim(said, (SOURCE.source,), question=question)


@pytest.mark.parametrize(
    "said",
    [
        "The articles do not say why, but the mayor sold the ferry.",
        "The council did not say anything.",
        "Mayor Berg stole the money:",
        "The council fired the following people:",
        "Three people died in different ways:",
        "They differ in three ways.",
        "The ferry does not answer to the council.",
        "The company told users to feel free to ask for refunds.",
        "Feel free to ask the company for refunds.",
        "If you need anything else, ask the front desk.",
        "If you need more help, the council is open on Mondays.",
        "The mayor would be happy to help.",
        "It would be happy to help you.",
        "It does not hesitate to ask for more.",
        "Feel free to ask about the ferry, which sank in 1912.",
        "Feel free to ask about the 40 deaths.",
        "Let me know if you need more; the ferry sank.",
        "You need more information on the ferry.",
        "I would know about the theft.",
        "He said to just ask for more help.",
        "If you need more help, they are happy to help.",
        "They always let us know if we need more information.",
    ],
)
def test_it_claims_something(said: str) -> None:
    assert not is_no_claim(said, (SOURCE.source,))


def test_a_heading_claims_nothing_and_a_bullet_does() -> None:
    heading, bullet = verify_by_rules("## The ferry sank\n- The ferry sank\n", ())
    assert (heading.verdict, heading.block) == ("no_claim", "heading")
    assert (bullet.verdict, bullet.block) == ("not_found", "item")


@pytest.mark.parametrize("opening", ["According to “{}”, ", 'In "{}", ', "“{}” says that "])
@pytest.mark.parametrize(
    "title",
    ["Who pays, and why? The toll: a long story of thirteen words and some more of them", "He May"],
)
def test_the_title_of_the_source_in_quotation_marks_adds_nothing(opening: str, title: str) -> None:
    source = Article.build("The toll rose in June.", title=title, origin="o").source
    lead = opening.format(title)
    assert lead_in_length(f"{lead}the toll on the bridge rose in June.", source) == len(lead)
    other = replace(source, title="Another story")
    assert lead_in_length(f"{lead}the toll on the bridge rose in June.", other) == 0
