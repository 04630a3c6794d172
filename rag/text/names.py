"""Words that are written as names."""

from __future__ import annotations

from rag.text.numbers_and_dates import MONTHS, WEEKDAYS
from rag.text.segmentation import sentences
from rag.text.tokenization import STOP_WORDS, WORD, words

# For building patterns: a word with a capital letter. A full stop belongs to it inside (U.S) and
# after an initial, not at the end of a sentence.
CAPITALIZED = r"[A-Z](?:\.(?!\w)|(?:[\w’'&-]|\.(?=\w))*+)"
# These join capitalised words to one name: "Bank of England".
NAME_LINK = r"(?:of|and|&|for|the|de)"


def name_words(text: str) -> frozenset[str]:
    """Words that are written as names: with a capital where grammar asks for none.

    The first word of a sentence counts only if it has a capital or figure inside (DeepSeek, R1)
    or comes before another name word.
    """
    found = set()
    for span in sentences(text):
        sentence = text[span.start : span.end]
        matches = list(WORD.finditer(sentence))
        for position, match in enumerate(matches):
            word = match.group()
            if not _is_written_as_name(word):
                continue
            opens = position == 0 or sentence[: match.start()].rstrip()[-1:] in ':“"‘'
            if opens and not any(c.isupper() or c.isdigit() for c in word[1:]):
                following = matches[position + 1].group() if position + 1 < len(matches) else ""
                if not _is_written_as_name(following) or word.lower() in STOP_WORDS:
                    continue
            lowered = words(word)
            if lowered and lowered[0] not in NOT_NAMES:
                found.add(lowered[0])
    return frozenset(found)


NOT_NAMES = STOP_WORDS.union(MONTHS, WEEKDAYS, "yes no not never ok".split())


def _is_written_as_name(word: str) -> bool:
    return any(character.isupper() for character in word)
