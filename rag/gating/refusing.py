"""What a refusal says besides that the articles do not say it: why, and what to loosen."""

from __future__ import annotations

from collections.abc import Sequence

from rag import text as texts
from rag.question.query import Query
from rag.question.timewords import Period
from rag.types import Filters

# A refusal repeats at most so many of the words that were looked for.
MOST_WORDS = 12


def reasons(
    query: Query, filters: Filters | None, found: bool, nothing_then: bool = False
) -> tuple[str, ...]:
    """Lines that give what was looked for and the reasons which are known.

    Args:
        query: What was understood of the question.
        filters: What restricts it, its own words included.
        found: Whether any passage passed the filters.
        nothing_then: Whether it speaks of days of which no article is.
    """
    lines = list(missing(query))
    lines += [f"There is no {day}." for day in query.unreal]
    if not found and filters is not None and (said := _said(filters)):
        lines.append(
            f"No article of this library is {' and '.join(said)}. "
            f"Loosen this filter: {', '.join(_names(filters))}."
        )
    elif nothing_then:
        days = _listed([said_of(period) for period in query.periods], "or")
        lines.append(f"No article of this library is dated {days}.")
    if looked_for := words_of(query):
        among = f", {' and '.join(said)}" if filters and (said := _said(filters)) else ""
        lines.append(f"Looked for: {looked_for}{among}.")
    return tuple(lines)


def words_of(query: Query) -> str:
    """The words of a question that were looked for, in its order; empty if there are none."""
    words = (word for word in texts.words(query.text) if texts.content_stems(word))
    kept = tuple(dict.fromkeys(words))
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
    """That publishers which are asked for have no article here; nothing if all have."""
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
        said.append("among those that are left by their ids")
    return said


def _names(filters: Filters) -> list[str]:
    names = (name for name in Filters.__dataclass_fields__ if name != "ignoring")
    return [name for name in names if getattr(filters, name)]


def _listed(names: Sequence[str], joint: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"
