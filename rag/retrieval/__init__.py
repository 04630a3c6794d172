"""Searches a library: dense, keyword, both fused, and reranked."""

from rag.retrieval.fusion import Told, drop_copies
from rag.retrieval.library import Library, open_library
from rag.retrieval.rerank import READ_AGAIN, load_reranker
from rag.retrieval.search import Retriever, SearchResult

__all__ = [
    "READ_AGAIN",
    "Library",
    "Retriever",
    "SearchResult",
    "Told",
    "drop_copies",
    "load_reranker",
    "open_library",
]
