"""Explains a refusal in the language of the question: why, and which filter to remove."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from rag import text as texts
from rag.answerability.assessment import dangling_pronoun
from rag.data import read_text
from rag.query import Period, Query
from rag.types import Evidence, Filters, Source

# A refusal repeats at most this many of the words that were searched for.
MOST_WORDS = 12
# From this chance on there is no note. In cross-validation over nine sets of questions, 288 of 518
# questions below it were answerable, and seven to nine in ten above it.
SURE = 0.7


def explain_refusal(
    query: Query,
    filters: Filters,
    evidence: Sequence[Evidence],
    outside_dates: bool = False,
    days: Period | None = None,
) -> tuple[str, ...]:
    """Lines with what was searched for and the known reasons.

    Args:
        query: The parsed question.
        filters: All filters, those in its words included.
        evidence: What passed the filters.
        outside_dates: Whether it names days on which no article was published.
        days: From the first to the last day of the library's articles, if they have any.
    """
    lines = list(missing(query))
    lines += [f"There is no {day}." for day in query.unreal]
    lines += [
        f"{day} can be read as different days. Write the month in words." for day in query.ambiguous
    ]
    among = f", {' and '.join(said)}" if (said := _said(filters)) else ""
    if is_empty_query(query, filters):
        return (*lines, "The question has no word to search for.")
    if pronoun := dangling_pronoun(query, evidence):
        lines.append(f"It is not clear what “{pronoun}” stands for.")
    if texts.is_other_language(query.text, [item.passage.text for item in evidence]):
        lines.append("The question is not in the language of the articles.")
    span = f" They are dated {said_of(days)}." if days else ""
    if not evidence and (said := _said(filters)):
        dated = bool(filters.after or filters.before)
        lines.append(
            f"No article of this library is {' and '.join(said)}.{span if dated else ''} "
            f"Loosen this filter: {', '.join(_names(filters))}."
        )
    elif outside_dates and not _mentions_year(query, evidence):
        then = _listed([said_of(period) for period in query.periods], "or")
        lines.append(f"No article of this library is dated {then}.{span}")
    lines.append(f"Looked for: {words_of(query) or 'articles'}{among or _above_all(query)}.")
    return tuple(lines)


def _above_all(query: Query) -> str:
    """Whose articles were preferred, although none was excluded."""
    said = [name for group in query.publishers for name in group]
    return f", above all from {_listed(said, 'or')}" if said else ""


def low_confidence_note(chance: float) -> tuple[str, ...]:
    """A note on an answer that may not answer the question; none if the chance is high.

    Args:
        chance: That the evidence answers, 0..1; exactly one half is set, not measured (overviews).
    """
    if not 0.5 < chance < SURE:
        return ()
    return (
        "The articles may not say exactly this: evidence like this answers about "
        f"{round(10 * chance)} in 10 questions.",
    )


def is_empty_query(query: Query, filters: Filters) -> bool:
    """Whether there is nothing to search for: no content word and no filter."""
    return not words_of(query) and not _said(filters)


def _mentions_year(query: Query, evidence: Sequence[Evidence]) -> bool:
    """Whether a passage mentions a year that the question names."""
    years = texts.YEAR.findall(query.text)
    return any(year in item.passage.text for item in evidence for year in years)


def nearest_articles(nearest: Sequence[Source]) -> str:
    """A line with the nearest headlines, or that there are none."""
    if not nearest:
        return "No article of this library is about it."
    return f"The nearest to it: {headlines(nearest)}."


def nearest_without_filter(nearest: Sequence[Source]) -> str:
    """A line with the nearest articles outside the filters."""
    return f"The nearest without this filter: {headlines(nearest)}."


def headlines(sources: Sequence[Source]) -> str:
    """Titles with publisher, author and day."""
    return _listed(
        [f"“{s.title}”" + (f" ({s.byline})" if s.byline else "") for s in sources], "and"
    )


def words_of(query: Query) -> str:
    """The words of a question that were searched for, in order; empty if there are none."""
    bare = query.subject
    for said in query.publisher_mentions if query.publishers else ():
        bare = bare.replace(said, " ")
    names = texts.names_like_stop_words(bare)
    words = (word for word in texts.words(bare) if texts.content_stems(word))
    kept = tuple(dict.fromkeys((*names, *words)))
    return " ".join(kept[:MOST_WORDS]) + (" …" if len(kept) > MOST_WORDS else "")


def said_of(period: Period) -> str:
    """A period in words."""
    if period.after == period.before:
        return str(period.after)
    if period.after is None:
        return f"{period.before} or earlier"
    if period.before is None:
        return f"{period.after} or later"
    return f"{period.after} to {period.before}"


def missing(query: Query) -> tuple[str, ...]:
    """A line about publishers that have no article here; empty if all have."""
    if not query.missing:
        return ()
    return (f"This library holds no article from {_listed(query.missing, 'or')}.",)


def _said(filters: Filters) -> list[str]:
    said = []
    if filters.publishers:
        said.append(f"from {_listed(filters.publishers, 'or')}")
    if filters.after and filters.before and filters.after > filters.before:
        said.append(
            f"both from {filters.after.isoformat()} on and not later than "
            f"{filters.before.isoformat()}"
        )
    elif filters.after and filters.before:
        said.append(f"dated {said_of(Period(filters.after, filters.before, 0, 0))}")
    else:
        if filters.after:
            said.append(f"dated {filters.after.isoformat()} or later")
        if filters.before:
            said.append(f"dated {filters.before.isoformat()} or earlier")
    if filters.categories:
        said.append(f"about {_listed(filters.categories, 'or')}")
    if filters.authors:
        said.append(f"by {_listed(filters.authors, 'or')}")
    if filters.articles or filters.not_articles:
        said.append("among the articles that the given ids leave")
    return said


def _names(filters: Filters) -> list[str]:
    names = (name for name in Filters.__dataclass_fields__ if name != "ignoring")
    return [name for name in names if getattr(filters, name)]


def _listed(names: Sequence[str], joint: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


# Between two headlines.
AND = re.compile(r"(?<=[”)]) and (?=“)")


def in_language_of(question: str, lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of a refusal; fixed sentences in the question's language, if they are translated.

    Only a question with letters or function words that English lacks is looked at.
    """
    words = texts.words(question)
    foreign = any(word in texts.FOREIGN_WORDS and word not in texts.STOP_WORDS for word in words)
    if question.isascii() and not foreign:
        return tuple(lines)
    known = _translations().get(texts.language_of(question), {})
    return tuple(_translated(line, known) for line in lines) if known else tuple(lines)


@cache
def _translations() -> Mapping[str, Mapping[str, str]]:
    tables: Mapping[str, Mapping[str, str]] = tomllib.loads(read_text("refusals.toml"))
    return tables


def _translated(line: str, known: Mapping[str, str]) -> str:
    for english, other in known.items():
        before, _, after = english.partition("{}")
        if line == english:
            return other
        if "{}" in english and line.startswith(before) and line.endswith(after):
            named = line[len(before) : len(line) - len(after)]
            return other.replace("{}", AND.sub(f" {known['and']} ", named))
    return line
