"""Files and folders to articles: kinds, encodings, limits, and what each failure says."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag.errors import ArticleError
from rag.ingestion import file_reading, limits
from rag.ingestion.articles import readable, web_address
from rag.ingestion.decoding import NotText, decode
from rag.ingestion.documents import Document
from rag.ingestion.kinds import why_not_read
from rag.ingestion.limits import CHANGED, NOT_PLAIN
from rag.ingestion.loaders import HIDDEN, LINKED_FOLDER, LINKED_OUT, LOCK_FILE, read
from rag.ingestion.markdown import plain_text
from rag.receipts import Failure, Skipped
from read_files import BODY, documents, failure, written

MARKDOWN = f"""---
title: "Tidal: a plan"
publisher: Harbour News
author: Mara Lindqvist
published: 2025-02-03
url: https://harbour.example/tidal
origin: tidal_original.txt
mood: hopeful
---

# Tidal: a plan

## The plan

{BODY}

- a *first* item
- a [second](https://x.example) item
"""


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    (document,) = documents(written(tmp_path, "tidal.md", MARKDOWN))
    source = document.article.source
    assert document.location == str(tmp_path / "tidal.md")
    assert (source.title, source.publisher, source.author) == (
        "Tidal: a plan",
        "Harbour News",
        "Mara Lindqvist",
    )
    assert (source.published, source.url) == (date(2025, 2, 3), "https://harbour.example/tidal")
    assert source.origin == "tidal_original.txt"
    assert document.article.text == f"The plan\n\n{BODY}\n\na first item\n\na second item"


def test_markdown_without_front_matter_takes_its_heading(tmp_path: Path) -> None:
    (document,) = documents(written(tmp_path, "a.md", f"# Tidal Power\n\n{BODY}\n\nMore words."))
    assert document.article.source.title == "Tidal Power"
    assert document.article.source.origin == "a.md"
    assert document.article.text == f"{BODY}\n\nMore words."


PROPERTIES = ("Height: 62 m", "Built: 1958")
MARKS = {
    "emphasis": ("*a* **b** ***c*** _d_ `e` ~~f~~", ["a b c d e f"]),
    "link": (
        "[words](http://x.example 'title') and <http://y.example>",
        ["words and http://y.example"],
    ),
    "reference link": ("[words][1]\n\n[1]: http://x.example", ["words"]),
    "image": ("before ![alt](x.png) after", ["before after"]),
    "comment": ("one\n\n<!-- hidden -->\n\ntwo", ["one", "two"]),
    "tags": (
        "a <b>bold</b> word<br>next\n\n<div>in <i>a</i> block</div>",
        ["a bold word next", "in a block"],
    ),
    "script": ("<script>\nalert(1)\n</script>\n\ntext", ["text"]),
    "entities": ("AT&amp;T &copy; &#8212; 5 &lt; 6", ["AT&T © — 5 < 6"]),
    "headings": ("# One\ntext\n\nTwo\n---\nmore", ["One", "text", "Two", "more"]),
    "lists": (
        "- one\n- two\n  - three\n\n1. four\n2. five",
        ["one", "two", "three", "1. four", "2. five"],
    ),
    "quotation": ("> said\n> twice", ["said twice"]),
    "code": ("```python\nx = 1\n```", ["x = 1"]),
    "table": ("| a | b |\n|---|---|\n| 1 | 2 |", ["a: 1; b: 2"]),
    "properties": ("| | |\n|---|---|\n| Height | 62 m |\n| Built | 1958 |", [*PROPERTIES]),
    "table without a rule": (
        "Facts:\n| Height | 62 m |\n| Built | 1958 |",
        ["Facts:", *PROPERTIES],
    ),
    "empty corner": (
        "| | May | June |\n|---|---|---|\n| Raft | 3 | 4 |",
        ["Raft; May: 3; June: 4"],
    ),
    "stars in words": ("2 * 3 * 4 and snake_case_name", ["2 * 3 * 4 and snake_case_name"]),
    "escapes": (r"\*not emphasis\*", ["*not emphasis*"]),
    "brackets without end": ("[" * 50_000, ["[" * 50_000]),
}


@pytest.mark.parametrize(("markdown", "expected"), MARKS.values(), ids=MARKS)
def test_markdown_marks_are_dropped(markdown: str, expected: list[str]) -> None:
    assert list(plain_text(markdown).paragraphs) == expected


def test_barred_tables_in_a_text_keep_their_header(tmp_path: Path) -> None:
    table = "| Mill | Litres |\n|------|-------:|\n| Alder | 340 |\n| Birch | 75 |"
    (document,) = documents(written(tmp_path, "a.txt", f"{BODY}\n\n{table}\n\n{BODY}"))
    assert "Mill: Alder; Litres: 340\n\nMill: Birch; Litres: 75" in document.article.text


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("| Mill | Litres | Built |\n| Elm | 340 | 1921 |", "Mill: Elm; Litres: 340; Built: 1921"),
        ("| Height | 62 m |\n| Built | 1958 |", "Height: 62 m\n\nBuilt: 1958"),
        ("| | May | June |\n| Raft | 3 | 4 |", "Raft; May: 3; June: 4"),
        (
            "+------+-----+\n| Mill | Man |\n+======+=====+\n| Elm  | Ole |\n+------+-----+\n"
            "| Oak  | Ada |\n+------+-----+",
            "Mill: Elm; Man: Ole\n\nMill: Oak; Man: Ada",
        ),
        ("Mill\tMan\tAge\nElm\tOle\t40\nOak\tAda\t51", "Mill: Oak; Man: Ada; Age: 51"),
        ("Mill;Man;Age\nElm;Ole;40\nOak;Ada;51", "Mill: Elm; Man: Ole; Age: 40"),
        ("We saw elm; oak; ash.\nThen pine; fir; yew.", "We saw elm; oak; ash."),
    ],
)
def test_tables_of_plain_text(tmp_path: Path, table: str, expected: str) -> None:
    (document,) = documents(written(tmp_path, "a.txt", f"{BODY}\n\n{table}\n\n{BODY}"))
    assert expected in document.article.text


def test_a_piece_of_a_page_in_a_text_is_read_as_html(tmp_path: Path) -> None:
    (document,) = documents(written(tmp_path, "a.txt", f"<div><h2>Kiln</h2><p>{BODY}</p></div>"))
    assert document.article.source.title == "Kiln" and "<" not in document.article.text
    (document,) = documents(written(tmp_path, "b.txt", f"<p is what he wrote. {BODY}"))
    assert "<p is what he wrote." in document.article.text


BROKEN = {
    "never closed": ("---\ntitle: A\n\nText.", "Line 1"),
    "bad quotes": ('---\ntitle: A\nauthor: "B\n---\nText.', "Line 3"),
    "two colons": ("---\ntitle: A\npublisher: B\nauthor: C: D\n---\nText.", "Line 4"),
    "a list for a title": ("---\nauthor: B\ntitle: [A, B]\n---\nText.", "Line 3"),
    "no keys": ("---\njust words\n---\nText.", "Line 2"),
    "deep": ("---\ntitle: " + "[" * 5_000 + "\n---\nText.", "Line"),
    "bell": ("---\ntitle: A\nauthor: \x07\n---\nText.", "Line 3"),
}


@pytest.mark.parametrize(("text", "line"), BROKEN.values(), ids=BROKEN)
def test_broken_front_matter_names_its_line(tmp_path: Path, text: str, line: str) -> None:
    assert failure(written(tmp_path, "a.md", text)).reason.startswith(line)


@pytest.mark.parametrize("below", [f"\n---\n\n{BODY}\n", ""], ids=["two", "one"])
def test_a_rule_at_the_top_opens_no_front_matter(tmp_path: Path, below: str) -> None:
    [document] = documents(written(tmp_path, "a.md", f"---\n\nThe orchard has 212 trees.\n{below}"))
    assert document.article.text.startswith("The orchard has 212 trees.")


def test_front_matter_values_stay_words(tmp_path: Path) -> None:
    text = f"---\ntitle: 1984\npublished: 2025-13-40\nurl: javascript:alert(1)\n---\n{BODY}"
    (document,) = documents(written(tmp_path, "a.md", text))
    source = document.article.source
    assert (source.title, source.published, source.url) == ("1984", None, None)


def test_text_goes_through_cleaning(tmp_path: Path) -> None:
    raw = f"Tidal Power Comes\n\nBy Mara Lindqvist\n\n{BODY}\n\nLeave a Reply"
    (document,) = documents(written(tmp_path, "a.txt", raw))
    assert document.article.source.title == "Tidal Power Comes"
    assert document.article.source.author == "Mara Lindqvist"
    assert document.article.text == BODY
    assert {removal.rule for removal in document.article.removed} == {"byline", "comment form"}


GERMAN = "Die Bürger der Stadt Köln müssen für die Brücke über den Fluß größere Beträge zahlen. "
ENCODED = {
    "UTF-8": (GERMAN, "utf-8"),
    "UTF-8 with mark": (GERMAN, "utf-8-sig"),
    "UTF-16": (GERMAN, "utf-16"),
    "Windows, Western": (GERMAN * 5, "cp1252"),
    "Windows, quotation marks": ("“Open” models aren’t free – but they’re near. " * 9, "cp1252"),
    "Cyrillic": ("Городской совет проголосовал за строительство новой станции. " * 9, "cp1251"),
    "Japanese": ("市議会は火曜日、古い桟橋の下に発電機を建設することを決めた。" * 9, "shift_jis"),
}


@pytest.mark.parametrize(("text", "encoding"), ENCODED.values(), ids=ENCODED)
def test_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_utf16_without_its_own_mark_is_read() -> None:
    assert decode(b"\xfe\xff" + GERMAN.encode("utf-16-be")).text == GERMAN


UNTOLD = {
    "no writing": bytes(128 + number * number * 7 % 127 for number in range(400)),
    "zero bytes": b"abc\0def",
    "control characters": b"abc\x01\x02\x03\x04",
    "cut UTF-16": b"\xff\xfea",
    "every byte": bytes(range(1, 256)) * 20,
    "UTF-8 mark, then not": b"\xef\xbb\xbfabc\xff\xfe",
}


@pytest.mark.parametrize("data", UNTOLD.values(), ids=UNTOLD)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)
    failure(written(tmp_path, "a.txt", data))


def test_folders_are_walked_in_order_and_only_articles_count(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.txt", ".hidden.txt", ".git/d.txt", "~$a.md", "LICENSE"):
        written(tmp_path, name, f"{name}: {BODY}")
    for name in ("x.py", "picture.png"):
        written(tmp_path, name, BODY)
    (tmp_path / "link").symlink_to(tmp_path / "sub", target_is_directory=True)
    outside = written(tmp_path.parent, f"{tmp_path.name}.txt", BODY)
    (tmp_path / "out.txt").symlink_to(outside)
    (tmp_path / "same.md").symlink_to(tmp_path / "a.md")
    os.mkfifo(tmp_path / "pipe.txt")
    outcomes = list(read(tmp_path))
    read_now = [item.location for item in outcomes if isinstance(item, Document)]
    assert [str(Path(place).relative_to(tmp_path)) for place in read_now] == [
        "a.md", "b.txt", "same.md", "sub/c.txt"
    ]  # fmt: skip
    left_out = {Path(s.origin).name: s.reason for s in outcomes if isinstance(s, Skipped)}
    assert left_out == {
        ".git": HIDDEN,
        ".hidden.txt": HIDDEN,
        "LICENSE": why_not_read("LICENSE"),
        "link": LINKED_FOLDER,
        "out.txt": LINKED_OUT,
        "picture.png": "Files of the kind .png are not read.",
        "pipe.txt": NOT_PLAIN,
        "x.py": "Files of the kind .py are not read.",
        "~$a.md": LOCK_FILE,
    }


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", b"\0")
    written(tmp_path, "b.pdf", b"%PDF")
    written(tmp_path, "c.txt", BODY)
    written(tmp_path, "d.html", b"<html><script>x</script></html>")
    (tmp_path / "e.txt").symlink_to(tmp_path / "nowhere")
    outcomes = list(read(tmp_path))
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Failure", "Failure", "Document", "Failure", "Failure"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_file_that_changes_while_it_is_read_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = written(tmp_path, name, json.dumps({"title": "Pier", "body": BODY}) + "\n")

    def written_to(reader: Callable[..., Any]) -> Callable[..., Any]:
        def read_meanwhile(*given: Any) -> Any:
            found = reader(*given)
            with path.open("ab") as file:
                file.write(b" ")
            return found

        return read_meanwhile

    for reader in ("read_at_most", "read_records"):
        monkeypatch.setattr(file_reading, reader, written_to(getattr(file_reading, reader)))
    *_, last = read(path)
    assert last == Failure(str(path), CHANGED)


def test_an_empty_folder_is_one_failure(tmp_path: Path) -> None:
    assert "no file" in failure(tmp_path).reason
    written(tmp_path, "picture.png", b"x")
    left_out, refused = read(tmp_path)
    assert isinstance(left_out, Skipped) and left_out.origin.endswith("picture.png")
    assert isinstance(refused, Failure) and "no file" in refused.reason


REFUSED = {
    "a.pdf": "damaged",
    "a.docx": "damaged",
    "a.zip": "damaged",
    "a.xlsx": ".csv",
    "a.pptx": ".pdf",
    "a.rar": "Unpack",
    "a.png": "are not read",
    "a.md~": "of the kind .md~",
    "a.warc": "damaged",
    "a.opml": "footnote follow",
    "LICENSE": "no ending",
    "empty.txt": "The file is empty.",
    "empty.docx": "The file is empty.",
    "empty.json": "The file is empty.",
    "blank.md": "The file is empty.",
    "locked.docx": "encrypted",
    "feed.xml": "footnote follow",
    "no-text.md": "below its title",
    "boilerplate.txt": "No text is left",
}
CONTENT = {
    **dict.fromkeys(("empty.txt", "empty.docx", "empty.json"), ""),
    "blank.md": " \n",
    "locked.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "feed.xml": '<?xml version="1.0"?><rss version="2.0"></rss>',
    "no-text.md": "---\ntitle: Pier\n---\n",
    "boilerplate.txt": "Advertisement\n",
}


@pytest.mark.parametrize(("name", "says"), REFUSED.items(), ids=REFUSED)
def test_files_that_are_refused_by_name_or_content(tmp_path: Path, name: str, says: str) -> None:
    assert says in failure(written(tmp_path, name, CONTENT.get(name, "x"))).reason


@pytest.mark.parametrize(
    "name",
    (
        *("README.md", "license.txt", "Notice to mariners.md", "security.md", "authors.txt"),
        *("requirements.txt", "robots.txt", "changelog.md"),
    ),
)
def test_no_article_is_passed_over_for_its_name(tmp_path: Path, name: str) -> None:
    written(tmp_path, name, BODY)
    assert documents(tmp_path)


@pytest.mark.parametrize("path", ["", "  ", "nowhere/at/all.txt", "a\0b", "x" * 5_000])
def test_missing_paths_are_refused_at_once(path: str) -> None:
    with pytest.raises(ArticleError):
        read(path)


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "plain file" in failure(tmp_path / "pipe.txt").reason


def test_large_texts_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(limits.MOST_TEXT + 1)
    assert "20 MB" in failure(path).reason


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file"
)
def test_files_without_permission(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", BODY)
    path.chmod(0)
    assert "permitted" in failure(path).reason


def test_permission_is_told_in_words() -> None:
    assert "permitted" in limits.why_not(PermissionError(13, "Permission denied"))


@pytest.mark.skipif(sys.platform == "darwin", reason="such names cannot be made there")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.txt"
    with open(name, "wb") as stream:
        stream.write(BODY.encode())
    assert "name" in failure(tmp_path).reason


@pytest.mark.parametrize(
    ("stem", "title"),
    [("my-first_article", "My first article"), ("2024.report", "2024 report"), ("a", "A")],
)
def test_readable_names(stem: str, title: str) -> None:
    assert readable(stem) == title


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http://[", "x", ""])
def test_only_web_addresses_are_kept(url: str) -> None:
    assert web_address(url) is None


BROKEN_HTML = (
    *(
        b"<",
        b"</",
        b"<!",
        b"<!--",
        b"<!-->",
        b"<!DOCTYPE",
        b"<a",
        b"<a href",
        b"<a href='",
        b"<a/>",
    ),
    *(b"<p><b>x</p></b>", b"<table><p>x</table>", b"</p>x", b"<p <p>x</p>", b"<p a a a=1>x"),
    *(b"&", b"&#", b"&#x", b"&#x110000;", b"&#0;", b"&#xD800;", b"&amp", b"&unknown;", b"&#128;"),
    *(b"<script>x", b"<style>x</style", b"<title>x", b"<textarea><p>", b"<plaintext>x</plaintext>"),
    *(b"<![CDATA[x]]>", b"<?php x ?>", b"<p>\x00</p>", b"<p>\x0c\x1b</p>", b"\xef\xbb\xbf<p>x"),
    *(b"<meta charset=utf-7>+ADw-", b"<meta charset=x>\xe4", b"<div>" * 20_000, b"<a b=" * 20_000),
)


@pytest.mark.parametrize("kind", ["txt", "md"])
@pytest.mark.parametrize("content", BROKEN_HTML, ids=lambda value: str(value[:20]))
def test_broken_markup_in_a_text_never_raises(tmp_path: Path, content: bytes, kind: str) -> None:
    assert len(list(read(written(tmp_path, f"article.{kind}", content)))) == 1
