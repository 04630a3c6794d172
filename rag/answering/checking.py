"""Checks any text against a library, sentence by sentence, wherever the text comes from."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.answering.evidence import in_order_of_appearance
from rag.answering.pipeline import LibraryLike, opened_library
from rag.answering.request import FiltersLike, validate_filters
from rag.errors import QuestionError
from rag.generation import DraftSentence, parse_draft
from rag.network import CancellationToken
from rag.query import Query
from rag.reader import OptionalReader
from rag.retrieval import Retriever
from rag.settings import LONGEST_QUESTION, LONGEST_TEXT, Settings, load_settings
from rag.types import Citation, Evidence, Filters, Footnoted, Sentence
from rag.verification import (
    START,
    ClaimReader,
    SecondaryReview,
    Verified,
    Verifier,
    make_secondary_review,
)

# Passages that each sentence is compared with.
PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Checked(Footnoted):
    """A text with a verdict and citations for each of its sentences.

    ``notes`` hold what a reader should know about the check, ``left_machine`` the hosts that got
    text for it. ``seconds`` is how long it took.
    """

    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()
    left_machine: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, the same from CLI, HTTP and MCP."""
        return {
            "summary": self.summary,
            "sentences": self.sentence_dicts(),
            "evidence": self.evidence_dicts(),
            "notes": list(self.notes),
            "left_machine": list(self.left_machine),
            "seconds": round(self.seconds, 6),
        }


def check(
    text: str,
    *,
    library: LibraryLike = None,
    checker: Any = None,
    settings: Settings | None = None,
    filters: FiltersLike = None,
    cancellation: CancellationToken | None = None,
) -> Checked:
    """Looks every sentence of a text up in the library and says what the articles make of it.

    Marks such as ``[1]`` in the text belong to other evidence and count for nothing.

    Args:
        text: Any text of 1 to 100,000 characters, such as a chat's answer or a report.
        library: Folder or open library; by default the one in the settings.
        checker: As in the settings, or a `SecondaryVerifier`.
        settings: Replace those of files and environment.
        filters: Which articles may be cited, as `Filters` or its fields in a mapping.
        cancellation: Cancelling it, from any thread, ends the work.

    Raises:
        Cancelled: The token was cancelled.
        QuestionError: The text is empty or too long.
        LibraryError: The library is missing, empty, in use by another process, or damaged.
        SettingsError: A filter or the checker is unknown.
    """
    started = time.perf_counter()
    drafted, given = _parsed(text), validate_filters(filters)
    chosen = settings or load_settings()
    with opened_library(library, chosen) as opened:
        egress = opened.egress(chosen.text_may_go_to, None)
        token = cancellation or CancellationToken()
        secondary = make_secondary_review(checker, chosen, egress, cancellation=token)
        reader = OptionalReader() if chosen.reader == "on" else None
        work = _Check(opened.retriever(egress), given, secondary, reader)
        sentences = work.sentences(drafted, token)
    notes = (*(reader.notes if reader else ()), *(secondary.notes if secondary else ()))
    return Checked(
        sentences,
        in_order_of_appearance(sentences, work.evidence),
        notes,
        tuple(dict.fromkeys((*egress.hosts, *(secondary.left_machine if secondary else ())))),
        time.perf_counter() - started,
    )


def _parsed(text: str) -> tuple[DraftSentence, ...]:
    if len(text) > LONGEST_TEXT:
        raise QuestionError(
            f"The text has {len(text):,} characters; the limit is {LONGEST_TEXT:,}. "
            "Check it in parts."
        )
    drafted = parse_draft(text)
    if not drafted:
        raise QuestionError("The text holds no sentence that could be checked.")
    return drafted


class _Check:
    """The sentences of one text against one library.

    Attributes:
        evidence: The passages that its sentences cite, ranked from 1 in the order of citing.
    """

    def __init__(
        self,
        retriever: Retriever,
        filters: Filters,
        secondary: SecondaryReview | None,
        reader: OptionalReader | None,
    ) -> None:
        self._retriever, self._filters = retriever, filters
        self._secondary, self._reader = secondary, ClaimReader(reader)
        self.evidence: tuple[Evidence, ...] = ()

    def sentences(
        self, drafted: tuple[DraftSentence, ...], cancellation: CancellationToken
    ) -> tuple[Sentence, ...]:
        """Each sentence with its verdict, and after it the note that articles disagree."""
        context = START
        before: tuple[Evidence, ...] = ()
        found: list[tuple[Verified, tuple[Evidence, ...]]] = []
        for sentence in drafted:
            cancellation.check()
            evidence = self._search(sentence.text)
            # A pronoun may go back to what the sentence before was about.
            offered = (*evidence, *before)
            verifier = Verifier(offered, self._secondary, self._reader)
            verified = verifier.verify(replace(sentence, marks=()), context)
            context, before = verified.context, evidence
            found.append((verified, offered))
        all_offered = _ranked(offered for _, offered in found)
        whole = Verifier(all_offered, self._secondary, self._reader)
        sentences = whole.conclude([verified for verified, _ in found])
        self.evidence = _cited(sentences, found, all_offered)
        return sentences

    def _search(self, sentence: str) -> tuple[Evidence, ...]:
        # Not parsed as a question: a day that a statement names is not a filter.
        query = Query(text=sentence[:LONGEST_QUESTION])
        return self._retriever.find(query, PASSAGES, "hybrid", self._filters).evidence


def _cited(
    sentences: Sequence[Sentence],
    verified: Sequence[tuple[Verified, tuple[Evidence, ...]]],
    all_offered: tuple[Evidence, ...],
) -> tuple[Evidence, ...]:
    """The passages that sentences cite: those found for them; of a judge's words, any."""
    own: dict[Citation, tuple[Evidence, ...]] = {}
    for each, offered in verified:
        for citation in (one for said in each.sentences for one in said.citations):
            own[citation] = (*own.get(citation, ()), *offered)
    found: dict[str, Evidence] = {}
    for citation in (one for said in sentences for one in said.citations):
        for item in own.get(citation, all_offered):
            if item.touches(citation):
                found.setdefault(item.passage.id, item)
    return _numbered(found.values())


def _ranked(offered: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    """The passages of all searches, each once: what came first for a sentence is first."""
    items = sorted((item for each in offered for item in each), key=lambda item: item.rank)
    return _numbered({item.passage.id: item for item in items}.values())


def _numbered(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(replace(item, rank=rank) for rank, item in enumerate(items, start=1))
