"""The table of providers, the user's own, and the settings that change them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drafting import ask
from rag.errors import SettingsError
from rag.generation.providers import FAMILIES, PROVIDERS, find_provider, known_names
from rag.policy import COUNTRY, LOCAL, UNKNOWN, is_loopback
from rag.settings import BackendSettings, Settings, load_settings
from scripted_server import answers, scripted

NAMED = """openai azure deepseek minimax xai google meta llama huggingface mistral openrouter ollama
llamacpp llamafile vllm lmstudio gpt-oss deepseek-r1 gemma qwen transformers tgi extractive"""


def settings(*tables: BackendSettings) -> Settings:
    return Settings(library=Path("x"), backends=tables)


def from_file(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_everything_that_was_asked_for_has_a_name() -> None:
    assert set(NAMED.split()) <= set(known_names())


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_provider_is_consistent(provider) -> None:  # type: ignore[no-untyped-def]
    assert provider.location in (LOCAL, UNKNOWN) or COUNTRY.match(provider.location)
    if provider.base_url:
        assert urlsplit(provider.base_url).scheme == (
            "http" if provider.location == LOCAL else "https"
        )
        assert is_loopback(provider.host) == (provider.location == LOCAL)
        assert bool(provider.api_key_env) == (provider.location != LOCAL)
        assert find_provider(provider.name).name == provider.name
    assert provider.context - provider.output >= 2_048


def test_a_family_of_open_weights_is_a_model_of_a_local_server() -> None:
    for family, model in FAMILIES.items():
        found = find_provider(family)
        assert (found.name, found.model, found.location) == (family, model, LOCAL)
    assert find_provider("qwen").reasons and not find_provider("llama").reasons


def test_a_model_may_follow_the_name() -> None:
    found = find_provider("vllm:openai/gpt-oss-20b")
    assert (found.name, found.model) == ("vllm:openai/gpt-oss-20b", "openai/gpt-oss-20b")
    assert find_provider("ollama:qwen3:8b").model == "qwen3:8b"
    assert find_provider("ollama:qwen3:8b").reasons


@pytest.mark.parametrize(
    ("name", "nearest"), [("olama", "ollama"), ("deepsek", "deepseek"), ("opnai", "openai")]
)
def test_an_unknown_name_lists_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"did you mean '{nearest}'"):
        find_provider(name)


def test_azure_says_what_it_needs() -> None:
    with pytest.raises(SettingsError, match="RESOURCE"):
        find_provider("azure")
    own = BackendSettings(
        name="azure", base_url="https://r.openai.azure.com/openai/v1", model="d", location="SE"
    )
    assert find_provider("azure", settings(own)).location == "SE"


def test_an_older_azure_address_gets_its_version_and_header(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "k-0123456789")
    with scripted(answers()) as server:
        own = BackendSettings(
            name="azure",
            base_url=server.address,
            model="d",
            location=LOCAL,
            api_version="2024-10-21",
        )
        assert ask(find_provider("azure", settings(own))).error is None
        (asked,) = server.asked
    assert "api-version=2024-10-21" in asked.path and asked.headers["api-key"] == "k-0123456789"
    assert "max_completion_tokens" in asked.body and "temperature" not in asked.body


def test_another_address_does_not_inherit_the_location() -> None:
    """A provider's location belongs to its own host."""
    for url, location in (
        ("http://gpu.example/v1", UNKNOWN),
        ("http://127.0.0.1:9/v1", LOCAL),
        ("http://[::1]:9/v1", LOCAL),
    ):
        own = BackendSettings(name="ollama", base_url=url)
        assert find_provider("ollama", settings(own)).location == location
    own = BackendSettings(name="deepseek", base_url="https://deepseek.example.fr/v1")
    assert find_provider("deepseek", settings(own)).location == UNKNOWN
    own = BackendSettings(name="ollama", base_url="http://gpu.lan/v1", location="local")
    assert find_provider("ollama", settings(own)).location == LOCAL


def test_own_providers_from_files(tmp_path: Path) -> None:
    found = from_file(
        tmp_path,
        """
        backend = ["mine", "extractive"]
        text_may_go_to = ["local", "us", "api.example.org"]
        [backends.mine]
        base_url = "http://127.0.0.1:9999/v1"
        model = "some-model"
        location = "local"
        api_key_env = "MY_KEY"
        connect_timeout = 2.0
        first_token_timeout = 20
        token_timeout = 3
        price = [0.5, 2]
        context = 32000
        """,
    )
    assert found.text_may_go_to == ("local", "US", "api.example.org")
    mine = find_provider("mine", found)
    assert (mine.model, mine.api_key_env, mine.context) == ("some-model", "MY_KEY", 32_000)
    assert mine.times == (2.0, 20.0, 3.0, 600.0) and mine.price == (0.5, 2.0)


def test_both_files_count_field_by_field(user_folders: Path, tmp_path: Path) -> None:
    user = user_folders / "config" / "footnote" / "footnote.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[backends.mine]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "one"\n')
    found = from_file(tmp_path, '[backends.mine]\nmodel = "two"\n')
    assert find_provider("mine", found).model == "two"
    assert find_provider("mine", found).base_url == "http://127.0.0.1:1/v1"


def test_the_environment_sets_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_TEXT_MAY_GO_TO", "local, FR")
    assert load_settings().text_may_go_to == ("local", "FR")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('base_ul = "http://x.org"', "did you mean 'base_url'"),
        ('base_url = "x.org"', "an address such as"),
        ('base_url = "http://me:secret@x.org/v1"', "without a name and password"),
        ("base_url = 7", "quotation marks"),
        ('location = "Germany"', "two letters"),
        ("context = 3", "whole number"),
        ("token_timeout = -1", "seconds"),
        ('stream = "yes"', "true or false"),
        ("price = 3", "two numbers"),
    ],
)
def test_what_cannot_stand_in_a_table(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        from_file(tmp_path, f"[backends.mine]\n{line}\n")


def test_costs_are_counted_where_a_price_is_set() -> None:
    with scripted(answers()) as server:
        own = BackendSettings(
            name="m", base_url=server.address, model="tiny", location=LOCAL, price=(1.0, 10.0)
        )
        outcome = ask(find_provider("m", settings(own)))
    assert outcome.drafter and outcome.drafter.usage
    assert outcome.drafter.usage.cost == pytest.approx((900 * 1 + 20 * 10) / 1e6)


def test_a_server_without_a_named_model_gets_the_first_it_offers() -> None:
    with scripted(answers(), models=("first", "second")) as server:
        own = BackendSettings(name="m", base_url=server.address, location=LOCAL)
        ask(find_provider("m", settings(own)))
        assert server.asked[0].body["model"] == "first"
