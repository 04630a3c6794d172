"""Reading public question sets of the MultiHop-RAG and CLAP NQ formats, and their libraries."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.vectors import CachedEmbedder
from rag import FootnoteError, Library, ingest, open_library

CORPUS = "multihop_corpus.json.gz"
QUERIES = "multihop_dev.jsonl.gz"
PASSAGES = "clapnq_dev.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Fact:
    """An exact stretch of an article that a question needs."""

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
    """A question with the one passage that is to answer it, or not, and answers by people."""

    text: str
    title: str
    passage: str
    answerable: bool
    answers: tuple[str, ...]
    selected: tuple[str, ...]


def key(question: str) -> str:
    """What a question is known by from run to run."""
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def squeezed(text: str) -> str:
    """The text without white space: what counts as the same stretch."""
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
    """The questions of a CLAP NQ file."""
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
    """The rows of a JSON Lines file, packed or not.

    Raises:
        FootnoteError: It cannot be read.
    """
    for line in text_of(path).splitlines():
        if line.strip():
            yield json.loads(line)


def text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FootnoteError(f"{path} cannot be read ({error}).") from error


@contextmanager
def news_library(
    corpus: Path, folder: Path | None = None, cache: Path | None = None
) -> Iterator[Library]:
    """A library of the articles: the folder's, filled first if it is not there yet."""
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary) / "library"
        if not (place / "catalog.sqlite3").exists():
            fill(place, text_of(corpus), cache)
        with open_library(place) as opened:
            yield opened


def fill(library: Path, articles: str, cache: Path | None) -> None:
    """Takes in a JSON list of articles; vectors come from the cache where they are known.

    Raises:
        FootnoteError: An article could not be read.
    """
    fill_with(library, articles, CachedEmbedder(cache))


def fill_with(library: Path, articles: str, embedder: Any) -> None:
    """Takes in a JSON list of articles with vectors of any embedder.

    Raises:
        FootnoteError: An article could not be read.
    """
    with tempfile.TemporaryDirectory() as temporary:
        listed = Path(temporary) / "articles.json"
        listed.write_text(articles, encoding="utf-8")
        receipt = ingest([listed], library=library, embedder=embedder)
    if receipt.failed:
        raise FootnoteError(f"{len(receipt.failed)} articles could not be read.")


@contextmanager
def passage_library(
    rows: tuple[PassageQuestion, ...], cache: Path | None = None, around: str | None = None
) -> Iterator[tuple[Library, dict[str, str]]]:
    """A library of the passages, and the article id of each.

    Args:
        rows: Questions with their passages.
        cache: See `CachedEmbedder`.
        around: A JSON list of articles that stand in it besides.
    """
    unique = {row.passage: row.title for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        made = [
            {"title": title, "body": passage, "url": f"https://passages.invalid/{number}"}
            for number, (passage, title) in enumerate(unique.items())
        ]
        fill(Path(temporary) / "library", json.dumps(made), cache)
        if around is not None:
            fill(Path(temporary) / "library", around, cache)
        with open_library(Path(temporary) / "library") as opened:
            numbers = {
                int(summary.source.url.rpartition("/")[2]): summary.source.id
                for summary in opened.articles()
                if summary.source.url and "//passages.invalid/" in summary.source.url
            }
            places = {passage: numbers[n] for n, passage in enumerate(unique) if n in numbers}
            yield opened, places
