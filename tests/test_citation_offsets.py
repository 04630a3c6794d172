"""The check of citations that every test relies on notices a citation that was moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from citation_offsets import check_places
from rag import Answer, Citation, answer, ingest, open_library
from tiny_embedder import TinySpanEmbedder

ESK = "# Harbour of Esk reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n"


def moved(found: Answer, by: int) -> Answer:
    """The same answer with its first citation some characters further on, quote unchanged."""
    first, *rest = found.sentences
    old = first.citations[0]
    new = Citation(old.article_id, old.start + by, old.end + by, old.quote)
    return replace(found, sentences=(replace(first, citations=(new,)), *rest))


def test_a_moved_citation_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "esk.md").write_text(ESK, encoding="utf-8")
    with open_library(tmp_path / "library", embedder=TinySpanEmbedder(), create=True) as library:
        ingest([tmp_path / "esk.md"], library=library)
        found = answer("When did the harbour of Esk reopen?", library=library)
        check_places(found, library)
        assert not found.refused and found.sentences[0].citations
        with pytest.raises(AssertionError):
            check_places(moved(found, 1), library)
