"""Scores how well each sentence of the evidence answers a question."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from rag import text as texts
from rag.query import LONG_QUESTION
from rag.store import FloatMatrix, FloatVector
from rag.types import Evidence, Passage, Span

# score = cosine + WORDS * (share of the question's rare words, in context) + PASSAGE * (standing of
# the passage, 1 for the first and falling). Chosen on eval/cases/seeds.jsonl by a grid over 576
# settings and 50 questions besides; the best dozen lie within half a point of each other.
WORDS = 0.8
PASSAGE = 0.1
# Words of the sentence before and of the heading above count this much; 0.25 found 1.6 points less.
CONTEXT = 0.75
# Misspelt words: shorter stems resemble too many others; the ratio is difflib's, 0..1.
SHORTEST_MISSPELT = 5
SAME_WORD = 0.84
KIND_STEMS = frozenset(
    texts.stem(word)
    for word in (
        "count number amount year date time city country place percent percentage happen mean "
        "meaning"
    ).split()
)
# A heading or question passes this share of its score to the sentence that follows it.
HANDED_DOWN = 0.9
# How many of the best sentences are also embedded alone; fewer for long questions, whose sentences
# are picked by another rule.
READ_ALONE, READ_ALONE_WIDE = 5, 3
# Weight of the sentence embedded alone, against the one embedded in context: in context it takes on
# the subject of its neighbours, alone it shows whether it says what is asked. Citation recall on
# the scraped seeds is .947 (without: .894), the share of citations with the answer .55 (.50), on
# later questions .65 (.59); over the seeds and the news nothing changes. 0.2 to 0.4 do as well.
ALONE = 0.3


class SentenceIndex(Protocol):
    """What the scorer needs of a library."""

    def question_vector(self, question: str) -> FloatVector:
        """The embedded question, of unit length."""

    def passage_sentences(self, passage: Passage) -> tuple[tuple[Span, ...], FloatMatrix | None]:
        """Article offsets of the sentences in a passage, and their unit vectors where stored."""

    def embed(self, pieces: Sequence[str], articles: Sequence[str]) -> FloatMatrix:
        """The unit vector of each text, one row each; ``articles`` are those they come from."""


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of some evidence: its cosine with the question, and its score with context.

    ``words`` is the share, 0..1, of the question's words that it holds, weighted by rarity;
    ``near`` the same with the previous sentence and the heading above it.
    ``before`` is the index of the previous sentence in the same paragraph.
    ``answers`` is false for headings and questions.
    ``alone`` is the cosine of the sentence embedded alone; None if it was not.
    """

    evidence: Evidence
    span: Span
    text: str
    cosine: float
    words: float
    near: float
    score: float
    before: int | None
    answers: bool
    alone: float | None = None


class SentenceScorer:
    """Scores the sentences of the evidence of one question, each set of evidence once.

    Not thread-safe: each question has its own.
    """

    def __init__(self, index: SentenceIndex) -> None:
        self._index = index
        self._known: dict[tuple[str, tuple[Evidence, ...]], tuple[ScoredSentence, ...]] = {}

    def score(self, question: str, evidence: Sequence[Evidence]) -> tuple[ScoredSentence, ...]:
        """Every sentence of the evidence once, in the order of the evidence."""
        key = question, tuple(evidence)
        if key not in self._known:
            plain = _plain_sentences(self._index, evidence)
            scored = _score_sentences(self._index, question, evidence, plain) if plain else ()
            self._known[key] = scored
        return self._known[key]


def _score_sentences(
    index: SentenceIndex,
    question: str,
    evidence: Sequence[Evidence],
    plain: Sequence[_PlainSentence],
) -> tuple[ScoredSentence, ...]:
    vector = index.question_vector(question)
    groups = [item.stems for item in plain]
    asked = asked_stems(question, [item.passage.text for item in evidence])
    weights = rarity(groups, asked)
    scored: list[ScoredSentence] = []
    above = 0.0
    heading: frozenset[str] = frozenset()
    for place, item in enumerate(plain):
        before = place - 1 if item.follows else None
        if item.opens_passage:
            above, heading = 0.0, frozenset()
        context = heading | (plain[before].stems if before is not None else frozenset())
        words = weighted_share(asked & item.stems, weights)
        near = weighted_share(asked & (item.stems | context), weights)
        cosine = float(vector @ item.vector) if _comparable(question, item.text) else 0.0
        own = words + CONTEXT * (near - words)
        score = cosine + WORDS * own + PASSAGE / item.evidence.rank
        if item.answers:
            score, above = max(score, HANDED_DOWN * above), 0.0
        else:
            above, heading = score, item.stems
        scored.append(
            ScoredSentence(
                item.evidence,
                item.span,
                item.text,
                cosine=cosine,
                words=words,
                near=near,
                score=score,
                before=before,
                answers=item.answers,
            )
        )
    wide = len(question.split()) >= LONG_QUESTION
    return _read_alone(index, vector, scored, READ_ALONE_WIDE if wide else READ_ALONE)


def _comparable(question: str, sentence: str) -> bool:
    """Whether an embedding can compare the two: what it does not read is all alike to it."""
    script = texts.script_of(question)
    return script in ("", "LATIN") or texts.script_of(sentence) == script


def _read_alone(
    index: SentenceIndex, vector: FloatVector, scored: Sequence[ScoredSentence], most: int
) -> tuple[ScoredSentence, ...]:
    """The sentences, the best of them rescored with their cosine when embedded alone."""
    able = (place for place, item in enumerate(scored) if item.answers and item.cosine)
    best = sorted(able, key=lambda place: (-scored[place].score, place))[:most]
    if not best:
        return tuple(scored)
    articles = list(dict.fromkeys(scored[place].evidence.source.id for place in best))
    cosines = index.embed([scored[place].text for place in best], articles) @ vector
    alone = {place: float(cosine) for place, cosine in zip(best, cosines, strict=True)}
    # The others lose as much as the one that loses most, so that none gains from being left out.
    lost = min(0.0, *(cosine - scored[place].cosine for place, cosine in alone.items()))
    return tuple(
        replace(
            item,
            score=item.score + ALONE * (alone[place] - item.cosine if place in alone else lost),
            alone=alone.get(place),
        )
        for place, item in enumerate(scored)
    )


def best_cosine_alone(scored: Sequence[ScoredSentence]) -> float:
    """The highest cosine, -1..1, of the question with a sentence embedded alone; 0 if none."""
    return max((item.alone for item in scored if item.alone is not None), default=0.0)


def asked_stems(question: str, said: Sequence[str]) -> frozenset[str]:
    """The question's content stems, as far as possible in the words of the evidence.

    Words that only say what kind of answer is wanted ("what year", "parameter count") are left
    out, as long as others remain. A misspelt word becomes the nearest one that is ``said``, an
    abbreviation (AGI) its full form.
    """
    return _asked_stems(question, tuple(said))


@lru_cache(maxsize=64)
def _asked_stems(question: str, said: tuple[str, ...]) -> frozenset[str]:
    asked = set(texts.content_stems(question))
    asked = asked - KIND_STEMS or asked
    vocabulary = frozenset[str]().union(*(texts.content_stems(text) for text in said))
    for stem in sorted(asked - vocabulary):
        if meant := _spelt_out(stem, said) or _nearest(stem, vocabulary):
            asked = asked - {stem} | meant
    return frozenset(asked)


def _nearest(stem: str, vocabulary: Iterable[str]) -> set[str]:
    if len(stem) < SHORTEST_MISSPELT:
        return set()
    # Stems of other lengths cannot reach the ratio, which is twice the matches over both lengths.
    least, most = len(stem) * SAME_WORD / (2 - SAME_WORD), len(stem) * (2 - SAME_WORD) / SAME_WORD
    near = sorted(w for w in vocabulary if w[0] == stem[0] and least <= len(w) <= most)
    return set(difflib.get_close_matches(stem, near, 1, SAME_WORD))


def _spelt_out(stem: str, said: Sequence[str]) -> set[str]:
    """Stems of the first run of words whose initials spell an abbreviation of 3 to 5 letters."""
    if not (3 <= len(stem) <= 5 and stem.isalpha()):
        return set()
    for text in said:
        found = texts.words(text)
        at = "".join(word[0] for word in found).find(stem.casefold())
        # Initials of a run with a function word match by chance.
        if at >= 0 and not texts.STOP_WORDS & set(found[at : at + len(stem)]):
            return {texts.stem(word) for word in found[at : at + len(stem)]}
    return set()


@dataclass(frozen=True, slots=True)
class _PlainSentence:
    evidence: Evidence
    span: Span
    text: str
    vector: FloatMatrix
    stems: frozenset[str]
    follows: bool
    answers: bool
    opens_passage: bool


def _plain_sentences(index: SentenceIndex, evidence: Sequence[Evidence]) -> list[_PlainSentence]:
    """The sentences of some evidence, each once."""
    found: list[_PlainSentence] = []
    seen: set[tuple[str, Span]] = set()
    for item in evidence:
        passage = item.passage
        spans, vectors = index.passage_sentences(passage)
        pieces = [passage.text[s.start - passage.start : s.end - passage.start] for s in spans]
        if vectors is None:
            vectors = index.embed(pieces, (item.source.id,))
        previous: Span | None = None
        opens = True
        for span, piece, vector in zip(spans, pieces, vectors, strict=True):
            if (item.source.id, span) in seen:
                previous = None
                continue
            seen.add((item.source.id, span))
            gap = (
                ""
                if previous is None
                else passage.text[previous.end - passage.start : span.start - passage.start]
            )
            follows = previous is not None and "\n" not in gap
            found.append(
                _PlainSentence(
                    item,
                    span,
                    piece,
                    vector,
                    frozenset(texts.content_stems(piece)),
                    follows,
                    states_something(piece, alone=not follows),
                    opens,
                )
            )
            previous, opens = span, False
    return found


# A line of this many words without a full stop is more often a subtitle with a statement.
WORDS_OF_A_STATEMENT = 9

QUESTION = re.compile(r"[?？؟][\"'”’»)\]]*$")


def states_something(sentence: str, *, alone: bool) -> bool:
    """Whether a sentence is neither a question nor a short heading on a line by itself."""
    if QUESTION.search(sentence):
        return False
    heading = alone and texts.is_heading(sentence)
    return not heading or len(sentence.split()) >= WORDS_OF_A_STATEMENT


def rarity(groups: Sequence[frozenset[str]], asked: frozenset[str]) -> Mapping[str, float]:
    """Weight of each asked stem: log(1 + N / (1 + n)), n of the N groups hold it."""
    frequency: Counter[str] = Counter()
    for group in groups:
        frequency.update(asked & group)
    return {stem: math.log(1 + len(groups) / (1 + frequency[stem])) for stem in asked}


def weighted_share(found: frozenset[str], weights: Mapping[str, float]) -> float:
    """Weight of the found stems over the weight of all asked ones, 0..1; 0 if none is asked."""
    total = sum(weights.values())
    return sum(weights[stem] for stem in found) / total if total else 0.0
