"""Sentences shown while they are drafted: what is shown, what never is, and closing the stream."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting import ask, provider
from rag.answering.pipeline import answer, stream
from rag.answering.streaming import Drafted, Retrieved, may_show_partial
from rag.generation.draft_sentences import DraftSentence, PartialSentence, parse_draft
from rag.generation.failover import MOST_REPEATED, DraftEvent, DraftRelay, Repeating
from rag.generation.output_cleaning import ReasoningFilter, unwrap_stream
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings
from rag.types import REFUSAL, Answer, Sentence
from scripted_server import FIRST, TEXT, Asked, Play, Scripted, Wire, answers, chunk, dies, scripted
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

QUESTION = "When did the bridge of Esk open to traffic?"
STORY = "The bridge of Esk opened to traffic in 1932. It was painted red in 1950."
DRAFT = "The bridge of Esk opened to traffic in **1932** [1]. It was painted blue in 1950 [1]."
SECOND = answers("The bridge of Esk opened in the year 1932 [1]. ")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(article(STORY, "Bridge"))])
        yield opened


def served(library: Library, server: Scripted, **known: object) -> Settings:
    fields = {"model": "tiny", "location": "local"}
    own = BackendSettings(name="m", base_url=server.address, **fields)  # type: ignore[arg-type]
    return Settings(library=library.path, backend=("m",), backends=(own,), **known)  # type: ignore[arg-type]


def seen(library: Library, play: Play, **known: object) -> list[Sentence | Drafted | Answer]:
    with scripted(play) as server:
        chosen = served(library, server, **known)
        return list(stream(QUESTION, library=library, settings=chosen, drafts=True))


# -- what is shown --------------------------------------------------------------------------------


def test_a_sentence_grows_and_settles(library: Library) -> None:
    events = seen(library, answers(DRAFT))
    first = next(n for n, event in enumerate(events) if isinstance(event, Sentence))
    grown = [event.text for event in events[:first] if isinstance(event, Drafted)]
    assert grown[:3] == ["The", "The bridge", "The bridge of"]
    assert grown[-1].startswith("The bridge of Esk opened to traffic in 1932.")
    assert all(event.after == 0 for event in events[:first] if isinstance(event, Drafted))
    later = [event for event in events[first:] if isinstance(event, Drafted)]
    assert later[0].after == 1 and later[-1].text.endswith("blue in 1950.")
    assert not any(sign in text for text in grown for sign in "[]*")
    last = events[-1]
    assert isinstance(last, Answer)
    assert [event for event in events if isinstance(event, Sentence)] == list(last.sentences)


def test_what_settles_is_what_an_answer_without_drafts_says(library: Library) -> None:
    events = seen(library, answers(DRAFT))
    with scripted(answers(DRAFT)) as server:
        plain = answer(QUESTION, library=library, settings=served(library, server))
    grown = events[-1]
    assert isinstance(grown, Answer)
    assert (grown.sentences, grown.evidence) == (plain.sentences, plain.evidence)


def test_nobody_sees_drafts_who_does_not_ask(library: Library) -> None:
    with scripted(answers(DRAFT)) as server:
        events = list(stream(QUESTION, library=library, settings=served(library, server)))
    assert not [event for event in events if isinstance(event, Drafted)]


def test_where_the_unsupported_is_dropped_nothing_unchecked_shows(library: Library) -> None:
    events = seen(library, answers(DRAFT), unsupported="drop")
    assert not [event for event in events if isinstance(event, Drafted)]
    assert [event.text for event in events if isinstance(event, Sentence)] == [
        "The bridge of Esk opened to traffic in 1932."
    ]


@pytest.mark.parametrize("text", [REFUSAL, f"Sure! {REFUSAL}", "I cannot say."])
def test_a_refusal_does_not_grow(library: Library, text: str) -> None:
    events = seen(library, answers(text))
    drafts = [event.text for event in events if isinstance(event, Drafted) and event.text]
    assert set(drafts) <= {
        "The",
        "The articles",
        "I",
        "I cannot",
        "Sure! The",
        "Sure! The articles",
    }
    last = events[-1]
    assert isinstance(last, Answer) and last.refused


@pytest.mark.parametrize(
    "text",
    ['{"answer": "The bridge opened in 1932."}', '```json\n["The bridge opened in 1932."]\n```'],
)
def test_a_wrapped_answer_shows_when_it_is_unwrapped(text: str) -> None:
    with scripted(answers(text)) as server:
        outcome = ask(provider(server.address), growing=True)
    assert outcome.grown == ["The bridge opened in 1932."]


def test_what_a_model_retracts_is_withdrawn(library: Library) -> None:
    thought = "The bridge of Esk opened in 1999. It was painted blue. So I say so. "
    events = seen(library, answers(f"{thought}</think>{DRAFT}"))
    back = events.index(Drafted("", 0))
    assert not any("1999" in getattr(event, "text", "") for event in events[back:])
    last = events[-1]
    assert isinstance(last, Answer) and "1999" not in last.text


WORDS = st.sampled_from(
    [
        *("Rain fell", " on snow", ". ", "! ", "\n", " [1]", " [2, 3]", "【4】", " **so** "),
        *(" `code`", "<think>secret</think>", "<thinking>secret [5]\nsecret</thinking>"),
        *("\n- ", "\n1. "),
    ]
)


@given(st.lists(WORDS, max_size=20), st.data())
@settings(max_examples=300)
def test_however_a_draft_is_cut(parts: list[str], data: st.DataObject) -> None:
    draft = "".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(draft)), max_size=20).map(sorted))
    pieces = [draft[a:b] for a, b in pairwise([0, *cuts, len(draft)])]

    def told() -> Iterator[str]:
        thinking = ReasoningFilter()
        for piece in pieces:
            yield from thinking.feed(piece)
        yield from thinking.finish()

    items: list[DraftEvent] = []
    with suppress(Repeating):
        items.extend(DraftRelay(may_show_partial).events(unwrap_stream(told())))
    grown = [item.text for item in items if isinstance(item, PartialSentence)]
    assert not any(set(text) & set("[]【】<>*`-12345/") or "secret" in text for text in grown)
    whole = tuple(item for item in items if isinstance(item, DraftSentence))
    assert whole == tuple(until_it_repeats(parse_draft("".join(told()))))
    # What is seen last before a sentence settles is that sentence, with the next one's beginning;
    # or one that had been said, and is not said again.
    said: list[str] = []
    for before, item in pairwise([DraftSentence("", ()), *items]):
        if isinstance(item, DraftSentence):
            if isinstance(before, PartialSentence):
                seen = letters(before.text)
                settled = [letters(item.text), *said]
                assert any(one.startswith(seen[: len(one)]) for one in settled)
            said += filter(None, [letters(item.text)])


def until_it_repeats(sentences: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
    """Each sentence once, up to the first that comes for the third time."""
    times: Counter[str] = Counter()
    for sentence in sentences:
        times[sentence.text.casefold()] += 1
        if times[sentence.text.casefold()] == MOST_REPEATED:
            return
        if times[sentence.text.casefold()] == 1:
            yield sentence


def letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


# -- what it commits to ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "writer", "text"),
    [
        ("", "two", "The bridge of Esk opened in the year 1932."),
        ("[1", "two", "The bridge of Esk opened in the year 1932."),
        ("<think>Hm", "two", "The bridge of Esk opened in the year 1932."),
        ("The bridge of Esk op", "one", "The bridge of Esk op …"),
        (TEXT[:60], "one", FIRST.removesuffix(" [1].") + "."),
    ],
    ids=["before", "mark", "thinking", "first word", "after"],
)
def test_no_backend_takes_over_after_a_word_was_shown(said: str, writer: str, text: str) -> None:
    with scripted(dies(said)) as first, scripted(SECOND) as second:
        providers = (provider(first.address, name="one"), provider(second.address, name="two"))
        outcome = ask(*providers, growing=True)
        assert bool(second.asked) == (writer == "two")
    assert outcome.text == text and outcome.error is None
    assert outcome.drafter and outcome.drafter.info.name == writer
    assert bool(outcome.broken) == (writer == "one")


# -- closing the stream ---------------------------------------------------------------------------


def silent(wire: Wire) -> None:
    pass


def headers(wire: Wire) -> None:
    wire.head()


def words(wire: Wire) -> None:
    wire.head()
    wire.event(chunk(content="The bridge of Esk"))


@pytest.mark.parametrize("before", [silent, headers, words])
def test_the_server_notices_when_the_stream_is_closed(library: Library, before: object) -> None:
    """While another thread waits for the next word."""
    waiting, noticed = threading.Event(), []

    def play(wire: Wire, asked: Asked) -> None:
        before(wire)  # type: ignore[operator]
        waiting.set()
        noticed.append(wire.gone(5))

    with scripted(play) as server:
        events = stream(QUESTION, library=library, settings=served(library, server), drafts=True)
        got: list[object] = []
        reader = threading.Thread(target=lambda: got.extend(events))
        reader.start()
        assert waiting.wait(5)
        time.sleep(0.1)
        left = time.monotonic()
        events.close()
        reader.join(5)
        assert not reader.is_alive() and time.monotonic() - left < 1
        events.close()
    assert noticed == [True]
    assert not [event for event in got if isinstance(event, Answer)]
    assert list(events) == []


def test_closing_ends_the_wait_between_two_requests(library: Library) -> None:
    asked_once = threading.Event()

    def play(wire: Wire, asked: Asked) -> None:
        wire.status(429, "later", "text/plain", Retry_After="9")
        asked_once.set()

    with scripted(play) as server:
        events = stream(QUESTION, library=library, settings=served(library, server))
        reader = threading.Thread(target=lambda: list(events))
        reader.start()
        assert asked_once.wait(5)
        left = time.monotonic()
        events.close()
        reader.join(5)
        assert not reader.is_alive() and time.monotonic() - left < 1
        assert len(server.asked) == 1


def test_closing_an_idle_stream_closes_the_connection(library: Library) -> None:
    noticed = []

    def play(wire: Wire, asked: Asked) -> None:
        words(wire)
        noticed.append(wire.gone(5))

    with scripted(play) as server:
        events = stream(QUESTION, library=library, settings=served(library, server), drafts=True)
        assert isinstance(next(events), Retrieved)
        assert next(events) == Drafted("The bridge of Esk", 0)
        events.close()
        assert next(events, None) is None
    assert noticed == [True]
