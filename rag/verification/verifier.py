"""Whether the articles say what a sentence says: rules and a fitted model, never a model's word.

For each sentence of a draft the verifier looks for the smallest stretch of whole article sentences
that supports it, and for what the sentence asserts beyond that stretch. It checks where a
statement comes from, not whether it is true: an article can be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.generation import ArticleSentence, DraftSentence
from rag.text import is_english, is_other_language
from rag.types import QUIET, Citation, Evidence, Sentence, Span
from rag.verification.candidates import Candidate, ClaimReader, without_edited_articles
from rag.verification.claim_conflicts import find_conflicts
from rag.verification.disagreeing_articles import contradiction_note, find_contradiction
from rag.verification.features.extraction import ClaimEvidence, with_short_names
from rag.verification.features.parsing import (
    LONGEST_SENTENCE,
    ParsedSentence,
    Stretch,
    best_stretch,
    parse_sentence,
    split_clauses,
)
from rag.verification.judge import Opinion
from rag.verification.judge_verdicts import Settling, is_open
from rag.verification.no_claim import (
    is_attributed,
    is_no_claim,
    lead_in_length,
    no_claim_sentence,
    without_lead_in,
)
from rag.verification.quotations import QuotationIndex, find_verbatim
from rag.verification.regions import Region, merge_passages
from rag.verification.secondary import SecondaryReview
from rag.verification.verdicts import START, DraftContext, Verified, explain, unsupported_spans

# Gives the passages of the library that are most relevant to a sentence.
LookUp = Callable[[str], Sequence[Evidence]]

# How many regions, those with the most words in common, are compared in full.
COMPARED_REGIONS = 4
# How many sentences before it a sentence may depend on.
REMEMBERED_SENTENCES = 2

# A sentence is taken apart only if less than this share of its words is found together.
WHOLE = 0.9
# The most support for a sentence whose quotation is missing, and for one supported in part.
MISSING_QUOTATION = 0.2
SUPPORTED_IN_PART = 0.4


class _Checked(NamedTuple):
    """A sentence with the candidate that it cites whole; None if it cites none or several."""

    sentence: Sentence
    candidate: Candidate | None = None


class Verifier:
    """Verifies sentences against one set of evidence, which it prepares once.

    Args:
        evidence: The passages that a sentence may cite.
        secondary: Reviews what the rules support; None if nobody does.
        reader: Judges claims that are not an article's own words beside their stretches; None
            leaves that to the rules.
        question: What the sentences answer.
    """

    def __init__(
        self,
        evidence: Sequence[Evidence],
        secondary: SecondaryReview | None = None,
        reader: ClaimReader | None = None,
        question: str = "",
    ) -> None:
        self._secondary, self._question = secondary, question
        self._reader = reader or ClaimReader(None)
        self._evidence = tuple(evidence)
        self._regions = merge_passages(evidence)
        self._sources = tuple({r.source.id: r.source for r in self._regions}.values())
        self._quotations = QuotationIndex(self._regions)

    def verify(self, sentence: DraftSentence, context: DraftContext = START) -> Verified:
        """The verdict on a sentence of a draft; its marks are only where the search begins.

        Args:
            sentence: Of the draft.
            context: What the sentence before it returned; left out for the first.
        """
        block = sentence.block
        if is_no_claim(sentence.text, self._sources, block=block, question=self._question):
            nothing = no_claim_sentence(sentence.text, block)
            nothing = replace(nothing, emphasis=sentence.emphasis(nothing.text))
            return Verified(nothing, None, context)
        previous = tuple(map(parse_sentence, context.previous))
        found, candidate = self._check(sentence, previous)
        found = replace(found, block=block, emphasis=sentence.emphasis(found.text))
        return self._with_note(_Checked(found, candidate), context)

    def verify_widely(
        self, sentence: DraftSentence, context: DraftContext, look_up: LookUp | None
    ) -> tuple[Verifier, Verified]:
        """Like `verify`; what the evidence does not support is looked up before it is doubted.

        The evidence was found for the question; another passage may say what the sentence says.

        Returns:
            The verifier for the next sentence, which knows the passages that helped; the verdict.
        """
        verified = self.verify(sentence, context)
        if look_up is None or verified.sentence.verdict in QUIET:
            return self, verified
        known = {item.passage.id for item in self._evidence}
        fresh = [e for e in look_up(verified.sentence.text) if e.passage.id not in known]
        if not fresh:
            return self, verified
        first = len(self._evidence) + 1
        ranked = (replace(item, rank=rank) for rank, item in enumerate(fresh, start=first))
        evidence = (*self._evidence, *ranked)
        wider = Verifier(evidence, self._secondary, self._reader, self._question)
        again = wider.verify(sentence, context)
        return (wider, again) if again.sentence.verdict == "supported" else (self, verified)

    def verify_own(self, said: ArticleSentence, context: DraftContext = START) -> Verified:
        """An article's own sentence is supported by itself; another article may disagree."""
        region = next(region for region in self._regions if region.holds(said.citation))
        places = region.sentences_over(region.inside(said.citation))
        pair = ClaimEvidence(parse_sentence(said), region.document, Stretch(*places, 1.0))
        own = Candidate(region, pair, (), places)
        why, cited = explain("supported", own, region.ranks), (said.citation,)
        sentence = Sentence(cited[0].quote, cited, "supported", own.support, why, (), "code")
        return self._with_note(_Checked(sentence, own), context)

    def _with_note(self, checked: _Checked, context: DraftContext) -> Verified:
        verified = self._review(checked)
        kept = (*context.previous, verified.text)[-REMEMBERED_SENTENCES:]
        note, candidate = None, checked.candidate
        if verified.verdict == "supported" and candidate is not None:
            candidates = self._candidates(verified.text, (), tuple(map(parse_sentence, kept)))
            other = find_contradiction(candidate, candidates)
            note = contradiction_note(candidate, other) if other else None
        own = candidate is not None and candidate.verbatim is not None
        if note is None or note.text in context.notes:
            return Verified(verified, None, replace(context, previous=kept), own)
        return Verified(verified, note, DraftContext(kept, context.notes | {note.text}), own)

    @property
    def concludes(self) -> bool:
        """Whether verdicts are final only after `conclude`: a judge reads the whole text."""
        return self._secondary is not None and self._secondary.reads_whole_texts

    def conclude(self, verified: Sequence[Verified]) -> tuple[Sentence, ...]:
        """The sentences of a whole text and their notes, after the judge's opinion on them.

        Args:
            verified: What `verify` and `verify_own` returned, in order.
        """
        if self._secondary is None:
            return tuple(said for each in verified for said in each.sentences)
        asked = [n for n, v in enumerate(verified) if is_open(v.sentence, own_words=v.own_words)]
        told = [each.sentence for each in verified]
        opinions = self._secondary.opinions(told, asked, self._evidence)
        settling = Settling(self._secondary, self._regions, self._quotations)
        found: list[Sentence] = []
        context = START
        for place, each in enumerate(verified):
            if place in opinions:
                each = self._settled(each, settling, opinions[place], context)
            context = verified[place].context
            found.append(each.sentence)
            if each.note is not None and each.note not in found:
                found.append(each.note)
        return tuple(found)

    def _settled(
        self, verified: Verified, settling: Settling, opinion: Opinion, before: DraftContext
    ) -> Verified:
        """A verified sentence after an opinion, with the note that its verdict calls for."""
        previous = tuple(map(parse_sentence, before.previous))
        sentence, candidate = settling.settle(verified.sentence, opinion, previous)
        if candidate is not None:
            return self._with_note(_Checked(sentence, candidate), before)
        return verified._replace(
            sentence=sentence, note=verified.note if sentence.verdict == "supported" else None
        )

    def _review(self, checked: _Checked) -> Sentence:
        """What the secondary verifier makes of a supported sentence that is not verbatim."""
        sentence, candidate = checked
        verbatim = candidate is not None and candidate.verbatim
        if self._secondary is None or sentence.verdict != "supported" or verbatim:
            return sentence
        cited = [
            (region, citation)
            for citation in sentence.citations
            for region in self._regions
            if region.holds(citation)
        ]
        windows = [region.around(citation) for region, citation in cited]
        quotes = [region.around(citation, 0) for region, citation in cited]
        return self._secondary.review(sentence, windows, quotes)

    def _check(self, sentence: DraftSentence, previous: tuple[ParsedSentence, ...]) -> _Checked:
        if len(sentence.text) > LONGEST_SENTENCE:
            why = "It is too long to be checked as one sentence."
            return _Checked(Sentence(sentence.text, (), "unconfirmed", 0.0, why))
        text, missing = self._quotations.restore(sentence.text)
        if is_other_language(text, [region.text for region in self._regions]):
            why = "It is written in another language than the articles, so it cannot be checked."
            return _Checked(Sentence(text, (), "unconfirmed", 0.0, why))
        best = self._best(text, sentence.marks, previous)
        if best is None:
            return _Checked(Sentence(text, (), "not_found", 0.0, "No article was found."))
        if best.verbatim and best.region.only_headings(*best.verbatim):
            return _Checked(no_claim_sentence(text))
        if not best.verbatim and not is_english(text):
            why = "It is not checked: only English and the articles' own words can be."
            support = min(SUPPORTED_IN_PART, best.support)
            return _Checked(Sentence(text, (best.cite(),), "unconfirmed", support, why), best)
        if missing:
            why = explain("unconfirmed", best, sentence.marks, missing=missing.text)
            support = min(MISSING_QUOTATION, best.support)
            cited, lacking = (best.cite(),), (missing.span,)
            return _Checked(Sentence(text, cited, "unconfirmed", support, why, lacking))
        return self._weigh(best, text, sentence.marks, previous)

    def _weigh(
        self,
        best: Candidate,
        text: str,
        marks: Sequence[int],
        previous: tuple[ParsedSentence, ...],
    ) -> _Checked:
        """The verdict of the best candidate, clause by clause where the whole may hide a part."""
        spans = split_clauses(text, lead_in_length(text, best.region.source))
        if best.judgement is None and best.coverage < WHOLE and not best.contradicts:
            in_parts = self._check_clauses(text, spans, marks, previous)
            if in_parts:
                return _Checked(in_parts)
        if best.judgement and best.verdict == "supported":
            weak = self._weakest_clause(text, spans, marks, previous)
            if weak is not None:
                return _Checked(_doubted_part(text, (best.cite(),), (weak,)), best)
        supported = best.verdict == "supported"
        verdict = Sentence(
            text,
            () if best.verdict == "not_found" else (best.cite(),),
            best.verdict,
            best.support,
            explain(best.verdict, best, marks),
            () if supported else unsupported_spans(text, best),
            best.judged_by if supported else None,
        )
        return _Checked(verdict, best)

    def _check_clauses(
        self,
        text: str,
        spans: Sequence[Span],
        marks: Sequence[int],
        previous: tuple[ParsedSentence, ...],
    ) -> Sentence | None:
        """A sentence of several claims, each looked for by itself; None if none is supported."""
        if len(spans) < 2:
            return None
        found = [(span, self._best(text[span.start : span.end], marks, previous)) for span in spans]
        good = [best for _, best in found if best is not None and best.verdict == "supported"]
        if not good:
            return None
        citations = tuple(dict.fromkeys(best.cite() for best in good))
        if len(good) == len(found):
            support = min(best.support for best in good)
            why = "The cited words say each part of it."
            return Sentence(text, citations, "supported", support, why, confirmed_by="code")
        lacking = tuple(s for s, best in found if best is None or best.verdict != "supported")
        return _doubted_part(text, citations, lacking)

    def _weakest_clause(
        self,
        text: str,
        spans: Sequence[Span],
        marks: Sequence[int],
        previous: tuple[ParsedSentence, ...],
    ) -> Span | None:
        """The first of several clauses that no article speaks of or that one contradicts."""
        if len(spans) < 2:
            return None
        for span in spans:
            best = self._best(text[span.start : span.end], marks, previous)
            if best is None or best.verdict in ("not_found", "contradicted"):
                return span
        return None

    def _best(
        self, text: str, marks: Sequence[int], previous: tuple[ParsedSentence, ...]
    ) -> Candidate | None:
        """The stretch that supports a claim best; marks break ties."""
        verbatim = self._verbatim(text, marks)
        if verbatim is not None:
            return verbatim
        candidates = self._reader.read(self._candidates(text, marks, previous))
        return max(
            without_edited_articles(candidates), key=lambda each: each.sort_key(marks), default=None
        )

    def _candidates(
        self, text: str, marks: Sequence[int], previous: tuple[ParsedSentence, ...]
    ) -> list[Candidate]:
        """The best stretch of each of the regions that have most words of a claim."""
        found: list[tuple[float, Region, ParsedSentence, Stretch]] = []
        for region in self._regions:
            claim = parse_sentence(without_lead_in(text, region.source))
            if claim.content and region.sentences:
                stretch = best_stretch(claim, region.document)
                found.append((stretch.coverage + region.named_bonus(marks), region, claim, stretch))
        found.sort(key=lambda item: -item[0])
        candidates = []
        for _, region, claim, stretch in found[:COMPARED_REGIONS]:
            published = region.source.published
            told = is_attributed(text, region.source)
            pair = ClaimEvidence(claim, region.document, stretch, previous, published, told)
            pair = with_short_names(pair, region.names)
            candidates.append(Candidate(region, pair, find_conflicts(pair, region.source)))
        return candidates

    def _verbatim(self, text: str, marks: Sequence[int]) -> Candidate | None:
        """Where an article says a claim word for word, in a named source if possible."""
        found = None
        for region in self._regions:
            claim = without_lead_in(text, region.source)
            span = find_verbatim(claim, region.text)
            if span is None:
                continue
            places = region.sentences_over(span)
            pair = ClaimEvidence(parse_sentence(claim), region.document, Stretch(*places, 1.0))
            candidate = Candidate(region, pair, (), places)
            if region.is_named(marks):
                return candidate
            found = found or candidate
        return found


def _doubted_part(
    text: str, citations: tuple[Citation, ...], lacking: tuple[Span, ...]
) -> Sentence:
    """A sentence of which only a part is supported."""
    piece = text[lacking[0].start : lacking[0].end]
    why = f"The articles say only part of it; not: “{piece}”."
    return Sentence(text, citations, "unconfirmed", SUPPORTED_IN_PART, why, lacking)
