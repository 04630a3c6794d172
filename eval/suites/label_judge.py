"""A judge that knows the labels of a draft: how much of a perfect judge's word counts at the end.

It takes the place of a language model, so prompt, reply, quotations and vetoes are the product's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rag import BackendInfo, Evidence, normalize, sentences

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
