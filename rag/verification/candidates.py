"""One stretch of an article that may support a sentence, judged by rules and by the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rag.reader import Judgement, Reader, Window
from rag.text import is_english
from rag.types import Citation, Verdict
from rag.verification.claim_conflicts import Conflict, negation_changed, severity
from rag.verification.features.extraction import NEAR_VERBATIM, ClaimEvidence
from rag.verification.features.names_and_pronouns import is_known_name
from rag.verification.quotations import quotes_speech
from rag.verification.regions import Region
from rag.verification.support_model import load_verifier_model, model_features

# The fixed thresholds. A probability of one half is where the model balances its two kinds of
# error. The share of a sentence's weighted words that must be in the cited stretch is stricter: a
# missing footnote does less harm than one that does not support its sentence.
SUPPORTED = 0.5
PARTLY = 0.35
WORDS_SUPPORTED = 0.7
WORDS_PARTLY = 0.5
# A claim with at least this share of its words in the stretch is close to its wording: code sees
# most differences, so the reader only has to find the matter there and not rule the claim out. For
# freer wording, the reader alone decides.
# These limits were chosen on drafts of whole answers and on pairs of a true and a false sentence
# about held-out texts; docs/reader.md says what they give.
NEAR_WORDS = 0.7
READ_SPOKEN_OF, READ_LIKELY = 0.8, 0.25
READ_SUPPORTED = 0.6
READ_PARTLY = 0.6
# "An article says otherwise" needs a fact that differs, and this of the reader: near the article's
# wording, that it finds the claim contradicted rather than not; elsewhere, that it is sure. Of
# 1,400 true claims about held-out texts eight were told so when this was chosen.
READ_DIFFERS_NEAR, READ_DIFFERS = 0.5, 0.8
# Kinds of conflict that always overrule the reader.
HARD_FACTS = frozenset({"number", "date", "name", "other name", "substitution"})
# Kinds that overrule it unless it finds the claim this well supported. What a long sentence denies
# is often something else: of eight such vetoes on sentences of drafts and pairs, none was right.
READ_WELL, YIELDING = 0.5, frozenset({"negation"})
# What an article can say otherwise in a way that both rules and reader see.
DIFFERING = frozenset({"number", "date", "name", "negation", "opposite"})
# From this share of its words on, a claim has nearly the words of the stretch.
SAME_WORDS = 0.9
# A claim that keeps these shares of an article's sentence, of its words in order and of its
# weighted words, only edits it. What was changed is then what matters, and code sees it better than
# the reader: of 747 errors planted in the sentences of ten articles, it catches .910 and, with
# `EDITED` and `without_edited_articles`, .981. None of 482 true sentences is doubted, and of 145
# true ones in drafts no more than before.
EDIT, EDIT_WORDS = 0.9, 0.8
EDITED = frozenset({"hedge", "quantity word", "only", "comparison", "pronoun", "roles"})
# A claim that keeps this share of the words in order, and `SAME_WORDS`, says what the article says
# if code finds nothing changed.
CLEAN_EDIT = 0.8
# Fewer content words match anything.
FEWEST_WORDS = 2
# What is unconfirmed is less probable than this; in the verdict's own half of the scale.
MOST_UNCONFIRMED = 0.49
RANKS: dict[Verdict, int] = {
    **{"supported": 2, "unconfirmed": 1, "contradicted": 1},
    **{"not_found": 0, "no_claim": 0},
}


@dataclass(frozen=True)
class Candidate:
    """The best stretch of one region for a claim.

    Attributes:
        region: Where it is.
        pair: The claim with this stretch.
        conflicts: What the claim says otherwise than the stretch.
        verbatim: First and last sentence, by index, where the region says the claim word for word.
        judgement: What the reader makes of the claim beside the stretch and the sentences around
            it; None if it was not asked.
    """

    region: Region
    pair: ClaimEvidence
    conflicts: tuple[Conflict, ...]
    verbatim: tuple[int, int] | None = None
    judgement: Judgement | None = None

    @cached_property
    def probability(self) -> float:
        """How likely the stretch supports the claim, 0..1, whatever the rules object."""
        if self.verbatim:
            return load_verifier_model().verbatim
        if self.judgement:
            near, far = 1.0 - self.judgement.not_stated, self.judgement.supported
            return near if self.is_near else far
        return load_verifier_model().probability(model_features(self.pair, self.conflicts))

    @property
    def judged_by(self) -> str:
        """Whose word the verdict is: the ``reader``'s, or that of ``code`` alone."""
        return "reader" if self.judgement and not self.verbatim else "code"

    @property
    def coverage(self) -> float:
        """Share of the claim's words, weighted by rarity, that are in the stretch, 0..1."""
        return 1.0 if self.verbatim else self.pair.stretch.coverage

    @cached_property
    def is_near(self) -> bool:
        """Whether most of the claim's words are those of the stretch, and its names are near it."""
        claim, near = self.pair.claim, self.pair.nearby.vocabulary
        return self.coverage >= NEAR_WORDS and all(is_known_name(n, near) for n in claim.names)

    @cached_property
    def is_edit(self) -> bool:
        """Whether the claim is one of the article's sentences with little changed."""
        return self.pair.difference.kept >= EDIT and self.coverage >= EDIT_WORDS

    @property
    def _is_clean_edit(self) -> bool:
        """Whether it keeps the words of an article's sentence, and code finds nothing changed."""
        kept = self.pair.difference.kept >= CLEAN_EDIT and self.coverage >= SAME_WORDS
        return kept and not self.conflicts

    @cached_property
    def verdict(self) -> Verdict:
        """What the model and the rules say together; the rules have the last word."""
        if self.verbatim:
            return "supported"
        if len(self.pair.claim.content) < FEWEST_WORDS:
            return "not_found"
        if self.contradicts:
            return "contradicted"
        if self.judgement:
            return self._judged(self.judgement)
        likely = self.probability >= SUPPORTED and self.coverage >= WORDS_SUPPORTED
        if (likely or self._edits_cleanly) and severity(self.conflicts) is None:
            return "supported"
        return "unconfirmed" if self.coverage >= WORDS_PARTLY else "not_found"

    def _judged(self, judgement: Judgement) -> Verdict:
        """The reader's verdict, unless a hard fact of the claim differs from the stretch."""
        if self.is_near:
            likely = judgement.supported >= READ_LIKELY or self._is_clean_edit
            says = likely and self.probability >= READ_SPOKEN_OF
        else:
            says = self.probability >= READ_SUPPORTED
        if says and not (self._only_reported or self._vetoes):
            return "supported"
        return "unconfirmed" if 1.0 - judgement.not_stated >= READ_PARTLY else "not_found"

    @property
    def _vetoes(self) -> tuple[Conflict, ...]:
        """The conflicts that overrule the reader."""
        return tuple(filter(self._overrules, self.conflicts))

    def _overrules(self, conflict: Conflict) -> bool:
        """Whether it is a hard fact; in nearly the same words, or an edit, it may be others too."""
        if self.is_edit and conflict.kind in EDITED:
            return True
        if conflict.kind == "speaker" and conflict.against and quotes_speech(self.pair.claim.text):
            return True
        if not (conflict.hard or conflict.against):
            return False
        same_words = self.coverage >= SAME_WORDS or self.is_edit
        if not same_words and conflict.kind not in HARD_FACTS:
            return False
        return not (self._named_nearby(conflict) or self._yields(conflict))

    def _yields(self, conflict: Conflict) -> bool:
        read_well = self.judgement is not None and self.judgement.supported >= READ_WELL
        changed = self.is_edit and negation_changed(self.pair)
        return read_well and conflict.kind in YIELDING and not changed

    @property
    def hard_vetoes(self) -> tuple[Conflict, ...]:
        """The numbers, dates and names of the claim that the stretch does not have."""
        return tuple(
            conflict
            for conflict in self.conflicts
            if conflict.kind in HARD_FACTS and not self._named_nearby(conflict)
        )

    def _named_nearby(self, conflict: Conflict) -> bool:
        """Whether it is about a name that the reader has seen: in the sentences around."""
        near = self.pair.nearby.vocabulary
        return conflict.kind == "name" and any(is_known_name(n, near) for n in conflict.words)

    @property
    def _only_reported(self) -> bool:
        """Whether the article has somebody else say nearly these words, or order them said."""
        same_words = self.coverage >= SAME_WORDS
        return same_words and any(conflict.kind == "speaker" for conflict in self.conflicts)

    @property
    def _edits_cleanly(self) -> bool:
        """Whether the claim is the article's own words, shortened or moved, and nothing new."""
        return self.pair.difference.kept >= NEAR_VERBATIM and self.coverage >= 0.9

    @property
    def support(self) -> float:
        """The probability, kept on the verdict's own side of one half."""
        if self.judgement and not self.verbatim:
            likely = self.probability
            if self.verdict != "supported":
                likely = min(likely, MOST_UNCONFIRMED if self.verdict == "unconfirmed" else PARTLY)
            return max(likely, SUPPORTED) if self.verdict == "supported" else likely
        if self.verdict == "supported":
            return max(
                self.probability, load_verifier_model().verbatim if self.verbatim else SUPPORTED
            )
        return min(self.probability, MOST_UNCONFIRMED if self.verdict == "unconfirmed" else PARTLY)

    def sort_key(self, marks: Sequence[int]) -> tuple[int, float]:
        """The best of several candidates has the greatest; the draft's ``marks`` break ties."""
        return RANKS[self.verdict], self.coverage + self.region.named_bonus(marks)

    @property
    def contradicts(self) -> bool:
        """Whether the article says something else where the claim says this."""
        if self.judgement:
            differs = any(c.against and c.kind in DIFFERING for c in self._vetoes)
            sure = READ_DIFFERS_NEAR if self.is_near else READ_DIFFERS
            return differs and self.judgement.contradicted >= sure
        return severity(self.conflicts) == "against" and self.coverage >= WORDS_SUPPORTED

    @property
    def quote(self) -> str:
        """The article's words."""
        return self.cite().quote

    def cite(self) -> Citation:
        """The stretch as a citation."""
        stretch = self.pair.stretch
        return self.region.cite(*(self.verbatim or (stretch.first, stretch.last)))


def without_edited_articles(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without looser ones of an article that has the claim with something changed.

    An article that says "may" does not bear out "will" in another place, where the reader sees only
    the same matter.
    """
    edits = [each for each in candidates if each.is_edit]
    agreeing = {each.region.source.id for each in edits if each.verdict == "supported"}
    changed = {each.region.source.id for each in edits} - agreeing
    return [each for each in candidates if each.is_edit or each.region.source.id not in changed]


# Gives the reader, or None where there is none.
LoadReader = Callable[[], Reader | None]

# How many candidates are read at a time; the next are read only if none so far supports the claim.
STEPS = (1, 1, 2)


class ClaimReader:
    """Reads each pair of claim and window of one text once; a text is one thread's work.

    Args:
        load: Loads the reader at the first claim; None, from it or in its place, leaves the
            candidates unread.
    """

    def __init__(self, load: LoadReader | None) -> None:
        self._load = load
        self._known: dict[tuple[Window, str], Judgement] = {}

    def read(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that were read, with judgements; all of them if there is no reader.

        Edits of an article's sentence come first, because they overrule looser candidates.

        Args:
            candidates: Of one claim, those with most of its words first.
        """
        english = bool(candidates) and is_english(candidates[0].pair.claim.text)
        reader = self._load() if self._load and english else None
        if reader is None:
            return list(candidates)
        judged: list[Candidate] = []
        for chosen in _in_steps(sorted(candidates, key=lambda each: not each.is_edit)):
            judged += self._judged(reader, chosen)
            if any(each.verdict == "supported" for each in judged):
                break
        return judged

    def _judged(self, reader: Reader, candidates: Sequence[Candidate]) -> list[Candidate]:
        pairs = [
            (
                each.region.window(each.pair.stretch.first, each.pair.stretch.last),
                each.pair.claim.text,
            )
            for each in candidates
        ]
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        self._known.update(zip(fresh, reader.judge(fresh), strict=True))
        return [
            replace(each, judgement=self._known[pair])
            for each, pair in zip(candidates, pairs, strict=True)
        ]


def _in_steps(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    first = 0
    for size in STEPS:
        if chosen := candidates[first : first + size]:
            yield chosen
        first += size
