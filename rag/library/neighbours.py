"""The passages next to the strongest ones, which go on where those break off.

As a bonus in the ranking they took recall of long questions from .674 to .666, and in the place of
a ranked passage they find less than it does: a ninth and a tenth passage raise recall from .680 to
.714, two neighbours to .693. So they come last, behind all that was ranked, for short questions
only; they are the first to be left out where a prompt is full, and are not weighed by the gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.fuse import repeats, word_triples
from rag.library.catalog import Catalog
from rag.library.rows import parse_passage_id
from rag.types import Evidence, Passage, Source

# So many of the best passages bring their neighbours. With three, sentences cited for long
# questions lost .002 of their precision.
STRONG = 2
# One neighbour for so many ranked passages, so that a prompt grows by a quarter. Two beside eight:
# a cited quote then holds the answer to 247 of 309 short questions (the seeds, retold and original,
# and news) instead of 245.
RANKED_FOR_ONE = 4


def with_neighbours(evidence: Sequence[Evidence], catalog: Catalog) -> tuple[Evidence, ...]:
    """The evidence, and behind it what stands next to its first few passages, the best one's first.

    Nothing that is there already, or nearly repeats it.
    """
    found = list(evidence)
    most = len(found) + len(found) // RANKED_FOR_ONE
    if most == len(found):
        return tuple(found)
    said = [word_triples(item.passage.text) for item in found]
    score = min(item.score for item in found)
    for source, passage in _beside(found[:STRONG], catalog):
        triples = word_triples(passage.text)
        if not repeats(triples, said):
            found.append(Evidence(passage, source, len(found) + 1, score, ("neighbour",)))
            said.append(triples)
        if len(found) == most:
            break
    return tuple(found)


def _beside(strong: Sequence[Evidence], catalog: Catalog) -> Iterator[tuple[Source, Passage]]:
    """For each passage the one behind it and the one before, as far as they are in the library."""
    articles = dict.fromkeys(item.source.id for item in strong)
    listed = sorted(map(parse_passage_id, catalog.passage_ids(articles)))
    place_of = {place: at for at, place in enumerate(listed)}
    wanted: list[tuple[Source, tuple[str, int, int]]] = []
    for item in strong:
        passage, source = item.passage, item.source
        at = place_of.get((source.id, passage.start, passage.end))
        if at is not None:
            around = [listed[n] for n in (at + 1, at - 1) if 0 <= n < len(listed)]
            wanted += [(source, place) for place in around if place[0] == source.id]
    names = [f"{article}:{start}-{end}" for _, (article, start, end) in wanted]
    texts = catalog.texts(names)
    for name, (source, place) in zip(names, wanted, strict=True):
        if name in texts:
            yield source, Passage(*place, texts[name])
