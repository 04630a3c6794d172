"""Parses the dates that articles carry, as a whole and exactly.

Dates in questions, which may be vague, are read by `rag.query`.
"""

from __future__ import annotations

import re
from datetime import date

from rag.text import ANY_MONTH, MONTHS

WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
# A time of day and zone after the day. It is checked loosely and not used.
TIME = r"(?:[T,]?\s*(?:at\s+)?\d{1,2}[:.]\d{2}[\w:.+\- ]{0,24})?"
LEAD = r"(?:(?:first\s+)?(?:published|posted|updated|last\s+updated|date)(?:\s+on)?:?\s+)?"

FORMS = tuple(
    re.compile(LEAD + WEEKDAY + form + TIME, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})(?P<separator>[-/.])(?P<m>\d{1,2})(?P=separator)(?P<d>\d{1,2})",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ \-](?:of )?(?P<name>{ANY_MONTH})\.?,?"
        r"[ \-](?P<y>\d{4})",
        rf"(?P<name>{ANY_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
    )
)
RELATIVE = re.compile(
    r"(?:(?:published|posted|updated)\s+)?"
    r"(?:(?:\d{1,3}|an?|one|two|a few|last)\s+(?:second|sec|minute|min|hour|hr|day|week|month|year)"
    r"s?(?:\s+ago)|yesterday|today|just now|last (?:week|month|year))",
    re.IGNORECASE,
)
# No written date is longer; longer text is not looked at.
LONGEST_DATE = 80


def parse_day(text: str) -> date | None:
    """The day that ``text``, as a whole, names; None for relative, doubtful or impossible ones.

    Forms such as 03/02/2025, which two countries read differently, are doubtful.
    """
    text = " ".join(text[: LONGEST_DATE + 1].split()).strip(" .,")
    if not text or len(text) > LONGEST_DATE:
        return None
    for form in FORMS:
        match = form.fullmatch(text)
        if match:
            found = match.groupdict()
            month = MONTHS[found["name"].lower()] if "name" in found else int(found["m"])
            try:
                return date(int(found["y"]), month, int(found["d"]))
            except ValueError:
                return None
    return None


def is_relative(text: str) -> bool:
    """Whether ``text`` is a time counted from now, such as "1 month ago"."""
    return len(text) <= LONGEST_DATE and RELATIVE.fullmatch(text.strip()) is not None
