"""What is known of a question and its evidence before anything is drafted."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag import text as texts
from rag.answerability.answer_types import kind_asked
from rag.answerability.publishers import PublisherFeatures, publisher_features, stems_of
from rag.answerability.sentence_scoring import ScoredSentence, asked_stems, weighted_share
from rag.retrieval import SearchResult
from rag.types import Evidence


@dataclass(frozen=True, slots=True)
class Features:
    """Features of a question and its evidence, in 0..1 except cosines (-1..1) and logits.

    Attributes:
        reads: Logit of the reader's highest chance of a sentence to answer; None if none was read.
        reads_and_fits: The same plus three times cosine and share of words of that sentence, for
            the sentence where this sum is highest.
        reads_about_names: The same as ``reads``, but a sentence loses `NAMELESS` if its article
            lacks a name of the question: the reader may take one person's affairs for another's.
        names_held: Weighted share of the question's names in the article of the sentence for which
            ``reads_and_fits`` is highest; None without names, or if none was read.
        best_cosine: The question's highest cosine with a sentence.
        passage_cosine: Its highest cosine with a passage.
        sentence_words: Weighted share of the question's words in one sentence and its context; if
            it asks for a number, a time or a name, in one that holds such a thing.
        passage_words: The same in one passage and its title, weighted by rarity in the library.
        beside_names: Weighted share of the words besides names in a passage that holds all names;
            None where sentences were read: it refused answers in other words. (Without it, AUROC
            rose by .004 and .003 on two sets of 100 news questions that were in no fit, with
            another reader.)
        kind_held: 0 if the question asks for a number, a time or a name, and the sentences that fit
            it best hold none; else 1.
        asks_fact: 1 if the question asks for a number, a time or a name, else 0: such a fact is
            often missing from articles about the same thing.
        length: Its content words, of fourteen.
        size: Logarithm of the number of passages searched, over that of 10,000, to one digit: in a
            larger library a passage is more often near by chance. (All digits would tell libraries
            apart, and with them the sets of questions that the model was fitted on.)
        publishers: Further features of a question that names publishers; None for others.
    """

    reads: float | None
    reads_and_fits: float | None
    reads_about_names: float | None
    names_held: float | None
    best_cosine: float
    passage_cosine: float
    sentence_words: float
    passage_words: float
    beside_names: float | None
    kind_held: float
    asks_fact: float
    length: float
    size: float
    publishers: PublisherFeatures | None

    def values(self) -> dict[str, float | None]:
        """Every feature by name; those about publishers are None where none is named."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "publishers"}
        about = {
            name: getattr(self.publishers, name) if self.publishers else None
            for name in PublisherFeatures.__slots__
        }
        return own | about


LONGEST = 14
# The fit saw libraries of one to 7,000 passages; larger ones count as this.
MOST_PASSAGES = 10_000
# How many of the sentences with the question's words are searched for the kind of answer.
LOOKED_AT = 3
# Such a sentence has at least this part of the best one's share of the words.
FITS = 0.75
# Weight of cosine and share of words beside the logit of the reader's chance.
FITTING = 3.0
# What the logit of a sentence loses whose article lacks a name of the question. With this and
# `names_held`, and without `beside_names`, AUROC rises from .942 to .951 on short news questions
# (cross-validated), and from .861 to .895 on 100 that were in no fit.
NAMELESS = 3.0
# From this share of their weights on, an article has all names.
ALL_NAMES = 0.99
# Chances are kept this far from 0 and 1 before their logit is taken.
LEAST_CHANCE = 1e-4


def features(
    found: SearchResult,
    scored: Sequence[ScoredSentence],
    rarity: Callable[[Iterable[str]], Mapping[str, float]],
) -> Features:
    """The features of a question and its evidence.

    Args:
        found: The parsed question and the evidence.
        scored: The scored sentences of the evidence.
        rarity: How rare words are in the library, each 0..1.
    """
    question = found.query.text
    asked = asked_stems(question, [item.passage.text for item in found.evidence])
    weights = rarity(asked)
    passages = stems_of(found.evidence)
    holds = kind_asked(question)
    able = [item for item in scored if item.answers]
    fitting = (item.near for item in able if holds is None or holds(item.text, question))
    names = names_among(asked, question, scored)
    whole = [stems for stems in passages if names <= stems]
    searched = max(1, min(found.searched, MOST_PASSAGES))
    named = bool(found.query.publisher_mentions)
    shares = _shares_of_names({name: weights[name] for name in names}, found.evidence, passages)
    read = _reader_features(able, shares)
    was_read = read[0] is not None
    return Features(
        *read,
        best_cosine=max((item.cosine for item in able), default=0.0),
        passage_cosine=found.best_passage_cosine,
        sentence_words=max(fitting, default=0.0),
        passage_words=_best(asked, weights, passages),
        beside_names=None if was_read else _best(asked - names, weights, whole),
        kind_held=float(not kind_missing(question, scored)),
        asks_fact=float(holds is not None),
        length=min(len(asked) / LONGEST, 1.0),
        size=round(math.log(searched) / math.log(MOST_PASSAGES), 1),
        publishers=publisher_features(found, scored) if named else None,
    )


def _shares_of_names(
    weights: Mapping[str, float], evidence: Sequence[Evidence], passages: Sequence[frozenset[str]]
) -> dict[str, float] | None:
    """The weighted share of the names that each article has; None without names.

    What is known of an article are its title, publisher and author, and its passages found.
    """
    if not weights:
        return None
    known: dict[str, set[str]] = {}
    for item, stems in zip(evidence, passages, strict=True):
        source = item.source
        credits = texts.content_stems(f"{source.publisher or ''}\n{source.author or ''}")
        known.setdefault(source.id, set()).update(stems, credits)
    return {
        article: weighted_share(frozenset(weights) & stems, weights)
        for article, stems in known.items()
    }


def _reader_features(
    sentences: Sequence[ScoredSentence], shares: Mapping[str, float] | None
) -> tuple[float | None, float | None, float | None, float | None]:
    """The first four of `Features`; all are None if no sentence was read."""
    read = [(logit(item.reads), item) for item in sentences if item.reads is not None]
    if not read:
        return None, None, None, None

    def share(item: ScoredSentence) -> float:
        return shares[item.evidence.source.id] if shares else 1.0

    fits = [chance + FITTING * (item.near + item.cosine) for chance, item in read]
    best = read[fits.index(max(fits))][1]
    return (
        max(chance for chance, _ in read),
        max(fits),
        max(chance - NAMELESS * (share(item) < ALL_NAMES) for chance, item in read),
        share(best) if shares else None,
    )


def logit(chance: float) -> float:
    """The logarithm of the odds of a chance, which is kept away from 0 and 1."""
    inside = min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)
    return math.log(inside / (1 - inside))


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
