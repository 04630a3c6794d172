"""Searching by meaning and by words together must not find less than either alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from eval import bench, retrieval
from eval.cases import load_cases
from eval.metrics import Estimate, first_rank, mean
from eval.scoring import METHODS
from eval.seeds import CASES, SEEDS
from rag import Library, ingest, open_library

AMONG = 10
MEASURES: dict[str, Callable[[int | None], float]] = {
    "mrr": lambda rank: 1 / rank if rank else 0.0,
    "first": lambda rank: float(rank == 1),
    "among ten": lambda rank: float(rank is not None),
}
# Wording that only meaning finds, wording that only words find, and both.
MADE = {
    "Ferry": "The ferry to Tarn island sails at noon from pier 7B. Tickets cost four euros.",
    "Doctor": "A physician should be consulted when a fever lasts for longer than three days.",
    "Kernel": "Release ZX-4410 of the kernel mends a fault in the scheduler.",
    "Cake": "Fold the egg whites into the batter, then bake the cake for forty minutes.",
    "Tax": "From January on, households pay a levy on each bag of rubbish.",
    "Match": "The home side lost by two goals after their keeper was sent off.",
}
MADE_QUESTIONS = (
    ("when does the boat to tarn leave", "noon"),
    ("when to see a doctor with high temperature", "physician"),
    ("what does ZX-4410 fix", "scheduler"),
    ("how long does the cake stay in the oven", "forty minutes"),
    ("garbage fee", "rubbish"),
    ("which pier is 7B", "pier 7B"),
    ("why did they lose the game", "sent off"),
)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with open_library(tmp_path_factory.mktemp("seeds"), create=True) as library:
        ingest(SEEDS, library)
        yield library


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("made")
    rows = [
        {"title": title, "body": body, "url": f"https://made.invalid/{title}"}
        for title, body in MADE.items()
    ]
    (folder / "articles.json").write_text(json.dumps(rows))
    with open_library(folder / "library", create=True) as library:
        ingest([folder / "articles.json"], library)
        yield library


def leads(library: Library, asked: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Estimate]:
    """How far the hybrid is ahead of each arm, in each measure, question by question."""
    ranks = {
        how: [
            first_rank(gold, [i.passage.text for i in library.search(text, k=AMONG, how=how)])
            for text, gold in asked
        ]
        for how in METHODS
    }
    return {
        f"{name} over {arm}": mean(
            [of(h) - of(a) for h, a in zip(ranks["hybrid"], ranks[arm], strict=True)]
        )
        for name, of in MEASURES.items()
        for arm in ("dense", "keyword")
    }


def not_behind(found: dict[str, Estimate]) -> None:
    """The first place is better on the whole, and nothing worse by more than chance."""
    for name, lead in found.items():
        assert lead.value >= 0 if name.startswith("mrr") else lead.high >= 0, (name, found)


def test_on_the_seeds(seeds: Library) -> None:
    cases = [case for case in load_cases(CASES) if case.answerable]
    not_behind(leads(seeds, [(case.question, case.gold) for case in cases]))


def test_on_a_made_set(made: Library) -> None:
    found = leads(made, [(question, (gold,)) for question, gold in MADE_QUESTIONS])
    assert all(lead.value >= 0 for lead in found.values()), found


@pytest.mark.slow
def test_on_public_questions(shared: Path, tmp_path: Path) -> None:
    """On the news of a fixed sample of long questions, where they are at hand."""
    data = shared / "bench"
    if not (data / bench.CORPUS).exists():
        pytest.skip("no public question sets")
    asked = [q for q in bench.questions(data / bench.QUERIES, 40) if q.answerable]
    titles = {fact.title for question in asked for fact in question.facts}
    articles = [a for a in json.loads(bench.text_of(data / bench.CORPUS)) if a["title"] in titles]
    bench.fill(tmp_path / "library", json.dumps(articles), tmp_path / "cache")
    with open_library(tmp_path / "library") as library:
        measured = retrieval.measure(asked, library)
    for arm in ("dense", "keyword"):
        lead = measured.groups[f"hybrid minus {arm}"]
        assert all(lead[name].value >= 0 for name in ("recall_2048", "hits_at_10")), (arm, lead)
