"""`rag` offers what it promises, and importing it is quick."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import rag
from rag import errors, receipts, types

FUNCTIONS = ("answer", "stream", "ingest", "open_library", "load_settings")
CLASSES = ("Settings", "Library", "ArticleSummary")
TEXT = ("paragraphs", "sentences", "is_heading", "normalize")
SLOW_TO_IMPORT = ("llama_index", "chromadb", "gradio", "onnxruntime", "onnx", "tantivy")


def public_names(module: object) -> set[str]:
    """The functions and classes of ours that a module shows, without submodules."""
    return {
        name
        for name in dir(module)
        if not name.startswith("_")
        and not inspect.ismodule(value := getattr(module, name))
        and str(getattr(value, "__module__", "")).split(".")[0] == "rag"
    }


def test_all_is_what_there_is() -> None:
    assert len(rag.__all__) == len(set(rag.__all__))
    assert public_names(rag) <= set(rag.__all__)
    missing = [name for name in rag.__all__ if not hasattr(rag, name)]
    assert not missing


@pytest.mark.parametrize("module", [types, receipts, errors], ids=["types", "receipts", "errors"])
def test_all_types_and_errors_are_offered(module: object) -> None:
    own = {
        name
        for name in public_names(module)
        if inspect.isclass(getattr(module, name))
        and getattr(module, name).__module__ == module.__name__
    }
    assert own
    assert own <= set(rag.__all__)


def test_the_promised_names_are_offered() -> None:
    assert {*FUNCTIONS, *CLASSES, *TEXT} <= set(rag.__all__)


def test_no_submodule_hides_a_function() -> None:
    """`rag.answer` is a function, also once all modules have been imported."""
    for found in pkgutil.walk_packages(rag.__path__, "rag."):
        if found.name != "rag.__main__":
            import_module(found.name)
    for name in FUNCTIONS:
        assert inspect.isfunction(getattr(rag, name)), name


def test_every_error_has_the_one_root() -> None:
    found = [e for n in dir(errors) if isinstance(e := getattr(errors, n), type)]
    own = [e for e in found if issubclass(e, BaseException) and e.__module__ == errors.__name__]
    assert own
    assert [e.__name__ for e in own if not issubclass(e, errors.FootnoteError)] == []


@pytest.mark.parametrize("module", ["rag", "rag.cli.app"])
def test_importing_stays_quick(module: str) -> None:
    """What takes seconds to import waits until it is used."""
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & set(SLOW_TO_IMPORT)
