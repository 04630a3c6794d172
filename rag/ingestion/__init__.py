"""Ingestion: from files and folders to the articles and passages of a library."""

from rag.ingestion.chunking import chunk
from rag.ingestion.options import parse_mapping
from rag.ingestion.pipeline import ingest
from rag.ingestion.progress import Progress, progress_bar

__all__ = ["Progress", "chunk", "ingest", "parse_mapping", "progress_bar"]
