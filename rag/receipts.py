"""What an ingest did, and what it could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An article or file that could not be taken in, and why."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out because it is not an article, or is a copy of one, and why."""

    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader of the receipt should know about an article that was taken in."""

    origin: str
    text: str


@dataclass(frozen=True, slots=True)
class Reindexed:
    """The index that a reindex made: of how many articles and passages, and by which embedder.

    ``passage_tokens`` and ``overlap_tokens`` are the budgets by which articles were cut.
    """

    articles: int
    passages: int
    embedder: str
    passage_tokens: int
    overlap_tokens: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an ingest did, by article ids; each of those in ``grouped`` nearly repeats another."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    grouped: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = ()
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "added": list(self.added),
            "updated": list(self.updated),
            "unchanged": list(self.unchanged),
            "removed": list(self.removed),
            "grouped": list(self.grouped),
            "failed": [{"origin": f.origin, "reason": f.reason} for f in self.failed],
            "skipped": [{"origin": s.origin, "reason": s.reason} for s in self.skipped],
            "notes": [{"origin": note.origin, "text": note.text} for note in self.notes],
            "seconds": round(self.seconds, 3),
        }
