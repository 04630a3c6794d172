"""Reads public question sets in the formats of MultiHop-RAG and CLAP NQ."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import FootnoteError

CORPUS = "multihop_corpus.json.gz"
QUERIES = "multihop_dev.jsonl.gz"
PASSAGES = "clapnq_dev.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Fact:
    """Exact words of an article that the answer needs, and the article's title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question over news articles; without facts it cannot be answered."""

    text: str
    kind: str
    facts: tuple[Fact, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.facts)


@dataclass(frozen=True, slots=True)
class PassageQuestion:
    """A question about one passage.

    Attributes:
        text: The question.
        title: Title of the passage.
        passage: Its text.
        answerable: Whether the passage answers it.
        answers: Answers that people wrote.
        selected: The sentences of the passage that people marked as the answer.
    """

    text: str
    title: str
    passage: str
    answerable: bool
    answers: tuple[str, ...]
    selected: tuple[str, ...]


def key(question: str) -> str:
    """A question's id, the same in every run."""
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def squeezed(text: str) -> str:
    """The text without white space, for comparing quotations."""
    return "".join(text.split())


def questions(path: Path, limit: int | None = None) -> tuple[Question, ...]:
    """The questions of a file; with a limit, as many spread evenly over it."""
    rows = [
        Question(
            row["query"],
            row["question_type"],
            tuple(Fact(e["title"], e["fact"]) for e in row["evidence_list"]),
        )
        for row in json_lines(path)
    ]
    return tuple(spread(rows, limit))


def passage_questions(path: Path, limit: int | None = None) -> tuple[PassageQuestion, ...]:
    """The questions of a CLAP NQ file; with a limit, as many spread evenly over it."""
    rows = []
    for row in json_lines(path):
        passage, output = row["passages"][0], row["output"][0]
        rows.append(
            PassageQuestion(
                row["input"],
                passage["title"],
                " ".join(passage["sentences"]),
                bool(row["answerable"]),
                tuple(o["answer"] for o in row["output"] if o.get("answer")),
                tuple(output.get("selected_sentences") or ()),
            )
        )
    return tuple(spread(rows, limit))


def spread(rows: list[Any], limit: int | None) -> list[Any]:
    """At most ``limit`` rows, evenly from first to last."""
    if limit is None or limit >= len(rows):
        return rows
    return [rows[at * len(rows) // limit] for at in range(limit)]


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file, gzipped or not.

    Raises:
        FootnoteError: It cannot be read.
    """
    for line in text_of(path).split("\n"):
        if line.strip():
            yield json.loads(line)


def text_of(path: Path) -> str:
    """The text of a file, gzipped or not.

    Raises:
        FootnoteError: It cannot be read.
    """
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FootnoteError(f"{path} cannot be read ({error}).") from error
