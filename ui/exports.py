"""A conversation, or one answer of it, as a file: text, data, or the cited sources. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from rag import Conversation, ConversationUnknown, Source, split_authors
from ui import docx
from ui.html import render, safe_url
from ui.render import origin, paragraph_views, reading_of, source_views

# What TeX reads as a command.
TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
MAX_KEY_WORDS = 3
STYLE = Path(__file__).with_name("static").joinpath("export.css").read_text("utf-8")
# In characters; no file system allows fewer than 255 bytes.
MAX_FILE_NAME_LENGTH = 60


class Export(NamedTuple):
    """A kind of file."""

    extension: str
    media_type: str
    write: Callable[[Conversation], str | bytes]


def single_turn(opened: Conversation, number: int) -> Conversation:
    """The conversation with one of its turns alone.

    Raises:
        ConversationUnknown: It has no turn of that number.
    """
    turns = tuple(turn for turn in opened.turns if turn.number == number)
    if not turns:
        raise ConversationUnknown(f"{opened.id}, question {number}")
    return replace(opened, turns=turns)


def cited_sources(opened: Conversation) -> tuple[Source, ...]:
    """Every article that the answers cite, once, in order of first citation."""
    found = (source for turn in opened.turns for source in turn.answer.cited_sources.values())
    return tuple({source.id: source for source in found}.values())


def to_html(opened: Conversation) -> str:
    """A page that stands alone, without script or links into this library."""
    turns = [
        {
            "question": turn.answer.question,
            "reading": reading_of(turn.answer),
            "paragraphs": paragraph_views(turn.answer),
            "sources": source_views(turn.answer),
            "origin": origin(turn.answer),
        }
        for turn in opened.turns
    ]
    page = str(render("export.html", summary=opened.summary, turns=turns))
    return page.replace("<style></style>", f"<style>{STYLE}</style>", 1)


def to_json(opened: Conversation) -> str:
    return _json(opened.to_dict())


def to_ris(opened: Conversation) -> str:
    """The cited sources for Zotero, EndNote and the like."""
    return "".join(
        "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in _ris_fields(source))
        + "ER  - \r\n"
        for source in cited_sources(opened)
    )


def to_bibtex(opened: Conversation) -> str:
    """The cited sources for LaTeX."""
    entries = []
    for source in cited_sources(opened):
        day = source.published
        fields = {
            # In braces of its own, because many styles take its capitals away.
            "title": f"{{{_tex(source.title)}}}",
            # A name that is not to be split where it says "and" is put into braces.
            "author": " and ".join(
                f"{{{name}}}" if " and " in name else name for name in map(_tex, _authors(source))
            ),
            "howpublished": _tex(source.publisher),
            "year": str(day.year) if day else None,
            "date": day.isoformat() if day else None,
            "url": _tex(safe_url(source.url)),
        }
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
        entries.append(f"@misc{{{_key(source)},\n{''.join(lines)}}}\n")
    return "\n".join(entries)


def to_csl(opened: Conversation) -> str:
    """The cited sources as CSL-JSON, for citation processors such as citeproc and Pandoc."""
    return _json([_csl_item(source) for source in cited_sources(opened)])


# By the names in `ui.html.EXPORT_FORMATS`.
EXPORTS: Mapping[str, Export] = {
    "markdown": Export("md", "text/markdown", Conversation.to_markdown),
    "docx": Export("docx", docx.MEDIA_TYPE, docx.to_docx),
    "html": Export("html", "text/html", to_html),
    "json": Export("json", "application/json", to_json),
    "ris": Export("ris", "application/x-research-info-systems", to_ris),
    "bibtex": Export("bib", "application/x-bibtex", to_bibtex),
    "csl": Export("csl.json", "application/vnd.citationstyles.csl+json", to_csl),
}


def _tex(text: str | None) -> str:
    """One line of plain text, as TeX writes it."""
    return " ".join((text or "").split()).translate(TEX)


def _ris_fields(source: Source) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS" if source.publisher else "GEN"
    yield "TI", source.title
    for author in _authors(source):
        yield "AU", author
    if source.publisher:
        yield "T2", source.publisher
    if source.published:
        yield "PY", f"{source.published.year}"
        yield "DA", f"{source.published:%Y/%m/%d}/"
    if url := safe_url(source.url):
        yield "UR", url


def _csl_item(source: Source) -> dict[str, Any]:
    day = source.published
    known = {
        "id": source.id,
        "type": "article-newspaper" if source.publisher else "document",
        "title": source.title,
        "author": [{"literal": author} for author in _authors(source)],
        "container-title": source.publisher,
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "URL": safe_url(source.url),
    }
    return {name: value for name, value in known.items() if value}


def _authors(source: Source) -> tuple[str, ...]:
    return split_authors(source.author) if source.author else ()


def _key(source: Source) -> str:
    """A key of letters and digits that no other article has."""
    words = re.findall(r"[a-z0-9]+", source.title.lower())[:MAX_KEY_WORDS]
    return "-".join((*words, source.id[:6]))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def file_name(conversation: Conversation) -> str:
    """The words of the title, joined by hyphens, without an extension; the id if it has none."""
    words = re.findall(r"[^\W_]+", conversation.title)
    return "-".join(words).lower()[:MAX_FILE_NAME_LENGTH].strip("-") or conversation.id


def attachment(name: str) -> str:
    """The header ``Content-Disposition`` of a download, with other letters as in RFC 6266."""
    if name.isascii():
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
