"""What can be set, with defaults and units. Reading files and the environment: `rag.configure`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# Longest question that is taken, in characters: far above any real one, far below a pasted book.
LONGEST_QUESTION = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one answer.

    Attributes:
        library: Folder of the collection.
        backend: Names of backends in the order in which they are tried.
        passages: How many passages of evidence a backend gets, 1 to 50.
        unsupported: What becomes of sentences that the articles do not or only partly bear out:
            ``show`` marks them and says why, ``drop`` leaves them out.
    """

    library: Path
    backend: tuple[str, ...] = ("extractive",)
    passages: int = 8
    unsupported: Literal["show", "drop"] = "show"
