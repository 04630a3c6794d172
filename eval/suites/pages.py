"""What is kept of web pages, against the article that people marked: shingles of four words.

The set is a tar file with ``ground-truth.json`` (``articleBody`` and ``url`` by page) and the pages
as ``html/ID.html.gz``. Its own measure: each page counts the same, precision and recall are means
over pages, and F1 is that of the means.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import trafilatura

from eval.metrics import Estimate, mean
from eval.report import FiguresReport
from rag import FootnoteError, read_page

SHINGLE = 4
WORD = re.compile(r"\w+")


class Page(NamedTuple):
    """A page, its address, and the text of its article."""

    html: bytes
    url: str
    article: str


def load(path: Path) -> dict[str, Page]:
    """The pages of a set, by their names.

    Raises:
        FootnoteError: The file is no such set.
    """
    try:
        with tarfile.open(path) as packed:
            files = {
                item.name.rpartition("/")[2]: stream.read()
                for item in packed.getmembers()
                if (stream := packed.extractfile(item)) is not None
            }
        truth = json.loads(files["ground-truth.json"])
        return {
            name: Page(gzip.decompress(files[f"{name}.html.gz"]), row["url"], row["articleBody"])
            for name, row in truth.items()
        }
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise FootnoteError(f"{path} is no set of pages: {error}") from error


def measure(path: Path) -> FiguresReport:
    """Precision, recall and F1 of the text that Footnote keeps, and of trafilatura alone."""
    pages = load(path)
    ours, questions = figures(pages, kept)
    alone, _ = figures(pages, by_trafilatura)
    return FiguresReport(
        suite="pages",
        groups={"kept of pages": ours, "trafilatura alone": alone},
        questions=questions,
        settings={"data": path.name, "pages": len(pages)},
    )


def kept(page: Page) -> str:
    """The text of the page's article as a library would hold it."""
    try:
        return read_page(page.html, page.url).text
    except FootnoteError:
        return ""


def by_trafilatura(page: Page) -> str:
    """The text that trafilatura takes for the article by itself."""
    text = page.html.decode("utf-8", "replace")
    return trafilatura.extract(text, favor_precision=True, include_comments=False) or ""


def figures(
    pages: Mapping[str, Page], read: Callable[[Page], str]
) -> tuple[dict[str, Estimate], dict[str, Sequence[Mapping[str, float]]]]:
    """Precision, recall and F1 over pages, and the values of each page."""
    precision: dict[str, float] = {}
    recall: dict[str, float] = {}
    for name, page in pages.items():
        wanted, found = shingles(page.article), shingles(read(page))
        both = (wanted & found).total()
        if found:
            precision[name] = both / found.total()
        if wanted:
            recall[name] = both / wanted.total()
    p, r = mean(list(precision.values())), mean(list(recall.values()))
    f1 = Estimate(
        harmonic(p.value, r.value), harmonic(p.low, r.low), harmonic(p.high, r.high), len(pages)
    )
    return {"f1": f1, "precision": p, "recall": r}, {"precision": [precision], "recall": [recall]}


def harmonic(precision: float, recall: float) -> float:
    """F1 of a precision and a recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Stretches of four words with their numbers; a shorter text is one stretch."""
    words = WORD.findall(text)
    ends = range(max(1, len(words) - SHINGLE + 1)) if words else ()
    return Counter(tuple(words[start : start + SHINGLE]) for start in ends)
