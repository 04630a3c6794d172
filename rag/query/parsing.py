"""Parses a question without a model: its kind, its parts, and the names and dates in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from rag import text as texts
from rag.query import entities, intents
from rag.query.date_ranges import Period, extract_dates
from rag.query.entities import Mention, Names
from rag.query.follow_ups import resolve
from rag.query.query import LONG_QUESTION, Query
from rag.query.small_talk import small_talk
from rag.types import Filters

# A piece of a question with fewer content words is not searched for separately.
LEAST_CLAUSE = 3
CLAUSE = re.compile(
    r"[;?]|,? (?:and|but|while|whereas|which|who|whose|whom|as well as|compared (?:to|with)|than)\b"
    r"|,",
    re.IGNORECASE,
)
COMPARES = re.compile(
    r"\b(?:compare|versus|vs\.?|differ(?:s|ence|ences|ent)?|both|consisten(?:t|cy)|agree|contrast"
    r"|same as|more than|less than|while|whereas)\b",
    re.IGNORECASE,
)
RECENT = re.compile(r"\b(?:latest|newest|most recent)\b", re.IGNORECASE)
# "Articles since March" is a filter; "since March sales fell" is not.
OF_ARTICLES = re.compile(
    r"\b(?:articles?|stories|reports?|coverage|news|headlines|posts?|published|written)\s+$",
    re.IGNORECASE,
)
# "In the Verge piece about chips" means one article of the Verge.
IN_THE = re.compile(r"\b(?:in|from) (?:the|that|this|an?|their) $|\bin $", re.IGNORECASE)
PIECE = re.compile(
    r"^(?:['’]s)? (?:article|piece|story|report|review|post|column|interview|guide|newsletter)\b",
    re.IGNORECASE,
)
# "Articles since March and before May".
JOINT = re.compile(r"\s*(?:,|and|but)*\s*")
ONLY = re.compile(r"(?<!not )\b(?:only|just)\s+(?:in|from|by|use|articles from)\s+(?:the )?$", re.I)


def parse_query(
    question: str,
    names: Names,
    today: date,
    *,
    ignoring: Sequence[str] = (),
    title_of: Callable[[str], str] = str,
) -> Query:
    """Parses a question once, with all of its parts.

    Args:
        question: What is asked, complete in itself.
        names: The publishers, authors and titles of the library.
        today: The reference for *last week*.
        ignoring: Names and periods that the parser ignores, see `Filters`.
        title_of: The title of an article by its id.
    """

    def parse(text: str) -> Query:
        return without_constraints(_parse_one(text, names, today), ignoring)

    if kind := small_talk(question):
        return replace(parse(question), kind=kind)
    pieces = intents.split_questions(question)
    if len(pieces) == 1:
        return _with_kind(parse(question), parse, title_of)
    parts: list[Query] = []
    for piece in pieces:
        # "Who bought it, and for how much?": a later question omits what an earlier one says.
        text = resolve(piece, [part.text for part in parts]).text
        part = _with_kind(parse(text), parse, title_of)
        parts.append(replace(part, as_written=piece))
    return replace(parse(question), kind="list", parts=tuple(parts))


def _with_kind(
    query: Query, parse: Callable[[str], Query], title_of: Callable[[str], str]
) -> Query:
    """The query of one question with its kind and, where it has any, its parts."""
    subject = None if query.only_missing else _overview_subject(query)
    if subject is not None:
        return replace(query, kind="overview", parts=(parse(subject),))
    sides = None if query.publisher_mentions else intents.parse_comparison(query.text)
    if sides is not None:
        parts = tuple(replace(parse(side.text), as_written=side.name) for side in sides)
        return replace(query, kind="comparison", parts=parts)
    titles = [title_of(article_id) for article_id in query.articles]
    if intents.is_title_query(query.text, titles):
        return replace(query, kind="title")
    return query


def _overview_subject(query: Query) -> str | None:
    """The subject of an overview of the articles; None if the question asks for none."""
    speakers = (*query.publisher_mentions, *query.author_mentions)
    found = intents.parse_overview(query.text, speakers)
    restricted = query.filters != Filters() or query.publishers
    if found is None and restricted and intents.LISTING_ALL.fullmatch(query.text):
        return _listed_kind(query) or query.text
    return found and (query.without_filter_words(found) or found)


def _listed_kind(query: Query) -> str:
    """The kind of articles asked for, without filters: *rice articles since May*."""
    rest = query.without_filter_words(query.text)
    for mention in (*query.publisher_mentions, *query.categories):
        rest = re.sub(rf"\b{re.escape(mention)}\b", " ", rest, flags=re.IGNORECASE)
    words = (word for word in texts.words(rest) if texts.content_stems(word))
    return " ".join(word for word in words if word not in intents.LISTS)


def _parse_one(question: str, names: Names, today: date) -> Query:
    """The names and dates of one question, without its kind."""
    mentions = entities.find_publishers(question, names)
    groups = tuple(dict.fromkeys(mention.names for mention in mentions if mention.names))
    missing = tuple(dict.fromkeys(mention.text for mention in mentions if not mention.names))
    dates = extract_dates(question, today, names.newest)
    periods = dates.periods
    if names.newest is None:
        # No article has a date, so that *last week* would exclude all of them.
        periods = tuple(replace(period, relative=False) for period in periods)
    short = len(question.split()) < LONG_QUESTION
    authors = entities.find_authors(question, names)
    query = Query(
        text=question,
        publishers=groups,
        missing=missing,
        publisher_mentions=tuple(mention.text for mention in mentions),
        only_missing=not groups and any(entities.is_speaker(question, m) for m in mentions),
        authors=authors.names,
        author_mentions=authors.texts,
        articles=entities.find_titles(question, names),
        categories=entities.find_categories(question, names) if short else (),
        periods=periods,
        unreal=dates.invalid,
        ambiguous=dates.ambiguous,
        clauses=clauses(question),
        compares=bool(COMPARES.search(question)),
        recent=bool(RECENT.search(question)),
    )
    only = authors.restrict or (bool(authors.names) and bool(intents.LISTING.match(question)))
    return replace(query, filters=_filters(query, mentions, only and short))


def without_constraints(query: Query, ignored: Sequence[str]) -> Query:
    """The query without the ignored names and periods."""
    if not ignored:
        return query
    gone = frozenset(ignored)

    def rest(names: Any) -> Any:
        return tuple(name for name in names if name not in gone)

    said = query.filters
    lists = {name: getattr(said, name) for name in Filters.__dataclass_fields__}
    periods = tuple(period for period in query.periods if format_range(period) not in gone)
    all_periods = periods == query.periods
    kept = tuple(group for group in query.publishers if not gone.intersection(group))
    return replace(
        query,
        publishers=kept,
        missing=rest(query.missing),
        only_missing=query.only_missing and bool(rest(query.missing)),
        publisher_mentions=query.publisher_mentions if kept == query.publishers else (),
        authors=rest(query.authors),
        author_mentions=query.author_mentions if rest(query.authors) == query.authors else (),
        articles=rest(query.articles),
        categories=rest(query.categories),
        periods=periods,
        filters=replace(
            said,
            **{name: rest(value) for name, value in lists.items() if isinstance(value, tuple)},
            after=said.after if all_periods else None,
            before=said.before if all_periods else None,
        ),
    )


def format_range(period: Period) -> str:
    """A period as ``2024-03-01..2024-03-31``; an open end is empty."""
    return f"{period.after or ''}..{period.before or ''}"


def clauses(question: str) -> tuple[str, ...]:
    """The pieces of a long question that can be searched for separately; else none."""
    if len(question.split()) < LONG_QUESTION:
        return ()
    pieces = [piece.strip(" ,.;?'\"") for piece in CLAUSE.split(question)]
    full = [piece for piece in pieces if len(set(texts.content_stems(piece))) >= LEAST_CLAUSE]
    return tuple(full) if len(full) > 1 else ()


def _filters(query: Query, mentions: Sequence[Mention], only_writers: bool) -> Filters:
    """The filters that the words set: dates, authors, categories or publishers."""
    after = before = None
    if len(query.text.split()) < LONG_QUESTION:
        after, before = _days(query)
    # A long question, or one with two publishers, reports what each of its articles says.
    alone = len(mentions) == 1 and len(query.text.split()) < LONG_QUESTION
    only = [m.names for m in mentions if m.names and _is_only(query.text, m, alone)]
    return Filters(
        publishers=only[0] if len(only) == 1 else (),
        after=after,
        before=before,
        categories=query.categories,
        authors=query.authors if only_writers else (),
    )


def _days(query: Query) -> tuple[date | None, date | None]:
    """The dates that the articles must have: *articles since March*, also *and before May*."""
    after = before = None
    end: int | None = None
    for period in query.periods:
        if period.relative and period.after and not after:
            # An article from before last week cannot report on it.
            after = period.after
        ahead = re.sub(r"\b(?:in|from|of|on|dated)\s+$", "", query.text[: period.start])
        follows = end is not None and JOINT.fullmatch(query.text[end : period.start])
        # "News about the strike since March"; "about the strike in March" is when it was.
        last = open_ended(period) and not query.text[period.end :].strip(" ?.!")
        if OF_ARTICLES.search(ahead) or follows or (last and intents.LISTING.match(query.text)):
            after, before, end = period.after or after, period.before or before, period.end
    return after, before


def open_ended(period: Period) -> bool:
    """Whether its first or last day is open."""
    return period.after is None or period.before is None


def _is_only(question: str, mention: Mention, alone: bool) -> bool:
    """Whether only one publisher's articles are meant: *only in*, *in the Verge piece about*."""
    before, after = question[: mention.start], question[mention.end :]
    in_the = alone and IN_THE.search(before) and PIECE.match(after)
    return bool(ONLY.search(before) or in_the)
