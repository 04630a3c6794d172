"""Lists of articles in JSON: layouts, records that are not read, and limits."""

from __future__ import annotations

import gzip
import json
import os
from datetime import date
from pathlib import Path

import pytest

from folders import DATA
from rag.ingestion.documents import Document
from rag.ingestion.loaders import read
from rag.receipts import Failure
from read_files import BODY, RECORD, documents, failure, written

LISTS = {
    "list.json": json.dumps([RECORD]).encode(),
    "one.json": json.dumps(RECORD).encode(),
    "indented.json": json.dumps([RECORD], indent=2).encode(),
    "lines.jsonl": json.dumps(RECORD).encode() + b"\n\n",
    "lines.ndjson": b"\xef\xbb\xbf" + json.dumps(RECORD).encode(),
    "lines_named.json": json.dumps(RECORD).encode() + b"\n" + json.dumps(RECORD).encode(),
    "list_named.jsonl": json.dumps([RECORD], indent=1).encode(),
    "utf16.json": json.dumps([RECORD]).encode("utf-16"),
    "wrapped.json": json.dumps({"hits": {"hits": [{"_id": "a", "_source": RECORD}]}}).encode(),
    "feed.json": json.dumps({"authors": [{"name": "x"}], "items": [RECORD]}).encode(),
    "packed.json.gz": gzip.compress(json.dumps([RECORD]).encode()),
    "packed.jsonl.gz": gzip.compress(json.dumps(RECORD).encode()),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_articles(tmp_path: Path, name: str) -> None:
    found = documents(written(tmp_path, name, LISTS[name]))
    source = found[0].article.source
    assert found[0].location == f"{tmp_path / name}#https://harbour.example/tidal"
    assert (source.title, source.author, source.publisher, source.category) == (
        "Tidal Power",
        "Mara Lindqvist",
        "Harbour News",
        "energy",
    )
    assert (source.published, source.origin) == (date(2025, 2, 3), "https://harbour.example/tidal")
    assert found[0].article.text == BODY
    assert found[0].article.facts["author"] == ("Mara Lindqvist", "given")


def test_the_pages_of_a_saved_json_feed(tmp_path: Path) -> None:
    item = {"url": "https://gull.example/1", "content_html": "<p>The crane is <b>blue</b>.</p>"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Gull", "items": [item]}
    [found] = documents(written(tmp_path, "feed.json", json.dumps(feed).encode()))
    assert found.article.text == "The crane is blue."
    assert found.article.source.url == "https://gull.example/1"


def test_bad_records_are_named_and_good_ones_kept(tmp_path: Path) -> None:
    lines = [json.dumps(RECORD), "{broken", "[1]", json.dumps({"title": "No body"}), '{"body": 5}']
    lines += [json.dumps({"body": BODY + " Again."}), "\udcff"]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), "utf-8", errors="surrogateescape")
    outcomes = list(read(path))
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert [f.reason.split(":")[0] for f in failures] == [f"Record {n}" for n in (2, 3, 4, 5, 7)]
    good = [outcome for outcome in outcomes if isinstance(outcome, Document)]
    assert [document.article.source.origin for document in good] == [
        "https://harbour.example/tidal",
        "a.jsonl#6",
    ]


def test_lists_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", "\n".join([json.dumps(RECORD)] * 3))
    outcomes = read(path)
    first, second, third = (next(outcomes).location for _ in range(3))  # type: ignore[union-attr]
    assert len({first, second, third}) == 3


def test_half_characters_are_dropped_and_noted(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", '[{"title": "A\\ud83d", "body": "One \\udc00 two three."}]')
    (document,) = documents(path)
    assert document.article.source.title == "A"
    assert document.article.text == "One two three."
    assert document.article.removed[0].rule == "broken character"


UNREAD_LISTS = {
    "empty.json": b"",
    "blank.jsonl": b"\n\n",
    "no.json": b"[]",
    "number.json": b"5",
    "cut.json": b'[{"body": "a"',
    "nan.json": b'[{"body": NaN}]',
    "deep.json": b"[" * 100_000,
    "digits.json": b"[" + b"9" * 10_000 + b"]",
    "not_packed.json.gz": b"[]",
    "cut.json.gz": gzip.compress(os.urandom(5_000))[:2_000],
    "bad.json.gz": gzip.compress(b"a" * 5_000)[:15] + b"\xff" * 30,
}


@pytest.mark.parametrize("name", UNREAD_LISTS)
def test_lists_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    failure(written(tmp_path, name, UNREAD_LISTS[name]))


@pytest.mark.parametrize("name", ["a.json.gz", "a.jsonl.gz"])
def test_bombs_stop_at_the_limit(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingestion.json_records.MOST_LIST", 3_000_000)
    monkeypatch.setattr("rag.ingestion.json_records.MOST_TEXT", 2_000_000)
    path = written(tmp_path, name, gzip.compress(b'{"body":"' + b"a" * 50_000_000))
    assert "at most" in failure(path).reason


def test_a_packed_news_benchmark_is_read_whole(tmp_path: Path) -> None:
    corpus = (DATA / "benchmark" / "multihop_corpus.json").read_bytes()
    packed = written(tmp_path, "corpus.json.gz", gzip.compress(corpus))
    assert len(documents(packed)) == len(json.loads(corpus))


BROKEN_JSON = (
    *(b"", b"[", b"{", b"]", b"}", b"[1,]", b"[,1]", b'{"a":}', b'{"a":1,}', b'{"a" 1}', b"{a: 1}"),
    *(
        b"'a'",
        b'["a',
        b'["\\x41"]',
        b'["\\u00"]',
        b'["\x00"]',
        b'["\\ud800"]',
        b'["a\nb"]',
        b"[\xff]",
    ),
    *(b"[-]", b"[+1]", b"[01]", b"[1.]", b"[.5]", b"[1e]", b"[0x1]", b"[NaN]", b"[Infinity]"),
    *(b"[nul]", b"[True]", b"[undefined]", b"[1] [2]", b"[1] x", b"// c\n[1]", b"[1 /* c */]"),
    *(b"\xef\xbb\xbf[", b"\xff\xfe[\x001\x00", b"[" * 100_000, b'{"a":' * 100_000),
)
# Sound JSON in which there is no article.
NO_ARTICLES = (
    *(
        b"1",
        b'"a"',
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"[[]]",
        b"[null]",
        b"[[[[1]]]]",
        b'[{"a": 1}]',
    ),
    *(b"-0", b"1e999", b"1" * 5_000, b'{"title": "x"}', b'{"body": 1}', b'{"": {"": []}}'),
)


@pytest.mark.parametrize("content", [*BROKEN_JSON, *NO_ARTICLES], ids=lambda value: str(value[:20]))
def test_json_without_an_article_is_a_failure(tmp_path: Path, content: bytes) -> None:
    outcomes = list(read(written(tmp_path, "articles.json", content)))
    assert outcomes and all(isinstance(outcome, Failure) for outcome in outcomes)
