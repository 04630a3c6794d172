"""Files that want to do harm: each refused with its reason, within limits, the rest unharmed."""

from __future__ import annotations

import gzip
import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from document_files import docx, epub, odt, package, word_paragraph
from pdf_files import Words, pdf
from rag.ingestion import isolation
from rag.ingestion.documents import Document
from rag.ingestion.isolation import ReadingLimits, ReadingProcess
from rag.ingestion.loaders import read
from rag.receipts import Failure

GOOD = "The council of Ferrow rebuilds the western pier before winter."
ZEROS = b"0" * 120_000_000
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def entity_book(doctype: str) -> bytes:
    book = epub({"a.xhtml": f"<p>{GOOD}</p>"})
    with zipfile.ZipFile(io.BytesIO(book)) as made:
        files = {item.filename: made.read(item) for item in made.infolist()}
    name = "b/book.opf"
    files[name] = doctype.encode() + files[name].replace(b"The Pier", b"&i;")
    return package(dict(files))


def overlapping() -> bytes:
    """A package whose directory names one entry a thousand times over."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", ZEROS[:10_000_000])
        made.filelist = made.filelist * 1_000
    return stream.getvalue()


LOOP = pdf([[Words(60, 700, GOOD)]]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
# Name, bytes, and what the reason says; an empty reason: it is read, and does no harm.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip bomb": ("a.zip", lambda: package({"a.txt": ZEROS}), "unpacks to more than"),
    "overlapping zip": ("a.zip", overlapping, "more than 500 MB"),
    "many entries": ("a.zip", lambda: package({f"{n}.x": "" for n in range(20_001)}), "entries"),
    "nested zips": (
        "a.zip",
        lambda: package(
            {"b.zip": package({"c.zip": package({"d.zip": package({"e.txt": GOOD})})})}
        ),
        "any further",
    ),
    "gzip bomb": ("a.txt.gz", lambda: gzip.compress(ZEROS), "at most, unpacked"),
    "word bomb": ("a.docx", lambda: docx(word_paragraph("0" * 61_000_000)), "unpacks to more"),
    "laughs in a book": ("a.epub", lambda: entity_book(LAUGHS), "damaged"),
    "entity in a book": ("a.epub", lambda: entity_book(OUTSIDE), ""),
    "cut document": ("a.odt", lambda: odt("<text:p>x</text:p>")[:-40], "damaged"),
    "looping pdf": ("a.pdf", lambda: LOOP, "damaged|scanner"),
    "long pdf": ("a.pdf", lambda: pdf([[]] * 5_000), "5,000 pages"),
    "damaged pdf": ("a.pdf", lambda: b"%PDF-1.4" + os.urandom(5_000), "damaged"),
    "large page": ("a.html", lambda: b"<html>" + b"<p>x</p>" * 6_250_000, "20 MB"),
    "nested tags": ("a.html", lambda: b"<html>" + b"<div>" * 1_000_000 + GOOD.encode(), "nested"),
    "control characters": ("a.txt", lambda: b"\x01\x02" * 5_000, "binary"),
}


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    with ReadingProcess(ReadingLimits(seconds=60, megabytes=1_500)) as opened:
        yield opened


@pytest.mark.parametrize(("name", "made", "says"), HOSTILE.values(), ids=HOSTILE)
def test_what_bad_input_gets(
    tmp_path: Path, process: ReadingProcess, name: str, made: Callable[[], bytes], says: str
) -> None:
    (tmp_path / name).write_bytes(made())
    (tmp_path / "z.html").write_text(f"<html><p>{GOOD}</p></html>")
    *found, last = list(read(tmp_path, isolated=process.read))
    assert isinstance(last, Document) and last.article.text == GOOD
    if says:
        assert all(isinstance(outcome, Failure) for outcome in found)
        (reason,) = {outcome.reason for outcome in found if isinstance(outcome, Failure)}
        assert re.search(says, reason), reason
    else:
        (only,) = found
        assert isinstance(only, Document) and only.article.text == GOOD


@pytest.mark.parametrize("name", ["a.pdf", "b.html"])
def test_devices_and_pipes_are_refused(tmp_path: Path, process: ReadingProcess, name: str) -> None:
    os.mkfifo(tmp_path / "a.pdf")
    (tmp_path / "b.html").symlink_to("/dev/zero")
    (outcome,) = read(tmp_path / name, isolated=process.read)
    assert isinstance(outcome, Failure) and "plain file" in outcome.reason


def test_a_file_that_takes_too_long_costs_only_itself(tmp_path: Path) -> None:
    slow, good = tmp_path / "slow.pdf", tmp_path / "z.csv"
    slow.write_bytes(pdf([[Words(60, 700, GOOD)] * 600] * 60))
    good.write_text("Mill,Litres\nAlder,340\n")
    with ReadingProcess(ReadingLimits(120, 1_500)) as process:
        assert isinstance(next(read(good, isolated=process.read)), Document)
        process.limits = ReadingLimits(0.05, 1_500)
        (outcome,) = read(slow, isolated=process.read)
        assert isinstance(outcome, Failure) and "more than 0.05 s" in outcome.reason
        process.limits = ReadingLimits(120, 1_500)
        assert isinstance(next(read(good, isolated=process.read)), Document)


def test_time_that_the_caller_takes_is_not_the_files(tmp_path: Path) -> None:
    table = "Mill,Litres\nAlder,340\n" + "Birch,1\n" * 20_000
    (tmp_path / "a.zip").write_bytes(package({f"{n}.csv": table for n in range(3)}))
    (tmp_path / "warm.csv").write_text("Mill,Litres\nAlder,340\n")
    with ReadingProcess(ReadingLimits(120, 1_500)) as process:
        list(read(tmp_path / "warm.csv", isolated=process.read))
        process.limits = ReadingLimits(20, 1_500)
        found = read(tmp_path / "a.zip", isolated=process.read)
        first = next(found)
        time.sleep(21)
        assert all(isinstance(outcome, Document) for outcome in (first, *found))


def test_a_child_that_cannot_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "CHILD", "rag.no_such_module")
    (tmp_path / "a.csv").write_text("Mill,Litres\nAlder,340\n")
    with ReadingProcess(ReadingLimits(120, 1_500)) as process:
        (outcome,) = read(tmp_path / "a.csv", isolated=process.read)
    assert isinstance(outcome, Failure)
