"""Case files: JSON Lines, on each line one question and what its answer must cite.

All of them are development data: rules and weights were chosen with them in view.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag import ArticleError

FOLDER = Path(__file__).resolve().parent / "cases"
SEEDS_CASES = FOLDER / "seeds.jsonl"
SHORT_NEWS = (FOLDER / "news-short.jsonl", FOLDER / "news-short-more.jsonl")


class CaseFileError(ArticleError):
    """A case file is not valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question.

    Attributes:
        gold: Short phrases; a citation is right if one of them lies inside its quote.
            Empty for a question that the articles do not answer.
        articles: Origins of the articles that answer it.
        kind: What sort of question it is, for the breakdown in a report.
    """

    id: str
    question: str
    gold: tuple[str, ...]
    answerable: bool
    articles: tuple[str, ...] = ()
    kind: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def short_news() -> tuple[Case, ...]:
    """Every short question about the news, of both files."""
    return tuple(case for path in SHORT_NEWS for case in load_cases(path))


def load_cases(path: str | Path) -> tuple[Case, ...]:
    """The questions of a file. Fields: see `Case`; id, articles, kind and filters may be missing.

    Raises:
        CaseFileError: The file cannot be read, is empty, or a line is not a question.
    """
    cases: list[Case] = []
    lines: dict[str, int] = {}
    for number, fields in case_rows(path):
        try:
            case = _case(fields, number)
        except ValueError as error:
            raise CaseFileError(path, str(error), line=number) from error
        if case.id in lines:
            reason = f"The id {case.id!r} is in line {lines[case.id]} already."
            raise CaseFileError(path, reason, line=number)
        lines[case.id] = number
        cases.append(case)
    if not cases:
        raise CaseFileError(path, "It holds no questions.")
    return tuple(cases)


def case_rows(path: str | Path) -> Iterator[tuple[int, Any]]:
    """The lines of a JSON Lines file that are not blank: number, from 1, and value.

    Raises:
        CaseFileError: The file cannot be read, or a line is not JSON.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CaseFileError(path, f"It cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CaseFileError(path, "It is not text in UTF-8.") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise CaseFileError(path, f"It is not JSON ({error.msg}).", line=number) from error


def _case(fields: Any, line: int) -> Case:
    """A case from the value of one line; a ``ValueError`` says what is wrong with it."""
    if not isinstance(fields, dict):
        raise ValueError("A question is an object: {…}.")
    answerable = fields.get("answerable")
    if not isinstance(answerable, bool):
        raise ValueError('"answerable" must be true or false.')
    gold = _texts(fields, "gold")
    if answerable and not gold:
        raise ValueError('"gold" must hold a phrase, as the question is answerable.')
    if gold and not answerable:
        raise ValueError('"gold" must be empty, as the question is not answerable.')
    question = _text(fields, "question", None)
    return Case(
        id=_text(fields, "id", f"line-{line}"),
        question=question,
        gold=gold,
        answerable=answerable,
        articles=_texts(fields, "articles"),
        kind=_text(fields, "kind", ""),
        filters=_filters(fields),
    )


FILTERS = ("publishers", "authors", "categories", "articles", "not_articles")


def _filters(fields: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    said = fields.get("filters", {})
    if not isinstance(said, dict) or any(name not in FILTERS for name in said):
        raise ValueError(f'"filters" must be an object with some of {", ".join(FILTERS)}.')
    return {name: _texts(said, name) for name in said}


def _text(fields: dict[str, Any], name: str, default: str | None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str) or (name in fields and not value.strip()):
        raise ValueError(f'"{name}" must be a text that is not empty.')
    return value


def _texts(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ValueError(f'"{name}" must be a list of texts, none of them empty.')
    return tuple(values)
