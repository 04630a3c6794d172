"""Retrieves and assesses a question part by part, and names the parts without an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag import text as texts
from rag.answerability import ANSWERABLE, Assessment
from rag.answering.evidence import renumbered
from rag.query import Query, goes_on
from rag.types import Evidence, Filters

# Retrieves and assesses: the query, the number of passages, filters besides the query's own.
Assess = Callable[[Query, int, Filters], Assessment]

# An overview retrieves this multiple of the usual passages and keeps the best of each article.
WIDER = 3
# Passages of evidence for a question of several parts, as a multiple of those for one.
MOST_TOGETHER = 1.5
ANY = Filters()


@dataclass(frozen=True, slots=True)
class Plan:
    """What was retrieved for a question of one or several parts.

    Attributes:
        query: For the backend: the question with only those parts that the evidence answers.
        assessment: The evidence of all parts that have any, and the best of their chances.
        missing: The parts that the articles do not answer, in the question's words; empty if they
            answer all parts or none.
    """

    query: Query
    assessment: Assessment
    missing: tuple[str, ...] = ()


def retrieve(query: Query, k: int, assess: Assess) -> Plan:
    """Retrieves the evidence for a question, separately for each part.

    Args:
        query: The parsed question.
        k: Passages of evidence for a question with one part.
        assess: Searches for a question and assesses what it finds.

    Raises:
        LibraryEmpty: There is no article in the library.
    """
    match query.kind:
        case "list":
            return _list(query, k, assess)
        case "overview":
            return _overview(query, k, assess)
        case "comparison":
            return _comparison(query, k, assess)
        case "title":
            found = assess(query, k, Filters(articles=query.articles))
            return Plan(query, _answering(found))
        case _:
            return Plan(query, assess(query, k, ANY))


def _list(query: Query, k: int, assess: Assess) -> Plan:
    plans = [retrieve(part, k, assess) for part in query.parts]
    good = [plan.assessment.answers for plan in plans]
    if not any(good):
        return Plan(query, assess(query, k, ANY))
    texts_of_parts = [part.text for part in query.parts]
    # If "and for how much?" is answered, so is "who sold it?".
    good = [
        answered
        or any(a and goes_on(text, later) for a, later in zip(good, texts_of_parts, strict=True))
        for answered, text in zip(good, texts_of_parts, strict=True)
    ]
    kept = [plan for plan, answered in zip(plans, good, strict=True) if answered]
    missing = [
        part.as_written for part, answered in zip(query.parts, good, strict=True) if not answered
    ]
    missing += [piece for plan in kept for piece in plan.missing]
    merged = _merged(query, [plan.assessment for plan in kept], k)
    return Plan(_remaining(query, [plan.query for plan in kept]), merged, tuple(missing))


def _remaining(query: Query, parts: Sequence[Query]) -> Query:
    """The question with the remaining parts only."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == len(query.parts):
        return replace(query, parts=tuple(parts))
    return replace(query, text=" ".join(part.text for part in parts), parts=tuple(parts))


def _comparison(query: Query, k: int, assess: Assess) -> Plan:
    """Both sides; if the articles mention only one, that one, and the other is missing."""
    found = [assess(side, k, query.filters) for side in query.parts]
    good = [_covers_subject(item) for item in found]
    if not any(good):
        return Plan(query, assess(query, k, ANY))
    kept = [item for item, covered in zip(found, good, strict=True) if covered]
    missing = [s.as_written for s, covered in zip(query.parts, good, strict=True) if not covered]
    if not missing:
        # Articles that mention both come first.
        kept.insert(0, assess(query, k, ANY))
    told = tuple(f"anything about “{side}”." for side in missing)
    sides = tuple(s for s, covered in zip(query.parts, good, strict=True) if covered)
    return Plan(replace(query, parts=sides), _answering(_merged(query, kept, k)), told)


def _overview(query: Query, k: int, assess: Assess) -> Plan:
    """The best passage of each article on a subject."""
    (subject,) = query.parts
    within = query.filters
    if not any(name.casefold() in subject.text.casefold() for name in query.publisher_mentions):
        named = {name for group in query.publishers for name in group}
        within = replace(within, publishers=within.publishers or tuple(sorted(named)))
    wide = assess(subject, WIDER * k, within)
    if not _covers_subject(wide):
        # A known publisher does not make up for its silence on the subject.
        whole = assess(query, k, ANY)
        return Plan(query, replace(whole, chance=min(whole.chance, wide.chance)))
    words = set(texts.content_stems(subject.subject))
    best: dict[str, Evidence] = {}
    for item in wide.evidence:
        if 2 * len(words & _stems(item)) >= len(words):
            best.setdefault(item.source.id, item)
    evidence = renumbered(list(best.values())[:k])
    return Plan(query, _answering(replace(wide, query=query, evidence=evidence)))


def _covers_subject(found: Assessment) -> bool:
    """Whether the evidence mentions a subject for which no single fact is asked.

    It does if a passage with its headline contains all of the subject's words.
    """
    words = set(texts.content_stems(found.query.subject))
    # If all articles of a category are asked for, there are no words to look for.
    return found.answers or any(words <= _stems(item) for item in found.evidence)


def _stems(item: Evidence) -> set[str]:
    return set(texts.content_stems(f"{item.source.title} {item.passage.text}"))


def _answering(found: Assessment) -> Assessment:
    return replace(found, chance=max(found.chance, ANSWERABLE))


def _merged(query: Query, found: Sequence[Assessment], k: int) -> Assessment:
    """Interleaves the evidence of several searches; the chance is the highest of theirs."""
    most = int(k * MOST_TOGETHER) if len(found) > 1 else k
    evidence = renumbered(list(_in_turns([item.evidence for item in found]))[:most])
    best = max(found, key=lambda item: item.chance)
    return replace(best, query=query, evidence=evidence)


def _in_turns(lists: Sequence[Sequence[Evidence]]) -> Iterator[Evidence]:
    """The first of each list, then the second of each, and so on; no passage twice."""
    seen: set[str] = set()
    for place in range(max(map(len, lists), default=0)):
        for items in lists:
            if place < len(items) and items[place].passage.id not in seen:
                seen.add(items[place].passage.id)
                yield items[place]
