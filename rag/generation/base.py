"""What every backend offers, and the context of one call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from rag.network import CancellationToken
from rag.policy import LOCAL, Destination, Rule, authorize
from rag.query import Query
from rag.types import BackendInfo, Citation, Evidence, Outgoing, Usage

LOG = logging.getLogger("footnote.backends")


@dataclass(slots=True)
class CallContext:
    """One call of one backend: the rules it works under, and what it reports besides text.

    Args:
        rules: All must allow a destination. The default keeps text on this machine.
        log: Records calls that leave this machine; called before a byte is sent.
        is_last: No fallback is left, so refused connections are retried too.
        cancellation: Cancelled once the answer is no longer wanted.

    Attributes:
        reasoning: What the model thought, in pieces.
        notes: What the reader of the answer should know, each once.
        usage: Tokens and cost, if the server counts them.
        left_machine: Hosts elsewhere that got text.
    """

    rules: tuple[Rule, ...] = (Rule("default", (LOCAL,)),)
    log: Callable[[Outgoing], None] | None = None
    is_last: bool = True
    cancellation: CancellationToken = field(default_factory=CancellationToken)
    reasoning: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None
    left_machine: list[str] = field(default_factory=list)

    def for_probe(self) -> CallContext:
        """A context under the same rules, for a request that carries no text."""
        return CallContext(self.rules, self.log, cancellation=self.cancellation)

    def authorize(
        self,
        destination: Destination,
        *,
        model: str | None = None,
        characters: int = 0,
        articles: Iterable[str] = (),
    ) -> None:
        """Checks the policy and logs the call; to be called before a connection is opened or used.

        Args:
            destination: Who would get the text.
            model: Who would read it.
            characters: Length of the text; 0 for a request without any.
            articles: Ids of the articles that the text is from.

        Raises:
            PolicyRefused: A rule forbids it.
        """
        leaves = authorize(
            self.rules,
            destination,
            self.log,
            model=model,
            characters=characters,
            articles=articles,
        )
        if leaves and destination.host not in self.left_machine:
            self.left_machine.append(destination.host)

    def note(self, line: str) -> None:
        """Adds a line for the reader of the answer, once, and to the log."""
        if line not in self.notes:
            self.notes.append(line)
            LOG.info(line)


class Retract(str):
    """A piece of a draft that withdraws all pieces before it: they were the model's reasoning.

    Only a closing tag that was never opened reveals this, after the text has been passed on.
    """

    __slots__ = ()


class ArticleSentence(str):
    """A piece of a draft that is an article's own sentence, character for character.

    It carries its citation, so no mark is read out of its words and none is lost in them.
    """

    __slots__ = ("citation",)
    citation: Citation

    def __new__(cls, citation: Citation) -> Self:
        piece = super().__new__(cls, citation.quote)
        piece.citation = citation
        return piece


class Backend(Protocol):
    """Drafts answers. A draft may hold ``[n]`` citation marks; it is never shown unverified."""

    @property
    def info(self) -> BackendInfo:
        """Name, model and location."""

    @property
    def destination(self) -> Destination | None:
        """Who gets the evidence; None for a backend that sends nothing anywhere."""

    def draft(
        self, query: Query, evidence: Sequence[Evidence], context: CallContext | None = None
    ) -> Iterator[str]:
        """Yields the draft in pieces, in order. Closing the iterator cancels the request.

        Raises:
            BackendError: It cannot answer, or stopped midway; pieces yielded before that are valid.
            PolicyRefused: The rules of the call forbid it.
        """

    def probe(self, context: CallContext) -> tuple[str, ...]:
        """Checks that the backend is there, without sending text; returns its models.

        Raises:
            BackendError: It is not there.
            PolicyRefused: The rules of the call forbid even that.
        """


@runtime_checkable
class LanguageModelBackend(Backend, Protocol):
    """A backend that is a language model, and so can write other texts than drafts."""

    def capacity(self, context: CallContext) -> int:
        """How many passages it can make use of, at least 1."""

    def complete(
        self,
        messages: list[dict[str, str]],
        context: CallContext,
        articles: Sequence[str] = (),
        output: int | None = None,
    ) -> str:
        """The model's reply to chat messages, without its reasoning.

        Args:
            messages: Each with ``role`` and ``content``.
            context: The rules, and where to report.
            articles: Ids of the articles whose text the messages hold, for the log.
            output: Most tokens of the reply; by default those of an answer.

        Raises:
            BackendError: It cannot answer.
            PolicyRefused: The rules of the call forbid it.
        """


def join_text(pieces: Iterable[str]) -> str:
    """The text of pieces, without what a `Retract` withdraws."""
    text = ""
    for piece in pieces:
        text = "" if isinstance(piece, Retract) else text + piece
    return text
