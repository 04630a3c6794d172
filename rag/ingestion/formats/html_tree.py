"""The tree of a page, and its text in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html
from lxml.html import HtmlElement

from rag.ingestion.decoding import NotText, decode
from rag.ingestion.formats.tables import names_columns, names_figures, row_lines
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy

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
# It takes the square of the attributes of an element, too.
MOST_ATTRIBUTES = 2_000
ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
# A comment, or a tag; of a tag whose content holds no tags, that content too.
MARKUP = re.compile(
    r"<!--(?:-?>|.*?--!?>|.*)|<(?:(script|style|textarea|title|xmp)\b|[a-z][^\s/>]*+)"
    rf"(?P<attributes>(?:[\s/]++|{ATTRIBUTE})*+)(?(1)(?:.*?</\1|.*))",
    re.IGNORECASE | re.DOTALL,
)


class NoElements(Unreadable):
    """A page holds nothing but comments, or is damaged."""


# What a link to a note shows, raised or in brackets, and one back to its place.
NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[ivxlc]{1,6}|[*†‡§¶]+)[\])]?", re.IGNORECASE)
BACK = re.compile(r"[↑↩⏎⤴↵^]\ufe0e?")


def parse(data: bytes, *, charset: str | None = None) -> HtmlElement:
    """The tree of a page, without comments.

    Args:
        data: The page's bytes.
        charset: The encoding that the server named, which counts more than the page's own word.

    Raises:
        NoElements: There is no element in it.
        Unreadable: The bytes are not text, or elements are nested too deep or too large.
    """
    text = XML_DECLARATION.sub("", decoded(data, charset=charset))
    if _tags_deep(text) > DEEPEST_TAGS:
        raise Unreadable(f"Its elements are nested more than {DEEPEST} deep.")
    if any(map(_has_many_attributes, MARKUP.finditer(text))):
        raise Unreadable(f"One of its elements has more than {MOST_ATTRIBUTES:,} attributes.")
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:
        raise NoElements("The page is empty or damaged.") from error
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


def _has_many_attributes(markup: re.Match[str]) -> bool:
    written = markup["attributes"] or ""
    # A letter and a space make the shortest.
    return len(written) > 2 * MOST_ATTRIBUTES and (
        len(re.findall(ATTRIBUTE, written)) > MOST_ATTRIBUTES
    )


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


# Those of HTML, then those that trafilatura writes.
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary"
    " table tbody td tfoot th thead tr ul"
    " cell head item list quote row".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 head caption dt summary".split())

BREAKS = frozenset(("br", "lb"))
UNSHOWN = frozenset(
    "script style template head noscript iframe object svg math canvas select textarea button"
    " title".split()
)
# Trafilatura calls a heading what HTML calls the page's head.
UNSHOWN_BY_TRAFILATURA = UNSHOWN - {"head"}
LINKS = frozenset(("a", "ref"))
# A longer cell is a column of a page that is laid out as a table.
LONGEST_CELL = 400
SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")


@dataclass(slots=True)
class Block:
    """A paragraph of a page, and what its markup says of it.

    Attributes:
        text: Tidy.
        is_heading: Whether it is marked as a heading.
        linked: Characters that are in links.
    """

    text: str
    is_heading: bool = False
    linked: int = 0


@dataclass(slots=True)
class _Open:
    """The paragraph that is being collected."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    tag: str = ""


def blocks(root: HtmlElement, *, by_trafilatura: bool = False) -> Iterator[Block]:
    """The paragraphs below an element, in order: headings, list items and table rows among them."""
    unshown = UNSHOWN_BY_TRAFILATURA if by_trafilatura else UNSHOWN
    walk = etree.iterwalk(root, events=("start", "end"))
    current = _Open(tag=str(root.tag))
    links = breaks = 0
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        skipped = event == "start" and (not tag or tag in unshown)
        if tag in BLOCKS:
            yield from _closed(current)
            current = _Open(tag=tag if event == "start" else "")
        if tag in BREAKS and event == "start":
            breaks += 1
            if breaks > 1:
                yield from _closed(current)
                current = _Open(tag=current.tag)
            current.pieces.append(" ")
        if skipped:
            walk.skip_subtree()
        elif event == "start":
            links += tag in LINKS
            text = element.text
            if tag == "sup" and text and not len(element):
                text = text.translate(SUPERSCRIPTS) if text.strip("0123456789+-−n") == "" else text
        else:
            links -= tag in LINKS
            text = element.tail if element is not root else None
        if skipped:
            continue
        if text and (text := text.replace("\u00ad", "")):
            current.pieces.append(text)
            if text.strip():
                breaks = 0
                current.linked += len(text) if links else 0
    yield from _closed(current)


def _closed(block: _Open) -> Iterator[Block]:
    if text := tidy("".join(block.pieces)):
        yield Block(text, block.tag in HEADINGS, min(block.linked, len(text)))


def write_tables(tree: HtmlElement, *, guess_header: bool = False) -> None:
    """Replaces the rows of each data table by rows of one cell, which holds the whole row.

    Args:
        tree: It is changed.
        guess_header: Whether a first row of words names the columns though nothing marks it, as in
            documents of word processors; on a page it does only above columns of figures.
    """
    named = names_columns if guess_header else names_figures
    for table in tree.xpath("//table[not(.//table) and not(ancestor::pre)]"):
        rows = list(table.iter("tr"))
        cells = [_cells(row) for row in rows]
        if not _is_data(cells):
            continue
        written = [_texts(row, is_first=not n) for n, row in enumerate(_spread(cells))]
        first = cells[0]
        has_header = bool(first) and (
            all(cell.tag == "th" or not _cell_text(cell) for cell in first)
            or rows[0].getparent().tag == "thead"
            or (first[0].tag != "th" and named(written))
        )
        if not has_header:
            written = [
                _with_row_header(row, texts) for row, texts in zip(cells, written, strict=True)
            ]
        _rewrite(table, list(row_lines(written, has_header=has_header)))


def _cells(row: HtmlElement) -> list[HtmlElement]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _cell_text(cell: HtmlElement) -> str:
    return tidy(" ".join(block.text for block in blocks(cell)))


def _texts(row: list[HtmlElement], *, is_first: bool) -> list[str]:
    """The texts of a row; what spans several columns is in the first, unless it may name them."""
    before = [None, *row]
    return [
        _cell_text(cell) if is_first or cell is not above else ""
        for above, cell in zip(before, row, strict=False)
    ]


def _is_data(rows: list[list[HtmlElement]]) -> bool:
    """Whether a table holds data and not the columns of a page."""
    if sum(len(row) > 1 for row in rows) < 2:
        return False
    return all(len(cell.text_content()) <= LONGEST_CELL for row in rows for cell in row)


def _spread(rows: list[list[HtmlElement]]) -> Iterator[list[HtmlElement]]:
    """The rows with each cell in every column and row that it spans."""
    below: dict[int, tuple[HtmlElement, int]] = {}
    for row in rows:
        line: list[HtmlElement] = []
        for cell in [*row, None]:
            while len(line) in below:
                held, left = below.pop(len(line))
                if left > 1:
                    below[len(line)] = (held, left - 1)
                line.append(held)
            if cell is not None:
                for _ in range(_span(cell, "colspan")):
                    if (down := _span(cell, "rowspan")) > 1:
                        below[len(line)] = (cell, down - 1)
                    line.append(cell)
        yield line


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "1")
    return min(max(int(value), 1), 50) if value.isdecimal() else 1


def _with_row_header(row: list[HtmlElement], texts: list[str]) -> list[str]:
    if len(row) > 1 and row[0].tag == "th" and row[1].tag == "td" and texts[0]:
        return [f"{texts[0].rstrip(' :')}: {texts[1]}", *texts[2:]]
    return texts


def _rewrite(table: HtmlElement, lines: list[str]) -> None:
    for child in list(table):
        if child.tag == "caption":
            continue
        table.remove(child)
    for line in lines:
        row = etree.SubElement(table, "tr")
        etree.SubElement(row, "td").text = line
