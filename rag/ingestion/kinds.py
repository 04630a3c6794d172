"""Tells what a file holds: by its first bytes, and by its name where those leave it open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from rag.ingestion.formats import is_html, is_html_fragment

Kind = Literal[
    "markdown", "text", "records", "html", "pdf", "docx", "epub", "odt", "rtf", "csv", "email",
    "mailbox", "archive", "warc",
]  # fmt: skip
# Enough to see the first entries of a package, and a page's doctype below a long comment.
HEAD_BYTES = 4_096

BY_NAME: Mapping[str, Kind] = {
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".txt", ".text"), "text"),
    **dict.fromkeys(
        (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"), "records"
    ),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xht"), "html"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".eml", ".mhtml", ".mht"), "email"),
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".odt": "odt",
    ".rtf": "rtf",
    ".mbox": "mailbox",
    ".zip": "archive",
    ".gz": "archive",
    **dict.fromkeys((".warc", ".warc.gz"), "warc"),
}
BY_ADDRESS = "Give its web address to footnote follow instead."
LISTING = re.compile(rb"<(?:rss|feed|opml|urlset|sitemapindex)[\s>]")
# Other documents, and what to do with them; skipping them silently would lose articles.
REFUSED: Mapping[str, str] = {
    **dict.fromkeys((".doc", ".dot", ".wps", ".pages", ".wpd"), "Save it as .docx or .pdf."),
    **dict.fromkeys((".ppt", ".pptx", ".odp", ".key"), "Save it as .pdf."),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".parquet"), "Save its tables as .csv."),
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".djvu"), "Convert it to .epub or .pdf."),
    **dict.fromkeys((".xml", ".rst", ".adoc", ".tex", ".org"), "Save its text as .txt or .md."),
    **dict.fromkeys((".tar", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"), "Unpack it first."),
    ".wacz": "Unpack it first.",
    **dict.fromkeys((".rss", ".atom"), BY_ADDRESS),
    ".opml": "Give it to footnote follow instead.",
}
KNOWN = (
    "web pages, PDF, Word, EPUB, OpenDocument, RTF, e-mail, Markdown, text, CSV, JSON lists, zip, "
    "WARC"
)

# Kinds that are plain text already.
PLAIN = ("markdown", "text")

MAIL_HEADER = re.compile(
    rb"(?:From |(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|"
    rb"Content-Type|Snapshot-Content-Location|X-[\w-]+):)",
    re.IGNORECASE,
)


def kind_of(head: bytes, name: str) -> Kind | None:
    """What a file holds; None for what is not read.

    Args:
        head: Its first `HEAD_BYTES` bytes.
        name: Its name, of which the ending counts.
    """
    named = _by_name(name)
    if head.startswith(b"WARC/"):
        return "warc"
    if b"%PDF-" in head[:1_024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _package(head, named)
    if head.startswith(b"\x1f\x8b"):
        return named if named in ("records", "warc") else "archive"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if named in ("markdown", "text", "html", None) and is_html(head):
        return "html"
    if named in ("text", None) and is_html_fragment(head):
        return "html"
    if named in ("text", None, "email", "mailbox") and _is_mail(head):
        return "mailbox" if head.startswith(b"From ") else "email"
    return named


def head_of(path: Path) -> bytes:
    """The first bytes of a file; none where it cannot be opened, which reading it will tell."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError:
        return b""


def _by_name(name: str) -> Kind | None:
    lower = name.lower()
    endings = sorted(BY_NAME, key=len, reverse=True)
    return next((BY_NAME[ending] for ending in endings if lower.endswith(ending)), None)


def _package(head: bytes, named: Kind | None) -> Kind | None:
    """What a zip file holds: the packages of documents name themselves in their first entries."""
    if b"mimetypeapplication/epub+zip" in head:
        return "epub"
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in head:
        return "odt"
    if named in ("docx", "epub", "odt", "archive"):
        return named
    return "docx" if b"word/" in head else None if b"[Content_Types].xml" in head else "archive"


def _is_mail(head: bytes) -> bool:
    """Whether a text begins with two headers of a message, or an envelope and a header."""
    lines = head.lstrip().splitlines()[:2]
    return len(lines) == 2 and all(MAIL_HEADER.match(line) for line in lines)


def named_ending(name: str) -> str:
    """The ending of a file's name in lower case, with its dot; empty where there is none."""
    found = re.search(r"\.[^\s.]{1,11}$", name.lower())
    return found[0] if found else ""


def is_refused(name: str) -> bool:
    """Whether a file of no kind that is read is a document all the same."""
    return named_ending(name) in REFUSED


def why_not_read(name: str, head: bytes = b"") -> str:
    """Why a file of no known kind is not read, and what to do.

    Args:
        name: Its name.
        head: Its first bytes, which tell a list of addresses.
    """
    ending = named_ending(name)
    if not ending:
        return (
            "Its name has no ending, and its kind cannot be recognized. Name it .txt if it is text."
        )
    advice = BY_ADDRESS if LISTING.search(head) else REFUSED.get(ending, "")
    return f"Files of the kind {ending} are not read. {advice}".rstrip()
