"""What is known of each backend before it is asked, and the trial of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BackendError, PolicyRefused
from rag.generation import check_backends, try_backend
from rag.generation.backend_health import BackendHealth
from rag.generation.failover import CIRCUIT_BREAKERS, circuit_key
from rag.generation.openai_compatible import OpenAICompatible
from rag.generation.providers import find_provider
from rag.generation.resilience import FAILURES_TO_OPEN
from rag.settings import BackendSettings, Settings
from scripted_server import Asked, Wire, answers, chunk, free_port, scripted
from web_site import Reply, web_site


def own(address: str, **known: str) -> Settings:
    told = {"name": "mine", "model": "tiny", "location": "local", **known}
    return Settings(library=Path("library"), backends=(BackendSettings(base_url=address, **told),))


def state(settings: Settings, name: str = "mine") -> BackendHealth:
    (found,) = check_backends(settings, names=[name])
    return found


def test_each_state_is_told_apart() -> None:
    with scripted() as server:
        assert state(own(server.address)).state == "ready"
        missing = own(server.address, api_key_env="NO_SUCH_KEY", location="US")
        assert state(missing).state == "key missing"
        assert not server.listed[1:]
    assert state(own(f"http://127.0.0.1:{free_port()}/v1")).state == "down"
    assert state(Settings(library=Path("library")), "azure").state == "not set up"
    with web_site() as site:
        said = '{"error": {"code": 503, "message": "Loading model"}}'
        site.pages["/v1/models"] = Reply(said, "application/json", status=503)
        assert state(own(f"{site.address}/v1")).state == "loading"


def test_a_backend_that_failed_repeatedly_rests_until_a_trial_succeeds() -> None:
    with scripted(answers()) as server:
        settings = own(server.address)
        key = circuit_key(OpenAICompatible(find_provider("mine", settings)))
        for _ in range(FAILURES_TO_OPEN):
            CIRCUIT_BREAKERS.record_failure(key)
        resting = state(settings)
        assert resting.state == "resting" and "skipped for another" in resting.why
        assert resting.reachable and resting.to_dict()["state"] == "resting"
        assert 0 <= try_backend("mine", settings) < 5
        assert state(settings).state == "ready"


def test_a_trial_ends_with_the_first_words_and_sends_no_article() -> None:
    def endless(wire: Wire, asked: Asked) -> None:
        wire.head()
        while True:
            wire.event(chunk(content="ready "))

    with scripted(endless) as server:
        try_backend("mine", own(server.address))
        assert server.hung_up.wait(5)
        assert "ready" in server.asked[0].prompt and "[1]" not in server.asked[0].prompt


def test_a_trial_that_fails_or_is_forbidden_says_why() -> None:
    with scripted(lambda wire, asked: wire.status(500, {"error": {"message": "boom"}})) as server:
        with pytest.raises(BackendError, match="boom"):
            try_backend("mine", own(server.address))
        asked = len(server.asked)
        with pytest.raises(PolicyRefused):
            try_backend("mine", own("http://api.example.org/v1", location="US"))
        assert len(server.asked) == asked
