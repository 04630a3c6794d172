"""Reads PDF files: text in reading order, with the page of each stretch."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from pypdfium2 import PdfDocument, PdfiumError

from rag.ingestion.documents import Extracted, FactName, Facts, PartStart
from rag.ingestion.formats.pdf_layout import (
    Line,
    join_lines,
    page_lines,
    paragraphs_of,
    reading_order,
)
from rag.ingestion.limits import Unreadable
from rag.ingestion.normalization import tidy
from rag.types import Fact, Removal

MOST_PAGES = 3_000
# A page of text holds two thousand characters; what a scanner stamps on a picture is shorter.
FEWEST_CHARACTERS = 25
# Running heads are in the outer parts of a page, as shares of its height. LaTeX sets its page
# numbers 0.121 above the edge.
MARGIN = 0.14
# A running head whose figures change recurs this often at one height among this many pages: those
# of chapters are on few pages of a book, and those of left and right pages on every other one.
HEADS, NEIGHBOURS = 3, 5
PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-–—(]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*[-–—)]?"
    r"(?:\s*(?:/|of|von|de|sur)\s*\d{1,4})?",
    re.IGNORECASE,
)
FIGURES = re.compile(r"\d+", re.ASCII)
# An address, and a day with a time of day, alone on a line.
PRINTED = (
    re.compile(r"(?:https?|file)://\S+"),
    re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[AaPp][Mm])?"),
)
SAME_HEIGHT = 0.01
LONGEST_TITLE = 250


class Scanned(Unreadable):
    """The pages are pictures, which only a program for recognizing text can read."""


def read_pdf(data: bytes) -> Extracted:
    """The text of a PDF file, its pages, and what its first page says about it.

    Raises:
        Unreadable: It is encrypted, damaged, too long, or holds pictures of text only.
    """
    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("It is encrypted. Save a copy without a password.") from error
        raise Unreadable("It is damaged, or not a PDF file: it cannot be opened.") from error
    try:
        return _read(document)
    except PdfiumError as error:
        raise Unreadable(f"It is damaged: {error}.") from error
    finally:
        document.close()


def _read(document: PdfDocument) -> Extracted:
    if len(document) > MOST_PAGES:
        raise Unreadable(f"It has {len(document):,} pages, more than {MOST_PAGES:,}. Split it.")
    pages: list[list[Line]] = []
    for number in range(len(document)):
        page = document[number]
        pages.append(page_lines(page))
        page.close()
    if sum(line.size > 0 and len(line.text) for page in pages for line in page) < (
        FEWEST_CHARACTERS * max(len(pages), 1)
    ):
        raise Scanned(
            "Its pages hold little or no text, as if they came from a scanner. Install ocrmypdf,"
            " which then recognizes it, or ingest a copy with text."
        )
    removed = _remove_running_heads(pages)
    ordered = [reading_order(page) for page in pages]
    facts = _facts(document, ordered)
    removed += _remove_titles(ordered, facts)
    words = Counter(re.findall(r"[\w-]+", " ".join(line.text for p in ordered for line in p)))
    paragraphs: list[str] = []
    parts: list[PartStart] = []
    for number, lines in enumerate(ordered):
        found = [join_lines(group, words) for group in paragraphs_of(lines)]
        continues = bool(paragraphs and found) and _goes_on(paragraphs[-1], found[0])
        label = document.get_page_label(number) or str(number + 1)
        anchor = f"page={number + 1}"
        if continues:
            half = found.pop(0)
            paragraphs[-1] = join_lines([Line(paragraphs[-1]), Line(half)], words)
            offset = len(paragraphs[-1]) - len(half)
            parts.append(PartStart(f"p. {label}", len(paragraphs) - 1, offset, anchor))
        else:
            parts.append(PartStart(f"p. {label}", len(paragraphs), 0, anchor))
        paragraphs += found
    while parts and parts[-1].paragraph >= len(paragraphs):
        parts.pop()
    if not paragraphs:
        raise Unreadable("It holds no text besides running heads and page numbers.")
    return Extracted(tuple(paragraphs), facts, tuple(parts), tuple(removed))


def _remove_running_heads(pages: Sequence[list[Line]]) -> list[Removal]:
    """Takes lines that recur at the edge of pages, and page numbers, off the pages."""
    edges = [[line for line in page if _at_edge(line)] for page in pages]
    heads = _recurring(edges)
    removed: dict[str, Removal] = {}
    for page, lines in zip(pages, edges, strict=True):
        printed = _print_header(lines)
        recurring = [line for line in lines if _shape(line) in heads or line in printed]
        page[:] = [line for line in page if line not in recurring]
        alone = [line for line in lines if _is_number(line) and _is_alone(line, page)]
        page[:] = [line for line in page if line not in alone]
        for line in (*recurring, *alone):
            rule = "page number" if _is_number(line) else "running head"
            removed.setdefault(line.text, Removal(rule, line.text))
    return list(removed.values())


def _remove_titles(pages: Sequence[list[Line]], facts: Facts) -> list[Removal]:
    """Takes the document's title off the edges of the pages after the first."""
    title = facts["title"].value if "title" in facts else ""
    found = False
    for page in pages[1:]:
        heads = [line for line in page if _at_edge(line) and line.text == title]
        page[:] = [line for line in page if line not in heads]
        found = found or bool(heads)
    return [Removal("running head", title)] if found else []


def _print_header(lines: Sequence[Line]) -> list[Line]:
    """What a browser prints around a page: its address, the time, its title and a number."""
    if not all(any(form.fullmatch(line.text) for line in lines) for form in PRINTED):
        return []
    marks = [line for line in lines if any(form.fullmatch(line.text) for form in PRINTED)]
    return [
        line
        for line in lines
        if any(abs(line.height_on_page - mark.height_on_page) < SAME_HEIGHT for mark in marks)
    ]


def _is_number(line: Line) -> bool:
    return PAGE_NUMBER.fullmatch(line.text) is not None


def _is_alone(line: Line, page: Sequence[Line]) -> bool:
    """Whether nothing is beside a line, as beside a number in a table."""
    middle = (line.top + line.bottom) / 2
    return sum(other.bottom < middle < other.top for other in page) <= 1


def _at_edge(line: Line) -> bool:
    return line.sideways or not MARGIN <= line.height_on_page <= 1 - MARGIN


def _recurring(edges: Sequence[Sequence[Line]]) -> set[tuple[str, float]]:
    """The shapes of the lines that recur at the edges of neighbouring pages.

    Two suffice where they are the same to the letter, but for numbers that count the pages.
    """
    pages: dict[tuple[str, float], list[tuple[int, list[int]]]] = {}
    for number, lines in enumerate(edges):
        for line in {_shape(line): line for line in lines}.values():
            figures = [int(figure) for figure in FIGURES.findall(line.text)]
            pages.setdefault(_shape(line), []).append((number, figures))
    return {shape for shape, places in pages.items() if _recurs(places)}


def _recurs(places: Sequence[tuple[int, Sequence[int]]]) -> bool:
    for position, (first, figures) in enumerate(places[:-1]):
        second, others = places[position + 1]
        same = all(
            figure == other or (figure, other) == (first + 1, second + 1)
            for figure, other in zip(figures, others, strict=True)
        )
        last = second if same else places[min(position + HEADS, len(places)) - 1][0]
        enough = same or position + HEADS <= len(places)
        if enough and last - first < NEIGHBOURS:
            return True
    return False


def _shape(line: Line) -> tuple[str, float]:
    """What stays of a running head from page to page: its words and its height."""
    return FIGURES.sub("#", line.text.casefold()), round(line.height_on_page, 2)


def _goes_on(above: str, below: str) -> bool:
    """Whether a paragraph goes on over a page break."""
    return above[-1:] not in '.!?:”"»)' and below[:1].islower()


def _facts(document: PdfDocument, pages: Sequence[Sequence[Line]]) -> dict[FactName, Fact]:
    """The title as the first page shows it; metadata only where that page bears it out.

    What a program wrote into a file's metadata is often the template's or the last owner's.
    """
    first = next((page for page in pages if page), ())
    shown = tidy(" ".join(line.text for line in first)).casefold()
    said = document.get_metadata_dict()
    facts: dict[FactName, Fact] = {}
    title, author = (tidy(str(said.get(name) or "")) for name in ("Title", "Author"))
    if title and title.casefold() in shown and len(title) > 3:
        facts["title"] = Fact(title, "PDF metadata")
    elif largest := _largest(first):
        facts["title"] = Fact(largest, "largest type")
    if author and author.casefold() in shown:
        facts["author"] = Fact(author, "PDF metadata")
    return facts


def _largest(lines: Sequence[Line]) -> str:
    """The words in the largest type of a page, if they can be a title."""
    if not lines:
        return ""
    sizes = sorted(line.size for line in lines)
    largest = sizes[-1]
    if largest < 1.15 * sizes[len(sizes) // 2]:
        return ""
    start = next(n for n, line in enumerate(lines) if line.size > 0.97 * largest)
    end = start
    while end < len(lines) and lines[end].size > 0.97 * largest:
        end += 1
    if any(line.cells > 1 for line in lines[start:end]):
        return ""
    title = join_lines(lines[start:end], Counter())
    return title if 3 < len(title) <= LONGEST_TITLE else ""


PROGRAM = "ocrmypdf"
# A scan may have a line of text on it, such as its day, for which its pages must not be left out.
OPTIONS = (
    "--quiet",
    "--jobs=1",
    "--output-type=pdf",
    "--optimize=0",
    "--force-ocr",
    "--rotate-pages",
)
LONGEST_REASON = 200


def recognizing(languages: str, read: Callable[[bytes], Extracted]) -> Callable[[bytes], Extracted]:
    """A reader of PDF files that has the text of scans recognized.

    Args:
        languages: Of the scans, as tesseract names them: ``deu+eng``.
        read: Reads files with text.
    """

    def recognize(data: bytes) -> Extracted:
        try:
            return read(data)
        except Scanned:
            program = which(PROGRAM)
            if program is None:
                raise
        found = read(_recognized(data, [program, *OPTIONS, f"--language={languages}"]))
        told = Fact("recognized in pictures of the pages", PROGRAM)
        return replace(found, facts={**found.facts, "text": told})

    return recognize


def _recognized(data: bytes, command: list[str]) -> bytes:
    """The file with the text behind its pictures.

    Raises:
        Unreadable: The program fails, and says why.
    """
    with TemporaryDirectory(prefix="scan-") as folder:
        scan, result = Path(folder, "scan.pdf"), Path(folder, "result.pdf")
        scan.write_bytes(data)
        done = subprocess.run(
            [*command, scan, result],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode == 0 and result.exists():
            return result.read_bytes()
    said = done.stderr.decode("utf-8", "replace").split("\n")
    reason = next((line.strip() for line in reversed(said) if line.strip()), "no reason")
    raise Unreadable(
        f"It is a scan, and {PROGRAM} cannot recognize its text: {reason[:LONGEST_REASON]}."
    )
