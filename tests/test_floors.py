"""The project keeps to its floors, and the checks that say so find what they should."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from floors import CHECKS, LONGER, PACKAGES, Check, File, Project, read_project, sizes


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_project_holds(check: Check) -> None:
    project = read_project()
    found = [str(violation) for file in project.files for violation in check(project, file)]
    assert not found, "\n".join(found)


def test_every_package_was_read() -> None:
    assert {file.module.split(".")[0] for file in read_project().files} == set(PACKAGES)


def test_exceptions_to_sizes_are_needed() -> None:
    needed = {
        key
        for file in read_project().files
        for key, _, length, limit in sizes(file)
        if length > limit
    }
    assert set(LONGER) <= needed


DOOR = File(
    "rag/__init__.py", '__all__ = ["answer", "ingest"]\nfrom rag.ingestion.ingest import ingest\n'
)
SMALL = {
    "rag/types.py": "",
    "rag/text.py": "from rag.types import Span\n",
    "rag/ingest.py": "from rag import text\nfrom rag.retrieval.library import Library\n",
    "rag/library/vectors.py": "import chromadb\n",
    "rag/library/library.py": "from rag.store.vectors import Vectors\n",
    "rag/cli.py": "import typer\nfrom rag import ingest\nprint(1)\n",
    "ui/command.py": "def serve() -> None:\n    from ui.page import page\n",
    "ui/page.py": "import gradio\nfrom rag import answer, ingest\n",
    "eval/seeds.py": "from rag import answer\nimport json\n",
}


def violations(changed: Mapping[str, str]) -> list[str]:
    """What all checks find in a small sound project with some of its files changed."""
    sources = {**SMALL, **changed}
    project = Project((DOOR, *(File(path, source) for path, source in sources.items())))
    return [str(found) for file in project.files for c in CHECKS for found in c(project, file)]


def test_a_sound_project_is_left_alone() -> None:
    assert violations({}) == []


LAZY = "def f() -> None:\n    from rag.library import library\n"
CHECKED = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rag.ingestion.ingest\n"


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        (
            "rag/text.py",
            LAZY,
            "rag/text.py:2: rag.text.analysis (floor 0) imports rag.retrieval.library",
        ),
        (
            "rag/text.py",
            CHECKED,
            "rag/text.py:3: rag.text.analysis (floor 0) imports rag.ingestion.ingest",
        ),
        ("rag/types.py", "from rag import text\n", "rag/types.py:1: rag.types (floor 0)"),
        ("rag/types.py", "from rag import answer\n", "imports rag, above"),
        ("rag/retrieve.py", "import rag.store.vectors\n", "above it or to its right"),
        ("rag/ingest.py", "import ui.page\n", "imports ui.page, above"),
        (
            "rag/cli.py",
            "from importlib import import_module\nimport_module('ui.page')",
            "cli.py:2:",
        ),
        ("rag/text.py", "from .types import Span\n", "relative import"),
        ("rag/helpers.py", "", "rag.helpers stands on no floor"),
        ("rag/library/vectors.py", "import rag.retrieval.library\n", "leads back here"),
        ("ui/page.py", "from rag.text import words\n", "only `from rag import …`"),
        ("ui/page.py", "import rag\n", "only `from rag import …`"),
        ("ui/page.py", "from rag import text\n", "rag does not offer text"),
        ("ui/page.py", "from eval.seeds import main\n", "ui imports eval.seeds"),
        ("eval/seeds.py", "import ui\n", "eval imports ui"),
        ("rag/ingest.py", "import chromadb.config\n", "chromadb belongs to rag.store.vectors"),
        ("rag/library/vectors.py", "import tantivy\n", "tantivy belongs to rag.store.keywords"),
        ("rag/ingest.py", "import torch\n", "torch belongs to rag.generation.llamaindex"),
        ("rag/ingest.py", "def f():\n    import pickle\n", "rag/ingest.py:2: pickle can run"),
        ("rag/text.py", "import os.path\n", "rag/text.py:1: impure import on floor 0: os.path"),
        ("rag/text.py", "from pathlib import Path\n", "impure import on floor 0: pathlib"),
        ("rag/text.py", "from urllib import request\n", "impure import on floor 0: urllib"),
        ("rag/text.py", "x = open('a')\n", "impure call on floor 0: open"),
        ("rag/text.py", "from datetime import date\nx = date.today()\n", "rag/text.py:2: impure"),
        ("rag/ingest.py", "print('a')\n", "print outside the command line's edges"),
        ("rag/answer.py", "", "the function rag.answer would hide"),
        ("rag/text.py", "x = 1\n" * 321, "rag/text.py has 321 lines, more than 320"),
        ("rag/text.py", "\ndef f():\n" + "    x = 1\n" * 45, "text.py:2: f has 46 lines"),
    ],
    ids=lambda value: value.splitlines()[0][:40] if value else "empty",
)
def test_a_violation_is_named(path: str, source: str, expected: str) -> None:
    assert [found for found in violations({path: source}) if expected in found]


def test_what_is_allowed_at_the_limit() -> None:
    sources = {
        "rag/errors.py": "from pathlib import Path\n",
        "rag/text.py": "x = 1\n" * 320,
        "rag/types.py": "def f():\n" + "    x = 1\n" * 44,
    }
    assert violations(sources) == []
