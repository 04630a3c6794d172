"""The path of every question: from request to verified answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rag.answerability import (
    HOPELESS,
    Assessment,
    SentenceScorer,
    assess,
    explain_refusal,
    in_language_of,
    is_empty_query,
    low_confidence_note,
    nearest_articles,
    nearest_without_filter,
)
from rag.answering import planning
from rag.answering.about_library import about_library
from rag.answering.backends import make_backends, wanted_backends
from rag.answering.evidence import LibraryLookUp, in_order_of_appearance, renumbered
from rag.answering.planning import Plan
from rag.answering.request import (
    FiltersLike,
    apply_overrides,
    validate_filters,
    validate_question,
)
from rag.answering.streaming import (
    Drafted,
    Item,
    IterationTimer,
    Retrieved,
    Stream,
    may_show_partial,
    own_words,
    stages,
    verify_stream,
    visibility_filter,
)
from rag.errors import LibraryEmpty
from rag.generation import EXTRACTIVE, Failover, rewrite_messages
from rag.network import CancellationToken, Cancelled
from rag.query import (
    Query,
    rewrite_follow_up,
    strip_instructions,
    strip_politeness,
    told_before,
)
from rag.reader import OptionalReader
from rag.retrieval import Library, Retriever, open_library
from rag.settings import Settings, load_settings
from rag.types import (
    REFUSAL,
    Answer,
    BackendInfo,
    Evidence,
    Filters,
    Sentence,
    Trace,
)
from rag.verification import SecondaryReview, make_secondary_review, no_claim_sentence

# A refusal names this many of the nearest headlines.
NEAREST_HEADLINES = 3
# Passages that are searched for the spelling of names in a follow-up question.
NEAREST_PASSAGES = 5
# A follow-up question that is written out is one line; a model that goes on and on is given up.
REWRITING_TOKENS = 120
REWRITING_SECONDS = 15.0

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
    """Answers a question from the articles, with a verdict and citations for every sentence.

    Args:
        question: 1 to 2,000 characters.
        library: Folder or open library; by default the one in the settings.
        backend: Name of a backend, several in the order of failover, or a LlamaIndex ``LLM``.
        history: Earlier answers of the conversation, the oldest first; a follow-up question is
            completed from them, as ``trace.understood`` shows.
        filters: Which articles may be used, as `Filters` or its fields in a mapping.
        settings: Replace those of files and environment.
        text_may_go_to: For this question only; narrows what settings and library allow.
        unsupported: As in the settings.
        checker: As in the settings, or a `SecondaryVerifier`.
        cancellation: Cancelling it, from any thread, ends the work for this answer.

    Raises:
        Cancelled: The token was cancelled before the answer was complete.
        QuestionError: The question is empty or too long.
        LibraryError: The library is missing, empty, in use by another process, or damaged.
        SettingsError: The backend or a filter is unknown.
        PolicyRefused: The policy allows none of the backends.
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


def last_of(asked: Iterable[Item]) -> Answer:
    """The answer at the end of a stream.

    Raises:
        Cancelled: The stream was cancelled, so it has none.
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
    """Like `answer`, but gives each sentence once it is verified, and last the whole answer.

    Args:
        question: As for `answer`, and so are all but ``drafts``.
        library: See there.
        backend: See there.
        history: See there.
        filters: See there.
        settings: See there.
        text_may_go_to: See there.
        unsupported: See there. With ``drop`` no unverified text is given.
        checker: See there.
        drafts: Gives `Retrieved` once the search is done, and `Drafted`: the unverified text of the
            sentence being written; the next item replaces it. It counts as shown: after it no
            other backend takes over.
        cancellation: See there.

    ``close()`` is thread-safe and cancels pending work, including a model request in flight.
    Nothing is done, and no error is raised, before the first item is requested.
    """

    def items(token: CancellationToken) -> Iterator[Item]:
        asked, given = validate_question(question), validate_filters(filters)
        chosen = apply_overrides(settings or load_settings(), unsupported)
        with opened_library(library, chosen) as opened:
            egress = opened.egress(chosen.text_may_go_to, text_may_go_to)
            retriever = opened.retriever(egress)
            reader = OptionalReader() if chosen.reader == "on" else None
            scorer = SentenceScorer(retriever, reader)
            wanted = wanted_backends(backend) or chosen.backend
            drafter = make_backends(wanted, scorer, chosen, egress, token)
            secondary = make_secondary_review(
                checker, chosen, egress, backends=drafter.backends, cancellation=token
            )
            work = Work(retriever, scorer, drafter, secondary, reader, chosen, given, drafts)
            query = _understood(asked, question.strip(), history, work)
            reply = _about_library if query.is_small_talk else _answer
            for item in reply(query, work):
                yield replace(item, question=asked) if isinstance(item, Answer) else item

    return Stream(items, cancellation)


@dataclass(frozen=True, slots=True)
class Work:
    """What is needed to answer one question; ``started`` in seconds of a clock of its own."""

    retriever: Retriever
    scorer: SentenceScorer
    drafter: Failover
    secondary: SecondaryReview | None
    reader: OptionalReader | None
    settings: Settings
    filters: Filters
    drafts: bool
    started: float = field(default_factory=time.perf_counter)


def _understood(asked: str, typed: str, history: Sequence[Answer], work: Work) -> Query:
    """The parsed question, complete in itself, with what the user typed for a language model."""
    bare = strip_politeness(strip_instructions(asked))
    read = rewrite_follow_up(
        bare,
        history,
        lambda text, earlier: work.drafter.complete(
            rewrite_messages(text, earlier), REWRITING_TOKENS, REWRITING_SECONDS
        ),
        partial(_passages_about, work.retriever),
    )
    query = work.retriever.parse(read, work.filters.ignoring)
    shown = typed if read == bare else f"{typed}\n(That is: {read})"
    return replace(query, asked=shown, told=told_before(asked, history))


def opened_library(library: LibraryLike, settings: Settings) -> AbstractContextManager[Library]:
    """The library of an argument, or that of the settings; closed at the end if opened here."""
    if isinstance(library, Library):
        return nullcontext(library)
    return open_library(library if library is not None else settings.library)


def _about_library(query: Query, work: Work) -> Iterator[Item]:
    """Replies to small talk, from what is known of the library; no backend is called."""
    filters = query.filters.merged(work.filters)
    sources = work.retriever.sources(filters)
    sentences = about_library(query.kind, sources, query.text)
    yield from sentences
    seconds = {"total": time.perf_counter() - work.started}
    yield Answer(
        question=query.text,
        sentences=sentences,
        evidence=(),
        backend=BackendInfo(EXTRACTIVE),
        refused=False,
        complete=True,
        trace=replace(work.drafter.trace(seconds), understood=query.to_dict()),
    )


def _plan(query: Query, work: Work) -> Plan:
    """The evidence for a question, and whether its sentences may be quoted as an answer."""
    plan = _retrieved(query, work)
    return replace(plan, query=replace(plan.query, answerable=plan.assessment.answers))


def _retrieved(query: Query, work: Work) -> Plan:
    """The evidence for a question; for a summary of the library, how each article begins."""
    if query.kind == "summary":
        filters = query.filters.merged(work.filters)
        newest = work.retriever.sources(filters)[: work.settings.passages]
        opening = work.retriever.opening_passages(newest)
        return Plan(query, Assessment(query, opening, None, chance=1.0))

    def assess_part(part: Query, k: int, within: Filters) -> Assessment:
        filters = within.merged(work.filters)
        return assess(part, work.retriever, work.scorer, k, filters, work.settings.reranker)

    return planning.retrieve(query, work.settings.passages, assess_part)


def _answer(query: Query, work: Work) -> Iterator[Item]:
    """Retrieves, drafts and verifies; the one path of every question."""
    plan = _plan(query, work)
    found, retrieved = plan.assessment, time.perf_counter()
    growing = work.drafts and work.settings.unsupported != "drop"
    # Its parts serve the search only: a model is asked what the user asked.
    asked = replace(plan.query, asked=query.asked)
    draft = _draft(asked, found, work, growing=growing)
    sentences: list[Sentence] = []
    by_model = work.drafter.info.name != EXTRACTIVE
    looked_up = LibraryLookUp(work.retriever, found.query, work.filters)
    if found.answers or (by_model and found.chance >= HOPELESS):
        if work.drafts:
            yield Retrieved(len(found.evidence), work.drafter.info)
        shown = visibility_filter(work.settings)
        drafted_from = partial(getattr, work.drafter, "evidence")
        checks = (work.secondary, work.reader, query.text, looked_up)
        for item in verify_stream(draft, drafted_from, shown, *checks):
            if isinstance(item, Sentence):
                sentences.append(item)
            else:
                # There are fewer only after a model withdrew what it had written.
                del sentences[item.after :]
            if growing or isinstance(item, Sentence):
                yield item
    refused = all(sentence.verdict == "no_claim" for sentence in sentences)
    if refused:
        if growing and sentences:
            yield Drafted("", 0)
        sentences.clear()
    closing = _refusal(found, work) if refused else _closing(plan, work, sentences)
    sentences.extend(closing)
    yield from closing
    seconds = stages(work.started, retrieved, time.perf_counter(), draft.seconds)
    yield Answer(
        question=query.text,
        sentences=tuple(sentences),
        evidence=in_order_of_appearance(
            sentences,
            work.drafter.evidence or found.evidence,
            (*found.evidence, *looked_up.evidence),
        ),
        backend=work.drafter.info if not refused else BackendInfo(EXTRACTIVE),
        refused=refused,
        complete=work.drafter.interruption is None,
        trace=_trace(found, refused, work, seconds),
    )


def _draft(query: Query, found: Assessment, work: Work, *, growing: bool) -> IterationTimer:
    more = partial(_evidence_for_model, found, work)
    shown = may_show_partial if growing else None
    return IterationTimer(work.drafter.draft(query, found.evidence, partial=shown, more=more))


def _evidence_for_model(found: Assessment, work: Work, count: int) -> tuple[Evidence, ...]:
    """As many passages as a model has room for: the assessed evidence, and what comes after it."""
    known = {item.passage.id for item in found.evidence}
    wide = found.evidence
    if count > len(wide) and found.query.kind != "summary":
        wider = work.retriever.find(found.query, count, "hybrid", work.filters).evidence
        wide = (*wide, *(item for item in wider if item.passage.id not in known))
    return renumbered(wide[:count])


def _trace(found: Assessment, refused: bool, work: Work, seconds: Mapping[str, float]) -> Trace:
    """The trace with the parsed question, the chance of an answer, and how checking went."""
    trace = work.drafter.trace(seconds)
    if not refused:
        trace = replace(trace, notes=(*low_confidence_note(found.chance), *trace.notes))
    if work.reader is not None:
        trace = replace(trace, notes=(*trace.notes, *work.reader.notes))
    if work.secondary is not None:
        hosts = tuple(dict.fromkeys((*trace.left_machine, *work.secondary.left_machine)))
        trace = replace(trace, notes=(*trace.notes, *work.secondary.notes), left_machine=hosts)
    return replace(trace, chance=found.chance, understood=found.query.to_dict())


def _passages_about(retriever: Retriever, words: str) -> tuple[str, ...]:
    """Passages that match a few words, and their publishers; empty in an empty library."""
    try:
        found = retriever.find(retriever.parse(words), NEAREST_PASSAGES, "keyword").evidence
    except LibraryEmpty:
        return ()
    publishers = dict.fromkeys(f"in {item.source.publisher}" for item in found)
    return (*(item.passage.text for item in found), *publishers)


def _closing(plan: Plan, work: Work, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The articles' own words if nothing is confirmed, and the parts that they do not answer."""
    drafter, evidence = work.drafter.info.name, plan.assessment.evidence
    missing = (no_claim_sentence(f"The articles do not say: {part}") for part in plan.missing)
    return (*own_words(plan.query, evidence, work.scorer, sentences, drafter), *missing)


def _refusal(found: Assessment, work: Work) -> tuple[Sentence, ...]:
    """The sentences of a refusal, with the reasons that are known."""
    filters = found.query.filters.merged(work.filters)
    dates = work.retriever.article_dates()
    lines = explain_refusal(found.query, filters, found.evidence, found.outside_dates, dates)
    if found.query.told and found.answers:
        lines = ("Everything that the articles say about it has been shown.", *lines)
    if not is_empty_query(found.query, filters):
        sources = list(dict.fromkeys(item.source for item in found.evidence))[:NEAREST_HEADLINES]
        restricted = replace(filters, ignoring=()) != Filters()
        if sources or not restricted:
            near = nearest_articles(sources)
        else:
            others = work.retriever.nearest_articles(found.query, NEAREST_HEADLINES)
            near = nearest_without_filter(others)
        lines = (*lines, near)
    said = in_language_of(found.query.text, (REFUSAL, *lines))
    return tuple(no_claim_sentence(line) for line in said)
