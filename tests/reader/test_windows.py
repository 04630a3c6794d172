"""What the reader is shown."""

import pytest
from tokenizers import Tokenizer

from rag.reader import (
    MOST_HEADER,
    MOST_QUERY,
    MOST_TOKENS,
    Rows,
    Window,
    budgeted,
    header,
    make_tokenizer,
    padded,
)

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "who", "leads", "it", "bob", "does", ".", "?", "news"]


@pytest.fixture
def tokenizer() -> Tokenizer:
    return make_tokenizer(WORDS)


def test_a_row_is_the_query_then_header_and_sentences(tokenizer: Tokenizer) -> None:
    row = Rows(tokenizer).row("Who leads it?", Window("News.", ("Bob leads.", "It does.")))
    read = [WORDS[number] for number in row.ids]
    assert read == "[CLS] who leads it ? [SEP] news . bob leads . it does . [SEP]".split()
    assert row.kinds == [0] * 6 + [1] * 9
    assert row.places == [0] * 8 + [1] * 3 + [2] * 3 + [0]


def test_everything_is_cut_to_its_limit(tokenizer: Tokenizer) -> None:
    row = Rows(tokenizer).row("who " * 20_000, Window("news " * 500, ("bob " * 500, "it.", "it.")))
    assert len(row.ids) == len(row.kinds) == len(row.places) == MOST_TOKENS
    assert row.kinds.count(0) == MOST_QUERY + 2
    assert row.places.count(0) == MOST_QUERY + 2 + MOST_HEADER + 1
    assert set(row.places) == {0, 1}


def test_a_sentence_after_an_empty_one_keeps_its_number(tokenizer: Tokenizer) -> None:
    row = Rows(tokenizer).row("who", Window("", ("", "bob", "\x00", "it")))
    assert [place for place in row.places if place] == [2, 4]


@pytest.mark.parametrize("text", ["", " ", "\x00\x1b", "\ud800", "‮שלום", "مرحبا", "👩‍👩‍👧", "\n\n"])
def test_any_text_gives_a_row(tokenizer: Tokenizer, text: str) -> None:
    row = Rows(tokenizer).row(text, Window(text, (text, text)))
    assert len(row.ids) >= 3


def test_rows_are_padded_to_the_longest(tokenizer: Tokenizer) -> None:
    make = Rows(tokenizer)
    batch = padded([make.row("who", Window("", ("it",))), make.row("who leads", Window("", ()))])
    assert batch.ids.shape == (2, 5)
    assert batch.mask.tolist() == [[1] * 5, [1] * 5]
    wide = padded([make.row("who", Window("", ()))], multiple=16)
    assert wide.mask.sum() == 4 and wide.ids.shape == (1, 16)


def test_batches_keep_to_the_budget_and_lose_nothing() -> None:
    lengths = [5, 300, 7, 90, 90, 6, 400]
    batches = budgeted(lengths, 200)
    assert sorted(row for batch in batches for row in batch) == list(range(7))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= 200


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("A title", "The Post", "2024-01-02"), "A title. The Post, 2024-01-02."),
        (("Why?", "", "2024"), "Why? 2024."),
        (("", "The Post", ""), "The Post."),
        (("", "", ""), ""),
    ],
)
def test_a_header_holds_what_is_known(parts: tuple[str, str, str], expected: str) -> None:
    assert header(*parts) == expected
