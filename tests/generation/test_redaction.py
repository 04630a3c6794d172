"""A key shows up nowhere: in no message, log, trace or saved answer, in no encoding."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting import ask, evidence, provider
from faults import FAULTS, error, events, said, status
from rag import BackendSettings, Settings, answer_in, ingest, open_library
from rag.generation.redaction import MASK, encodings, find_api_key, redact, redact_stream
from rag.types import Outgoing
from scripted_server import Asked, Play, Wire, chunk, free_port, scripted, whole
from tiny_embedder import TinySpanEmbedder

KEY = "canary+Key/7f3a9b21=zz"
ENCODED = {
    "plain": KEY,
    "url": quote(KEY, safe=""),
    "base64": base64.b64encode(KEY.encode()).decode().rstrip("=")[:-1],
    "bearer in base64": base64.b64encode(f"Bearer {KEY}".encode()).decode(),
    "hex": KEY.encode().hex(),
    "json": json.dumps(KEY)[1:-1],
}


def echoing(code: int, kind: str = "application/json") -> Play:
    """Repeats the key in every form, as servers do that quote the request in their errors."""

    def play(wire: Wire, asked: Asked) -> None:
        told = " ".join([asked.headers["authorization"], *ENCODED.values()])
        body: object = {"error": {"message": told}} if "json" in kind else told
        wire.status(code, body, kind)

    return play


def redirected(wire: Wire, asked: Asked) -> None:
    wire.status(302, "", "text/html", Location=f"http://127.0.0.1:9/?key={quote(KEY, safe='')}")


ALL = " ".join(ENCODED.values())
FAILURES: dict[str, Play] = {
    **{
        f"{code} echo": echoing(code) for code in (400, 401, 402, 403, 404, 409, 422, 429, 500, 503)
    },
    "400 text": echoing(400, "text/plain"),
    "200 error object": echoing(200),
    "200 page": status(200, f"<html><title>{ALL}</title>", "text/html"),
    "200 not JSON": status(200, ALL, "application/json"),
    "redirect": redirected,
    "error event": events({"error": {"message": ALL}}),
    "broken event": events('{"' + ALL),
    "odd finish": said("The bridge opened in 1932 [1]. "),
    "reset": FAULTS["reset after request sent"].play,
    "silent": FAULTS["no bytes for 5 min (cold model load)"].play,
    "refusal": status(200, whole(None, refusal=ALL)),
    "wrong model": status(200, whole() | {"model": ALL}),
    "context": error(400, f"maximum context length is 10 tokens {ALL}"),
}


@pytest.mark.parametrize("name", [*FAILURES, "nobody listens"])
def test_no_failure_shows_the_key(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    log: list[Outgoing] = []
    with scripted(FAILURES.get(name, said("x"))) as server:
        address = (
            f"http://127.0.0.1:{free_port()}/v1" if name == "nobody listens" else server.address
        )
        known = {"api_key_env": "CANARY_KEY", "location": "US", "patience": 0.2}
        outcome = ask(provider(address, **known), log=log.append)
        if name != "nobody listens":
            assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    shown = [outcome.text, str(outcome.broken), caplog.text, str(log)]
    if outcome.error is not None:
        shown += traceback.format_exception(outcome.error)
        shown += [repr(vars(outcome.error)), repr(outcome.error.args)]
    drafter = outcome.drafter
    assert drafter is not None
    shown += [str(drafter.tried), str(drafter.notes), drafter.reasoning]
    for form, text in ENCODED.items():
        # The edges of base64 hold other characters too.
        text = text[12:-8] if form == "bearer in base64" else text
        assert not [part for part in shown if text in part], form


def telling(wire: Wire, asked: Asked) -> None:
    """Says the key in the answer and in its thoughts, a few characters at a time."""
    told = f"The bridge of Esk opened in 1932 [1]. It says {ALL} here. "
    if not asked.body.get("stream"):
        wire.status(200, whole(told, reasoning_content=ALL))
        return
    wire.head()
    for place in range(0, len(ALL), 3):
        wire.event(chunk(content=None, reasoning_content=ALL[place : place + 3]))
    for place in range(0, len(told), 3):
        wire.event(chunk(content=told[place : place + 3]))
    wire.stop()


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_a_server_that_says_the_key_is_not_quoted(
    stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    with scripted(telling) as server:
        one = provider(server.address, api_key_env="CANARY_KEY", stream=stream)
        outcome = ask(one, growing=True)
    assert outcome.error is None and outcome.text.startswith("The bridge of Esk opened in 1932.")
    assert outcome.drafter and MASK in outcome.drafter.reasoning
    for form, text in ENCODED.items():
        text = text[12:-8] if form == "bearer in base64" else text
        shown = [outcome.text, *outcome.grown, outcome.drafter.reasoning]
        assert not [part for part in shown if text in part], form


@given(st.lists(st.sampled_from([*"abK-21", KEY, "canary+", KEY[:5], KEY[3:]]), max_size=12))
def test_a_stream_loses_the_key_and_nothing_else(parts: list[str]) -> None:
    """In pieces of every length, and with nothing lost beside it."""
    text = "".join(parts)
    for length in (1, 2, 7, 50):
        pieces = [text[place : place + length] for place in range(0, len(text), length)]
        found = "".join(redact_stream(pieces, KEY))
        assert KEY not in found
        assert KEY in text or found == text


def test_a_key_comes_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring", reason="the extra 'keyring' is not installed")
    backend = pytest.importorskip("keyring.backend")

    class Remembers(backend.KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return {("footnote", "CANARY_KEY"): KEY}.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            raise AssertionError("nothing is written")

    before = keyring.get_keyring()
    keyring.set_keyring(Remembers())
    try:
        assert find_api_key("CANARY_KEY") == KEY and find_api_key("OTHER_KEY") is None
        with scripted() as server:
            outcome = ask(provider(server.address, api_key_env="CANARY_KEY"))
            assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
        assert outcome.error is None
        monkeypatch.setenv("CANARY_KEY", "stronger-in-the-environment")
        assert find_api_key("CANARY_KEY") == "stronger-in-the-environment"
    finally:
        keyring.set_keyring(before)


def test_no_kept_conversation_holds_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", KEY)
    article = tmp_path / "bridge.md"
    article.write_text("The bridge of Esk opened in 1932.", encoding="utf-8")
    with (
        scripted(echoing(500)) as server,
        open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library,
    ):
        ingest([article], library=library)
        mine = BackendSettings(
            name="mine", base_url=server.address, model="m", api_key_env="CANARY_KEY", patience=0.1
        )
        settings = Settings(
            library=library.path, backend=("mine", "extractive"), backends=(mine,),
            text_may_go_to=("anywhere",),
        )  # fmt: skip
        kept = answer_in("new", "When did the bridge open?", library=library, settings=settings)
        assert (
            server.asked and kept.answer.trace.tried and KEY not in kept.answer.trace.tried[0].why
        )
        told = library.conversations.get(kept.conversation_id)
        shown = [str(told.to_dict()), told.to_markdown()]
    shown += [
        file.read_bytes().decode("utf-8", "replace") for file in library.path.glob("catalog*")
    ]
    for form, text in ENCODED.items():
        text = text[12:-8] if form == "bearer in base64" else text
        assert not [part for part in shown if text in part], form


def test_there_are_twenty_failures() -> None:
    assert len(FAILURES) >= 20


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=8, max_size=60))
def test_every_encoding_is_redacted(key: str) -> None:
    for form in encodings(key):
        assert form not in redact(f"before {form} after", key) or form in ("before", "after")
    longer = base64.b64encode(f"Basic x:{key}:y".encode()).decode()
    assert key not in redact(key, key)
    assert redact(longer, key) != longer or len(key) < 12


def test_what_looks_like_a_key_is_redacted_without_knowing_it() -> None:
    assert redact("Incorrect key sk-abcdefghijkl12345", None) == f"Incorrect key {MASK}"
    assert "a bridge" in redact("a bridge and a sky-high tower", None)


def test_a_key_comes_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_api_key("CANARY_KEY") is None
    monkeypatch.setenv("CANARY_KEY", f"  {KEY}\n")
    assert find_api_key("CANARY_KEY") == KEY


def test_a_missing_key_names_its_variable_and_sends_nothing() -> None:
    with scripted() as server:
        outcome = ask(provider(server.address, api_key_env="CANARY_KEY"), found=evidence())
        assert not server.asked
    assert "Set the environment variable CANARY_KEY" in str(outcome.error)


def test_a_key_in_a_settings_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    from rag.errors import SettingsError
    from rag.settings import load_settings

    file = tmp_path / "own.toml"
    file.write_text(f'[backends.mine]\nbase_url = "http://x.org/v1"\napi_key = "{KEY}"\n')
    with pytest.raises(SettingsError, match="environment variable") as caught:
        load_settings(file)
    assert KEY not in str(caught.value) and KEY not in repr(vars(caught.value))
