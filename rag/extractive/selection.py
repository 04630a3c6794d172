"""Picking the sentences that answer: how many, from whom, and which belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag import text as texts
from rag.answerability import (
    TALK,
    ScoredSentence,
    asked_stems,
    rarity,
    weighted_share,
    without_publishers,
)
from rag.extractive.sentence_quality import (
    gives_a_reason_only,
    has_balanced_quotes,
    is_first_person,
    is_fragment,
    needs_context,
)
from rag.query import Query

# Three sentences found 0.86-0.89 of the gold sentences of a trial, the best one alone 0.70.
MOST_SENTENCES = 3
# A further sentence must reach this share of the best one's score. On the questions about the seeds
# 0.7 finds as many answers as 0.5 and half of what is cited holds the answer instead of 38 %; 0.8
# loses three answers in a hundred.
WORTH_ADDING = 0.7

# Inside one article all sentences share their subject, so that the words of their neighbours tell
# nothing: score = cosine + OWN_WORDS * share of the question's words + OPENING for the sentence
# that opens the article and says what it is about. On the answerable half of the 276 CLAP NQ
# development questions, answered without refusing, three sentences picked so have RougeL .583
# (best over the references); 384 settings around it lie within .558 and .586, so there is nothing
# to choose by.
OWN_WORDS = 0.4
OPENING = 0.1
WORTH_ADDING_INSIDE = 0.6

# Taken from the score of a sentence in which a writer speaks of himself, or that has no full stop.
ASIDE = 0.15

# For a question of several parts:
# score = cosine + WORDS * share of the question's words + NEAR * that share with the sentence in
# front and the heading + CLAUSE * share of its best clause's words + PASSAGE / rank. Chosen on 838
# news questions, of whose needed sentences three so picked are .355 (precision) and hold .424
# (recall); without NEAR, and WORDS 1.5, .341 and .406. On 255 others .349 and .421 (.340, .410).
WORDS = 1.0
NEAR = 1.5
CLAUSE = 0.5
PASSAGE = 0.1
# A sentence of fewer content words says too little.
LEAST_WORDS = 3
# Characters between two paragraphs.
PARAGRAPH_BREAK = 2
# A line that stands for a whole article has so many words; "Case study: DeepSeek." has not.
LEAST_LINE = 6
# Two sentences that share this part of the shorter one's words say the same.
SAME_SENTENCE = 0.7


def select_single(
    scored: Sequence[ScoredSentence],
    most: int,
    asked: frozenset[str] = frozenset(),
    *,
    require_overlap: bool = False,
) -> tuple[int, ...]:
    """Places of the best sentences, without repetition, with those that they lean on.

    Args:
        scored: The sentences.
        most: How many of them, those that others lean on left out.
        asked: Content stems of the question; a sentence that holds nothing besides is no answer.
        require_overlap: Whether sentences that share no word with the question are left out, unless
            they need the sentence before. Where one thing is asked this loses answers.
    """
    inside = len({item.evidence.source.id for item in scored}) == 1
    worth = WORTH_ADDING_INSIDE if inside else WORTH_ADDING
    values = [_inside(item) if inside else _among(item) for item in scored]
    able = [
        place
        for place, item in enumerate(scored)
        if item.answers and has_balanced_quotes(item.text)
    ]
    if require_overlap:
        able = [p for p in able if scored[p].words > 0 or needs_context(scored[p].text)] or able
    order = sorted(able, key=lambda place: (-values[place], place))
    order = whole_first(scored, order)
    picked: list[int] = []
    said: list[frozenset[str]] = []
    for place in order:
        if len(picked) >= most or (picked and values[place] < worth * values[picked[0]]):
            break
        own = frozenset(texts.content_stems(scored[place].text))
        new = own - asked if not picked else own if len(own) >= LEAST_WORDS else frozenset()
        if new and not any(same(own, other) for other in said):
            picked.append(place)
            said.append(own)
    return with_context(scored, picked)


def _inside(item: ScoredSentence) -> float:
    return item.cosine + OWN_WORDS * item.words + OPENING * (item.span.start == 0)


def _among(item: ScoredSentence) -> float:
    """The score; less for a writer's talk of himself and for a line without a full stop."""
    unfinished = item.text.rstrip("\"”'’)]")[-1:] not in (".", "!", "?", "。")
    return item.score - ASIDE * (is_first_person(item.text) + unfinished)


def whole_first(scored: Sequence[ScoredSentence], order: Sequence[int]) -> list[int]:
    """The order without pieces of sentences, unless there is nothing else."""
    return [place for place in order if not is_fragment(scored[place].text)] or list(order)


def with_context(scored: Sequence[ScoredSentence], picked: Sequence[int]) -> tuple[int, ...]:
    """The places with the sentences in front of those that cannot be understood alone."""
    brought = {before for place in picked for before in _context_of(scored, place)}
    return tuple(dict.fromkeys([*picked, *sorted(brought)]))


def _context_of(scored: Sequence[ScoredSentence], place: int) -> Iterator[int]:
    """The sentence in front, in the paragraph before if need be."""
    if not needs_context(scored[place].text):
        return
    before = scored[place].before
    if before is None and place and _follows(scored[place - 1], scored[place]):
        before = place - 1
    if before is None or not scored[before].answers:
        return
    if not is_fragment(scored[before].text) and not gives_a_reason_only(scored[before].text):
        yield before


def _follows(one: ScoredSentence, other: ScoredSentence) -> bool:
    """Whether nothing but the end of a paragraph stands between two sentences."""
    same_article = one.evidence.source.id == other.evidence.source.id
    return same_article and 0 <= other.span.start - one.span.end <= PARAGRAPH_BREAK


def rescore_multi_part(
    query: Query, scored: Sequence[ScoredSentence]
) -> tuple[ScoredSentence, ...]:
    """The sentences with scores that weigh the question's clauses too."""
    stems = [frozenset(texts.content_stems(item.text)) for item in scored]
    asked = asked_stems(without_publishers(query), [item.text for item in scored]) - TALK
    clauses = [frozenset(texts.content_stems(clause)) - TALK for clause in query.clauses]
    weights = rarity(stems, asked.union(*clauses))
    whole = {stem: weights[stem] for stem in asked}
    parts = [{stem: weights[stem] for stem in clause} for clause in clauses if clause]
    found = []
    for item, own in zip(scored, stems, strict=True):
        words = weighted_share(asked & own, whole)
        best = max((weighted_share(own & part.keys(), part) for part in parts), default=words)
        said = WORDS * words + NEAR * item.near + CLAUSE * best
        score = item.cosine + said + PASSAGE / item.evidence.rank
        found.append(replace(item, score=score))
    return tuple(found)


def select_multi_part(query: Query, scored: Sequence[ScoredSentence], most: int) -> tuple[int, ...]:
    """Places of the best sentences, the publishers that are named taking turns, none repeated.

    When all have had as many turns, the best sentence of any of them comes next.
    """
    able = [place for place, item in enumerate(scored) if item.answers]
    order = sorted(able, key=lambda place: (-scored[place].score, place))
    order = whole_first(scored, order)
    sides = [
        [place for place in order if scored[place].evidence.source.publisher in side]
        for side in query.publishers
    ]
    lanes = [lane for lane in sides if lane] or [order]
    return round_robin(scored, lanes, most)


def round_robin(
    scored: Sequence[ScoredSentence], lanes: Sequence[Sequence[int]], most: int
) -> tuple[int, ...]:
    """Places from several lists, each sorted by score, that take turns; none said twice."""
    waiting = {number: list(lane) for number, lane in enumerate(lanes)}
    turns = dict.fromkeys(waiting, 0)
    picked: list[int] = []
    said: list[frozenset[str]] = []
    while waiting and len(picked) < most:
        heads: dict[int, int] = {}
        for number, lane in tuple(waiting.items()):
            while lane and (lane[0] in picked or not _is_new(scored[lane[0]], said)):
                lane.pop(0)
            if lane:
                heads[number] = lane[0]
            else:
                del waiting[number]
        if not heads:
            break
        number = min(heads, key=lambda n: (turns[n], -scored[heads[n]].score, n))
        turns[number] += 1
        picked.append(heads[number])
        said.append(frozenset(texts.content_stems(scored[heads[number]].text)))
    return tuple(picked)


def _is_new(item: ScoredSentence, said: Sequence[frozenset[str]]) -> bool:
    own = frozenset(texts.content_stems(item.text))
    return len(own) >= LEAST_WORDS and not any(same(own, other) for other in said)


def same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences, as their content stems, say the same."""
    return len(one & other) >= SAME_SENTENCE * min(len(one), len(other))


def best_per_article(scored: Sequence[ScoredSentence], most: int) -> tuple[int, ...]:
    """Places of the best sentence of each article that speaks of what is asked, the best first.

    They can be understood alone, if there are such.
    """
    most_words = max((item.words for item in scored), default=0.0)
    able = [
        place
        for place, item in enumerate(scored)
        if item.answers and item.words > 0 and item.words >= most_words / 2
    ]
    able = [p for p in able if not is_fragment(scored[p].text)]
    able = [p for p in able if stands_alone(scored[p].text)] or able
    order = sorted(able, key=lambda p: (-scored[p].score, p))
    picked: dict[str, int] = {}
    said: list[frozenset[str]] = []
    for place in order:
        item = scored[place]
        if item.evidence.source.id not in picked and _is_new(item, said):
            picked[item.evidence.source.id] = place
            said.append(frozenset(texts.content_stems(item.text)))
    best = sorted(picked.values(), key=lambda place: -scored[place].score)
    return tuple(best[:most])


def stands_alone(text: str) -> bool:
    """Whether a line is understood without others, and says something of the world."""
    whole = has_balanced_quotes(text) and len(text.split()) >= LEAST_LINE
    return whole and not needs_context(text) and not is_first_person(text)
