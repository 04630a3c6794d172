"""How long searching and answering take, over a small and a large library of news.

The large library is synthetic: copies of news articles in which many words are exchanged for other
words of the news, so that no two passages are alike and words keep their frequencies; the vectors
are those of real passages with noise. The times of Chroma, Tantivy and the catalog are real, the
answers over such articles mean nothing.
"""

from __future__ import annotations

import json
import math
import random
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eval.cases import SHORT_NEWS, load_cases
from eval.datasets import questions
from eval.libraries import fill_with
from eval.metrics import percentile
from eval.report import versions
from eval.vector_cache import SpanVectors
from rag import Library, answer

LONG_QUESTIONS = 120
EXCHANGED = 0.4
NOISE = 0.02
SEED = 20_251
WORD = re.compile(r"[a-z]{3,}")
# As many as a backend gets by default.
EVIDENCE = 8


class Times(NamedTuple):
    """Milliseconds of one kind of question: median and 95th percentile, and median of the
    processors' time, all threads together, which other work on the machine hardly moves.
    """

    name: str
    n: int
    p50: float
    p95: float
    processor_p50: float


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """Times by library."""

    times: Mapping[str, tuple[Times, ...]]

    def table(self) -> str:
        """One line for each kind of question and library."""
        lines = [f"{'milliseconds, warm':52} {'p50':>7} {'p95':>7} {'cpu p50':>8}  of"]
        for library, rows in self.times.items():
            for row in rows:
                values = f"{row.p50:7.1f} {row.p95:7.1f} {row.processor_p50:8.1f}  {row.n}"
                lines.append(f"{library + ': ' + row.name:52} {values}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        rows = {name: [row._asdict() for row in found] for name, found in self.times.items()}
        return {"suite": "speed", "milliseconds": rows, "versions": versions()}


def measure(libraries: Sequence[Library], queries: Path) -> SpeedReport:
    """Times of short and long questions, searched for and answered, in each library.

    Args:
        libraries: Named in the report by their number of passages.
        queries: File of long questions.
    """
    return SpeedReport(
        {f"{passages(library):,} passages": measure_one(library, queries) for library in libraries}
    )


def passages(library: Library) -> int:
    """How many passages a library holds."""
    return sum(summary.passages for summary in library.articles())


def measure_one(library: Library, queries: Path) -> tuple[Times, ...]:
    """Times in one library, which is warm."""
    short = [case.question for case in load_cases(SHORT_NEWS[0])]
    long = [question.text for question in questions(queries, LONG_QUESTIONS)]
    answer(short[0], library=library)
    found = []
    for kind, asked in (("short", short), ("long", long)):
        found.append(timed(f"search, {kind} questions", asked, searcher(library)))
        found.append(timed(f"whole answer, {kind} questions", asked, answerer(library)))
    return tuple(found)


def searcher(library: Library) -> Callable[[str], object]:
    return lambda question: library.search(question, k=EVIDENCE)


def answerer(library: Library) -> Callable[[str], object]:
    return lambda question: answer(question, library=library, backend="extractive")


def timed(name: str, asked: Sequence[str], do: Callable[[str], object]) -> Times:
    waited, worked = [], []
    for question in asked:
        started, spent = time.perf_counter(), time.process_time()
        do(question)
        waited.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - spent))
    p50, p95 = percentile(waited, 0.5), percentile(waited, 0.95)
    return Times(name, len(asked), p50, p95, percentile(worked, 0.5))


def make_large(small: Library, folder: Path, least: int) -> None:
    """Fills a folder with at least ``least`` passages made from those of a library."""
    embedder = NoisyVectors(small)
    made: list[dict[str, str | None]] = []
    for copy in range(math.ceil(least / passages(small))):
        made.extend(exchanged(small, copy))
    fill_with(folder, json.dumps(made), embedder)


def exchanged(library: Library, copy: int) -> Iterator[dict[str, str | None]]:
    """The articles of a library with many words exchanged, as a JSON list takes them."""
    generator = random.Random(SEED + copy)
    texts = {s.source.id: library.article(s.source.id).text for s in library.articles()}
    words = [word for text in texts.values() for word in WORD.findall(text)]

    def other(match: re.Match[str]) -> str:
        return generator.choice(words) if generator.random() < EXCHANGED else match.group()

    for summary in library.articles():
        source = summary.source
        yield {
            "title": WORD.sub(other, source.title),
            "body": WORD.sub(other, texts[source.id]),
            "source": source.publisher,
            "author": source.author,
            "published_at": source.published.isoformat() if source.published else None,
            "category": source.category,
            "url": f"https://copies.invalid/{copy}/{source.id}",
        }


class NoisyVectors:
    """Stands in for a library's embedder: random stored vectors of the library, with noise."""

    # Nothing is sent anywhere.
    destination = None

    def __init__(self, library: Library) -> None:
        self.identity = library.embedder.identity
        ids = [summary.source.id for summary in library.articles()]
        self._known = np.stack([row.vector for row in library.catalog.rows(ids)])
        self._count_tokens = library.embedder.count_tokens

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._vectors(text, 1)[0] for text in texts])

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[object]]
    ) -> SpanVectors:
        tables = [self._vectors(text, 1 + len(of)) for text, of in zip(texts, spans, strict=True)]
        return SpanVectors(np.stack([t[0] for t in tables]), tuple(t[1:] for t in tables))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._count_tokens(texts)

    def _vectors(self, text: str, count: int) -> np.ndarray:
        generator = np.random.default_rng(zlib.crc32(text.encode()))
        rows = self._known[generator.integers(0, len(self._known), count)]
        noisy = rows + generator.normal(scale=NOISE, size=rows.shape)
        scaled = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
        return np.asarray(scaled, dtype=np.float32)
