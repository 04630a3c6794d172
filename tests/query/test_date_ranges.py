"""Dates in questions: which days an expression names, and when there are none."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.date_ranges import Dates, extract_dates

TODAY = date(2024, 11, 6)  # a Wednesday

# Words, first and last day ("" for an open end); "~" where the days are counted from today.
PERIODS = """
on 3 March                          | 2024-03-03 | 2024-03-03
on March 3                          | 2024-03-03 | 2024-03-03
on March 3rd                        | 2024-03-03 | 2024-03-03
on the 5th of November              | 2024-11-05 | 2024-11-05
on the 7th of November              | 2023-11-07 | 2023-11-07
in the November 7 vote              | 2023-11-07 | 2023-11-07
on nov 6                            | 2024-11-06 | 2024-11-06
on the 3rd of may                   | 2024-05-03 | 2024-05-03
on february 29                      | 2024-02-29 | 2024-02-29
on November 6, 2023                 | 2023-11-06 | 2023-11-06
on 6 November 2023                  | 2023-11-06 | 2023-11-06
on the 6th of November, 2023        | 2023-11-06 | 2023-11-06
on Sept. 4 2023                     | 2023-09-04 | 2023-09-04
on 2023-11-06                       | 2023-11-06 | 2023-11-06
on 2023/11/06                       | 2023-11-06 | 2023-11-06
on 25/12/2023                       | 2023-12-25 | 2023-12-25
on 12/25/2023                       | 2023-12-25 | 2023-12-25
on 25.12.2023                       | 2023-12-25 | 2023-12-25
on 4/4/2024                         | 2024-04-04 | 2024-04-04
on Christmas Day 2023               | 2023-12-25 | 2023-12-25
on Christmas Day                    | 2023-12-25 | 2023-12-25
after New Year’s Eve 2022           | 2023-01-01 |
from 3 to 5 March 2024              | 2024-03-03 | 2024-03-05
on March 3-5                        | 2024-03-03 | 2024-03-05
in November                         | 2024-11-01 | 2024-11-30
in December                         | 2023-12-01 | 2023-12-31
in may                              | 2024-05-01 | 2024-05-31
in Feb. 2024                        | 2024-02-01 | 2024-02-29
in March of 2024                    | 2024-03-01 | 2024-03-31
in early March 2024                 | 2024-03-01 | 2024-03-10
in mid-March                        | 2024-03-11 | 2024-03-20
at the end of June 2024             | 2024-06-21 | 2024-06-30
in the second half of March 2024    | 2024-03-16 | 2024-03-31
in Q3 2024                          | 2024-07-01 | 2024-09-30
in Q4                               | 2024-10-01 | 2024-12-31
in Q1                               | 2024-01-01 | 2024-03-31
in 2023 Q4                          | 2023-10-01 | 2023-12-31
in the third quarter of 2024        | 2024-07-01 | 2024-09-30
in the last quarter of 2023         | 2023-10-01 | 2023-12-31
in the first half of 2024           | 2024-01-01 | 2024-06-30
in the second half of 2023          | 2023-07-01 | 2023-12-31
in H2 2023                          | 2023-07-01 | 2023-12-31
in early 2024                       | 2024-01-01 | 2024-04-30
in mid-2024                         | 2024-05-01 | 2024-08-31
in late 2023                        | 2023-09-01 | 2023-12-31
at the beginning of the year 2023   | 2023-01-01 | 2023-04-30
in the 1990s                        | 1990-01-01 | 1999-12-31
in the late 2010s                   | 2016-09-01 | 2019-12-31
from 2023                           | 2023-01-01 | 2023-12-31
winter 2023                         | 2023-12-01 | 2024-02-29
last spring                         | 2024-03-01 | 2024-05-31
last autumn                         | 2023-09-01 | 2023-11-30
this year                           | 2024-01-01 | 2024-12-31
last year                           | 2023-01-01 | 2023-12-31
late last year                      | 2023-09-01 | 2023-12-31
this quarter                        | 2024-10-01 | 2024-12-31
last quarter                        | 2024-07-01 | 2024-09-30
last decade                         | 2010-01-01 | 2019-12-31
a year ago                          | 2023-01-01 | 2023-12-31
ten years ago                       | 2014-01-01 | 2014-12-31
over the past year                  | 2023-11-06 | 2024-11-06
in the last two years               | 2022-11-06 | 2024-11-06
today                               | 2024-11-06 | 2024-11-06 ~
yesterday                           | 2024-11-05 | 2024-11-05 ~
the day before yesterday            | 2024-11-04 | 2024-11-04 ~
three days ago                      | 2024-11-03 | 2024-11-03 ~
two weeks ago                       | 2024-10-21 | 2024-10-27 ~
a fortnight ago                     | 2024-10-21 | 2024-10-27 ~
a couple of months ago              | 2024-09-01 | 2024-09-30 ~
last Tuesday                        | 2024-11-05 | 2024-11-05 ~
last Wednesday                      | 2024-10-30 | 2024-10-30 ~
since Monday                        | 2024-11-04 |            ~
since last Friday                   | 2024-11-01 |            ~
before Monday                       |            | 2024-11-03
last week                           | 2024-10-28 | 2024-11-03 ~
last weekend                        | 2024-11-02 | 2024-11-03 ~
this month                          | 2024-11-01 | 2024-11-30 ~
last month                          | 2024-10-01 | 2024-10-31 ~
since last month                    | 2024-10-01 |            ~
in the last 24 hours                | 2024-11-05 | 2024-11-06 ~
in the last fortnight               | 2024-10-23 | 2024-11-06 ~
over the last week                  | 2024-10-30 | 2024-11-06 ~
in the past few days                | 2024-11-03 | 2024-11-06 ~
in the last two months              | 2024-09-06 | 2024-11-06 ~
since March 2024                    | 2024-03-01 |
since early 2024                    | 2024-01-01 |
after March 2024                    | 2024-04-01 |
before 2024                         |            | 2023-12-31
until June                          |            | 2024-06-30
prior to the 1990s                  |            | 1989-12-31
from March 2024 onwards             | 2024-03-01 |
between May 2023 and July 2023      | 2023-05-01 | 2023-07-31
between March and May 2023          | 2023-03-01 | 2023-05-31
from November to March 2024         | 2023-11-01 | 2024-03-31
between 2020 and 2022               | 2020-01-01 | 2022-12-31
"""


def rows() -> list[tuple[str, date | None, date | None, bool]]:
    found = []
    for line in PERIODS.strip().splitlines():
        words, first, last = (cell.strip() for cell in line.rstrip("~").split("|"))
        days = [date.fromisoformat(day) if day else None for day in (first, last)]
        found.append((words, *days, line.endswith("~")))
    return found


@pytest.mark.parametrize(("words", "after", "before", "relative"), rows(), ids=lambda v: str(v))
def test_a_period(words: str, after: date | None, before: date | None, relative: bool) -> None:
    (found,) = extract_dates(f"What happened {words}?", TODAY).periods
    assert (found.after, found.before, found.relative) == (after, before, relative)


@pytest.mark.parametrize(
    "question",
    [
        "may I march on?",
        "he may 3 times",
        "which top 3 may win",
        "what did Business Today say",
        "who called on Tuesday",
        "who saw Monday Night Football",
        "what does Python 3.11.15 fix",
        "who was first in the third quarter",
        "is it worth $2024",
        "what is half past 9",
        "how did the marching band do",
    ],
)
def test_no_date(question: str) -> None:
    assert extract_dates(question, TODAY) == Dates()


@pytest.mark.parametrize("words", ["12/03/2024", "6/11/23", "03-04-2024", "1.2.2024"])
def test_a_date_that_two_countries_read_differently(words: str) -> None:
    assert extract_dates(f"What happened on {words}?", TODAY) == Dates(ambiguous=(words,))


@pytest.mark.parametrize(
    "words",
    ["2023-02-30", "February 30, 2023", "february 30", "31 April 2024", "30.02.2023", "99/99/2024"],
)
def test_a_day_that_no_calendar_has(words: str) -> None:
    assert extract_dates(f"What happened on {words}?", TODAY) == Dates(invalid=(words,))


def test_the_others_of_a_question_count_all_the_same() -> None:
    found = extract_dates("on 2023-02-30, on 12/03/2024 and on 3 May 2023", TODAY)
    assert [period.after for period in found.periods] == [date(2023, 5, 3)]
    assert (found.invalid, found.ambiguous) == (("2023-02-30",), ("12/03/2024",))


def test_without_its_year_it_is_the_last_one_of_the_library() -> None:
    newest = date(2023, 11, 6)
    for words, day in (
        ("in december", date(2022, 12, 1)),
        ("on November 7", date(2022, 11, 7)),
        ("on 6 November", newest),
        ("in Q4", date(2023, 10, 1)),
        ("on february 29", date(2020, 2, 29)),
        ("on Boxing Day", date(2022, 12, 26)),
    ):
        (found,) = extract_dates(f"what happened {words}", TODAY, newest).periods
        assert found.after == day, words
    (week,) = extract_dates("what happened last week", TODAY, newest).periods
    assert week.after == date(2024, 10, 28)


def test_the_words_are_found_again() -> None:
    question = "What was published since early 2024, or on the 5th of May?"
    found = [question[p.start : p.end] for p in extract_dates(question, TODAY).periods]
    assert found == ["since early 2024", "5th of May"]


@given(st.text(max_size=200), st.dates())
def test_nothing_is_an_error(question: str, today: date) -> None:
    extract_dates(question, today)


WORDS = (
    "since last this 3 31st of May, Q3 2024 half the first 12/03 ago two weeks – to 1990s".split()
)


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.dates())
def test_no_order_of_words_is_an_error(words: list[str], today: date) -> None:
    extract_dates(" ".join(words), today)


def test_without_a_date_dateparser_is_not_imported() -> None:
    code = (
        "import sys; from datetime import date; from rag.query.date_ranges import extract_dates;"
        "extract_dates('What may the harbour cost in 2024, or in Q3?', date(2024, 1, 1));"
        "sys.exit('dateparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_a_date_it_takes_no_time() -> None:
    question = "What does the harbour authority say about the cost of the new bridge?"
    started = time.process_time()
    for _ in range(100):
        extract_dates(question, TODAY)
    assert (time.process_time() - started) / 100 < 0.0005
