"""The line that tells why a sentence got its verdict."""

from __future__ import annotations

import pytest

from articles import BRIDGE, HARBOUR, evidence_of
from rules_alone import verify_by_rules

EVIDENCE = evidence_of(BRIDGE)


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (
            "The bridge did not reopen on Monday after repairs.",
            "The article says the opposite: “The bridge reopened on Monday",
        ),
        (
            "The bridge reopened on Monday after repairs that cost $15 million.",
            "An article says otherwise: the article says $12 million and not $15 million. "
            "Closest passage: “The bridge reopened on Monday",
        ),
        (
            "The bridge reopened on Monday after lengthy repairs that cost $12 million.",
            "The article does not say “lengthy”. Closest passage: “The bridge reopened",
        ),
        (
            "Pelicans nest along the northern shore in spring.",
            "No article says this. Closest passage: “",
        ),
    ],
)
def test_the_words_of_the_sentence_and_of_the_article_are_shown(draft: str, why: str) -> None:
    (sentence,) = verify_by_rules(draft, EVIDENCE)
    assert sentence.why.startswith(why)


def test_another_source_than_the_named_one_goes_by_its_title() -> None:
    draft = "The bridge reopened on Monday after repairs that cost $12 million [1]."
    (sentence,) = verify_by_rules(draft, evidence_of(HARBOUR, BRIDGE))
    assert sentence.verdict == "supported"
    assert [citation.article_id for citation in sentence.citations] == [BRIDGE.id]
    assert sentence.why == (
        "Supported, but by the cited words of “Bridge reopens after repairs” and not by what the "
        "draft named."
    )
