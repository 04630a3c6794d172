"""Conversations and their turns as values, and as JSON without loss."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from rag.text import month_name
from rag.types import Answer, Evidence, Filters, Sentence, Source, Span, inert

MAX_TITLE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer.

    Attributes:
        number: Counts from 1 and never changes; footnote numbers are the answer's own.
        at: ISO time in UTC.
        answer: As it was given.
        filters: Those that were set by hand, not those that the question's words say.
    """

    number: int
    at: str
    answer: Answer
    filters: Filters | None = None

    @property
    def rewritten_question(self) -> str:
        """See `rewritten_question`."""
        return rewritten_question(self.answer)

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at,
            "question": self.answer.question,
            "read_as": self.rewritten_question,
            "filters": to_jsonable(self.filters),
            "answer": self.answer.to_dict(),
        }

    def to_markdown(self) -> str:
        """The question as a heading, the answer with ``[^turn-n]`` footnotes."""
        lines = [f"## {self.number}. {inert(' '.join(self.answer.question.split()))}"]
        if self.rewritten_question != self.answer.question:
            lines.append(f"*Interpreted as: {inert(self.rewritten_question)}*")
        if self.filters is not None:
            lines.append(f"*Filters: {inert(_describe_filters(self.filters))}*")
        lines.append(self.answer.to_markdown(f"{self.number}-").rstrip())
        backend = self.answer.backend
        who = backend.name + (f" ({backend.model})" if backend.model else "")
        lines.append(f"*{inert(who)}, {_format_time(self.at)}*")
        return "\n\n".join(lines)


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation without its answers: ISO times in UTC, and the number of its turns."""

    id: str
    title: str
    started: str
    changed: str
    turns: int

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stored conversation; ``turns`` holds only the latest ones if not all were asked for."""

    summary: ConversationSummary
    turns: tuple[Turn, ...]

    @property
    def id(self) -> str:
        return self.summary.id

    @property
    def title(self) -> str:
        return self.summary.title

    @property
    def history(self) -> tuple[Answer, ...]:
        """What `rag.answer` takes as ``history`` for a follow-up question."""
        return tuple(turn.answer for turn in self.turns)

    def to_dict(self) -> dict[str, Any]:
        return {**self.summary.to_dict(), "turns": [turn.to_dict() for turn in self.turns]}

    def to_markdown(self) -> str:
        """The whole conversation; each answer numbers its own footnotes."""
        title = f"# {inert(' '.join(self.title.split()))}"
        started = f"*Started {_format_time(self.summary.started)}*"
        return "\n\n".join((title, started, *(turn.to_markdown() for turn in self.turns))) + "\n"


class StaleSource(NamedTuple):
    """The source of a cited article that has left the library or has changed.

    ``replacement_id`` is the article that was since read from the same place, if there is one.
    """

    source: Source
    replacement_id: str | None = None


class ArchivedPassage(NamedTuple):
    """A passage of an article that left the library, as it is stored with an answer.

    ``span`` is the part that was asked for, in characters of the article; None for no part.
    """

    evidence: Evidence
    span: Span | None
    at: str


def rewritten_question(answer: Answer) -> str:
    """The question as it was understood: a follow-up with the words that it left out."""
    return str(answer.trace.understood.get("text") or answer.question)


def evidence_sources(answer: Answer) -> dict[str, Source]:
    """The sources of an answer's evidence by article id, in order of rank."""
    return {item.source.id: item.source for item in answer.evidence}


def default_title(question: str) -> str:
    """A conversation's title until it is renamed: the first question, cut between words."""
    title = " ".join(question.split())
    if len(title) <= MAX_TITLE_LENGTH:
        return title
    return title[: MAX_TITLE_LENGTH - 2].rsplit(None, 1)[0] + " …"


def _format_time(at: str) -> str:
    """A stored time as ``3 February 2026, 04:05 UTC``."""
    time = datetime.fromisoformat(at).astimezone(UTC)
    return f"{time.day} {month_name(time.month).title()} {time.year}, {time:%H:%M} UTC"


def _describe_filters(filters: Filters) -> str:
    """The filters that are set, each with its values."""
    values = {name: value for name, value in to_jsonable(filters).items() if value}
    return "; ".join(
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in values.items()
    )


Value = TypeVar("Value")


def to_jsonable(value: Any) -> Any:
    """What JSON can hold of a dataclass, a tuple, a mapping, a date or a simple value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_jsonable(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def from_jsonable(kind: type[Value], plain: Any) -> Value:
    """The dataclass that `to_jsonable` was given.

    Raises:
        ValueError: A field without a default is missing, or holds an impossible value.
    """
    try:
        return typing.cast(Value, _read(kind, plain))
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"this is not a {kind.__name__}: {error}") from error


def _read(kind: Any, plain: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        if plain is None:
            return None
        (inner,) = (part for part in typing.get_args(kind) if part is not types.NoneType)
        return _read(inner, plain)
    if origin is tuple:
        item, *_ = typing.get_args(kind)
        return tuple(_read(item, part) for part in plain)
    if isinstance(kind, type) and is_dataclass(kind):
        plain = _with_renamed_verdict(plain) if kind is Sentence else plain
        hints = _init_hints(kind)
        return kind(**{name: _read(hints[name], plain[name]) for name in hints if name in plain})
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        return kind(*plain)
    return date.fromisoformat(plain) if kind is date else plain


def _with_renamed_verdict(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sentence whose verdict an earlier version stored under an older name."""
    renamed = {
        "partly": "unconfirmed",
        "unsupported": "contradicted" if plain.get("citations") else "not_found",
    }
    return {**plain, "verdict": renamed.get(plain["verdict"], plain["verdict"])}


@lru_cache(maxsize=64)
def _init_hints(kind: type) -> dict[str, Any]:
    """The resolved types of the fields that the constructor takes."""
    known = {field.name for field in fields(kind) if field.init}
    return {name: hint for name, hint in typing.get_type_hints(kind).items() if name in known}
