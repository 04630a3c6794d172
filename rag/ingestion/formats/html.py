"""Reads the article of a page of HTML: its text by trafilatura, its facts, and no furniture."""

from __future__ import annotations

import re
from collections.abc import Callable

import trafilatura
from lxml.html import HtmlElement

from rag.ingestion.documents import Extracted, FactName
from rag.ingestion.formats.html_facts import read_facts
from rag.ingestion.formats.html_hidden import remove_hidden
from rag.ingestion.formats.html_tree import (
    HEAD_BYTES,
    Block,
    blocks,
    drop,
    drop_note_marks,
    parse,
    write_tables,
)
from rag.ingestion.limits import Unreadable
from rag.types import Fact, Removal

# Elements that hold furniture by the meaning of their names.
FURNITURE = ("nav", "footer", "aside", "form", "dialog")
# A page whose links hold less of its text, and that has no menus, is a document as a whole.
LINKED_SHARE = 0.2
SHORTEST_ARTICLE = 200
# A page of more blocks is judged by one extractor alone; none of 102 article pages has so many.
MOST_COMPARED = 2_000
START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.{0,2000}?-->)\s*)*"
    rb"<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# A piece of a page, such as what a content system exports: it begins with a block that is closed.
FRAGMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:(?><!--.{0,2000}?-->)\s*)*"
    rb"<(article|div|h[1-6]|header|main|ol|p|section|table|ul)(?:\s[^<>]*)?>",
    re.IGNORECASE | re.DOTALL,
)
SAVED_FROM = re.compile(
    rb"<!--\s*(?:saved from url=\(\d+\)|page saved with singlefile\s+url:\s*)(https?://[^\s<>]+)",
    re.IGNORECASE,
)
BODY_CLASS = re.compile(r"article[-_]*body|body[-_]*text|story[-_]*body|(?:entry|post)[-_]*content")


def read_html(data: bytes, *, address: str | None = None, charset: str | None = None) -> Extracted:
    """The article of a page.

    Args:
        data: The page as it was sent.
        address: Where it was read, which helps to tell its own address.
        charset: The encoding that the server named.

    Raises:
        Unreadable: It is not text, it is nested too deeply, or it holds no article.
    """
    tree = parse(data, charset=charset)
    address = address or _saved_from(data)
    facts = read_facts(tree, address)
    hidden = remove_hidden(tree)
    write_tables(tree)
    found = list(blocks(tree)) if is_document(tree) else _article(tree, address)
    if not found:
        raise Unreadable("The page holds no article: no running text was found in it.")
    removed = tuple(Removal("hidden text", text) for text in hidden)
    return Extracted(tuple(block.text for block in found), facts, removed=removed)


def _saved_from(data: bytes) -> str | None:
    """The address that a browser noted in a comment at the top of a page that it saved."""
    found = SAVED_FROM.search(data[:HEAD_BYTES])
    return found[1].decode("ascii", "ignore") if found else None


def read_whole(
    data: bytes,
    *,
    charset: str | None = None,
    change: Callable[[HtmlElement], object] = lambda tree: None,
) -> Extracted:
    """All the text of a page that has no furniture, such as a chapter; its heading is its title.

    Args:
        data: The page.
        charset: Its encoding, where that is known.
        change: Called with the page's tree before its text is taken.

    Raises:
        Unreadable: It is nested too deeply, or holds no text.
    """
    tree = parse(data, charset=charset)
    hidden = remove_hidden(tree)
    drop_note_marks(tree)
    change(tree)
    write_tables(tree, guess_header=True)
    found = list(blocks(tree))
    if not found:
        raise Unreadable("It holds no text.")
    headings = [block.text for block in found[:5] if block.is_heading]
    facts: dict[FactName, Fact] = {"title": Fact(headings[0], "heading")} if headings else {}
    removed = tuple(Removal("hidden text", text) for text in hidden)
    return Extracted(tuple(block.text for block in found), facts, removed=removed)


def is_html(data: bytes) -> bool:
    """Whether bytes are a page of HTML, whatever the file's name."""
    return START.match(data[:HEAD_BYTES]) is not None


def is_html_fragment(data: bytes) -> bool:
    """Whether bytes are a piece of a page; Markdown may begin in the same way."""
    head = data[:HEAD_BYTES]
    begins = FRAGMENT.match(head)
    return begins is not None and b"</%s>" % begins[1].lower() in head.lower()


def is_document(tree: HtmlElement) -> bool:
    """Whether all of a page is the article: one without menus, forms, scripts or many links."""
    if tree.xpath("boolean(//nav | //aside | //form | //footer | //script[@src] | //iframe)"):
        return False
    found = list(blocks(tree))
    text = sum(len(block.text) for block in found)
    return sum(block.linked for block in found) <= LINKED_SHARE * text


def _article(tree: HtmlElement, address: str | None) -> list[Block]:
    _remove_other_articles(tree)
    _join_parts(tree)
    whole = list(blocks(tree))
    document = trafilatura.bare_extraction(
        tree,
        url=address,
        favor_precision=True,
        include_comments=False,
        include_links=True,
        # Its second opinion takes the square of the number of short paragraphs.
        fast=len(whole) > MOST_COMPARED,
    )
    body = getattr(document, "body", None)
    found = [] if body is None else list(blocks(body, by_trafilatura=True))
    if found:
        return found
    for element in tree.xpath("|".join(f"//{name}" for name in FURNITURE)):
        drop(element)
    return [block for block in whole if 2 * block.linked <= len(block.text)]


def _remove_other_articles(tree: HtmlElement) -> None:
    """Takes out articles within an article, which are comments and teasers of other articles."""
    for outer in tree.xpath("//article[not(ancestor::article)]"):
        inner = outer.xpath(".//article[not(ancestor::article[ancestor::article])]")
        inside = sum(len(article.text_content()) for article in inner)
        if inner and len(outer.text_content()) - inside > SHORTEST_ARTICLE:
            for article in inner:
                drop(article)


def _join_parts(tree: HtmlElement) -> None:
    """Moves the parts of an article's body that advertisements keep apart into the first."""
    for article in tree.xpath("//article") or [tree]:
        first: dict[str, HtmlElement] = {}
        for part in article.xpath(".//div[@class] | .//section[@class]"):
            name = part.get("class")
            if not BODY_CLASS.search(name) or not _has_prose(part):
                continue
            if name not in first:
                first[name] = part
            elif first[name] not in part.iterancestors():
                first[name].extend(list(part))


def _has_prose(element: HtmlElement) -> bool:
    return sum(len(p.text_content()) for p in element.findall("p")) > SHORTEST_ARTICLE
