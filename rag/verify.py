"""Does a sentence say what the articles say? A check in plain code, never taken on a model's word.

For each sentence of a draft the smallest stretch of whole article sentences that carries it is
looked for. Words that must agree exactly come first (numbers, dates, names, negation, direct
quotations), how many of the other words are covered comes last. Provenance is checked, truth is
not: an article can be wrong.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag import facts
from rag import text as texts
from rag.cite import DraftSentence, read_draft
from rag.types import Citation, Evidence, Sentence, Source, Span, Verdict

# Share of a sentence's weighted content words that the cited stretch must hold. Stricter than what
# balances both kinds of error on public pairs of claim and passage (0.25 to 0.55 there, on 2,000
# of them): a missing footnote does less harm than one that does not say what the sentence says.
SUPPORTED = 0.75
PARTLY = 0.5
# A stretch is at most this many neighbouring sentences of an article.
LONGEST_STRETCH = 3
# Each further sentence must carry this much more to be cited too.
WORTH_A_SENTENCE = 0.08
# A quotation of fewer words matches anything and proves nothing.
SHORTEST_QUOTATION = 4

QUOTATION = re.compile(r"[“\"«]([^“”\"«»]{3,400})[”\"»]")
GREETING = re.compile(
    r"(?:hello|hi|hey|sure|certainly|of course|great question|thank(?:s| you)[\w ]*|you'?re welcome"
    r"|here (?:is|are) (?:the|an?|my) (?:\w+ )?(?:answer|summary|overview)"
    r"|(?:i )?hope (?:this|that) helps|in (?:short|summary|conclusion)|to sum up)[\s.!,:]*",
    re.IGNORECASE,
)
# What a lead-in may say besides the title, publisher, author and date of a source.
LEAD_IN_STEMS = frozenset(
    texts.stem(word)
    for word in "report reports writes write states adds add notes puts source published by".split()
)
# Said when the articles do not answer; shared by the gate, the prompt and the tests.
REFUSAL = "The articles do not say."


@dataclass(frozen=True, slots=True)
class Reading:
    """How well one stretch of an article carries a sentence."""

    evidence: Evidence
    span: Span
    coverage: float
    conflicts: tuple[str, ...]
    verbatim: bool

    @property
    def support(self) -> float:
        """In 0..1: coverage, halved by a conflict and halved again by each further one."""
        return 1.0 if self.verbatim else self.coverage * 0.5 ** len(self.conflicts)

    @property
    def quote(self) -> str:
        passage = self.evidence.passage
        return passage.text[self.span.start - passage.start : self.span.end - passage.start]

    def cite(self) -> Citation:
        return Citation(self.evidence.source.id, *self.span, self.quote)


def verify(draft: str, evidence: Sequence[Evidence]) -> tuple[Sentence, ...]:
    """The sentences of a draft, each with its verdict and its citations."""
    return tuple(verify_each(draft, evidence))


def verify_each(draft: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
    """Like `verify`, one sentence after the other as each is settled."""
    checker = Checker(evidence)
    for sentence in read_draft(draft):
        yield checker.check(sentence)


class Checker:
    """Checks sentences against one set of evidence; prepares the evidence once."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self._evidence = tuple(evidence)
        self._stretches = [s for item in self._evidence for s in _stretches(item)]
        frequency: Counter[str] = Counter()
        singles = [s for s in self._stretches if s.sentences == 1]
        for stretch in singles:
            frequency.update(stretch.stems)
        self._weights = {
            stem: math.log(1 + len(singles) / count) for stem, count in frequency.items()
        }
        # A word that stands nowhere in the evidence is as rare as can be.
        self._rarest = math.log(2 + len(singles))

    def check(self, sentence: DraftSentence) -> Sentence:
        """The verdict on one sentence. Its marks are only where the search begins."""
        if is_no_claim(sentence.text, [item.source for item in self._evidence]):
            return Sentence(sentence.text, (), "no_claim", 1.0, "Claims nothing.")
        best = self._best(sentence)
        if best is None:
            return Sentence(sentence.text, (), "unsupported", 0.0, "No article was found.")
        missing = _missing_quotation(sentence.text, best)
        verdict = _verdict(best, missing)
        why = _why(verdict, best, missing, sentence.marks)
        support = best.support if not missing else best.support * 0.5
        citations = (best.cite(),) if verdict in ("supported", "partly") else ()
        return Sentence(sentence.text, citations, verdict, support, why)

    def _best(self, sentence: DraftSentence) -> Reading | None:
        claim = _Claim.of(sentence.text)
        best: Reading | None = None
        best_key = -1.0
        for stretch in self._stretches:
            reading = self._read(claim, stretch)
            marked = stretch.evidence.rank in sentence.marks
            # Marks break ties; a longer stretch has to earn its place.
            key = reading.support + 0.01 * marked - WORTH_A_SENTENCE * (stretch.sentences - 1)
            if key > best_key + 1e-9:
                best, best_key = reading, key
        return best

    def _read(self, claim: _Claim, stretch: _Stretch) -> Reading:
        verbatim = claim.normal == stretch.normal
        total = sum(self._weight(stem) for stem in claim.stems)
        covered = sum(self._weight(stem) for stem in claim.stems & stretch.stems)
        coverage = min(1.0, covered / total) if total else 0.0
        conflicts = () if verbatim or coverage < 0.3 else _conflicts(claim, stretch)
        return Reading(stretch.evidence, stretch.span, coverage, conflicts, verbatim)

    def _weight(self, stem: str) -> float:
        return self._weights.get(stem, self._rarest)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a text asserts, taken apart for comparison."""

    normal: str
    stems: frozenset[str]
    numbers: tuple[facts.Number, ...]
    dates: frozenset[str]
    names: frozenset[str]
    negations: int

    @classmethod
    def of(cls, text: str) -> _Claim:
        return cls(
            normal=_bare(text),
            stems=frozenset(texts.content_stems(text)),
            numbers=facts.numbers(text),
            dates=facts.date_words(text),
            names=facts.name_words(text),
            negations=facts.negations(text),
        )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One to three neighbouring sentences of a passage, with what they assert."""

    evidence: Evidence
    span: Span
    sentences: int
    normal: str
    claim: _Claim
    words: frozenset[str]
    single: tuple[_Claim, ...]

    @property
    def stems(self) -> frozenset[str]:
        return self.claim.stems

    def nearest(self, claim: _Claim) -> _Claim:
        """The sentence of the stretch that shares most words with a claim."""
        return max(self.single, key=lambda said: len(said.stems & claim.stems))


def _stretches(item: Evidence) -> Iterator[_Stretch]:
    passage = item.passage
    spans = texts.sentences(passage.text)
    single = [_Claim.of(passage.text[start:end]) for start, end in spans]
    for first in range(len(spans)):
        for last in range(first, min(first + LONGEST_STRETCH, len(spans))):
            start, end = spans[first].start, spans[last].end
            words = passage.text[start:end]
            claim = single[first] if first == last else _Claim.of(words)
            yield _Stretch(
                item,
                Span(passage.start + start, passage.start + end),
                last - first + 1,
                claim.normal,
                claim,
                frozenset(part for w in texts.words(words) for part in (w, *w.split("-"))),
                tuple(single[first : last + 1]),
            )


def _bare(text: str) -> str:
    """The normal form without quotation marks around it and punctuation at its ends."""
    return texts.normalize(text).text.strip(" .!?\"'")


def _conflicts(claim: _Claim, stretch: _Stretch) -> tuple[str, ...]:
    """What the sentence asserts and the stretch does not, one short reason each."""
    said = stretch.claim
    found = []
    # The source's own name may be said, as in "Forbes writes that ...".
    source = stretch.evidence.source
    known = stretch.words | frozenset(
        texts.words(" ".join(p for p in (source.title, source.publisher, source.author) if p))
    )
    if source.published:
        known |= {str(source.published.year), facts.month_name(source.published.month)}
    for number in claim.numbers:
        in_dates = number.text in claim.dates
        if not in_dates and not any(facts.same_number(number, n) for n in said.numbers):
            found.append(f"the number “{number.text}” is not in the cited words")
    for date in sorted(claim.dates - said.dates - known):
        found.append(f"the date “{date}” is not in the cited words")
    names = [n for n in sorted(claim.names) if not _stands_in(n, known)]
    found.extend(f"the name “{name}” is not in the cited words" for name in names)
    # A denial in a neighbouring sentence of the stretch is none of this claim.
    if (claim.negations > 0) != (stretch.nearest(claim).negations > 0):
        denies = "the sentence denies" if claim.negations else "the cited words deny"
        found.append(f"one of the two says no: {denies}")
    return tuple(found)


def _stands_in(name: str, known: frozenset[str]) -> bool:
    if name in known or name.rstrip("s") in known or name + "s" in known:
        return True
    parts = name.split("-")
    return len(parts) > 1 and all(part in known for part in parts)


def _missing_quotation(sentence: str, reading: Reading) -> str | None:
    """The first direct quotation of the sentence that the cited words do not hold word for word."""
    said = texts.normalize(reading.quote).text.replace('"', "")
    for match in QUOTATION.finditer(sentence):
        if len(match.group(1).split()) < SHORTEST_QUOTATION:
            continue
        quoted = texts.normalize(match.group(1)).text.strip(" .,!?;:\"'")
        if quoted not in said:
            return match.group(1)
    return None


def _verdict(reading: Reading, missing: str | None) -> Verdict:
    if reading.verbatim:
        return "supported"
    if reading.conflicts or missing:
        return "unsupported"
    if reading.coverage >= SUPPORTED:
        return "supported"
    return "partly" if reading.coverage >= PARTLY else "unsupported"


def _why(verdict: Verdict, reading: Reading, missing: str | None, marks: Sequence[int]) -> str:
    if verdict == "supported":
        rank = reading.evidence.rank
        if marks and rank not in marks:
            return f"Supported, but by source {rank} and not by the one that the draft named."
        return "These are the article's own words." if reading.verbatim else "The article says so."
    nearest = f"Nearest words: “{_shortened(reading.quote)}”"
    if missing:
        return f"The quotation “{_shortened(missing)}” is not in the articles. {nearest}"
    if reading.conflicts:
        listed = "; ".join(reading.conflicts[:3])
        return f"{listed[0].upper()}{listed[1:]}. {nearest}"
    share = f"{reading.coverage:.0%}"
    if verdict == "partly":
        return f"Only part of it ({share} of its words) stands in the article."
    return f"No article says this; at most {share} of its words were found together. {nearest}"


def _shortened(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def is_no_claim(sentence: str, sources: Sequence[Source] = ()) -> bool:
    """Whether a sentence asserts nothing: a greeting, a refusal, or a lead-in to a source.

    A lead-in ends with a colon and says nothing but who is about to be quoted.
    """
    bare = _bare(sentence)
    if bare == _bare(REFUSAL) or GREETING.fullmatch(sentence.strip()):
        return True
    if not sentence.rstrip().endswith(":"):
        return False
    stems = set(texts.content_stems(sentence))
    for source in sources:
        about = (source.title, source.publisher, source.author, str(source.published or ""))
        named = {s for part in about if part for s in texts.content_stems(part)}
        if stems <= named | LEAD_IN_STEMS:
            return True
    return False
