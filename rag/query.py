"""What a question asks for, read without a model: names, dates, clauses and sides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from rag import names as naming
from rag import text as texts
from rag import timewords
from rag.names import Mention, Names
from rag.timewords import Period
from rag.types import Filters

# A question of fewer words asks for one thing.
LONG_QUESTION = 14
# A piece of a question with fewer content words says too little to search for.
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
# "Articles since March" restricts what may be read; "since March sales fell" tells of the world.
OF_ARTICLES = re.compile(
    r"\b(?:articles?|stories|reports?|coverage|news|headlines|posts?|published|written)\s+$",
    re.IGNORECASE,
)
ONLY = re.compile(r"(?<!not )\b(?:only|just)\s+(?:in|from|by|use|articles from)\s+(?:the )?$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was understood of a question.

    Attributes:
        text: The question.
        publishers: Groups of the library's publishers that are named, in order; one name may mean
            several (FOX News has four sections).
        missing: Publishers that are named and not in the library, as they were written.
        said_publishers: All of them as they were written.
        authors: Authors of the library that are named.
        articles: Ids of the articles whose titles are named.
        periods: The days that it speaks of.
        clauses: The things that a long question asks for, each by itself.
        compares: Whether it asks to compare.
        recent: Whether the newest is asked for.
        filters: What it restricts in words.
    """

    text: str
    publishers: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()
    said_publishers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    clauses: tuple[str, ...] = ()
    compares: bool = False
    recent: bool = False
    filters: Filters = field(default_factory=Filters)

    @property
    def is_wide(self) -> bool:
        """Whether the question has several parts: it is long, or it names who is to say it."""
        return bool(self.said_publishers) or len(self.text.split()) >= LONG_QUESTION

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; only what was understood."""
        days = [
            {
                "after": period.after.isoformat() if period.after else None,
                "before": period.before.isoformat() if period.before else None,
            }
            for period in self.periods
        ]
        found = {
            "text": self.text,
            "publishers": [list(group) for group in self.publishers],
            "missing_publishers": list(self.missing),
            "authors": list(self.authors),
            "articles": list(self.articles),
            "periods": days,
            "clauses": list(self.clauses),
            "compares": self.compares,
            "recent": self.recent,
        }
        return {name: value for name, value in found.items() if value}


def understand(question: str, names: Names, today: date) -> Query:
    """Reads a question with the names of a library; ``today`` is what *last week* counts from."""
    mentions = naming.publishers(question, names)
    groups = tuple(dict.fromkeys(mention.names for mention in mentions if mention.names))
    missing = tuple(dict.fromkeys(mention.said for mention in mentions if not mention.names))
    said = timewords.periods(question, today)
    query = Query(
        text=question,
        publishers=groups,
        missing=missing,
        said_publishers=tuple(mention.said for mention in mentions),
        authors=naming.authors(question, names),
        articles=naming.articles(question, names),
        periods=said,
        clauses=clauses(question),
        compares=bool(COMPARES.search(question)),
        recent=bool(RECENT.search(question)),
    )
    return replace(query, filters=_filters(query, mentions))


def ignoring(query: Query, left_out: Sequence[str]) -> Query:
    """A query without what a reader does not want to be understood; see `rag.types.Filters`."""
    if not left_out:
        return query
    gone = frozenset(left_out)

    def rest(names: Any) -> Any:
        return tuple(name for name in names if name not in gone)

    said = query.filters
    lists = {name: getattr(said, name) for name in Filters.__dataclass_fields__}
    periods = tuple(period for period in query.periods if written(period) not in gone)
    all_periods = periods == query.periods
    kept = tuple(group for group in query.publishers if not gone.intersection(group))
    return replace(
        query,
        publishers=kept,
        missing=rest(query.missing),
        said_publishers=query.said_publishers if kept == query.publishers else (),
        authors=rest(query.authors),
        articles=rest(query.articles),
        periods=periods,
        filters=replace(
            said,
            **{name: rest(value) for name, value in lists.items() if isinstance(value, tuple)},
            after=said.after if all_periods else None,
            before=said.before if all_periods else None,
        ),
    )


def written(period: Period) -> str:
    """A period as ``2024-03-01..2024-03-31``; an open end is left empty."""
    return f"{period.after or ''}..{period.before or ''}"


def clauses(question: str) -> tuple[str, ...]:
    """The pieces of a long question that can be searched for by themselves; else nothing."""
    if len(question.split()) < LONG_QUESTION:
        return ()
    pieces = [piece.strip(" ,.;?'\"") for piece in CLAUSE.split(question)]
    told = [piece for piece in pieces if len(set(texts.content_stems(piece))) >= LEAST_CLAUSE]
    return tuple(told) if len(told) > 1 else ()


def _filters(query: Query, mentions: Sequence[Mention]) -> Filters:
    """What the words themselves restrict: the period of the articles, or *only* one publisher."""
    after = before = None
    if len(query.periods) == 1 and len(query.text.split()) < LONG_QUESTION:
        period = query.periods[0]
        if OF_ARTICLES.search(re.sub(r"\b(?:in|from|of|on)\s+$", "", query.text[: period.start])):
            after, before = period.after, period.before
    only = [m.names for m in mentions if ONLY.search(query.text[: m.start]) and m.names]
    return Filters(publishers=only[0] if len(only) == 1 else (), after=after, before=before)
