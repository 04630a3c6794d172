"""Kept conversations: questions with their answers as they were, every quote included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.conversations.serialization import to_plain
from rag.types import Answer, Evidence, Filters, Source, Span, inert

# A title is the first question, cut at a word.
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One question of a conversation and its answer.

    ``number`` counts from 1 and never changes; footnote numbers are the answer's own. ``at`` is
    the time (UTC). ``filters`` are those that were set, not those that the question's words say.
    """

    number: int
    at: str
    answer: Answer
    filters: Filters | None = None

    @property
    def read_as(self) -> str:
        """The question as it was read, with what it left out."""
        return read_as(self.answer)

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at,
            "question": self.answer.question,
            "read_as": self.read_as,
            "filters": to_plain(self.filters),
            "answer": self.answer.to_dict(),
        }

    def to_markdown(self) -> str:
        """The question as a heading, the answer with ``[^turn-n]`` footnotes."""
        lines = [f"## {self.number}. {inert(' '.join(self.answer.question.split()))}"]
        if self.read_as != self.answer.question:
            lines.append(f"*Read as: {inert(self.read_as)}*")
        if self.filters is not None:
            lines.append(f"*Filters: {inert(in_words(self.filters))}*")
        lines.append(self.answer.to_markdown(f"{self.number}-").rstrip())
        backend = self.answer.backend
        who = backend.name + (f" ({backend.model})" if backend.model else "")
        lines.append(f"*{inert(who)}, {self.at}*")
        return "\n\n".join(lines)


@dataclass(frozen=True, slots=True)
class KeptSummary:
    """A conversation without its answers; times are UTC, ``turns`` is their number."""

    id: str
    title: str
    started: str
    changed: str
    turns: int

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation; ``turns`` holds the latest ones if not all were asked for."""

    summary: KeptSummary
    turns: tuple[KeptTurn, ...]

    @property
    def id(self) -> str:
        return self.summary.id

    @property
    def title(self) -> str:
        return self.summary.title

    @property
    def history(self) -> tuple[Answer, ...]:
        """What `answer` takes as ``history`` for a follow-up."""
        return tuple(turn.answer for turn in self.turns)

    def to_dict(self) -> dict[str, Any]:
        return {**self.summary.to_dict(), "turns": [turn.to_dict() for turn in self.turns]}

    def to_markdown(self) -> str:
        """The whole conversation; the footnotes of each answer have numbers of their own."""
        head = f"# {inert(' '.join(self.title.split()))}\n\n*Started {self.summary.started}*"
        return "\n\n".join((head, *(turn.to_markdown() for turn in self.turns))) + "\n"


class Departure(NamedTuple):
    """An article of an answer's evidence that is not in the library any more as it was.

    ``newer`` is the id of the article that now stands at the same place, if there is one.
    """

    source: Source
    newer: str | None = None


class KeptWords(NamedTuple):
    """A passage of an article that left, as it was kept with an answer.

    ``span`` is what was asked for of it, in characters of the article; None for no part of it.
    """

    evidence: Evidence
    span: Span | None
    at: str


def read_as(answer: Answer) -> str:
    """The question of an answer as it was read, with what it left out."""
    return str(answer.trace.understood.get("text") or answer.question)


def in_words(filters: Filters) -> str:
    """The filters that are set, each with its values."""
    values = {name: value for name, value in to_plain(filters).items() if value}
    return "; ".join(
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in values.items()
    )


def sources_of(answer: Answer) -> dict[str, Source]:
    """The sources of an answer's evidence, by article id, in the order of their numbers."""
    return {item.source.id: item.source for item in answer.evidence}


def title_of(question: str) -> str:
    """A conversation's first title: its first question, cut at a word."""
    title = " ".join(question.split())
    if len(title) <= LONGEST_TITLE:
        return title
    return title[: LONGEST_TITLE - 2].rsplit(None, 1)[0] + " …"
