"""Parses HTML and takes out of its tree what no reader of the page sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

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

STYLE_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
SIMPLE_SELECTOR = re.compile(r"(\w*)([.#])([\w-]+)")
UNSEEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|visibility:collapse|opacity:0(?:\.0+)?(?=;|!|$)"
    r"|font-size:0(?:\.0+)?(?:px|em|rem|pt|%)?(?=;|!|$)"
    r"|(?:left|top|right|text-indent):-\d{4,}|clip:rect\(0)"
)
COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
BACKGROUND = re.compile(r"(?:^|;)background(?:-color|-image)?:([^;!]+)")
NAMED_COLOURS = {"white": "fff", "black": "000", "#ffffff": "fff", "#000000": "000"}


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


def remove_hidden(tree: HtmlElement) -> list[str]:
    """Takes out what the page's own styles hide; returns the text of each such element.

    Only rules of one class or id are looked at. A rule that hides most of the page's text waits
    for a script to show it, and is ignored.
    """
    whole = len(tree.text_content()) or 1
    hidden = []
    for element in [*_hidden_by_itself(tree), *_hidden_by_rules(tree)]:
        text = " ".join(element.text_content().split())
        if element.tag in ("html", "body") or 2 * len(text) > whole:
            continue
        if text and element.getroottree().getroot() is tree:
            hidden.append(text)
        drop(element)
    return hidden


def _hidden_by_itself(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.xpath("//*[@hidden or @style or self::template or self::font]"):
        style = _compact(element.get("style", ""))
        if (
            element.tag == "template"
            or element.get("hidden") is not None
            or UNSEEN.search(style)
            or _is_invisible_ink(element, style)
        ):
            yield element


def _hidden_by_rules(tree: HtmlElement) -> Iterator[HtmlElement]:
    for selectors, style in _rules(tree):
        if not UNSEEN.search(style) or "opacity:0" in style:
            continue
        for selector in selectors.split(","):
            if match := SIMPLE_SELECTOR.fullmatch(selector.strip()):
                tag, kind, name = match.groups()
                yield from tree.xpath(
                    "//*[($tag = '' or name() = $tag) and ($kind = '#' and @id = $name or"
                    " $kind = '.' and contains(concat(' ', normalize-space(@class), ' '),"
                    " concat(' ', $name, ' ')))]",
                    tag=tag,
                    kind=kind,
                    name=name,
                )


def _rules(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Selectors and compact declarations of the page's style sheets, at-rules left out."""
    for sheet in tree.iter("style"):
        text = STYLE_COMMENT.sub("", sheet.text or "")
        open_braces, start = 0, 0
        head = ""
        for match in re.finditer(r"[{}]", text):
            if match[0] == "{":
                if not open_braces:
                    head, start = text[start : match.start()], match.end()
                open_braces += 1
            elif open_braces:
                open_braces -= 1
                if not open_braces:
                    if not head.strip().startswith("@"):
                        yield head, _compact(text[start : match.start()])
                    start = match.end()


def _compact(style: str) -> str:
    return "".join(style.lower().split())


def _is_invisible_ink(element: HtmlElement, style: str) -> bool:
    """Whether the text's colour is that of the nearest background that is known, or of paper."""
    colour = COLOUR.search(style)
    ink = _colour(colour[1] if colour else element.get("color", ""))
    if not ink:
        return False
    around: HtmlElement | None = element
    while around is not None:
        behind = BACKGROUND.search(_compact(around.get("style", "")))
        paper = behind[1] if behind else around.get("bgcolor", "")
        if paper and paper not in ("none", "transparent", "inherit"):
            return _colour(paper) == ink
        around = around.getparent()
    return ink == "fff"


def _colour(written: str) -> str:
    written = written.strip().lower()
    if match := re.fullmatch(r"rgba?\((\d+),(\d+),(\d+)(?:,[\d.]+)?\)", written):
        written = "#" + "".join(f"{min(int(part), 255):02x}" for part in match.groups())
    written = NAMED_COLOURS.get(written, written).removeprefix("#")
    if len(written) == 6 and written[::2] == written[1::2]:
        return written[::2]
    return written
