"""What a question says of the form of its answer is no part of what is asked."""

from __future__ import annotations

import pytest

from rag.query import strip_instructions


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Who opened the bridge? Make a list.", "Who opened the bridge?"),
        ("Why? Make a list.", "Why?"),
        ("Be brief. What does the mill plan?", "What does the mill plan?"),
        ("Who owns it? Keep it short and cite your sources.", "Who owns it?"),
        ("Who is in the lead? No more than 50 words.", "Who is in the lead?"),
        ("What are the risks, in bullet points?", "What are the risks?"),
        (
            "Please compare the mill and the quarry in a table.",
            "Please compare the mill and the quarry.",
        ),
        ("Answer in two sentences: who founded the mill?", "who founded the mill?"),
        ("In one sentence, what is a weir?", "what is a weir?"),
        ("What is a weir, in plain English?", "What is a weir?"),
        ("Explain the plan of the mill in two sentences.", "Explain the plan of the mill."),
        ("Can you describe the plan in 50 words?", "Can you describe the plan?"),
        ("What did the mayor say, in one sentence?", "What did the mayor say?"),
    ],
)
def test_instructions_are_left_out(question: str, left: str) -> None:
    assert strip_instructions(question) == left


@pytest.mark.parametrize(
    "question",
    [
        "Make a list.",
        "Make a list of the mills that closed.",
        "What is on the list?",
        "Which words are in the sentence?",
        "What did the mill do with the sources?",
        "Who won in 2024?",
        "Can you explain?",
        "How much rain falls in a year?",
        "Was the law passed in less than one year?",
        "What is the novel called in English?",
        "Which books were published in English only?",
        "How many words are in a sentence?",
        "Did the mayor speak in short sentences?",
        "What did the minister say in plain language?",
        "",
    ],
)
def test_what_is_asked_stays(question: str) -> None:
    assert strip_instructions(question) == question
