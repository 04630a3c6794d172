"""The suite over the verifier: public pairs, controls, perturbed sentences, calibration, speed."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eval import datasets
from eval.libraries import SEEDS, seeds_library
from eval.metrics import RESAMPLES, SEED, Estimate, percentile, rate
from eval.report import versions, write
from eval.suites import perturbation, verifier_metrics
from eval.suites.verifier_metrics import (
    Score,
    SecondaryScores,
    mean_accuracy,
    score_families,
    score_secondary,
)
from eval.training import verifier
from eval.verifier_data import Pair, balanced_weights, load_pairs
from rag import (
    ArticleError,
    Library,
    OptionalReader,
    load_secondary_verifier,
    load_settings,
    support_score,
    verify,
)

# Where the fitted probability balances its two kinds of error; never tuned.
THRESHOLD = 0.5
PUBLISHED = Path(__file__).resolve().parents[2] / "rag" / "data" / "verifier_metrics.json"
# Timed drafts, of five sentences each, against eight passages.
TIMED_DRAFTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierReport:
    """One run.

    Attributes:
        families: Cross-validated scores by dataset.
        mean: Mean balanced accuracy of BUMP, WiCE and the mean of the SummEdits domains.
        edits: Share of each kind of edit that was refused.
        controls: Facts accepted against their own and against another article, where available.
        caught: Share of the perturbed sentences that were detected, by kind and for ``all``.
        false_alarms: Share of the true sentences that were doubted.
        milliseconds: Of checking five sentences against eight passages: p50 and p95.
        pairs: Number of labelled pairs.
        secondary: Scores of a secondary verifier, where one was measured.
    """

    families: dict[str, Score]
    mean: float
    edits: dict[str, Estimate]
    brier: float
    reliability: list[dict[str, float]]
    controls: dict[str, Estimate]
    caught: dict[str, Estimate]
    false_alarms: Estimate
    milliseconds: dict[str, float]
    pairs: int
    secondary: SecondaryScores | None = None

    def to_dict(self) -> dict[str, Any]:
        """All of the run as JSON values."""
        return {
            **{name: value for name, value in asdict(self).items() if value is not None},
            "threshold": THRESHOLD,
            "measured": date.today().isoformat(),
            "bootstrap": {"resamples": RESAMPLES // 10, "seed": SEED},
            "versions": versions(),
        }

    def table(self) -> str:
        """The figures as lines of text."""
        return "\n".join(self._lines())

    def drawing(self) -> str:
        """The reliability curve as an SVG."""
        return verifier_metrics.drawing(self.reliability, self.brier)

    def _lines(self) -> Iterator[str]:
        yield f"{self.pairs} pairs of passage and claim, scored by cross-validation over documents"
        yield ""
        yield f"{'':26} balanced accuracy       AUROC                   accepted refused     of"
        yield from _score_rows(self.families)
        yield _mean_row(self.mean)
        yield f"Brier score {self.brier:.3f} (always saying one half gives 0.250)"
        for row in self.reliability:
            yield (
                f"  support {row['from']:.1f} to {row['to']:.1f}: stated {row['mean_score']:.2f},"
                f" true {row['supported']:.2f}  ({row['n']})"
            )
        yield from _section("refused, by kind of edit", self.edits)
        yield from _section("controls: facts accepted", self.controls)
        yield from _section("perturbed sentences detected", self.caught)
        yield from _section("true sentences doubted", {"all": self.false_alarms})
        times = self.milliseconds
        yield (
            f"milliseconds to check five sentences: p50 {times['p50']:.1f}, p95 {times['p95']:.1f}"
        )
        if self.secondary is not None:
            yield from _secondary_lines(self.secondary)


def measure(
    data: Path, *, articles: Path = SEEDS, checker: str = "builtin", limit: int | None = None
) -> VerifierReport:
    """Measures everything; pairs are scored by fits that did not see their document.

    Args:
        data: Labelled pairs.
        articles: Folder of articles whose sentences are perturbed.
        checker: A secondary verifier to measure too, as in the settings.
        limit: Measure a sample of so many pairs, the same each time.

    Raises:
        FootnoteError: A file cannot be read, or scikit-learn is missing.
    """
    rows = sample(load_pairs(data), limit)
    scores = verifier.fit(rows).cross_validated
    labels = [row.label for row in rows]
    weights = balanced_weights(labels, [row.family for row in rows])
    families = dict(score_families(rows, scores, THRESHOLD))
    with seeds_library(articles=articles) as library:
        scorer = load_secondary_verifier(checker, load_settings(), library.egress())
        outcomes = perturbation.detect(library)
        milliseconds = _timed(library)
    return VerifierReport(
        families=families,
        mean=mean_accuracy(families),
        edits=dict(_edits(rows, scores)),
        brier=verifier_metrics.brier(labels, scores, weights),
        reliability=verifier_metrics.reliability(labels, scores, weights),
        controls=_controls(data.parent),
        caught=perturbation.detected_by_kind(outcomes),
        false_alarms=perturbation.false_alarms(outcomes),
        milliseconds=milliseconds,
        pairs=len(rows),
        secondary=score_secondary(scorer, rows, scores, THRESHOLD) if scorer else None,
    )


def sample(rows: Sequence[Pair], limit: int | None) -> list[Pair]:
    """So many of the rows, drawn by chance but the same each time, in their order; None is all."""
    chosen = random.Random(SEED).sample(range(len(rows)), min(len(rows), limit or len(rows)))
    return [rows[index] for index in sorted(chosen)]


def score_lines(data: Path) -> Iterator[str]:
    """The built-in score of each pair of a file, one a line, in the file's order.

    Raises:
        ArticleError: The file cannot be read.
    """
    for row in load_pairs(data):
        yield f"{support_score(row.passage, row.claim):.6f}\n"


def publish_figures(report: VerifierReport) -> None:
    """Stores the figures that the page shows.

    Raises:
        FootnoteError: The file cannot be written.
    """
    write(PUBLISHED, json.dumps(report.to_dict(), indent=1) + "\n")


def _edits(rows: Sequence[Pair], scores: Sequence[float]) -> Iterator[tuple[str, Estimate]]:
    refused: dict[str, list[bool]] = {}
    for row, score in zip(rows, scores, strict=True):
        for kind in row.edits if not row.label else ():
            refused.setdefault(kind, []).append(score < THRESHOLD)
    for kind in sorted(refused):
        yield kind, rate(refused[kind])


def _controls(folder: Path, most: int = 600) -> dict[str, Estimate]:
    """Facts of news articles against their own article and another one; empty without the files."""
    if not all((folder / name).is_file() for name in (datasets.CORPUS, datasets.QUERIES)):
        return {}
    bodies, facts = _news_facts(folder)
    randomness = random.Random(SEED)
    drawn = randomness.sample(sorted(facts), min(most, len(facts)))
    addresses = sorted(bodies)
    own, other = [], []
    for address, fact in drawn:
        unrelated = randomness.choice([a for a in addresses if a != address])
        own.append(support_score(bodies[address], fact) >= THRESHOLD)
        other.append(support_score(bodies[unrelated], fact) >= THRESHOLD)
    return {"own article": rate(own), "another article": rate(other)}


def _news_facts(folder: Path) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Article texts by address, and each fact with the address of its article."""
    try:
        with gzip.open(folder / datasets.CORPUS, "rt", encoding="utf-8") as file:
            bodies = {item["url"]: item["body"] for item in json.load(file)}
        with gzip.open(folder / datasets.QUERIES, "rt", encoding="utf-8") as file:
            facts = {
                (each["url"], each["fact"])
                for line in file
                for each in json.loads(line)["evidence_list"]
            }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArticleError(folder, f"The facts and articles cannot be read ({error}).") from error
    return bodies, facts


def _timed(library: Library) -> dict[str, float]:
    """Milliseconds of checking drafts of five altered sentences, a different one each time."""
    reader = OptionalReader()
    reader()
    texts = [library.article(s.source.id).text for s in library.articles()]
    words = [word for text in texts for word in text.split()]
    randomness = random.Random(SEED)
    taken: list[float] = []
    for _ in range(TIMED_DRAFTS):
        start = randomness.randrange(len(words) - 120)
        pieces = [words[start + 20 * n : start + 20 * n + 18] for n in range(5)]
        draft = " ".join(" ".join([*piece[2:], piece[0]]).strip(".,") + "." for piece in pieces)
        evidence = library.search(draft[:300], k=8)
        began = time.perf_counter()
        verify(draft, evidence, reader=reader)
        taken.append(1000 * (time.perf_counter() - began))
    return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95)}


def _secondary_lines(scores: SecondaryScores) -> Iterator[str]:
    yield f"best threshold of {scores.name}, for the setting checker_threshold:"
    yield f"  {scores.threshold:.2f}"
    for title, families in ((scores.name, scores.alone), ("the lower of both", scores.both)):
        yield f"{title}:"
        yield from _score_rows(families)
        yield _mean_row(mean_accuracy(families))


def _score_rows(families: dict[str, Score]) -> Iterator[str]:
    for name, score in families.items():
        yield (
            f"{name:26} {_interval(score.accuracy)}  {_interval(score.auroc)}"
            f"  {score.accepted:7.2f} {score.refused:7.2f}  {score.n:5}"
        )


def _mean_row(mean: float) -> str:
    return f"{'mean of BUMP, WiCE, SummEdits':30} {mean:.3f}"


def _section(title: str, rows: dict[str, Estimate]) -> Iterator[str]:
    yield f"{title}:"
    for name, estimate in rows.items():
        yield f"  {name:30} {_interval(estimate)}  {estimate.n:5}"
    if not rows:
        yield "  nothing to measure"


def _interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"
