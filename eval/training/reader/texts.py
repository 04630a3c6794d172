"""Reading the files of claims, questions and public pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.datasets import json_lines


@dataclass(frozen=True, slots=True)
class Claim:
    """``sentences`` are the numbers, from 1, of those that bear on it; empty if none does."""

    text: str
    label: str
    kind: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """``answers`` are the numbers, from 1, of the sentences that answer; empty for a near miss."""

    text: str
    answers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text with claims and questions about it."""

    id: str
    title: str
    publisher: str
    published: str
    genre: str
    sentences: tuple[str, ...]
    claims: tuple[Claim, ...]
    questions: tuple[Question, ...]


def read_texts(*paths: Path) -> list[Text]:
    """The texts of some files, one after the other."""
    return [_text(row) for path in paths for row in json_lines(path)]


def read_additions(path: Path, texts: Sequence[Text]) -> list[Text]:
    """The texts that a file has further claims and questions for, with these in place of their own.

    Ids without a text are left out: whoever lacks some of the data trains on the rest.
    """
    known = {text.id: text for text in texts}
    made = []
    for row in json_lines(path):
        if text := known.get(row["id"]):
            claims, questions = _asked(row, len(text.sentences))
            made.append(replace(text, claims=claims, questions=questions))
    return made


def _text(row: dict[str, Any]) -> Text:
    claims, questions = _asked(row, len(row["sentences"]))
    return Text(
        id=str(row.get("id", "")),
        title=row.get("title") or "",
        publisher=row.get("publisher") or "",
        published=row.get("published") or "",
        genre=row.get("genre") or row.get("source") or "",
        sentences=tuple(row["sentences"]),
        claims=claims,
        questions=questions,
    )


def _asked(row: dict[str, Any], count: int) -> tuple[tuple[Claim, ...], tuple[Question, ...]]:
    """A row's claims and questions; ``count`` is how many sentences its text has."""

    def inside(numbers: list[int]) -> tuple[int, ...]:
        return tuple(sorted({number for number in numbers if 1 <= number <= count}))

    claims = tuple(
        Claim(c["text"], c["label"], c.get("kind", ""), inside(c.get("sentences") or []))
        for c in row["claims"]
    )
    return claims, tuple(Question(q["q"], inside(q["answers"] or [])) for q in row["questions"])
