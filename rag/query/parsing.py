"""What a question asks for, read without a model: names, dates, clauses and sides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from rag import text as texts
from rag.query import authors as writers
from rag.query import entities as naming
from rag.query import intents
from rag.query.date_ranges import Period, extract_dates
from rag.query.entities import Mention, Names
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
# "In the Verge piece about chips" means one article of the Verge.
IN_THE = re.compile(r"\b(?:in|from) (?:the|that|this|an?|their) $|\bin $", re.IGNORECASE)
PIECE = re.compile(
    r"^(?:['’]s)? (?:article|piece|story|report|review|post|column|interview|guide|newsletter)\b",
    re.IGNORECASE,
)
# "Articles since March and before May".
JOINT = re.compile(r"\s*(?:,|and|but)*\s*")
ONLY = re.compile(r"(?<!not )\b(?:only|just)\s+(?:in|from|by|use|articles from)\s+(?:the )?$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was understood of a question. `to_dict` is the stable form that others show.

    Attributes:
        text: The question.
        publishers: Groups of the library's publishers that are named, in order; one name may mean
            several (FOX News has four sections).
        missing: Publishers that are named and not in the library, as they were written.
        said_publishers: All of them as they were written.
        only_missing: Whether it asks what publishers say of whom the library has none.
        authors: Authors of the library that are named.
        said_authors: Those as they were written.
        articles: Ids of the articles whose titles are named.
        categories: Categories of the library that its articles are to be of.
        periods: The days that it speaks of.
        unreal: Days that it names and no calendar has, as they were written.
        ambiguous: Days that can be read in two ways, such as 12/03/2024, as they were written.
        clauses: The things that a long question asks for, each by itself.
        compares: Whether it asks to compare.
        recent: Whether the newest is asked for.
        filters: What it restricts in words; filters that are given count before these.
    """

    text: str
    publishers: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()
    said_publishers: tuple[str, ...] = ()
    only_missing: bool = False
    authors: tuple[str, ...] = ()
    said_authors: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    unreal: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    compares: bool = False
    recent: bool = False
    filters: Filters = field(default_factory=Filters)

    @property
    def is_wide(self) -> bool:
        """Whether the question has several parts: it is long, or it names who is to say it."""
        return bool(self.said_publishers) or len(self.text.split()) >= LONG_QUESTION

    @property
    def words(self) -> str:
        """What its words are looked up by: a short question's without those that carry grammar.

        In a long one they do no harm, and its gate is fitted with them.
        """
        if self.is_wide:
            return self.text
        words = [
            m.group() for m in texts.WORD.finditer(self.text) if texts.content_stems(m.group())
        ]
        return " ".join(words) or self.text

    @property
    def overview(self) -> str | None:
        """What an overview of the articles is asked about; None if none is."""
        sayers = (*self.said_publishers, *self.said_authors)
        found = intents.overview_of(self.text, sayers)
        restricted = self.filters != Filters() or self.publishers
        if found is None and restricted and intents.LISTING_ALL.fullmatch(self.text):
            return self._kind() or self.text
        return found and (self._unfiltered(found) or found)

    def _kind(self) -> str:
        """What articles are asked for, if that is no restriction: *rice articles since May*."""
        rest = self._unfiltered(self.text)
        for said in (*self.said_publishers, *self.categories):
            rest = re.sub(rf"\b{re.escape(said)}\b", " ", rest, flags=re.IGNORECASE)
        words = (word for word in texts.words(rest) if texts.content_stems(word))
        return " ".join(word for word in words if word not in intents.LISTS)

    @property
    def subject(self) -> str:
        """The question without the words that became filters."""
        return self._unfiltered(self.text)

    def _unfiltered(self, text: str) -> str:
        """A piece of the question without those words."""
        said = self.filters
        gone = [self.text[p.start : p.end] for p in self.periods if said.after or said.before]
        gone += self.said_authors if said.authors else ()
        for words in gone:
            pattern = rf"(?:\bby\s+)?(?<!\w){re.escape(words)}(?:['’]s)?"
            text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
        return " ".join(text.split())

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; only what was understood.

        ``publishers`` is a list of lists, ``periods`` a list of ``{"after", "before"}`` with days
        or null, ``filters`` holds the fields of `Filters` that its words set; all else are texts,
        lists of texts, or true.
        """
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
            "only_missing_publishers": self.only_missing,
            "authors": list(self.authors),
            "articles": list(self.articles),
            "categories": list(self.categories),
            "periods": days,
            "unreal_days": list(self.unreal),
            "ambiguous_days": list(self.ambiguous),
            "clauses": list(self.clauses),
            "compares": self.compares,
            "recent": self.recent,
            "filters": _plain(self.filters),
        }
        return {name: value for name, value in found.items() if value}


def understand(question: str, names: Names, today: date) -> Query:
    """Reads a question with the names of a library; ``today`` is what *last week* counts from."""
    mentions = naming.publishers(question, names)
    groups = tuple(dict.fromkeys(mention.names for mention in mentions if mention.names))
    missing = tuple(dict.fromkeys(mention.said for mention in mentions if not mention.names))
    dates = extract_dates(question, today, names.newest)
    periods = dates.periods
    if names.newest is None:
        # Without days of their own all articles would be too old.
        periods = tuple(replace(period, relative=False) for period in periods)
    short = len(question.split()) < LONG_QUESTION
    named = writers.authors(question, names)
    query = Query(
        text=question,
        publishers=groups,
        missing=missing,
        said_publishers=tuple(mention.said for mention in mentions),
        only_missing=not groups and any(naming.is_asked(question, m) for m in mentions),
        authors=named.names,
        said_authors=named.said,
        articles=naming.articles(question, names),
        categories=naming.categories(question, names) if short else (),
        periods=periods,
        unreal=dates.invalid,
        ambiguous=dates.ambiguous,
        clauses=clauses(question),
        compares=bool(COMPARES.search(question)),
        recent=bool(RECENT.search(question)),
    )
    only = named.only or (bool(named.names) and bool(intents.LISTING.match(question)))
    return replace(query, filters=_filters(query, mentions, only and short))


def _plain(filters: Filters) -> dict[str, Any]:
    """The fields of filters that are set, as JSON values."""
    values = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    return {
        name: value.isoformat() if isinstance(value, date) else list(value)
        for name, value in values.items()
        if value
    }


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
        only_missing=query.only_missing and bool(rest(query.missing)),
        said_publishers=query.said_publishers if kept == query.publishers else (),
        authors=rest(query.authors),
        said_authors=query.said_authors if rest(query.authors) == query.authors else (),
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


def _filters(query: Query, mentions: Sequence[Mention], only_writers: bool) -> Filters:
    """What the words themselves restrict: days, writers, kind or publisher of the articles."""
    after = before = None
    if len(query.text.split()) < LONG_QUESTION:
        after, before = _days(query)
    # A long question, or one with two publishers, tells what each of its articles says.
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
    """The days that articles are to be of: *articles since March*, also *and before May*."""
    after = before = None
    end: int | None = None
    for period in query.periods:
        if period.relative and period.after and not after:
            # What was before last week cannot tell of it.
            after = period.after
        ahead = re.sub(r"\b(?:in|from|of|on|dated)\s+$", "", query.text[: period.start])
        follows = end is not None and JOINT.fullmatch(query.text[end : period.start])
        # "News about the strike since March"; "about the strike in March" is when it was.
        last = open_ended(period) and not query.text[period.end :].strip(" ?.!")
        if OF_ARTICLES.search(ahead) or follows or (last and intents.LISTING.match(query.text)):
            after, before, end = period.after or after, period.before or before, period.end
    return after, before


def open_ended(period: Period) -> bool:
    """Whether it has no first or no last day."""
    return period.after is None or period.before is None


def _is_only(question: str, mention: Mention, alone: bool) -> bool:
    """Whether one publisher's articles are meant: *only in*, or *in the Verge piece about*."""
    before, behind = question[: mention.start], question[mention.end :]
    in_the = alone and IN_THE.search(before) and PIECE.match(behind)
    return bool(ONLY.search(before) or in_the)
