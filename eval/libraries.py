"""Libraries that the suites ask: of the seeds, of news articles, of single passages."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.datasets import PassageQuestion, text_of
from eval.vector_cache import CachedEmbedder
from rag import ArticleError, FootnoteError, Library, ingest, open_library

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@contextmanager
def seeds_library(folder: Path | None = None, articles: Path = SEEDS) -> Iterator[Library]:
    """The library in a folder; without one, a temporary library of the articles.

    Raises:
        LibraryError: The library cannot be used.
        ArticleError: A seed cannot be read.
    """
    if folder is not None:
        with open_library(folder) as library:
            yield library
        return
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as temporary:
        if not articles.is_dir():
            reason = "There are no seeds. Run this in a checkout of the project."
            raise ArticleError(articles, reason)
        with open_library(temporary, create=True) as library:
            for failure in ingest(articles, library).failed:
                raise ArticleError(failure.origin, failure.reason)
            yield library


@contextmanager
def news_library(
    corpus: Path, folder: Path | None = None, cache: Path | None = None
) -> Iterator[Library]:
    """The library in a folder, filled with the articles first if it does not exist.

    Without a folder, the library is thrown away afterwards.

    Raises:
        FootnoteError: An article could not be read, or the library cannot be used.
    """
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary) / "library"
        if not (place / "catalog.sqlite3").exists():
            fill(place, text_of(corpus), cache)
        with open_library(place) as opened:
            yield opened


def fill(library: Path, articles: str, cache: Path | None) -> None:
    """Ingests a JSON list of articles; vectors come from the cache where they are known.

    Raises:
        FootnoteError: An article could not be read.
    """
    fill_with(library, articles, CachedEmbedder(cache))


def fill_with(library: Path, articles: str, embedder: Any) -> None:
    """Ingests a JSON list of articles with any embedder.

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
    rows: Sequence[PassageQuestion], cache: Path | None = None, around: str | None = None
) -> Iterator[tuple[Library, dict[str, str]]]:
    """A library of the passages, and the article id of each passage.

    Args:
        rows: Questions with their passages.
        cache: See `CachedEmbedder`.
        around: A JSON list of further articles for the library.
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
