"""An answer on a terminal, sentence by sentence, as each is verified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer

from rag.types import QUIET, Answer, Block, Sentence

BEFORE_BLOCKS: Mapping[Block, str] = {"heading": "\n", "item": "• "}


class BlockSigns:
    """What comes before each sentence of an answer: the signs and numbers of lists."""

    def __init__(self) -> None:
        self._number = 0

    def before(self, block: Block) -> str:
        """The sign of the next sentence; a list's numbers begin at 1."""
        if block == "numbered":
            self._number += 1
            return f"{self._number}. "
        if block:
            self._number = 0
        return BEFORE_BLOCKS.get(block, "")


def sentence_line(text: str, numbers: Iterable[int], doubt: str) -> str:
    """A sentence with its footnotes, and why it is doubted."""
    marks = "".join(f"[{n}]" for n in dict.fromkeys(numbers))
    return f"{text}{' ' if marks else ''}{marks}{f'  ⚠ {doubt}' if doubt else ''}"


def print_as_verified(items: Iterable[Any]) -> Answer | None:
    """Prints the sentences of a stream as they come; returns the answer, None if it was cancelled.

    Sentences that claim nothing wait for one that does: they may turn out to be a refusal, which
    replaces them.
    """
    numbers: dict[str, int] = {}
    signs = BlockSigns()
    waiting: list[Sentence] = []
    for item in items:
        if isinstance(item, Answer):
            for sentence in item.sentences if item.refused else waiting:
                _print(sentence, numbers, signs)
            return item
        if isinstance(item, Sentence):
            waiting.append(item)
            if item.verdict != "no_claim":
                for sentence in waiting:
                    _print(sentence, numbers, signs)
                waiting.clear()
    return None


def _print(sentence: Sentence, numbers: dict[str, int], signs: BlockSigns) -> None:
    """Prints a sentence; articles are numbered in the order in which they are first cited."""
    cited = [
        numbers.setdefault(citation.article_id, len(numbers) + 1) for citation in sentence.citations
    ]
    doubt = "" if sentence.verdict in QUIET else sentence.why
    text = signs.before(sentence.block) + sentence.text
    typer.echo(sentence_line(text, cited, doubt))
