"""Settings: defaults, files, environment, flags, in this order."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from rag import BackendSettings, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("FOOTNOTE_LIBRARY")


def test_from_weakest_to_strongest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().library.name == "library"
    user = tmp_path / "config" / "footnote"
    user.mkdir(parents=True)
    (user / "footnote.toml").write_text('library = "user"\npassages = 3\n')
    assert load_settings().library == Path("user")
    (tmp_path / "footnote.toml").write_text('library = "project"\n')
    assert load_settings().library == Path("project")
    assert load_settings().passages == 3
    monkeypatch.setenv("FOOTNOTE_LIBRARY", "environment")
    assert load_settings().library == Path("environment")
    assert load_settings(library="flag").library == Path("flag")
    assert load_settings(library=None).library == Path("environment")


def test_a_file_by_name(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('backend = ["extractive"]\npassages = 12\n')
    assert load_settings(tmp_path / "own.toml").passages == 12


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("pasages = 3", "did you mean 'passages'"),
        ("passages = 0", "from 1 to 50"),
        ('passages = "many"', "from 1 to 50"),
        ('library = ""', "path of a folder"),
        ("library = [", "valid TOML"),
        ("backend = []", "one or more names"),
        ("backend = [7]", "^backend cannot be 7"),
        ("passages = true", "from 1 to 50"),
        ("library = 3", "path of a folder"),
        ('reranker = "nowhere"', "folder of a cross-encoder"),
        ('unsupported = "hide"', "show or drop"),
        ('keep_conversations = "no"', "true or false"),
        ('contact = "a\\nb"', "a mail address"),
        ("fetch_pause = -1", "0 to 3600"),
        ("reading_seconds = 0", "more than 0"),
        ("reading_megabytes = 100", "500 or more"),
        ('recognition = "eng --help"', "languages such as"),
        ('inside_hosts = ["http://wiki/"]', "hosts such as"),
        ('text_may_go_to = "mars"', "country's two letters"),
        ("backends = 3", "tables such as"),
        ("[backends]\nmine = 3", r"a table: \[backends.mine\]"),
        ('[backends."a b"]\nmodel = "x"', "letters, digits, hyphens"),
    ],
)
def test_what_cannot_be(tmp_path: Path, written: str, says: str) -> None:
    (tmp_path / "footnote.toml").write_text(written)
    with pytest.raises(SettingsError, match=says):
        load_settings()


def test_what_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "footnote.toml").write_text(
        'contact = "https://example.org/?a=b"\nfetch_pause = 2\n'
    )
    monkeypatch.setenv("FOOTNOTE_INSIDE_HOSTS", "wiki, [::1]:80")
    found = load_settings()
    assert (found.contact, found.fetch_pause) == ("https://example.org/?a=b", 2)
    assert found.inside_hosts == ("wiki", "[::1]:80")


def test_a_backend_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = 'model = "small"\nbase_url = "http://127.0.0.1:1/v1"\n'
    (tmp_path / "footnote.toml").write_text(f"[backends.mine]\n{table}[backends.other]\n{table}")
    values = {"CONTEXT": "4000", "STREAM": "false", "PRICE": "0.1, 2", "TOKEN_TIMEOUT": "1.5"}
    for field, value in (values | {"MODEL": "large"}).items():
        monkeypatch.setenv(f"FOOTNOTE_BACKENDS__MINE__{field}", value)
    mine, other = load_settings().backends
    assert (mine.model, mine.context, mine.stream, mine.price) == ("large", 4000, False, (0.1, 2.0))
    assert mine.base_url == "http://127.0.0.1:1/v1" and mine.token_timeout == 1.5
    assert other.model == "small" and other.context is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FOOTNOTE_PASAGES", "3", "did you mean 'passages'"),
        ("FOOTNOTE_BACKENDS__MINE__BASE_ULR", "x", "did you mean 'base_url'"),
        ("FOOTNOTE_BACKENDS__MINE__CONTEXT", "many", "a whole number of tokens"),
        ("FOOTNOTE_BACKENDS__MINE__PRICE", "1, many", "^FOOTNOTE_BACKENDS__MINE__PRICE .*two num"),
        ("FOOTNOTE_BACKENDS", "mine", "tables such as"),
        ("FOOTNOTE_LIBRARY", "", "path of a folder"),
        ("FOOTNOTE_KEEP_CONVERSATIONS", "perhaps", "true or false"),
        ("FOOTNOTE_BACKENDS__MINE__STREAM", "perhaps", "true or false"),
    ],
)
def test_what_is_not_known_in_the_environment(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=says):
        load_settings()


def test_what_cannot_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_PASSAGES", "many")
    with pytest.raises(SettingsError, match="FOOTNOTE_PASSAGES"):
        load_settings()


def test_a_flag_is_blamed_before_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_UNSUPPORTED", "drop")
    with pytest.raises(SettingsError, match=r"^unsupported cannot be 'hide'"):
        load_settings(unsupported="hide")


def test_lists_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for written in ("mine, extractive", '["mine", "extractive"]'):
        monkeypatch.setenv("FOOTNOTE_BACKEND", written)
        assert load_settings().backend == ("mine", "extractive")
    monkeypatch.setenv("FOOTNOTE_KEEP_CONVERSATIONS", "off")
    monkeypatch.setenv("FOOTNOTE_RERANKER", "")
    assert load_settings().keep_conversations is False
    assert load_settings().reranker is None


def test_every_setting_can_be_loaded() -> None:
    from rag.settings.loading import BackendTable, SettingsSources

    assert set(SettingsSources.model_fields) == {field.name for field in fields(Settings)}
    table = {field.name for field in fields(BackendSettings)} - {"name"}
    assert set(BackendTable.model_fields) == table


def test_importing_costs_no_pydantic_settings() -> None:
    code = "import sys, rag, rag.cli; sys.exit('pydantic_settings' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
