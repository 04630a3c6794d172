"""Failover: which backends are asked, which one answers, and what is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting import ask, evidence, provider
from faults import FAULTS, cut_after_first
from rag.answerability.sentence_scoring import SentenceScorer
from rag.answering.pipeline import answer
from rag.errors import BackendError, NoneAnswered, RequestRefused
from rag.extractive.backend import Extractive
from rag.generation.draft_sentences import DraftSentence
from rag.generation.failover import Failover
from rag.generation.openai_compatible import OpenAICompatible
from rag.generation.resilience import CircuitBreakers
from rag.query.query import Query
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings
from scripted_server import FIRST, TEXT, Asked, Wire, answers, dies, free_port, scripted
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

SECOND = answers("The bridge of Esk opened in the year 1932 [1]. ")
QUESTION = "When did the bridge of Esk open to traffic?"
STORY = (
    "The bridge of Esk opened to traffic in 1932. It was painted red in 1950. "
    "The ferry of Esk was sold in the same year."
)


@pytest.mark.parametrize(
    "dead", ["", "The ", "The bridge of Esk op"], ids=["before", "first", "amid"]
)
def test_the_next_backend_takes_over_before_a_sentence_is_out(dead: str) -> None:
    with scripted(dies(dead)) as first, scripted(SECOND) as second:
        outcome = ask(provider(first.address, name="one"), provider(second.address, name="two"))
    assert outcome.text.strip() == "The bridge of Esk opened in the year 1932."
    assert outcome.drafter and outcome.drafter.info.name == "two" and outcome.broken is None
    assert [attempt.backend for attempt in outcome.drafter.tried] == ["one"]
    assert "was lost" in outcome.drafter.tried[0].why


def test_no_backend_takes_over_after_text_was_shown() -> None:
    with scripted(dies(TEXT[:60])) as first, scripted(SECOND) as second:
        outcome = ask(provider(first.address, name="one"), provider(second.address, name="two"))
        assert second.asked == []
    assert outcome.text == FIRST.removesuffix(" [1].") + "."
    assert outcome.drafter and outcome.drafter.info.name == "one"
    assert outcome.broken and "was lost" in outcome.broken


@pytest.mark.parametrize(
    "name",
    [
        "429 Retry-After: 120",
        "500",
        "503 server busy (queue full)",
        "no bytes for 5 min (cold model load)",
        "200 with an HTML login page",
        "200 stream with only [DONE]",
        "empty answer (spaces only)",
        "400 context_length_exceeded",
        "reset after request sent",
        "</think> with no opening tag",
        "<think> never closed",
        "refusal field",
    ],
)
def test_faults_after_which_the_next_backend_is_tried(name: str) -> None:
    with scripted(FAULTS[name].play) as first, scripted(SECOND) as second:
        outcome = ask(provider(first.address, name="one"), provider(second.address, name="two"))
    assert outcome.error is None
    if FAULTS[name].outcome == "thought":
        assert not second.asked
    elif FAULTS[name].outcome == "part":
        assert outcome.broken and not second.asked
    else:
        assert outcome.drafter and outcome.drafter.info.name == "two"
        assert FAULTS[name].says in outcome.drafter.tried[0].why


@pytest.mark.parametrize(
    "name", ["401 wrong key", "402 no credit", "403 forbidden region", "404 model not pulled"]
)
def test_faults_to_be_fixed_stop_everything(name: str) -> None:
    with scripted(FAULTS[name].play) as first, scripted(SECOND) as second:
        outcome = ask(provider(first.address, name="one"), provider(second.address, name="two"))
        assert second.asked == []
    assert isinstance(outcome.error, RequestRefused)


def test_several_dead_backends_are_all_named() -> None:
    dead = [provider(f"http://127.0.0.1:{free_port()}/v1", name=name) for name in ("one", "two")]
    outcome = ask(*dead)
    assert isinstance(outcome.error, NoneAnswered)
    assert [name for name, _ in outcome.error.reasons] == ["one", "two"]


def test_half_a_sentence_of_the_last_backend_is_marked() -> None:
    with scripted(dies("The bridge of Esk op")) as only:
        outcome = ask(provider(only.address))
    assert outcome.text.rstrip() == "The bridge of Esk op …" and outcome.broken


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_circuit_opens_after_three_failures_and_a_probe_closes_it() -> None:
    clock = Clock()
    circuits = CircuitBreakers(clock)
    with scripted(SECOND) as first, scripted(SECOND) as second:
        providers = (provider(first.address, name="one"), provider(second.address, name="two"))
        first.down = True
        for _ in range(3):
            assert ask(*providers, circuit_breakers=circuits).error is None
        asked = len(first.listed) + len(first.asked)
        outcome = ask(*providers, circuit_breakers=circuits)
        assert outcome.drafter and "skipped for another 10 s" in outcome.drafter.tried[0].why
        clock.now = 10.5
        outcome = ask(*providers, circuit_breakers=circuits)
        assert outcome.drafter and outcome.drafter.info.name == "two"
        assert len(first.listed) + len(first.asked) == asked, "a dead probe leaves no request"
        clock.now = 12.0
        assert "skipped" in ask(*providers, circuit_breakers=circuits).drafter.tried[0].why  # type: ignore[union-attr]
        first.down = False
        clock.now = 31.0
        outcome = ask(*providers, circuit_breakers=circuits)
        assert outcome.drafter and outcome.drafter.info.name == "one"
        assert len(first.listed) == 1, "it was probed first"
        assert circuits.state("anything") == "closed"


def test_the_open_time_doubles_up_to_two_minutes_and_one_caller_probes() -> None:
    clock = Clock()
    circuits = CircuitBreakers(clock)
    for _ in range(3):
        circuits.record_failure("a")
    open_times = []
    for _ in range(6):
        open_times.append(circuits.seconds_left("a"))
        clock.now += circuits.seconds_left("a")
        assert circuits.state("a") == "half-open"
        assert circuits.state("a") == "open", "a second caller waits for the first one's probe"
        circuits.record_failure("a")
    assert open_times == [10, 20, 40, 80, 120, 120]
    circuits.record_success("a")
    assert circuits.state("a") == "closed"


def test_failures_far_apart_do_not_open_the_circuit() -> None:
    clock = Clock()
    circuits = CircuitBreakers(clock)
    for _ in range(5):
        clock.now += 20
        circuits.record_failure("a")
    assert circuits.state("a") == "closed"


def test_the_last_backend_is_asked_even_if_its_circuit_is_open() -> None:
    circuits = CircuitBreakers()
    with scripted() as only:
        only.down = True
        for _ in range(4):
            assert ask(provider(only.address), circuit_breakers=circuits).error
        only.down = False
        assert ask(provider(only.address), circuit_breakers=circuits).error is None


def test_closing_the_draft_hangs_up_at_once() -> None:
    def endless(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.words(TEXT)
        while not wire.gone(0.01):
            wire.words("and more. ")
        raise OSError("gone")

    with scripted(endless) as server:
        drafter = Failover([OpenAICompatible(provider(server.address))])
        draft = drafter.draft(Query(text="When?"), evidence())
        assert next(draft) == DraftSentence("The bridge of Esk opened in 1932.", (1,))
        draft.close()
        assert server.hung_up.wait(2), "the server must notice within two seconds"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(article(STORY, "Bridge"))])
        yield opened


def own(name: str, address: str, **known: object) -> BackendSettings:
    fields = {"model": "tiny", "location": "local", "connect_timeout": 1.0} | known
    return BackendSettings(name=name, base_url=address, **fields)  # type: ignore[arg-type]


def test_an_answer_names_who_wrote_it_and_who_failed(library: Library) -> None:
    draft = "The bridge of Esk opened to traffic in 1932 [1]."
    with scripted(answers(draft)) as server:
        settings = Settings(
            library=library.path,
            backend=("dead", "mine", "extractive"),
            backends=(
                own("dead", f"http://127.0.0.1:{free_port()}/v1"),
                own("mine", server.address),
            ),
        )
        found = answer(QUESTION, library=library, settings=settings)
    assert found.backend.name == "mine" and found.backend.model == "tiny"
    assert found.complete and found.sentences[0].verdict == "supported"
    assert [attempt.backend for attempt in found.trace.tried] == ["dead"]
    assert found.trace.left_machine == () and found.trace.usage


def test_the_extractive_answerer_is_the_last_resort(library: Library) -> None:
    dead = own("dead", f"http://127.0.0.1:{free_port()}/v1")
    settings = Settings(library=library.path, backends=(dead,))
    found = answer(QUESTION, library=library, backend="dead,extractive", settings=settings)
    assert found.backend.name == "extractive" and "1932" in found.text
    assert [attempt.backend for attempt in found.trace.tried] == ["dead"]


def test_a_broken_stream_keeps_what_was_verified_and_says_so(library: Library) -> None:
    play = cut_after_first(lambda wire: None)
    with scripted(play) as server:
        settings = Settings(library=library.path, backends=(own("mine", server.address),))
        found = answer(QUESTION, library=library, backend=["mine", "extractive"], settings=settings)
    assert not found.complete and found.backend.name == "mine"
    assert [sentence.text for sentence in found.sentences] == ["The bridge of Esk opened in 1932."]
    assert any("stopped mid-answer" in note for note in found.trace.notes)


def test_a_model_may_say_that_the_articles_do_not_say(library: Library) -> None:
    with scripted(answers("The articles do not say.")) as server:
        settings = Settings(library=library.path, backends=(own("mine", server.address),))
        found = answer(QUESTION, library=library, backend="mine", settings=settings)
    assert found.refused and found.complete


def test_no_backend_answers(library: Library) -> None:
    dead = own("dead", f"http://127.0.0.1:{free_port()}/v1", patience=0.1)
    settings = Settings(library=library.path, backends=(dead,))
    with pytest.raises(BackendError, match="nothing is listening"):
        answer(QUESTION, library=library, backend="dead", settings=settings)


def test_extractive_alone_tries_nobody(library: Library) -> None:
    drafter = Failover([Extractive(SentenceScorer(library.retriever()))])
    assert list(drafter.draft(Query(text=QUESTION), library.search(QUESTION, k=3)))
    assert drafter.tried == () and drafter.left_machine == ()


def test_a_dead_backend_is_not_asked_for_every_question() -> None:
    """A question every second for half a minute: three attempts, and one probe later."""
    clock = Clock()
    circuits = CircuitBreakers(clock)
    knocks = 0
    with scripted(SECOND) as first, scripted(SECOND) as second:
        first.down = True
        served = first.serve

        def counted(connection) -> None:  # type: ignore[no-untyped-def]
            nonlocal knocks
            knocks += 1
            served(connection)

        first.serve = counted  # type: ignore[method-assign]
        providers = (provider(first.address, name="one"), provider(second.address, name="two"))
        for second_of_outage in range(30):
            clock.now = float(second_of_outage)
            outcome = ask(*providers, circuit_breakers=circuits)
            assert outcome.drafter and outcome.drafter.info.name == "two"
    assert knocks == 4
