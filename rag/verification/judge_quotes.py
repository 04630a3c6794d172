"""Where the words that a judge quotes are, and whether a hard fact contradicts its opinion."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from rag import text as texts
from rag.verification.candidates import Candidate
from rag.verification.claim_conflicts import Conflict, find_conflicts
from rag.verification.features.document import LONGEST_STRETCH, Stretch
from rag.verification.features.extraction import ClaimEvidence
from rag.verification.features.parsing import ParsedSentence, join_sentences, parse_sentence
from rag.verification.judge_reply import Quote
from rag.verification.lead_ins import without_lead_in
from rag.verification.regions import Region
from rag.verification.verbatim import find_words

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
