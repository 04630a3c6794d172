"""What every backend promises, tested on each: plain, streaming, reasoning, failover.

An open-weight server joins if ``FOOTNOTE_TEST_SERVER`` holds its address, such as
``http://127.0.0.1:11434/v1``; ``FOOTNOTE_TEST_MODEL`` may name its model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from drafting import ask, evidence, provider
from faults import THOUGHT
from rag.answerability.sentence_scoring import SentenceScorer
from rag.answering.pipeline import answer
from rag.errors import FootnoteError, PolicyRefused
from rag.extractive.backend import Extractive
from rag.generation.base import Backend, CallContext
from rag.generation.draft_sentences import parse_draft
from rag.generation.failover import Failover
from rag.generation.llamaindex import LlamaIndexBackend
from rag.generation.openai_compatible import OpenAICompatible
from rag.generation.providers import PROVIDERS, Provider, find_provider
from rag.policy import ANYWHERE, LOCAL, Rule
from rag.query.query import Query
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings
from scripted_server import TEXT, Asked, Play, Scripted, Wire, answers, free_port, scripted
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

# Read here, because the tests themselves run without a user's settings.
REAL = os.environ.get("FOOTNOTE_TEST_SERVER")
REAL_MODEL = os.environ.get("FOOTNOTE_TEST_MODEL")
OPEN = (Rule("test", (ANYWHERE,)),)
QUESTION = "When did the bridge of Esk open to traffic?"
STORY = "The bridge of Esk opened to traffic in 1932. It was painted red in 1950."
NETWORKED = [found for found in PROVIDERS if found.name != "transformers"]
NAMES = [found.name for found in NETWORKED]


def pointed(name: str, address: str, **known: object) -> Provider:
    """A provider as it is, but for its address, which is the scripted server's."""
    found = next(one for one in PROVIDERS if one.name == name)
    model = found.model or "tiny"
    fields = {"base_url": address, "model": model, "times": (1.0, 5.0, 3.0, 20.0)} | known
    return replace(found, **fields)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in PROVIDERS:
        if found.api_key_env:
            monkeypatch.setenv(found.api_key_env, "k-0123456789abcdef")


def thinks(name: str) -> Play:
    """Reasons as that provider's models do: in tags, or not at all."""
    found = next(one for one in PROVIDERS if one.name == name)

    def play(wire: Wire, asked: Asked) -> None:
        text = f"<think>{THOUGHT}</think>{TEXT}" if found.reasons else TEXT
        answers(text)(wire, asked)

    return play


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
@pytest.mark.parametrize("name", NAMES)
def test_every_provider_answers(name: str, stream: bool) -> None:
    with scripted(thinks(name)) as server:
        outcome = ask(pointed(name, server.address, stream=stream), rules=OPEN)
        (asked,) = server.asked
    assert outcome.error is None and outcome.broken is None
    assert outcome.sentences == [*parse_draft(TEXT)]
    found = pointed(name, "")
    assert asked.body["stream"] is stream and asked.body["model"] == found.model
    assert asked.body[found.output_field] == found.output
    assert ("temperature" in asked.body) == found.temperature
    assert ("stream_options" in asked.body) == (stream and found.usage_in_stream)
    key = "k-0123456789abcdef" if found.api_key_env else "none"
    assert asked.headers["authorization"] == f"Bearer {key}"
    assert not [name for name in asked.headers if name.startswith(("x-", "openai"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_separates_reasoning_from_the_answer(name: str) -> None:
    with scripted(answers(f"<think>{THOUGHT}</think>{TEXT}")) as server:
        outcome = ask(pointed(name, server.address), rules=OPEN)
    assert "1999" not in outcome.text and outcome.sentences == [*parse_draft(TEXT)]
    assert outcome.drafter and outcome.drafter.reasoning == THOUGHT


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_has_failover(name: str) -> None:
    with scripted() as second:
        dead = pointed(name, f"http://127.0.0.1:{free_port()}/v1")
        outcome = ask(dead, provider(second.address, name="next"), rules=OPEN)
    assert outcome.drafter and outcome.drafter.info.name == "next"


@pytest.mark.parametrize("name", [n for n in NAMES if pointed(n, "").location != LOCAL])
def test_no_hosted_provider_gets_text_by_default(name: str) -> None:
    with scripted() as server:
        outcome = ask(pointed(name, server.address), rules=(Rule("default", (LOCAL,)),))
        assert isinstance(outcome.error, PolicyRefused) and not server.asked


@contextmanager
def each_kind(kind: str, server: Scripted, library: Library) -> Iterator[Backend]:
    if kind == "extractive":
        yield Extractive(SentenceScorer(library.retriever()))
    elif kind == "compatible":
        yield OpenAICompatible(provider(server.address))
    else:
        like = pytest.importorskip("llama_index.llms.openai_like")
        yield LlamaIndexBackend(
            like.OpenAILike(
                model="tiny",
                api_base=server.address,
                api_key="none",
                is_chat_model=True,
                max_retries=0,
            )
        )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(article(STORY, "Bridge"))])
        yield opened


@pytest.mark.parametrize("kind", ["extractive", "compatible", "llama"])
def test_the_contract_of_a_backend(kind: str, library: Library) -> None:
    with scripted() as server, each_kind(kind, server, library) as backend:
        found = library.search(QUESTION, k=3)
        assert backend.info.name and backend.info.location == LOCAL
        draft = backend.draft(Query(text=QUESTION), found)
        assert "1932" in "".join(draft)
        assert isinstance(backend.probe(CallContext()), tuple)
        if backend.destination is not None:
            nowhere = CallContext((Rule("test", ("XX",)),))
            with pytest.raises(PolicyRefused):
                list(backend.draft(Query(text=QUESTION), found, nowhere))


@pytest.mark.parametrize("kind", ["compatible", "llama"])
def test_every_error_of_a_backend_is_ours(kind: str, library: Library) -> None:
    plays: list[Callable[..., None]] = [
        lambda wire, asked: wire.reset(),
        lambda wire, asked: wire.status(500, "oops", "text/plain"),
        lambda wire, asked: wire.status(401, {"error": {"message": "no"}}),
    ]
    for play in plays:
        with scripted(play) as server, each_kind(kind, server, library) as backend:
            drafter = Failover([backend])
            with pytest.raises(FootnoteError):
                list(drafter.draft(Query(text=QUESTION), evidence()))


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_reasoning_recognised_late_is_not_part_of_the_answer(
    library: Library, stream: bool
) -> None:
    thought = "The bridge of Esk opened in 1999. It was painted blue. So I would say so. "
    text = f"{thought}</think>The bridge of Esk opened to traffic in 1932 [1]. "
    with scripted(answers(text)) as server:
        own = BackendSettings(
            name="m", base_url=server.address, model="tiny", location=LOCAL, stream=stream
        )
        settings = Settings(library=library.path, backends=(own,))
        found = answer(QUESTION, library=library, backend="m", settings=settings)
    assert "1999" not in found.text and "blue" not in found.text and "1932" in found.text
    assert "1999" in found.trace.reasoning


# -- a real server --------------------------------------------------------------------------------


@pytest.fixture
def real() -> Provider:
    if REAL is None:
        pytest.skip("no FOOTNOTE_TEST_SERVER")
    own = BackendSettings(name="real", base_url=REAL, model=REAL_MODEL, location=LOCAL)
    return find_provider("real", Settings(library=Path("x"), backends=(own,)))


@pytest.mark.enable_socket
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_a_real_server_answers(real: Provider, stream: bool) -> None:
    outcome = ask(replace(real, stream=stream), growing=stream)
    assert outcome.error is None and outcome.text.strip()
    assert outcome.drafter and outcome.drafter.info.model
    assert bool(outcome.grown) <= stream
    assert not any(mark in outcome.text for mark in ("<think", "</think", "[1]"))


@pytest.mark.enable_socket
def test_a_real_server_says_which_models_it_has(real: Provider) -> None:
    """Servers that know one model only may list none."""
    offered = OpenAICompatible(real).probe(CallContext())
    assert not offered or REAL_MODEL is None or any(REAL_MODEL in name for name in offered)


@pytest.mark.enable_socket
def test_a_model_that_a_real_server_does_not_have(real: Provider) -> None:
    """Some servers answer to every name; the others must be understood."""
    outcome = ask(replace(real, model="no-such-model-anywhere"))
    assert outcome.error is None or isinstance(outcome.error, FootnoteError)


@pytest.mark.enable_socket
def test_a_real_server_takes_over(real: Provider) -> None:
    dead = provider(f"http://127.0.0.1:{free_port()}/v1", name="dead")
    outcome = ask(dead, real)
    assert outcome.drafter and outcome.drafter.info.name == "real" and outcome.text.strip()
