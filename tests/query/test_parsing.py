"""What is understood of a question: publishers, days, clauses, filters."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.entities import Names
from rag.query.parsing import clauses, parse_query
from rag.query.query import Query
from rag.types import Filters, Source

TODAY = date(2025, 7, 15)
PUBLISHERS = (
    *("TechCrunch", "The Verge", "Fortune", "Wired", "The New York Times", "The Age"),
    *("FOX News - Health", "FOX News - Lifestyle", "Cnbc | World Business News Leader"),
    *("CBSSports.com", "Engadget"),
)
SHELF = Names.of(
    Source(str(n), f"A title of number {n}", origin="x", publisher=name, author="Jane Q. Doe")
    for n, name in enumerate(PUBLISHERS)
)


def read(question: str) -> Query:
    return parse_query(question, SHELF, TODAY)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does TechCrunch say about chips?", ["TechCrunch"]),
        ("what did tech crunch say about chips", ["TechCrunch"]),
        ("What did the NYT write?", ["The New York Times"]),
        ("what did nyt write", ["The New York Times"]),
        ("What did Techcrunh report on Apple?", ["TechCrunch"]),
        ("what has engadjet got on phones", ["Engadget"]),
        ("Is CNBC gloomier than the Verge?", ["Cnbc | World Business News Leader", "The Verge"]),
        ("cbs sports on the Ravens", ["CBSSports.com"]),
        ("Does 'The Age' article agree with Fortune's article?", ["The Age", "Fortune"]),
        ("according to wired, which phone is best", ["Wired"]),
        ("wired articles about phones", ["Wired"]),
        ("do techcrunch and the verge agree", ["TechCrunch", "The Verge"]),
        ("wired or techcrunch on phones", ["Wired", "TechCrunch"]),
    ],
)
def test_publishers_are_recognised(question: str, expected: list[str]) -> None:
    assert [group[0] for group in read(question).publishers] == expected


@pytest.mark.parametrize(
    "question",
    [
        "How did he make his fortune?",
        "Is the house wired for sound?",
        "At the age of 40, who won?",
        "Which fortunes were lost in the crash?",
        "what is on the verge",
        "wired headphones news",
        "nature news about whales",
    ],
)
def test_ordinary_words_are_no_publishers(question: str) -> None:
    assert read(question).publishers == ()
    assert read(question).missing == ()


def subject(query: Query) -> str | None:
    return query.parts[0].text if query.kind == "overview" else None


def test_one_name_may_mean_several_sections() -> None:
    assert read("What does Fox News say?").publishers == (
        ("FOX News - Health", "FOX News - Lifestyle"),
    )


def test_well_known_publishers_that_are_not_there() -> None:
    found = read("Compare what Reuters and TechCrunch say about the strike.")
    assert found.missing == ("Reuters",)
    assert found.publishers == (("TechCrunch",),)
    assert found.compares


def test_days_that_do_not_exist_are_told() -> None:
    assert read("What happened on 2023-02-30 and on 3 May 2023?").unreal == ("2023-02-30",)
    assert read("on February 30, 2023").unreal == ("February 30, 2023",)
    assert read("on february 30").to_dict()["unreal_days"] == ["february 30"]
    assert read("on 3 May 2023").unreal == ()
    assert read("articles from December, or on february 29").unreal == ()
    ambiguous = read("What happened on 12/03/2024?")
    assert ambiguous.periods == () and ambiguous.ambiguous == ("12/03/2024",)
    assert ambiguous.to_dict()["ambiguous_days"] == ["12/03/2024"]


def test_filters_are_said_of_articles_only() -> None:
    assert read("Any articles since March 2024 on chips?").filters == Filters(
        after=date(2024, 3, 1)
    )
    assert read("What has changed since March 2024?").filters == Filters()
    # What was before last week cannot tell of it.
    dated = Names.of([Source("1", "One", origin="x", published=date(2025, 7, 1))])
    sank = parse_query("what sank last week", dated, TODAY)
    assert sank.filters == Filters(after=date(2025, 7, 7))
    assert read("what sank last week").filters == Filters()
    this_year = parse_query("how slow is the ferry this year", dated, TODAY)
    assert this_year.filters == Filters()
    assert read("what did the ferry do in 2023").filters == Filters()
    trailing = read("articles about chips by jane q. doe since March 2024")
    assert trailing.filters == Filters(authors=("Jane Q. Doe",), after=date(2024, 3, 1))
    assert subject(trailing) == "chips"
    assert subject(read("rice articles since March 2024")) == "rice"
    assert subject(read("the latest techcrunch articles")) == "the latest techcrunch articles"
    assert subject(read("the latest articles")) is None
    since = Filters(after=date(2024, 3, 1))
    assert read("any news on the chip strike since March 2024?").filters == since
    assert read("any news on the chip strike in March 2024?").filters == Filters()
    assert read("articles since March 2024 on chips").subject == "articles on chips"
    assert read("Only in TechCrunch: who sued?").filters == Filters(publishers=("TechCrunch",))
    assert read("Why is it not only in TechCrunch?").filters == Filters()
    assert read("in the verge piece about glasses").filters == Filters(publishers=("The Verge",))
    assert read("is it in the Verge piece or in the Fortune report").filters == Filters()
    assert read("articles after May 2024 and before 2023").filters == Filters(
        after=date(2024, 6, 1), before=date(2022, 12, 31)
    )


def test_long_questions_are_cut_into_what_they_ask_for() -> None:
    long = (
        "Which company makes a phone with a folding glass screen, sold its battery plant in "
        "Ohio last year, and hired the former head of a chip maker?"
    )
    assert clauses(long) == (
        "Which company makes a phone with a folding glass screen",
        "sold its battery plant in Ohio last year",
        "hired the former head of a chip maker",
    )
    assert clauses("Who makes a phone, and why?") == ()


def test_titles_and_authors() -> None:
    found = read("What does Jane Q. Doe say in “A title of number 3”?")
    assert found.authors == ("Jane Q. Doe",)
    assert found.articles == ("3",)


def test_writers_and_kinds_of_articles() -> None:
    assert read("articles by jane q doe on chips").filters == Filters(authors=("Jane Q. Doe",))
    assert read("what was written by Jane Q. Do").authors == ("Jane Q. Doe",)
    assert read("was it signed by Jane Q. Doe").filters == Filters()
    for asked in ("what did jane q. do write about chips", "jane q. doe's articles about chips"):
        found = read(asked)
        assert found.filters.authors == ("Jane Q. Doe",), asked
        assert subject(found) == "chips"
        assert "chips" in found.subject and "jane" not in found.subject
    assert read("what did jane eyre write about chips").authors == ()
    shelf = Names.of([Source("1", "One", origin="x", category="technology")])

    def kinds(question: str) -> tuple[str, ...]:
        return parse_query(question, shelf, TODAY).filters.categories

    assert kinds("technology articles about rice") == ("technology",)
    assert kinds("tech news on rice") == ("technology",)
    assert kinds("any stories in technology?") == ("technology",)
    assert kinds("which technology cooks rice") == ()


@given(st.text(max_size=300))
def test_nothing_is_an_error(question: str) -> None:
    read(question).to_dict()


@given(st.lists(st.sampled_from("AND NOT \" ( ) * : ~ since 2024-13-45 TechCrunch's in".split())))
def test_neither_is_syntax(words: list[str]) -> None:
    read(" ".join(words))
