"""Writes small documents: Word, EPUB, OpenDocument, messages, zip files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CORE = (
    '<coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "<dc:creator>{}</dc:creator></coreProperties>"
)

SAID = (
    "<dc:title>The Pier</dc:title><dc:creator>Ada Brandt</dc:creator><dc:date>2024-03-05</dc:date>"
)
NAV = ' properties="nav"'


def package(files: Mapping[str, str | bytes]) -> bytes:
    """A zip file; a ``mimetype`` stands first and unpacked, as documents have it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(name, content, kind)
    return stream.getvalue()


def docx(
    body: str, *, title: str = "", author: str = "", styles: Mapping[str, str] | None = None
) -> bytes:
    """A Word document of the given body, in WordprocessingML with the prefix ``w``.

    ``styles`` names those of the paragraphs, by id.
    """
    named = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (styles or {}).items()
    )
    return package(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships"><Relationship Id="a" Type="{RELATION}/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body>'
            "</w:document>",
            "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
            f'package/2006/relationships"><Relationship Id="a" Type="{RELATION}/styles"'
            ' Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{named}</w:styles>',
            "docProps/core.xml": CORE.format(title, author),
        }
    )


def word_paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def word_table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def epub(
    chapters: Mapping[str, str], *, encrypted: str = "", said: str = SAID, contents: str = ""
) -> bytes:
    """A book; the spine takes the chapters in the order given, the package against it.

    ``said`` are its metadata, and ``contents`` is the list of a table of contents, which is in the
    spine too.
    """
    chapters = {**chapters, **({"nav.xhtml": f"<nav>{contents}</nav>"} if contents else {})}
    items = "".join(
        f'<item id="i{n}" href="{name}"{NAV if name == "nav.xhtml" else ""}/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="b/book.opf"/>'
        "</rootfiles></container>",
        "b/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf'
        f'.org/2007/opf"><metadata>{said}</metadata><manifest>{items}</manifest>'
        f"<spine>{spine}</spine></package>",
    }
    for name, body in reversed(chapters.items()):
        files[f"b/{name}"] = f"<html><body>{body}</body></html>"
    if encrypted:
        files["META-INF/encryption.xml"] = (
            f'<encryption><CipherReference URI="{encrypted}"/></encryption>'
        )
    return package(files)


def odt(body: str, *, styles: str = "") -> bytes:
    """An OpenDocument text of the given body, with the prefixes ``text`` and ``table``."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    content = f"<office:document-content {spaces}>{styles}<office:body><office:text>{body}"
    content += "</office:text></office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.text"
    return package({"mimetype": kind, "content.xml": content})
