"""Counting tokens with the table that LlamaIndex ships, without a network."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag import FootnoteError

ENCODING = "cl100k_base"


@lru_cache(maxsize=1)
def _encoding() -> Any:
    found = find_spec("llama_index.core")
    if found is None or found.origin is None:
        raise FootnoteError("The token table comes with llama-index-core, which is not installed.")
    folder = Path(found.origin).parent / "_static" / "tiktoken_cache"
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    try:
        import tiktoken
    except ImportError as error:
        raise FootnoteError("tiktoken is not installed. pip install tiktoken") from error
    return tiktoken.get_encoding(ENCODING)


@lru_cache(maxsize=100_000)
def count(text: str) -> int:
    """Number of tokens in a text."""
    return len(_encoding().encode(text, disallowed_special=()))
