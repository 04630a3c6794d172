"""Drafts with planted errors: what is wrong is seen, what is right is left alone."""

from __future__ import annotations

import pytest

from rag.types import REFUSAL, Article, Evidence, Passage, Sentence
from rules_alone import verify_by_rules

TEXT = (
    "The harbour bridge reopened on Monday, 3 May 2021, after repairs that cost $40 million. "
    "Mayor Ada Berg said the work took fourteen months. "
    "The city did not raise the toll.\n\n"
    "Ferries carried 12,000 passengers a day while the bridge was closed. "
    "Captain Lund called the crossing “the longest winter of my life”."
)
OTHER = "The toll on the northern tunnel rose by 5% in June, the Coastal Times reported."


def evidence() -> tuple[Evidence, ...]:
    items = []
    for rank, text in enumerate((TEXT, OTHER), start=1):
        article = Article.build(text, title=f"Story {rank}", origin="o", publisher="Daily Post")
        passage = Passage(article.id, 0, len(text), text)
        items.append(Evidence(passage, article.source, rank, 1.0, ("dense",)))
    return tuple(items)


def check(draft: str) -> Sentence:
    (sentence,) = verify_by_rules(draft, evidence())
    for citation in sentence.citations:
        whole = {item.source.id: item.passage.text for item in evidence()}[citation.article_id]
        assert whole[citation.start : citation.end] == citation.quote
    return sentence


@pytest.mark.parametrize(
    "draft",
    [
        "The city did not raise the toll. [1]",
        "The city did not raise the toll.",
        "The city did not raise the toll. [2]",
        "The city did not raise the toll. [99]",
        "Mayor Ada Berg said the work took fourteen months.",
        "Mayor Ada Berg said the work took 14 months.",
        "The repairs of the harbour bridge cost $40 million.",
        'Captain Lund called the crossing "the longest winter of my life".',
    ],
)
def test_right(draft: str) -> None:
    sentence = check(draft)
    assert sentence.verdict == "supported", sentence.why
    assert sentence.citations


@pytest.mark.parametrize(
    "draft",
    [
        "The repairs of the harbour bridge cost $400 million. [1]",
        "The harbour bridge reopened on Monday, 3 May 2022. [1]",
        "The city did raise the toll. [1]",
        "Mayor Ida Holm said the work took fourteen months. [1]",
        "Ferries carried 12,000 passengers a day while the bridge was not closed. [1]",
        "Captain Lund called the crossing “the shortest summer of my life”. [1]",
        "The bridge fell into the harbour and sank. [1]",
        "The prime minister of Norway opened a new airport. [2]",
    ],
)
def test_wrong(draft: str) -> None:
    sentence = check(draft)
    assert sentence.verdict not in ("supported", "no_claim")
    assert sentence.why


def test_a_wrong_mark_is_put_right_and_said() -> None:
    sentence = check("The toll on the northern tunnel rose by 5% in June. [1]")
    assert sentence.verdict == "supported"
    assert sentence.citations[0].quote == OTHER
    assert "the cited words of “Story 2” and not by what the draft named" in sentence.why


@pytest.mark.parametrize("draft", [REFUSAL, "Sure!", "Daily Post writes:", "From “Story 1”:"])
def test_no_claim(draft: str) -> None:
    assert check(draft).verdict == "no_claim"


@pytest.mark.parametrize("draft", ["Mayor Berg stole the money:", "The Daily Post lied:"])
def test_a_colon_does_not_hide_a_claim(draft: str) -> None:
    assert check(draft).verdict not in ("supported", "no_claim")
