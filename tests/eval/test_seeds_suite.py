"""Case files, how an answer is scored, and the suite over the seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.cases import SEEDS_CASES, Case, CaseFileError, load_cases
from eval.libraries import SEEDS
from eval.metrics import Estimate, contains, contains_any
from eval.scoring import METHODS, Outcome, QuestionFigures, figures, is_intact
from eval.suites.seeds import NO_GOLD, measure
from eval.suites.seeds_report import SeedsReport, case_dict, figures_dict
from rag import (
    Answer,
    Article,
    BackendInfo,
    Citation,
    Evidence,
    FootnoteError,
    Library,
    Passage,
    Sentence,
    Trace,
    ingest,
    open_library,
)

ORIGINS = {
    read.partition("origin: ")[2].partition("\n")[0]: read
    for read in (path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("[0-9]*.md")))
}

# -- question files -----------------------------------------------------------------------------

GOOD = '{"question": "who?", "gold": ["Ada"], "answerable": true}'


def write(folder: Path, *lines: str) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_line_is_a_question(tmp_path: Path) -> None:
    full = {
        "id": "x",
        "question": "why\u2028not?",
        "gold": [],
        "answerable": False,
        "articles": ["a.txt"],
        "kind": "near",
        "note": "fields of others are left alone",
    }
    path = write(tmp_path, GOOD, "", json.dumps(full, ensure_ascii=False), "")
    assert load_cases(path) == (
        Case(id="line-1", question="who?", gold=("Ada",), answerable=True),
        Case(
            id="x",
            question="why\u2028not?",
            gold=(),
            answerable=False,
            articles=("a.txt",),
            kind="near",
        ),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "is an object"),
        ('{"gold": [], "answerable": false}', '"question"'),
        ('{"question": " ", "gold": [], "answerable": false}', '"question"'),
        ('{"question": "q", "gold": ["g"]}', '"answerable"'),
        ('{"question": "q", "gold": ["g"], "answerable": "yes"}', '"answerable"'),
        ('{"question": "q", "gold": "g", "answerable": true}', '"gold" must be a list'),
        ('{"question": "q", "gold": [" "], "answerable": true}', '"gold" must be a list'),
        ('{"question": "q", "gold": [], "answerable": true}', "must hold a phrase"),
        ('{"question": "q", "gold": ["g"], "answerable": false}', "must be empty"),
        ('{"id": 7, "question": "q", "gold": [], "answerable": false}', '"id"'),
        ('{"id": "line-1", "question": "q", "gold": [], "answerable": false}', "in line 1 already"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path, GOOD, "", line)
    with pytest.raises(CaseFileError) as caught:
        load_cases(path)
    assert caught.value.line == 3
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert reason in str(caught.value)


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match="no questions"):
        load_cases(write(tmp_path, "", " "))
    with pytest.raises(CaseFileError, match="cannot be read"):
        load_cases(tmp_path / "missing.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseFileError, match="UTF-8"):
        load_cases(tmp_path / "binary.jsonl")


# -- the questions about the seeds --------------------------------------------------------------


def answerable_cases() -> list[Case]:
    return [case for case in load_cases(SEEDS_CASES) if case.answerable]


def test_there_are_enough_questions_about_every_article() -> None:
    cases = load_cases(SEEDS_CASES)
    answerable = answerable_cases()
    assert len(answerable) >= 45
    assert len(cases) - len(answerable) >= 25
    assert len({case.question for case in cases}) == len(cases)
    for origin in ORIGINS:
        assert sum(case.articles == (origin,) for case in answerable) >= 8, origin
    assert sum(len(case.articles) > 1 for case in answerable) >= 5


@pytest.mark.parametrize("case", answerable_cases(), ids=lambda case: case.id)
def test_the_named_articles_hold_the_gold_phrases(case: Case) -> None:
    assert case.articles
    assert all(len(gold.split()) <= 8 for gold in case.gold)
    for origin in case.articles:
        assert contains_any(case.gold, ORIGINS[origin]), origin


def test_the_originals_hold_the_gold_phrases_too(shared: Path) -> None:
    for case in answerable_cases():
        for origin in case.articles:
            original = (shared / "seeds" / origin).read_text(encoding="utf-8")
            assert contains_any(case.gold, original), (case.id, origin)


@pytest.mark.parametrize("case", answerable_cases(), ids=lambda case: case.id)
def test_no_other_article_holds_a_gold_phrase(case: Case) -> None:
    others = [text for origin, text in ORIGINS.items() if origin not in case.articles]
    assert [gold for gold in case.gold for text in others if contains(gold, text)] == []


# -- what is scored -----------------------------------------------------------------------------

ARTICLE = Article.build(
    "The plant stands in Abilene, Texas. It is large.", title="A plant", origin="plant.md"
)
PASSAGE = Passage(ARTICLE.id, 0, len(ARTICLE.text), ARTICLE.text)
ANSWERABLE = Case(id="a", question="where?", gold=("abilene, texas",), answerable=True)
UNANSWERABLE = Case(id="u", question="how tall?", gold=(), answerable=False)
NO_RANKS = dict.fromkeys(METHODS)


def said(*quotes: str, refused: bool = False) -> Answer:
    """An answer whose sentences are quotes of the article."""
    sentences = []
    for quote in quotes:
        start = ARTICLE.text.index(quote)
        citation = Citation(ARTICLE.id, start, start + len(quote), quote)
        sentences.append(Sentence(quote, (citation,), "supported", 1.0, "word for word"))
    evidence = (Evidence(PASSAGE, ARTICLE.source, 1, 1.0, ("dense",)),)
    trace = Trace({"total": 0.01})
    info = BackendInfo("extractive")
    return Answer("where?", tuple(sentences), evidence, info, refused, True, trace)


RIGHT = Outcome(
    case=ANSWERABLE,
    answer=said("It is large.", "The plant stands in Abilene, Texas."),
    gold_ranks={"hybrid": 1, "dense": 4, "keyword": None},
    intact=(True, True),
    seconds=0.020,
)
BESIDE = replace(RIGHT, answer=said("It is large."), intact=(True,), seconds=0.040)
REFUSED = replace(RIGHT, answer=said(refused=True), intact=(), seconds=0.010)
RIGHTLY = Outcome(case=UNANSWERABLE, answer=said(refused=True), gold_ranks=NO_RANKS, seconds=0.010)
INVENTED = Outcome(
    case=UNANSWERABLE,
    answer=said("It is large."),
    gold_ranks=NO_RANKS,
    intact=(False,),
    seconds=0.010,
)
UNSCORED = Outcome(case=ANSWERABLE, unscorable="the server is away", gold_ranks=NO_RANKS)
ALL = (RIGHT, BESIDE, REFUSED, RIGHTLY, INVENTED, UNSCORED)


def shares(found: QuestionFigures) -> dict[str, tuple[float, int] | None]:
    names = (
        *("citation_recall", "correct_refusals", "false_refusals"),
        *("balanced_accuracy", "citation_integrity"),
    )
    estimates = {name: getattr(found, name) for name in names}
    return {name: e and (round(e.value, 4), e.n) for name, e in estimates.items()}


def test_figures_worked_out_by_hand() -> None:
    found = figures(ALL)
    assert shares(found) == {
        "citation_recall": (0.3333, 3),
        "correct_refusals": (0.5, 2),
        "false_refusals": (0.3333, 3),
        "balanced_accuracy": (0.5833, 5),  # (2/3 + 1/2) / 2
        "citation_integrity": (0.75, 4),
    }
    assert found.broken_citations == 1
    assert (found.milliseconds_p50, found.milliseconds_p95) == (10.0, 40.0)


def test_found_in_evidence_counts_ranks_up_to_k() -> None:
    found = figures((RIGHT, replace(RIGHT, gold_ranks={**RIGHT.gold_ranks, "hybrid": 5}))).hits
    hybrid = [found["hybrid", k] for k in (1, 3, 5, 10)]
    assert [e and e.value for e in hybrid] == [0.5, 0.5, 1.0, 1.0]
    assert [found["dense", k].value for k in (1, 3, 5, 10)] == [0.0, 0.0, 1.0, 1.0]
    assert found["keyword", 10].value == 0.0


def test_what_was_not_scored_changes_no_figure() -> None:
    assert figures(ALL) == figures(ALL[:-1])


@pytest.mark.parametrize("outcomes", [(), (UNSCORED,)], ids=["no questions", "none scored"])
def test_nothing_measured_is_not_zero(outcomes: Sequence[Outcome]) -> None:
    found = figures(outcomes)
    assert set(shares(found).values()) == {None}
    assert set(found.hits.values()) == {None}
    assert (found.milliseconds_p50, found.milliseconds_p95) == (None, None)
    assert "nothing was measured" in report_of(outcomes).table()


def test_only_answerable_questions_leave_refusals_unmeasured() -> None:
    found = figures((RIGHT, REFUSED))
    assert (found.correct_refusals, found.balanced_accuracy) == (None, None)
    assert found.false_refusals is not None


def test_shares_are_split_by_kind() -> None:
    far = replace(RIGHTLY, case=replace(UNANSWERABLE, kind="far"))
    near = replace(INVENTED, case=replace(UNANSWERABLE, kind="near"))
    why, who = (replace(ANSWERABLE, kind=kind) for kind in ("why", "who"))
    answerable = (replace(RIGHT, case=why), replace(REFUSED, case=why), replace(BESIDE, case=who))
    found = figures((*answerable, far, near, far))

    def plain(shares: Mapping[str, Estimate]) -> dict[str, tuple[float, int]]:
        return {kind: (e.value, e.n) for kind, e in shares.items()}

    assert plain(found.correct_refusals_by_kind) == {"far": (1.0, 2), "near": (0.0, 1)}
    assert plain(found.citation_recall_by_kind) == {"why": (0.5, 2), "who": (0.0, 1)}
    assert plain(found.false_refusals_by_kind) == {"why": (0.5, 2), "who": (0.0, 1)}


def test_a_quote_of_a_refusal_is_no_hit() -> None:
    answer = said("The plant stands in Abilene, Texas.", refused=True)
    assert not replace(RIGHT, answer=answer).cited


# -- what is reported ---------------------------------------------------------------------------


def report_of(outcomes: Sequence[Outcome]) -> SeedsReport:
    return SeedsReport(
        suite="seeds",
        backend="extractive",
        library="a folder",
        articles=1,
        embedder="one",
        cases_file="cases.jsonl",
        cases_digest="0",
        outcomes=tuple(outcomes),
        figures=figures(outcomes),
    )


def test_the_table_shows_share_interval_and_n() -> None:
    lines = report_of(ALL).table().splitlines()
    (cited,) = (line for line in lines if line.startswith("citation recall"))
    assert cited.split()[-5:] == ["0.333", "0.000", "to", "1.000", "3"]
    assert any("NOT SCORED" in line and "1 questions" in line for line in lines)
    assert any("the server is away" in line for line in lines)


def test_misses_say_what_was_asked_and_said() -> None:
    shown = report_of(ALL).misses()
    assert shown.count("\n\n") == 3  # BESIDE, REFUSED, INVENTED, UNSCORED
    assert "where?" in shown
    assert "answer: It is large." in shown
    assert report_of((RIGHT, RIGHTLY)).misses() == "No misses."


def test_an_earlier_run_tells_which_questions_got_better_and_worse() -> None:
    other = replace(ANSWERABLE, id="b", question="whose?")
    lost = replace(UNSCORED, case=replace(ANSWERABLE, id="c"))
    before = report_of((REFUSED, replace(RIGHT, case=other), RIGHTLY, lost))
    now = report_of((RIGHT, replace(BESIDE, case=other), INVENTED, lost))
    moved = now.compared_with(json.loads(json.dumps(before.to_dict())))
    assert {name: e.value for name, e in moved.changes.figures.items()} == {
        "citation recall": 0.0,
        "correct refusals": -1.0,
    }
    assert moved.to_dict()["against"]["better"] == {
        "a where?": "refused, though the articles say it"
    }
    table = moved.table()
    assert "worse than in the earlier run: 2 questions\n  b whose?: answered, but" in table
    assert table.endswith("u how tall?: answered, though the articles do not say it")
    with pytest.raises(FootnoteError, match="same questions"):
        now.compared_with({"suite": "seeds"})


def test_json_keeps_what_was_not_measured_as_null() -> None:
    values = figures_dict(figures((RIGHT,)))
    assert values["correct_refusals"] is None
    assert values["hits"]["dense"]["5"]["value"] == 1.0
    unscored = case_dict(UNSCORED)
    assert (unscored["scored"], unscored["refused"], unscored["milliseconds"]) == (
        False,
        None,
        None,
    )


# -- on a real library --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeds_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds") / "library"
    ingest(SEEDS, library=folder)
    return folder


@pytest.fixture(scope="module")
def small_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(
        tmp_path_factory.mktemp("cases"),
        '{"id": "a", "question": "Did NASA recently decide to block the DeepSeek application?",'
        ' "gold": ["NASA"], "answerable": true}',
        '{"id": "lost", "question": "how many moons", "gold": ["eleven moons"],'
        ' "answerable": true}',
        '{"id": "u", "question": "best recipe for sourdough bread", "gold": [],'
        ' "answerable": false}',
    )


def test_every_question_is_asked(seeds_library: Path, small_cases: Path) -> None:
    with open_library(seeds_library) as library:
        outcomes = {o.case.id: o for o in measure(small_cases, library).outcomes}
    assert outcomes["a"].cited
    assert set(outcomes["a"].gold_ranks) == set(METHODS)
    assert None not in outcomes["a"].gold_ranks.values()
    assert outcomes["a"].intact and all(outcomes["a"].intact)
    assert outcomes["lost"].unscorable == NO_GOLD
    assert not outcomes["u"].missed


def test_a_moved_citation_is_not_intact(seeds_library: Path) -> None:
    with open_library(seeds_library) as library:
        citation = first_citation(library)
        moved = replace(citation, start=citation.start + 1, end=citation.end + 1)
        beyond = replace(citation, start=10**6, end=10**6 + len(citation.quote))
        unknown = replace(citation, article_id="unknown")
        assert is_intact(citation, library)
        assert not any(is_intact(c, library) for c in (moved, beyond, unknown))


def first_citation(library: Library) -> Citation:
    article = library.article(library.articles()[0].source.id)
    return Citation(article.id, 0, 20, article.text[:20])


def test_the_command_prints_figures_or_json(
    seeds_library: Path, small_cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    options = ["seeds", "--library", str(seeds_library), "--cases", str(small_cases)]
    shown = CliRunner().invoke(app, [*options, "--misses", "--out", str(out)])
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "hits@1, hybrid" in shown.stdout
    assert NO_GOLD in shown.stdout
    again = CliRunner().invoke(app, [*options, "--json", "--against", str(out)])
    values = json.loads(again.stdout)
    assert values["against"]["better"] == values["against"]["worse"] == {}
    assert values["figures"]["citation_integrity"]["value"] == 1.0
    assert values["settings"]["questions"] == 3
    assert json.loads(out.read_text(encoding="utf-8"))["settings"] == values["settings"]


def test_the_command_fails_with_a_message(tmp_path: Path, small_cases: Path) -> None:
    bad = write(tmp_path, GOOD, "{")
    for options, message in (
        (["--cases", str(bad)], "line 2: It is not JSON"),
        (["--library", str(tmp_path / "nowhere"), "--cases", str(small_cases)], "no library"),
    ):
        failed = CliRunner().invoke(app, ["seeds", *options])
        assert failed.exit_code == 1
        assert message in failed.stderr
        assert failed.stdout == ""


@pytest.mark.parametrize("arguments", [["unknown"], ["seeds", "--wrong"]])
def test_a_wrong_command_line_is_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2
