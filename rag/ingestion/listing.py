"""A list of pages, as the reading process hands it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.fetching import Entry

# A page alone; a list of pages, or a page; a list, or the feed that a page names.
Wanted = Literal["page", "any", "feed"]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of pages; ``feed`` in place of its entries is the address of the list to read."""

    entries: tuple[Entry, ...] = ()
    feed: str = ""
