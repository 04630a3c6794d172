"""A verified sentence of a draft, and what it means for the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rag.types import Sentence


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What earlier sentences of a draft mean for the next one.

    Attributes:
        previous: The last sentences that claimed something, the oldest first.
        notes: The notes on contradictions that were given already.
    """

    previous: tuple[str, ...] = ()
    notes: frozenset[str] = frozenset()


START = DraftContext()


class Verified(NamedTuple):
    """A verified sentence of a draft.

    Attributes:
        sentence: With its verdict and citations.
        note: That another article says otherwise; None if none does.
        context: For the sentence that follows it.
        own_words: Whether it is an article's own words.
    """

    sentence: Sentence
    note: Sentence | None
    context: DraftContext
    own_words: bool = False

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentence, and the note if there is one."""
        return (self.sentence,) if self.note is None else (self.sentence, self.note)
