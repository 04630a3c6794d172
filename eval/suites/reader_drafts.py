"""Whole answers as language models write them: does the reader find what in them is true?

Each sentence is judged beside the two best places of the seed articles, and beside both joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from eval.datasets import json_lines
from eval.training.reader.examples import words
from rag.embedding.minilm import load_minilm
from rag.reader import Judgement, Reader, Window, header
from rag.text.segmentation import sentences

FILE = "drafts_dev.jsonl.gz"
AROUND = 2  # sentences on each side of the best one
LIMITS = tuple(round(0.05 * step, 2) for step in range(2, 20))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a draft: ``style`` is fluent or close; ``kind`` says what is wrong."""

    text: str
    true: bool
    style: str
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The chances of a sentence: the higher of two windows, and over both joined."""

    sentence: Sentence
    windows: tuple[Judgement, ...]
    joined: Judgement

    @property
    def supported(self) -> float:
        """The mean of the better window and of both joined."""
        return (max(one.supported for one in self.windows) + self.joined.supported) / 2


def read_drafts(data: Path) -> list[Sentence]:
    """Each labelled sentence once; without those that claim nothing or name a gap."""
    found: dict[tuple[str, str], Sentence] = {}
    for row in json_lines(data / FILE):
        style = "close" if row["version"].startswith("close") else "fluent"
        for one in row["sentences"]:
            if one["label"] != "neutral" and "do not say" not in one["kind"]:
                sentence = Sentence(one["bare"], one["label"] == "true", style, one["kind"])
                found.setdefault((row["question"], one["bare"]), sentence)
    return list(found.values())


class Places:
    """Finds where some articles speak about a sentence, by words and by meaning."""

    def __init__(self, articles: Sequence[tuple[str, Sequence[str]]]) -> None:
        self._articles = articles
        self._places = [(a, i) for a, (_, said) in enumerate(articles) for i in range(len(said))]
        texts = [articles[a][1][i] for a, i in self._places]
        self._words = [set(words(text)) for text in texts]
        self._count = Counter(word for of_one in self._words for word in of_one)
        self._encoder = load_minilm()
        self._vectors = self._encoder.embed(texts)

    def windows(self, sentence: str, most: int = 2) -> list[Window]:
        """The best places, the best first, none inside another."""
        wanted = set(words(sentence))
        whole = sum(map(self._weight, wanted)) or 1.0
        shares = [sum(map(self._weight, wanted & own)) / whole for own in self._words]
        scores = np.array(shares) + self._vectors @ self._encoder.embed([sentence])[0]
        chosen: list[tuple[int, int]] = []
        for index in np.argsort(-scores):
            article, place = self._places[index]
            if all(a != article or abs(p - place) > AROUND for a, p in chosen):
                chosen.append((article, place))
            if len(chosen) == most:
                break
        return [self._window(*one) for one in chosen]

    def _window(self, article: int, place: int) -> Window:
        title, said = self._articles[article]
        first = max(0, min(place - AROUND, len(said) - 2 * AROUND - 1))
        return Window(header(title), tuple(said[first : first + 2 * AROUND + 1]))

    def _weight(self, word: str) -> float:
        return log((len(self._words) + 1) / (self._count.get(word, 0) + 0.5))


def read_articles(folder: Path) -> list[tuple[str, list[str]]]:
    """Title and sentences of each text file."""
    articles = []
    for path in sorted(folder.glob("*.txt")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        lines = [line for line in lines if line]
        title = next((line for line in lines if 25 < len(line) < 110), "")
        said = [line[span.start : span.end] for line in lines for span in sentences(line)]
        articles.append((title, said))
    return articles


def judge_drafts(reader: Reader, data: Path, seeds: Path) -> list[Verdict]:
    drafts, places = read_drafts(data), Places(read_articles(seeds))
    pairs = []
    for one in drafts:
        best, second = places.windows(one.text)
        joined = Window(best.header, best.sentences + second.sentences)
        pairs += [(window, one.text) for window in (best, second, joined)]
    found = reader.judge(pairs)
    return [Verdict(one, tuple(found[3 * i : 3 * i + 2]), found[3 * i + 2])
            for i, one in enumerate(drafts)]  # fmt: skip


def draft_figures(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """AUROC by style, and for each threshold the share supported of the true and the false."""
    true = np.array([one.sentence.true for one in verdicts])
    fluent = np.array([one.sentence.style == "fluent" for one in verdicts])
    chances = np.array([one.supported for one in verdicts])
    denied = np.array([one.windows[0].contradicted > 0.5 for one in verdicts])

    def share(kept: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
        return round(float(kept[chosen].mean()), 3)

    return {
        "n": {"fluent_true": int((fluent & true).sum()), "close_true": int((~fluent & true).sum()),
              "false": int((~true).sum())},
        "auroc": float(roc_auc_score(true, chances)),
        "auroc_fluent": float(roc_auc_score(true[fluent], chances[fluent])),
        "auroc_close": float(roc_auc_score(true[~fluent], chances[~fluent])),
        "true_called_contradicted": share(denied, true),
        "false_called_contradicted": share(denied, ~true),
        "thresholds": [
            {"threshold": limit, "fluent_true": share(chances >= limit, fluent & true),
             "close_true": share(chances >= limit, ~fluent & true),
             "false": share(chances >= limit, ~true)}
            for limit in LIMITS
        ],
    }  # fmt: skip


def draft_table(figures: dict[str, Any]) -> str:
    """The thresholds as a table in Markdown."""
    lines = ["| threshold | fluent, true | close, true | false |", "|---|---|---|---|"]
    lines += [
        f"| {row['threshold']:.2f} | {row['fluent_true']:.0%} | {row['close_true']:.0%} "
        f"| {row['false']:.0%} |"
        for row in figures["thresholds"]
    ]
    return "\n".join(lines) + "\n"
