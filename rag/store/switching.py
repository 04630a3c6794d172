"""Puts a new index where the old one is, also after a kill in between; see `Reindexing`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rag.store.catalog import Catalog
from rag.store.checksums import FILE as SEAL
from rag.store.index_sync import INDEX_FOLDERS
from rag.store.schema import translated

# The folder of the new indexes.
NEXT = "next"
# Notes in the catalog: what is being made, and that its folders have yet to follow.
TARGET, SWITCHED = "reindexing", "reindexed"


def settle(folder: Path, catalog: Catalog) -> None:
    """Finishes a switch that was interrupted; the indexes must be closed.

    Raises:
        LibraryFull: The folders cannot be moved.
    """
    if catalog.note(SWITCHED) is not None:
        move_indexes(folder)
        with catalog.writing(aside=True) as db:
            db.execute("DROP TABLE IF EXISTS old_passages")
            db.execute("DELETE FROM meta WHERE key = ?", (SWITCHED,))
    if catalog.note(TARGET) is None:
        shutil.rmtree(folder / NEXT, ignore_errors=True)


def move_indexes(folder: Path) -> None:
    """Puts the new indexes in the place of the old ones; a second call does the rest."""
    with translated(folder):
        for name in INDEX_FOLDERS:
            if (folder / NEXT / name).exists():
                if (folder / name).exists():
                    os.replace(folder / name, folder / NEXT / f"old-{name}")
                os.replace(folder / NEXT / name, folder / name)
        if (folder / NEXT / SEAL).exists():
            os.replace(folder / NEXT / SEAL, folder / SEAL)
