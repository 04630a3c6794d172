"""The floors of the architecture, read from the imports of every file.

A file imports from lower floors or from neighbours to its left, each foreign library has its
owners, and what stands on the ground floor touches neither disk, network nor clock. Imports
inside functions and for type checking count like all others. `test_floors.py` runs the checks.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rag", "ui", "eval")

# From the ground up, each floor from left to right; a package stands for its modules.
FLOORS = (
    (
        *(
            "rag.errors",
            "rag.conversations.serialization",
            "rag.types",
            "rag.conversations.types",
            "rag.settings.model",
            "rag.text",
        ),
        *(
            "rag.ingestion.chunking",
            "rag.question",
            "rag.retrieval.near_duplicates",
            "rag.retrieval.fusion",
            "rag.generation.draft_parser",
            "rag.checking",
        ),
        *("rag.verification.verifier", "rag.generation.prompts", "rag.policy.rules"),
    ),
    (
        *(
            "rag.settings.backend_tables",
            "rag.settings.loading",
            "rag.verification.metrics",
            "rag.policy.permission",
            "rag.embedding",
        ),
        *(
            "rag.reading",
            "rag.retrieval.methods",
            "rag.library",
            "rag.retrieval.rerank",
            "rag.gating",
            "rag.picking",
        ),
        *("rag.verification.entailment", "rag.backends"),
    ),
    (
        *(
            "rag.answering.request",
            "rag.generation.failover",
            "rag.verification.judge",
            "rag.verification.second_opinions",
            "rag.answering.streaming",
        ),
        *("rag.query.follow_ups", "rag.query.rewriting", "rag.answerability.assessment"),
        *(
            "rag.retrieval.planning",
            "rag.answering.answer",
            "rag.ingestion.ingest",
            "rag.conversations.asking",
            "rag.cli.doctor",
        ),
    ),
    (
        *(
            "rag.cli.progress",
            "rag.cli.server_client",
            "rag",
            "rag.cli.delegate",
            "rag.cli.backends",
        ),
        *("rag.cli.ask", "rag.cli.conversations", "rag.cli.app", "rag.__main__"),
    ),
    ("ui", "eval"),
)
TOP = len(FLOORS) - 1

# Who may import what is not ours; what is not listed has no owner, and nobody may.
OWNERS: Mapping[str, tuple[str, ...]] = {
    "charset_normalizer": ("rag.reading",),
    # Beside the vectors, Chroma brings a download of the same embedder: the way out without wheel.
    "chromadb": ("rag.store.vectors", "rag.embedding.weights"),
    "fastapi": ("ui",),
    "filelock": ("rag.library", "rag.embedding"),
    "gradio": ("ui",),
    # Beneath httpx: where connections are opened, and every wait on them ends at a deadline.
    "httpcore": ("rag.generation.transport",),
    "httpx": ("rag.backends", "rag.reading", "rag.cli.server_client"),
    "keyring": ("rag.generation.redaction",),
    "llama_index": ("rag.embedding", "rag.reading", "rag.store.vectors", "rag.backends"),
    "markdown_it": ("rag.reading",),
    "mcp": ("ui.mcp",),
    "numpy": PACKAGES,
    "onnx": ("rag.embedding",),
    "onnxruntime": ("rag.embedding",),
    "openai": ("rag.backends",),
    "platformdirs": ("rag.settings.loading", "rag.embedding", "eval.vectors"),
    "pydantic": ("rag.settings.loading", "rag.embedding", "rag.reading", "ui"),
    "pydantic_settings": ("rag.settings.loading",),
    "rich": ("rag.cli.progress", "rag.cli.app"),
    "safetensors": ("rag.embedding",),
    "scipy": ("eval",),
    "sklearn": ("eval",),
    "snowballstemmer": ("rag.text",),
    "sqlite3": ("rag.library", "eval.vectors"),
    "starlette": ("ui",),
    "tantivy": ("rag.store.keywords",),
    # The token table that the evidence's budget is counted with.
    "tiktoken": ("eval.tokens",),
    "tokenizers": ("rag.embedding",),
    "torch": ("rag.generation.llamaindex", "rag.embedding.cross_encoder_torch"),
    "transformers": ("rag.generation.llamaindex", "rag.embedding.cross_encoder_torch"),
    "typer": (
        *("rag.cli.app", "rag.cli.delegate", "rag.cli.ask"),
        *("rag.cli.backends", "rag.cli.conversations"),
        *("ui.command", "eval.__main__", "eval.public", "eval.verifier_command"),
    ),
    "uvicorn": ("ui",),
    "yaml": ("rag.reading",),
}

# These run whatever a file tells them to.
UNSAFE = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})

IMPURE_MODULES = frozenset(
    """aiohttp asyncio fcntl fileinput ftplib glob http io mmap multiprocessing os pathlib random
    requests secrets select shutil signal smtplib socket socketserver ssl subprocess sys tempfile
    threading time urllib.request uuid webbrowser""".split()
)
IMPURE_CALLS = frozenset({"open", "input", "breakpoint"})
IMPURE_METHODS = frozenset(
    """exists is_dir is_file iterdir mkdir now read_bytes read_text rename today touch unlink utcnow
    write_bytes write_text""".split()
)
# Path is a type there.
PURE_ENOUGH = {"rag.errors": {"pathlib"}, "rag.settings.model": {"pathlib"}}

TERMINAL_EDGES = ("rag.cli.app", "ui.command", "eval.__main__")

LONGEST_FILE = 320
LONGEST_FUNCTION = 45
# "path" or "path::function" -> (lines allowed, reason). An entry that is not needed fails.
LONGER: dict[str, tuple[int, str]] = {
    "rag/errors.py": (360, "one family of errors, read as one page; each class is a few lines"),
    "rag/types.py": (510, "one vocabulary, read as one page; each class by itself is short"),
}


class Violation(NamedTuple):
    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


class Import(NamedTuple):
    """``name`` is None for ``import module``; ``level`` counts the dots of a relative import."""

    line: int
    module: str
    name: str | None
    level: int = 0


@dataclass(frozen=True)
class File:
    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(found for node in ast.walk(self.tree) for found in imports_of(node))


def imports_of(node: ast.AST) -> Iterator[Import]:
    match node:
        case ast.Import(names=names, lineno=line):
            for alias in names:
                yield Import(line, alias.name, None)
        case ast.ImportFrom(module=module, names=names, level=level, lineno=line):
            for alias in names:
                yield Import(line, module or "", alias.name, level)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(module)), *_],
            lineno=line,
        ):
            yield Import(line, module, None)


@dataclass(frozen=True)
class Project:
    files: tuple[File, ...]

    @cached_property
    def modules(self) -> frozenset[str]:
        return frozenset(file.module for file in self.files)

    @cached_property
    def door(self) -> frozenset[str]:
        """The names that ``rag.__all__`` spells out; empty while there is no door."""
        for file in self.files:
            for node in file.tree.body if file.module == "rag" else ():
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                target = node.target if isinstance(node, ast.AnnAssign) else target
                if isinstance(target, ast.Name) and target.id == "__all__" and node.value:
                    return frozenset(ast.literal_eval(node.value))
        return frozenset()

    def target(self, found: Import) -> str:
        """The module that an import reaches: ``from rag import text`` reaches ``rag.text``."""
        whole = f"{found.module}.{found.name}"
        return whole if found.name and whole in self.modules else found.module


def within(module: str, owners: tuple[str, ...]) -> bool:
    return any(module == owner or module.startswith(owner + ".") for owner in owners)


def place(module: str) -> tuple[int, int] | None:
    """Floor and position on it, or None. The door ``rag`` does not stand for its modules."""
    for number, floor in enumerate(FLOORS):
        for position, name in enumerate(floor):
            if module == name or (name != "rag" and within(module, (name,))):
                return number, position
    return None


def is_ours(module: str) -> bool:
    return within(module, PACKAGES)


def check_floor(project: Project, file: File) -> Iterator[Violation]:
    """Imports go down, or to the left on the same floor."""
    here = place(file.module)
    if here is None:
        yield Violation(file.path, 1, f"{file.module} stands on no floor")
    for found in file.imports:
        target = project.target(found)
        there = place(target)
        if found.level:
            yield Violation(file.path, found.line, "relative import: write the whole name")
        elif here and is_ours(target) and here[0] < TOP and (there is None or there > here):
            rule = f"{file.module} (floor {here[0]}) imports {target}, above it or to its right"
            yield Violation(file.path, found.line, rule)


def check_cycles(project: Project, file: File) -> Iterator[Violation]:
    """Two files never need each other, not even by way of others."""
    by_module = {each.module: each for each in project.files}
    for found in file.imports:
        seen: set[str] = set()
        waiting = [project.target(found)]
        while waiting:
            module = waiting.pop()
            if module in seen or module not in by_module:
                continue
            seen.add(module)
            waiting.extend(project.target(each) for each in by_module[module].imports)
        if file.module in seen:
            yield Violation(file.path, found.line, f"{project.target(found)} leads back here")


def check_door(project: Project, file: File) -> Iterator[Violation]:
    """Page and evaluation enter through ``from rag import …`` and never meet."""
    package = file.module.split(".")[0]
    if package == "rag":
        return
    for found in file.imports:
        if found.level or not is_ours(found.module) or within(found.module, (package,)):
            continue
        if found.module != "rag" or found.name is None:
            rule = f"{package} imports {found.module}: only `from rag import …` is open"
            yield Violation(file.path, found.line, rule)
        elif project.door and found.name not in project.door:
            yield Violation(file.path, found.line, f"rag does not offer {found.name}")


def check_owners(project: Project, file: File) -> Iterator[Violation]:
    """Each foreign library is imported by its owners only."""
    for found in file.imports:
        library = found.module.split(".")[0]
        if found.level or is_ours(library):
            continue
        if library in UNSAFE:
            yield Violation(file.path, found.line, f"{library} can run what a file tells it to")
        elif library not in OWNERS and library not in sys.stdlib_module_names:
            yield Violation(file.path, found.line, f"{library} has no owner in the table")
        elif library in OWNERS and not within(file.module, OWNERS[library]):
            rule = f"{library} belongs to {', '.join(OWNERS[library])}"
            yield Violation(file.path, found.line, rule)


def check_pure(project: Project, file: File) -> Iterator[Violation]:
    """The ground floor touches neither disk, network nor clock."""
    here = place(file.module)
    if here is None or here[0] > 0:
        return
    allowed = PURE_ENOUGH.get(file.module, set())
    for found in file.imports:
        reached = {found.module, found.module.split(".")[0], f"{found.module}.{found.name}"}
        if reached & IMPURE_MODULES - allowed:
            yield Violation(file.path, found.line, f"impure import on floor 0: {found.module}")
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS - allowed:
                yield Violation(file.path, node.lineno, f"impure call on floor 0: {name}")
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS - allowed:
                yield Violation(file.path, node.lineno, f"impure call on floor 0: {name}")


def check_print(project: Project, file: File) -> Iterator[Violation]:
    """Only the edges that own a terminal print."""
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func=ast.Name(id="print")) if not within(file.module, TERMINAL_EDGES):
                yield Violation(file.path, node.lineno, "print outside the command line's edges")


def check_names(project: Project, file: File) -> Iterator[Violation]:
    """No module hides behind a name that the door exports as a function under that path."""
    if file.module == "rag.answer" or file.module.startswith("rag.answer."):
        yield Violation(file.path, 1, "the function rag.answer would hide a module of that name")


def sizes(file: File) -> Iterator[tuple[str, int, int, int]]:
    """Key in the table of exceptions, line, length and limit of the file and each function."""
    yield file.path, 1, len(file.source.splitlines()), LONGEST_FILE
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield f"{file.path}::{node.name}", node.lineno, length, LONGEST_FUNCTION


def check_sizes(project: Project, file: File) -> Iterator[Violation]:
    """Files and functions stay short enough to be read at once."""
    for key, line, length, limit in sizes(file):
        allowed, _ = LONGER.get(key, (limit, ""))
        if length > allowed:
            name = key.rpartition("::")[2]
            yield Violation(file.path, line, f"{name} has {length} lines, more than {allowed}")


Check = Callable[[Project, File], Iterator[Violation]]
CHECKS: tuple[Check, ...] = (
    *(check_floor, check_cycles, check_door, check_owners),
    *(check_pure, check_print, check_names, check_sizes),
)


def read_project() -> Project:
    return Project(
        tuple(
            File(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
            for package in PACKAGES
            for path in sorted((ROOT / package).rglob("*.py"))
        )
    )
