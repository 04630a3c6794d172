"""The article page and the excerpt: the right words are marked, and links are safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import TEXT, Outline, article
from rag import Part
from rag.types import Removal
from ui.html import safe_url
from ui.reading import excerpt_html, reading_html, text_fragment

MISPLACED = "nothing is marked"


def test_the_cited_words_are_marked_and_nothing_else() -> None:
    start = TEXT.index("Boats")
    outline = Outline(reading_html(article(), start, start + 20))
    assert outline.marked == "Boats left at dawn."[:20]
    assert [a for t, a in outline.elements if t == "mark"] == [{"id": "cited", "tabindex": "-1"}]


def test_a_span_over_paragraphs_is_marked_in_each_with_one_anchor() -> None:
    start, end = TEXT.index("Boats"), TEXT.index("wants")
    outline = Outline(reading_html(article(), start, end))
    assert outline.marked == TEXT[start:end].replace("\n\n", "")
    marks = [a for t, a in outline.elements if t == "mark"]
    assert len(marks) == 3
    assert [("id" in a) for a in marks] == [True, False, False]


@pytest.mark.parametrize(
    ("start", "end"),
    [(5, None), (None, 9), (-1, 5), (9, 9), (20, 10), (0, 10_000), (15, 17)],
    ids=["no end", "no start", "negative", "empty", "reversed", "too long", "white space"],
)
def test_a_span_that_does_not_fit_marks_nothing_and_says_so(
    start: int | None, end: int | None
) -> None:
    page = reading_html(article(), start, end)
    assert "<mark" not in page
    assert MISPLACED in page
    assert MISPLACED in excerpt_html(article(), start, end)


def test_without_a_span_the_page_says_nothing_about_it() -> None:
    assert MISPLACED not in reading_html(article())


@given(st.data())
def test_any_span_is_marked_exactly(data: st.DataObject) -> None:
    words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30)
    parts = data.draw(st.lists(words, min_size=1, max_size=5))
    text = "\n\n".join(" ".join(p.split()) for p in parts if p.strip()) or "x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    wanted = "".join(text[start:end].split())
    for html in (
        reading_html(article(text), start, end),
        excerpt_html(article(text), start, end),
    ):
        assert "".join(Outline(html).marked.split()) == wanted


def test_headings_are_headings_and_a_repeated_title_stands_once() -> None:
    page = reading_html(article())
    assert '<h2 dir="auto">What comes next</h2>' in page
    assert page.count("Harbour reopens</h") == 1


def test_what_was_taken_out_can_be_unfolded() -> None:
    taken = (Removal("advertisement", "Advertisement"), Removal("share bar", "Share <b>this</b>"))
    outline = Outline(reading_html(replace(article(), removed=taken)))
    text = "".join(outline.texts)
    assert "2 pieces of page boilerplate were removed." in text
    assert "Advertisement" in text and "Share <b>this</b>" in text
    assert [tag for tag, _ in outline.elements].count("details") == 2  # with the menu of languages
    assert "boilerplate" not in reading_html(article())


def test_a_file_name_turns_round_nothing_but_itself() -> None:
    outline = Outline(reading_html(article(origin="\u202egnp.md")))
    at = outline.texts.index("\u202egnp.md")
    assert "Imported from" in outline.texts[at - 1]
    assert ("span", {"dir": "auto"}) in outline.elements


def test_the_excerpt_holds_only_the_paragraphs_of_the_quote() -> None:
    start = TEXT.index("Boats")
    html = excerpt_html(article(published=date(2025, 2, 3)), start, start + 5)
    assert "The harbour of Esk" in html
    assert "second pier" not in html
    assert "Esk Times" in html and "3 February 2025" in html


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//host/path",
        "/articles",
        "http:/\\host",
        "https://good.org\\@bad.org/",
        "https://user@bad.org/",
        "http://",
        "https://[::1",
        "https://host:port/",
        " https://host/",
        "https://ho\u202est/",
        "https://host/\nx",
        "ftp://host/x",
        "https://host/" + "x" * 3_000,
    ],
)
def test_only_plain_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None
    assert "outside" not in reading_html(article(url=url))


def test_a_plain_address_becomes_a_careful_link() -> None:
    page = Outline(reading_html(article(url="https://www.esk.example/a?b=1&c=2")))
    link = next(a for t, a in page.elements if a.get("class") == "outside")
    assert link["href"] == "https://www.esk.example/a?b=1&c=2"
    assert link["rel"] == "noopener noreferrer"
    assert "esk.example" in "".join(page.texts)


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("Boats left at dawn.", "Boats%20left%20at%20dawn."),
        ("A well-kept, old & red pier", "A%20well%2Dkept%2C%20old%20%26%20red%20pier"),
        (" ".join("abcdefghijklm"), "a%20b%20c%20d%20e%20f,h%20i%20j%20k%20l%20m"),
        ("The harbour\n\nIt opens.", "The%20harbour,It%20opens."),
        ("Die Brücke", "Die%20Br%C3%BCcke"),
    ],
    ids=["short", "signs with a meaning", "long", "two paragraphs", "not English"],
)
def test_a_quote_is_named_by_its_words(quote: str, fragment: str) -> None:
    assert text_fragment(quote) == fragment


def test_a_web_page_opens_at_the_quoted_words() -> None:
    start = TEXT.index("Boats")
    for url, opened in {
        "https://esk.example/a?b=1": "https://esk.example/a?b=1#:~:text=Boats%20left%20at%20dawn.",
        "https://esk.example/a#top": "https://esk.example/a#top",
        f"https://esk.example/{'a' * 1_970}": f"https://esk.example/{'a' * 1_970}",
    }.items():
        for html in (
            reading_html(article(url=url), start, start + 19),
            excerpt_html(article(url=url), start, start + 19),
        ):
            (link,) = (a for t, a in Outline(html).elements if a.get("class") == "outside")
            assert link["href"] == opened


def test_pages_of_the_original_are_shown_where_they_begin() -> None:
    plain = article()
    parts = (Part("p. 1", 0, "page=1"), Part("p. 2", TEXT.index("Boats") + 6, "page=2"))
    source = replace(plain.source, parts=parts, url="https://gull.example/a.pdf")
    start = TEXT.index("Boats")
    page = reading_html(replace(plain, source=source), start, start + 20)
    assert Outline(page).marked == "Boats left at dawn."[:20]
    assert page.index("p. 1") < page.index("Boats ") < page.index("p. 2") < page.index("left at")
    assert "a.pdf#page=1" in page
    later = excerpt_html(replace(plain, source=source), start + 6, start + 20)
    assert "a.pdf#page=2" in later
