"""Parses HTML of any encoding, with limits of depth."""

from __future__ import annotations

import re

from lxml import etree, html
from lxml.html import HtmlElement

from rag.ingestion.decoding import NotText, decode
from rag.ingestion.limits import Unreadable

XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# A page says its encoding within its first 1,024 bytes; some begin with long comments.
DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
XML_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']")
HEAD_BYTES = 4_096
# Browsers read the first of these as the second.
READ_AS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252"}
# No page nests its elements deeper; libraries that walk a tree by recursion fail beyond.
DEEPEST = 400
# The parser takes the square of the nesting: what is nested beyond this is not given to it.
DEEPEST_TAGS = 5_000
NESTING_TAG = re.compile(
    r"<(/?)(?:div|span|b|i|u|font|em|strong|a|ul|ol|dl|table|section|article|blockquote|center"
    r"|small|big|details|form|fieldset|svg|g)\b",
    re.IGNORECASE,
)

# What a link to a note shows, raised or in brackets, and one back to its place.
NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[ivxlc]{1,6}|[*†‡§¶]+)[\])]?", re.IGNORECASE)
BACK = re.compile(r"[↑↩⏎⤴↵^]\ufe0e?")


def parse(data: bytes, *, charset: str | None = None) -> HtmlElement:
    """The tree of a page, without comments.

    Args:
        data: The page's bytes.
        charset: The encoding that the server named, which counts more than the page's own word.

    Raises:
        Unreadable: The bytes are not text, or the nesting is too deep.
    """
    text = XML_DECLARATION.sub("", decoded(data, charset=charset))
    if _tags_deep(text) > DEEPEST_TAGS:
        raise Unreadable(f"Its elements are nested more than {DEEPEST} deep.")
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:
        raise Unreadable("The page is empty or damaged.") from error
    if depth(tree) > DEEPEST:
        raise Unreadable(f"Its elements are nested more than {DEEPEST} deep.")
    return tree


def _tags_deep(text: str) -> int:
    """The most tags that are open at once, roughly."""
    deepest = level = 0
    for match in NESTING_TAG.finditer(text):
        level = max(0, level - 1) if match[1] else level + 1
        deepest = max(deepest, level)
    return deepest


def decoded(data: bytes, *, charset: str | None = None) -> str:
    """The text of a page's bytes: by mark, by the server's or the page's word, or by guess."""
    head = data[:HEAD_BYTES]
    said = charset
    for pattern in (XML_DECLARED, DECLARED):
        if not said and (match := pattern.search(head)):
            said = match[1].decode("ascii", "replace")
    if said and not head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(READ_AS.get(said.lower(), said))
        except (LookupError, UnicodeDecodeError):
            pass
    try:
        return decode(data).text
    except NotText as error:
        if said:
            # Browsers show such a page with a few broken characters.
            return data.decode(READ_AS.get(said.lower(), "utf-8"), "replace")
        raise Unreadable(str(error)) from error


def depth(tree: HtmlElement) -> int:
    """The number of elements on the longest way down the tree."""
    deepest = 0
    level = [tree]
    while level:
        deepest += 1
        level = [child for element in level for child in element]
    return deepest


def drop(element: HtmlElement) -> None:
    """Takes an element out and leaves the text that follows it."""
    if element.getparent() is not None:
        element.drop_tree()


def drop_note_marks(tree: HtmlElement) -> None:
    """Takes out the links to notes and back, such as ¹ and ↑: of a quote they are no part."""
    for link in tree.xpath("//a[contains(@href, '#') and not(contains(@href, '//'))]"):
        text = link.text_content().strip()
        raised = link.getparent().tag == "sup" or link.find(".//sup") is not None
        if BACK.fullmatch(text) or (NOTE_MARK.fullmatch(text) and (raised or text[0] in "[(")):
            drop(link)
