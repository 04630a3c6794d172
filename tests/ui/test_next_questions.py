"""Below an answer stand questions to go on with, and only those that the library answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import visiting
from live_server import serving
from rag import Answer, Library, Settings, ingest, open_library
from tiny_embedder import TinySpanEmbedder
from ui.next_questions import candidates
from ui.service import Service

QUESTION = "When did the harbour of Esk reopen?"
ARTICLES = {
    "esk.md": "The harbour of Esk reopened on Monday. Boats left at dawn.\n",
    "board.md": (
        "---\ntitle: Who pays for the harbour of Esk?\n---\n"
        "For years the harbour of Esk was run by Lena Voss. Since Monday the Harbour Board has "
        "paid for the harbour of Esk. In Esk people say that Lena Voss is furious.\n"
    ),
    "tarn.md": "The town of Tarn planted nine hundred oaks.\n",
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([folder], library=library)
        yield library


@pytest.fixture
def service(library: Library) -> Iterator[Service]:
    service = Service(library, settings=Settings(library=library.path))
    yield service
    service.close()


def asked(service: Service, question: str = QUESTION) -> Answer:
    answer = service.ask(question)
    assert answer.cited
    return answer


def test_they_are_answered_with_words_that_the_answer_did_not_quote(service: Service) -> None:
    answer = asked(service)
    quoted = {citation.quote for s in answer.sentences for citation in s.citations}
    offered = service.next_questions([answer])
    assert 1 <= len(offered) <= 3
    for question in offered:
        found = service.ask(question, history=[answer])
        assert not found.refused and not found.trace.notes
        assert {c.quote for s in found.sentences for c in s.citations} - quoted, question


def test_what_the_library_does_not_answer_is_not_offered(service: Service) -> None:
    answer = asked(service)
    refused = service.ask("How do I bake a chocolate cake?")
    assert refused.refused
    tried: list[str] = []

    class Refusing(Service):
        def ask(self, question: str, **options: object) -> Answer:
            tried.append(question)
            return refused

    other = Refusing(service.library, settings=service.settings)
    assert other.next_questions([answer]) == () and tried
    other.close()


def test_nothing_is_offered_twice_or_about_what_was_said(service: Service) -> None:
    answer = asked(service)
    offered = list(candidates(answer, [answer.question]))
    assert "What do the articles say about Lena Voss?" in offered
    assert not [question for question in offered if "Esk?" in question and "Who" not in question]
    again = list(candidates(answer, [answer.question, *offered]))
    assert not set(again) & set(offered)


def test_small_talk_gets_none(service: Service) -> None:
    assert service.next_questions([service.ask("thanks")]) == ()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_they_are_asked_by_a_click_and_leave_with_the_conversation(
    browser: object, library: Library
) -> None:
    with (
        serving(library) as address,
        visiting(browser, address) as visit,
    ):
        page = visit.page
        visit.ask(QUESTION)
        offered = page.locator(".next-questions button")
        offered.first.wait_for()
        question = offered.first.inner_text()
        offered.first.click()
        page.locator(".turn:not([aria-busy])").nth(1).wait_for()
        assert page.locator(".question").nth(1).inner_text() == question
        assert page.locator(".turn").nth(1).locator("a.footnote").count()
        visit.ask("thanks", turn=3)
        page.locator(".next-questions").wait_for(state="detached")
        visit.ask(QUESTION, turn=4)
        offered.first.wait_for()
        page.get_by_label("New conversation").click()
        page.locator("body:not(.in-conversation)").wait_for()
        page.locator(".next-questions").wait_for(state="detached")


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_offered_questions_are_read_in_german_and_asked_in_english(
    browser: object, library: Library
) -> None:
    with (
        serving(library) as address,
        visiting(browser, address, locale="de-DE") as visit,
    ):
        page = visit.page
        page.locator("#examples .example:visible", has_text="Was ").first.click()
        page.locator(".question", has_text="What ").wait_for()
        page.locator(".turn:not([aria-busy]) a.footnote").first.wait_for()
        page.goto(address)
        visit.ask(QUESTION)
        page.locator(".next-questions button", has_text="Was ").first.click()
        page.locator(".turn:not([aria-busy])").nth(1).wait_for()
        assert page.locator(".question").nth(1).inner_text().startswith("What ")
        assert page.locator(".turn").nth(1).locator("a.footnote").count()
