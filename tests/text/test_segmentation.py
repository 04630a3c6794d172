"""Sentences, paragraphs and headings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import text as texts
from rag.text.segmentation import is_heading, is_table_row

PIECES = st.lists(
    st.sampled_from(
        ["Mr.", "U.S.", "No.", "5.", "e.g.", "He", "won", ".", "!", "?”", "“A", "\n", "\n\n", " ",
         "1.5", "Jan.", "é", "漢。", "x" * 30, "...", "[1]", "J.", "-", "\u2028", "\t"]
    ),
    max_size=40,
).map(" ".join)  # fmt: skip


def cut(text: str) -> list[str]:
    return [text[s.start : s.end] for s in texts.sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Lee paid $1.5 million. He left.", ["Mr. Lee paid $1.5 million.", "He left."]),
        ("It is in the U.S. The law is old.", ["It is in the U.S.", "The law is old."]),
        ("It is in the U.S. Senate now.", ["It is in the U.S. Senate now."]),
        ("On Jan. 3 it rained. Then snow.", ["On Jan. 3 it rained.", "Then snow."]),
        ("“We won,” he said. “It is over.” Then rain.",
         ["“We won,” he said.", "“It is over.”", "Then rain."]),
        ("Why? Because. Yes!", ["Why?", "Because.", "Yes!"]),
        ("She asked “why?” and left.", ["She asked “why?” and left."]),
        ("J. R. Smith left. No. He stayed.", ["J. R. Smith left.", "No.", "He stayed."]),
        ("It is No. 5 on the list. Good.", ["It is No. 5 on the list.", "Good."]),
        ("1. First point. 2nd line.", ["1. First point.", "2nd line."]),
        ("Q. What is it? A. The end.", ["Q. What is it?", "A. The end."]),
        ("It cost Rs. 5 crore. Good.", ["It cost Rs. 5 crore.", "Good."]),
        ("A heading\n\nA body. More.", ["A heading", "A body.", "More."]),
        ("Wait... and see. Done.", ["Wait... and see.", "Done."]),
        ("He met Acme Inc. It grew.", ["He met Acme Inc.", "It grew."]),
        ("He met Acme Inc. Chairman Lee.", ["He met Acme Inc. Chairman Lee."]),
        ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
        # A letter that is no initial, and one that is.
        ("He posted it on X. Penalties followed.", ["He posted it on X.", "Penalties followed."]),
        ("They take vitamin C. Doctors agree.", ["They take vitamin C.", "Doctors agree."]),
        ("So spoke Ada B. Quill. Good.", ["So spoke Ada B. Quill.", "Good."]),
        ("It was you and I. Jones left.", ["It was you and I.", "Jones left."]),
        ("My name is Albert I. Jones. Good.", ["My name is Albert I. Jones.", "Good."]),
        ("They met A. A. Milne. Good.", ["They met A. A. Milne.", "Good."]),
        ("He met X. J. Lee and X. Wang.", ["He met X. J. Lee and X. Wang."]),
        # An apostrophe is part of its word.
        ("She works at Macy's. The store closed.", ["She works at Macy's.", "The store closed."]),
        ("It was the O’Haras’. Then rain.", ["It was the O’Haras’.", "Then rain."]),
        # Times of day.
        ("At 5 a.m. Mr. Smith left. He ran.", ["At 5 a.m. Mr. Smith left.", "He ran."]),
        ("He left at 6 P.M. Mr. Smith then slept.", ["He left at 6 P.M.", "Mr. Smith then slept."]),
        ("It shut at 6 p.m. Police came.", ["It shut at 6 p.m.", "Police came."]),
        ("It shut at 6 p.m. Eastern on Friday.", ["It shut at 6 p.m. Eastern on Friday."]),
        ("It shut at 6 p.m. Tokyo time. Good.", ["It shut at 6 p.m. Tokyo time.", "Good."]),
        ("It shut at 6 p.m. Monday. Good.", ["It shut at 6 p.m. Monday.", "Good."]),
        # Titles and other abbreviations.
        ("Fr. Brown met Adm. Lund. They spoke.", ["Fr. Brown met Adm. Lund.", "They spoke."]),
        ("Brig. Lee and Insp. Ray met.", ["Brig. Lee and Insp. Ray met."]),
        ("Cllr. Moss and Ald. Poe left.", ["Cllr. Moss and Ald. Poe left."]),
        ("He saw Det.-Insp. Ray. She ran.", ["He saw Det.-Insp. Ray.", "She ran."]),
        ("So said then-Gov. Lee. He ran.", ["So said then-Gov. Lee.", "He ran."]),
        ("She met Reps. Lee and Ray.", ["She met Reps. Lee and Ray."]),
        ("They are sales reps. The firm left.", ["They are sales reps.", "The firm left."]),
        ("It stands with King Jr. The crowd left.", ["It stands with King Jr.", "The crowd left."]),
        ("He ran Acme Inc. Mr. Lee left.", ["He ran Acme Inc.", "Mr. Lee left."]),
        ("In Davis, Calif. The court met.", ["In Davis, Calif.", "The court met."]),
        ("See Nº. 7 and N°. 1026. Good.", ["See Nº. 7 and N°. 1026.", "Good."]),
        # German dates.
        ("Am 3. Mai kam er. Gut.", ["Am 3. Mai kam er.", "Gut."]),
        ("Das Fest am Freitag, 12. August war gut.", ["Das Fest am Freitag, 12. August war gut."]),
        ("We won in 12. August was cold.", ["We won in 12.", "August was cold."]),
        # Full stops of other scripts.
        ("वह आया। वह गया। अच्छा।", ["वह आया।", "वह गया।", "अच्छा।"]),
        ("من أنت؟ أنا هنا.", ["من أنت؟", "أنا هنا."]),
        # Words left out.
        ("The thing is . . . I did not.", ["The thing is . . . I did not."]),
        ("They left. … and came back.", ["They left.", "… and came back."]),
        ("It ends here . . . . Then more.", ["It ends here . . . .", "Then more."]),
        ("", []),
        ("   \n ", []),
        ("word", ["word"]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(PIECES | st.text(max_size=200))
def test_sentences_hold_all_that_is_not_space(text: str) -> None:
    spans = texts.sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    covered = {i for s in spans for i in range(s.start, s.end)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    for span in spans:
        piece = text[span.start : span.end]
        assert piece == piece.strip() != ""
        assert "\n" not in piece


@pytest.mark.parametrize(
    ("paragraph", "heading"),
    [
        ("The Great Race", True),
        ("What comes next?", True),
        ("He left.", False),
        ("“Quoted words”", False),
        ("word " * 20, False),
        ("", False),
        ("ตลาดน้ำบางพลี", True),
        ("ตลาดน้ำบางพลีมีเรือสองร้อยลำและนายสมชายเปิดตลาดในปีนั้น", False),
        ("바다 박물관", True),
    ],
)
def test_headings(paragraph: str, heading: bool) -> None:
    assert texts.is_heading(paragraph) is heading


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "character",
    [".", " ", "a", "\n", "'", '"', "A.", "A. ", ". ", "5 p.m. ", "1", "-", "\u0301", "।"],
)
def test_no_pattern_backtracks(character: str) -> None:
    """A pattern that costs the square of its text hangs here instead of on a user's question."""
    text = character * (100_000 // len(character))
    texts.sentences(text)
    assert len(texts.words(text)) <= len(text)
    assert texts.normalize(text).offsets[-1] == len(text)


@pytest.mark.parametrize(
    ("line", "is_row"),
    [
        ("Ticket: Child; Weekday: 3.00; Weekend: 4.50", True),
        ("Adult; Weekday: 6.50; Weekend: 8.00", True),
        ("Ticket: Child; Weekend: 4.50", True),
        ("Harbours: a history", False),
        ("Harbours; a history: the first part", False),
        ("Ferries and boats; piers and quays", False),
    ],
)
def test_the_row_of_a_table_is_no_heading(line: str, is_row: bool) -> None:
    assert is_table_row(line) == is_row
    assert is_heading(line) != is_row


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("ตลาดน้ำบางพลี", False),
        ("ตลาดน้ำบางพลีมีเรือสองร้อยลำในปีนั้น", True),
        ("青石桥", False),
        ("The mill of the town", False),
    ],
)
def test_a_line_of_a_script_without_full_stops_may_state_something(line: str, states: bool) -> None:
    assert texts.states_something(line, alone=True) is states


@pytest.mark.parametrize(
    ("line", "looks_like_one"),
    [
        ("Built: 1958", True),
        ("Captain: Ida Brandt", True),
        ("Surface: 4.2 km²", True),
        ("Q: Why is the pier closed?", False),
        ("Reporter: Why is the pier closed?", False),
        ("Mayor: It is closed.", False),
        ("9:30: the ferry", False),
        ("The ferry sails.", False),
    ],
)
def test_the_row_of_a_table_of_properties(line: str, looks_like_one: bool) -> None:
    assert texts.is_property(line) is looks_like_one
