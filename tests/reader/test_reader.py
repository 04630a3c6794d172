"""The reader as it ships, and what it is shown."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from eval.suites.reader import measured
from eval.training.reader.texts import Text, read_texts
from rag.errors import FootnoteError
from rag.reader import (
    FILE,
    MOST_HEADER,
    MOST_QUERY,
    MOST_TOKENS,
    SHA256,
    Reader,
    ReaderDamaged,
    Rows,
    Window,
    budgeted,
    header,
    load_reader,
    make_tokenizer,
    padded,
)

SAMPLE = Path(__file__).parents[1] / "data" / "reader_sample.jsonl"
TEXT = Window(
    "Mill reopens. The Lowland Echo, 2024-03-05.",
    (
        "The old paper mill in Harrow reopened on Monday after six years.",
        "Its new owner, Dana Whitlock, paid 2.4 million pounds for it.",
        "About forty people will work there.",
    ),
)
ODD = ["", " ", "\x00\x1b[31m", "\ud800", "‮שלום עולם", "word " * 4_000, "a" * 20_000, "。！"]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return read_texts(SAMPLE)


def test_it_is_loaded_once(reader: Reader) -> None:
    assert load_reader() is reader


def test_a_claim_is_judged(reader: Reader) -> None:
    true, false = reader.judge(
        [(TEXT, "Dana Whitlock bought the mill for 2.4 million pounds."),
         (TEXT, "The mill is owned by a Chinese chain of hotels.")]
    )  # fmt: skip
    assert true.supported > false.supported
    assert max(range(3), key=true.sentences.__getitem__) == 1
    assert sum(true[:3]) == pytest.approx(1, abs=1e-4)


def test_a_question_is_answered(reader: Reader) -> None:
    here, elsewhere = reader.answers(
        [("Who owns the mill in Harrow?", TEXT), ("Who painted the ceiling in Rome?", TEXT)]
    )
    assert max(range(3), key=here.__getitem__) == 1
    assert max(here) > max(elsewhere)


@pytest.mark.parametrize("odd", ODD)
def test_no_text_makes_it_raise(reader: Reader, odd: str) -> None:
    for window in (TEXT, Window(odd, (odd, "Bob.", odd)), Window("", ()), Window(odd, ())):
        (judged,) = reader.judge([(window, odd)])
        (found,) = reader.answers([(odd, window)])
        assert len(judged.sentences) == len(found) == len(window.sentences)
        assert all(0 <= chance <= 1 for chance in (*judged[:3], *judged.sentences, *found))


def test_nothing_is_stated_by_nothing(reader: Reader) -> None:
    judged = reader.judge([(Window("", ()), "The mill reopened."), (TEXT, " ")])
    assert [one[:3] for one in judged] == [(0.0, 0.0, 1.0)] * 2
    assert reader.answers([("", TEXT)]) == [(0.0, 0.0, 0.0)]
    assert reader.judge([]) == [] and reader.answers([]) == []


def test_the_order_of_pairs_does_not_matter(reader: Reader, texts: list[Text]) -> None:
    pairs = [(Window("", text.sentences), claim.text) for text in texts for claim in text.claims]
    forward, backward = reader.judge(pairs), reader.judge(pairs[::-1])[::-1]
    for one, two in zip(forward, backward, strict=True):
        # int8 scales depend on the batch, so the last digits may differ.
        assert one.supported == pytest.approx(two.supported, abs=0.1)


def test_threads_may_share_it(reader: Reader) -> None:
    expected = reader.answers([("Who owns the mill?", TEXT)])
    found: list[object] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(reader.answers([("Who owns the mill?", TEXT)]))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "none.onnx"
    with pytest.raises(ReaderDamaged, match=r"cannot be read.*--reader none"):
        Reader(missing)
    copy = tmp_path / "reader.onnx"
    shutil.copy(FILE, copy)
    with copy.open("r+b") as changed:
        changed.seek(100_000)
        changed.write(b"changed")
    with pytest.raises(ReaderDamaged, match="belongs to this version"):
        Reader(copy, SHA256)
    copy.write_bytes(b"no graph at all")
    with pytest.raises(ReaderDamaged, match="is no reader") as caught:
        Reader(copy)
    assert isinstance(caught.value, FootnoteError)
    assert caught.value.path == copy


def test_it_is_small(reader: Reader) -> None:
    assert FILE.stat().st_size <= 25_000_000


def test_it_judges_texts_that_it_was_not_trained_on(reader: Reader, texts: list[Text]) -> None:
    figures = measured(reader, texts, intervals=False)
    assert figures["claims"]["auroc"] > 0.7
    assert figures["questions"]["auroc"] > 0.65


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
