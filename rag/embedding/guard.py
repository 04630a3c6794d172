"""An embedder elsewhere gets only what every rule allows, and what it gets is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.errors import PolicyRefused
from rag.policy.permission import permit
from rag.policy.rules import UNKNOWN, Destination, Rule
from rag.store.egress_log import Ledger

if TYPE_CHECKING:
    from rag.embedding.base import Embedder, EmbedderIdentity
    from rag.store.records import FloatMatrix

INSTEAD = (
    "The built-in embedder works on this machine. If this one does too, say so: "
    "as_embedder(…, location='local')."
)


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf texts are embedded right now.

    Attributes:
        rules: Those of the question; None leaves it to the settings.
        articles: Ids of those that the texts are from.
        hosts: Gets the hosts that text went to.
    """

    rules: tuple[Rule, ...] | None = None
    articles: tuple[str, ...] = ()
    hosts: list[str] = field(default_factory=list)


ERRAND: ContextVar[Errand | None] = ContextVar("errand", default=None)


def on_errand(rules: tuple[Rule, ...]) -> Errand:
    """Whatever is embedded in this context from here on is so under these rules."""
    errand = Errand(rules)
    ERRAND.set(errand)
    return errand


@contextmanager
def embedding_articles(ids: Sequence[str]) -> Iterator[None]:
    """What is embedded inside is text of these articles."""
    token = ERRAND.set(replace(ERRAND.get() or Errand(), articles=tuple(ids)))
    try:
        yield
    finally:
        ERRAND.reset(token)


def guarded(given: Embedder | Any, ledger: Ledger) -> Embedder:
    """The embedder, behind a guard unless it works in this process; a LlamaIndex object will do.

    One that does not say where its texts go may send them anywhere.
    """
    if is_embedding(given):
        # Nobody else pays for that import.
        from rag.embedding.llamaindex import as_embedder

        given = as_embedder(given)
    embedder: Embedder = given
    nobody_knows = Destination(type(embedder).__name__, "", UNKNOWN)
    destination: Destination | None = getattr(embedder, "destination", nobody_knows)
    return embedder if destination is None else Guarded(embedder, destination, ledger)


def is_embedding(value: object) -> bool:
    """Whether it is a LlamaIndex embedding that is not one of ours already."""
    theirs = any(
        base.__name__ == "BaseEmbedding" and base.__module__.startswith("llama_index.")
        for base in type(value).__mro__
    )
    return theirs and not hasattr(value, "identity")


class Guarded:
    """An embedder that asks for leave before each text. Satisfies `Embedder`.

    Args:
        embedder: The one that it stands before.
        destination: Where that sends texts.
        ledger: Of the library.
    """

    def __init__(self, embedder: Embedder, destination: Destination, ledger: Ledger) -> None:
        self._embedder, self._ledger = embedder, ledger
        self.destination = destination

    @property
    def identity(self) -> EmbedderIdentity:
        # One that does not know its own dimension measures it with a word.
        if getattr(self._embedder, "dimension", 0) is None:
            self._permit(("dimension",))
        return self._embedder.identity

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder.embed`.

        Raises:
            PolicyRefused: A rule forbids it; nothing was sent.
        """
        self._permit(texts)
        return self._embedder.embed(texts)

    def embed_question(self, question: str) -> FloatMatrix:
        """One row; raises what `embed` does."""
        self._permit((question,))
        special = getattr(self._embedder, "embed_question", None)
        rows: FloatMatrix = special(question) if special else self._embedder.embed([question])
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def _permit(self, texts: Sequence[str]) -> None:
        errand = ERRAND.get() or Errand()
        rules = errand.rules if errand.rules is not None else (_of_settings(),)
        if self._ledger.rule is not None:
            rules = (*rules, self._ledger.rule)
        try:
            left = permit(
                rules,
                self.destination,
                self._ledger.record,
                model=None,
                characters=sum(map(len, texts)),
                articles=errand.articles,
            )
        except PolicyRefused as refusal:
            raise PolicyRefused(refusal.rule, refusal.backend, INSTEAD) from None
        if left and self.destination.host not in errand.hosts:
            errand.hosts.append(self.destination.host)


def _of_settings() -> Rule:
    from rag.settings import load_settings

    return Rule("the settings", load_settings().text_may_go_to)
