"""Question files: JSON Lines, one question with what is known about its answer on each line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag import FootnoteError

FOLDER = Path(__file__).resolve().parent / "cases"
# Short questions over the news; the second file was written after the product had met the first.
SHORT_NEWS = (FOLDER / "news-short.jsonl", FOLDER / "news-short-more.jsonl")


class CaseFileError(FootnoteError):
    """A question file cannot be used as it stands.

    Args:
        path: The file.
        reason: What is wrong, as a sentence.
        line: Line number from 1, where it is one line's fault.
    """

    def __init__(self, path: str | Path, reason: str, *, line: int | None = None) -> None:
        self.path, self.reason, self.line = Path(path), reason, line
        where = str(path) if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question.

    Attributes:
        gold: Short phrases; an answer hits if one of them lies inside a quote that it cites.
            Empty for a question that the articles do not answer.
        articles: Origins of the articles that answer it.
        kind: What sort of question it is, for the reader of a report.
        filters: Fields of `rag.Filters` that a reader has set, each with its names; articles by
            their origins.
    """

    id: str
    question: str
    gold: tuple[str, ...]
    answerable: bool
    articles: tuple[str, ...] = ()
    kind: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def short_news() -> tuple[Case, ...]:
    """Every short question over the news, of both files."""
    return tuple(case for path in SHORT_NEWS for case in load_cases(path))


def load_cases(path: str | Path) -> tuple[Case, ...]:
    """The questions of a file. Fields: see `Case`; id, articles, kind and filters may be missing.

    Raises:
        CaseFileError: The file cannot be read, is empty, or a line is not a question.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CaseFileError(path, f"It cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CaseFileError(path, "It is not text in UTF-8.") from error
    cases: list[Case] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = _case(json.loads(line), number)
        except json.JSONDecodeError as error:
            raise CaseFileError(path, f"It is not JSON ({error.msg}).", line=number) from error
        except ValueError as error:
            raise CaseFileError(path, str(error), line=number) from error
        if case.id in lines:
            reason = f"The id {case.id!r} stands in line {lines[case.id]} already."
            raise CaseFileError(path, reason, line=number)
        lines[case.id] = number
        cases.append(case)
    if not cases:
        raise CaseFileError(path, "It holds no questions.")
    return tuple(cases)


# The first is for choosing weights and thresholds, the second for judging them.
HALVES = ("tuning", "held")


def half_of(question: str) -> str:
    """The half that a question belongs to, by its hash: nobody chose."""
    first = hashlib.sha256(question.encode("utf-8")).hexdigest()[0]
    return HALVES[first >= "8"]


def of_half(cases: tuple[Case, ...], half: str | None) -> tuple[Case, ...]:
    """The questions of one half; all of them for None.

    Raises:
        FootnoteError: There is no such half, or nothing in it.
    """
    if half is None:
        return cases
    if half not in HALVES:
        raise FootnoteError(f"There is no half {half!r}; there are {' and '.join(HALVES)}.")
    chosen = tuple(case for case in cases if half_of(case.question) == half)
    if not chosen:
        raise FootnoteError(f"The {half} half holds no questions.")
    return chosen


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
