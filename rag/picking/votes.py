"""Yes or no: where one sentence says all that a question asks, in its order, or denies it."""

from __future__ import annotations

import re

from rag import text as texts
from rag.checking import facts
from rag.checking.signals import polarity
from rag.picking.doers import ASIDE, ENDS, LITTLE, base

YES_NO = re.compile(
    r"(?:and |so )?(?:is|are|was|were|did|does|do|has|have|had|can|will)\b", re.IGNORECASE
)
# What takes a statement back, or puts it into somebody's mouth.
OPEN = re.compile(
    r"\b(?:if|whether|unless|or|until|except|almost|nearly|say|says|said|told|tells|asked|believes?"
    r"|thinks?|thought|argue[sd]?|insist(?:s|ed)?|according to|suggest(?:s|ed)?|wonder(?:s|ed)?"
    r"|wants?|den(?:y|ies|ied)|reject(?:s|ed)?|would have)\b|[“”\"]",
    re.IGNORECASE,
)
PRESENT = re.compile(r"(?:and |so )?(?:is|are|does|do|has|have|can|will)\b", re.IGNORECASE)
PAST = re.compile(
    r"\b(?:was|were|had|former(?:ly)?|used to|once|ex-\w+|no longer)\b", re.IGNORECASE
)
# Words of the sentence that may stand among the words that it shares with the question.
LOOSE = 6
NEXT_TO_VERB = re.compile(
    rf"(?:['’]s)?{ASIDE},?(?:\s+(?:{LITTLE}|is|are|was|were|did|does|do|be|been|being|not|both|all|just|already|an?"
    r"|the|\w+n['’]t))*\s+"
)
OWNING = re.compile(r"['’]s?$")
# Words that a sentence need not repeat. "Own", "have", "before" it must, though they are common.
GRAMMAR = frozenset(
    "a an the to of in on at for by with from as and really actually ever any".split()
)
# Between the words: another clause, or another subject that joins the first.
ANOTHER = re.compile(
    r",\s+(?=[A-Z])|[;:—]|\b(?:and|or|nor|while|whereas|but|when|after|before|because|that|which|who"
    r"|whose|as|than|like|unlike|instead)\b",
)
LEADS = re.compile(r"\b(?:of|by|for|with|against|to|from|over|about|under|into|without)\b")
# In front of the first word: that belongs to the subject, and is not it.
OF_SUBJECT = re.compile(
    r"\b(?:of|by|from|for|with|against|to|than|like|unlike|about|over|at|in|on|near|and|or)\s+"
    r"(?:the\s+|an?\s+)?$",
    re.IGNORECASE,
)


def vote(asked: str, sentence: str) -> str:
    """What one sentence says to a yes-or-no question; empty if it leaves it open.

    It must hold all words of the question, in their order and close together in one clause, its
    subject first, and nothing that takes them back: a hedge, somebody's claim, a condition.
    """
    said = window(asked, sentence)
    if not said or OPEN.search(sentence):
        return ""
    if polarity.hedges(sentence) - polarity.hedges(asked):
        return ""
    if facts.negations(asked) or (PRESENT.match(asked) and PAST.search(sentence)):
        return ""
    if not facts.negations(sentence):
        return "Yes"
    denied = polarity.denied(said) & set(_wanted(asked))
    return "No" if facts.negations(said) == 1 and denied else ""


def _wanted(asked: str) -> list[str]:
    words = texts.words(YES_NO.sub("", asked, count=1))
    return [base(word) for word in words if word not in GRAMMAR]


def window(asked: str, sentence: str) -> str:
    """The piece of a sentence that says what a yes-or-no question asks; empty if none does.

    It holds the question's words in their order, close together and in one clause.
    """
    wanted = _wanted(asked)
    spans = list(texts.WORD.finditer(sentence))
    stems = [_stem(span) for span in spans]
    if len(set(wanted)) < 2:
        return ""
    for start in (n for n, stem in enumerate(stems) if stem == wanted[0]):
        places = _places(wanted, stems, start)
        if not places or places[-1] - places[0] > len(wanted) + LOOSE:
            continue
        piece = sentence[spans[start].start() : spans[places[-1]].end()]
        # "Esk's council sold it" tells nothing of Esk.
        owns = any(OWNING.search(spans[n].group()) for n in places[:-1])
        turned = (
            ANOTHER.search(piece) or _led(piece, asked) or not _is_whole(sentence, spans, places)
        )
        of_another = OF_SUBJECT.search(sentence[: spans[start].start()])
        if not turned and not of_another and (not owns or re.search(r"['’]", asked)):
            return piece
    return ""


def _places(wanted: list[str], stems: list[str], start: int) -> list[int]:
    """Where the words stand, one behind the other; nothing if one is missing."""
    places = [start]
    for stem in wanted[1:]:
        found = next((n for n in range(places[-1] + 1, len(stems)) if stems[n] == stem), None)
        if found is None:
            return []
        places.append(found)
    return places


def _is_whole(sentence: str, spans: list[re.Match[str]], places: list[int]) -> bool:
    """Whether no noun of the sentence stands between subject and verb, or behind the last word.

    "Esk riders sued Tarn" tells nothing of Esk, "sued the Tarn council" nothing of Tarn.
    """
    if not re.match(ENDS, sentence[spans[places[-1]].end() :]):
        return False
    named = spans[places[0]].group()[0].isupper()
    verb = next((n for n in range(1, len(places)) if spans[places[n]].group()[0].islower()), None)
    if not named or verb is None:
        return True
    between = sentence[spans[places[verb - 1]].end() : spans[places[verb]].start()]
    return bool(NEXT_TO_VERB.fullmatch(between))


def _led(piece: str, asked: str) -> bool:
    """Whether a preposition that the question has not leads to one of its words."""
    return bool(set(LEADS.findall(piece.casefold())) - set(LEADS.findall(asked.casefold())))


def _stem(word: re.Match[str]) -> str:
    return base(OWNING.sub("", word.group()))
