"""Choices of articles that have a name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.errors import CollectionUnknown, SettingsError
from rag.store.catalog import Catalog

MAX_NAME_LENGTH = 80


class Collections:
    """Stored in the catalog, so that they move with the library."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def all(self) -> dict[str, tuple[str, ...]]:
        """The ids of the articles in each collection, by name; those that left are not there."""
        with self._catalog.reading() as db:
            rows = db.execute("SELECT name, articles FROM collections").fetchall()
        ready = self._catalog.ready_ids()
        return {
            name: tuple(key for key in json.loads(articles) if key in ready)
            for name, articles in sorted(rows, key=lambda row: (row[0].casefold(), row[0]))
        }

    def save(self, name: str, articles: Sequence[str]) -> str:
        """Stores a choice under a name, in place of what had that name.

        Returns:
            The name as it is stored: without breaks and double spaces.

        Raises:
            SettingsError: The name is empty or too long, or no article is chosen.
        """
        name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise SettingsError("a name", name, f"1 to {MAX_NAME_LENGTH} characters")
        ready = self._catalog.ready_ids()
        chosen = [key for key in dict.fromkeys(articles) if key in ready]
        if not chosen:
            raise SettingsError("a collection", name, "at least one article of the library")
        with self._catalog.writing(aside=True) as db:
            db.execute(
                "INSERT OR REPLACE INTO collections VALUES (?, ?)", (name, json.dumps(chosen))
            )
        return name

    def delete(self, name: str) -> None:
        """Forgets a collection; its articles stay.

        Raises:
            CollectionUnknown: There is none of that name.
        """
        with self._catalog.writing(aside=True) as db:
            done = db.execute("DELETE FROM collections WHERE name = ?", (name,))
            if not done.rowcount:
                raise CollectionUnknown(name)
