"""Whole answers as language models write them: what the verifier makes of their sentences.

A draft has labelled sentences (true, false, neutral). It is verified as in an answer, against the
passages that are found for its question.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from eval.metrics import rate
from eval.report import FiguresReport
from eval.suites.label_judge import Label, LabelBackend, plain
from rag import (
    BackendError,
    Library,
    OptionalReader,
    SecondaryReview,
    Sentence,
    load_settings,
    make_secondary_review,
    verify,
)

# Passages for one question: those of a backend with room, and some more.
PASSAGES = 12
# Those that are looked up for a sentence, as in an answer.
LOOKED_UP = 4
# The checker that goes by the labels.
LABELS = "labels"
QUIET = ("supported", "no_claim")


class Judged(NamedTuple):
    """A sentence of a draft with its label and what the verifier made of it."""

    draft: int
    style: str
    label: str
    sentence: Sentence


def measure(
    path: Path, library: Library, *, reader: bool = True, checker: str = "builtin"
) -> FiguresReport:
    """Verdicts on the labelled sentences; one that several drafts share counts once.

    Args:
        path: Drafts as JSON Lines, packed with gzip: ``question``, ``version``, ``draft``, and
            ``sentences`` with ``bare`` and ``label``.
        library: Holds the articles that the drafts are about.
        reader: Whether the trained reader takes part.
        checker: As in the settings, or ``labels`` for a judge that knows them.

    Raises:
        BackendError: The checker failed.
    """
    judged = list(_judged(path, library, OptionalReader() if reader else None, checker))
    groups = {}
    for style in ("fluent", "close"):
        once = {each.sentence.text: each for each in judged if each.style == style}.values()
        # "The articles do not mention a lawsuit" may be true, and claims nothing of them.
        true = [
            each.sentence
            for each in once
            if each.label == "true" and each.sentence.verdict != "no_claim"
        ]
        false = [each.sentence for each in once if each.label == "false"]
        shares = {
            "true_supported": [each.verdict == "supported" for each in true],
            "false_supported": [each.verdict == "supported" for each in false],
            "true_contradicted": [each.verdict == "contradicted" for each in true],
            "true_answers_without_doubt": list(_undoubted(judged, style)),
        }
        groups[style] = {name: rate(flags) for name, flags in shares.items() if flags}
    return FiguresReport(suite="drafts", groups=groups, questions={})


def _undoubted(judged: list[Judged], style: str) -> Iterator[bool]:
    """For each draft without a false sentence, whether none of its sentences is doubted."""
    for draft in dict.fromkeys(each.draft for each in judged if each.style == style):
        own = [each for each in judged if each.draft == draft]
        if all(each.label != "false" for each in own):
            yield all(each.sentence.verdict in QUIET for each in own)


def _judged(
    path: Path, library: Library, reader: Callable[[], Any] | None, checker: str
) -> Iterator[Judged]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        drafts = [json.loads(line) for line in lines]
    for number, draft in enumerate(drafts):
        evidence = library.search(draft["question"], k=PASSAGES)
        labels = {
            plain(each["bare"]): Label(each["label"], each.get("words", ""))
            for each in draft["sentences"]
        }
        review = _review(checker, LabelBackend(labels, evidence), library)
        style = "close" if draft["version"] == "close" else "fluent"
        said = (draft["draft"], evidence, review, reader, draft["question"])
        for sentence in verify(*said, look_up=partial(library.search, k=LOOKED_UP)):
            if label := labels.get(plain(sentence.text)):
                yield Judged(number, style, label.verdict, sentence)
        if review is not None and review.notes:
            raise BackendError(checker, review.notes[0])


def _review(checker: str, labels: LabelBackend, library: Library) -> SecondaryReview | None:
    wanted, backends = ("judge", (labels,)) if checker == LABELS else (checker, ())
    settings = load_settings()
    return make_secondary_review(wanted, settings, library.egress(), backends=backends)
