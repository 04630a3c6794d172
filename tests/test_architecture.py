"""The rules of the architecture, read from the imports and sizes of every file.

Each rule is a function from a project to the places that break it. Imports inside functions and
for type checking count like all others.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = ("rag", "ui", "eval")

# A package imports from those before it. `rag` itself, the public API, comes after all of them.
ORDER = tuple(
    f"rag.{name}"
    for name in """telemetry types receipts errors data text policy settings network fetching
    embedding reader query store conversations ingestion retrieval answerability generation
    extractive verification answering cli""".split()
)
# The packages that may import a foreign library. A library that is not listed has no owner.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "brotli": ("rag.fetching",),
    # Besides the vectors, Chroma offers a download of the default embedder's weights.
    "chromadb": ("rag.store", "rag.embedding"),
    "dateparser": ("rag.query", "rag.ingestion"),
    "fastapi": ("ui",),
    "feedparser": ("rag.fetching",),
    "filelock": ("rag.store", "rag.embedding"),
    "gradio": ("ui",),
    "httpcore": ("rag.network",),
    "httpx": ("rag.network", "rag.fetching", "rag.generation", "rag.ingestion", "rag.cli"),
    "jinja2": ("ui",),
    "keyring": ("rag.generation",),
    "llama_index": ("rag.embedding", "rag.ingestion", "rag.store", "rag.generation"),
    "lxml": ("rag.ingestion",),
    "mammoth": ("rag.ingestion",),
    "markdown_it": ("rag.ingestion",),
    "markupsafe": ("ui",),
    "mcp": ("ui",),
    "numpy": (
        *("rag.embedding", "rag.reader", "rag.store", "rag.ingestion", "rag.retrieval"),
        *("rag.answerability", "rag.extractive", "rag.verification", "eval"),
    ),
    "onnx": ("rag.embedding", "eval"),
    "onnxruntime": ("rag.embedding", "eval"),
    "openai": ("rag.generation",),
    "platformdirs": ("rag.settings", "rag.embedding", "rag.store", "ui", "eval"),
    "playwright": ("eval",),
    "protego": ("rag.fetching",),
    "py3langid": ("rag.text",),
    "pydantic": ("rag.settings", "rag.embedding", "rag.ingestion", "ui"),
    "pydantic_settings": ("rag.settings",),
    "pypdfium2": ("rag.ingestion",),
    "rapidfuzz": ("rag.errors", "rag.query"),
    "rich": ("rag.ingestion",),
    "safetensors": ("rag.embedding", "eval"),
    "scipy": ("eval",),
    "sklearn": ("eval",),
    "snowballstemmer": ("rag.text",),
    "sqlite3": ("rag.store", "rag.conversations", "eval"),
    "starlette": ("ui",),
    "striprtf": ("rag.ingestion",),
    "tantivy": ("rag.store",),
    "tiktoken": ("eval",),
    "tokenizers": ("rag.embedding", "rag.reader", "eval"),
    "torch": ("rag.generation", "rag.embedding", "eval"),
    "trafilatura": ("rag.ingestion", "eval"),
    "transformers": ("rag.generation", "rag.embedding", "eval"),
    "typer": ("rag.cli", "ui", "eval"),
    "uvicorn": ("ui",),
    "warcio": ("rag.ingestion",),
    "watchfiles": ("rag.cli",),
    "xllamacpp": ("rag.generation",),
    "yaml": ("rag.ingestion",),
}

# They run any code that a file holds.
UNSAFE = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})

# Only they own a terminal.
PRINTING = ("rag.cli", "ui.command", "eval.__main__")

# They make and measure the reader's file, of which they know more than its users: its inputs, and
# the network that it starts from.
READER_TOOLS = ("eval.training.reader", "eval.suites.reader")

LONGEST_FILE, LONGEST_FUNCTION = 400, 40
# "path" or "path::function" -> (lines, reason).
LONGER: Mapping[str, tuple[int, str]] = {
    "rag/types.py": (660, "one vocabulary, read as one page"),
    "eval/training/reader/train.py::train": (50, "one recipe, read from top to bottom"),
    "eval/training/reader/graph.py::build": (45, "one network, read from top to bottom"),
    "rag/cli/ask.py::ask": (46, "one parameter a flag"),
}


class Import(NamedTuple):
    """``target`` is the module that is reached: ``from rag import text`` reaches ``rag.text``."""

    line: int
    target: str
    name: str | None
    relative: bool


@dataclass(frozen=True)
class File:
    """A source file; ``package`` is the unit that `ORDER` and `OWNERS` speak of."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def package(self) -> str:
        return package_of(self.module)


def package_of(module: str) -> str:
    """``rag.store.lock`` is in ``rag.store``, ``ui.pages.chat`` in ``ui``."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "rag" else parts[0]


@dataclass(frozen=True, repr=False)
class Project:
    """All files; the public names are those in ``rag.__all__``."""

    files: tuple[File, ...]

    @cached_property
    def modules(self) -> Mapping[str, File]:
        return {file.module: file for file in self.files}

    @cached_property
    def public(self) -> frozenset[str]:
        for node in self.modules["rag"].tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(target, ast.Name) and target.id == "__all__":
                return frozenset(ast.literal_eval(node.value))  # type: ignore[attr-defined]
        return frozenset()

    @cached_property
    def graph(self) -> Mapping[str, tuple[Import, ...]]:
        """The imports of each file, wherever they are, by its module."""
        return {file.module: tuple(self._imports(file)) for file in self.files}

    def _imports(self, file: File) -> Iterator[Import]:
        for node in ast.walk(file.tree):
            match node:
                case ast.Import(names=names):
                    for alias in names:
                        yield Import(node.lineno, alias.name, None, False)
                case ast.ImportFrom(module=module, names=names, level=level):
                    for alias in names:
                        whole = f"{module}.{alias.name}"
                        target = whole if whole in self.modules else module or ""
                        yield Import(node.lineno, target, alias.name, bool(level))
                case ast.Call(
                    func=ast.Name(id="import_module" | "__import__")
                    | ast.Attribute(attr="import_module"),
                    args=[ast.Constant(value=str(module)), *_],
                ):
                    yield Import(node.lineno, module, None, False)


def is_ours(module: str) -> bool:
    return module.split(".")[0] in TOP_LEVEL


Rule = Callable[[Project, File], Iterator[tuple[int, str]]]


def order_of_packages(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """A package imports only from packages before it."""
    if file.package in ("rag", "ui", "eval"):
        return
    if file.package not in ORDER:
        yield 1, f"{file.package} has no place in the order"
        return
    before = ORDER[: ORDER.index(file.package) + 1]
    for found in project.graph[file.module]:
        if found.relative:
            yield found.line, "relative import"
        elif is_ours(found.target) and package_of(found.target) not in before:
            yield found.line, f"{file.package} imports {found.target}, which comes after it"


def entry_by_the_package(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """What another package offers is imported from the package, not from its modules."""
    if file.module.startswith(READER_TOOLS):
        return
    for found in project.graph[file.module]:
        there = package_of(found.target)
        if there not in (file.package, found.target) and is_ours(found.target):
            yield found.line, f"imports {found.target} past {there}"


def entry_by_the_public_api(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """`ui` and `eval` enter by ``from rag import …`` and never import each other."""
    if file.package not in ("ui", "eval") or file.module.startswith(READER_TOOLS):
        return
    for found in project.graph[file.module]:
        if is_ours(found.target) and package_of(found.target) != file.package:
            # The package alone may import `rag` for what that does to other libraries' reports.
            if found.target == "rag" and found.name is None and file.module == file.package:
                continue
            if found.target != "rag" or found.name is None:
                yield found.line, f"imports {found.target}, not `from rag import …`"
            elif found.name not in project.public:
                yield found.line, f"rag does not offer {found.name}"


def owners_of_libraries(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """A foreign library is imported by the packages that own it; unsafe ones by nobody."""
    for found in project.graph[file.module]:
        library = found.target.split(".")[0]
        if library in UNSAFE:
            yield found.line, f"{library} runs any code that a file holds"
        elif is_ours(library) or library in sys.stdlib_module_names - OWNERS.keys():
            continue
        elif file.package not in OWNERS.get(library, ()):
            yield found.line, f"{library} belongs to {', '.join(OWNERS.get(library, ('nobody',)))}"


def no_cycles(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """No file imports itself by way of others."""
    for found in project.graph[file.module]:
        if file.module in reached(project, found.target):
            yield found.line, f"{found.target} leads back here"


def reached(project: Project, module: str) -> set[str]:
    """A module of ours and all that it imports, by way of others too."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        module = waiting.pop()
        if module not in seen and module in project.graph:
            seen.add(module)
            waiting += [found.target for found in project.graph[module]]
    return seen


def short_enough(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """Files and functions can be read at once."""
    for key, line, length, limit in sizes(file):
        allowed, _ = LONGER.get(key, (limit, ""))
        if length > allowed:
            yield line, f"{key.rpartition('::')[2]} has {length} lines, more than {allowed}"


def sizes(file: File) -> Iterator[tuple[str, int, int, int]]:
    """Key in the table of exceptions, line, length and limit of the file and each function."""
    yield file.path, 1, len(file.source.splitlines()), LONGEST_FILE
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield f"{file.path}::{node.name}", node.lineno, length, LONGEST_FUNCTION


def printing_at_the_terminal(project: Project, file: File) -> Iterator[tuple[int, str]]:
    """Only the edges that own a terminal print."""
    if f"{file.module}.".startswith(tuple(f"{edge}." for edge in PRINTING)):
        return
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func=ast.Name(id="print"), lineno=line):
                yield line, "print"


RULES: tuple[Rule, ...] = (
    *(order_of_packages, entry_by_the_package, entry_by_the_public_api, owners_of_libraries),
    *(no_cycles, short_enough, printing_at_the_terminal),
)


# Packages that do not keep a rule yet. Empty this.
UNSETTLED: Mapping[Rule, frozenset[str]] = {
    short_enough: frozenset(
        {"rag.answerability", "rag.answering", "rag.generation", "rag.retrieval"}
    ),
}


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(
        tuple(
            File(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
            for name in TOP_LEVEL
            for path in sorted((ROOT / name).rglob("*.py"))
        )
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(project: Project, rule: Rule) -> None:
    skipped = UNSETTLED.get(rule, frozenset())
    settled = [file for file in project.files if file.package not in skipped]
    found = [f"{f.path}:{line}: {what}" for f in settled for line, what in rule(project, f)]
    assert not found, "\n".join(found)


def test_tests_have_names_of_their_own() -> None:
    """Pytest imports each file by its base name."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_every_exception_is_needed(project: Project) -> None:
    longer = {key for file in project.files for key, _, n, limit in sizes(file) if n > limit}
    assert set(LONGER) <= longer
    imported = {
        i.target.split(".")[0] for file in project.files for i in project.graph[file.module]
    }
    assert set(OWNERS) <= imported


SOUND = {
    "rag/__init__.py": '__all__ = ["answer"]\nfrom rag.answering import answer\n',
    "rag/types.py": "",
    "rag/store/__init__.py": "from rag.store.vectors import Vectors\n",
    "rag/store/vectors.py": "import chromadb\nfrom rag.types import Passage\n",
    "rag/answering/__init__.py": "from rag.store import Vectors\n",
    "rag/cli/app.py": "import typer\nprint(1)\n",
    "ui/command.py": "from ui.page import page\nprint(1)\n",
    "ui/page.py": "import gradio\nfrom rag import answer\n",
    "eval/metrics.py": "import json\n" + "x = 1\n" * (LONGEST_FILE - 1),
}


def broken(changed: Mapping[str, str]) -> list[str]:
    """What all rules find in a small sound project with some of its files changed."""
    files = tuple(File(path, source) for path, source in {**SOUND, **changed}.items())
    project = Project(files)
    return [
        f"{file.path}:{line}: {what}"
        for rule in RULES
        for file in files
        for line, what in rule(project, file)
    ]


def test_a_sound_project_breaks_no_rule() -> None:
    assert broken({}) == []


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("rag/types.py", "def f():\n    from rag import store\n", "types.py:2: rag.types imports"),
        ("rag/types.py", "from rag import answer\n", "types.py:1: rag.types imports rag,"),
        ("rag/store/vectors.py", "from .rows import Row\n", "relative import"),
        ("rag/helpers.py", "", "rag.helpers has no place"),
        ("rag/store/vectors.py", "import rag.store\n", "rag.store leads back here"),
        ("ui/page.py", "from rag.store import Vectors\n", "not `from rag import …`"),
        ("ui/page.py", "from rag import Vectors\n", "rag does not offer Vectors"),
        ("eval/metrics.py", "import ui.page\n", "imports ui.page, not"),
        ("rag/answering/__init__.py", "import chromadb.config\n", "chromadb belongs to rag.store"),
        ("rag/store/vectors.py", "import unheard_of\n", "unheard_of belongs to nobody"),
        ("rag/types.py", "def f():\n    import pickle\n", "types.py:2: pickle runs any code"),
        ("rag/types.py", "print(1)\n", "types.py:1: print"),
        ("rag/types.py", "x = 1\n" * 661, "rag/types.py has 661 lines, more than 660"),
        ("rag/types.py", "\ndef f():\n" + "    x = 1\n" * 40, "types.py:2: f has 41 lines"),
    ],
    ids=lambda value: value.splitlines()[0][:40] if value else "empty",
)
def test_what_breaks_a_rule_is_named(path: str, source: str, expected: str) -> None:
    assert [found for found in broken({path: source}) if expected in found]
