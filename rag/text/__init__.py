"""Text taken apart: paragraphs, sentences, words, numbers, dates, names, negations."""

from rag.text.dates import (
    ANY_MONTH,
    DAY_OF_MONTH,
    MONTH,
    MONTHS,
    WEEKDAY,
    WEEKDAYS,
    YEAR,
    date_words,
    month_name,
)
from rag.text.language import (
    FOREIGN_WORDS,
    is_english,
    is_other_language,
    language_of,
    likely_language,
)
from rag.text.names import CAPITALIZED, NAME_LINK, NOT_NAMES, name_words
from rag.text.negation import FALSE_NEGATION, NEGATION, negations
from rag.text.normal_form import Normalized, normalize
from rag.text.numerals import (
    ANY_MAGNITUDE_WORD,
    ANY_NUMBER_WORD,
    MAGNITUDES,
    NUMBER_WORDS,
    Number,
    numbers,
)
from rag.text.scripts import UNSPACED_RUN, fold, script_of
from rag.text.segmentation import (
    is_heading,
    is_table_row,
    paragraphs,
    sentences,
    states_something,
)
from rag.text.shingles import Trigrams, shared_part, trigrams
from rag.text.tokenization import (
    STOP_WORDS,
    WORD,
    WORD_PART,
    base_of,
    content_stems,
    names_like_stop_words,
    stem,
    unspaced_terms,
    words,
)

__all__ = [
    "ANY_MAGNITUDE_WORD",
    "ANY_MONTH",
    "ANY_NUMBER_WORD",
    "CAPITALIZED",
    "DAY_OF_MONTH",
    "FALSE_NEGATION",
    "FOREIGN_WORDS",
    "MAGNITUDES",
    "MONTH",
    "MONTHS",
    "NAME_LINK",
    "NEGATION",
    "NOT_NAMES",
    "NUMBER_WORDS",
    "STOP_WORDS",
    "UNSPACED_RUN",
    "WEEKDAY",
    "WEEKDAYS",
    "WORD",
    "WORD_PART",
    "YEAR",
    "Normalized",
    "Number",
    "Trigrams",
    "base_of",
    "content_stems",
    "date_words",
    "fold",
    "is_english",
    "is_heading",
    "is_other_language",
    "is_table_row",
    "language_of",
    "likely_language",
    "month_name",
    "name_words",
    "names_like_stop_words",
    "negations",
    "normalize",
    "numbers",
    "paragraphs",
    "script_of",
    "sentences",
    "shared_part",
    "states_something",
    "stem",
    "trigrams",
    "unspaced_terms",
    "words",
]
