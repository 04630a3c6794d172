"""What reading gives: an article and its place, or why there is none; and as JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rag.ingestion.documents import Extracted
from rag.ingestion.options import ReadOptions
from rag.receipts import Failure, Skipped
from rag.types import Article


@dataclass(frozen=True, slots=True)
class Document:
    """An article and the place it was read from, which is stable and unique.

    ``location`` is the absolute path; in lists and packages, the path, "#", and the address, title
    or name of the part. ``notes`` say what had to be guessed or was not understood. ``slashed_day``
    is a date in figures, such as 05/03/2024, whose order only the other files may show.
    """

    location: str
    article: Article
    notes: tuple[str, ...] = ()
    slashed_day: str = ""


def distinct(name: str, seen: Counter[str]) -> str:
    """A name as it is the first time, and with a number after it from the second: ``Kelp (2)``."""
    seen[name] += 1
    return f"{name} ({seen[name]})" if seen[name] > 1 else name


Outcome = Document | Failure | Skipped
# Reads one file, here or in a child process.
FileReader = Callable[[Path, ReadOptions], Iterator[Outcome]]

ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Document, Extracted, Failure, Skipped)
}


def message_of(outcome: Outcome | Extracted) -> dict[str, Any]:
    """An outcome as JSON values, for `outcome_of`."""
    kind = type(outcome).__name__
    return {"kind": kind, "value": ADAPTERS[kind].dump_python(outcome, mode="json")}


def outcome_of(message: Mapping[str, Any]) -> Outcome | Extracted:
    """The outcome that `message_of` was given."""
    read: Outcome | Extracted = ADAPTERS[message["kind"]].validate_python(message["value"])
    return read
