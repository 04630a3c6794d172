"""Small articles, stored in a library without reading files, and an audit of the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rag.embedding import Embedder
from rag.ingestion.chunking import chunk
from rag.retrieval.library import Library
from rag.store.health import check_health
from rag.store.records import Entry
from rag.types import Article
from tiny_embedder import TinyEmbedder


def article(text: str, title: str = "Title", **fields: Any) -> Article:
    return Article.build(text, title=title, origin=f"{title}.md", **fields)


def entry(built: Article, *locations: str, embedder: Embedder | None = None) -> Entry:
    embedder = embedder or TinyEmbedder()
    passages = chunk(built, embedder.count_tokens, most=40, overlap=8)
    vectors = embedder.embed([passage.text for passage in passages])
    return Entry(built, passages, vectors, locations or (f"/{built.source.title}.md",))


def without_origin(articles: dict[str, Article]) -> dict[str, Article]:
    """An article keeps the origin of one of its places, whichever that is."""
    return {
        key: replace(built, source=replace(built.source, origin="any"))
        for key, built in articles.items()
    }


def audit(library: Library, expected: dict[str, Article]) -> None:
    """Asserts that the library holds these articles by place, and nothing else or half."""
    assert library.catalog.unfinished() == ()
    assert library.places() == {place: built.id for place, built in expected.items()}
    wanted = {built.id: built for built in expected.values()}
    assert {summary.source.id for summary in library.articles()} == set(wanted)
    assert without_origin(library.catalog.articles(wanted)) == without_origin(wanted)
    problems = [finding for finding in check_health(library) if finding.kind != "mended"]
    assert problems == []
