"""A copy of a library's catalog, to try an ingest on that must leave the library as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rag.store.disk_errors import is_read_only
from rag.store.lock import LOCK_FILE, FolderLock
from rag.store.schema import CATALOG_FILE
from rag.store.store import Store, refuse_lost_catalog

if TYPE_CHECKING:
    from rag.embedding import Embedder

# SQLite's log of what is not in the file yet, which a killed process leaves behind.
LOG_SUFFIX = "-wal"


@contextmanager
def preview(path: str | Path, *, embedder: Embedder | Any | None = None) -> Iterator[Store]:
    """Opens a copy of the catalog in a folder, or an empty one if there is no library.

    The copy refuses every change, and its indexes are not there: it serves to compare with.

    Args:
        path: The folder; it is locked while it is copied, and otherwise left alone.
        embedder: See `Store.open`.

    Raises:
        LibraryBusy: Another process, or this one, has it open.
        LibraryDamaged: The catalog is lost or cannot be read, or a newer version wrote it.
        EmbedderChanged: Another embedder than ``embedder`` filled it.
    """
    folder = Path(path).expanduser().absolute()
    refuse_lost_catalog(folder)
    with TemporaryDirectory(prefix="footnote-dry-run-") as place:
        if (folder / CATALOG_FILE).exists():
            with _locked(folder):
                for name in (CATALOG_FILE, CATALOG_FILE + LOG_SUFFIX):
                    if (folder / name).exists():
                        shutil.copyfile(folder / name, Path(place, name))
        with Store.open(place, embedder=embedder, create=True) as copy:
            copy.catalog.freeze(folder)
            yield copy


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps others out; makes no lock file where there is none, since then nobody has been in."""
    if is_read_only(folder, CATALOG_FILE) or not (folder / LOCK_FILE).exists():
        yield
        return
    lock = FolderLock(folder)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()
