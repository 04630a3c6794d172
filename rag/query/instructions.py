"""Strips instructions on how the answer should look: "Make a list.", "in one sentence"."""

from __future__ import annotations

import re

from rag import text as texts
from rag.data import read_words

# What may begin a question, up to a comma or colon, or end it: "in one sentence".
FIRST_PHRASE = re.compile(r"(?P<phrase>[^,:;.?!]+)[,:]\s+(?P<asked>.+)", re.DOTALL)
LAST_PHRASE = re.compile(
    r"(?P<asked>.+?),?\s+(?P<phrase>(?:in|as|with|using|step by step|briefly)\b[^,;.?!]*)"
    r"(?P<end>[?.!]*)",
    re.DOTALL,
)
# A list that exists already need not be made.
DEFINITE = frozenset("the this that these those his her its their".split())
# Words of the form of an answer that are not stop words elsewhere.
LIMITS = frozenset("by no more less than only not most least up".split())
# Words of a question without its instructions.
FEWEST_WORDS = 3


def strip_instructions(question: str) -> str:
    """The question without what it says on the form of the answer; unchanged if nothing is left.

    Its words are not part of what is asked. A backend is given the question as it was asked.
    """
    pieces = [question[span.start : span.end] for span in texts.sentences(question)]
    asked = [piece for piece in pieces if piece.rstrip().endswith("?") or not _is_form(piece)]
    if not asked:
        return question
    bare = question if len(asked) == len(pieces) else " ".join(asked)
    for phrase in (FIRST_PHRASE.fullmatch(bare), LAST_PHRASE.fullmatch(bare)):
        if phrase and _is_new_form(phrase["phrase"]):
            rest = phrase["asked"]
            if len(rest.split()) >= FEWEST_WORDS:
                return rest + phrase.groupdict().get("end", "")
    return bare


def _is_new_form(phrase: str) -> bool:
    return DEFINITE.isdisjoint(texts.words(phrase.casefold())) and _is_form(phrase)


def _is_form(piece: str) -> bool:
    """Whether words speak of nothing but the form of an answer."""
    words = texts.words(piece.casefold())
    form = read_words("answer_form.txt")
    return not form.isdisjoint(words) and all(
        word.isdigit() or word in form or word in LIMITS or word in texts.STOP_WORDS
        for word in words
    )
