"""The suite over the checker: public pairs, controls, planted errors, calibration, speed."""

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

from eval import planted_errors, second_opinion, seeds
from eval import verifier_data as pairs
from eval.metrics import RESAMPLES, SEED, Estimate, percentile, rate
from eval.report import versions
from eval.second_opinion import Stronger
from eval.training import verifier
from eval.verifier_data import Pair, Score
from rag import (
    ArticleError,
    FootnoteError,
    Library,
    load_scorer,
    load_settings,
    support_score,
    verify,
)

# Where the fitted probability balances its two kinds of error; never moved to make something pass.
THRESHOLD = 0.5
PUBLISHED = Path(__file__).resolve().parent.parent / "rag" / "data" / "verifier_metrics.json"
CORPUS, QUERIES = "multihop_corpus.json.gz", "multihop_dev.jsonl.gz"
# So many rounds of five sentences against eight passages are timed.
ROUNDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run.

    Attributes:
        families: Scores of held-out pairs by dataset.
        mean: Mean balanced accuracy of BUMP, WiCE and the mean of the SummEdits domains.
        edits: Share of each kind of edit that was refused.
        controls: Facts accepted against their own and against another article, where there.
        milliseconds: Of checking five sentences against eight passages: p50 and p95.
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

    def to_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "threshold": THRESHOLD,
            "measured": date.today().isoformat(),
            "bootstrap": {"resamples": RESAMPLES // 10, "seed": SEED},
            "versions": versions(),
        }


def refit(data: Path) -> None:
    """Fits the check anew and writes its numbers into the project, for the next run to use.

    Raises:
        FootnoteError: A file cannot be read or written, or scikit-learn is missing.
    """
    verifier.store(verifier.fit(pairs.load_pairs(data)), data.name)


def run(
    data: Path, *, articles: Path = seeds.SEEDS, checker: str = "builtin"
) -> tuple[Result, Stronger | None]:
    """Measures everything. Pairs are scored by fits of the same recipe without their document.

    Args:
        data: Pairs with labels.
        articles: Folder that errors are planted in.
        checker: A stronger checker to measure too, as in the settings.

    Raises:
        FootnoteError: A file cannot be read or written, or scikit-learn is missing.
    """
    rows = pairs.load_pairs(data)
    made = verifier.fit(rows)
    labels = [row.label for row in rows]
    weights = pairs.half_weights(labels, [row.family for row in rows])
    families = dict(pairs.families(rows, made.held_out, THRESHOLD))
    with seeds.opened(None, articles) as library:
        scorer = load_scorer(checker, load_settings(), library.egress())
        outcomes = planted_errors.run(library)
        milliseconds = timed(library)
    result = Result(
        families=families,
        mean=pairs.mean_accuracy(families),
        edits=dict(_edits(rows, made.held_out)),
        brier=pairs.brier(labels, made.held_out, weights),
        reliability=pairs.reliability(labels, made.held_out, weights),
        controls=controls(data.parent),
        caught=planted_errors.caught_by_kind(outcomes),
        false_alarms=planted_errors.false_alarms(outcomes),
        milliseconds=milliseconds,
        pairs=len(rows),
    )
    if scorer is None:
        return result, None
    return result, second_opinion.measure(scorer, rows, made.held_out, THRESHOLD)


def _edits(rows: Sequence[Pair], scores: Sequence[float]) -> Iterator[tuple[str, Estimate]]:
    refused: dict[str, list[bool]] = {}
    for row, score in zip(rows, scores, strict=True):
        for kind in row.edits if not row.label else ():
            refused.setdefault(kind, []).append(score < THRESHOLD)
    for kind in sorted(refused):
        yield kind, rate(refused[kind])


def controls(folder: Path, most: int = 600) -> dict[str, Estimate]:
    """Facts of news articles against their own article and another one; empty without the files."""
    if not (folder / CORPUS).is_file() or not (folder / QUERIES).is_file():
        return {}
    try:
        with gzip.open(folder / CORPUS, "rt", encoding="utf-8") as file:
            bodies = {item["url"]: item["body"] for item in json.load(file)}
        with gzip.open(folder / QUERIES, "rt", encoding="utf-8") as file:
            facts = {
                (each["url"], each["fact"])
                for line in file
                for each in json.loads(line)["evidence_list"]
            }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArticleError(folder, f"The facts and articles cannot be read ({error}).") from error
    randomness = random.Random(SEED)
    drawn = randomness.sample(sorted(facts), min(most, len(facts)))
    addresses = sorted(bodies)
    own, other = [], []
    for address, fact in drawn:
        strange = randomness.choice([a for a in addresses if a != address])
        own.append(support_score(bodies[address], fact) >= THRESHOLD)
        other.append(support_score(bodies[strange], fact) >= THRESHOLD)
    return {"own article": rate(own), "another article": rate(other)}


def timed(library: Library) -> dict[str, float]:
    """Milliseconds of checking drafts of five changed sentences, never the same twice."""
    texts = [library.article(s.source.id).text for s in library.articles()]
    words = [word for text in texts for word in text.split()]
    randomness = random.Random(SEED)
    taken: list[float] = []
    for _ in range(ROUNDS):
        start = randomness.randrange(len(words) - 120)
        pieces = [words[start + 20 * n : start + 20 * n + 18] for n in range(5)]
        draft = " ".join(" ".join([*piece[2:], piece[0]]).strip(".,") + "." for piece in pieces)
        evidence = library.search(draft[:300], k=8)
        began = time.perf_counter()
        verify(draft, evidence)
        taken.append(1000 * (time.perf_counter() - began))
    return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95)}


def score_lines(data: Path) -> Iterator[str]:
    """The score of each pair of a file, one a line, in the file's order."""
    for row in pairs.load_pairs(data):
        yield f"{support_score(row.passage, row.claim):.6f}\n"


def publish(result: Result) -> None:
    """Stores what the page says about the check.

    Raises:
        FootnoteError: The file cannot be written.
    """
    try:
        PUBLISHED.parent.mkdir(exist_ok=True)
        PUBLISHED.write_text(json.dumps(result.to_dict(), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise FootnoteError(f"{PUBLISHED} cannot be written ({error.strerror}).") from error


def table(result: Result, other: Stronger | None = None) -> str:
    return "\n".join((*_lines(result), *(_lines_of(other) if other else ())))


def _lines_of(other: Stronger) -> Iterator[str]:
    for title, families in ((other.name, other.alone), ("the lower of both", other.both)):
        yield f"{title}:"
        yield from _rows(families)
        yield f"{'mean of BUMP, WiCE, SummEdits':30} {pairs.mean_accuracy(families):.3f}"


def _rows(families: dict[str, Score]) -> Iterator[str]:
    for name, score in families.items():
        yield (
            f"{name:26} {_interval(score.accuracy)}  {_interval(score.auroc)}"
            f"  {score.accepted:7.2f} {score.refused:7.2f}  {score.n:5}"
        )


def _lines(result: Result) -> Iterator[str]:
    yield f"{result.pairs} pairs of passage and claim, each scored by a fit without its document"
    yield ""
    yield f"{'':26} balanced accuracy       AUROC                   accepted refused     of"
    yield from _rows(result.families)
    yield f"{'mean of BUMP, WiCE, SummEdits':30} {result.mean:.3f}"
    yield f"Brier score {result.brier:.3f} (0.250 for always one half)"
    for row in result.reliability:
        yield (
            f"  support {row['from']:.1f} to {row['to']:.1f}: said {row['mean_score']:.2f},"
            f" true {row['supported']:.2f}  ({row['n']})"
        )
    yield from _section("refused, by kind of edit", result.edits)
    yield from _section("controls: facts accepted", result.controls)
    yield from _section("planted errors caught", result.caught)
    yield from _section("true sentences doubted", {"all": result.false_alarms})
    speed = result.milliseconds
    yield f"milliseconds to check five sentences: p50 {speed['p50']:.1f}, p95 {speed['p95']:.1f}"


def _section(title: str, rows: dict[str, Estimate]) -> Iterator[str]:
    yield f"{title}:"
    for name, estimate in rows.items():
        yield f"  {name:30} {_interval(estimate)}  {estimate.n:5}"
    if not rows:
        yield "  nothing to measure"


def _interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"
