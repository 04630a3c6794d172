"""What a judge's opinion changes: it raises what code can find and no fact denies, or lowers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from rag import text as texts
from rag.types import Sentence
from rag.verification.candidates import SUPPORTED, Candidate
from rag.verification.claim_conflicts import Conflict, find_conflicts
from rag.verification.features.extraction import ClaimEvidence
from rag.verification.features.parsing import (
    LONGEST_SENTENCE,
    LONGEST_STRETCH,
    ParsedSentence,
    Stretch,
    join_sentences,
    parse_sentence,
)
from rag.verification.judge import Opinion, Quote
from rag.verification.no_claim import without_lead_in
from rag.verification.quotations import QuotationIndex, find_words
from rag.verification.regions import Region
from rag.verification.secondary import SecondaryReview

# Fewer words occur everywhere and prove nothing, unless they are a whole sentence.
FEWEST_WORDS = 3
AROUND_WORDS = " .,;:!?\"'"


def find_quotes(
    text: str,
    quotes: Sequence[Quote],
    regions: Sequence[Region],
    previous: tuple[ParsedSentence, ...],
) -> tuple[Candidate, ...]:
    """The sentence beside each stretch that a judge quotes; empty if some words are not there.

    Args:
        text: The sentence.
        quotes: What the judge copied; the passages' numbers are only where the search begins.
        regions: The evidence.
        previous: The sentences before it.
    """
    found: list[Candidate] = []
    for quote in quotes:
        likely = sorted(regions, key=lambda region: not region.is_named((quote.passage,)))
        candidate = next(
            filter(None, (_beside(text, quote.words, region, previous) for region in likely)), None
        )
        if candidate is None:
            return ()
        found.append(candidate)
    return tuple(found)


def agreed_vetoes(candidates: Sequence[Candidate]) -> tuple[Conflict, ...]:
    """The hard facts that differ from every stretch; agreement with one stretch is enough."""
    if not candidates:
        return ()
    kept = set.intersection(
        *({(veto.kind, veto.words) for veto in each.hard_vetoes} for each in candidates)
    )
    vetoes = chain.from_iterable(each.hard_vetoes for each in candidates[:1])
    return tuple(veto for veto in vetoes if (veto.kind, veto.words) in kept)


def _beside(
    text: str, words: str, region: Region, previous: tuple[ParsedSentence, ...]
) -> Candidate | None:
    """The sentence beside the stretch of a region that holds these words; None if none does."""
    wanted = texts.normalize(words).text.strip(AROUND_WORDS)
    span = next(find_words(wanted, region.text), None)
    touched = region.sentences_over(span) if span and region.touches_sentence(span) else None
    if span is None or touched is None or touched[1] - touched[0] >= LONGEST_STRETCH:
        return None
    first, last = touched
    whole = region.sentences[first].start >= span.start and region.sentences[last].end <= span.end
    if len(texts.words(words)) < FEWEST_WORDS and not whole:
        return None
    claim = parse_sentence(without_lead_in(text, region.source))
    held = join_sentences(region.document.sentences[first : last + 1])
    coverage = region.document.share(claim.content, held.content)
    stretch = Stretch(first, last, coverage)
    pair = ClaimEvidence(claim, region.document, stretch, previous, region.source.published)
    return Candidate(region, pair, find_conflicts(pair, region.source))


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
