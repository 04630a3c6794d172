"""Checksums of the files of both indexes, written when they are closed properly.

Chroma and Tantivy read a file that was altered in between without noticing, or crash. So the
files are compared before they are opened; an index that differs is made again from the catalog.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

FILE = "indexes.json"
BLOCK = 1 << 20


def write_seal(library: Path, folders: Iterable[str]) -> None:
    """Stores the checksum of every file in the folders; they must not be in use."""
    fresh = library / (FILE + ".new")
    fresh.write_text(json.dumps({name: _checksums(library / name) for name in folders}))
    os.replace(fresh, library / FILE)


def break_seal(library: Path) -> frozenset[str]:
    """Deletes the seal, because the indexes are about to be used.

    Returns:
        The folders whose files are not those that were sealed; none if there was no seal, as after
        a kill.
    """
    try:
        sealed = json.loads((library / FILE).read_text())
        altered = {name for name, was in sealed.items() if was != _checksums(library / name)}
    except FileNotFoundError:
        return frozenset()
    except (ValueError, AttributeError, TypeError):
        altered = set()
    (library / FILE).unlink()
    return frozenset(altered)


def _checksums(folder: Path) -> dict[str, int]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _crc32(path) for path in files}


def _crc32(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            value = zlib.crc32(block, value)
    return value
