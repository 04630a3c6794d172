"""Scores how well each sentence of the evidence answers a question."""

from __future__ import annotations

import difflib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from rag import text as texts
from rag.answerability.reading import answer_chances
from rag.reader import Reader
from rag.store import FloatMatrix, FloatVector
from rag.types import Evidence, Passage, Span

# score = cosine + WORDS * (share of the question's rare words, in context) + PASSAGE * (standing of
# the passage, 1 for the first and falling). Chosen on eval/cases/seeds.jsonl by a grid over 576
# settings and 50 more questions; the best dozen lie within half a point of each other.
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
# score += READS * the reader's chance. Among three sentences this finds the answer to .87 of the
# questions about 130 invented texts in one library (without the reader .73), of .86 about 276
# published texts (.78), of .93 about the scraped seeds (.95); .75 and 1.25 do as well.
READS = 1.0
# Only this many of the best sentences are read, with their neighbours. That takes half as long as
# reading all; of eight sets of questions, three gain one answer and one loses one.
MOST_READ = 12
# This many are read first, and the others only if none of them is this likely to answer. Of 1,400
# questions about the seeds, texts and news, this settles .67 of the answerable ones and .13 of the
# others; for .997 of those it settles, the sentence that fits best stays the same.
READ_FIRST, SURE = 4, 0.6
# The language that the reader was trained on; a passage whose language is unclear is read too.
READ_LANGUAGES = ("english", "")


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
    ``near`` the same with the previous sentence and the heading above it; for the row of a table,
    with the article's title.
    ``before`` is the index of the previous sentence in the same paragraph.
    ``answers`` is false for headings and questions.
    ``reads`` is the reader's chance, 0..1, that it answers; None if it was not read.
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
    reads: float | None = None


class SentenceScorer:
    """Scores the sentences of the evidence of one question, each set of evidence once.

    Not thread-safe: each question has its own.

    Args:
        index: The library, as far as it is needed.
        reader: Gives the trained reader; by default sentences are not read.
    """

    def __init__(self, index: SentenceIndex, reader: Callable[[], Reader | None] | None = None):
        self._index = index
        self._reader = reader or (lambda: None)
        self._known: dict[tuple[str, tuple[Evidence, ...], bool], tuple[ScoredSentence, ...]] = {}

    def score(
        self, question: str, evidence: Sequence[Evidence], *, read: bool = True
    ) -> tuple[ScoredSentence, ...]:
        """Every sentence of the evidence once, in the order of the evidence.

        Args:
            question: The question, or the subject of an overview.
            evidence: Passages.
            read: Whether the reader may add its chances.
        """
        key = question, tuple(evidence), read
        if key not in self._known:
            plain = _plain_sentences(self._index, evidence)
            scored = _score_sentences(self._index, question, evidence, plain)
            self._known[key] = self._read(question, scored) if read else tuple(scored)
        return self._known[key]

    def _read(self, question: str, scored: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
        """The sentences with the reader's chances, where it knows the language.

        If it cannot read the sentence that fits best, nothing is read: that the others do not
        answer says nothing of that one.
        """
        by_rank = itertools.groupby(scored, lambda item: item.evidence.rank)
        groups = [list(group) for _, group in by_rank]
        passages = [group[0].evidence.passage.text for group in groups]
        languages = [texts.language_of(passage) for passage in passages]
        known = [language in READ_LANGUAGES for language in languages]
        best = sorted((s for s in scored if s.answers), key=lambda s: -s.score)[:MOST_READ]
        groups = list(itertools.compress(groups, known))
        can = bool(best) and any(best[0] in group for group in groups)
        unread = "english" not in languages and not texts.is_english(question)
        foreign = unread or texts.is_other_language(question, passages)
        reader = self._reader() if can and not foreign else None
        if reader is None:
            return tuple(scored)
        chances = _chances(reader, question, groups, best[:READ_FIRST])
        if max(chances.values(), default=0.0) < SURE:
            rest = [item for item in best[READ_FIRST:] if item not in chances]
            chances = _chances(reader, question, groups, rest) | chances
        return tuple(
            replace(item, score=item.score + READS * chances[item], reads=chances[item])
            if item in chances
            else item
            for item in scored
        )


def _chances(
    reader: Reader,
    question: str,
    groups: Sequence[Sequence[ScoredSentence]],
    wanted: Sequence[ScoredSentence],
) -> dict[ScoredSentence, float]:
    """The reader's chances of the wanted sentences and their neighbours in the same passage."""
    passages = [
        (
            group[0].evidence.source,
            [item.text for item in group],
            [place for place, item in enumerate(group) if item in wanted],
        )
        for group in groups
    ]
    return {
        group[place]: chance
        for group, found in zip(groups, answer_chances(reader, question, passages), strict=True)
        for place, chance in found.items()
    }


def _score_sentences(
    index: SentenceIndex,
    question: str,
    evidence: Sequence[Evidence],
    plain: Sequence[_PlainSentence],
) -> list[ScoredSentence]:
    if not plain:
        return []
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
        if item.is_row:
            heading |= frozenset(texts.content_stems(item.evidence.source.title))
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
    return scored


def _comparable(question: str, sentence: str) -> bool:
    """Whether an embedding can compare the two: texts that it cannot read all look alike to it."""
    script = texts.script_of(question)
    return script in ("", "LATIN") or texts.script_of(sentence) == script


def asked_stems(question: str, said: Sequence[str]) -> frozenset[str]:
    """The question's content stems, as far as possible in the words of the evidence.

    Words that only say what kind of answer is wanted ("what year", "parameter count") are left
    out, as long as others remain. A misspelt word becomes the nearest one that is ``said``, an
    abbreviation (AGI) its full form, an irregular form (send) the one that is said (sent).
    """
    return _asked_stems(question, tuple(said))


@lru_cache(maxsize=64)
def _asked_stems(question: str, said: tuple[str, ...]) -> frozenset[str]:
    asked = set(texts.content_stems(question))
    asked = asked - KIND_STEMS or asked
    vocabulary = frozenset[str]().union(*(texts.content_stems(text) for text in said))
    for stem in sorted(asked - vocabulary):
        other_forms = {word for word in vocabulary if texts.base_of(word) == texts.base_of(stem)}
        if meant := other_forms or _spelt_out(stem, said) or _nearest(stem, vocabulary):
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
    is_row: bool


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
        properties = [texts.is_property(piece) for piece in pieces]
        for place, (span, piece, vector) in enumerate(zip(spans, pieces, vectors, strict=True)):
            if (item.source.id, span) in seen:
                previous = None
                continue
            seen.add((item.source.id, span))
            between = slice((previous or span).end - passage.start, span.start - passage.start)
            follows = previous is not None and "\n" not in passage.text[between]
            around = properties[max(0, place - 1) : place] + properties[place + 1 : place + 2]
            is_row = (properties[place] and any(around)) or texts.is_table_row(piece)
            found.append(
                _PlainSentence(
                    item,
                    span,
                    piece,
                    vector,
                    frozenset(texts.content_stems(piece)),
                    follows,
                    is_row or texts.states_something(piece, alone=not follows),
                    opens,
                    is_row,
                )
            )
            previous, opens = span, False
    return found


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
