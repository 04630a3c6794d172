"""A language model as judge: any backend, asked once for a whole text, its reply read strictly.

It is asked under the same policy as every other backend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.errors import BadReply, PolicyRefused
from rag.generation import (
    CallContext,
    LanguageModelBackend,
    judge_messages,
    passages_beside,
    restore_brackets,
)
from rag.network import CancellationToken
from rag.policy import KEEP_LOCAL, Rule, filter_sendable, require_allowed
from rag.types import Evidence, Outgoing, Sentence

# What each of the three words is worth. Nothing else is taken for an opinion.
WORTH = {"SUPPORTED": 1.0, "PARTLY": 0.3, "UNSUPPORTED": 0.0}
# Where a quotation leaves something out.
OMISSION = re.compile(r"\s*\[?(?:…|\.{3,})\]?\s*")
# Of one sentence; a judge that quotes more says nothing in particular.
MOST_QUOTES = 8


class Quote(NamedTuple):
    """Words that a judge copied, and the number of the passage that it copied them from."""

    passage: int
    words: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of a sentence: ``worth``, 0..1, how far it is borne out by ``quotes``."""

    worth: float
    quotes: tuple[Quote, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all of the sentence is borne out."""
        return self.worth == WORTH["SUPPORTED"]


def parse_opinions(said: str, numbers: Sequence[int]) -> Mapping[int, Opinion]:
    """The opinions of a reply by the numbers of their sentences; empty if it holds none.

    Entries that are incomplete, that are about no sentence of ``numbers``, or that differ about
    the same one are left out.
    """
    found: dict[int, Opinion | None] = {}
    for entry in _entries(said):
        number, opinion = entry.get("sentence"), _opinion(entry)
        if not isinstance(number, int) or number not in numbers or opinion is None:
            continue
        same = found.setdefault(number, opinion)
        if same != opinion:
            found[number] = None
    return {number: opinion for number, opinion in found.items() if opinion is not None}


def _entries(said: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the first JSON value in a reply; a field may hold them as a list."""
    start = min((at for at in (said.find("["), said.find("{")) if at >= 0), default=-1)
    if start < 0:
        return
    try:
        value, _ = json.JSONDecoder().raw_decode(said, start)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and "sentence" not in value:
        value = next((each for each in value.values() if isinstance(each, list)), [])
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield entry


def _opinion(entry: Mapping[str, Any]) -> Opinion | None:
    worth = WORTH.get(str(entry.get("verdict", "")).strip().removesuffix(".").upper())
    listed = entry.get("quotes") or []
    if worth is None or not isinstance(listed, list) or len(listed) > MOST_QUOTES:
        return None
    quotes: list[Quote] = []
    for quote in listed:
        passage, words = (
            (quote.get(name) for name in ("passage", "words"))
            if isinstance(quote, dict)
            else (None, None)
        )
        if not isinstance(passage, int) or not isinstance(words, str):
            return None
        parts = OMISSION.split(restore_brackets(words))
        quotes.extend(Quote(passage, part) for part in parts if part.strip())
    return Opinion(worth, tuple(quotes))


# Tokens that an opinion takes with its quotations, and what a model may think before the first.
OPINION_TOKENS = 120
FIRST_TOKENS = 512
QUOTED = 60


class Judge:
    """A `TextVerifier` that asks a backend.

    Args:
        backend: Who is asked; its name is the judge's.
        rules: Where text may go; all must allow it.
        log: Keeps the record of calls that leave this machine.
        cancellation: Cancelled once the answer is no longer wanted.
    """

    def __init__(
        self,
        backend: LanguageModelBackend,
        *,
        rules: tuple[Rule, ...],
        log: Callable[[Outgoing], None] | None = None,
        cancellation: CancellationToken | None = None,
    ) -> None:
        self._backend, self._rules, self._log = backend, rules, log
        self._cancellation = cancellation or CancellationToken()
        self.label = backend.info.name
        self.name = f"the judge {self.label}"
        self.left_machine: tuple[str, ...] = ()

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `SecondaryVerifier.score`: what the judge says of a text of one sentence.

        Raises:
            PolicyRefused: The rules, or an article's own, keep the text from it.
            BackendError: It cannot be reached, breaks off, or replies anything but an opinion.
        """
        alone = Sentence(sentence, (), "unconfirmed", 0.0, "")
        opinions = self.opinions((alone,), (0,), passages)
        if not opinions:
            raise PolicyRefused(str(KEEP_LOCAL), self.label)
        return opinions[0].worth

    def opinions(
        self, sentences: Sequence[Sentence], asked: Sequence[int], evidence: Sequence[Evidence]
    ) -> Mapping[int, Opinion]:
        """See `TextVerifier.opinions`: one request, or none where nothing is asked.

        Raises:
            PolicyRefused: The rules, or the articles' own, keep the text from it.
            BackendError: It cannot be reached, breaks off, or replies anything but opinions.
        """
        context = CallContext(self._rules, self._log, cancellation=self._cancellation)
        shown = self._shown(sentences, evidence, context) if asked else ()
        lines = {
            place: sentence.text
            for place, sentence in enumerate(sentences)
            if _is_beside(sentence, shown, withheld=self._withholds(evidence))
        }
        wanted = [place for place in asked if place in lines]
        if not wanted:
            return {}
        numbers = {place: number for number, place in enumerate(wanted, start=1)}
        numbered = [(numbers.get(place), text) for place, text in lines.items()]
        articles = tuple(dict.fromkeys(item.source.id for item in shown))
        output = FIRST_TOKENS + OPINION_TOKENS * len(wanted)
        try:
            said = self._backend.complete(
                judge_messages(numbered, shown), context, articles, output=output
            )
        finally:
            self.left_machine = tuple(dict.fromkeys((*self.left_machine, *context.left_machine)))
        found = parse_opinions(said, tuple(numbers.values()))
        if not found:
            begins = " ".join(said.split())[:QUOTED]
            listed = ", ".join(WORTH)
            raise BadReply(
                self.name, f"it was asked for JSON with {listed}, and replied “{begins}”."
            )
        return {place: found[number] for place, number in numbers.items() if number in found}

    def _shown(
        self, sentences: Sequence[Sentence], evidence: Sequence[Evidence], context: CallContext
    ) -> tuple[Evidence, ...]:
        """The passages that it may read and has room for, those that are cited first."""
        destination = self._backend.destination
        sendable = tuple(evidence)
        if destination is not None:
            require_allowed(self._rules, destination)
            sendable = filter_sendable(evidence, destination)
            if evidence and not sendable:
                raise PolicyRefused(str(KEEP_LOCAL), destination.backend)
        cited = [citation for sentence in sentences for citation in sentence.citations]
        first = sorted(sendable, key=lambda item: not any(item.touches(one) for one in cited))
        room = passages_beside(
            self._backend.capacity(context), [sentence.text for sentence in sentences]
        )
        return tuple(sorted(first[:room], key=lambda item: item.rank))

    def _withholds(self, evidence: Sequence[Evidence]) -> bool:
        """Whether some article must not be sent to it."""
        destination = self._backend.destination
        sendable = filter_sendable(evidence, destination) if destination else evidence
        return len(sendable) < len(evidence)


def _is_beside(sentence: Sentence, shown: Sequence[Evidence], *, withheld: bool) -> bool:
    """Whether what a sentence cites is shown, so that the judge can tell, and the policy holds.

    If an article is withheld, a sentence that cites nothing may still hold its words.
    """
    if withheld and not sentence.citations:
        return False
    return all(any(item.touches(one) for item in shown) for one in sentence.citations)
