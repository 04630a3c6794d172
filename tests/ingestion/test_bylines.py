"""Who wrote an article, who published it and when, as the page says it."""

from __future__ import annotations

from datetime import date

import pytest

from rag.ingestion.bylines import split_authors
from rag.ingestion.cleaning import clean
from rag.ingestion.dates import is_relative, parse_day
from scraped_page import PROSE, page

BYLINES = {
    "posted by": (
        "Posted by Mara Lindqvist, Contributor | 1 month ago | /sea, Energy | Views: 10",
        ("Mara Lindqvist", None, None, "Energy"),
    ),
    "by": ("By Mara Lindqvist", ("Mara Lindqvist", None, None, None)),
    "two names": (
        "By Mara Lindqvist and José de la Cruz",
        ("Mara Lindqvist and José de la Cruz", None, None, None),
    ),
    "name, outlet, day": (
        "Mara Lindqvist, Harbour News, 3 February 2025",
        ("Mara Lindqvist", "Harbour News", date(2025, 2, 3), None),
    ),
    "name, outlet, american day": (
        "Mara Lindqvist, Reuters, Feb 3, 2025",
        ("Mara Lindqvist", "Reuters", date(2025, 2, 3), None),
    ),
    "outlet and day": ("Reuters, 3 February 2025", (None, "Reuters", date(2025, 2, 3), None)),
    "by, on": (
        "by Mara Lindqvist on February 3rd, 2025",
        ("Mara Lindqvist", None, date(2025, 2, 3), None),
    ),
    "bars": (
        "By Mara Lindqvist | Harbour Times | 2025-02-03",
        ("Mara Lindqvist", "Harbour Times", date(2025, 2, 3), None),
    ),
    "published": ("Published: 3 Feb 2025", (None, None, date(2025, 2, 3), None)),
    "updated, with time": (
        "Updated February 3, 2025 at 10:30 am",
        (None, None, date(2025, 2, 3), None),
    ),
    "written by": (
        "Written by Mara Lindqvist, Senior Editor",
        ("Mara Lindqvist", None, None, None),
    ),
    "source": ("Source: Harbour Gazette", (None, "Harbour Gazette", None, None)),
}


@pytest.mark.parametrize(("line", "expected"), BYLINES.values(), ids=BYLINES)
def test_bylines_are_read(line: str, expected: tuple[object, ...]) -> None:
    cleaned = clean(page(below_title=line))
    found = (cleaned.author, cleaned.publisher, cleaned.published, cleaned.category)
    assert found == expected
    assert cleaned.text == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "author",
    [
        "Ida Brandt, Tom Reed",
        "Ida Brandt and Tom Reed",
        "Ida Brandt; Tom Reed",
        "Ida Brandt & Tom Reed",
        "Ida Brandt und Tom Reed",
    ],
)
def test_two_authors_on_a_line_are_two(author: str) -> None:
    assert split_authors(author) == ("Ida Brandt", "Tom Reed")


def test_longer_lists_and_names_that_come_last_first_are_parted() -> None:
    names = ("Ida Brandt", "José de la Cruz", "Tom Reed")
    assert split_authors("Ida Brandt, José de la Cruz, and Tom Reed") == names
    assert split_authors("Brandt, Ida; Reed, Tom") == ("Brandt, Ida", "Reed, Tom")


@pytest.mark.parametrize(
    "author",
    [
        *("Brandt, Ida", "Reuters, London", "Associated Press, New York", "Ida Brandt, Reuters"),
        *("Ida Brandt, Senior Editor", "Santiago Ramón y Cajal", "Guardian staff and agencies"),
        *("Search and Rescue", "Ida Brandt"),
    ],
)
def test_what_is_one_author_stays_one(author: str) -> None:
    assert split_authors(author) == (author,)


def test_the_publisher_stands_alone_above_the_form() -> None:
    cleaned = clean(page(below="Bloomberg\n\nLeave a Reply"))
    assert cleaned.publisher == "Bloomberg"
    assert cleaned.text == "\n\n".join(PROSE)


DAYS = {
    "2025-02-03": date(2025, 2, 3),
    "2025/02/03": date(2025, 2, 3),
    "2025-02-03T08:45:59+00:00": date(2025, 2, 3),
    "2025-02-03 08:45": date(2025, 2, 3),
    "3 February 2025": date(2025, 2, 3),
    "3rd of February, 2025": date(2025, 2, 3),
    "Feb 3, 2025": date(2025, 2, 3),
    "Feb. 3, 2025": date(2025, 2, 3),
    "Monday, February 3, 2025": date(2025, 2, 3),
    "February 3, 2025 10:15 AM": date(2025, 2, 3),
    "1 month ago": None,
    "yesterday": None,
    "2025-13-40": None,
    "30 February 2025": None,
    "03/02/2025": None,
    "soon": None,
    "": None,
    "1" * 100_000: None,
}


@pytest.mark.parametrize(("text", "day"), DAYS.items(), ids=[text[:30] for text in DAYS])
def test_days(text: str, day: date | None) -> None:
    assert parse_day(text) == day


def test_relative_times_are_told_from_names() -> None:
    assert is_relative("1 month ago") and is_relative("Yesterday")
    assert not is_relative("Tomorrow Never Dies") and not is_relative("3 February 2025")
