"""How servers really answer: their finish reasons, parts, errors, signs, addresses and sizes."""

from __future__ import annotations

from typing import Any

import pytest

from drafting import ask, evidence, provider
from rag.errors import ContextTooLong, SettingsError
from rag.generation.providers import Offer, adapted, find_provider, model_name, offer_of
from rag.network import CancellationToken
from rag.query.query import Query
from scripted_server import FIRST, TEXT, Asked, Play, Wire, answers, chunk, scripted


@pytest.mark.parametrize(
    "reason", ["stop", "STOP", "eos", "eos_token", "stop_sequence", "end", "end_turn"]
)
def test_every_word_for_done_is_understood(reason: str) -> None:
    with scripted(answers(finish=reason)) as server:
        outcome = ask(provider(server.address))
    assert outcome.text and outcome.broken is None


@pytest.mark.parametrize("reason", ["length", "MAX_TOKENS", "model_length", "content_filter"])
def test_every_word_for_cut_off_is_told_apart(reason: str) -> None:
    with scripted(answers(finish=reason)) as server:
        outcome = ask(provider(server.address))
    assert outcome.text and outcome.broken


def parts(*deltas: Any, **other: Any) -> Play:
    def play(wire: Wire, asked: Asked) -> None:
        wire.head()
        for delta in deltas:
            wire.event(chunk(content=delta, **other))
        wire.stop()

    return play


THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "In 1999 perhaps."}]}]


@pytest.mark.parametrize(
    "play",
    [
        parts(THOUGHT, [{"type": "text", "text": TEXT}]),
        parts(THOUGHT, TEXT),
        parts(TEXT, reasoning={"text": "In 1999 perhaps."}),
        answers(f"<|channel|>analysis<|message|>In 1999?<|end|><|start|>assistant<|channel|>final"
                f"<|message|>{TEXT}<|return|>"),
        answers(f"<seed:think>In 1999?</seed:think>{TEXT}"),
        answers(f"<THINK>In 1999?</THINK>\n\n{TEXT}<|im_end|>"),
        answers(f"{TEXT}<|eot_id|>"),
        answers(f"<s>{TEXT}</s>"),
        answers(f"**Answer:** {TEXT}"),
        answers(f"{TEXT}\n\n**Sources:**\n1. Story 1\n2. Story 2\n"),
        answers(f"{TEXT}\n0123456789abcdef end of article"),
    ],
)  # fmt: skip
def test_only_the_answer_reaches_a_reader(play: Play) -> None:
    with scripted(play) as server:
        outcome = ask(provider(server.address), growing=True)
    said = [(each.text, each.marks) for each in outcome.sentences]
    assert said == [
        ("The bridge of Esk opened in 1932.", (1,)),
        ("It was painted red in 1950.", (2,)),
    ]
    assert not any(sign in text for text in outcome.grown for sign in ("<", "|", "1999", "Answer"))


TOO_LONG: dict[str, tuple[int, Any]] = {
    "tgi": (422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 900. Given: 1997 …"}),
    "gemini": (
        400,
        [{"error": {"code": 400, "message": "The input token count (3120) exceeds the maximum "
                    "number of tokens allowed (900).", "status": "INVALID_ARGUMENT"}}],
    ),
    "ollama": (400, {"error": {"message": "prompt too long; exceeded max context length by 9"}}),
    "mistral": (
        400,
        {"message": "Prompt contains 3312 tokens, too large for model with 900 maximum context"},
    ),
    "lmstudio": (400, {"error": "Trying to keep the first 1857 tokens when context the overflows. "
                       "However, the model is loaded with context length of only 900 tokens"}),
}  # fmt: skip


@pytest.mark.parametrize("server_kind", TOO_LONG)
def test_a_context_that_is_too_small_is_fitted(server_kind: str) -> None:
    status, body = TOO_LONG[server_kind]

    def refuses(wire: Wire, asked: Asked) -> None:
        wire.status(status, body)

    found = evidence(*(f"The bridge {n}. " + "It is old. " * 40 for n in range(8)))
    with scripted(refuses, answers(FIRST)) as server:
        outcome = ask(provider(server.address, context=9_000), found=found)
        sizes = [len(asked.prompt) for asked in server.asked]
    assert outcome.text and len(sizes) == 2 and sizes[1] < sizes[0]


def test_an_error_event_in_a_good_reply_is_fitted_too() -> None:
    def errs(wire: Wire, asked: Asked) -> None:
        wire.head()
        message = "the model is loaded with context length of only 900 tokens"
        wire.send(b"event: error\n")
        wire.event({"error": {"message": message}})

    with scripted(errs, answers(FIRST)) as server:
        assert ask(provider(server.address)).text
    with scripted(errs) as server:
        assert isinstance(ask(provider(server.address)).error, ContextTooLong)


def test_a_loop_is_ended_and_said_once() -> None:
    with scripted(answers(FIRST + f" {FIRST}" * 400)) as server:
        outcome = ask(provider(server.address))
    assert [each.text for each in outcome.sentences] == ["The bridge of Esk opened in 1932."]
    assert outcome.broken and "again and again" in outcome.broken


def test_the_question_that_is_sent_is_the_one_that_was_asked() -> None:
    asked = "Who opened the bridge, and what did it cost? Make a list."
    with scripted() as server:
        backend_query = Query(text="what did the bridge cost", asked=asked)
        for question in (backend_query, Query(text=asked)):
            found = evidence()
            from rag.generation.openai_compatible import OpenAICompatible

            "".join(OpenAICompatible(provider(server.address)).draft(question, found))
        assert all(each.prompt.endswith(f"Question: {asked}") for each in server.asked)


def test_a_local_server_is_told_when_to_stop_and_not_to_repeat() -> None:
    with scripted() as server:
        ask(provider(server.address, penalty_field="repeat_penalty", output=77))
        body = server.asked[0].body
    (fence,) = body["stop"]
    assert fence in server.asked[0].prompt
    assert body["repeat_penalty"] > 1 and body["max_tokens"] == 77


def test_the_servers_own_figures_count() -> None:
    row = {"id": "/models/smol-135m.gguf", "meta": {"n_ctx": 1024, "n_params": 134_515_008}}
    offer = offer_of(row)
    assert offer == Offer("/models/smol-135m.gguf", 1024, 134_515_008)
    known = adapted(provider("http://127.0.0.1:9/v1"), [offer] if offer else [])
    assert known.context == 1024 and known.is_small
    assert offer_of({"id": "m", "max_model_len": 32_768}) == Offer("m", 32_768)
    assert offer_of({"name": "m"}) is None and offer_of("m") is None


@pytest.mark.parametrize(
    ("name", "small"),
    [("qwen3:0.6b", True), ("smol-135M", True), ("llama3.2:3b", False), ("gpt-4", False)],
)
def test_a_models_name_tells_its_size(name: str, small: bool) -> None:
    assert provider("http://127.0.0.1:9/v1", model=name).is_small is small


def test_a_path_is_shown_as_a_name() -> None:
    assert model_name("/srv/models/qwen3-8b.Q4.gguf") == "qwen3-8b.Q4"
    assert model_name("C:\\models\\a.gguf") == "a" and model_name("openai/gpt-oss") == (
        "openai/gpt-oss"
    )


def test_a_plain_address_is_a_backend() -> None:
    found = find_provider("http://127.0.0.1:7941")
    assert (found.base_url, found.location) == ("http://127.0.0.1:7941/v1", "local")
    assert find_provider("https://models.example.org/v1").location == "unknown"
    with pytest.raises(SettingsError, match="HOST:PORT"):
        find_provider("ftp://example.org")


def test_a_request_that_is_cancelled_ends_at_once() -> None:
    def endless(wire: Wire, asked: Asked) -> None:
        wire.head()
        while not wire.gone(0.05):
            wire.event(chunk(content="on and "))

    token = CancellationToken()
    assert not token.cancelled
    with scripted(endless) as server:
        from rag.generation.failover import Failover
        from rag.generation.openai_compatible import OpenAICompatible

        drafter = Failover([OpenAICompatible(provider(server.address))])
        assert drafter.complete([{"role": "user", "content": "?"}], 20, 0.3) is None
