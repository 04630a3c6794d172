"""What checks and example questions say in English, in the language of the visitor.

The forms are the tables ``phrases`` of ``words.toml``. What fills them, words of articles above
all, is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ui.visitor import DEFAULT_LANGUAGE, current_visitor
from ui.words import PHRASES, all_words

# Stands for phrases, one after another; `words` for quoted words, one after another.
REASONS = "reasons"


def translated(english: str) -> str:
    """A reason or an example question as the visitor reads it; English if it has no known form."""
    return _in(current_visitor().language, english, of=DEFAULT_LANGUAGE) or english


def in_english(shown: str) -> str:
    """A question as it was before it was `translated`."""
    return _in(DEFAULT_LANGUAGE, shown, of=current_visitor().language) or shown


def _in(language: str, text: str, *, of: str) -> str:
    said = _said(text, of, language)
    return said[:1].upper() + said[1:]


def _said(text: str, source: str, target: str) -> str:
    """A text of one language in another; empty if a part of it has no known form."""
    for key, form in _forms(source).items():
        found = form.fullmatch(text)
        if found:
            values = found.groupdict()
            if REASONS in values:
                between = [all_words()[each][PHRASES]["semicolon"] for each in (source, target)]
                reasons = [_said(r, source, target) for r in values[REASONS].split(between[0])]
                values[REASONS] = between[1].join(reasons) if all(reasons) else ""
            if "words" in values:
                values["words"] = _requoted(values["words"], source, target)
            if all(values.values()):
                return _phrases(target)[key].format(**values)
    return ""


def _requoted(words: str, source: str, target: str) -> str:
    """Quoted words one after another, with the marks of another language."""
    (opening, closing), marks = (
        all_words()[each]["quoted"].split("{text}") for each in (source, target)
    )
    between = closing + all_words()[source]["comma"] + opening
    listed = words.removeprefix(opening).removesuffix(closing).split(between)
    return str(all_words()[target]["comma"].join(each.join(marks) for each in listed))


@cache
def _phrases(language: str) -> Mapping[str, str]:
    """The phrases of a language by their keys; those that end in the closest words, whole."""
    phrases = all_words()[language][PHRASES]
    return {key: text.replace("{closest}", phrases["closest"]) for key, text in phrases.items()}


@cache
def _forms(language: str) -> Mapping[str, re.Pattern[str]]:
    """What the phrases of a language look like, from its first letter in either case."""
    return {
        key: re.compile(
            re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(text)), re.IGNORECASE | re.DOTALL
        )
        for key, text in _phrases(language).items()
    }
