"""The line that tells why a sentence got its verdict."""

from __future__ import annotations

import pytest

from articles import BRIDGE, evidence_of
from rag.verification import verify

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
    (sentence,) = verify(draft, EVIDENCE)
    assert sentence.why.startswith(why)
