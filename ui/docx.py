"""A conversation as a Word document, with its quotes in footnotes of Word's own. Pure.

The few parts that a document needs are written by hand; see ECMA-376, WordprocessingML. Every text
goes through ElementTree, which escapes it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from xml.etree import ElementTree

from rag import Answer, Conversation
from ui.html import format_day, local_day, safe_url
from ui.render import FootnoteLink, SentenceView, origin, paragraph_views, reading_of
from ui.words import say

Element = ElementTree.Element

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFFICE = "http://schemas.openxmlformats.org"
WORD = f"{OFFICE}/wordprocessingml/2006/main"
RELATION = f"{OFFICE}/officeDocument/2006/relationships"
PACKAGE = f"{OFFICE}/package/2006"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
ElementTree.register_namespace("w", WORD)
ElementTree.register_namespace("r", RELATION)

# What XML cannot hold, even escaped.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The day in every archive, so that the same conversation gives the same file.
NO_DAY = (1980, 1, 1, 0, 0, 0)
# Word expects these two before the first footnote.
SEPARATORS = {"-1": "separator", "0": "continuationSeparator"}
# Name, kind, and size in half points of each style; headings are bold.
STYLES = (
    ("Normal", "paragraph", 22),
    ("Title", "paragraph", 40),
    ("Subtitle", "paragraph", 20),
    ("Heading1", "paragraph", 28),
    ("Heading2", "paragraph", 24),
    ("FootnoteText", "paragraph", 18),
    ("FootnoteReference", "character", None),
    ("Hyperlink", "character", None),
)
# Below a paragraph, in twentieths of a point.
SPACE_AFTER = "120"
BOLD = frozenset({"Title", "Heading1", "Heading2"})
PARAGRAPH_STYLES = {"heading": "Heading2"}
STYLE_NAMES = {
    "Heading1": "heading 1",
    "Heading2": "heading 2",
    "FootnoteText": "footnote text",
    "FootnoteReference": "footnote reference",
}


def to_docx(opened: Conversation) -> bytes:
    """The whole conversation, or the turns that it holds, as the bytes of a ``.docx`` file."""
    notes = Footnotes()
    started = say("asked_with", day=local_day(opened.summary.started))
    body = [_paragraph("Title", [_run(opened.title)]), _paragraph("Subtitle", [_run(started)])]
    for turn in opened.turns:
        body += _answer(turn.answer, notes)
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations([("officeDocument", "word/document.xml", False)]),
        "word/document.xml": _word("document", _word("body", *body)),
        "word/footnotes.xml": _word("footnotes", *notes.elements),
        "word/settings.xml": _settings(),
        "word/styles.xml": _word("styles", *map(_style, STYLES)),
        "word/_rels/document.xml.rels": _relations(
            [(name, f"{name}.xml", False) for name in ("styles", "settings", "footnotes")]
        ),
        "word/_rels/footnotes.xml.rels": _relations(
            [("hyperlink", url, True) for url in notes.urls]
        ),
    }
    return _archive(parts)


class Footnotes:
    """The footnotes of a document, numbered from 1, and the addresses that they link to."""

    def __init__(self) -> None:
        self.elements = [_separator(number, kind) for number, kind in SEPARATORS.items()]
        self.urls: list[str] = []
        self._last = 0

    def add(self, link: FootnoteLink) -> Element:
        """Adds a footnote with the quote and its source; the result refers to it in the text."""
        self._last += 1
        number = str(self._last)
        mark = _run_with(_word("footnoteRef"), style="FootnoteReference")
        runs = [mark, _run(f" “{link.quote}” {_reference(link)}")]
        if url := safe_url(link.source.url):
            self.urls.append(url)
            shown = _word("hyperlink", _run(url, style="Hyperlink"))
            shown.set(f"{{{RELATION}}}id", f"rId{len(self.urls)}")
            runs += [_run(" "), shown]
        note = _word("footnote", _paragraph("FootnoteText", runs), id=number)
        self.elements.append(note)
        return _run_with(_word("footnoteReference", id=number), style="FootnoteReference")


def _answer(answer: Answer, notes: Footnotes) -> Iterator[Element]:
    yield _paragraph("Heading1", [_run(answer.question)])
    if (reading := reading_of(answer)) != answer.question:
        yield _paragraph("Subtitle", [_run(f"{say('interpreted_as')} {reading}")])
    number = 0
    for paragraph in paragraph_views(answer):
        number = number + 1 if paragraph.block == "numbered" else 0
        sign = "• " if paragraph.block == "item" else f"{number}. " if number else ""
        runs = [_run(sign)] if sign else []
        for place, sentence in enumerate(paragraph.sentences):
            runs += [_run(" ")] * bool(place)
            runs += _sentence(sentence, notes)
        yield _paragraph(PARAGRAPH_STYLES.get(paragraph.block, "Normal"), runs)
    yield _paragraph("Subtitle", [_run(" · ".join(part.text for part in origin(answer)))])


def _sentence(sentence: SentenceView, notes: Footnotes) -> Iterator[Element]:
    for piece in sentence.pieces:
        yield _run(piece.text, italic=sentence.is_introduction, bold=piece.bold)
    yield from (notes.add(link) for link in sentence.footnotes)
    if sentence.verdict_label:
        reason = f": {sentence.why}" if sentence.why else ""
        yield _run(f" ({sentence.verdict_label}{reason})", italic=True)


def _reference(link: FootnoteLink) -> str:
    """Title, publisher, author and day, as far as they are known, and the page."""
    source = link.source
    about = (source.title, source.publisher, source.author, format_day(source.published))
    copies = say("also_in", n=len(source.copies)) if source.copies else ""
    known = (*about, link.part, copies)
    return ", ".join(part for part in known if part) + "."


def _word(name: str, *children: Element, **attributes: str) -> Element:
    """An element of WordprocessingML, whose attributes are in the same namespace."""
    element = Element(
        f"{{{WORD}}}{name}", {f"{{{WORD}}}{key}": value for key, value in attributes.items()}
    )
    element.extend(children)
    return element


def _run(
    text: str, *, italic: bool = False, bold: bool = False, style: str | None = None
) -> Element:
    holder = _word("t")
    holder.text = NOT_IN_XML.sub("\ufffd", text)
    holder.set(SPACE, "preserve")
    return _run_with(holder, italic=italic, bold=bold, style=style)


def _run_with(
    content: Element, *, italic: bool = False, bold: bool = False, style: str | None = None
) -> Element:
    look = [_word("rStyle", val=style)] if style else []
    look += [_word("b")] if bold else []
    look += [_word("i")] if italic else []
    return _word("r", *([_word("rPr", *look)] if look else []), content)


def _paragraph(style: str, runs: Iterable[Element]) -> Element:
    return _word("p", _word("pPr", _word("pStyle", val=style)), *runs)


def _separator(number: str, kind: str) -> Element:
    return _word("footnote", _word("p", _word("r", _word(kind))), id=number, type=kind)


def _settings() -> Element:
    separators = [_word("footnote", id=number) for number in SEPARATORS]
    return _word("settings", _word("footnotePr", *separators))


def _style(described: tuple[str, str, int | None]) -> Element:
    name, kind, size = described
    look = [_word("b")] if name in BOLD else []
    look += [_word("sz", val=str(size))] if size else []
    look += [_word("vertAlign", val="superscript")] if name == "FootnoteReference" else []
    look += [_word("u", val="single")] if name == "Hyperlink" else []
    default = {"default": "1"} if name == "Normal" else {}
    spaced = kind == "paragraph" and name != "FootnoteText"
    return _word(
        "style",
        _word("name", val=STYLE_NAMES.get(name, name)),
        *([_word("pPr", _word("spacing", after=SPACE_AFTER))] if spaced else []),
        _word("rPr", *look),
        styleId=name,
        type=kind,
        **default,
    )


def _content_types() -> Element:
    types = Element("Types", xmlns=f"{PACKAGE}/content-types")
    for extension, media_type in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
    ):
        ElementTree.SubElement(types, "Default", Extension=extension, ContentType=media_type)
    for part in ("document", "footnotes", "settings", "styles"):
        kind = f"{MEDIA_TYPE}.main+xml" if part == "document" else _part_type(part)
        ElementTree.SubElement(types, "Override", PartName=f"/word/{part}.xml", ContentType=kind)
    return types


def _part_type(part: str) -> str:
    return f"{MEDIA_TYPE.removesuffix('.document')}.{part}+xml"


def _relations(targets: Iterable[tuple[str, str, bool]]) -> Element:
    """Kind, target, and whether it is outside of the file, of what a part refers to."""
    relations = Element("Relationships", xmlns=f"{PACKAGE}/relationships")
    for number, (kind, target, outside) in enumerate(targets, start=1):
        known = {"Id": f"rId{number}", "Type": f"{RELATION}/{kind}", "Target": target}
        mode = {"TargetMode": "External"} if outside else {}
        ElementTree.SubElement(relations, "Relationship", {**known, **mode})
    return relations


def _archive(parts: dict[str, Element]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in parts.items():
            content = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
            archive.writestr(zipfile.ZipInfo(name, NO_DAY), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
