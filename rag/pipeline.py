"""Asking: question in, answer with checked footnotes out."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from rag import gate, parts, verify
from rag.backends.make import make_backend, wanted_backends
from rag.checker import load_scorer
from rag.configure import load_settings
from rag.failover import Failover, runs
from rag.library.library import Library, open_library
from rag.library.search import both
from rag.refusing import reasons
from rag.rereading import read_after
from rag.settings import Settings
from rag.stricter import Stricter
from rag.types import Answer, BackendInfo, Citation, Evidence, Filters, Sentence, Source, Trace
from rag.weighing import Weighed, weigh
from rag.wishes import FiltersLike, checked_filters, checked_question, wished

# A refusal names this many of the nearest headlines.
NEAREST_HEADLINES = 3

LibraryLike = str | Path | Library | None
# A name, several in order or with commas, or a LlamaIndex LLM.
BackendLike = Any


def answer(
    question: str,
    *,
    library: LibraryLike = None,
    backend: BackendLike = None,
    history: Sequence[Answer] = (),
    filters: FiltersLike = None,
    settings: Settings | None = None,
    text_may_go_to: str | Sequence[str] | None = None,
    unsupported: Literal["show", "drop"] | None = None,
    checker: Any = None,
) -> Answer:
    """Answers from the articles, every sentence with its verdict and its exact words.

    Args:
        question: 1 to 2,000 characters.
        library: Folder or open library; by default the one in the settings.
        backend: Name of what drafts the answer, several to try in order, or a LlamaIndex ``LLM``.
        history: Earlier answers of the conversation, the oldest first; what the question leaves
            out is taken from them, as ``trace.understood`` shows.
        filters: Which articles may be used, as `Filters` or its fields in a mapping.
        settings: In place of those in files and environment.
        text_may_go_to: For this question only; narrows what settings and library allow.
        unsupported: As in the settings.
        checker: As in the settings, or a `Scorer`.

    Raises:
        QuestionError: The question is empty or too long.
        LibraryError: The library is missing, empty, in use by another process, or damaged.
        SettingsError: The backend or a filter is unknown.
        PolicyRefused: Text may go to none of the backends.
        BackendError: None of the backends could answer.
    """
    asked = stream(
        question,
        library=library,
        backend=backend,
        history=history,
        filters=filters,
        settings=settings,
        text_may_go_to=text_may_go_to,
        unsupported=unsupported,
        checker=checker,
    )
    return last_of(asked)


def last_of(asked: Iterable[Sentence | Answer]) -> Answer:
    """The answer that a stream ends with."""
    *_, last = asked
    assert isinstance(last, Answer), "a stream ends with its answer"
    return last


def stream(
    question: str,
    *,
    library: LibraryLike = None,
    backend: BackendLike = None,
    history: Sequence[Answer] = (),
    filters: FiltersLike = None,
    settings: Settings | None = None,
    text_may_go_to: str | Sequence[str] | None = None,
    unsupported: Literal["show", "drop"] | None = None,
    checker: Any = None,
) -> Iterator[Sentence | Answer]:
    """Like `answer`: the sentences as they settle, and last the whole answer."""
    asked = checked_question(question)
    wanted = checked_filters(filters)
    settings = wished(settings or load_settings(), unsupported)
    wants = wanted_backends(backend) or settings.backend
    with _opened(library, settings) as opened:
        drafter = make_drafter(wants, opened, settings, text_may_go_to)
        sought = settings.checker if checker is None else checker
        scorer = load_scorer(sought, opened, settings, text_may_go_to)
        stricter = None if scorer is None else Stricter(scorer)
        read = read_after(asked, history, drafter)
        answers = _answer(read, opened, drafter, wanted, settings, stricter)
        for item in answers:
            yield replace(item, question=asked) if isinstance(item, Answer) else item


def make_drafter(
    wants: Sequence[Any],
    library: Library,
    settings: Settings,
    text_may_go_to: str | Sequence[str] | None = None,
) -> Failover:
    """The backends in their order, under the rules of settings, library and question.

    Raises:
        SettingsError: A backend is not known, or a place is none.
    """
    backends = [make_backend(wanted, library, settings) for wanted in wants]
    rules = library.ledger.rules(settings.text_may_go_to, text_may_go_to)
    return Failover(backends, rules=rules, log=library.ledger.record)


def _opened(library: LibraryLike, settings: Settings) -> AbstractContextManager[Library]:
    if isinstance(library, Library):
        return nullcontext(library)
    return open_library(library if library is not None else settings.library)


def _answer(
    question: str,
    library: Library,
    backend: Failover,
    filters: Filters | None,
    settings: Settings,
    stricter: Stricter | None = None,
) -> Iterator[Sentence | Answer]:
    started = time.perf_counter()
    asked = looked_up(question, library, filters, settings)
    found, evidence = asked.weighed, asked.weighed.evidence
    retrieved = time.perf_counter()
    sentences: list[Sentence] = []
    drafting = 0.0
    if found.chance >= gate.ANSWERABLE:
        for run in runs(backend.draft(asked.question, evidence)):
            draft = Stopwatch(run)
            sentences.clear()
            checked = verify.verify_each(draft, evidence, stricter)
            for sentence in filter(shown_by(settings), checked):
                sentences.append(sentence)
                yield sentence
            drafting += draft.seconds
    refused = all(sentence.verdict == "no_claim" for sentence in sentences)
    closing = refusal(evidence, why_refused(found, filters)) if refused else asked.told
    sentences = [*([] if refused else sentences), *closing]
    yield from closing
    yield Answer(
        question=question,
        sentences=tuple(sentences),
        evidence=in_order_of_appearance(sentences, evidence),
        backend=backend.info if not refused else BackendInfo("extractive"),
        refused=refused,
        complete=backend.broken is None,
        trace=with_reading(
            found,
            backend.trace(seconds_of(started, retrieved, drafting, time.perf_counter())),
            stricter,
        ),
    )


def seconds_of(started: float, retrieved: float, drafting: float, ended: float) -> dict[str, float]:
    """Seconds of each stage, from the clock's readings and the seconds spent drafting."""
    return {
        "retrieve": retrieved - started,
        "draft": drafting,
        "verify": ended - retrieved - drafting,
        "total": ended - started,
    }


def with_reading(found: Weighed, trace: Trace, stricter: Stricter | None = None) -> Trace:
    """The trace with what was understood, the chance of an answer, and how checking went."""
    if stricter is not None:
        hosts = tuple(dict.fromkeys((*trace.left_machine, *stricter.left_machine)))
        trace = replace(trace, notes=(*trace.notes, *stricter.notes), left_machine=hosts)
    return replace(trace, chance=found.chance, understood=found.query.to_dict())


def looked_up(
    question: str, library: Library, filters: Filters | None, settings: Settings
) -> parts.Found:
    """What the library holds for a question and its parts, and what of it is missing."""

    def look(part: str, k: int) -> Weighed:
        return weigh(part, library, k=k, filters=filters)

    return parts.find(question, library, settings.passages, look)


def shown_by(settings: Settings) -> Callable[[Sentence], bool] | None:
    """Which sentences are shown; None for all."""
    return is_borne_out if settings.unsupported == "drop" else None


def is_borne_out(sentence: Sentence) -> bool:
    """Whether the articles bear out all that a sentence claims, if anything."""
    return sentence.verdict in ("supported", "no_claim")


class Stopwatch:
    """Passes on what an iterator gives and adds up the seconds spent waiting for it."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[str]:
        while True:
            started = time.perf_counter()
            piece = next(self._pieces, None)
            self.seconds += time.perf_counter() - started
            if piece is None:
                return
            yield piece


def why_refused(found: Weighed, filters: Filters | None) -> tuple[str, ...]:
    """The reasons for a refusal that are known, as lines."""
    wanted = both(found.query.filters, filters)
    return reasons(found.query, wanted, bool(found.evidence))


def refusal(evidence: Sequence[Evidence], why: Sequence[str] = ()) -> tuple[Sentence, ...]:
    """The sentences of an answer that says: the articles do not say."""
    sources: dict[str, Source] = {}
    for item in evidence:
        sources.setdefault(item.source.id, item.source)
    nearest = list(sources.values())[:NEAREST_HEADLINES]
    lines = (verify.REFUSAL, *why, *gate.refusal_text(nearest))
    return tuple(verify.says_nothing(line) for line in lines)


def holder(citation: Citation, evidence: Sequence[Evidence]) -> Evidence:
    """The first evidence that holds a citation, else the first that it reaches into."""
    whole = (item for item in evidence if item.holds(citation))
    part = (item for item in evidence if item.touches(citation))
    return next(itertools.chain(whole, part))


def in_order_of_appearance(
    sentences: Sequence[Sentence], evidence: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """The evidence renumbered from 1: what is cited first comes first, then the rest by rank."""
    order: list[Evidence] = []
    for sentence in sentences:
        for citation in sentence.citations:
            item = holder(citation, evidence)
            if item not in order:
                order.append(item)
    order.extend(item for item in evidence if item not in order)
    return tuple(replace(item, rank=rank) for rank, item in enumerate(order, start=1))
