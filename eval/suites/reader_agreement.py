"""Agreement with people: does a piece of evidence from the web bear a claim out, and wholly?

The claims were written by language models and their evidence found on the web (Factcheck-GPT). A
pair counts as supported if people called it *completely-support*; all other stances count
against. Nothing is chosen on this set.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from eval.metrics import SEED, Estimate
from eval.report import FiguresReport
from eval.suites.verifier_metrics import score_dataset
from rag import Article, ArticleError, Evidence, Passage, support_score, verify
from rag import sentences as sentence_spans
from rag.reader import OptionalReader, Reader, Window

WHOLLY = "completely-support"
THRESHOLD = 0.5
# Sentences of one window, as the reader was trained, and how far the next one is.
WINDOW, STEP = 6, 3
PUBLISHED = {"SummaC-Conv": 0.534, "AlignScore": 0.743, "MiniCheck-FT5": 0.747, "GPT-4o": 0.775}


class ClaimPair(NamedTuple):
    """A claim, a text that may bear it out, and what people said of the two."""

    claim: str
    evidence: str
    stance: str


def measure(path: Path, limit: int | None = None) -> FiguresReport:
    """Balanced accuracy at one half and AUROC, of the parts of the check and of the whole.

    Args:
        path: JSON Lines packed with gzip: ``claim``, ``evidence``, ``stance``.
        limit: Measure a sample of so many pairs, the same each time.

    Raises:
        ArticleError: The file cannot be read.
    """
    pairs = list(_load(path))
    if limit is not None and limit < len(pairs):
        pairs = random.Random(SEED).sample(pairs, limit)
    labels = [int(pair.stance == WHOLLY) for pair in pairs]
    claims = [pair.claim for pair in pairs]
    optional = OptionalReader()
    ways: dict[str, Callable[[ClaimPair], float]] = {
        "the rules and the fitted model": lambda pair: support_score(pair.evidence, pair.claim),
        "the check as in answers": lambda pair: checked(pair, optional),
    }
    reader = optional()
    if reader is not None:
        ways["the reader alone"] = lambda pair: read(pair, reader)
    groups = {
        name: dict(_figures(labels, [way(pair) for pair in pairs], claims))
        for name, way in ways.items()
    }
    settings = {"threshold": THRESHOLD, "published_balanced_accuracy": PUBLISHED}
    return FiguresReport(suite="people", groups=groups, settings=settings)


def checked(pair: ClaimPair, reader: OptionalReader | None) -> float:
    """How sure the check of drafts is of a claim, 0..1, with the evidence as the only article.

    A claim of several sentences is as sure as the least of them; one that asserts nothing is 0.
    """
    if not pair.evidence.strip():
        return 0.0
    article = Article.build(pair.evidence, title="Evidence", origin="evidence")
    passage = Passage(article.id, 0, len(article.text), article.text)
    evidence = (Evidence(passage, article.source, 1, 1.0, ("keyword",)),)
    found = verify(pair.claim, evidence, None, reader)
    return min((each.support for each in found if each.verdict != "no_claim"), default=0.0)


def read(pair: ClaimPair, reader: Reader) -> float:
    """The reader's highest chance of *supported* over the windows of the evidence."""
    spans = sentence_spans(pair.evidence)
    told = tuple(pair.evidence[span.start : span.end] for span in spans)
    starts = range(0, max(1, len(told) - WINDOW + STEP), STEP)
    windows = [Window("", told[start : start + WINDOW]) for start in starts]
    return max(each.supported for each in reader.judge([(one, pair.claim) for one in windows]))


def _figures(
    labels: Sequence[int], scores: Sequence[float], claims: Sequence[str]
) -> Iterator[tuple[str, Estimate]]:
    """The figures with intervals; pairs about one claim are resampled together."""
    found = score_dataset(labels, scores, claims, THRESHOLD)
    yield "balanced_accuracy", found.accuracy
    yield "auroc", found.auroc


def _load(path: Path) -> Iterator[ClaimPair]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row: Mapping[str, str] = json.loads(line)
                yield ClaimPair(row["claim"], row["evidence"], row["stance"])
    except (OSError, ValueError, KeyError) as error:
        raise ArticleError(path, f"It holds no pairs of claim and evidence ({error}).") from error
