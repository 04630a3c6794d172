"""What a refusal says besides that the articles do not say it: why, and what to loosen."""

from __future__ import annotations

from collections.abc import Sequence

from rag.query import Query
from rag.types import Filters


def reasons(query: Query, filters: Filters | None, found: bool) -> tuple[str, ...]:
    """Lines that give the reasons which are known.

    Args:
        query: What was understood of the question.
        filters: What restricts it, its own words included.
        found: Whether any passage passed the filters.
    """
    lines = list(missing(query))
    if not found and filters is not None and (said := _said(filters)):
        lines.append(
            f"No article of this library is {' and '.join(said)}. "
            f"Loosen this filter: {', '.join(_names(filters))}."
        )
    return tuple(lines)


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
    if filters.articles or filters.not_articles:
        said.append("among those that are left by their ids")
    return said


def _names(filters: Filters) -> list[str]:
    names = (name for name in Filters.__dataclass_fields__ if name != "ignoring")
    return [name for name in names if getattr(filters, name)]


def _listed(names: Sequence[str], joint: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"
