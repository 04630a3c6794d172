"""What is known of all articles: filters as sets, and days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LibraryEmpty
from rag.query.entities import Names
from rag.query.parsing import parse_query
from rag.retrieval.library import Library, open_library
from rag.retrieval.search import SearchResult
from rag.store.snapshot import Snapshot
from rag.types import Filters, Source
from stored_articles import article, entry
from tiny_embedder import TinyEmbedder

DAYS = (date(2023, 1, 1), date(2023, 6, 1), None)
SOURCES = {
    str(n): Source(
        str(n),
        f"Title {n}",
        origin="o",
        publisher=("Post", "Times", None)[n % 3],
        author=("Ann Lee and Bo Ray", None)[n % 2],
        category=("sports", "science")[n % 2],
        published=DAYS[n % 3],
    )
    for n in range(12)
}
SNAPSHOT = Snapshot(Names.of(SOURCES.values()), SOURCES, dict.fromkeys(SOURCES, 2), settled=True)

some_ids = st.lists(st.sampled_from([*SOURCES, "gone"]), max_size=6).map(tuple)
filters = st.builds(
    Filters,
    publishers=st.sampled_from([(), ("post",), ("Times", "Other")]),
    categories=st.sampled_from([(), ("Sports",)]),
    authors=st.sampled_from([(), ("ann lee",), ("Cy Dee",)]),
    after=st.sampled_from([None, date(2023, 2, 1)]),
    before=st.sampled_from([None, date(2023, 3, 1)]),
    articles=some_ids,
    not_articles=some_ids,
)


@given(filters)
def test_what_filters_allow(wanted: Filters) -> None:
    allowed = SNAPSHOT.allowed(wanted)
    if wanted == Filters():
        assert allowed is None
    else:
        assert allowed == {key for key, source in SOURCES.items() if wanted.allows(source)}
        assert SNAPSHOT.searched(allowed) == 2 * len(allowed)
    assert SNAPSHOT.searched(None) == 24


def test_days_of_which_there_is_nothing() -> None:
    def empty(question: str) -> bool:
        query = parse_query(question, SNAPSHOT.names, date(2025, 1, 1))
        return not SNAPSHOT.has_day_in(query.periods) and bool(query.periods)

    assert empty("what happened in March 2023")
    assert not empty("what happened in June 2023")
    assert not empty("what happened")


def found_for(library: Library, question: str, filters: Filters | None = None) -> SearchResult:
    retriever = library.retriever()
    return retriever.find(retriever.parse(question), 3, filters=filters)


def test_the_snapshot_follows_the_library(tmp_path: Path) -> None:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        with pytest.raises(LibraryEmpty):
            library.search("what does the Harbour Post say")
        first = article("The ferry sails.", "Ferry", publisher="Harbour Post")
        library.put([entry(first)])
        assert library.retriever().parse("what does the Harbour Post say").publishers
        found = found_for(library, "ferry")
        assert found.searched == 1 and len(found.evidence) == 1
        library.put([entry(article("A bridge stands.", "Bridge"))])
        assert found_for(library, "ferry").searched == 2
        library.remove([first.id])
        assert library.retriever().parse("what does the Harbour Post say").publishers == ()
        assert found_for(library, "ferry").searched == 1


def test_how_it_was_found(tmp_path: Path) -> None:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        library.put(
            [entry(article(f"The ferry number {n} sails.", f"Ferry {n}")) for n in range(3)]
        )
        found = found_for(library, "ferry number 2 sails")
        assert 0 < found.best_passage_cosine <= 1
        assert 0 < found.keyword_share <= 1
        hidden = found_for(library, "ferry", Filters(articles=("none",)))
        assert hidden.evidence == () and hidden.searched == 0
        assert hidden.keyword_share == hidden.best_passage_cosine == 0
        rare = library.indexes.rarity(["ferri", "2", "submarin"])
        assert rare["ferri"] < rare["2"] < rare["submarin"] == 1
