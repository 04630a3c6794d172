"""Predicts whether the evidence answers a question. If not, no backend is asked."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag import text as texts
from rag.answerability import multi_part
from rag.answerability.answer_types import kind_asked
from rag.answerability.logistic import interactions, load_model
from rag.answerability.multi_part import stems_of
from rag.answerability.sentence_scoring import ScoredSentence, asked_stems, weighted_share
from rag.query import LONG_QUESTION
from rag.retrieval import SearchResult


@dataclass(frozen=True, slots=True)
class Features:
    """Features of a short question, in 0..1 except cosines (-1..1).

    A higher value of the first group always raises the chance; the second group decides how much.

    Attributes:
        best_cosine: The question's highest cosine with one of the best sentences, read alone.
        passage_cosine: Its highest cosine with a passage.
        cosine_lead: How far that is above the tenth passage's.
        keyword_share: The best BM25 score over the highest possible one.
        keyword_lead: By what share that score is above the tenth passage's.
        sentence_words: Weighted share of the question's words in one sentence and its context; if
            it asks for a number, a time or a name, in one that holds such a thing.
        passage_words: The same in one passage and its title, weighted by rarity in the library.
        names: Weighted share of the names asked about that one passage holds; 1 if there are none.
        beside_names: Weighted share of the other words in a passage that holds all these names.
        kind_held: 0 if the question asks for a number, a time or a name, and the sentences that fit
            it best hold none; else 1.
        agreement: Share of the first ten passages of both searches that both found.
        length: Its content words, of fourteen.
        asks_fact: 1 if the question asks for a number, a time or a name, else 0: such a fact is
            often missing from articles about the same thing.
        size: Logarithm of the number of passages searched, over that of 10,000: in a larger
            library a passage is more often near by chance.
    """

    best_cosine: float
    passage_cosine: float
    cosine_lead: float
    keyword_share: float
    keyword_lead: float
    sentence_words: float
    passage_words: float
    names: float
    beside_names: float
    kind_held: float
    agreement: float
    length: float
    asks_fact: float
    size: float

    def terms(self) -> dict[str, float]:
        """See `rag.answerability.logistic.interactions`."""
        values = {name: float(getattr(self, name)) for name in self.__slots__}
        circumstances = {name: values.pop(name) for name in CIRCUMSTANCES}
        return interactions(values, circumstances)


CIRCUMSTANCES = ("length", "asks_fact", "size")
ANSWERABLE = 0.5
LONGEST = 14
# The fit saw libraries of one to 7,000 passages; larger ones count as this.
MOST_PASSAGES = 10_000

# How many of the sentences with the question's words are searched for the kind of answer.
LOOKED_AT = 3
# Such a sentence has at least this part of the best one's share of the words.
FITS = 0.75


def features(
    question: str,
    found: SearchResult,
    scored: Sequence[ScoredSentence],
    best_cosine: float,
    rarity: Callable[[Iterable[str]], Mapping[str, float]],
) -> Features:
    """The features of a short question and its evidence.

    Args:
        question: As it was asked.
        found: The search result.
        scored: The scored sentences of its evidence.
        best_cosine: `rag.answerability.sentence_scoring.best_cosine_alone`.
        rarity: How rare words are in the library, each 0..1.
    """
    asked = asked_stems(question, [item.passage.text for item in found.evidence])
    weights = rarity(asked)
    passages = stems_of(found.evidence)
    holds = kind_asked(question)
    fitting = (
        item.near
        for item in scored
        if item.answers and (holds is None or holds(item.text, question))
    )
    names = names_among(asked, question, scored)
    whole = [stems for stems in passages if names <= stems]
    searched = max(1, min(found.searched, MOST_PASSAGES))
    return Features(
        best_cosine=best_cosine,
        passage_cosine=found.best_passage_cosine,
        cosine_lead=found.cosine_lead,
        keyword_share=found.keyword_share,
        keyword_lead=found.keyword_lead,
        sentence_words=max(fitting, default=0.0),
        passage_words=_best(asked, weights, passages),
        names=_best(names, weights, passages),
        beside_names=_best(asked - names, weights, whole),
        kind_held=float(not kind_missing(question, scored)),
        agreement=found.agreement,
        length=min(len(asked) / LONGEST, 1.0),
        asks_fact=float(holds is not None),
        size=math.log(searched) / math.log(MOST_PASSAGES),
    )


def _best(
    wanted: frozenset[str], weights: Mapping[str, float], passages: Sequence[frozenset[str]]
) -> float:
    """The highest weighted share of stems in one passage; without stems, 1 if there is one."""
    own = {stem: weights[stem] for stem in wanted}
    shares = (weighted_share(wanted & stems, own) if own else 1.0 for stems in passages)
    return max(shares, default=0.0)


def kind_missing(question: str, scored: Sequence[ScoredSentence]) -> bool:
    """Whether the question asks for a number, time or name that the best sentences lack."""
    holds = kind_asked(question)
    if holds is None:
        return False
    best = sorted(
        (item for item in scored if item.answers), key=lambda item: (-item.near, -item.score)
    )[:LOOKED_AT]
    said = [item.text for item in best if item.near >= FITS * best[0].near]
    return not any(holds(text, question) for text in said)


def names_among(
    asked: frozenset[str], question: str, scored: Sequence[ScoredSentence]
) -> frozenset[str]:
    """Those of the asked stems that are written as names, in the question or in the evidence.

    People type names in lower case, so the evidence decides: a name is a word that is capitalised
    there more often than not, not counting the first word of a sentence.
    """
    initials = {stem[0].casefold() for stem in asked}
    words: Counter[str] = Counter()
    for text in (question, *(item.text for item in scored)):
        found = (word.group() for word in itertools.islice(texts.WORD.finditer(text), 1, None))
        words.update(w for w in found if w[0].isupper() or text is not question)
    capitals: Counter[str] = Counter()
    for word, count in words.items():
        if word[0].casefold() in initials:
            # A name that looks like a function word, such as US, is its own stem.
            for stem in asked.intersection((word, *texts.content_stems(word))):
                capitals[stem] += count if word[0].isupper() else -count
    return frozenset(stem for stem, count in capitals.items() if count > 0)


def is_out_of_scope(found: SearchResult) -> bool:
    """Whether a short question asks for publishers or days that no article here has.

    It does not if a passage mentions the year.
    """
    query = found.query
    if len(query.text.split()) >= LONG_QUESTION:
        return False
    if query.only_missing or ((query.unreal or query.ambiguous) and not query.periods):
        return True
    years = set(texts.YEAR.findall(query.text))
    told = any(year in item.passage.text for item in found.evidence for year in years)
    return found.outside_dates and bool(years) and not told


def predict(features: Features) -> float:
    """Probability, 0..1, that the evidence answers a short question."""
    return load_model("single").probability(features.terms())


def predict_multi_part(features: multi_part.Features) -> float:
    """The same for a question of several parts."""
    return load_model("multi_part").probability(features.terms())
