"""Ingestion: from files and folders to the articles and passages of a library."""

from rag.ingestion.chunking import chunk
from rag.ingestion.pipeline import ingest
from rag.ingestion.progress import Progress, progress_bar

__all__ = ["Progress", "chunk", "ingest", "progress_bar"]
