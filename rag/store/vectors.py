"""The vectors of a library in Chroma, open to LlamaIndex as a vector store.

Derived: they can be rebuilt from the catalog. The folder must be locked, because Chroma does not
lock it and two writers lose records without an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings

from rag.store.disk_errors import batches, translated
from rag.store.records import SAME_VECTOR, FloatVector, Hit, Row
from rag.types import article_of_passage

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from llama_index.vector_stores.chroma import ChromaVectorStore

FOLDER = "chroma"
COLLECTION = "passages"

# How many candidates a search keeps. With Chroma's 100, up to 6 of the 1,768 passages of a mixed
# folder, hundreds of them from one form, were not found by their own vector; with 200, none was.
SEARCH_WIDTH = 400

# Most article ids in one query to Chroma, whose SQLite allows 32,766 variables.
MOST_ALLOWED = 10_000


class Vectors:
    """An open collection of unit vectors compared by cosine."""

    def __init__(self, library_folder: Path) -> None:
        """Opens the collection, or makes an empty one.

        Raises:
            LibraryFull: The folder cannot be written.
            IndexUnusable: Chroma cannot open the folder.
        """
        self.folder = library_folder
        settings = Settings(anonymized_telemetry=False)
        place = str(library_folder / FOLDER)
        with translated(library_folder):
            try:
                # Typed as any: the declared type of clients lacks `close`.
                self._client = cast(Any, chromadb.PersistentClient(place, settings=settings))
            except BaseException:
                # Chroma would reuse a client that failed to start, even for a new folder.
                SharedSystemClient._identifier_to_system.pop(place, None)
                raise
            try:
                self._open_collection()
            except BaseException:
                self._client.close()
                raise

    def _open_collection(self) -> None:
        self._collection: Collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": SEARCH_WIDTH}},
        )
        self._batch = self._client.get_max_batch_size()

    @cached_property
    def store(self) -> ChromaVectorStore:
        """The same collection as a LlamaIndex vector store.

        Searches use the collection directly: importing LlamaIndex takes about a second, and its
        similarities are not cosines.
        """
        from llama_index.vector_stores.chroma import ChromaVectorStore

        return ChromaVectorStore(chroma_collection=self._collection)

    def close(self) -> None:
        self._client.close()

    def ids(self) -> frozenset[str]:
        """Ids of all rows."""
        with translated(self.folder):
            return frozenset(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        with translated(self.folder):
            return int(self._collection.count())

    def add(self, rows: Sequence[Row]) -> None:
        """Stores passages; a known id is overwritten.

        It does not use ``store.add``, which silently keeps the old row of a known id.
        """
        with translated(self.folder):
            for part in batches(rows, self._batch):
                self._collection.upsert(
                    ids=[row.passage.id for row in part],
                    embeddings=np.stack([row.vector for row in part]),
                    metadatas=[{"article_id": row.passage.article_id} for row in part],
                )

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Deletes passages; unknown ids are ignored."""
        with translated(self.folder):
            for part in batches(passage_ids, self._batch):
                self.store.delete_nodes(list(part))

    def search(
        self, vector: FloatVector, k: int, allowed: frozenset[str] | None
    ) -> tuple[Hit, ...]:
        """The ``k`` nearest passages of the allowed articles; scores are cosines, best first."""
        if allowed is None:
            return self._search(vector, k, None)
        # A filter of hundreds of articles takes Chroma far longer than fetching a few more results.
        nearest = [
            hit
            for hit in self._search(vector, 2 * k, None)
            if article_of_passage(hit.passage_id) in allowed
        ]
        if len(nearest) >= k:
            return tuple(nearest[:k])
        hits: list[Hit] = []
        for part in batches(sorted(allowed), MOST_ALLOWED):
            hits.extend(self._search(vector, k, {"article_id": {"$in": list(part)}}))
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))[:k])

    def holds(self, row: Row) -> bool:
        """Whether a passage is stored with its article and its vector, found by its id."""
        where: dict[str, Any] = {"article_id": row.passage.article_id}
        with translated(self.folder):
            found = self._collection.get([row.passage.id], where=where, include=["embeddings"])
        stored = np.asarray(found["embeddings"], dtype=np.float32)
        return len(stored) == 1 and float(stored[0] @ row.vector) > 1.0 - SAME_VECTOR

    def _search(self, vector: FloatVector, k: int, where: dict[str, Any] | None) -> tuple[Hit, ...]:
        with translated(self.folder):
            found = self._collection.query(
                query_embeddings=[vector.tolist()], n_results=k, where=where, include=["distances"]
            )
        distances = found["distances"]
        assert distances is not None  # they are asked for
        # Chroma's distance is 1 - cosine.
        pairs = zip(found["ids"][0], distances[0], strict=True)
        return tuple(Hit(passage_id, 1.0 - float(distance)) for passage_id, distance in pairs)
