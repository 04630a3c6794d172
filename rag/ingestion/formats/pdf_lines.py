"""Puts the characters of a line of a PDF file in the order in which they are read.

A file draws characters at places, in any order: those of another font after the rest of the line,
those of Arabic and Hebrew from either side. Where they stand tells what is read first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Literal, NamedTuple
from unicodedata import bidirectional, category

# Left, right, bottom, top.
Box = tuple[float, float, float, float]
# In heights of a line: a wider gap within it separates columns or cells, a narrower one than the
# second no words; one wider than the third does, whatever the file says.
WIDEST_SPACE, NARROWEST_SPACE, SURE_SPACE = 1.6, 0.06, 0.2
# Words of one line share this part of their height.
SHARED = 0.5
PAIRED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
OPENING = "([{<«‹"
# Between two figures, and beside one, these belong to the number.
WITHIN_NUMBER, BESIDE_NUMBER = ".,:/-٫٬", "%+-#$€£¥°٪"
# One glyph stands for both letters of lam and alef: lam is read first.
LAM, ALEFS = "ل", "اأإآٱ"
Direction = Literal["left", "right", "number", ""]

DIRECTIONS: dict[str, Direction] = {
    **{"L": "left", "R": "right", "AL": "right", "EN": "number", "AN": "number"},
}


class Character(NamedTuple):
    """One that is drawn, with its box, or a space without.

    ``turns`` are the quarter turns of its line, ``word`` is the number of its word in the file.
    """

    text: str
    box: Box | None = None
    turns: int = 0
    word: int = 0


@dataclass(slots=True)
class Run:
    """Characters that follow each other on one line, and the quarter turns to the right of each."""

    characters: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    turns: int = 0


def runs_of(line: Sequence[Character], *, leftwards: bool) -> Iterator[Run]:
    """The runs of a line as the file has it, cut at wide gaps and where its direction turns.

    Args:
        line: Its characters in the order of the file.
        leftwards: Whether the page is read from the right.
    """
    for turns, group in groupby(line, lambda character: character.turns):
        part = list(group)
        if any(from_right(each.text) for each in part):
            yield from _by_place(part, turns, leftwards=leftwards)
            continue
        sorted_runs = list(_by_place(part, turns)) if _is_out_of_order(part) else []
        yield from sorted_runs if len(sorted_runs) == 1 else _in_order(part, turns)


def from_right(text: str) -> bool:
    """Whether a character is a letter of a script that is read from the right."""
    return bidirectional(text[:1] or " ") in ("R", "AL")


def _is_out_of_order(line: Sequence[Character]) -> bool:
    """Whether a word stands left of what precedes it in the file, on the same height."""
    boxes = [_around(word) for word in _words(line)]
    if all(after[0] >= before[0] for before, after in pairwise(boxes)):
        return False
    bottom, top = max(box[2] for box in boxes), min(box[3] for box in boxes)
    return top - bottom > SHARED * min(box[3] - box[2] for box in boxes)


def _words(line: Sequence[Character]) -> Iterator[list[Box]]:
    for drawn, group in groupby(line, lambda character: character.box is not None):
        if drawn:
            yield [character.box for character in group if character.box]


def _around(boxes: Sequence[Box]) -> Box:
    lefts, rights, bottoms, tops = zip(*boxes, strict=True)
    return min(lefts), max(rights), min(bottoms), max(tops)


def is_apart(before: Box, after: Box) -> bool:
    """Whether what follows is in another column."""
    height = max(before[3] - before[2], after[3] - after[2])
    return after[0] - before[1] > WIDEST_SPACE * height


def _in_order(line: Sequence[Character], turns: int) -> Iterator[Run]:
    run = Run(turns=turns)
    for character in line:
        if character.box:
            if run.boxes and is_apart(run.boxes[-1], character.box):
                yield run
                run = Run(turns=turns)
            run.boxes.append(character.box)
        run.characters.append(character.text)
    yield run


def _by_place(line: Sequence[Character], turns: int, *, leftwards: bool = False) -> Iterator[Run]:
    """The runs of a line whose characters are sorted by where they stand."""
    placed = _from_left(line)
    texts: list[str] = []
    boxes: list[Box] = []
    word = 0
    heights = sorted(each.box[3] - each.box[2] for each in placed if each.box)
    # Of some fonts only the boxes of the letters are known, of which the tall ones tell the size.
    height = heights[3 * len(heights) // 4] if heights else 0.0
    for character, box in ((each, each.box) for each in placed if each.box):
        if boxes and is_apart(boxes[-1], box):
            yield Run([*logical(texts, leftwards=leftwards)], boxes, turns)
            texts, boxes = [], []
        elif boxes and box[0] - boxes[-1][1] > height * (
            SURE_SPACE if word == character.word else NARROWEST_SPACE
        ):
            texts.append(" ")
        word = character.word
        texts.append(character.text)
        boxes.append(box)
    yield Run([*logical(texts, leftwards=leftwards)], boxes, turns)


def _from_left(line: Sequence[Character]) -> list[Character]:
    """The characters of a line from left to right, each with the marks on it.

    Two letters of one glyph have one box, and may be in either order.
    """
    drawn = [each for each in line if each.box]
    bases = [each for each in drawn if category(each.text[:1]) != "Mn"] or drawn
    on: dict[int, str] = {}
    for mark in drawn if bases is not drawn else ():
        if category(mark.text[:1]) == "Mn":
            nearest = min(range(len(bases)), key=lambda n: abs(_middle(bases[n]) - _middle(mark)))
            on[nearest] = on.get(nearest, "") + mark.text
    found = [each._replace(text=each.text + on.get(n, "")) for n, each in enumerate(bases)]
    found.sort(key=_middle)
    for n, (one, other) in enumerate(pairwise(found)):
        if one.box == other.box and one.text[0] == LAM and other.text[0] in ALEFS:
            found[n : n + 2] = [other, one]
    return found


def _middle(character: Character) -> float:
    return (character.box[0] + character.box[1]) / 2 if character.box else 0.0


def logical(texts: Sequence[str], *, leftwards: bool) -> Iterator[str]:
    """Characters in the order in which they are read, of which some are read from the right.

    The reverse of what the bidirectional algorithm of Unicode does to show them.

    Args:
        texts: From left to right as they are shown, each with its marks.
        leftwards: Whether the paragraph is read from the right.
    """
    if not any(map(from_right, texts)):
        yield from texts
        return
    directions = _directions(texts)
    if leftwards:
        yield from _from_right(texts, directions)
        return
    inside = [n for n, direction in enumerate(directions) if direction == "right"]
    position = 0
    for start, end in _stretches(inside, directions):
        yield from texts[position:start]
        yield from _from_right(texts[start:end], directions[start:end])
        position = end
    yield from texts[position:]


def _stretches(inside: Sequence[int], directions: Sequence[Direction]) -> Iterator[tuple[int, int]]:
    """Where letters from the right stand with no letter from the left between them."""
    start = end = -1
    for n in inside:
        if start >= 0 and "left" in directions[end:n]:
            yield start, end
            start = -1
        start = n if start < 0 else start
        end = n + 1
    if start >= 0:
        yield start, end


def _directions(texts: Sequence[str]) -> list[Direction]:
    kinds = [bidirectional(text[0]) for text in texts]
    names: dict[str, Direction] = {
        "L": "left",
        "R": "right",
        "AL": "right",
        "EN": "number",
        "AN": "number",
    }
    found: list[Direction] = [names.get(kind, "") for kind in kinds]
    for n, text in enumerate(texts):
        around = found[n - 1 : n] + found[n + 1 : n + 2]
        if not found[n] and (
            (text in WITHIN_NUMBER and around == ["number", "number"])
            or (text in BESIDE_NUMBER and "number" in around)
        ):
            found[n] = "number"
    last = -1
    for n, direction in enumerate(found):
        if direction in ("left", "number") and last >= 0 and "right" not in found[last:n]:
            found[last:n] = ["left"] * (n - last)
            found[n] = "left"
        if found[n] == "left":
            last = n
    return found


def _from_right(texts: Sequence[str], directions: Sequence[Direction]) -> Iterator[str]:
    """Characters read from the right, but for words of other scripts and numbers among them."""
    turned: list[tuple[str, Direction]] = []
    pairs = zip(reversed(texts), reversed(directions), strict=True)
    for direction, group in groupby(pairs, lambda pair: pair[1]):
        part = list(group)
        turned += part[::-1] if direction in ("left", "number") else part
    for n, (text, direction) in enumerate(turned):
        if ord(text[0]) in PAIRED and direction not in ("left", "number"):
            before = turned[n - 1][0] if n else " "
            after = turned[n + 1][0] if n + 1 < len(turned) else " "
            opens = (before.isspace() or before in OPENING) and not after.isspace()
            closes = not before.isspace() and not after.isalnum()
            yield text.translate(PAIRED) if (opens, closes)[text in OPENING] else text
        else:
            yield text
