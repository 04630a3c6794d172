"""What becomes of a sentence that the articles do not bear out: shown and marked, or dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from articles import BRIDGE
from rag import (
    Answer,
    Evidence,
    Library,
    Sentence,
    SettingsError,
    answer,
    ingest,
    load_settings,
    open_library,
    stream,
)
from rag.answering import pipeline as answering
from rag.generation import CallContext, Failover
from rag.policy import LOCAL, Destination, Rule
from rag.query.query import Query
from rag.types import BackendInfo
from ui.render import answer_html

TRUE = "The bridge reopened on Monday after repairs that cost $12 million."
FALSE = "Repairs of the bridge cost $15 million."
QUESTION = "When did the bridge reopen and what did the repairs cost?"


class Mixed:
    """A backend that says one true and one false sentence, in small pieces."""

    info = BackendInfo("mixed")
    destination = None

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        draft = f"{TRUE} [1] {FALSE} [1]"
        yield from (draft[at : at + 5] for at in range(0, len(draft), 5))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("one")
    file = folder / "bridge.md"
    file.write_text(f"# {BRIDGE.source.title}\n\n{BRIDGE.text}\n", encoding="utf-8")
    with open_library(folder / "library", create=True) as opened:
        ingest(file, opened)
        yield opened


@pytest.fixture(autouse=True)
def mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "make_backends", lambda *asked: Failover([Mixed()]))


def test_shown_it_is_marked(library: Library) -> None:
    found = answer(QUESTION, library=library)
    assert [s.verdict for s in found.sentences] == ["supported", "unconfirmed"]
    assert "$12 million" in found.sentences[1].why
    page = answer_html(found)
    assert '<mark class="doubt">15</mark>' in page
    assert "Not confirmed" in page
    assert found.to_dict()["sentences"][1]["doubts"]


def test_dropped_it_is_gone(library: Library) -> None:
    settings = replace(load_settings(), unsupported="drop")
    found = answer(QUESTION, library=library, settings=settings)
    assert [s.text for s in found.sentences] == [TRUE]
    assert not found.refused


def test_streamed_sentences_are_those_of_the_answer(library: Library) -> None:
    *settled, last = stream(QUESTION, library=library)
    assert isinstance(last, Answer)
    assert tuple(settled) == last.sentences
    assert all(isinstance(item, Sentence) and "[" not in item.text for item in settled)


def test_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().unsupported == "show"
    assert load_settings(unsupported="drop").unsupported == "drop"
    monkeypatch.setenv("FOOTNOTE_UNSUPPORTED", "drop")
    assert load_settings().unsupported == "drop"
    with pytest.raises(SettingsError, match="show or drop"):
        load_settings(unsupported="hide")


class OnePassage:
    """A backend with room for one passage, which it does not keep to."""

    info = BackendInfo("small")
    destination = Destination("small", "127.0.0.1", LOCAL)

    def capacity(self, context: CallContext) -> int:
        return 1

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        assert len(evidence) == 1
        yield "Penguins rule the moon."


def test_the_articles_own_words_may_lie_in_passages_that_a_small_model_did_not_get(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drafter = Failover([OnePassage()], rules=(Rule("settings", (LOCAL,)),))
    monkeypatch.setattr(answering, "make_backends", lambda *asked: drafter)
    told = {
        "mill": "The mill of Esk burned down in 1921, said Anna Berg.",
        "port": "The port of Esk burned down in 1954, said Karl Holm.",
    }
    for name, text in told.items():
        (tmp_path / f"{name}.md").write_text(f"# The {name}\n\n{text}\n", encoding="utf-8")
    with open_library(tmp_path / "library", create=True) as opened:
        ingest(tmp_path, opened)
        found = answer("When did the mill of Esk and the port of Esk burn down?", library=opened)
    cited = [citation.quote for each in found.sentences for citation in each.citations]
    assert any("1921" in quote for quote in cited) and any("1954" in quote for quote in cited)
    # Every citation has its evidence, and with it a number.
    assert all(found.evidence_of(one) for each in found.sentences for one in each.citations)
    assert {one["n"] for each in found.sentence_dicts() for one in each["citations"]} == {1, 2}
