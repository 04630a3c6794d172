"""What is small talk as a whole, and what only begins like it."""

from __future__ import annotations

import pytest

from rag.query.small_talk import asks_for_more, small_talk


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("thanks!", "thanks"),
        ("ok, thank you so much", "thanks"),
        ("Hello", "greeting"),
        ("hi there!", "greeting"),
        ("Good morning", "greeting"),
        ("What can you do?", "help"),
        ("who are you", "help"),
        ("How does this work?", "help"),
        ("How many articles are there?", "contents"),
        ("how many articles do you have", "contents"),
        ("Which publishers are there?", "contents"),
        ("list all articles", "contents"),
        ("Show me the titles of all the articles", "contents"),
        ("What's in the library?", "contents"),
        ("what are the articles about", "contents"),
        ("summarise the articles", "summary"),
        ("Give me an overview of everything", "summary"),
        ("What do the articles say?", "summary"),
    ],
)
def test_small_talk_is_recognised(question: str, kind: str) -> None:
    assert small_talk(question) == kind


@pytest.mark.parametrize(
    "question",
    [
        "hello world programs: who wrote the first?",
        "What can you do with the new chip?",
        "Who are you calling a thief, according to Orl?",
        "How many articles are there in the treaty?",
        "how many articles of the treaty were changed",
        "list all companies that left",
        "What do the articles say about the ferry?",
        "summarise the ferry article",
        "what is in the ferry's hold",
        "thanks to whom did Esk win?",
        "no one knows?",
    ],
)
def test_a_question_is_not_small_talk(question: str) -> None:
    assert small_talk(question) is None


@pytest.mark.parametrize(
    "question", ["tell me more", "Tell me more about it", "more?", "anything else?", "go on"]
)
def test_more_is_asked_for(question: str) -> None:
    assert asks_for_more(question)


@pytest.mark.parametrize(
    "question", ["tell me more about Esk", "what else did Orl buy", "is there more rain in May"]
)
def test_a_question_with_a_subject_is_complete(question: str) -> None:
    assert not asks_for_more(question)
