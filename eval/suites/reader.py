"""How well the reader judges claims and finds answers, on texts that it was not trained on.

Each claim is shown beside one window of three to six sentences and each question beside a passage
of at most eight, placed as the product places them: around the sentences that matter, or, where
none does, around the one that shares the most words.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score, roc_curve

from eval.report import versions
from eval.suites.reader_drafts import draft_figures, draft_table, judge_drafts
from eval.training.reader.examples import LABELS, SUPPORTED, Neighbours
from eval.training.reader.texts import Question, Text, read_texts
from rag.reader import Reader, Window, header, load_reader

FILES = ("reader_dev", "reader_own_dev")
SAMPLES = 400
MOST_OF_PASSAGE = 8

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with the chances it got: supported, contradicted, not stated."""

    text: int
    label: str
    kind: str
    chances: tuple[float, float, float]
    # Whether the sentence with the highest support is one of the right ones; None without any.
    first: bool | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its highest chance, and whether it belongs to a right sentence."""

    text: int
    answered: bool
    chance: float
    first: bool


def windows(text: Text, around: Sequence[int], size: int) -> tuple[Window, list[int]]:
    """``size`` sentences with those ``around`` in the middle, and the numbers they have.

    Sentences too far apart for one window give two stretches joined.
    """
    count = len(text.sentences)
    low, high = min(around), max(around)
    if high - low + 1 > size:
        kept = sorted({n for one in around for n in (one - 1, one, one + 1) if 1 <= n <= count})
    else:
        start = max(1, min(low - (size - (high - low + 1)) // 2, count - size + 1))
        kept = list(range(start, min(count, start + size - 1) + 1))
    head = header(text.title, text.publisher, text.published)
    return Window(head, tuple(text.sentences[n - 1] for n in kept)), kept


def judge(reader: Reader, texts: Sequence[Text]) -> list[Judged]:
    near = Neighbours(texts)
    pairs, places = [], []
    claims = [(i, claim) for i, text in enumerate(texts) for claim in text.claims]
    for index, claim in claims:
        text = texts[index]
        size = 3 + zlib.crc32(claim.text.encode()) % 4
        best = near.best_sentence(claim.text, text.sentences) + 1
        window, kept = windows(text, claim.sentences or (best,), size)
        pairs.append((window, claim.text))
        places.append(kept)
    judged = []
    for (index, claim), kept, found in zip(claims, places, reader.judge(pairs), strict=True):
        first = None
        if claim.label == "supported" and claim.sentences:
            first = kept[int(np.argmax(found.sentences))] in claim.sentences
        judged.append(Judged(index, claim.label, claim.kind, found[:3], first))
    return judged


def ask(reader: Reader, texts: Sequence[Text]) -> list[Asked]:
    """The highest chance beside each question, and whether it belongs to a right sentence."""
    return [
        Asked(index, bool(question.answers), max(found), kept[int(np.argmax(found))]
              in question.answers)
        for index, question, kept, found in _asked(reader, texts)
    ]  # fmt: skip


def ask_all(reader: Reader, texts: Sequence[Text]) -> list[tuple[float, bool]]:
    """The chance of each sentence shown beside a question, and whether it is a right one."""
    return [
        (chance, number in question.answers)
        for _, question, kept, found in _asked(reader, texts)
        for chance, number in zip(found, kept, strict=True)
    ]


def _asked(
    reader: Reader, texts: Sequence[Text]
) -> list[tuple[int, Question, list[int], tuple[float, ...]]]:
    near = Neighbours(texts)
    pairs, places = [], []
    questions = [(i, question) for i, text in enumerate(texts) for question in text.questions]
    for index, question in questions:
        text = texts[index]
        best = near.best_sentence(question.text, text.sentences) + 1
        window, kept = windows(text, question.answers or (best,), MOST_OF_PASSAGE)
        pairs.append((question.text, window))
        places.append(kept)
    answers = reader.answers(pairs)
    return [(i, question, kept, found) for (i, question), kept, found
            in zip(questions, places, answers, strict=True)]  # fmt: skip


def best_threshold(truth: NDArray[np.bool_], chances: NDArray[np.float64]) -> float:
    """The threshold with the highest balanced accuracy."""
    wrong, right, limits = roc_curve(truth, chances)
    return float(min(limits[int(np.argmax(right - wrong))], 1.0))


def balanced(truth: NDArray[np.bool_], accepted: NDArray[np.bool_]) -> float:
    return float((accepted[truth].mean() + (~accepted[~truth]).mean()) / 2)


def claim_figures(judged: Sequence[Judged]) -> Figures:
    """AUROC, balanced accuracy at the best threshold, and what it accepts of each kind."""
    truth = np.array([one.label == "supported" for one in judged])
    chances = np.array([one.chances[SUPPORTED] for one in judged])
    limit = best_threshold(truth, chances)
    accepted = chances >= limit
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for one, kept in zip(judged, accepted, strict=True):
        by_kind[f"{one.label}: {one.kind}"].append(bool(kept))
    right = [int(np.argmax(one.chances)) == LABELS[one.label] for one in judged]
    denied = [np.argmax(one.chances) == 1 for one in judged if one.label == "supported"]
    firsts = [one.first for one in judged if one.first is not None]
    return {
        "n": len(judged),
        "auroc": float(roc_auc_score(truth, chances)),
        "balanced_accuracy": balanced(truth, accepted),
        "threshold": limit,
        "balanced_accuracy_at_half": balanced(truth, chances >= 0.5),
        "three_way": float(np.mean(right)),
        "supported_called_contradicted": float(np.mean(denied)),
        "cited_first": float(np.mean(firsts)) if firsts else None,
        "accepted": {kind: [float(np.mean(kept)), len(kept)]
                     for kind, kept in sorted(by_kind.items())},
    }  # fmt: skip


def question_figures(asked: Sequence[Asked]) -> Figures:
    """AUROC of answered questions against near misses; how often a right sentence is first."""
    truth = np.array([one.answered for one in asked])
    chances = np.array([one.chance for one in asked])
    limit = best_threshold(truth, chances)
    return {
        "n": len(asked),
        "auroc": float(roc_auc_score(truth, chances)),
        "balanced_accuracy": balanced(truth, chances >= limit),
        "threshold": limit,
        "balanced_accuracy_at_half": balanced(truth, chances >= 0.5),
        "right_first": float(np.mean([one.first for one in asked if one.answered])),
    }


def interval(
    found: Sequence[Any], measure: Callable[[Sequence[Any]], Figures], names: Sequence[str]
) -> Mapping[str, list[float]]:
    """95 % intervals from drawing whole texts with replacement."""
    by_text: dict[int, list[Any]] = defaultdict(list)
    for one in found:
        by_text[one.text].append(one)
    groups, chance = list(by_text.values()), np.random.default_rng(0)
    drawn: dict[str, list[float]] = defaultdict(list)
    for _ in range(SAMPLES):
        sample = [one for i in chance.integers(len(groups), size=len(groups)) for one in groups[i]]
        figures = measure(sample)
        for name in names:
            drawn[name].append(figures[name])
    return {f"{name}_ci": [float(x) for x in np.percentile(drawn[name], (2.5, 97.5))]
            for name in names}  # fmt: skip


def measured(reader: Reader, texts: Sequence[Text], *, intervals: bool = True) -> Figures:
    """All figures over some texts."""
    judged, asked = judge(reader, texts), ask(reader, texts)
    claims, questions = claim_figures(judged), question_figures(asked)
    if intervals:
        claims |= interval(judged, claim_figures, ("auroc", "balanced_accuracy"))
        questions |= interval(asked, question_figures, ("auroc", "right_first"))
    return {"texts": len(texts), "claims": claims, "questions": questions}


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """Figures by file, and those of whole drafts where they were measured."""

    figures: Mapping[str, Figures]
    drafts: Figures | None = None

    def table(self) -> str:
        """As tables in Markdown."""
        if self.drafts is None:
            return table(self.figures)
        return f"{table(self.figures)}\n{draft_table(self.drafts)}"

    def to_dict(self) -> dict[str, Any]:
        drafts = {} if self.drafts is None else {"drafts": self.drafts}
        return {"suite": "reader", **self.figures, **drafts, "versions": versions()}


def measure(data: Path, weights: Path | None = None, drafts: Path | None = None) -> ReaderReport:
    """Measures the reader on texts, claims and questions that were held out.

    Args:
        data: Folder with the files of `FILES`, and of the drafts.
        weights: File of the reader; by default the one that ships.
        drafts: Folder of the articles that the drafts answer from.

    Raises:
        FootnoteError: A file cannot be read.
    """
    loaded = load_reader() if weights is None else Reader(weights)
    figures = evaluate(loaded, data)
    if drafts is None:
        return ReaderReport(figures)
    return ReaderReport(figures, draft_figures(judge_drafts(loaded, data, drafts)))


def evaluate(reader: Reader, data: Path) -> dict[str, Figures]:
    """The figures for each of `FILES` in the folder ``data``."""
    return {name: measured(reader, read_texts(data / f"{name}.jsonl.gz")) for name in FILES}


def table(figures: Mapping[str, Figures]) -> str:
    """The figures as a table in Markdown, then the share accepted of each kind."""
    lines = ["| | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    shown = (
        ("claims", "auroc"), ("claims", "balanced_accuracy"), ("claims", "threshold"),
        ("claims", "three_way"), ("claims", "supported_called_contradicted"),
        ("claims", "cited_first"), ("questions", "auroc"), ("questions", "balanced_accuracy"),
        ("questions", "threshold"), ("questions", "right_first"),
    )  # fmt: skip
    for part, name in shown:
        cells = [_cell(one[part], name) for one in figures.values()]
        lines.append(f"| {part}: {name.replace('_', ' ')} | " + " | ".join(cells) + " |")
    kinds = sorted({kind for one in figures.values() for kind in one["claims"]["accepted"]})
    for kind in kinds:
        found = [one["claims"]["accepted"].get(kind) for one in figures.values()]
        cells = ["–" if pair is None else f"{pair[0]:.2f} of {pair[1]}" for pair in found]
        lines.append(f"| accepted, {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(figures: Figures, name: str) -> str:
    value = figures[name]
    if value is None:
        return "–"
    between = figures.get(f"{name}_ci")
    return f"{value:.3f}" + (f" ({between[0]:.3f}–{between[1]:.3f})" if between else "")
