"""What stands beside the best passages comes behind all that was found, and changes none of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.gating import gate
from rag.library.library import Library, open_library
from rag.library.neighbours import RANKED_FOR_ONE, with_neighbours
from rag.pipeline import answer, to_read
from rag.policy import Destination
from rag.prompt import estimated_tokens, fit, messages
from rag.types import Evidence, Filters
from rag.weighing import weigh
from shelf import article, entry
from tiny_embedder import TinyEmbedder
from ui.render import how_found

# Passages of two sentences, none like another, and three articles of one passage each.
WORDS = (
    "amber birch cedar delta ember fjord grove heron inlet jetty knoll larch marsh north ocean "
    "pearl quarry raven sable tidal upper vesper willow yonder"
).split()
LONG = "\n\n".join(
    f"The {word} bridge opened in {1900 + n}, after masons from {word}ton had laid stone {n}."
    for n, word in enumerate(WORDS)
)
SHORT = {
    name: f"The {name} ferry sails at {name} hour past noon." for name in "one two six".split()
}
QUESTION = "When did the ember bridge open?"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        built = [article(LONG, "Bridges"), *(article(text, name) for name, text in SHORT.items())]
        opened.put([entry(each) for each in built])
        yield opened


def best(library: Library, k: int = 4) -> tuple[Evidence, ...]:
    return library.search(QUESTION, k=k)


def beside(found: tuple[Evidence, ...], library: Library) -> tuple[Evidence, ...]:
    """What was added."""
    every = with_neighbours(found, library.catalog)
    assert every[: len(found)] == found
    return every[len(found) :]


def test_they_stand_next_to_a_strong_passage_and_say_so(library: Library) -> None:
    found = best(library)
    added = beside(found, library)
    assert len(added) == len(found) // RANKED_FOR_ONE == 1
    (item,) = added
    assert item.found_by == ("neighbour",) and item.rank == len(found) + 1
    assert item.score <= min(each.score for each in found)
    assert "next to" in how_found(item) and "Found by" in how_found(found[0])
    own = item.source.id
    assert item.passage.text == library.text(own, item.passage.start, item.passage.end)


@pytest.mark.parametrize(
    ("taken", "wanted"), [((5, 9, 0, 2, 11), (6, 4)), ((5, 9, 6, 2, 11), (4, 10))]
)
def test_the_one_behind_comes_first_and_then_the_one_before(
    library: Library, taken: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    every = library.search(QUESTION, k=50)
    long = sorted((e for e in every if e.source.title == "Bridges"), key=lambda e: e.passage.start)
    rest = [e for e in every if e.source.title != "Bridges"]
    found = tuple([*(long[n] for n in taken), *rest])
    assert [item.passage for item in beside(found, library)] == [long[n].passage for n in wanted]


def test_few_passages_bring_none(library: Library) -> None:
    assert beside(best(library, RANKED_FOR_ONE - 1), library) == ()
    assert with_neighbours((), library.catalog) == ()


def test_what_is_there_already_does_not_come_again(library: Library) -> None:
    every = library.search(QUESTION, k=50)
    assert beside(every, library) == ()


def test_what_nearly_repeats_is_left_out(tmp_path: Path) -> None:
    again = "\n\n".join(
        ["The ember bridge opened in 1904 and stands in the north of the town."] * 12
    )
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put(
            [entry(article(again, "Again")), *(entry(article(t, n)) for n, t in SHORT.items())]
        )
        found = best(opened)
        assert len(opened.catalog.passage_ids([found[0].source.id])) > 2
        assert beside(found, opened) == ()


def test_an_article_that_leaves_brings_none(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = best(library)
    with monkeypatch.context() as between:
        between.setattr(library.catalog, "texts", lambda ids: {})
        assert beside(found, library) == ()
    library.remove([found[0].source.id])
    assert beside(found, library) == ()


def test_a_full_prompt_leaves_them_out_first(library: Library) -> None:
    found = best(library)
    every = with_neighbours(found, library.catalog)
    room = sum(estimated_tokens(m["content"]) for m in messages(QUESTION, every, "0" * 16)) - 1
    assert fit(QUESTION, every, room) == found


def test_the_gate_does_not_weigh_them(library: Library) -> None:
    weighed = weigh(QUESTION, library, 4)
    assert not any("neighbour" in item.found_by for item in weighed.evidence)
    sure, unsure = (replace(weighed, chance=chance) for chance in (1.0, gate.ANSWERABLE / 2))
    assert to_read(sure, library)[:-1] == weighed.evidence == to_read(unsure, library)


def test_an_embedder_elsewhere_gets_no_more_sentences(library: Library) -> None:
    weighed = replace(weigh(QUESTION, library, 4), chance=1.0)
    library.embedder.destination = Destination("far", "api.example.org", "US")  # type: ignore[misc]
    assert to_read(weighed, library) == weighed.evidence


def test_answers_keep_to_the_filters_and_cite_what_stands_there(library: Library) -> None:
    own = next(s.source.id for s in library.articles() if s.source.title == "Bridges")
    found = answer(QUESTION, library=library, filters=Filters(articles=(own,)))
    assert not found.refused
    assert any("neighbour" in item.found_by for item in found.evidence)
    assert {item.source.id for item in found.evidence} == {own}
    assert [item.rank for item in found.evidence] == list(range(1, len(found.evidence) + 1))
    for sentence in found.sentences:
        for citation in sentence.citations:
            assert library.text(citation.article_id, citation.start, citation.end) == citation.quote
