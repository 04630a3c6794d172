"""Every citation of every answer that a test gets is looked up again in the stored article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rag import Answer
from rag.answering import pipeline as answering
from rag.query.query import Query
from rag.store import Store


def check_places(found: Answer, store: Store) -> None:
    """Fails where a quotation is not at its offsets, or a footnote's number means two things.

    What the extractive backend says is, besides, what it cites, character for character.
    """
    for sentence in found.sentences:
        if found.backend.name == "extractive" and len(sentence.citations) == 1:
            assert sentence.text == sentence.citations[0].quote
        for citation in sentence.citations:
            text = store.article(citation.article_id).text
            assert text[citation.start : citation.end] == citation.quote, citation
    for item in found.evidence:
        passage = item.passage
        stored = store.article(passage.article_id).text
        assert stored[passage.start : passage.end] == passage.text, passage.id
    ranks = [item.rank for item in found.evidence]
    assert len(set(ranks)) == len(ranks), ranks


@contextmanager
def every_citation_checked() -> Iterator[None]:
    """Within it, everything that `answer` and `stream` give has passed `check_places`."""
    made: Any = answering._answer

    def answered(query: Query, work: answering.Work) -> Iterator[Any]:
        for item in made(query, work):
            if isinstance(item, Answer):
                check_places(item, work.retriever.store)
            yield item

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "_answer", answered)
        yield
