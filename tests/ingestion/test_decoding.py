"""Encodings: what is read, what is noted, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from encoded_texts import files
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Document
from rag.ingestion.fields import ReadOptions
from rag.ingestion.loaders import read
from rag.receipts import Failure

FILES = list(files())


def test_the_table_is_wide() -> None:
    assert len(FILES) >= 60 and len({language for language, *_ in FILES}) >= 20


@pytest.mark.parametrize(
    ("data", "text"),
    [(data, text) for _, _, data, text in FILES],
    ids=[f"{language} in {encoding}" for language, encoding, *_ in FILES],
)
def test_a_text_is_read_in_its_own_encoding(data: bytes, text: str) -> None:
    assert decode(data).text == text


def test_seldom_is_a_reading_in_doubt() -> None:
    assert sum(bool(decode(data).note) for _, _, data, _ in FILES) <= len(FILES) // 20


def test_a_doubtful_reading_is_noted_and_overruled(tmp_path: Path) -> None:
    # Romanian with cedillas or with commas below: the same bytes.
    path = tmp_path / "far.txt"
    path.write_bytes(
        "Farul și scara lui țin de mult: încă luminează în fiecare seară.".encode("iso8859-16")
    )
    [found] = read(path)
    assert isinstance(found, Document)
    [note] = found.notes
    assert "cp1250" in note and "iso8859-16" in note and "--encoding" in note
    [found] = read(path, ReadOptions("iso8859-16"))
    assert isinstance(found, Document) and found.notes == () and "și" in found.article.text


@pytest.mark.parametrize(("encoding", "says"), [("cp1252", "cp1252"), ("no-such", "no encoding")])
def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path, encoding: str, says: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"The caf\x81 is open.")
    [found] = read(path, ReadOptions(encoding))
    assert isinstance(found, Failure) and says in found.reason


def test_damaged_utf8_is_not_taken_for_another_encoding() -> None:
    data = ("Die Brücke über den Fluß ist größer. " * 3).encode() + b"\xfc\n" + "Schön.".encode()
    with pytest.raises(NotText, match="line 1"):
        decode(data)
