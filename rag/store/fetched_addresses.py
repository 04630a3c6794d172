"""Web addresses that articles were fetched from, and those that are followed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rag.errors import AddressUnknown
from rag.store.catalog import Catalog


class Visit(NamedTuple):
    """An address that was fetched.

    Attributes:
        address: As it was asked for.
        location: The place of the article that it gave; None for a list of pages.
        etag: How the server identifies the version that is in the library.
        modified: When the server says that this version was made.
        named: Whether a user named it, so that it is asked again by a refresh.
        gone: Whether there is nothing any more, so that it is forgotten.
    """

    address: str
    location: str | None
    etag: str | None = None
    modified: str | None = None
    named: bool = False
    gone: bool = False


class Addresses:
    """Stored in the catalog, so that it moves with the library."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def visits(self) -> dict[str, Visit]:
        """The last visit to each address, in the order of the first ones."""
        with self._catalog.reading() as db:
            rows = db.execute(
                "SELECT address, location, etag, modified, named FROM addresses ORDER BY rowid"
            )
            return {row[0]: Visit(*row) for row in rows}

    def followed(self) -> tuple[str, ...]:
        """The addresses that a refresh asks for."""
        return tuple(visit.address for visit in self.visits().values() if visit.named)

    def record(self, visits: Iterable[Visit]) -> None:
        """Stores visits; what a user named once stays named."""
        with self._catalog.writing(aside=True) as db:
            for visit in visits:
                db.execute(
                    "INSERT INTO addresses (address, location, etag, modified, named)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET"
                    " location = excluded.location, etag = excluded.etag,"
                    " modified = excluded.modified, named = max(named, excluded.named)",
                    visit[:5],
                )
                if visit.gone:
                    db.execute("DELETE FROM addresses WHERE address = ?", (visit.address,))

    def forget(self, addresses: Iterable[str]) -> None:
        """Stops following addresses; articles that came from there stay.

        Raises:
            AddressUnknown: One of them is not followed; then none is forgotten.
        """
        with self._catalog.writing(aside=True) as db:
            for address in addresses:
                if not db.execute("DELETE FROM addresses WHERE address = ?", (address,)).rowcount:
                    raise AddressUnknown(address)
