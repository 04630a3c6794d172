"""Vectors in a real Chroma folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.vector_stores.types import VectorStoreQuery
from numpy.typing import NDArray

from rag.store.disk_errors import IndexUnusable, erase
from rag.store.records import Row
from rag.store.vectors import FOLDER, MOST_ALLOWED, Vectors
from rag.types import Passage, Source

DIMENSION = 16


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def row(number: int, article: str | None = None) -> Row:
    passage = Passage(article or f"a{number // 10}", number, number + 4, "text")
    return Row(passage, Source(passage.article_id, "T", origin="o"), unit(number))


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    opened = Vectors(tmp_path)
    yield opened
    opened.close()


def test_scores_are_cosines_best_first(vectors: Vectors) -> None:
    rows = [row(number) for number in range(50)]
    vectors.add(rows)
    question = unit(1_000)
    expected = {r.passage.id: float(r.vector @ question) for r in rows}
    hits = vectors.search(question, 50, None)
    assert [hit.passage_id for hit in hits] == sorted(expected, key=lambda key: -expected[key])
    assert [hit.score for hit in hits] == pytest.approx(
        sorted(expected.values(), reverse=True), abs=1e-5
    )


def test_known_id_is_overwritten_not_doubled(vectors: Vectors) -> None:
    old = row(1)
    vectors.add([old])
    vectors.add([old._replace(vector=unit(2))])
    assert vectors.count() == 1
    (hit,) = vectors.search(unit(2), 5, None)
    assert hit.score == pytest.approx(1.0, abs=1e-5)


def test_only_allowed_articles_are_searched(vectors: Vectors) -> None:
    vectors.add([row(number) for number in range(50)])
    hits = vectors.search(unit(3), 50, frozenset({"a1", "a4", "unknown"}))
    assert {hit.passage_id.partition(":")[0] for hit in hits} == {"a1", "a4"}
    assert len(hits) == 20
    assert vectors.search(unit(3), 50, frozenset()) == ()
    assert vectors.search(unit(3), 50, frozenset({"unknown"})) == ()


def test_many_allowed_articles_are_no_limit(vectors: Vectors) -> None:
    vectors.add([row(number) for number in range(50)])
    many = frozenset(f"a{number}" for number in range(4 * MOST_ALLOWED))
    assert vectors.search(unit(3), 7, many) == vectors.search(unit(3), 7, None)


def test_more_rows_than_one_call_takes(tmp_path: Path, vectors: Vectors) -> None:
    vectors._batch = 7
    rows = [row(number) for number in range(30)]
    vectors.add(rows)
    assert vectors.ids() == {r.passage.id for r in rows}
    vectors.delete([r.passage.id for r in rows[:20]])
    assert vectors.ids() == {r.passage.id for r in rows[20:]}


def test_deleting_the_unknown_does_no_harm(vectors: Vectors) -> None:
    vectors.add([row(1)])
    vectors.delete(["nobody:1-2"])
    vectors.delete([])
    assert vectors.count() == 1


def test_rows_outlive_closing(tmp_path: Path) -> None:
    first = Vectors(tmp_path)
    first.add([row(1)])
    first.close()
    second = Vectors(tmp_path)
    assert second.ids() == {row(1).passage.id}
    second.close()
    erase(tmp_path, FOLDER)
    third = Vectors(tmp_path)
    assert third.count() == 0
    third.close()


def test_is_a_vector_store_of_llama_index(vectors: Vectors) -> None:
    vectors.add([row(number) for number in range(5)])
    found = vectors.store.query(
        VectorStoreQuery(query_embedding=unit(2).tolist(), similarity_top_k=1)
    )
    assert found.ids == [row(2).passage.id]


def test_damaged_folder_is_named_unusable(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "chroma.sqlite3").write_bytes(b"not a database " * 1000)
    with pytest.raises(IndexUnusable):
        Vectors(tmp_path)


def test_every_passage_is_found_among_many_that_are_alike(vectors: Vectors) -> None:
    random = np.random.default_rng(2)
    width = 384
    form, fields = random.normal(size=width), random.normal(size=(3, width))
    made = [
        *random.normal(size=(300, width)),
        *(form + 0.3 * random.normal(size=(1_200, 3)) @ fields),
        *random.normal(size=(300, width)),
    ]
    rows = [
        row(number)._replace(vector=(each / np.linalg.norm(each)).astype(np.float32))
        for number, each in enumerate(made)
    ]
    for start in range(0, len(rows), 64):
        vectors.add(rows[start : start + 64])
    lost = [
        each.passage.id
        for each in rows
        if each.passage.id not in {hit.passage_id for hit in vectors.search(each.vector, 1, None)}
    ]
    assert lost == []


def test_a_passage_is_held_with_its_own_vector_and_article(vectors: Vectors) -> None:
    vectors.add([row(1), row(2)])
    assert vectors.holds(row(1)) and vectors.holds(row(2))
    assert not vectors.holds(row(3))
    assert not vectors.holds(row(1)._replace(vector=unit(2)))
    vectors.add([row(1)._replace(vector=unit(2))])
    assert not vectors.holds(row(1))
    article = row(1).passage.article_id
    vectors._collection.update(
        ids=[row(2).passage.id], metadatas=[{"article_id": f"not {article}"}]
    )
    assert not vectors.holds(row(2))
