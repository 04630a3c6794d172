"""Streams verified sentences from a growing draft; supports cancellation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.answerability import SentenceScorer
from rag.extractive import Extractive
from rag.generation import (
    EXTRACTIVE,
    ArticleSentence,
    DraftEvent,
    DraftSentence,
    Failover,
    PartialSentence,
    Preamble,
    Retract,
)
from rag.network import CancellationToken, Cancelled
from rag.query import Query
from rag.settings import Settings
from rag.types import REFUSAL, Answer, BackendInfo, Evidence, Sentence
from rag.verification import (
    START,
    ClaimReader,
    DraftContext,
    LoadReader,
    LookUp,
    SecondaryReview,
    Verified,
    Verifier,
    is_no_claim,
    no_claim_sentence,
)

# An unfinished refusal is not shown once it is longer than this, as other sentences begin so too.
COMMON_WORDS = "The articles"


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The search is done, and ``backend`` is asked to write from that many passages."""

    passages: int
    backend: BackendInfo


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text of a draft that has no final verdict yet, after its first ``after`` sentences."""

    text: str
    after: int


Item = Retrieved | Sentence | Drafted | Answer


def verify_stream(
    drafting: Iterable[DraftEvent],
    evidence: Callable[[], Sequence[Evidence]],
    shown: Callable[[Sentence], bool] | None,
    secondary: SecondaryReview | None = None,
    reader: LoadReader | None = None,
    question: str = "",
    look_up: LookUp | None = None,
) -> Iterator[Sentence | Drafted]:
    """The shown sentences of a draft with their verdicts, and its unfinished text.

    ``evidence`` gives what the draft was made from, which is known once it has begun. Where a judge
    is to read the whole text, its sentences are only drafted until it has.
    ``look_up`` finds passages for what the evidence does not support.
    """
    verifier: Verifier | None = None
    context = START
    settled = 0
    waiting: list[Verified] = []
    for item in drafting:
        if isinstance(item, Retract):
            context, settled = START, 0
            waiting.clear()
            yield Drafted("", 0)
            continue
        if isinstance(item, PartialSentence):
            yield Drafted(_so_far(waiting, item.text), settled)
            continue
        # Made while the model writes on, so that the user does not wait for it.
        verifier = verifier or Verifier(evidence(), secondary, ClaimReader(reader), question)
        verifier, verified = _verified(item, verifier, context, look_up)
        context = verified.context
        if verifier.concludes:
            waiting.append(verified)
            yield Drafted(_so_far(waiting), settled)
            continue
        for sentence in filter(shown, verified.sentences):
            settled += 1
            yield sentence
    if verifier is not None:
        yield from filter(shown, verifier.conclude(waiting))


def _verified(
    item: DraftSentence | ArticleSentence | Preamble,
    verifier: Verifier,
    context: DraftContext,
    look_up: LookUp | None,
) -> tuple[Verifier, Verified]:
    if isinstance(item, Preamble):
        return verifier, Verified(no_claim_sentence(item), None, context)
    if isinstance(item, ArticleSentence):
        return verifier, verifier.verify_own(item, context)
    return verifier.verify_widely(item, context, look_up)


def _so_far(waiting: Sequence[Verified], unfinished: str = "") -> str:
    """The text of sentences that wait for the judge, and what is written of the next one."""
    return " ".join((*(each.sentence.text for each in waiting), unfinished)).strip()


INTRODUCTION = "The articles confirm none of this. In their own words:"


def own_words(
    query: Query,
    evidence: Sequence[Evidence],
    scorer: SentenceScorer,
    sentences: Sequence[Sentence],
    backend: str,
) -> Iterator[Sentence]:
    """The extractive answer, named as such, if a model wrote the sentences and none is supported.

    Args:
        query: The question, with those parts that the evidence answers.
        evidence: That was found for it.
        scorer: Scores the sentences of the evidence.
        sentences: Of the draft, verified.
        backend: The name of what drafted them.
    """
    if backend == EXTRACTIVE or any(each.verdict == "supported" for each in sentences):
        return
    drafter = Failover([Extractive(scorer)])
    said = verify_stream(drafter.draft(query, evidence), lambda: evidence, None)
    found = [item for item in said if isinstance(item, Sentence)]
    if found:
        yield no_claim_sentence(INTRODUCTION, "paragraph")
        yield from found


def may_show_partial(text: str) -> bool:
    """Whether an unfinished sentence may be shown: not if it may become a refusal or a greeting."""
    refusal = len(text) > len(COMMON_WORDS) and REFUSAL.startswith(text)
    return bool(text) and not refusal and not is_no_claim(text)


def visibility_filter(settings: Settings) -> Callable[[Sentence], bool] | None:
    """Which sentences are shown; None for all."""
    return is_supported if settings.unsupported == "drop" else None


def is_supported(sentence: Sentence) -> bool:
    """Whether the articles support all that a sentence claims, if it claims anything."""
    return sentence.verdict in ("supported", "no_claim")


class IterationTimer:
    """Passes on the items of an iterator and adds up the seconds spent waiting for them."""

    def __init__(self, pieces: Iterable[DraftEvent]) -> None:
        self._pieces = iter(pieces)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[DraftEvent]:
        while True:
            started = time.perf_counter()
            piece = next(self._pieces, None)
            self.seconds += time.perf_counter() - started
            if piece is None:
                return
            yield piece


def stages(started: float, retrieved: float, ended: float, draft: float) -> dict[str, float]:
    """The seconds of each stage, and in total."""
    return {
        "retrieve": retrieved - started,
        "draft": draft,
        "verify": ended - retrieved - draft,
        "total": ended - started,
    }


class Stream(Iterator[Item]):
    """What `rag.stream` returns: sentences, partial drafts and, last, the answer.

    Args:
        items: Makes the items; gets the stream's own token.
        cancellation: The caller's token; cancelling it ends the stream.
    """

    def __init__(
        self,
        items: Callable[[CancellationToken], Iterator[Item]],
        cancellation: CancellationToken | None = None,
    ) -> None:
        # Its own token: `close` must not cancel other work that uses the caller's token.
        self._cancellation = CancellationToken()
        self._unlink = (cancellation or CancellationToken()).on_cancel(self._cancellation.cancel)
        self._items = items(self._cancellation)
        self._iterating = threading.Lock()

    def __next__(self) -> Item:
        with self._iterating:
            try:
                if not self._cancellation.cancelled:
                    item = next(self._items)
                    if not self._cancellation.cancelled:
                        return item
            except Cancelled:
                pass
            self._end()
            raise StopIteration

    def close(self) -> None:
        """Cancels pending work, including a model request in flight.

        Thread-safe; a second call does nothing.
        """
        self._cancellation.cancel()
        # A thread that is waiting for the next item wakes up and cleans up.
        if self._iterating.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._iterating.release()

    def _end(self) -> None:
        self._unlink()
        close = getattr(self._items, "close", None)
        if close is not None:
            close()
