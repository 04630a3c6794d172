"""Keyword search in a real Tantivy folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.store.disk_errors import IndexUnusable
from rag.store.keywords import FOLDER, Keywords, heading
from rag.store.records import Row
from rag.types import Passage, Source

NO_VECTOR = np.zeros(1, dtype=np.float32)
LION = Source(
    "lion", "Cats of Africa", origin="o", publisher="Savanna Post", published=date(2024, 7, 9)
)
CAR = Source("car", "Engines", origin="o", author="Ada Byron")


def row(source: Source, start: int, text: str) -> Row:
    return Row(Passage(source.id, start, start + len(text), text), source, NO_VECTOR)


ROWS = (
    row(LION, 0, "The lion was running through the park."),
    row(LION, 100, "Its café serves naïve zebras AND nothing else."),
    row(CAR, 0, "The car runs on petrol, and the park is full."),
)


@pytest.fixture
def keywords(tmp_path: Path) -> Iterator[Keywords]:
    opened = Keywords(tmp_path)
    opened.add(ROWS)
    yield opened
    opened.close()


def found(keywords: Keywords, question: str, allowed: frozenset[str] | None = None) -> list[str]:
    return [hit.passage_id for hit in keywords.search(question, 10, allowed)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("lions", {0}),
        ("Who RUNS?", {0, 2}),
        ("cafe", {1}),
        ("Savanna", {0, 1}),
        ("ada byron", {2}),
        ("July 2024", {0, 1}),
        ("engine", {2}),
        ("elephant", set()),
        ("", set()),
        ("   ", set()),
    ],
)
def test_finds_by_words_and_metadata(keywords: Keywords, question: str, expected: set[int]) -> None:
    assert set(found(keywords, question)) == {ROWS[number].passage.id for number in expected}


def test_best_comes_first(keywords: Keywords) -> None:
    hits = keywords.search("lion running in the park", 10, None)
    assert hits[0].passage_id == ROWS[0].passage.id
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score > 0 for hit in hits)


@pytest.mark.parametrize(
    "question",
    [
        'lion AND NOT "',
        "title:lion",
        "body:lion^2 OR (",
        "lion*",
        "+lion -park [a TO b}",
        "/lion.*/",
        "lion\\",
        "lion " + "a" * 20_000,
        "lion " * 4_000,
        "\x00lion\x00",
        "lion '\"`~!@#$%^&*(){}[]|\\:;<>,.?/",
    ],
)
def test_nothing_in_a_question_is_an_operator(keywords: Keywords, question: str) -> None:
    assert ROWS[0].passage.id in found(keywords, question)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_question_is_an_error(keywords: Keywords, question: str) -> None:
    keywords.search(question, 5, None)
    keywords.search(question, 5, frozenset({"lion"}))


def test_only_allowed_articles_are_searched(keywords: Keywords) -> None:
    assert found(keywords, "park", frozenset({"car"})) == [ROWS[2].passage.id]
    assert found(keywords, "park", frozenset()) == []
    many = frozenset(f"other{number}" for number in range(40_000)) | {"car"}
    assert found(keywords, "park", many) == [ROWS[2].passage.id]


def test_filter_leaves_scores_as_they_are(keywords: Keywords) -> None:
    everything = frozenset({"car", "lion"})
    assert keywords.search("park", 9, everything) == keywords.search("park", 9, None)


def test_long_questions_keep_their_rarest_words(tmp_path: Path) -> None:
    opened = Keywords(tmp_path)
    common = " ".join(f"word{number}" for number in range(100))
    opened.add([row(CAR, start * 1000, common) for start in range(3)])
    opened.add([row(LION, 0, "quagga " + common)])
    (best, *_) = found(opened, f"{common} quagga")
    assert best.startswith("lion:")
    opened.close()


def test_known_id_is_overwritten_not_doubled(keywords: Keywords) -> None:
    keywords.add(ROWS)
    keywords.add(ROWS[:1])
    assert keywords.count() == 3
    assert keywords.ids() == {r.passage.id for r in ROWS}


def test_deleted_passages_are_gone(keywords: Keywords) -> None:
    keywords.delete([ROWS[0].passage.id, "nobody:1-2"])
    assert keywords.ids() == {r.passage.id for r in ROWS[1:]}
    assert found(keywords, "lion") == []


def test_rows_outlive_closing(keywords: Keywords, tmp_path: Path) -> None:
    keywords.close()
    keywords.close()
    again = Keywords(tmp_path)
    assert again.ids() == {r.passage.id for r in ROWS}
    assert found(again, "lions") == [ROWS[0].passage.id]
    again.close()


def test_damaged_folder_is_named_unusable(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "meta.json").write_text("garbage")
    with pytest.raises(IndexUnusable):
        Keywords(tmp_path)


def test_heading_says_what_is_known() -> None:
    assert heading(LION) == "Cats of Africa Savanna Post 2024-07-09 July"
    assert heading(CAR) == "Engines Ada Byron"


def test_names_that_look_like_function_words_are_words(tmp_path: Path) -> None:
    opened = Keywords(tmp_path)
    wanted = ("The US bought 700 lamps.", "A ship of the WHO came.", "Omar Said built a mill.")
    others = [f"They gave it to us, who said number {number} was it." for number in range(9)]
    texts = (*wanted, *others)
    opened.add([row(CAR, at * 1000, text) for at, text in enumerate(texts)])
    for question, text in zip(("the US", "the WHO", "a Said"), wanted, strict=True):
        (best, *_) = found(opened, question)
        assert best == row(CAR, texts.index(text) * 1000, text).passage.id
    opened.close()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Jurgen Bohme", "Jürgen Böhme wohnt in Łódź."),
        ("Lodz", "Jürgen Böhme wohnt in Łódź."),
        ("ein Haus", "Die Häuser in der alten Straße wurden verkauft und abgerissen."),
        ("маяк", "Все маяки на острове были построены в прошлом веке."),
        ("门票", "灯塔的门票是十五元。"),
        ("เรือ", "เขามีเรือสีแดงสองลำ"),
        ("등대", "북쪽 등대는 높다."),
        ("चौकीदार", "सभी चौकीदारों को वेतन मिला।"),
        ("Bohmme", "Jürgen Böhme wohnt in Łódź."),
        ("lighthuose", "Two lighthouses stand on the island."),
    ],
)
def test_words_are_found_in_any_script(tmp_path: Path, question: str, text: str) -> None:
    opened = Keywords(tmp_path)
    others = ("The lion sleeps.", "Der Löwe schläft heute auf dem Dach.", "Лев спит.", "狮子睡觉。")
    opened.add([row(CAR, at * 1000, other) for at, other in enumerate((text, *others))])
    assert found(opened, question)[:1] == [row(CAR, 0, text).passage.id]
    opened.close()


def test_a_letter_wrong_counts_only_where_the_word_is_unknown(keywords: Keywords) -> None:
    assert found(keywords, "petrel") == found(keywords, "petrol")
    keywords.add([row(CAR, 500, "A petrel is a bird.")])
    assert found(keywords, "petrel") == [row(CAR, 500, "A petrel is a bird.").passage.id]


def test_an_index_of_an_earlier_format_is_made_again(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    for name in ("passage_id", "article_id"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", stored=False, tokenizer_name="footnote_english")
    (tmp_path / FOLDER).mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / FOLDER))
    with pytest.raises(IndexUnusable):
        Keywords(tmp_path)
