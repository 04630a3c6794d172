"""A judge's reply, read strictly: what it says of each sentence, and the words it quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.generation import restore_brackets

# What each of the three words is worth. Nothing else is taken for an opinion.
WORTH = {"SUPPORTED": 1.0, "PARTLY": 0.3, "UNSUPPORTED": 0.0}
# Where a quotation leaves something out.
OMISSION = re.compile(r"\s*\[?(?:…|\.{3,})\]?\s*")
# Of one sentence; a judge that quotes more says nothing in particular.
MOST_QUOTES = 8


class Quote(NamedTuple):
    """Words that a judge copied, and the number of the passage that it copied them from."""

    passage: int
    words: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of a sentence: ``worth``, 0..1, how far it is borne out by ``quotes``."""

    worth: float
    quotes: tuple[Quote, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all of the sentence is borne out."""
        return self.worth == WORTH["SUPPORTED"]


def parse_opinions(said: str, numbers: Sequence[int]) -> Mapping[int, Opinion]:
    """The opinions of a reply by the numbers of their sentences; empty if it holds none.

    Entries that are incomplete, that are about no sentence of ``numbers``, or that differ about
    the same one are left out.
    """
    found: dict[int, Opinion | None] = {}
    for entry in _entries(said):
        number, opinion = entry.get("sentence"), _opinion(entry)
        if not isinstance(number, int) or number not in numbers or opinion is None:
            continue
        same = found.setdefault(number, opinion)
        if same != opinion:
            found[number] = None
    return {number: opinion for number, opinion in found.items() if opinion is not None}


def _entries(said: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the first JSON value in a reply; a field may hold them as a list."""
    start = min((at for at in (said.find("["), said.find("{")) if at >= 0), default=-1)
    if start < 0:
        return
    try:
        value, _ = json.JSONDecoder().raw_decode(said, start)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and "sentence" not in value:
        value = next((each for each in value.values() if isinstance(each, list)), [])
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield entry


def _opinion(entry: Mapping[str, Any]) -> Opinion | None:
    worth = WORTH.get(str(entry.get("verdict", "")).strip().removesuffix(".").upper())
    listed = entry.get("quotes") or []
    if worth is None or not isinstance(listed, list) or len(listed) > MOST_QUOTES:
        return None
    quotes: list[Quote] = []
    for quote in listed:
        passage, words = (
            (quote.get(name) for name in ("passage", "words"))
            if isinstance(quote, dict)
            else (None, None)
        )
        if not isinstance(passage, int) or not isinstance(words, str):
            return None
        parts = OMISSION.split(restore_brackets(words))
        quotes.extend(Quote(passage, part) for part in parts if part.strip())
    return Opinion(worth, tuple(quotes))
