"""Checks a library for consistency: catalog, vectors and keywords, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from rag.store.index_sync import Derived, Pair
from rag.store.records import SAME_VECTOR, Row
from rag.store.store import Store

Kind = Literal["catalog", "article", "vectors", "keywords", "self-search", "mended"]


class Finding(NamedTuple):
    """A fault of a library, or one that opening it has repaired.

    ``kind`` names the part; ``mended`` is a fault that opening has already repaired.
    ``passages`` are the ids of the passages concerned.
    """

    kind: Kind
    message: str
    passages: tuple[str, ...] = ()


def check_health(library: Store) -> tuple[Finding, ...]:
    """All faults of a library; empty if it is sound.

    Compares every article with its checksum, the catalog's passages with the rows of both indexes,
    the vectors with the catalog's, and searches for every passage by its own vector, which finds
    damage that counts do not show.

    Raises:
        LibraryError: The library cannot be read at all.
    """
    catalog = library.catalog
    findings = [Finding("catalog", fault) for fault in catalog.faults()]
    altered = catalog.altered()
    findings += [Finding("article", f"{title!r} ({key}) has changed") for key, title in altered]
    pair = library.indexes.open()
    findings += [Finding("mended", repair) for repair in library.repairs]
    if unfinished := catalog.unfinished():
        findings.append(Finding("catalog", f"{len(unfinished)} articles are half stored"))
    findings += _row_findings(frozenset(catalog.passage_ids()), pair)
    lost, wrong = [], []
    for row in catalog.rows(catalog.ready_ids() - {key for key, _ in altered}):
        if not _is_whole(row):
            wrong.append(row.passage.id)
        elif not _finds_itself(row, pair):
            lost.append(row.passage.id)
    if wrong:
        findings.append(
            Finding("catalog", f"{len(wrong)} passages have no valid vector", tuple(wrong))
        )
    if lost:
        findings.append(
            Finding(
                "self-search",
                f"{len(lost)} passages are not found by their own vector",
                tuple(lost),
            )
        )
    return tuple(findings)


def _row_findings(wanted: frozenset[str], pair: Pair) -> Iterator[Finding]:
    indexes: tuple[tuple[Kind, Derived], ...] = (
        ("vectors", pair.vectors),
        ("keywords", pair.keywords),
    )
    for kind, index in indexes:
        present = index.ids()
        if missing := tuple(sorted(wanted - present)):
            yield Finding(kind, f"{len(missing)} passages are missing", missing)
        if extra := tuple(sorted(present - wanted)):
            yield Finding(kind, f"{len(extra)} rows belong to no passage", extra)
        if doubled := index.count() - len(present):
            yield Finding(kind, f"{doubled} rows are doubled")


def _is_whole(row: Row) -> bool:
    return bool(abs(float(np.linalg.norm(row.vector)) - 1.0) < SAME_VECTOR)


def _finds_itself(row: Row, pair: Pair) -> bool:
    """Whether a search with the passage's vector finds it, or a copy of it, with a cosine of 1.

    A graph need not reach every one of many equal vectors, so after a copy was found, the passage
    itself only has to be stored with its article and vector.
    """
    best = pair.vectors.search(row.vector, 1, None)
    if not best or best[0].score <= 1.0 - SAME_VECTOR:
        return False
    return best[0].passage_id == row.passage.id or pair.vectors.holds(row)
