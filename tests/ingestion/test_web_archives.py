"""Web archives (WARC), through the loader: which records are articles, and why the others not."""

from __future__ import annotations

import gzip
import zlib
from functools import partial
from pathlib import Path

import brotli
import pytest

from document_files import package
from pdf_files import column, pdf
from rag.ingestion import web_archives
from rag.ingestion.documents import Document
from rag.ingestion.loaders import read
from rag.receipts import Failure, Skipped

PIER = "The council of Ferrow rebuilds the western pier before winter."
SITE = "https://gull.example"
PAGE = f"<html><head><title>The pier</title></head><body><p>{PIER}</p></body></html>".encode()
CHUNKED = "Transfer-Encoding: chunked"
# Without the time, which would give tests another name each second.
packed = partial(gzip.compress, mtime=0)


def record(kind: str, address: str, block: bytes, length: int | None = None) -> bytes:
    size = len(block) if length is None else length
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\n"
        f"WARC-Date: 2021-07-08T09:10:11Z\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def block(body: bytes = PAGE, *headers: str, status: str = "200 OK") -> bytes:
    lines = headers if any("Content-Type" in h for h in headers) else (*headers, HTML)
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode() + body


HTML = "Content-Type: text/html; charset=utf-8"


def chunks(body: bytes, size: int = 40) -> bytes:
    cut = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*cut, b""))


def by_place(folder: Path, data: bytes, name: str = "a.warc") -> dict[str, str]:
    """What was read by its place in the archive: the text, or the reason."""
    (folder / name).write_bytes(data)
    found: dict[str, str] = {}
    for outcome in read(folder / name):
        if isinstance(outcome, Document):
            found[outcome.location.partition("#")[2]] = outcome.article.text
        else:
            found[outcome.origin.partition("#")[2]] = outcome.reason
    return found


@pytest.mark.parametrize("packing", ["plain", "record by record", "as a whole", "in a zip"])
def test_pages_are_articles(tmp_path: Path, packing: str) -> None:
    records = [
        record("warcinfo", "", b"software: crawler"),
        record("request", f"{SITE}/pier", b"GET /pier HTTP/1.1\r\n\r\n"),
        record("response", f"{SITE}/pier", block()),
        record("response", f"{SITE}/note", block(PIER.encode(), "Content-Type: text/plain")),
    ]
    name, data = {
        "plain": ("a.warc", b"".join(records)),
        "record by record": ("a.warc.gz", b"".join(map(packed, records))),
        "as a whole": ("a.warc.gz", packed(b"".join(records))),
        "in a zip": ("a.zip", package({"a.warc": b"".join(records)})),
    }[packing]
    (tmp_path / name).write_bytes(data)
    left_out = [outcome for outcome in read(tmp_path / name) if isinstance(outcome, Skipped)]
    found = [outcome for outcome in read(tmp_path / name) if isinstance(outcome, Document)]
    assert [outcome.article.text for outcome in found] == [PIER, PIER]
    source = found[0].article.source
    assert (source.url, source.title, source.published) == (f"{SITE}/pier", "The pier", None)
    assert found[0].location.endswith(f"#{SITE}/pier")
    assert [outcome.reason for outcome in left_out] == [
        "Records of the type warcinfo are not pages.",
        "Records of the type request are not pages.",
    ]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunks(PAGE), (CHUNKED,)),
        (PAGE, (CHUNKED,)),
        (packed(PAGE), ("Content-Encoding: gzip",)),
        (PAGE, ("Content-Encoding: gzip",)),
        (zlib.compress(PAGE), ("Content-Encoding: deflate",)),
        (zlib.compress(PAGE, wbits=-15), ("Content-Encoding: deflate",)),
        (chunks(packed(PAGE)), (CHUNKED, "Content-Encoding: x-gzip")),
        (brotli.compress(PAGE), ("Content-Encoding: br",)),
        (PAGE, ("Content-Encoding: br",)),
        (chunks(brotli.compress(PAGE), 9), (CHUNKED, "Content-Encoding: br")),
        (PAGE, ("Content-Type: application/octet-stream",)),
        (pdf([column([PIER])]), ("Content-Type: application/pdf",)),
    ],
    ids=[
        *("chunks", "no chunks", "gzip", "no gzip", "deflate", "bare deflate", "both"),
        *("Brotli", "no Brotli", "both with Brotli", "untold", "PDF"),
    ],
)
def test_bodies_are_put_together(tmp_path: Path, body: bytes, headers: tuple[str, ...]) -> None:
    data = record("response", f"{SITE}/pier", block(body, *headers))
    assert by_place(tmp_path, data) == {f"{SITE}/pier": PIER}


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (record("revisit", SITE, block(b"")), f"revisit {SITE}", "type revisit"),
        (record("metadata", SITE, b"x: y"), f"metadata {SITE}", "type metadata"),
        (record("response", SITE, block(status="301 Moved")), f"301 {SITE}", "redirects"),
        (record("response", SITE, block(status="404 No")), f"404 {SITE}", "answered 404"),
        (record("response", SITE, block(b"x", "Content-Type: image/png")), SITE, "image/png"),
        (record("response", f"{SITE}/robots.txt", block()), f"{SITE}/robots.txt", "crawlers"),
        (record("response", SITE, block(b"x", "Content-Type: ")), SITE, "did not say"),
        (record("response", "dns:gull.example", b"x"), "dns:gull.example", "nothing"),
    ],
)
def test_what_is_no_page_is_left_out(tmp_path: Path, data: bytes, place: str, says: str) -> None:
    (tmp_path / "a.warc").write_bytes(data)
    (found,) = read(tmp_path / "a.warc")
    assert isinstance(found, Skipped) and says in found.reason
    assert found.origin.partition("#")[2] == place


GOOD = record("response", f"{SITE}/good", block())
BOMB = packed(b" " * 101_000_000, 1)
BROTLI_BOMB = brotli.compress(b" " * 101_000_000, quality=5)
LONG = b"".join(b"<p>Boat %d carries %d nets.</p>" % (n, n * n) for n in range(999))


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + b"\0\xff\x13" + data[at + 3 :]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (block(chunks(PAGE)[:60], CHUNKED), "cut off"),
        (block(chunks(PAGE)[:-5], CHUNKED), "cut off"),
        (block(b"28\r\n" + PAGE, CHUNKED), "cut off"),
        (block(packed(PAGE)[:-20], "Content-Encoding: gzip"), "cut off"),
        (block(BOMB, "Content-Encoding: gzip"), "100 MB"),
        (block(chunks(BOMB, 1 << 20), "Content-Encoding: gzip", CHUNKED), "100 MB"),
        (block(damaged(packed(LONG), 0), "Content-Encoding: gzip"), "damaged"),
        (block(damaged(packed(LONG), 200), "Content-Encoding: gzip"), "damaged"),
        (block(damaged(brotli.compress(LONG), 200), "Content-Encoding: br"), "damaged"),
        (block(packed(PAGE), "Content-Encoding: br"), "damaged"),
        (block(brotli.compress(LONG)[:-9], "Content-Encoding: br"), "cut off"),
        (block(BROTLI_BOMB, "Content-Encoding: br"), "100 MB"),
        (block(PAGE, "Content-Encoding: zstd"), "encoding 'zstd' is not read"),
        (block(b"%PDF-1.7 x", "Content-Type: application/pdf"), "damaged"),
        (block(b""), "empty"),
    ],
)
def test_a_bad_page_costs_only_itself(tmp_path: Path, bad: bytes, says: str) -> None:
    found = by_place(tmp_path, record("response", f"{SITE}/bad", bad) + GOOD)
    assert says in found[f"{SITE}/bad"]
    assert found[f"{SITE}/good"] == PIER


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        (record("response", f"{SITE}/bad", block())[:-60], "cut off"),
        (record("response", f"{SITE}/bad", block(), 9_999), "cut off"),
        (record("response", f"{SITE}/bad", block(), -1), "does not say its length"),
        (record("response", f"{SITE}/bad", block(), len(block()) - 9), "longer than they say"),
        (record("response", "ftp://gull.example", block()), "instead of a page"),
        (record("response", "https://a@b/", block()), "@"),
        (b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n" + b"x" * 9, "damaged"),
        (b"no record\r\n", "damaged"),
    ],
)
def test_what_precedes_a_broken_record_is_read(tmp_path: Path, rest: bytes, says: str) -> None:
    found = by_place(tmp_path, GOOD + rest)
    assert found[f"{SITE}/good"] == PIER
    assert any(says in reason for reason in found.values()), found


def test_a_cut_packed_archive_is_read_to_the_cut(tmp_path: Path) -> None:
    whole = packed(GOOD) + packed(record("response", f"{SITE}/b", block()))
    found = by_place(tmp_path, whole[:-30], "a.warc.gz")
    assert found[f"{SITE}/good"] == PIER and "cut off" in found[""]


def test_limits_on_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_archives, "MOST_ENTRIES", 2)
    found = by_place(tmp_path, 3 * GOOD)
    assert set(found) == {f"{SITE}/good", f"{SITE}/good (2)", ""} and "2 records" in found[""]
    monkeypatch.setattr(web_archives, "MOST_UNPACKED", 1_000_000)
    bomb = record("resource", SITE, b" " * 3_000_000)
    assert "unpacks to more than 1 MB" in by_place(tmp_path, packed(bomb), "a.warc.gz")[""]


@pytest.mark.parametrize(("data", "says"), [(packed(b""), "no record"), (b"\r\n", "its type")])
def test_an_archive_without_a_record_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a.warc").write_bytes(data)
    (found,) = read(tmp_path / "a.warc")
    assert isinstance(found, Failure) and says in found.reason


def test_a_part_of_a_page_is_noted(tmp_path: Path) -> None:
    data = GOOD.replace(b"WARC-Date", b"WARC-Truncated: length\r\nWARC-Date")
    (tmp_path / "a.warc").write_bytes(data)
    (found,) = read(tmp_path / "a.warc")
    assert isinstance(found, Document) and "part of this page" in found.notes[0]
