"""The order of characters on a line of a PDF file, whatever the order in the file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.ingestion.formats.pdf_lines import Character, logical, runs_of

# As they are shown from left to right, and as they are read.
SHOWN = {
    "numbers": (".2023 רבוטקואב 12 םוי", "יום 12 באוקטובר 2023."),
    "number with signs": ("ח״ש 7,250.5 הלע", "עלה 7,250.5 ש״ח"),
    "percentage": ("םידליהמ 50% ורמא", "אמרו 50% מהילדים"),
    "another script": ("לעופ Windows 10 לע", "על Windows 10 פועל"),
    "brackets as shown": (".(הרואת אל) םילקש", "שקלים (לא תאורה)."),
    "brackets turned around": (".)הרואת אל( םילקש", "שקלים (לא תאורה)."),
}


@pytest.mark.parametrize(("shown", "read"), SHOWN.values(), ids=SHOWN)
def test_what_is_shown_from_the_right_is_read_from_there(shown: str, read: str) -> None:
    assert "".join(logical(shown, leftwards=True)) == read


def test_words_from_the_right_in_a_text_from_the_left() -> None:
    shown = "He said 12 םולש םכל to Dan and ןד, twice."
    read = "He said לכם שלום 12 to Dan and דן, twice."
    assert "".join(logical(shown, leftwards=False)) == read.replace("לכם שלום 12", "12 לכם שלום")


def placed(words: Sequence[tuple[float, str]], *, width: float = 5) -> list[Character]:
    """The characters of words, each at its left edge, in the order of a file."""
    line: list[Character] = []
    for number, (left, text) in enumerate(words):
        line += [
            Character(letter, (left + width * n, left + width * (n + 1), 0, 10), 0, number)
            for n, letter in enumerate(text)
        ]
        line.append(Character(" ", None, 0, number))
    return line


def read(line: list[Character], *, leftwards: bool = False) -> list[str]:
    return ["".join(run.characters).strip() for run in runs_of(line, leftwards=leftwards)]


def test_what_is_drawn_after_its_line_stands_in_its_place() -> None:
    line = placed([(0, "of"), (36, "Euro"), (64, "and"), (13, "4500"), (56, ",")])
    assert read(line) == ["of 4500 Euro, and"]
    # Cells in any order are no line.
    assert read(placed([(60, "Litres"), (0, "Mill")]))[0] == "Litres Mill"


@pytest.mark.parametrize("turned", [False, True], ids=["alef first", "lam first"])
def test_the_ligature_of_lam_and_alef_is_read_lam_first(turned: bool) -> None:
    box = (10.0, 20.0, 0.0, 10.0)
    both = [Character("ا", box), Character("ل", box)]
    word = [Character("س", (20, 30, 0, 10)), *both[:: -1 if turned else 1]]
    assert read([*word, Character("م", (0, 10, 0, 10))], leftwards=True) == ["سلام"]


def test_words_are_drawn_from_either_side_and_spaces_anywhere() -> None:
    words = [(60, "םולש"), (30, "םכל"), (15, "ןד")]
    assert read(placed(words), leftwards=True) == ["שלום לכם דן"]
    assert read(placed(words[::-1]), leftwards=True) == ["שלום לכם דן"]
    # The file has a bracket next to the word before it, with a space after it.
    line = [*placed([(60, "םולש")])[:-1], *placed([(50, ")"), (35, "םכל"), (30, "(")])]
    assert read(line, leftwards=True) == ["שלום (לכם)"]


def test_marks_stay_on_their_letters() -> None:
    letters = [Character("ب", (10, 20, 0, 10)), Character("َ", (12, 16, 8, 10))]
    assert read([*letters, Character("ت", (0, 10, 0, 10))], leftwards=True) == ["بَت"]


def test_columns_of_a_line_from_the_right_are_apart() -> None:
    assert read(placed([(100, "ןימי"), (0, "לאמש")]), leftwards=True) == ["שמאל", "ימין"]
