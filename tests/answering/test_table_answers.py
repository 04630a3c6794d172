"""Questions about properties, each on a row of its own; the title tells whose they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag import Library, answer, ingest, open_library

TABLES = {
    "tower.md": (
        "# The tower of Arbon\n\n| Height | 62 m |\n| Built | 1958 |\n| Architect | Petra Olsen |"
    ),
    "ferry.md": (
        "# The Elm ferry\n\n| | |\n|---|---|\n| Length | 41 m |\n| Captain | Ida Brandt |"
    ),
    "hotel.txt": (
        "Hotel Adler\n\n| Rooms | 48 |\n| Owner | Jonas Frey |\n| Breakfast | 14 euros |"
    ),
    "lake.html": (
        "<html><head><title>Lake Orr</title></head><body><h1>Lake Orr</h1>"
        "<p>The lake lies in the hills.</p><table><tr><td>Depth</td><td>87 m</td></tr>"
        "<tr><td>Outflow</td><td>River Esk</td></tr></table></body></html>"
    ),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("tables")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with open_library(folder / "library", create=True) as opened:
        assert len(ingest([folder / name for name in TABLES], opened).added) == len(TABLES)
        yield opened


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How high is the tower of Arbon?", "Height: 62 m"),
        ("When was the tower of Arbon built?", "Built: 1958"),
        ("Who was the architect of the tower of Arbon?", "Architect: Petra Olsen"),
        ("How long is the Elm ferry?", "Length: 41 m"),
        ("Who is the captain of the Elm ferry?", "Captain: Ida Brandt"),
        ("How many rooms does Hotel Adler have?", "Rooms: 48"),
        ("What does breakfast at Hotel Adler cost?", "Breakfast: 14 euros"),
        ("How deep is Lake Orr?", "Depth: 87 m"),
        ("What is the outflow of Lake Orr?", "Outflow: River Esk"),
    ],
)
def test_a_row_of_properties_answers(library: Library, question: str, row: str) -> None:
    found = answer(question, library=library)
    assert not found.refused
    (sentence,) = (each for each in found.sentences if each.text == row)
    assert sentence.verdict == "supported" and sentence.citations[0].quote == row


@pytest.mark.parametrize(
    "question",
    [
        "Who is the captain of the Oak ferry?",
        "How many passengers drowned on the Elm ferry?",
        "Who owns the tower of Arbon?",
    ],
)
def test_what_no_row_says_is_refused(library: Library, question: str) -> None:
    assert answer(question, library=library).refused
