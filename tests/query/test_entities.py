"""Linking names in a question to those of a library, misspelt ones too."""

from __future__ import annotations

import pytest

from rag.query.entities import Names, aliases, find_authors, find_publishers, normalize_name
from rag.types import Source

NAMES = Names.of(
    Source(str(n), f"Title {n}", origin="x", publisher=publisher, author=author)
    for n, (publisher, author) in enumerate(
        (
            ("Harbour Chronicle", "Jane Q. Doe"),
            ("TechCrunch", "Ada Quill and Tom Vane"),
            ("Fortune", "?? !!"),
        )
    )
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("The New York Times", {"The New York Times", "New York Times", "NYT"}),
        ("FOX News - Health", {"FOX News - Health", "FOX News", "FN", "FOX"}),
        ("CBSSports.com", {"CBSSports.com", "CBSSports"}),
    ],
)
def test_aliases(name: str, expected: set[str]) -> None:
    assert set(aliases(name)) == expected


def test_a_name_is_the_same_however_it_is_spaced() -> None:
    assert normalize_name("Tech Crunch’s") == normalize_name("TechCrunchs") == "techcrunchs"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("harbor chronicle", "Harbour Chronicle"),
        ("Harbour Chronicel", "Harbour Chronicle"),
        ("techcrunsh", "TechCrunch"),
        ("tecchrunch", "TechCrunch"),
        ("Fortunes", None),
        ("barbour chronicle", None),
        ("tech church", None),
    ],
)
def test_misspelt_publishers(written: str, meant: str | None) -> None:
    found = find_publishers(f"what does {written} say about tides", NAMES)
    assert [mention.names for mention in found] == ([(meant,)] if meant else [])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("jane q doe", "Jane Q. Doe"),
        ("Jane Doe", "Jane Q. Doe"),
        ("ada quil", "Ada Quill"),
        ("Tom Vain", "Tom Vane"),
        ("Tom Sawyer", None),
        ("Jane Eyre", None),
    ],
)
def test_misspelt_authors(written: str, meant: str | None) -> None:
    found = find_authors(f"articles by {written} about tides", NAMES)
    assert found.names == ((meant,) if meant else ())
    assert found.restrict is (meant is not None)
