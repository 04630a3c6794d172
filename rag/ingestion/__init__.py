"""Ingestion: from files, folders and addresses to the articles and passages of a library."""

from rag.ingestion.bylines import split_authors
from rag.ingestion.chunking import chunk
from rag.ingestion.fields import parse_mapping
from rag.ingestion.pipeline import add_page, ingest, read_page, refresh
from rag.ingestion.progress import Progress, progress_bar
from rag.ingestion.reindexing import reindex

__all__ = [
    "Progress",
    "add_page",
    "chunk",
    "ingest",
    "parse_mapping",
    "progress_bar",
    "read_page",
    "refresh",
    "reindex",
    "split_authors",
]
