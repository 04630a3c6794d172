"""Questions of several things over the seeds: lists, comparisons, overviews, named sources.

A question has parts: the answers of a list, the sides of a comparison, the articles of an overview.
Each part has phrases, one of which must be inside a cited quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import FOLDER, CaseFileError, case_rows
from eval.datasets import key
from eval.metrics import Estimate, contains_any, mean, rate
from eval.report import FiguresReport
from eval.scoring import citations, is_intact
from rag import Answer, BackendError, Library, QuestionError, answer

CASES = FOLDER / "forms.jsonl"
FORMS = ("list", "comparison", "overview", "source")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an answer must hold.

    Attributes:
        gold: Phrases, one of which must be inside a cited quote.
        article: Origin of the article that the quote must come from; empty if any will do.
    """

    gold: tuple[str, ...]
    article: str = ""


@dataclass(frozen=True, slots=True)
class FormCase:
    """One question; without parts it must be refused."""

    id: str
    question: str
    form: str
    parts: tuple[Part, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.parts)


def load(path: Path = CASES) -> tuple[FormCase, ...]:
    """The questions of a file.

    Raises:
        CaseFileError: It cannot be read, or a line is not a question.
    """
    cases = []
    for number, fields in case_rows(path):
        try:
            cases.append(_case(fields))
        except (ValueError, KeyError, TypeError) as error:
            raise CaseFileError(path, f"It is no question ({error}).", line=number) from error
    return tuple(cases)


def _case(fields: dict[str, Any]) -> FormCase:
    parts = tuple(Part(tuple(p["gold"]), p.get("article", "")) for p in fields["parts"])
    if fields["form"] not in FORMS:
        raise ValueError(f"there is no form {fields['form']!r}")
    if fields["answerable"] != bool(parts) or not all(part.gold for part in parts):
        raise ValueError("an answerable question has parts, each with a phrase, and no other has")
    return FormCase(fields["id"], fields["question"], fields["form"], parts)


def measure(cases: Sequence[FormCase], library: Library) -> FiguresReport:
    """Figures over all questions and for each form; a refusal finds no part."""
    given = [(case, said) for case in cases if (said := ask(case, library)) is not None]
    groups = {"all forms": figures(given, library)}
    for form in FORMS:
        if some := [(case, said) for case, said in given if case.form == form]:
            groups[form] = figures(some, library)
    yes = [(case, found(case, said, library)) for case, said in given if case.answerable]
    questions = {
        "parts": [{key(case.question): mean(parts).value for case, parts in yes}],
        "whole": [{key(case.question): float(all(parts)) for case, parts in yes}],
        "correct_refusals": [
            {key(case.question): float(said.refused) for case, said in given if not case.answerable}
        ],
    }
    return FiguresReport(suite="forms", groups=groups, questions=questions)


def figures(given: Sequence[tuple[FormCase, Answer]], library: Library) -> dict[str, Estimate]:
    """``parts`` is the share of parts found, ``whole`` the share of questions with all parts."""
    yes = [(case, said) for case, said in given if case.answerable]
    no = [said for case, said in given if not case.answerable]
    parts = [found(case, said, library) for case, said in yes]
    intact = [is_intact(each, library) for _, said in given for each in citations(said)]
    values = {
        "parts": [each for part in parts for each in part],
        "whole": [all(part) for part in parts],
        "false_refusals": [said.refused for _, said in yes],
        "correct_refusals": [said.refused for said in no],
        "integrity": intact,
    }
    return {name: rate(flags) for name, flags in values.items() if flags}


def ask(case: FormCase, library: Library) -> Answer | None:
    """The answer; None if the question cannot be asked."""
    try:
        return answer(case.question, library=library)
    except (QuestionError, BackendError):
        return None


def found(case: FormCase, said: Answer, library: Library) -> tuple[bool, ...]:
    """For each part, whether a quote of the right article holds one of its phrases."""
    quotes = [
        (each.quote, library.article(each.article_id).source.origin) for each in citations(said)
    ]
    return tuple(
        any(
            contains_any(part.gold, quote) and part.article in ("", origin)
            for quote, origin in quotes
        )
        for part in case.parts
    )
