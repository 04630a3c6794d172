"""The command line: exit codes, JSON, messages, and handing over to a server."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from commands import footnote
from live_server import serving
from rag import Library, ingest, open_library
from ui.access import Access

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
QUESTION = "how many parameters does gpt-4 have"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("library")
    ingest(SEEDS, path)
    return path


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with open_library(folder) as opened:
        yield opened


def test_ingest_twice_then_remove(tmp_path: Path) -> None:
    articles, folder = tmp_path / "articles", tmp_path / "library"
    articles.mkdir()
    (articles / "one.md").write_text("---\ntitle: One\n---\nThe ferry costs four euros.\n")
    first = footnote("ingest", articles, "--library", folder, "--json")
    assert (first.returncode, first.stderr) == (0, "")
    receipt = json.loads(first.stdout)
    assert set(receipt) == {
        *("added", "updated", "unchanged", "removed", "grouped"),
        *("failed", "skipped", "notes", "seconds"),
    }
    assert receipt["skipped"] == []
    (article_id,) = receipt["added"]
    again = json.loads(footnote("ingest", articles, "--library", folder, "--json").stdout)
    assert (again["added"], again["unchanged"]) == ([], [article_id])
    (articles / "two.md").write_text("---\ntitle: Two\n---\nThe bridge costs nothing.\n")
    (articles / "three.pdf").write_bytes(b"%PDF")
    said = footnote("ingest", articles, "--library", folder)
    assert re.fullmatch(
        r"Added 1 article in \d+\.\d s \(1 unchanged\)\. Library: .*\n", said.stdout
    )
    assert said.returncode == 1 and "three.pdf: It is damaged" in said.stderr
    (articles / "two.md").unlink()
    pruned = footnote("ingest", articles, "--prune", "--library", folder)
    assert pruned.stdout.startswith("Added 0 articles, removed 1 in ")
    (listed,) = json.loads(footnote("articles", "--library", folder, "--json").stdout)["articles"]
    assert listed["id"] == article_id
    assert set(listed) == {
        *("id", "title", "publisher", "author", "published", "url", "origin"),
        *("characters", "passages", "facts"),
    }
    removed = footnote("remove", article_id, "--library", folder)
    assert (removed.returncode, removed.stdout) == (0, "Removed 1 article.\n")
    assert "holds no articles" in footnote("ask", "what", "--library", folder).stderr


def test_a_dry_run_says_what_would_be_done(tmp_path: Path, library: Library) -> None:
    articles, folder = tmp_path / "articles", tmp_path / "library"
    articles.mkdir()
    (articles / "one.md").write_text("---\ntitle: One\n---\nThe ferry costs four euros.\n")
    (articles / "two.pdf").write_bytes(b"%PDF")
    said = footnote("ingest", articles, "--dry-run", "--library", folder)
    assert said.stdout == f"Would add 1 article. Nothing was written. Library: {folder}\n"
    assert said.returncode == 1 and "two.pdf: It is damaged" in said.stderr
    assert not folder.exists()
    kept = library.article_ids()
    access = Access()
    with serving(library, access=access) as address:
        library.set_address(address, access.token)
        served = footnote("ingest", articles, "--dry-run", "--library", library.path, "--json")
    assert len(json.loads(served.stdout)["added"]) == 1
    assert library.article_ids() == kept
    watched = footnote("ingest", articles, "--dry-run", "--watch", "--library", folder)
    assert watched.returncode == 2 and "a dry run ends at once" in watched.stderr


@pytest.mark.parametrize("served", [False, True])
def test_filters_are_flags(folder: Path, served: bool) -> None:
    ask = ("ask", QUESTION, "--library", folder, "--json")
    with ExitStack() as stack:
        if served:
            library = stack.enter_context(open_library(folder))
            library.set_address(stack.enter_context(serving(library)))
        found = json.loads(footnote(*ask).stdout)
        (article,) = {c["article_id"] for s in found["sentences"] for c in s["citations"]}
        kept = json.loads(footnote(*ask, "--article", article, "--article", "other").stdout)
        assert kept["sentences"][0]["text"] == found["sentences"][0]["text"]
        for flags in (("--publisher", "Forbes"), ("--after", "2031-01-01"), ("--author", "Nemo")):
            assert json.loads(footnote(*ask, *flags).stdout)["refused"]
        wrong = footnote(*ask, "--before", "2024-02-31")
    assert wrong.returncode == 1 and "a day such as 2025-02-03" in wrong.stderr


TWO_QUESTIONS = "What is distillation, and what did Whittemore say?"


def test_several_places_of_an_article_are_one_line(folder: Path) -> None:
    plain = footnote("ask", TWO_QUESTIONS, "--library", folder).stdout
    said, listed = plain.rstrip().rsplit("\n\n", 1)
    lines = [line.partition("] ")[2] for line in listed.splitlines()]
    assert len(lines) == len(set(lines)) > 1
    marks = re.findall(r"\[\d+\]", said)
    assert len(marks) > len(set(marks)) == len(lines), "an article keeps its number"


def test_ask(folder: Path) -> None:
    asked = footnote("ask", QUESTION, "--library", folder, "--json")
    values = json.loads(asked.stdout)
    assert asked.returncode == 0 and not values["refused"]
    plain = footnote("ask", QUESTION, FOOTNOTE_LIBRARY=str(folder))
    assert "1.8 trillion" in plain.stdout and "[1]" in plain.stdout
    assert plain.stdout.rstrip().splitlines()[-1].startswith("[1] ")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["ask", "", "--library", "LIBRARY"], 1, "question is empty"),
        (["ask", "what", "--library", "nowhere"], 1, "footnote ingest"),
        (["ask", "what", "--library", "LIBRARY", "--backend", "nope"], 1, "extractive"),
        (["ask", "what", "--settings", "nowhere.toml"], 1, "TOML"),
        (["ingest", "nowhere", "--library", "new"], 1, "no such file"),
        (["ingest", "ftp://example.org/", "--library", "LIBRARY"], 1, "begin with http"),
        (["remove", "nope", "--library", "LIBRARY"], 1, "footnote articles"),
        (["frobnicate"], 2, "No such command"),
        (["ask"], 2, "Missing argument"),
        (["serve", "--host", "0.0.0.0", "--library", "LIBRARY"], 1, "--open-to-network"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_goes_wrong_is_said(
    words: list[str], code: int, says: str, folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = footnote(*(str(folder) if word == "LIBRARY" else word for word in words))
    assert done.returncode == code, done.stderr
    assert says.lower() in (done.stderr + done.stdout).lower()
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new" / "chroma").exists()


def test_doctor(folder: Path, tmp_path: Path) -> None:
    sound = footnote("doctor", "--library", folder, "--json")
    values = json.loads(sound.stdout)
    assert sound.returncode == 0 and values["ok"]
    assert {finding["part"] for finding in values["findings"]} == {
        *("embedder", "reader", "library", "backend", "policy")
    }
    missing = footnote("doctor", "--library", tmp_path / "none")
    assert missing.returncode == 1
    assert "FIX library" in missing.stdout and "footnote ingest" in missing.stdout


def test_a_busy_library_names_its_owner(library: Library) -> None:
    done = footnote("ask", QUESTION, "--library", library.path)
    assert done.returncode == 1
    assert str(os.getpid()) in done.stderr


def test_a_served_library_is_asked_through_its_server(library: Library, tmp_path: Path) -> None:
    access = Access()
    with serving(library, access=access) as address:
        library.set_address(address, access.token)
        asked = footnote("ask", QUESTION, "--library", library.path, "--json")
        assert asked.returncode == 0, asked.stderr
        assert "1.8 trillion" in json.loads(asked.stdout)["text"]
        (tmp_path / "new.md").write_text("---\ntitle: New\n---\nThe ferry costs four euros.\n")
        taken = footnote("ingest", tmp_path / "new.md", "--library", library.path, "--json")
        assert taken.returncode == 0, taken.stderr
        (article_id,) = json.loads(taken.stdout)["added"]
        listed = footnote("articles", "--library", library.path)
        assert article_id in listed.stdout
        refused = footnote("ask", " ", "--library", library.path)
        assert refused.returncode == 1 and "empty" in refused.stderr
    library.set_address(None)
    library.remove([article_id])


def test_conversations_are_kept_asked_on_and_deleted(folder: Path, tmp_path: Path) -> None:
    there = ("--library", folder)
    assert footnote("conversations", *there).stdout == "There are no saved conversations.\n"
    first = footnote("ask", QUESTION, *there, "--conversation", "new", "--json")
    kept = json.loads(first.stdout)["conversation"]
    then = footnote("ask", "and why is it said?", *there, "--conversation", "last")
    assert f"Saved as question 2 of conversation {kept['id']}." in then.stderr
    assert "Interpreted as: " in then.stderr
    before = footnote("conversations", *there, "list")
    assert before.returncode == 2 and "go after 'list'" in before.stderr
    (row,) = json.loads(footnote("conversations", "list", *there, "--json").stdout)["conversations"]
    assert (row["id"], row["turns"], row["title"]) == (kept["id"], 2, QUESTION)
    assert kept["id"] in footnote("conversations", "search", "TRILLION", *there).stdout
    assert kept["id"] not in footnote("conversations", "search", "kangaroo", *there).stdout
    done = footnote("conversations", "rename", "last", "Size of models", *there)
    assert done.stdout == f"Renamed {kept['id']} to: Size of models\n"
    shown = footnote("conversations", "show", kept["id"], *there).stdout
    assert shown.startswith("# Size of models\n") and "[^1-1]: " in shown
    for name in ("talk.md", "talk.json"):
        assert footnote("conversations", "export", "last", tmp_path / name, *there).returncode == 0
    assert (tmp_path / "talk.md").read_text(encoding="utf-8") == shown
    turns = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))["turns"]
    assert turns[0]["answer"]["sentences"][0]["citations"][0]["quote"]
    odd = footnote("conversations", "export", "last", tmp_path / "talk.doc", *there)
    assert odd.returncode == 1 and ".md or .json" in odd.stderr
    assert footnote("conversations", "delete", "last", *there).returncode == 1
    assert footnote("conversations", "delete", "last", "--yes", *there).returncode == 0
    gone = footnote("conversations", "show", kept["id"], *there)
    assert gone.returncode == 1 and "No conversation is kept under" in gone.stderr
    off = footnote("ask", "x", *there, "--conversation", "new", FOOTNOTE_KEEP_CONVERSATIONS="false")
    assert off.returncode == 1 and "keep_conversations" in off.stderr


def test_conversations_and_removing_go_through_the_server(library: Library, tmp_path: Path) -> None:
    there = ("--library", library.path)
    (tmp_path / "new.md").write_text("---\ntitle: New\n---\nThe ferry costs four euros.\n")
    (article_id,) = ingest([tmp_path / "new.md"], library=library).added
    with serving(library) as address:
        library.set_address(address)
        asked = footnote("ask", QUESTION, *there, "--conversation", "new", "--json")
        kept = json.loads(asked.stdout)["conversation"]["id"]
        assert library.conversations.get(kept).turns[0].answer.question == QUESTION
        assert kept in footnote("conversations", *there).stdout
        assert kept in footnote("conversations", "search", "trillion", *there).stdout
        assert footnote("conversations", "rename", "last", "Other", *there).returncode == 0
        assert "# Other" in footnote("conversations", "show", kept, *there).stdout
        target = tmp_path / "talk.md"
        assert footnote("conversations", "export", kept, target, *there).returncode == 0
        done = footnote("conversations", "delete", kept, "--yes", *there)
        assert done.stdout == f"Deleted {kept}.\n" and not library.conversations.search()
        assert footnote("conversations", "show", kept, *there).returncode == 1
        quoted = footnote("ask", "What does the ferry cost?", *there, "--conversation", "new")
        assert "four euros" in quoted.stdout
        removed = footnote("remove", article_id, *there)
        said, kept_in = removed.stdout.splitlines()
        assert (removed.returncode, said) == (0, "Removed 1 article.")
        assert kept_in.startswith("Passages stay in 1 kept conversation;")
        again = footnote("remove", article_id, *there)
        assert again.returncode == 1 and "footnote articles" in again.stderr
    library.set_address(None)


def test_a_server_that_is_gone_is_said(library: Library) -> None:
    library.set_address("http://127.0.0.1:9/")
    done = footnote("ask", QUESTION, "--library", library.path)
    library.set_address(None)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
