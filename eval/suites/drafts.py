"""A judge that knows the labels of a draft: how much of a perfect judge's word counts at the end.

It takes the place of a language model, so prompt, reply, quotations and vetoes are the product's.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from eval.metrics import rate
from eval.report import FiguresReport
from rag import (
    BackendError,
    BackendInfo,
    Evidence,
    Library,
    OptionalReader,
    SecondaryReview,
    Sentence,
    load_settings,
    make_secondary_review,
    normalize,
    sentences,
    verify,
)

NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
# Between the words that a label names as support.
BETWEEN_WORDS = re.compile(r"\s*(?:;|…|\.\.\.)\s*")
ROOM = 24


class Label(NamedTuple):
    """What people say of a sentence: ``true``, ``false`` or ``neutral``, and the words for it."""

    verdict: str
    words: str


class LabelBackend:
    """A language model that answers by labels.

    Args:
        labels: By the plain words of their sentences, see `plain`.
        evidence: The passages that it may quote.

    Attributes:
        requests: How often it was asked.
    """

    info = BackendInfo("labels")
    destination = None

    def __init__(self, labels: Mapping[str, Label], evidence: Sequence[Evidence]) -> None:
        self._labels, self._evidence = labels, evidence
        self.requests = 0

    def capacity(self, context: object) -> int:
        """Room for all passages."""
        return ROOM

    def draft(self, *asked: object) -> Any:
        raise NotImplementedError("it only judges")

    def probe(self, context: object) -> tuple[str, ...]:
        return ()

    def complete(self, messages: list[dict[str, str]], *rest: object, **more: object) -> str:
        """The labels of the numbered sentences of the prompt, as JSON."""
        self.requests += 1
        text = messages[-1]["content"].rpartition("end of article")[2]
        found = ((int(number), said) for number, said in NUMBERED.findall(text))
        return json.dumps([self._opinion(number, said) for number, said in found])

    def _opinion(self, number: int, said: str) -> dict[str, Any]:
        label = self._labels.get(plain(said))
        if label is None or label.verdict != "true":
            return {"sentence": number, "verdict": "UNSUPPORTED", "quotes": []}
        quotes = [
            {"passage": item.rank, "words": words}
            for part in BETWEEN_WORDS.split(label.words)
            for item, words in self._holding(part)
        ]
        quotes = quotes or [self._nearest(said)]
        return {"sentence": number, "verdict": "SUPPORTED", "quotes": quotes}

    def _holding(self, words: str) -> list[tuple[Evidence, str]]:
        """The first passage that has these words, if they are more than one or two."""
        wanted = normalize(words).text.strip(" .\"'")
        for item in self._evidence:
            if len(wanted.split()) > 2 and normalize(item.passage.text).find(wanted):
                return [(item, wanted)]
        return []

    def _nearest(self, said: str) -> dict[str, Any]:
        """The sentence of the evidence with most words in common, where a label names none."""
        wanted = set(plain(said).split())
        told = (
            (item, item.passage.text[span.start : span.end])
            for item in self._evidence
            for span in sentences(item.passage.text)
        )
        item, words = max(told, key=lambda each: len(wanted & set(plain(each[1]).split())))
        return {"passage": item.rank, "words": words}


def plain(text: str) -> str:
    """The words of a sentence: marks, quotation marks and case make no difference."""
    return re.sub(r"\W+", " ", text.casefold()).strip()


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
