"""Text goes only where every rule allows it, to any backend, and every call is logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafting import ask, evidence, provider
from rag.answering.pipeline import answer
from rag.errors import PolicyRefused, SettingsError
from rag.generation.base import CallContext
from rag.generation.openai_compatible import OpenAICompatible
from rag.policy import (
    Destination,
    Rule,
    allows,
    filter_sendable,
    is_loopback,
    parse_destinations,
    require_allowed,
)
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings
from rag.types import Outgoing
from scripted_server import answers, scripted
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder
from wire_recorder import COUNTRIES, HOSTS, recording

QUESTION = "When did the bridge of Esk open to traffic?"
STORY = "The bridge of Esk opened to traffic in 1932. It was painted red in 1950."
PRIVATE = "The bridge of Esk opened to secret traffic in 1931. The guard was told."
ALLOWED = st.lists(
    st.sampled_from(("local", "anywhere", "US", "CN", "FR", *HOSTS)), min_size=1, max_size=3
)
RULES = st.lists(ALLOWED.map(lambda found: Rule("somebody", tuple(found))), max_size=3).map(tuple)
BACKENDS = st.lists(
    st.tuples(st.sampled_from(HOSTS), st.sampled_from(COUNTRIES)), min_size=1, max_size=4
)
KEPT = st.sets(st.integers(1, 3))


def may(rules: tuple[Rule, ...], host: str, country: str) -> bool:
    """The promise, written once more and plainly."""
    return all(
        "anywhere" in rule.allowed or country in rule.allowed or host in rule.allowed
        for rule in rules
    )


@settings(max_examples=1_000, suppress_health_check=list(HealthCheck))
@given(rules=RULES, backends=BACKENDS, kept=KEPT, stream=st.booleans())
def test_text_goes_only_where_the_rules_allow(
    rules: tuple[Rule, ...], backends: list[tuple[str, str]], kept: set[int], stream: bool
) -> None:
    found = evidence(keep_local=tuple(kept))
    providers = [
        provider(f"http://{host}/v1", name=f"b{n}", location=country, stream=stream)
        for n, (host, country) in enumerate(backends)
    ]
    log: list[Outgoing] = []
    with recording() as recorder:
        outcome = ask(*providers, rules=rules, found=found, log=log.append)
    permitted = {(host, country) for host, country in backends if may(rules, host, country)}
    countries: dict[str, set[str]] = {}
    for host, country in permitted:
        countries.setdefault(host, set()).add(country)
    for host, body in recorder.sent:
        assert host in countries
        for number, item in enumerate(found, start=1):
            if number in kept and item.passage.text in body:
                assert "local" in countries[host], "an article that must stay went elsewhere"
    usable = [c for h, c in backends if (h, c) in permitted and (c == "local" or len(kept) < 3)]
    if usable:
        assert outcome.error is None and len(recorder.sent) == 1
    else:
        assert isinstance(outcome.error, PolicyRefused) and not recorder.sent
    elsewhere = [c for c in log if c.location != "local" or not is_loopback(c.host)]
    assert log == elsewhere
    if recorder.sent and usable[0] != "local":
        assert len(log) == 1 and log[0].characters > 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("local", ("local",)),
        (["LOCAL", "us"], ("local", "US")),
        ("US, api.Example.org", ("US", "api.example.org")),
        (["anywhere"], ("anywhere",)),
        (["127.0.0.1", "::1"], ("127.0.0.1", "::1")),
    ],
)
def test_places(value: object, expected: tuple[str, ...]) -> None:
    assert parse_destinations(value) == expected


@pytest.mark.parametrize("value", ["", [], 7, "anywere", "USA", "https://example.org", ["lokal"]])
def test_what_is_no_place(value: object) -> None:
    with pytest.raises(SettingsError):
        parse_destinations(value)


def test_the_nearest_place_is_named() -> None:
    with pytest.raises(SettingsError, match="did you mean 'anywhere'"):
        parse_destinations("anywere")


def test_the_refusal_names_the_rule_and_the_way_out() -> None:
    rules = (Rule("the settings", ("anywhere",)), Rule("this library", ("local", "FR")))
    with pytest.raises(PolicyRefused, match=r"local, FR \(this library\).*'extractive'"):
        require_allowed(rules, Destination("far", "api.one.example", "US"))


def test_a_redirect_leads_nowhere() -> None:
    def away(wire, asked):  # type: ignore[no-untyped-def]
        wire.status(307, "", "text/html", Location=other.address + "/chat/completions")

    with scripted(answers()) as other, scripted(away) as server:
        outcome = ask(provider(server.address))
        assert outcome.error is not None and other.asked == []


def test_nothing_is_looked_up_for_a_host_that_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*args: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr("socket.getaddrinfo", forbidden)
    monkeypatch.setattr("socket.create_connection", forbidden)
    outcome = ask(
        provider("https://api.one.example/v1", location="US"), rules=(Rule("x", ("local",)),)
    )
    assert isinstance(outcome.error, PolicyRefused)


def test_a_proxy_in_the_environment_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as proxy, scripted() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert ask(provider(server.address)).error is None
        assert len(server.asked) == 1 and not proxy.asked


def test_articles_that_must_stay_are_left_out_and_it_is_said() -> None:
    far = Destination("far", "api.one.example", "US")
    found = evidence(keep_local=(2,))
    assert [item.rank for item in filter_sendable(found, far)] == [1, 3]
    assert filter_sendable(found, Destination("near", "127.0.0.1", "local")) == found
    with recording() as recorder:
        outcome = ask(provider("http://api.one.example/v1", location="US"), found=found)
    assert "painted red" not in recorder.sent[0][1] and "[3]" in recorder.sent[0][1]
    assert outcome.drafter and any("keep_local" in note for note in outcome.drafter.notes)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(article(STORY, "Bridge")), entry(kept_article())])
        yield opened


def kept_article():  # type: ignore[no-untyped-def]
    from rag.types import Article

    return Article.build(PRIVATE, title="Private", origin="private.md", keep_local=True)


def far(address: str) -> BackendSettings:
    return BackendSettings(name="far", base_url=address, model="tiny", location="US")


def test_by_default_text_stays_here(library: Library) -> None:
    with scripted() as server:
        chosen = Settings(library=library.path, backends=(far(server.address),))
        with pytest.raises(PolicyRefused, match="the settings"):
            answer(QUESTION, library=library, backend="far", settings=chosen)
        found = answer(QUESTION, library=library, backend="far,extractive", settings=chosen)
        assert not server.asked and not server.listed
    assert found.backend.name == "extractive"
    assert "policy" in found.trace.tried[0].why and found.trace.left_machine == ()
    assert library.egress_log.calls() == ()


def test_what_leaves_is_noted_before_it_does_and_never_with_the_key(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAR_KEY", "sk-canary-0123456789")
    seen = []
    good = answers("The bridge of Esk opened to traffic in 1932 [1].")

    def play(wire, asked):  # type: ignore[no-untyped-def]
        seen.append(library.egress_log.calls())
        good(wire, asked)

    with scripted(play) as server:
        chosen = Settings(
            library=library.path,
            text_may_go_to=("local", "US"),
            backends=(
                BackendSettings(
                    name="far",
                    base_url=server.address,
                    model="tiny",
                    location="US",
                    api_key_env="FAR_KEY",
                ),
            ),
        )
        found = answer(QUESTION, library=library, backend="far", settings=chosen)
        prompt = server.asked[0].prompt
        assert server.asked[0].headers["authorization"] == "Bearer sk-canary-0123456789"
    assert "secret traffic" not in prompt and "1932" in prompt
    assert found.trace.left_machine == ("127.0.0.1",)
    assert any("keep_local" in note for note in found.trace.notes)
    (call,) = library.egress_log.calls()
    assert seen == [(call,)], "it stood in the catalog before the request was answered"
    assert call.characters == len(prompt) - 1 and call.location == "US"
    assert call.articles == (article(STORY, "Bridge").id,)
    assert "canary" not in json.dumps([call.to_dict(), found.to_dict()])
    assert b"canary" not in (library.path / "catalog.sqlite3").read_bytes()


def test_the_strictest_of_settings_library_and_question_wins(library: Library) -> None:
    with scripted(answers("The bridge of Esk opened to traffic in 1932 [1].")) as server:
        chosen = Settings(
            library=library.path, text_may_go_to=("anywhere",), backends=(far(server.address),)
        )
        library.egress_log.set_rule("local,FR")
        with pytest.raises(PolicyRefused, match="this library"):
            answer(QUESTION, library=library, backend="far", settings=chosen)
        library.egress_log.set_rule(None)
        with pytest.raises(PolicyRefused, match="this question"):
            answer(
                QUESTION, library=library, backend="far", settings=chosen, text_may_go_to="local"
            )
        assert server.asked == []
        assert answer(QUESTION, library=library, backend="far", settings=chosen).sentences
        narrow = Settings(library=library.path, backends=(far(server.address),))
        with pytest.raises(PolicyRefused, match="the settings"):
            answer(
                QUESTION, library=library, backend="far", settings=narrow, text_may_go_to="anywhere"
            )


@given(st.sampled_from(HOSTS), st.sampled_from(COUNTRIES))
def test_anywhere_allows_and_local_alone_means_local(host: str, country: str) -> None:
    destination = Destination("b", host, country)
    assert allows(Rule("x", ("anywhere",)), destination)
    assert allows(Rule("x", ("local",)), destination) == (country == "local")


def test_a_host_other_than_the_providers_has_no_known_location() -> None:
    """Should a client ever follow a redirect, the provider's location does not go with it."""
    backend = OpenAICompatible(provider("https://api.one.example/v1", location="US"))
    seen = []

    class Watching(CallContext):
        def authorize(self, destination: Destination, **known: object) -> None:
            seen.append((destination.host, destination.location))

    authorize = backend._session(Watching())._authorizer()
    authorize(httpx.URL("https://api.one.example/v1/models"))
    authorize(httpx.URL("https://elsewhere.example/v1/models"))
    assert seen == [("api.one.example", "US"), ("elsewhere.example", "unknown")]
