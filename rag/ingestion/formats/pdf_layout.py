"""The lines of a PDF page, their reading order, and the paragraphs that they make.

Lengths are in points, 72 to an inch, from the lower left corner of the page as it is read: pages
whose text runs up, down or upside down are turned.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from unicodedata import bidirectional, east_asian_width, name

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from rag.ingestion.formats.pdf_lines import Box, Character, Run, runs_of
from rag.ingestion.normalization import BULLET, tidy

LINE_ENDS = "\r\n"
# What PDFium writes for a hyphen that ends a line, instead of the line's end; and the soft hyphen.
BREAKS = "\x02\ufffe\u00ad"
# Our own sign for them.
HYPHEN = "\ufffe"
QUARTER = math.pi / 2
# A gutter between columns: its least width in points, and the share of lines that may cross it.
NARROWEST_GUTTER, CROSSING = 6.0, 0.25
# Lines of a column hold several words; cells of a table hold few.
FEWEST_WORDS = 3.0
# Both sides of a gutter hold at least this share of the lines.
LEAST_SIDE = 0.2
# A wider distance between lines begins a paragraph, as a multiple of the usual one.
WIDE_PITCH = 1.3
# How much lines differ in size, as parts of the larger one: headings more than those with formulas.
OTHER_SIZE, HEADING_SIZE = 0.12, 0.2
SENTENCE_END = re.compile(r"[.!?:。！？…][\"'”’»)\]]*$")


@dataclass(slots=True)
class Line:
    """A line of text, or the part of one that lies in one column.

    Attributes:
        text: Without line end.
        left, right, top, bottom: Its box.
        size: Height of its letters.
        height_on_page: Place of its middle, 0 at the bottom of the page and 1 at its top.
        cells: Number of pieces that stand apart on this line, in a table.
        sideways: Whether it runs in another direction than most text of its page.
        base: Lower edge of most of its letters.
    """

    text: str
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    height_on_page: float = 0.5
    cells: int = 1
    sideways: bool = False
    base: float = 0.0


def page_lines(page: PdfPage) -> list[Line]:
    """The lines of a page in the order of the file, each cut at wide gaps."""
    runs = [run for run in _runs(page) if run.boxes]
    turned = Counter[int]()
    for run in runs:
        turned[run.turns] += len(run.boxes)
    upright = max(turned, key=lambda turns: turned[turns], default=0)
    left, bottom, right, top = page.get_bbox()
    height = (right - left if upright % 2 else top - bottom) or 1.0
    found = []
    for run in runs:
        text = tidy("".join(run.characters))
        if not text.strip(HYPHEN):
            continue
        left, right = min(b[0] for b in run.boxes), max(b[1] for b in run.boxes)
        bottom, top = min(b[2] for b in run.boxes), max(b[3] for b in run.boxes)
        size = median(b[3] - b[2] for b in run.boxes)
        place = (top + bottom) / 2 / height
        aside = run.turns != upright
        base = median(b[2] for b in run.boxes)
        found.append(Line(text, left, right, top, bottom, size, place, sideways=aside, base=base))
    return found


def _runs(page: PdfPage) -> Iterator[Run]:
    lines = list(_lines(page))
    letters = Counter(bidirectional(c.text[:1]) for line in lines for c in line if c.text)
    leftwards = letters["R"] + letters["AL"] > letters["L"]
    for line in lines:
        yield from runs_of(line, leftwards=leftwards)


def _lines(page: PdfPage) -> Iterator[list[Character]]:
    """The characters of each line in the order of the file."""
    textpage, edges = page.get_textpage(), page.get_bbox()
    raw = textpage.raw
    line: list[Character] = []
    turns = word = 0
    for index in range(textpage.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(raw, index))
        if character in LINE_ENDS or character in BREAKS:
            if character in BREAKS:
                line.append(Character(HYPHEN, None, turns))
            yield line
            line = []
            continue
        pdfium.FPDFText_GetLooseCharBox(raw, index, box := pdfium.FS_RECTF())
        place = None
        word += character.isspace()
        if box.right > box.left and not character.isspace():
            turns = round(pdfium.FPDFText_GetCharAngle(raw, index) / QUARTER) % 4
            place = _turned((box.left, box.right, box.bottom, box.top), turns, edges)
        line.append(Character(character, place, turns, word))
    yield line
    textpage.close()


def _turned(box: Box, turns: int, edges: Box) -> Box:
    """Where a box lies once the page is turned so that its text runs to the right.

    Args:
        box: Left, right, bottom, top.
        turns: The quarter turns to the right that the text has made.
        edges: Left, bottom, right and top of the page.
    """
    left, right, bottom, top = box
    across = (left - edges[0], right - edges[0])
    back = (edges[2] - right, edges[2] - left)
    up = (bottom - edges[1], top - edges[1])
    down = (edges[3] - top, edges[3] - bottom)
    return ((*across, *up), (*down, *across), (*back, *down), (*up, *back))[turns]


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines as they are read: column by column where there are columns, else row by row.

    Lines that run in another direction, such as a stamp along the edge, come last.
    """
    upright = [line for line in lines if not line.sideways]
    return [*_in_order(upright), *(line for line in lines if line.sideways)]


def _in_order(lines: Sequence[Line]) -> list[Line]:
    gutter = _gutter(lines)
    if gutter is None:
        return _rows(lines)
    ordered: list[Line] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if line.left < gutter < line.right:
            ordered += [*_columns(band, gutter), line]
            band = []
        else:
            band.append(line)
    return ordered + _columns(band, gutter)


def _columns(band: Sequence[Line], gutter: float) -> list[Line]:
    """The lines on both sides of a gutter, below the headings in larger type above both."""
    left = [line for line in band if line.right <= gutter]
    right = [line for line in band if line.right > gutter]
    if left and right:
        usual = median(line.size for line in band)
        top = min(max(line.top for line in side) for side in (left, right))
        above = [line for line in band if line.bottom >= top]
        if above and all(line.size > (1 + OTHER_SIZE) * usual for line in above):
            below = [line for line in band if line.bottom < top]
            return [*_rows(above), *_columns(below, gutter)]
    sides = (right, left) if _runs_leftwards(band) else (left, right)
    return [line for side in sides if side for line in _in_order(side)]


def _runs_leftwards(lines: Sequence[Line]) -> bool:
    """Whether most letters are of a script that is read from the right, as its cells are."""
    directions = Counter(bidirectional(letter) for line in lines for letter in line.text)
    return directions["R"] + directions["AL"] > directions["L"]


def _gutter(lines: Sequence[Line]) -> float | None:
    """The middle of the clearest gap between columns of running text."""
    if len(lines) < 6:
        return None
    first, last = min(line.left for line in lines), max(line.right for line in lines)
    best: tuple[int, float, float] | None = None
    edges = sorted({round(line.right, 1) for line in lines})
    for edge in edges:
        if not first + 0.15 * (last - first) < edge < last - 0.15 * (last - first):
            continue
        start = min((line.left for line in lines if line.left > edge), default=last)
        if start - edge < NARROWEST_GUTTER:
            continue
        middle = (edge + start) / 2
        crossing = sum(line.left < middle < line.right for line in lines)
        found = (crossing, edge - start, middle)
        if crossing <= CROSSING * len(lines) and (best is None or found < best):
            sides = ([x for x in lines if x.right < middle], [x for x in lines if x.left > middle])
            if all(_is_column(side, len(lines)) for side in sides) and _side_by_side(*sides):
                best = found
    return best[2] if best else None


def _is_column(side: Sequence[Line], of: int) -> bool:
    if len(side) < max(3, LEAST_SIDE * of):
        return False
    return sum(len(line.text.split()) for line in side) >= FEWEST_WORDS * len(side)


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether two sides stand beside each other for most of the lower one's height."""
    top = min(max(line.top for line in side) for side in (left, right))
    bottom = max(min(line.bottom for line in side) for side in (left, right))
    heights = [max(x.top for x in s) - min(x.bottom for x in s) for s in (left, right)]
    return top - bottom > 0.5 * min(heights)


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Lines from top to bottom; those beside each other become one row of cells."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -(line.top + line.bottom)):
        middle = (line.top + line.bottom) / 2
        if rows and rows[-1][0].bottom < middle < rows[-1][0].top:
            rows[-1].append(line)
        else:
            rows.append([line])
    counts = [0, *(len(row) for row in rows), 0]
    leftwards = _runs_leftwards(lines)
    return [
        _one_row(
            sorted(row, key=lambda line: line.left, reverse=leftwards),
            is_table=len(row) in (above, below),
        )
        for above, row, below in zip(counts, rows, counts[2:], strict=False)
    ]


def _one_row(row: Sequence[Line], *, is_table: bool) -> Line:
    """One line of several pieces: cells where a neighbour has as many, else words set wide."""
    if len(row) == 1:
        return row[0]
    cells = len(row) if is_table and len(row) > 2 else 1
    return Line(
        ("; " if cells > 1 else " ").join(line.text for line in row),
        min(line.left for line in row),
        max(line.right for line in row),
        max(line.top for line in row),
        min(line.bottom for line in row),
        max(line.size for line in row),
        row[0].height_on_page,
        cells,
        base=row[0].base,
    )


def paragraphs_of(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each paragraph, by distance, type size, indent and short last lines."""
    pitch = _pitches(lines)
    group: list[Line] = []
    for line in lines:
        if group and _begins_paragraph(group, line, pitch(line)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _pitches(lines: Sequence[Line]) -> Callable[[Line], float]:
    """Tells the usual distance of lines like a given one: footnotes are set closer than the text.

    Where paragraphs are short, most distances are those between them, so a low one is taken.
    """
    falls = [
        (below.size, above.base - below.base)
        for above, below in pairwise(lines)
        if 0 < above.base - below.base < 3 * above.size and not _is_other(above, below.size)
    ]
    shares = sorted(fall / size for size, fall in falls)

    def pitch(line: Line) -> float:
        alike = [fall for size, fall in falls if not _is_other(line, size)]
        if len(alike) > 1:
            return sorted(alike)[len(alike) // 4]
        return shares[len(shares) // 4] * line.size if shares else 0.0

    return pitch


def _is_other(line: Line, size: float) -> bool:
    return abs(line.size - size) > OTHER_SIZE * max(line.size, size)


def _begins_paragraph(group: Sequence[Line], line: Line, pitch: float) -> bool:
    above = group[-1]
    if above.cells > 2 or line.cells > 2 or BULLET.match(line.text):
        return True
    if _is_other(above, line.size):
        is_heading = abs(above.size - line.size) > HEADING_SIZE * max(above.size, line.size)
        return is_heading or above.text[-1:] in ".!?" or not line.text[:1].islower()
    fall = above.base - line.base
    if fall < 0:  # the next column
        return bool(SENTENCE_END.search(above.text)) or not line.text[:1].islower()
    if pitch and fall > WIDE_PITCH * pitch:
        return True
    ended = SENTENCE_END.search(above.text) is not None
    left, right = min(x.left for x in group), max(x.right for x in group)
    indented = line.left > left + 0.8 * line.size and len(group) > 1
    short = above.right < right - 0.12 * (right - left) or above.right < line.right - 3 * line.size
    return (ended and (indented or short)) or (indented and line.text[:1].isupper() and ended)


def _is_unspaced(character: str) -> bool:
    """Whether a character is of a script that is written without spaces between words."""
    wide = east_asian_width(character or " ") in "WF"
    return wide and not name(character, "").startswith("HANGUL")


def join_lines(lines: Sequence[Line], words: Counter[str]) -> str:
    """The text of a paragraph; words that were broken at a line's end are whole.

    Args:
        lines: Those of the paragraph.
        words: Words of the document with their numbers, which tell "well-known" from "re-port".
    """
    text = ""
    for line in lines:
        piece = line.text.lstrip(HYPHEN)
        if not text:
            text = piece
        elif text.endswith((HYPHEN, "-")) and (match := re.search(r"(\w+)[\ufffe-]$", text)):
            following = re.match(r"\w+", piece)
            head, tail = match[1], following[0] if following else ""
            is_own = not tail[:1].islower() or words[f"{head}-{tail}"] > words[head + tail]
            text = text[:-1] + ("-" if is_own else "") + piece
        else:
            unspaced = _is_unspaced(text[-1:]) and _is_unspaced(piece[:1])
            text += piece if unspaced else " " + piece
    return tidy(text.replace(HYPHEN, "-"))
