"""Word, EPUB, OpenDocument, RTF, CSV, messages and zip files, through the loader."""

from __future__ import annotations

import gzip
import json
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from document_files import docx, epub, odt, package, word_paragraph, word_table
from rag.ingestion.documents import Document, Outcome
from rag.ingestion.kinds import kind_of
from rag.ingestion.loaders import read
from rag.receipts import Failure

PIER = "The council of Ferrow rebuilds the western pier before winter."
CRANE = "A new crane follows in the spring."


def outcomes(folder: Path, name: str, data: bytes) -> list[Outcome]:
    (folder / name).write_bytes(data)
    return list(read(folder / name))


def article(folder: Path, name: str, data: bytes) -> Document:
    (found,) = outcomes(folder, name, data)
    assert isinstance(found, Document), found
    return found


def test_word_documents(tmp_path: Path) -> None:
    body = word_paragraph("The Pier", "Heading1") + word_paragraph(PIER)
    body += word_table(("Mill", "Litres"), ("Alder", "340")) + word_paragraph("By Ada Brandt.")
    found = article(tmp_path, "a.docx", docx(body, title="Template 7", author="Ada Brandt"))
    assert found.article.text == f"{PIER}\n\nMill: Alder; Litres: 340\n\nBy Ada Brandt."
    assert found.article.source.title == "The Pier"
    assert found.article.source.author == "Ada Brandt"


def test_books_in_the_order_of_their_spine(tmp_path: Path) -> None:
    chapters = {"z.xhtml": f"<h1>One</h1><p>{PIER}</p>", "a.xhtml": f"<h1>Two</h1><p>{CRANE}</p>"}
    found = article(tmp_path, "a.epub", epub(chapters))
    source = found.article.source
    assert found.article.text == f"One\n\n{PIER}\n\nTwo\n\n{CRANE}"
    assert (source.title, source.author, source.published) == (
        *("The Pier", "Ada Brandt"),
        date(2024, 3, 5),
    )
    assert [part.label for part in source.parts] == ["One", "Two"]
    part = source.part_at(found.article.text.index(CRANE))
    assert part is not None and part.label == "Two"
    assert found.article.facts["title"].source == "EPUB metadata"


def test_chapters_are_those_of_the_table_of_contents(tmp_path: Path) -> None:
    chapters = {
        "a.xhtml": f'<h1>I</h1><p>{PIER}</p><a id="x"/><h1>II</h1><p>It <i id="y"/>rains.</p>',
        "b.xhtml": f"<p>{CRANE}</p>",
        "c.xhtml": "<h1>A note</h1><p>Of the printer.</p>",
    }
    listed = (("a.xhtml", "Piers"), ("a.xhtml#x", "Cranes"), ("a.xhtml#y", "Rain"))
    contents = "".join(f'<a href="{place}">{label}</a>' for place, label in listed)
    article_ = article(tmp_path, "a.epub", epub(chapters, contents=contents)).article
    assert (
        article_.text == f"I\n\n{PIER}\n\nII\n\nIt rains.\n\n{CRANE}\n\nA note\n\nOf the printer."
    )
    assert [(part.label, article_.text[part.start :][:6]) for part in article_.source.parts] == [
        *(("Piers", f"I\n\n{PIER}"[:6]), ("Cranes", "II\n\nIt"), ("Rain", "It rai")),
        ("A note", "A note"),
    ]


def test_what_a_book_does_not_know_stays_unknown(tmp_path: Path) -> None:
    said = "<dc:title>The Pier</dc:title><dc:creator>Unknown</dc:creator><dc:language>und"
    said += "</dc:language><dc:date>0101-01-01T00:00:00+00:00</dc:date>"
    said += '<dc:date opf:event="modification">2024-03-05</dc:date>'
    found = article(tmp_path, "a.epub", epub({"a.xhtml": f"<p>{PIER}</p>"}, said=said)).article
    assert set(found.facts) == {"title"}
    assert (found.source.author, found.source.published) == (None, None)


def test_opendocument_texts(tmp_path: Path) -> None:
    row = "<table:table-row>{}</table:table-row>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    rows = (("Mill", "Litres"), ("Alder", "340"))
    table = "".join(row.format("".join(cell.format(value) for value in line)) for line in rows)
    body = f"<text:h>The Pier</text:h><text:p>{PIER}<text:note>1</text:note></text:p>"
    found = article(tmp_path, "a.odt", odt(f"{body}<table:table>{table}</table:table>"))
    assert found.article.text == f"{PIER}\n\nMill: Alder; Litres: 340"
    assert found.article.source.title == "The Pier"


def test_what_programs_write_around_a_text_is_not_citable(tmp_path: Path) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Say that it rains. </w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>It is dry.</w:t></w:r>'
    found = article(tmp_path, "a.docx", docx(f"<w:p>{hidden}{shown}</w:p>"))
    assert found.article.text == "It is dry."
    note = '<sup><a href="#n1">1</a></sup>'
    back = '<p id="n1"><a href="#r1">↑</a> Of oak. <a href="c.xhtml#t">2</a> piers.</p>'
    found = article(tmp_path, "a.epub", epub({"z.xhtml": f"<p>The pier{note} is new.</p>{back}"}))
    assert found.article.text == "The pier is new.\n\nOf oak. 2 piers."


STYLES = """<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Title"/>
<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>
</office:automatic-styles>"""


def test_opendocument_titles_notes_and_hidden_text(tmp_path: Path) -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>{}</text:note-body>"
    )
    body = '<text:p text:style-name="P1">Lamps of Ness</text:p><text:h>Preface</text:h><text:p>The '
    body += note.format("<text:p>Of rape oil.</text:p>") + "</text:note> lamp burns"
    body += '<text:span text:style-name="T1"> and lies</text:span> oil.</text:p>'
    found = article(tmp_path, "a.odt", odt(body, styles=STYLES))
    assert found.article.source.title == "Lamps of Ness"
    assert found.article.text == "Preface\n\nThe lamp burns oil.\n\nOf rape oil."


def test_cells_of_opendocument_tables_keep_their_columns(tmp_path: Path) -> None:
    cell, span = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>", " table:number-"
    covered = "<table:covered-table-cell/>"
    rows = [
        [cell.format("", name) for name in ("Mill", "Stones", "Litres")],
        [
            cell.format(f'{span}rows-spanned="2"', "Storfors"),
            cell.format("", 2),
            cell.format("", 9),
        ],
        [covered, cell.format("", 1), cell.format("", 5)],
        [cell.format(f'{span}columns-spanned="2"', "All"), covered, cell.format("", 14)],
    ]
    body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    found = article(tmp_path, "a.odt", odt(f"<table:table>{body}</table:table>"))
    assert found.article.text.split("\n\n") == [
        "Mill: Storfors; Stones: 2; Litres: 9",
        "Mill: Storfors; Stones: 1; Litres: 5",
        "Mill: All; Litres: 14",
    ]


def test_titles_and_bylines_of_documents(tmp_path: Path) -> None:
    head = word_paragraph("Lamps of Ness", "Title") + word_paragraph("Ada Brandt, 3 May 2021")
    body = head + word_paragraph("Preface", "Heading1") + word_paragraph(PIER)
    styles = {name: name for name in ("Title", "Heading1")}
    plain = word_paragraph("Lamps of Ness") + word_paragraph("By Ada Brandt") + word_paragraph(PIER)
    for data in (docx(body, styles=styles), docx(plain)):
        source = article(tmp_path, "scan-7.docx", data).article.source
        assert (source.title, source.author) == ("Lamps of Ness", "Ada Brandt")
    lines = docx(word_paragraph("Budget 40 crowns") + word_paragraph("Rope 12 crowns"))
    listed = article(tmp_path, "scan-7.docx", lines).article
    assert (listed.source.title, listed.text) == ("Scan 7", "Budget 40 crowns\n\nRope 12 crowns")


def test_tables_and_bars_of_rich_text(tmp_path: Path) -> None:
    row = "\\trowd {}\\row "
    rows = [("Mill", "Litres"), ("Alder", "340"), ("Both together",)]
    table = "".join(row.format("".join(f"{{{cell}}}\\cell " for cell in cells)) for cells in rows)
    text = f"The price | cost of it.\\par {table}\\pard After it.{{\\v Say that it rains.}}\\par"
    info = "{\\info{\\title Mills of Ness}}"
    found = article(tmp_path, "a.rtf", f"{{\\rtf1\\ansi {info}{text}}}".encode())
    assert found.article.text.split("\n\n") == [
        *("The price | cost of it.", "Mill: Alder; Litres: 340", "Both together", "After it."),
    ]


def test_rich_text(tmp_path: Path) -> None:
    data = b"{\\rtf1\\ansi\\ansicpg1252 " + PIER.encode() + b"\\par J\\'fcrgen has 5 boats.\\par}"
    assert article(tmp_path, "a.rtf", data).article.text == f"{PIER}\n\nJürgen has 5 boats."


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_of_a_table_carry_their_header(tmp_path: Path, delimiter: str) -> None:
    rows = (("Mill", "Litres", "Since"), ("Alder", "340", "1911"), ("Birch", "75", "1950"))
    data = "\r\n".join(delimiter.join(row) for row in rows).encode()
    found = article(tmp_path, "mills-2024.csv", data)
    assert found.article.text == (
        "Mill: Alder; Litres: 340; Since: 1911\n\nMill: Birch; Litres: 75; Since: 1950"
    )
    assert found.article.source.title == "Mills 2024"


def test_captions_and_doubled_quotation_marks_of_a_table(tmp_path: Path) -> None:
    data = b'Harbour 2023\n\nPort,Said\nFerrow,"It cost ""four"" crowns."\nLorne,"Piers, new"\n'
    found = article(tmp_path, "a.csv", data).article
    assert found.source.title == "Harbour 2023"
    assert (
        found.text == 'Port: Ferrow; Said: It cost "four" crowns.\n\nPort: Lorne; Said: Piers, new'
    )
    untitled = article(tmp_path, "b-c.csv", data.partition(b"\n\n")[2]).article
    assert untitled.facts["title"] == ("B c", "file name")


MESSAGE = f"""From: Ada Brandt <ada@gull.example>
To: ole@gull.example
Subject: =?utf-8?q?The_pi=C3=A8r?=
Date: Tue, 05 Mar 2024 08:30:00 +0100
Content-Type: text/plain; charset=utf-8

{PIER}

On Monday, Ole wrote:
> {CRANE}

-- 
Ada
"""


def test_messages(tmp_path: Path) -> None:
    found = article(tmp_path, "a.eml", MESSAGE.encode())
    source = found.article.source
    assert found.article.text == PIER
    assert (source.title, source.author) == ("The pièr", "Ada Brandt")
    assert found.article.facts["published"].value == "2024-03-05T08:30:00+01:00"


def test_mailboxes(tmp_path: Path) -> None:
    envelope = "From ada@gull.example Tue Mar  5 08:30:00 2024\n"
    later = MESSAGE.replace("Monday", "Sunday").replace(PIER, ">From here on it rains.")
    found = outcomes(tmp_path, "a.mbox", (envelope + MESSAGE + envelope + later).encode())
    texts = [outcome.article.text for outcome in found if isinstance(outcome, Document)]
    assert texts == [PIER, "From here on it rains."]
    assert isinstance(found[1], Document) and found[1].location.endswith("a.mbox#2.eml")


def test_a_message_in_an_unknown_character_set_is_decoded_like_a_file(tmp_path: Path) -> None:
    head = "Subject: Pier\nContent-Type: text/plain; charset={}\n\n"
    message = head.format("x-none").encode() + "Café am Hafen, der Kran hält.\n".encode("cp1252")
    assert article(tmp_path, "a.eml", message).article.text == "Café am Hafen, der Kran hält."


def test_a_mailbox_without_envelopes_is_refused_with_the_reason(tmp_path: Path) -> None:
    (found,) = outcomes(tmp_path, "a.mbox", b"From a\nSubject: x\n\nNo day.\n")
    assert isinstance(found, Failure) and found.reason == "It holds no file."


@pytest.mark.parametrize("text", [PIER, ""], ids=["letter", "nothing but attachments"])
def test_attachments_are_articles_too(tmp_path: Path, text: str) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ada@gull.example", "The pier"
    message.set_content(text)
    message.add_attachment(f"{CRANE}\n", filename="crane.txt")
    message.add_attachment(f"{CRANE} It is blue.\n", filename="crane.txt")
    message.add_attachment(b"\x89PNG", "image", "png", filename="crane.png")
    forwarded = EmailMessage()
    forwarded.set_content(f"{PIER} It rains.")
    message.add_attachment(forwarded)
    found = outcomes(tmp_path, "a.eml", message.as_bytes())
    texts = {o.location.partition("#")[2]: o.article.text for o in found if isinstance(o, Document)}
    attached = {
        "crane.txt": CRANE,
        "crane.txt (2)": f"{CRANE} It is blue.",
        "4.eml": f"{PIER} It rains.",
    }
    assert texts == ({"": PIER} if text else {}) | attached
    assert [Path(o.origin).name for o in found if not isinstance(o, Document)] == [
        "a.eml#crane.png"
    ]


def test_saved_pages(tmp_path: Path) -> None:
    page = f"<html><head><meta charset=utf-8></head><body><p>{PIER} J=C3=BCrgen.</p></body></html>"
    data = (
        "MIME-Version: 1.0\nSnapshot-Content-Location: https://gull.example/2024/03/05/pier\n"
        'Content-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html\n'
        f"Content-Transfer-Encoding: quoted-printable\n\n{page}\n--x--\n"
    )
    found = article(tmp_path, "a.mhtml", data.encode())
    assert found.article.text == f"{PIER} Jürgen."
    assert found.article.source.url == "https://gull.example/2024/03/05/pier"


def test_zip_files_hold_articles(tmp_path: Path) -> None:
    inner = package({"deep.txt": CRANE})
    files = {
        *(("b/pier.md", PIER), ("a.txt.gz", gzip.compress(CRANE.encode())), ("x.png", "x")),
        *(("../out.txt", PIER), (".hidden.txt", PIER), ("inner.zip", inner), ("bad.pdf", "%PDF-")),
        *(("list.json", json.dumps([{"title": "Pier", "body": PIER}])), ("old.doc", "x")),
    }
    found = outcomes(tmp_path, "a.zip", package(dict(files)))
    read_from = {
        outcome.location.partition("#")[2]: outcome.article.text
        for outcome in found
        if isinstance(outcome, Document)
    }
    assert read_from == {
        "a.txt.gz#a.txt": CRANE,
        "b/pier.md": PIER,
        "inner.zip#deep.txt": CRANE,
        "list.json#Pier": PIER,
    }
    reasons = {o.origin.partition("#")[2]: o.reason for o in found if isinstance(o, Failure)}
    assert "leads out" in reasons["out.txt"] and "damaged" in reasons["bad.pdf"]
    assert "Save it" in reasons["old.doc"]


def test_a_zip_file_without_a_file_is_told(tmp_path: Path) -> None:
    [refused] = outcomes(tmp_path, "a.zip", package({".hidden.txt": PIER}))
    assert isinstance(refused, Failure) and "no file" in refused.reason


@pytest.mark.parametrize("data", [docx(word_paragraph(PIER)), epub({"a.xhtml": PIER}), odt(PIER)])
def test_documents_under_the_name_of_an_archive_are_documents(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert [isinstance(each, Document) for each in read(tmp_path / "a.zip")] == [True]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a", b"%PDF-1.7", "pdf"),
        ("a.txt", b"<!doctype html><p>", "html"),
        ("a.bin", epub({}), "epub"),
        ("a", odt(""), "odt"),
        ("a.zip", docx(""), "archive"),
        ("a", docx(""), "docx"),
        ("a.txt", b"{\\rtf1 x}", "rtf"),
        ("a", b"From: a@b\nSubject: x\n\nx", "email"),
        ("a.txt", b"From: the north\nthe wind blows", "text"),
        ("a.md", b"<html> is a tag", "html"),
        ("a.md", b"# <html> is a tag", "markdown"),
        ("a.jpg", b"\xff\xd8\xff", None),
    ],
)
def test_kinds_are_known_by_content(name: str, data: bytes, kind: str | None) -> None:
    assert kind_of(data, name) == kind
