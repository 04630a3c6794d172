"""The parsed question, as retrieval, answerability and every backend read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from rag import text as texts
from rag.query.date_ranges import Period
from rag.query.small_talk import SmallTalk
from rag.types import Filters

# A question of fewer words asks for one thing.
LONG_QUESTION = 14
# Pronouns that go back to somebody or something named before.
PRONOUN = re.compile(r"\b(?:it|they|he|she|him|them)\b", re.IGNORECASE)

Kind = Literal["single", "list", "comparison", "overview", "title"] | SmallTalk


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed question. `to_dict` is the stable form that others show.

    Attributes:
        text: The question, complete in itself.
        as_written: The same, before anything was filled in from an earlier part; of a side of a
            comparison its name alone.
        asked: What the user asked, whole and word for word, which is what a language model is
            sent; with its reading beside it where a follow-up was resolved.
        kind: ``list`` for several questions in a row, ``comparison`` of its sides, ``overview`` of
            what the articles say on a subject, ``title`` for one article, ``single``, small talk.
        parts: The questions of a list, the sides of a comparison, the subject of an overview.
        publishers: Groups of the library's publishers that are named, in order; one name may mean
            several (FOX News has four sections).
        missing: Publishers that are named and not in the library, as they were written.
        publisher_mentions: All named publishers as they were written.
        only_missing: Whether it asks only about publishers that are not in the library.
        authors: Authors of the library that are named.
        author_mentions: Those as they were written.
        articles: Ids of the articles whose titles are named.
        categories: Categories of the library that the articles must belong to.
        periods: The periods that it names.
        unreal: Days that do not exist, as they were written.
        ambiguous: Days that can be read in two ways, as they were written: *12/03/2024*.
        clauses: The parts of a long question that can be searched for separately.
        compares: Whether it contains a comparing word.
        recent: Whether it asks for the newest articles.
        answerable: Whether its evidence is likely enough to answer to be quoted unread. A language
            model may be asked all the same.
        told: Sentences of articles that earlier answers showed, if it asks for more than those.
        filters: Those that its words set; filters given by the caller take precedence.
    """

    text: str
    as_written: str = ""
    asked: str = ""
    kind: Kind = "single"
    parts: tuple[Query, ...] = ()
    publishers: tuple[tuple[str, ...], ...] = ()
    missing: tuple[str, ...] = ()
    publisher_mentions: tuple[str, ...] = ()
    only_missing: bool = False
    authors: tuple[str, ...] = ()
    author_mentions: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    unreal: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    compares: bool = False
    recent: bool = False
    answerable: bool = True
    told: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)

    @property
    def is_small_talk(self) -> bool:
        """Whether it is answered from what is known of the library, without a search."""
        return self.kind in get_args(SmallTalk) and self.kind != "summary"

    @property
    def is_multi_part(self) -> bool:
        """Whether the question is long or asks what publishers say."""
        return bool(self.publisher_mentions) or len(self.text.split()) >= LONG_QUESTION

    @property
    def lone_pronoun(self) -> str:
        """The pronoun of a question with one word of content at most; empty for others."""
        match = PRONOUN.search(self.text)
        if match is None or texts.names_like_stop_words(self.text):
            return ""
        return match.group() if len(texts.content_stems(self.text)) <= 1 else ""

    @property
    def keywords(self) -> str:
        """The text for the keyword index: a short question without its function words.

        A long one keeps them: they do no harm, and its classifier was fitted with them.
        """
        if self.is_multi_part:
            return self.text
        names = texts.names_like_stop_words(self.text)
        found = (match.group() for match in texts.WORD.finditer(self.text))
        words = [word for word in found if word in names or texts.content_stems(word)]
        return " ".join(words) or self.text

    @property
    def subject(self) -> str:
        """The question without the words that became filters."""
        return self.without_filter_words(self.text)

    def without_filter_words(self, text: str) -> str:
        """A part of the question without the dates and authors that became filters."""
        said = self.filters
        gone = [self.text[p.start : p.end] for p in self.periods if said.after or said.before]
        gone += self.author_mentions if said.authors else ()
        for words in gone:
            pattern = rf"(?:\bby\s+)?(?<!\w){re.escape(words)}(?:['’]s)?"
            text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
        return " ".join(text.split())

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values; empty fields are left out.

        ``publishers`` is a list of lists, ``periods`` a list of ``{"after", "before"}`` with days
        or null, ``filters`` the fields of `Filters` that its words set, ``parts`` the texts of the
        parts; all others are texts, lists of texts, or true.
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
            "kind": self.kind if self.kind != "single" else "",
            "parts": [part.text for part in self.parts],
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
            "asks_for_more": bool(self.told),
            "filters": _filter_values(self.filters),
        }
        return {name: value for name, value in found.items() if value}


def _filter_values(filters: Filters) -> dict[str, Any]:
    """The fields of filters that are set, as JSON values."""
    values = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    return {
        name: value.isoformat() if isinstance(value, date) else list(value)
        for name, value in values.items()
        if value
    }
