"""The language of a text, and whether it differs from that of others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rag.data import read_words
from rag.text.tokenization import STOP_WORDS, WORD, words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Those that the identifier chooses from: what Snowball stems, and their neighbours.
LANGUAGES = {
    **{"ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german"},
    **{"el": "greek", "en": "english", "es": "spanish", "et": "estonian", "eu": "basque"},
    **{"fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi"},
    **{"hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian"},
    **{"lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish"},
    **{"pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian"},
    **{"sv": "swedish", "ta": "tamil", "tr": "turkish"},
    **{"bg": "bulgarian", "he": "hebrew", "hr": "croatian", "sk": "slovak", "uk": "ukrainian"},
    **{"is": "icelandic", "lv": "latvian", "mk": "macedonian", "sl": "slovenian"},
    **{"sq": "albanian", "vi": "vietnamese"},
}
# Scripts that one language is written in; kana come first, as Japanese has Han too.
ONE_LANGUAGE = (
    (re.compile("[\u3040-\u30ff]"), "japanese"),
    (re.compile("[\uac00-\ud7af]"), "korean"),
    (re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"), "chinese"),
    (re.compile("[\u0e00-\u0e7f]"), "thai"),
)
# A language that is less likely is not named.
LIKELY = 0.5
# A text with this share of English function words, and fewer of any other language, is English.
ENGLISH_SHARE = 1 / 6

FOREIGN_WORDS = read_words("foreign_function_words.txt")
# Fewer words or letters tell no language.
FEWEST_WORDS = 4
FEWEST_LETTERS = 3
# This much of an article, in characters, tells its script.
SAMPLE = 400


@lru_cache(maxsize=4_096)
def language_of(text: str) -> str:
    """The language of a text by its English name, such as ``german``; empty if it is unclear.

    Plain English is known by its function words, without the model.
    """
    if not is_latin(text):
        for script, name in ONE_LANGUAGE:
            if script.search(text):
                return name
        return _identified(text)
    said = words(text)
    english = sum(word in STOP_WORDS for word in said)
    foreign = sum(word in FOREIGN_WORDS and word not in STOP_WORDS for word in said)
    if english > foreign and english >= ENGLISH_SHARE * len(said):
        return "english"
    if not english and not foreign and text.isascii() and len(said) < FEWEST_WORDS:
        return ""
    return _identified(text)


def likely_language(text: str) -> str:
    """The language that a text is in most likely, however unlikely that is."""
    if not is_latin(text):
        for script, name in ONE_LANGUAGE:
            if script.search(text):
                return name
    return LANGUAGES[_identifier().classify(text)[0]]


def _identified(text: str) -> str:
    code, likelihood = _identifier().classify(text)
    return LANGUAGES[code] if likelihood >= LIKELY else ""


@cache
def _identifier() -> LanguageIdentifier:
    # Its model takes most of a second to load.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def is_other_language(sentence: str, articles: Sequence[str]) -> bool:
    """Whether a sentence is written in another script or language than the articles."""
    letters = sum(map(str.isalpha, sentence))
    if letters < FEWEST_LETTERS:
        return False
    latin = is_latin(sentence)
    if articles and all(_begins_latin(text) != latin for text in articles):
        return True
    said = words(sentence)
    if not latin or len(said) < FEWEST_WORDS:
        return False
    foreign = sum(word in FOREIGN_WORDS and word not in STOP_WORDS for word in said)
    english = sum(word in STOP_WORDS for word in said)
    # Letters that English does not have, in words that are not names.
    accented = sum(word.islower() and not word.isascii() for word in WORD.findall(sentence))
    if (foreign < 2 and (not accented or english)) or foreign + accented <= english:
        return False
    known = {word for text in articles for word in words(text)}
    if sum(word in known for word in said) >= len(said) / 2:
        return False
    # A table in the same language may share few words with the sentence.
    found = {language_of(text) for text in articles}
    others = found - {"english", ""}
    # Articles of a few words tell no language, so the sentence's is no other.
    return found != {""} and (not others or likely_language(sentence) not in others)


def is_english(sentence: str) -> bool:
    """Whether a sentence may be English: its script is, and its words are not of other languages.

    A sentence of fewer words than tell may be.
    """
    return is_latin(sentence) and not is_other_language(sentence, ())


def is_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(map(_is_latin_letter, letters)) >= len(letters)


@lru_cache(maxsize=512)
def _begins_latin(text: str) -> bool:
    return is_latin(text[:SAMPLE])


def _is_latin_letter(character: str) -> bool:
    return character < "\u0250" or "\u1e00" <= character <= "\u1eff"
