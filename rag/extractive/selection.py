"""Selects the sentences of an answer: how many, of which publishers, with which context."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rag import text as texts
from rag.answerability import (
    TALK,
    ScoredSentence,
    asked_stems,
    rarity,
    weighted_share,
    without_publishers,
)
from rag.extractive.standalone_sentences import (
    gives_a_reason_only,
    has_balanced_quotes,
    is_first_person,
    is_fragment,
    needs_context,
)
from rag.query import Query

# Three sentences contained 0.86-0.89 of the gold sentences of a trial, the best one alone 0.70.
MOST_SENTENCES = 3
# A further sentence must reach this share of the best one's score. On six sets of questions 0.55
# finds as many answers as 0.5 and one in a hundred more than 0.65, in 2.2 sentences.
WORTH_ADDING = 0.55
# The same where the sentences were not read: on the questions about the seeds 0.7 finds as many
# answers as 0.5, and 50 % of the cited sentences contain the answer instead of 38 %.
WORTH_ADDING_UNREAD = 0.7

# Inside one article all sentences share their subject, so their neighbours' words do not help:
# score = cosine + OWN_WORDS * share of the question's words + the reader's chance + OPENING for the
# first sentence of the article, which says what it is about. On the answerable half of the 276
# CLAP NQ development questions this has RougeL .58 and .7 of the sentences are among those that
# people marked (without the reader .581 and .64).
OWN_WORDS = 0.4
OPENING = 0.1

# For a question of several parts:
# score = cosine + WORDS * share of the question's words + NEAR * that share with the previous
# sentence and the heading + CLAUSE * share of its best clause's words + PASSAGE / rank. Chosen on
# 838 news questions: three sentences have precision .355 and recall .424; with NEAR 0 and WORDS
# 1.5, .341 and .406. On 255 others .349 and .421 (.340 and .410).
WORDS = 1.0
NEAR = 1.5
CLAUSE = 0.5
PASSAGE = 0.1
# A sentence with fewer content words is not picked.
LEAST_WORDS = 3
# Characters between two paragraphs.
PARAGRAPH_BREAK = 2
# Least number of words of a line in an overview; "Case study: DeepSeek." has too few.
LEAST_LINE = 6
# A question that a sentence with its own words answers: "Is the gate closed?"
YES_OR_NO = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|ha[sd]|have|can|could|may|must|shall|should|will|would)\b",
    re.IGNORECASE,
)
# Two sentences are the same if they share this part of the shorter one's words.
SAME_SENTENCE = 0.7
# And the same of two things if they share this part of the shorter one's words.
SAID_ALIKE = 0.6
# With no more than so many other words, not counting figures.
MOST_EXCHANGED = 2


def select_single(
    scored: Sequence[ScoredSentence],
    most: int,
    question: str = "",
    *,
    require_overlap: bool = False,
) -> tuple[int, ...]:
    """Indices of the best sentences, without repetition, with the context that they need.

    Args:
        scored: The sentences.
        most: How many sentences, not counting their context.
        question: A sentence with no other content than its words answers only a yes or no, and one
            about another thing nothing.
        require_overlap: Whether to drop sentences that share no word with the question, unless they
            need the previous sentence. It is used for lists: it loses answers to single questions.
    """
    asked = frozenset(texts.content_stems(question))
    repeated = frozenset() if YES_OR_NO.match(question) else asked
    inside = len({item.evidence.source.id for item in scored}) == 1
    values = [_inside(item) if inside else item.score for item in scored]
    read = any(item.reads is not None for item in scored)
    worth = WORTH_ADDING if read or inside else WORTH_ADDING_UNREAD
    able = _able(question, scored, require_overlap=require_overlap)
    order = whole_first(scored, sorted(able, key=lambda place: (-values[place], place)))
    picked: list[int] = []
    said: list[frozenset[str]] = []
    for place in order:
        if len(picked) >= most or (picked and values[place] < worth * values[picked[0]]):
            break
        if picked and is_about_another(question, scored[picked[0]], scored[place]):
            continue
        own = frozenset(texts.content_stems(scored[place].text))
        says_something = len(own) >= LEAST_WORDS if picked else not own <= repeated
        repeats = any(same(own, other) for other in said) and not _of_another(own, said, asked)
        if says_something and not repeats:
            picked.append(place)
            said.append(own)
    return with_context(scored, picked)


def _able(
    question: str, scored: Sequence[ScoredSentence], *, require_overlap: bool
) -> Sequence[int]:
    """The places of the sentences that may answer a question."""
    able = [p for p, s in enumerate(scored) if s.answers and has_balanced_quotes(s.text)]
    if require_overlap:
        able = [p for p in able if scored[p].words > 0 or needs_context(scored[p].text)] or able
    return without_other_things(question, scored, _best_rows(scored, able))


def _best_rows(scored: Sequence[ScoredSentence], places: Sequence[int]) -> list[int]:
    """The places without rows of a table that have fewer of the question's words than another.

    Rows share the names of their columns, so all of them fit a question about one.
    """
    rows = {place for place in places if texts.is_table_row(scored[place].text)}
    most: dict[str, float] = {}
    for place in rows:
        article = scored[place].evidence.source.id
        most[article] = max(most.get(article, 0.0), scored[place].words)
    return [
        place
        for place in places
        if place not in rows or scored[place].words >= most[scored[place].evidence.source.id]
    ]


def further(
    scored: Sequence[ScoredSentence], said: Collection[str], most: int
) -> list[ScoredSentence]:
    """The next best sentences of the articles of which sentences were ``said``."""
    quoted = {item.evidence.source.id for item in scored if item.text in said}
    left = [
        item
        for item in scored
        if item.evidence.source.id in quoted
        and item.text not in said
        and item.answers
        and not is_fragment(item.text)
    ]
    return sorted(left, key=lambda item: -item.score)[:most]


def _of_another(own: frozenset[str], said: Sequence[frozenset[str]], asked: frozenset[str]) -> bool:
    """Whether a sentence has a word of the question that none of those ``said`` has.

    What is asked of two mills is said of each in almost the same words.
    """
    return bool(said) and not own & asked <= frozenset().union(*said)


def _inside(item: ScoredSentence) -> float:
    said = item.cosine + OWN_WORDS * item.words + (item.reads or 0.0)
    return said + OPENING * (item.span.start == 0)


def whole_first(scored: Sequence[ScoredSentence], order: Sequence[int]) -> list[int]:
    """The order without sentence fragments, unless there is nothing else."""
    return [place for place in order if not is_fragment(scored[place].text)] or list(order)


def with_context(scored: Sequence[ScoredSentence], picked: Sequence[int]) -> tuple[int, ...]:
    """The indices, with the previous sentence of each that cannot be understood alone."""
    brought = {before for place in picked for before in _context_of(scored, place)}
    return tuple(dict.fromkeys([*picked, *sorted(brought)]))


def _context_of(scored: Sequence[ScoredSentence], place: int) -> Iterator[int]:
    """The previous sentence, if necessary in the previous paragraph."""
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
    """Whether one sentence directly follows the other, even in a new paragraph."""
    same_article = one.evidence.source.id == other.evidence.source.id
    return same_article and 0 <= other.span.start - one.span.end <= PARAGRAPH_BREAK


def rescore_multi_part(
    query: Query, scored: Sequence[ScoredSentence]
) -> tuple[ScoredSentence, ...]:
    """The sentences with scores that include the question's clauses."""
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
    """Indices of the best sentences, the named publishers taking turns, none repeated.

    When all have had the same number of turns, the best remaining sentence comes next.
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
    """Indices from several lists sorted by score, in turns and without repetition."""
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
    """Whether two sentences, given by their content stems, say the same."""
    return len(one & other) >= SAME_SENTENCE * min(len(one), len(other))


def best_per_article(scored: Sequence[ScoredSentence], most: int) -> tuple[int, ...]:
    """Indices of the best sentence of each article on the subject, the best first.

    Sentences that can be understood alone are preferred.
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
    """Whether a line can be understood alone and states a fact."""
    whole = has_balanced_quotes(text) and len(text.split()) >= LEAST_LINE
    return whole and not needs_context(text) and not is_first_person(text)


def is_about_another(question: str, best: ScoredSentence, item: ScoredSentence) -> bool:
    """Whether the article of a sentence is about another one of the kind that is asked about.

    It is if its passage and title lack a name or number of the question that the best sentence has,
    and name nothing else of the question: the WHO for The Who, room B12 for room B21. Sentences of
    the best one's article share its subject.
    """
    if item.evidence.source.id == best.evidence.source.id:
        return False
    said = _stems(f"{best.evidence.source.title}\n{best.text}")
    told = _stems(f"{item.evidence.source.title}\n{item.evidence.passage.text}")
    names = _names(question)
    return not (names & told) - said and bool((names & said) - told)


def without_other_things(
    question: str, scored: Sequence[ScoredSentence], places: Sequence[int]
) -> list[int]:
    """The places without sentences that say of another thing what one says of the thing asked for.

    The south gate is another one if the question names the north gate and a sentence says nearly
    the same of that: it has other words in place of one that is asked for, and none that is.
    """
    asked = frozenset(texts.content_stems(question))
    stems = {place: _stems(scored[place].text) for place in places}

    def is_of_another(place: int) -> bool:
        own = stems[place]
        return any(
            asked & (other - own)
            and own - other
            and not asked & (own - other)
            and max(map(_count_words, (own - other, other - own))) <= MOST_EXCHANGED
            and len(own & other) >= SAID_ALIKE * min(map(_count_words, (own, other)))
            for other in stems.values()
        )

    return [place for place in places if not is_of_another(place)]


def _count_words(stems: Collection[str]) -> int:
    """How many stems have no figures: those of two things differ anyway."""
    return sum(not any(map(str.isdigit, stem)) for stem in stems)


@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    return frozenset(texts.content_stems(text))


@lru_cache(maxsize=64)
def _names(question: str) -> frozenset[str]:
    """The stems of names and numbers of a question."""
    written = (stem for name in texts.name_words(question) for stem in texts.content_stems(name))
    figures = (stem for stem in _stems(question) if any(map(str.isdigit, stem)))
    return frozenset((*texts.names_like_stop_words(question), *written, *figures))
