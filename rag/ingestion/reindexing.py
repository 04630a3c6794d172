"""Cuts and embeds the articles of a library again, without reading them where they came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embedding import adapt, default_embedder, named_embedder, permitted
from rag.errors import EmbedderChanged, PolicyRefused
from rag.ingestion.chunking import PassageSize, chunk
from rag.ingestion.pipeline import opened
from rag.ingestion.progress import Progress
from rag.ingestion.run import BATCH_PASSAGES
from rag.ingestion.vectors import Pending, embedded
from rag.policy import must_stay_local
from rag.receipts import Reindexed
from rag.settings import Settings, load_settings
from rag.store import Reindexing, Store

if TYPE_CHECKING:
    from rag.embedding import Embedder


def reindex(
    library: Store | str | Path | None = None,
    *,
    embedder: Embedder | Any | str | None = None,
    passage_tokens: int | None = None,
    overlap_tokens: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    settings: Settings | None = None,
) -> Reindexed:
    """Gives a library another embedder or passages of another size, from the texts that it holds.

    The old index serves until the new one is whole. After a kill, the same call goes on.

    Args:
        library: A folder, or an open library; by default the folder that the settings name.
        embedder: Ours, a LlamaIndex object, or a name; by default the library's own, if at hand.
        passage_tokens: Budget of a passage; by default what the library has.
        overlap_tokens: Budget of what neighbours share; by default what the library has.
        progress: Called after each article.
        settings: Name the library, by default those of the settings files.

    Raises:
        LibraryMissing: There is none.
        LibraryBusy: Another process has it open, or another reindex of it is at work.
        LibraryFull: It cannot be written. What was done is kept.
        SettingsError: There is no such embedder, or a size is impossible.
        PolicyRefused: Article text may not go to the embedder.
    """
    started = time.perf_counter()
    with opened(library, settings or load_settings(), None) as store:
        size = PassageSize.of(store).changed(passage_tokens, overlap_tokens)
        chosen = _embedder(store, embedder)
        _refuse_local_articles(store, chosen)
        name = str(permitted(chosen, store.egress).identity)
        work = Reindexing(store, chosen, size.notes)
        while not work.switch():
            _add_missing(store, work, chosen, size, progress)
        counts = store.snapshot().passages.values()
        took = time.perf_counter() - started
        return Reindexed(len(counts), sum(counts), name, *size, took)


def _embedder(store: Store, given: Embedder | Any | str | None) -> Embedder:
    """What to embed with, without a guard."""
    if isinstance(given, str):
        return named_embedder(given)
    if given is not None:
        return adapt(given)
    try:
        return store.embeddings.embedder()
    except EmbedderChanged:
        return default_embedder()


def _refuse_local_articles(store: Store, embedder: Embedder) -> None:
    """Raises `PolicyRefused` if an article may not be embedded, because none can be left out."""
    destination = getattr(embedder, "destination", None)
    if destination is None:
        return
    local = [s for s in store.catalog.sources() if must_stay_local(s, destination)]
    if local:
        rule = f"keep_local in {len(local)} articles, such as {local[0].title!r}"
        instead = "Choose an embedder on this machine, or remove these articles first."
        raise PolicyRefused(rule, destination.backend, instead)


def _add_missing(
    store: Store,
    work: Reindexing,
    embedder: Embedder,
    size: PassageSize,
    progress: Callable[[Progress], None] | None,
) -> None:
    """Cuts, embeds and stores the articles that the new index lacks."""
    missing = work.missing()
    total = len(store.article_ids())
    done = total - len(missing)
    for pending in _batches(store, missing, embedder, size):
        articles = [item.article.id for item in pending]
        work.put(embedded(pending, permitted(embedder, store.egress, articles)))
        for item in pending:
            done += 1
            if progress:
                progress(Progress(done, total, item.article.source.title))


def _batches(
    store: Store, ids: Sequence[str], embedder: Embedder, size: PassageSize
) -> Iterator[list[Pending]]:
    """The articles cut into passages, about as many at a time as an ingest stores together."""
    batch: list[Pending] = []
    for article_id in ids:
        # One that has since been removed from the library is skipped.
        for article in store.catalog.articles([article_id]).values():
            passages = chunk(article, embedder.count_tokens, *size)
            batch.append(Pending(article, passages, "unchanged", [article.source.origin]))
        if sum(len(item.passages) for item in batch) >= BATCH_PASSAGES:
            yield batch
            batch = []
    if batch:
        yield batch
