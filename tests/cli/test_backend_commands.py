"""The commands about backends, and asking with them, as a user types them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from faults import cut_after_first
from rag import ingest
from rag.cli.app import app
from rag.errors import FootnoteError
from rag.retrieval.library import open_library
from rag.store.schema import SCHEMA_VERSION
from scripted_server import Asked, Wire, answers, chunk, free_port, scripted

QUESTION = "When did the bridge of Esk open to traffic?"
STORY = "The bridge of Esk opened to traffic in 1932. It was painted red in 1950."
GOOD = "The bridge of Esk opened to traffic in 1932 [1]."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library that the commands open by themselves, with their own embedder."""
    story = tmp_path / "bridge.md"
    story.write_text(f"# The bridge of Esk\n\n{STORY}\n", encoding="utf-8")
    ingest([story], library=tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Callable[..., Result]:
    def command(*words: str, toml: str = "") -> Result:
        file = tmp_path / "own.toml"
        file.write_text(toml, encoding="utf-8")
        name, *rest = words
        options = ["--settings", str(file)]
        options += [] if name == "backends" else ["--library", str(folder)]
        return CliRunner().invoke(app, [name, *rest, *options])

    return command


def table(name: str, address: str, location: str = "local", **known: object) -> str:
    lines = [f'base_url = "{address}"', 'model = "tiny"', f'location = "{location}"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in known.items()]
    return "\n".join([f"[backends.{name}]", *lines, ""])


def test_ask_with_a_server(run: Callable[..., Result]) -> None:
    with scripted(answers(GOOD)) as server:
        toml = table("mine", server.address)
        result = run("ask", QUESTION, "--backend", "mine", "--json", toml=toml)
    values = json.loads(result.stdout)
    assert values["backend"] == {"name": "mine", "model": "tiny", "location": "local"}
    assert values["sentences"][0]["verdict"] == "supported"
    assert values["trace"]["left_machine"] == [] and values["trace"]["usage"]["cost"] is None


def killed(words: str) -> Callable[[Wire, Asked], None]:
    def play(wire: Wire, asked: Asked) -> None:
        if words:
            wire.head()
            wire.event(chunk(content=words))
        wire.reset()

    return play


@pytest.mark.parametrize(
    ("play", "who", "complete"),
    [
        (killed(""), "two", True),
        (killed("The bri"), "two", True),
        (cut_after_first(lambda wire: wire.reset()), "one", False),
    ],
    ids=["before", "during", "after"],
)
def test_kill_the_first_backend(
    run: Callable[..., Result], play: Callable[..., None], who: str, complete: bool
) -> None:
    with scripted(play) as first, scripted(answers(GOOD)) as second:
        toml = table("one", first.address) + table("two", second.address)
        result = run("ask", QUESTION, "--backend", "one,two,extractive", "--json", toml=toml)
    values = json.loads(result.stdout)
    assert values["backend"]["name"] == who and values["complete"] is complete
    assert [a["backend"] for a in values["trace"]["tried"]] == (["one"] if complete else [])
    assert values["sentences"][0]["citations"]


def test_policy_and_outgoing(run: Callable[..., Result]) -> None:
    assert "Nothing left this machine." in run("outgoing").stdout
    with scripted(answers(GOOD)) as server:
        toml = table("far", server.address, "US")
        refused = run("ask", QUESTION, "--backend", "far", toml=toml)
        assert refused.exit_code and isinstance(refused.exception, FootnoteError)
        assert "text_may_go_to = local" in str(refused.exception)
        toml = 'text_may_go_to = ["local", "US"]\n' + toml
        assert run("ask", QUESTION, "--backend", "far", toml=toml).exit_code == 0
        assert run("policy", "local", toml=toml).exit_code == 0
        assert "This library allows: local" in run("policy", toml=toml).stdout
        refused = run("ask", QUESTION, "--backend", "far", toml=toml)
        assert "this library" in str(refused.exception)
        run("policy", "--lift", toml=toml)
        narrowed = ("ask", QUESTION, "--backend", "far", "--text-may-go-to", "FR")
        assert "this question" in str(run(*narrowed, toml=toml).exception)
        assert len(server.asked) == 1
    (call,) = json.loads(run("outgoing", "--json").stdout)["outgoing"]
    assert (call["host"], call["location"], call["backend"]) == ("127.0.0.1", "US", "far")
    assert call["characters"] > 0 and len(call["articles"]) == 1
    assert "(US)" in run("outgoing").stdout


def test_backends_are_listed_with_what_is_missing(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(models=("tiny", "huge")) as server:
        toml = 'text_may_go_to = ["local", "CN"]\n' + table("mine", server.address)
        toml += table("dead", f"http://127.0.0.1:{free_port()}/v1")
        toml += table("closed", server.address, "US")
        rows = json.loads(run("backends", "--json", toml=toml).stdout)["backends"]
        assert len(server.listed) == 1, "what is not allowed is not even asked"
    found = {row["name"]: row for row in rows}
    assert found["mine"]["reachable"] and found["mine"]["models"] == ["tiny", "huge"]
    assert found["dead"]["reachable"] is False and "nothing is listening" in found["dead"]["why"]
    assert found["closed"]["allowed"] is False and found["closed"]["reachable"] is None
    assert "DEEPSEEK_API_KEY" in found["deepseek"]["why"] and not found["deepseek"]["configured"]
    assert "not asked" in found["openai"]["why"] and found["extractive"]["reachable"]
    assert "RESOURCE" in found["azure"]["why"]
    text = run("backends", "mine", "extractive", toml=toml).stdout
    assert text.startswith("--  mine") and "ok  extractive" in text
    assert "did you mean 'ollama'" in str(run("backends", "olama").exception)


def test_a_model_that_the_server_lacks_is_noticed(run: Callable[..., Result]) -> None:
    with scripted(models=("other",)) as server:
        rows = run("backends", "mine", "--json", toml=table("mine", server.address)).stdout
    (row,) = json.loads(rows)["backends"]
    assert row["reachable"] is False and "not tiny" in row["why"]


def test_the_doctor_looks_at_backends_and_policy(run: Callable[..., Result]) -> None:
    dead = f"http://127.0.0.1:{free_port()}/v1"
    toml = 'backend = ["mine", "extractive"]\n' + table("mine", dead)
    values = json.loads(run("doctor", "--json", toml=toml).stdout)
    rows = {(row["part"], row["ok"]): row["message"] for row in values["findings"]}
    assert "nothing is listening" in rows["backend", False]
    assert "stays on this machine" in rows["policy", True]


OLD = """
ALTER TABLE articles DROP COLUMN keep_local;
DROP TABLE feedback; DROP TABLE collections;
DROP TABLE outgoing; DROP TABLE turn_articles; DROP TABLE turns; DROP TABLE conversations;
ALTER TABLE articles DROP COLUMN parts; ALTER TABLE articles DROP COLUMN facts;
ALTER TABLE articles DROP COLUMN checksum; DROP TABLE addresses;
DROP INDEX articles_by_story; ALTER TABLE articles DROP COLUMN story;
PRAGMA user_version = 1;
"""


def test_a_library_of_the_first_format_is_brought_up_to_date(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite3")) as db:
        db.executescript(OLD)
    with open_library(folder) as library:
        (summary,) = library.articles()
        assert not summary.source.keep_local and library.egress_log.calls() == ()
        assert library.search("bridge", k=1)
    with closing(sqlite3.connect(folder / "catalog.sqlite3")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    with closing(sqlite3.connect(folder / "catalog.sqlite3.format-1")) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert kept.execute("SELECT count(*) FROM articles").fetchone() == (1,)
