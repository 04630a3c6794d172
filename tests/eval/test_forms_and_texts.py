"""Questions of several things, near misses and questions about texts: their files and figures."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.cases import FOLDER, Case, CaseFileError, load_cases
from eval.datasets import json_lines
from eval.libraries import SEEDS
from eval.suites import contrasts, forms, text_questions
from eval.suites.forms import FormCase, Part
from eval.suites.seeds import ask, filters_of
from eval.suites.text_questions import TextQuestion
from rag import Library, ingest, open_library

ARTICLES = {
    text.partition("origin: ")[2].partition("\n")[0]: text
    for text in (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("[0-9]*.md")))
}
BEES = "The council counted 41 hives on the roofs. Honey is sold in the town hall on Fridays."
BOATS = "Nine boats sank in the storm. The harbour master blamed old ropes."


def texts_file(folder: Path) -> Path:
    rows = [
        {
            "id": "bees",
            "title": "Bees on the roofs",
            "publisher": "Town Crier",
            "published": "2024-05-02",
            "sentences": BEES.replace(". ", ".|").split("|"),
            "questions": [
                {"q": "how many hives are on the roofs", "answers": [1]},
                {"q": "who keeps the bees on the roofs", "answers": []},
            ],
        },
        {
            "id": "boats",
            "title": "Storm in the harbour",
            "sentences": BOATS.replace(". ", ".|").split("|"),
            "questions": [{"q": "how many boats sank in the storm", "answers": [1]}],
        },
    ]
    path = folder / "reader_own_dev.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


@pytest.fixture(scope="module")
def seeds_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("forms"), create=True) as library:
        ingest(SEEDS, library)
        yield library


def test_every_phrase_is_in_the_article_that_it_must_come_from() -> None:
    cases = forms.load()
    assert {case.form for case in cases} == set(forms.FORMS)
    assert all(sum(case.form == form for case in cases) >= 12 for form in forms.FORMS)
    for part in (part for case in cases for part in case.parts):
        where = [ARTICLES[part.article]] if part.article else list(ARTICLES.values())
        assert all(any(phrase in text for text in where) for phrase in part.gold), part


@pytest.mark.parametrize(
    "fields",
    [
        {"form": "poem", "answerable": False, "parts": []},
        {"form": "list", "answerable": True, "parts": []},
        {"form": "list", "answerable": True, "parts": [{"gold": []}]},
        {"form": "list", "answerable": False},
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, fields: dict[str, object]) -> None:
    path = tmp_path / "forms.jsonl"
    path.write_text("\n" + json.dumps({"id": "a", "question": "who?"} | fields), encoding="utf-8")
    with pytest.raises(CaseFileError, match="line 2"):
        forms.load(path)


def test_parts_are_found_in_the_quotes_of_their_article(seeds_library: Library) -> None:
    origin = next(name for name, text in ARTICLES.items() if "Whittemore" in text)
    other = next(name for name in ARTICLES if name != origin)
    question = "who hosts the ai daily brief"
    gold = ("Nathaniel Whittemore",)
    case = FormCase("a", question, "list", (Part(gold), Part(gold, origin), Part(gold, other)))
    refused = FormCase("b", "who won the world cup", "list", ())
    said = forms.ask(case, seeds_library)
    assert said is not None
    assert forms.found(case, said, seeds_library) == (True, True, False)
    measured = forms.measure([case, refused], seeds_library)
    whole = measured.groups["all forms"]
    assert whole["parts"].value == pytest.approx(2 / 3) and whole["whole"].value == 0.0
    assert (whole["false_refusals"].value, whole["correct_refusals"].value) == (0.0, 1.0)
    assert measured.questions["parts"][0] != measured.questions["whole"][0]


def test_a_case_may_set_filters(tmp_path: Path, seeds_library: Library) -> None:
    origin = next(name for name, text in ARTICLES.items() if "Whittemore" in text)
    line = {"question": "who?", "answerable": False, "filters": {"articles": [origin, "gone.txt"]}}
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    (case,) = load_cases(path)
    assert case.filters == {"articles": (origin, "gone.txt")}
    made = filters_of(case, seeds_library)
    assert made is not None and made["articles"][1] == "gone.txt"
    assert seeds_library.article(made["articles"][0]).source.origin == origin
    assert (
        filters_of(Case(id="a", question="who?", gold=(), answerable=False), seeds_library) is None
    )
    for wrong in ({"days": ["x"]}, {"articles": "x"}, ["x"]):
        path.write_text(json.dumps(line | {"filters": wrong}), encoding="utf-8")
        with pytest.raises(CaseFileError, match=r"filters|articles"):
            load_cases(path)


def test_what_another_article_says_is_refused_under_a_filter(seeds_library: Library) -> None:
    case = next(c for c in load_cases(FOLDER / "near-misses.jsonl") if c.kind == "filtered")
    given = ask(case, seeds_library, "extractive").answer
    assert given is not None and given.refused


def test_questions_about_texts(tmp_path: Path) -> None:
    path = texts_file(tmp_path)
    asked = text_questions.questions(path)
    assert [bool(question.answers) for question in asked] == [True, False, True]
    assert len(text_questions.questions(path, 2)) == 2
    with text_questions.texts_library(path, cache=tmp_path / "cache") as (library, places):
        assert library.article(places["bees"]).text == BEES
        measured = text_questions.measure(asked, library, places)
        figures = measured.groups["questions about texts"]
        assert figures["citation_recall"].value == 1.0
        assert figures["citation_recall"].n == 2 and figures["correct_refusals"].n == 1
        assert figures["integrity"].value == 1.0
        # A text that is not there cannot be cited.
        moved = {"bees": places["bees"]}
        again = text_questions.measure(asked, library, moved).groups["questions about texts"]
        assert again["citation_recall"].value == 0.5


def test_a_question_of_two_texts_counts_twice() -> None:
    one, other = (TextQuestion(text, "who?", ()) for text in ("a", "b"))
    assert one.id != other.id


def test_the_commands_over_texts_and_forms(tmp_path: Path) -> None:
    texts_file(tmp_path)
    out = tmp_path / "out.json"
    options = ["--data", str(tmp_path), "--cache", str(tmp_path / "cache"), "--out", str(out)]
    done = CliRunner().invoke(app, ["texts", "--invented", *options])
    assert done.exit_code == 0, done.output
    values = json.loads(out.read_text(encoding="utf-8"))
    assert (values["suite"], values["citation_recall"]) == ("texts", 1.0)
    again = CliRunner().invoke(app, ["texts", "--invented", *options, "--against", str(out)])
    assert "minus the earlier run" in again.output
    assert CliRunner().invoke(app, ["texts", "--data", str(tmp_path)]).exit_code == 1


def test_the_contrast_questions_of_a_file_are_those_about_its_texts(tmp_path: Path) -> None:
    row = next(json_lines(text_questions.CONTRASTS))
    number = max(n for asked in row["questions"] for n in asked["answers"])
    text = {"id": row["id"], "sentences": [f"Sentence {n}." for n in range(1, number + 1)]}
    path = tmp_path / "reader_dev.jsonl"
    path.write_text(json.dumps(text), encoding="utf-8")
    found = text_questions.contrast_questions(path)
    assert [asked.text for asked in found] == [asked["q"] for asked in row["questions"]]
    answered = [asked.answers for asked in found if asked.answers]
    assert 0 < len(answered) < len(found)
    assert all(one.startswith("Sentence ") for answers in answered for one in answers)


def test_true_sentences_and_false_twins_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [
        {"text": "There are 41 hives on the roofs, says the council.", "label": "supported"},
        {
            "text": "There are 14 hives on the roofs, says the council.",
            "label": "contradicted",
        },
    ]
    twins = tmp_path / "twins.jsonl"
    twins.write_text(json.dumps({"id": "bees", "claims": claims}), encoding="utf-8")
    monkeypatch.setattr(text_questions, "CONTRASTS", twins)
    monkeypatch.setattr(text_questions, "FILES", (texts_file(tmp_path).name,))
    found = contrasts.measure(tmp_path, tmp_path / "cache").groups["reader_own_dev"]
    assert found["true_supported"].n == found["false_supported"].n == 1
    assert found["false_supported"].value == 0
    assert found["auroc_of_support"].value == 1
