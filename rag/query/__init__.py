"""Parses a question without a model: its kind, parts, names and dates; resolves follow-ups."""

from rag.query.date_ranges import Period
from rag.query.entities import Names
from rag.query.follow_ups import goes_on
from rag.query.instructions import strip_instructions
from rag.query.parsing import parse_query
from rag.query.query import LONG_QUESTION, Query
from rag.query.rewriting import rewrite_follow_up, told_before
from rag.query.small_talk import other_languages, small_talk_language, strip_politeness

__all__ = [
    "LONG_QUESTION",
    "Names",
    "Period",
    "Query",
    "goes_on",
    "other_languages",
    "parse_query",
    "rewrite_follow_up",
    "small_talk_language",
    "strip_instructions",
    "strip_politeness",
    "told_before",
]
