"""Judgments of answers are stored with their conversation, and become evaluation cases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from commands import footnote
from eval.cases import load_cases
from rag import ConversationUnknown, Filters, Library, SettingsError, answer
from small_library import QUESTION, ask


def kept(library: Library, question: str = QUESTION) -> str:
    return library.conversations.append(ask(library, question))[0]


def refused(library: Library) -> str:
    found = answer("How do I bake a chocolate cake?", library=library)
    assert found.refused
    return library.conversations.append(found)[0]


def test_the_last_judgment_of_an_answer_counts_until_it_is_withdrawn(library: Library) -> None:
    conversation = kept(library)
    feedback = library.conversations.feedback
    feedback.give(conversation, 1, good=True)
    given = feedback.give(conversation, 1, good=False, reason="wrong", note="  on Monday ")
    assert feedback.of(conversation) == (given,) and given.note == "on Monday"
    feedback.withdraw(conversation, 1)
    assert feedback.of() == ()


def test_a_judgment_needs_an_answer_and_a_known_reason(library: Library) -> None:
    conversation = kept(library)
    feedback = library.conversations.feedback
    with pytest.raises(ConversationUnknown):
        feedback.give(conversation, 2, good=True)
    with pytest.raises(SettingsError, match="a reason"):
        feedback.give(conversation, 1, good=False, reason="ugly")
    with pytest.raises(SettingsError, match="a note"):
        feedback.give(conversation, 1, good=False, note="x" * 2_001)
    assert feedback.of() == ()


def test_judgments_leave_with_their_conversation(library: Library) -> None:
    conversation = kept(library)
    library.conversations.feedback.give(conversation, 1, good=True)
    library.conversations.delete(conversation)
    assert library.conversations.feedback.of() == ()


def test_a_case_is_made_where_the_right_answer_is_known(library: Library) -> None:
    give = library.conversations.feedback.give
    liked, calm, claimed, corrected, unknown = (
        kept(library),
        refused(library),
        kept(library),
        refused(library),
        kept(library),
    )
    give(liked, 1, good=True)
    give(calm, 1, good=True)
    give(claimed, 1, good=False, reason="not_said")
    give(corrected, 1, good=False, reason="incomplete", note="planted  Nine hundred oaks")
    give(unknown, 1, good=False, reason="wrong", note="No article has these words.")
    cases, left_out = library.conversations.feedback_cases()
    by_id = {case["id"]: case for case in cases}
    assert left_out == 1 and len(by_id) == 4
    quoted = by_id[f"{liked}-1"]
    assert quoted["answerable"] and "The harbour of Esk reopened on Monday." in quoted["gold"]
    assert [Path(origin).name for origin in quoted["articles"]] == ["esk.md"]
    for conversation in (calm, claimed):
        case = by_id[f"{conversation}-1"]
        assert case["gold"] == [] and case["answerable"] is False
    told = by_id[f"{corrected}-1"]
    assert told["answerable"] and told["gold"] == ["planted  Nine hundred oaks"]
    assert [Path(origin).name for origin in told["articles"]] == ["tarn.md"]


def test_filters_go_along_and_days_cannot(library: Library) -> None:
    store = library.conversations
    found = ask(library)
    named, _ = store.append(found, filters=Filters(publishers=("Esk Times",)))
    dated, _ = store.append(found, filters=Filters(after=date(2024, 1, 2)))
    for conversation in (named, dated):
        store.feedback.give(conversation, 1, good=True)
    cases, left_out = store.feedback_cases()
    assert [case["filters"] for case in cases] == [{"publishers": ["Esk Times"]}] and left_out == 1


def test_a_follow_up_is_a_case_that_is_complete_in_itself(library: Library) -> None:
    found = ask(library)
    read = replace(found.trace, understood={"text": QUESTION})
    conversation, _ = library.conversations.append(replace(found, question="when?", trace=read))
    library.conversations.feedback.give(conversation, 1, good=True)
    assert library.conversations.feedback_cases()[0][0]["question"] == QUESTION


def test_the_command_writes_what_the_evaluation_reads(library: Library, tmp_path: Path) -> None:
    conversation = kept(library)
    library.conversations.feedback.give(conversation, 1, good=True)
    library.close()
    target, there = tmp_path / "cases.jsonl", ("--library", library.path)
    done = footnote("conversations", "export", "--feedback", target, *there)
    assert done.returncode == 0, done.stderr
    assert "Wrote 1 case" in done.stdout
    (case,) = load_cases(target)
    assert case.question == QUESTION and case.answerable and case.kind == "liked"
    assert json.loads(target.read_text(encoding="utf-8"))["id"] == f"{conversation}-1"
    both = footnote("conversations", "export", "last", "--feedback", target, *there)
    neither = footnote("conversations", "export", "last", *there)
    assert (both.returncode, neither.returncode) == (2, 2)
