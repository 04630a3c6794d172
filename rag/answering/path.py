"""Asking: question in, answer with checked footnotes out."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rag.answerability import classifier
from rag.answerability.assessment import Weighed, weigh
from rag.answerability.refusal import elsewhere, nearest_to, reasons, reserve, says_nothing
from rag.answering.request import FiltersLike, checked_filters, checked_question, wished
from rag.answering.streaming import (
    Drafted,
    Stopwatch,
    Stream,
    checked,
    may_show_partial,
    shown_by,
    stages,
)
from rag.embedding.guard import on_errand
from rag.errors import LibraryEmpty
from rag.generation.base import CancellationToken, Cancelled
from rag.generation.factory import make_backend, wanted_backends
from rag.generation.failover import Failover
from rag.query.rewriting import read_after
from rag.retrieval import planning
from rag.retrieval.search import both
from rag.settings import Settings, load_settings
from rag.store.library import Library, open_library
from rag.store.view import as_asked, days_of, nearest
from rag.types import (
    REFUSAL,
    Answer,
    BackendInfo,
    Citation,
    Evidence,
    Filters,
    Sentence,
    Trace,
)
from rag.verification import no_claim_sentence
from rag.verification.second_opinion import Stricter
from rag.verification.second_opinions import make_stricter

# A refusal names this many of the nearest headlines.
NEAREST_HEADLINES = 3
# Names of a follow-up are known from so many passages.
NEAREST_PASSAGES = 5

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
    cancellation: CancellationToken | None = None,
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
        cancellation: Cancelling it ends the work for this answer, from any thread.

    Raises:
        Cancelled: The token was cancelled before the answer was there.
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
        cancellation=cancellation,
    )
    return last_of(asked)


def last_of(asked: Iterable[Sentence | Drafted | Answer]) -> Answer:
    """The answer that a stream ends with.

    Raises:
        Cancelled: It ended without one, as it does only when it is cancelled.
    """
    for item in asked:
        if isinstance(item, Answer):
            return item
    raise Cancelled


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
    drafts: bool = False,
    cancellation: CancellationToken | None = None,
) -> Stream:
    """Like `answer`: the sentences as they settle, and last the whole answer.

    Args:
        question: As for `answer`, and so are all but ``drafts``.
        library: See there.
        backend: See there.
        history: See there.
        filters: See there.
        settings: See there.
        text_may_go_to: See there.
        unsupported: See there. With ``drop`` nothing unchecked is given.
        checker: See there.
        drafts: Gives `Drafted` too: the unchecked text of the sentence under way, which whatever
            comes next replaces. It counts as shown: after it no other backend takes over.
        cancellation: See there.

    ``close()`` is thread-safe and cancels pending work, including a model request in flight.
    Nothing is done, and no error raised, before the first item is asked for.
    """

    def items(token: CancellationToken) -> Iterator[Sentence | Drafted | Answer]:
        asked, wanted = checked_question(question), checked_filters(filters)
        chosen = wished(settings or load_settings(), unsupported)
        with _opened(library, chosen) as whole:
            opened = as_asked(whole, wanted)
            wants = wanted_backends(backend) or chosen.backend
            drafter = make_drafter(wants, opened, chosen, text_may_go_to, token)
            stricter = make_stricter(checker, opened, chosen, text_may_go_to)
            read = read_after(asked, history, drafter, partial(written_of, opened))
            for item in _answer(read, opened, drafter, wanted, chosen, drafts, stricter):
                yield replace(item, question=asked) if isinstance(item, Answer) else item

    return Stream(items, cancellation)


def make_drafter(
    wants: Sequence[Any],
    library: Library,
    settings: Settings,
    text_may_go_to: str | Sequence[str] | None = None,
    cancellation: CancellationToken | None = None,
) -> Failover:
    """The backends in their order, under the rules of settings, library and question.

    The library's embedder works under these rules too, from here on in this context.

    Raises:
        SettingsError: A backend is not known, or a place is none.
    """
    rules = library.ledger.rules(settings.text_may_go_to, text_may_go_to)
    backends = [make_backend(wanted, library, settings) for wanted in wants]
    return Failover(
        backends,
        rules=rules,
        log=library.ledger.record,
        cancellation=cancellation,
        elsewhere=on_errand(rules).hosts,
    )


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
    drafts: bool,
    stricter: Stricter | None = None,
) -> Iterator[Sentence | Drafted | Answer]:
    started = time.perf_counter()
    asked = looked_up(question, library, filters, settings)
    found, evidence = asked.weighed, asked.weighed.evidence
    retrieved = time.perf_counter()
    sentences: list[Sentence] = []
    growing = drafts and settings.unsupported != "drop"
    partial = may_show_partial if growing else None
    draft = Stopwatch(backend.draft(asked.question, evidence, partial=partial))
    if found.chance >= classifier.ANSWERABLE:
        for item in checked(draft, evidence, shown_by(settings), stricter):
            if isinstance(item, Sentence):
                sentences.append(item)
            else:
                # Fewer stand only after a model took back what it had said.
                del sentences[item.after :]
            if growing or isinstance(item, Sentence):
                yield item
    refused = all(sentence.verdict == "no_claim" for sentence in sentences)
    if refused:
        if growing and sentences:
            yield Drafted("", 0)
        sentences.clear()
    closing = refusal(found, library, filters) if refused else asked.told
    sentences.extend(closing)
    yield from closing
    seconds = stages(started, retrieved, time.perf_counter(), draft.seconds)
    yield Answer(
        question=question,
        sentences=tuple(sentences),
        evidence=in_order_of_appearance(sentences, evidence),
        backend=backend.info if not refused else BackendInfo("extractive"),
        refused=refused,
        complete=backend.broken is None,
        trace=with_reading(found, refused, backend.trace(seconds), stricter),
    )


def with_reading(
    found: Weighed, refused: bool, trace: Trace, stricter: Stricter | None = None
) -> Trace:
    """The trace with what was understood, the chance of an answer, and how checking went."""
    if not refused:
        trace = replace(trace, notes=(*reserve(found.chance), *trace.notes))
    if stricter is not None:
        hosts = tuple(dict.fromkeys((*trace.left_machine, *stricter.left_machine)))
        trace = replace(trace, notes=(*trace.notes, *stricter.notes), left_machine=hosts)
    return replace(trace, chance=found.chance, understood=found.query.to_dict())


def written_of(library: Library, words: str) -> tuple[str, ...]:
    """What the articles nearest to a few words say, and who publishes them; nothing if none is."""
    try:
        found = library.search(words, k=NEAREST_PASSAGES, how="keyword")
    except LibraryEmpty:
        return ()
    publishers = dict.fromkeys(f"in {item.source.publisher}" for item in found)
    return (*(item.passage.text for item in found), *publishers)


def looked_up(
    question: str, library: Library, filters: Filters | None, settings: Settings
) -> planning.Found:
    """What the library holds for a question and its parts, and what of it is missing."""

    def look(part: str, k: int, within: Filters | None) -> Weighed:
        wanted = both(within, filters) if within else filters
        return weigh(part, library, k, wanted, settings.reranker)

    return planning.find(question, library, settings.passages, look)


def refusal(found: Weighed, library: Library, filters: Filters | None) -> tuple[Sentence, ...]:
    """The sentences of an answer that says: the articles do not say, and why, if that is known."""
    wanted = both(found.query.filters, filters)
    why = reasons(found.query, wanted, found.evidence, found.nothing_then, days_of(library))
    near = list(dict.fromkeys(item.source for item in found.evidence))[:NEAREST_HEADLINES]
    told = nearest_to(near)
    if not near and wanted is not None:
        told = elsewhere(nearest(library, found.query.text, NEAREST_HEADLINES))
    lines = why if says_nothing(found.query, wanted) else (*why, told)
    return tuple(no_claim_sentence(line) for line in (REFUSAL, *lines))


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
