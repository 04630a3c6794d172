"""What the page says, in the language of its visitor; the words are in ``words.toml``.

So is what checks and example questions say in English: the forms are the tables ``phrases``. What
fills them, words of articles above all, is kept as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from ui.visitor import DEFAULT_LANGUAGE, current_visitor

WORDS = Path(__file__).parent / "words.toml"
# The part of the words that goes to the scripts.
SCRIPTS = "scripts"
# The part that is found by its English form, see `translated`.
PHRASES = "phrases"
# Others that they need: the numbers that are one, and what Gradio sends in English.
SHARED = (
    "one",
    "ask",
    "stop",
    "your_question",
    "question_placeholder",
    "ask_only_these",
    "labelled",
)
# How many of a browser's languages are looked at.
MAX_ACCEPTED = 20


@cache
def all_words() -> Mapping[str, Mapping[str, Any]]:
    """The words by language and key."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def languages() -> list[tuple[str, str]]:
    """Code and own name of every language that the page speaks."""
    return [(code, words["language"]) for code, words in all_words().items()]


def say(key: str, /, **values: object) -> str:
    """Words of the page.

    Args:
        key: A key of ``words.toml``.
        values: What is filled in. ``n`` chooses between one and many; whole numbers are written
            with the language's thousands separator. If one is HTML, so is the result.

    Raises:
        KeyError: There is no such key, or a value is missing.
    """
    words = all_words()[current_visitor().language]
    one, _, many = words[key].partition("|")
    text = many if many and str(values.get("n")) not in words["one"].split() else one
    said = {name: _written(value, words) for name, value in values.items()}
    if any(isinstance(value, Markup) for value in said.values()):
        return Markup(escape(text)).format(**said)
    return str(text.format(**said))


def _written(value: object, words: Mapping[str, str]) -> object:
    return f"{value:,}".replace(",", words["thousands"]) if isinstance(value, int) else value


def decimals(value: float, digits: int) -> str:
    """A number with that many decimals."""
    return f"{value:.{digits}f}".replace(".", say("decimal"))


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage with that many decimals."""
    return say("percent", number=decimals(share * 100, digits))


def listed(items: Iterable[str]) -> str:
    """Items one after another."""
    return say("comma").join(items)


def words_for_scripts() -> Mapping[str, str]:
    """What the scripts say."""
    words = all_words()[current_visitor().language]
    return {**words[SCRIPTS], **{key: words[key] for key in SHARED}}


def choose_language(wanted: str | None, accepted: str) -> str:
    """The language that a visitor chose, or the first that the browser accepts and we speak.

    Args:
        wanted: The chosen one, if any; an unknown one counts as none.
        accepted: The header ``Accept-Language``.
    """
    if wanted in all_words():
        return str(wanted)
    found = [_quality(part) for part in accepted.split(",")[:MAX_ACCEPTED]]
    spoken = [(quality, code) for quality, code in found if code in all_words() and quality > 0]
    return max(spoken, key=lambda item: item[0])[1] if spoken else DEFAULT_LANGUAGE


def _quality(part: str) -> tuple[float, str]:
    """How much a language is wanted, and its code: ``de-AT;q=0.8`` is German, wanted by 0.8."""
    name, _, quality = part.partition(";q=")
    try:
        return float(quality or 1), name.strip().lower().partition("-")[0]
    except ValueError:
        return 0, ""


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
