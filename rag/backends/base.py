"""What every backend offers: it drafts an answer from evidence."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from rag import policy
from rag.policy import LOCAL, Destination, Rule
from rag.types import BackendInfo, Evidence, Outgoing, Usage

LOG = logging.getLogger("footnote.backends")


def fresh_fence() -> str:
    """A word that no article can know, for the fences around the evidence."""
    return secrets.token_hex(8)


class Discard(str):
    """In a draft: what came before it was the model thinking aloud, and is no part of the draft.

    A closing tag without an opening one shows only afterwards that it was.
    """

    __slots__ = ()


@dataclass(slots=True)
class Call:
    """One attempt of one backend: what may be sent where, and what came of it besides text.

    Args:
        rules: All of them must allow a destination; without any, text stays on this machine.
        log: Keeps the record of calls that leave this machine; called before a byte is sent.
        alone: Nobody else will be asked, so that it is worth knocking at a closed door again.
    """

    rules: tuple[Rule, ...] = (Rule("default", (LOCAL,)),)
    log: Callable[[Outgoing], None] | None = None
    alone: bool = True
    reasoning: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    usage: Usage | None = None
    left: list[str] = field(default_factory=list)

    def permit(
        self,
        destination: Destination,
        *,
        model: str | None = None,
        characters: int = 0,
        articles: Iterable[str] = (),
    ) -> None:
        """To be called before a connection is opened or used; notes what leaves this machine.

        Raises:
            PolicyRefused: A rule forbids it.
        """
        policy.check(self.rules, destination)
        if not destination.leaves:
            return
        if characters and destination.host not in self.left:
            self.left.append(destination.host)
        if self.log is not None:
            self.log(
                Outgoing(
                    at=datetime.now(UTC).isoformat(timespec="seconds"),
                    backend=destination.backend,
                    model=model,
                    host=destination.host,
                    location=destination.location,
                    characters=characters,
                    articles=tuple(dict.fromkeys(articles)),
                )
            )

    def note(self, line: str) -> None:
        """Tells the reader, once, and whoever reads the log."""
        if line not in self.notes:
            self.notes.append(line)
            LOG.info(line)


class Backend(Protocol):
    """Drafts answers. A draft may hold ``[n]`` marks; it is never shown unchecked."""

    @property
    def info(self) -> BackendInfo:
        """Name, model and location."""

    @property
    def destination(self) -> Destination | None:
        """Who gets the evidence; None when nothing that could talk to anyone does."""

    def draft(
        self, question: str, evidence: Sequence[Evidence], call: Call | None = None
    ) -> Iterator[str]:
        """The draft in pieces, in order. Closing the iterator ends the work behind it.

        Raises:
            BackendError: It cannot answer, or broke off; what was yielded before still stands.
            PolicyRefused: The rules of the call forbid it.
        """

    def probe(self, call: Call) -> tuple[str, ...]:
        """Asks whether it is there, without any text; returns the models that it offers.

        Raises:
            BackendError: It is not.
            PolicyRefused: The rules of the call forbid even that.
        """


@runtime_checkable
class Completes(Backend, Protocol):
    """A backend that is a model, and writes other short texts than drafts."""

    def complete(
        self, messages: list[dict[str, str]], call: Call, articles: Sequence[str] = ()
    ) -> str:
        """What it writes to these chat messages, without what it thought aloud.

        ``articles`` are those whose text the messages hold, for the log of what left.

        Raises:
            BackendError: It cannot.
            PolicyRefused: The rules of the call forbid it.
        """


def whole(pieces: Iterable[str]) -> str:
    """The text of pieces, without what a `Discard` takes back."""
    text = ""
    for piece in pieces:
        text = "" if isinstance(piece, Discard) else text + piece
    return text
