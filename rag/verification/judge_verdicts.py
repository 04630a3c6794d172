"""What a judge's opinion changes: it raises what code can find and no fact denies, or lowers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rag.types import Sentence
from rag.verification.candidates import SUPPORTED, Candidate
from rag.verification.features.document import LONGEST_SENTENCE
from rag.verification.features.parsing import ParsedSentence
from rag.verification.judge_quotes import agreed_vetoes, find_quotes
from rag.verification.judge_reply import Opinion
from rag.verification.quotations import QuotationIndex
from rag.verification.regions import Region
from rag.verification.secondary import SecondaryReview

# Verdicts that an opinion may change. What an article says otherwise stays contradicted.
OPEN = ("supported", "unconfirmed", "not_found")


class Settled(NamedTuple):
    """A sentence after an opinion, with the candidate that it cites; None if that is as before."""

    sentence: Sentence
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Settling:
    """Weighs the opinions of one judge on sentences about one set of evidence."""

    review: SecondaryReview
    regions: Sequence[Region]
    quotations: QuotationIndex

    def settle(
        self, sentence: Sentence, opinion: Opinion, previous: tuple[ParsedSentence, ...]
    ) -> Settled:
        """The sentence as it was, raised or lowered.

        An opinion with a quotation that is not in the articles counts for nothing, whatever it
        says: a judge that invents words has not read the articles.
        """
        found = find_quotes(sentence.text, opinion.quotes, self.regions, previous)
        if opinion.quotes and not found:
            return Settled(sentence)
        if sentence.verdict == "supported":
            return Settled(self.review.doubted(sentence, opinion.worth))
        if not (opinion.agrees and found) or agreed_vetoes(found):
            return Settled(sentence)
        if self.quotations.restore(sentence.text)[1] is not None:
            return Settled(sentence)
        name = self.review.name
        raised = replace(
            sentence,
            citations=tuple(dict.fromkeys(each.cite() for each in found)),
            verdict="supported",
            support=max(SUPPORTED, sentence.support),
            why=f"{name[0].upper()}{name[1:]} finds it in the cited words.",
            doubts=(),
            confirmed_by=self.review.label,
        )
        return Settled(raised, found[0] if len(raised.citations) == 1 else None)


def is_open(sentence: Sentence, *, own_words: bool) -> bool:
    """Whether a judge is asked about a sentence: it claims something in its own words."""
    short = len(sentence.text) <= LONGEST_SENTENCE
    return sentence.verdict in OPEN and not own_words and short
