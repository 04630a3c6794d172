"""Stores one collection in one folder: catalog, vectors, keyword index, one owner at a time."""

from rag.store.catalog import Catalog
from rag.store.catalog_copy import preview
from rag.store.fetched_addresses import Visit
from rag.store.health import check_health
from rag.store.records import ArticleSummary, Entry, FloatMatrix, FloatVector, Hit
from rag.store.reindexing import Reindexing
from rag.store.snapshot import Snapshot
from rag.store.store import Store, is_library

__all__ = [
    "ArticleSummary",
    "Catalog",
    "Entry",
    "FloatMatrix",
    "FloatVector",
    "Hit",
    "Reindexing",
    "Snapshot",
    "Store",
    "Visit",
    "check_health",
    "is_library",
    "preview",
]
