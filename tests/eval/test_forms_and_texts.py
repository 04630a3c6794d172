"""The suites over questions of several parts and over short texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.cases import CaseFileError
from eval.datasets import json_lines
from eval.suites import forms, text_questions

PART = '{"gold": ["four euros"], "article": "a.txt"}'


def form(**changed: object) -> str:
    fields = {"id": "a", "question": "q", "form": "list", "answerable": True}
    return json.dumps({**fields, "parts": [json.loads(PART)], **changed})


def test_the_form_cases_are_balanced_enough_to_say_something() -> None:
    cases = forms.load()
    assert len({case.id for case in cases}) == len(cases)
    for name in forms.FORMS:
        of_form = [case for case in cases if case.form == name]
        assert sum(case.answerable for case in of_form) >= 10
        assert not all(case.answerable for case in of_form)


@pytest.mark.parametrize(
    "line",
    ["{", form(form="poem"), form(answerable=False), form(parts=[]), form(parts=[{"gold": []}])],
)
def test_a_line_that_is_no_form_case_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "forms.jsonl"
    path.write_text(f"{form()}\n{line}\n", encoding="utf-8")
    with pytest.raises(CaseFileError, match="line 2"):
        forms.load(path)


TEXT = {
    "id": "t1",
    "title": "Ferry",
    "publisher": "Post",
    "published": "2024-03-04",
    "sentences": ["The ferry to Tarn costs four euros.", "It sails at noon from the old harbour."],
    "questions": [
        {"q": "What does the ferry to Tarn cost?", "answers": [1]},
        {"q": "Who discovered the volcanoes of Peru?", "answers": []},
    ],
}


def test_questions_about_texts_are_measured(tmp_path: Path) -> None:
    (tmp_path / "reader_own_dev.jsonl.gz").write_bytes(gzip.compress(json.dumps(TEXT).encode()))
    out = tmp_path / "out.json"
    options = ["--data", str(tmp_path), "--cache", str(tmp_path / "cache"), "--out", str(out)]
    done = CliRunner().invoke(app, ["texts", "--invented", *options])
    assert done.exit_code == 0, done.output
    values = json.loads(out.read_text(encoding="utf-8"))
    assert (values["citation_recall"], values["correct_refusals"]) == (1.0, 1.0)
    assert (values["false_refusals"], values["integrity"]) == (0.0, 1.0)


def test_only_the_text_of_the_question_counts(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps(TEXT), encoding="utf-8")
    asked = text_questions.questions(path)
    assert [len(question.answers) for question in asked] == [1, 0]
    assert len({question.id for question in asked}) == 2
    assert [text_questions.article_of(row)["title"] for row in json_lines(path)] == ["Ferry"]
