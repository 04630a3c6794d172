"""The sentences of a refusal in the language of the question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from rag import text as texts
from rag.data import read_text

# Between two headlines.
AND = re.compile(r"(?<=[”)]) and (?=“)")


def in_language_of(question: str, lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of a refusal; fixed sentences in the question's language, if they are translated.

    Only a question with letters or function words that English lacks is looked at.
    """
    words = texts.words(question)
    foreign = any(word in texts.FOREIGN_WORDS and word not in texts.STOP_WORDS for word in words)
    if question.isascii() and not foreign:
        return tuple(lines)
    known = _translations().get(texts.language_of(question), {})
    return tuple(_translated(line, known) for line in lines) if known else tuple(lines)


@cache
def _translations() -> Mapping[str, Mapping[str, str]]:
    tables: Mapping[str, Mapping[str, str]] = tomllib.loads(read_text("refusals.toml"))
    return tables


def _translated(line: str, known: Mapping[str, str]) -> str:
    for english, other in known.items():
        before, _, after = english.partition("{}")
        if line == english:
            return other
        if "{}" in english and line.startswith(before) and line.endswith(after):
            named = line[len(before) : len(line) - len(after)]
            return other.replace("{}", AND.sub(f" {known['and']} ", named))
    return line
