"""A second opinion: a stronger checker may doubt what the built-in check lets pass, never more.

It is asked only about sentences that are supported and not the article's own words. It can make
one partly supported; it cannot overrule a rule's objection, so a model that errs or is talked
round by an article makes nothing stick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from rag.errors import FootnoteError
from rag.types import Article, Evidence, Passage, Sentence
from rag.verification.features.document import best_stretch, parse_document
from rag.verification.features.extraction import ClaimEvidence
from rag.verification.scoring import claim_sentences

# From so sure on it agrees; even chances, as in the built-in check.
AGREES = 0.5
# What it doubts is at most so sure, which is what partly supported sentences are.
MOST_DOUBTED = 0.49


class Scorer(Protocol):
    """A stronger checker.

    Attributes:
        name: What readers are told about it, such as ``the entailment model nli-small``.
    """

    name: str

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """How sure it is, 0..1, that the passages together say what the sentence says.

        Raises:
            FootnoteError: It cannot say; the built-in check then stands alone.
        """


def score_with(scorer: Scorer, passage: str, text: str) -> float:
    """How sure a scorer is of a text of any length: the least of its sentences, 0..1.

    It reads what it reads in the product: the stretch that carries a sentence best, with two
    sentences on each side.

    Raises:
        FootnoteError: The scorer cannot say.
    """
    claims, held = claim_sentences(text), parse_document(passage)
    if not claims or not held.sentences:
        return 0.0
    views = [ClaimEvidence(claim, held, best_stretch(claim, held)) for claim in claims]
    return min(scorer.score((_evidence(pair.nearby.text),), pair.claim.text) for pair in views)


def _evidence(text: str) -> Evidence:
    article = Article.build(text, title="Passage", origin="passage")
    passage = Passage(article.id, 0, len(article.text), article.text)
    return Evidence(passage, article.source, 1, 1.0, ("keyword",))


class Stricter:
    """Asks a scorer about the sentences of one answer; after its first failure no more.

    Attributes:
        notes: What a reader should know: that it failed, and why.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.notes: tuple[str, ...] = ()

    @property
    def left_machine(self) -> tuple[str, ...]:
        """Hosts that were sent text in order to check it."""
        return tuple(getattr(self._scorer, "left_machine", ()))

    def review(self, sentence: Sentence, passages: Sequence[Evidence]) -> Sentence:
        """The sentence as it was, or partly supported where the scorer doubts it."""
        if self.notes or not passages:
            return sentence
        name = self._scorer.name
        try:
            sure = min(1.0, max(0.0, self._scorer.score(passages, sentence.text)))
        except FootnoteError as error:
            told = f"The second check by {name} was left out, the built-in one stands: {error}"
            self.notes = (told,)
            return sentence
        if sure >= AGREES:
            return sentence
        why = f"The words stand there, but {name} doubts that they say this ({sure:.0%} sure)."
        support = min(MOST_DOUBTED, sentence.support, sure)
        return replace(sentence, verdict="partly", support=support, why=why)
