"""Follow-up questions, resolved without a model by carrying their subject over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import text as texts

PERSON = re.compile(r"\b(he|she|him|her|his|hers)\b", re.IGNORECASE)
THING = re.compile(
    r"\b(it|its|they|them|their|theirs|this|that|these|those|"
    r"the (?:company|firm|group|model|team|deal|case|chip|phone|film|game|law|plan|project))\b",
    re.IGNORECASE,
)
# A question of more words says what it is about.
SHORT = 4
OWNING = frozenset("his hers their theirs its".split())
OPENING = re.compile(r"^(?:and|but|so|ok(?:ay)?|then|also)[,\s]+", re.IGNORECASE)
WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+(?P<new>.+)$", re.IGNORECASE)
BARE = re.compile(
    r"^(?:why|how|when|where|who|how (?:much|many|long)|since when|says who|who says (?:so|that))"
    r"(?: (?:not|so|exactly|is that|was that|did that happen|then))?$",
    re.IGNORECASE,
)
# A capitalised run is a name; these open questions and are none.
NAME = re.compile(r"(?:[A-Z][\w’'.&-]*|\d{4})(?:\s+(?:(?:of|the|and|&|de)\s+)?[A-Z0-9][\w’'.&-]*)*")
OPENERS = frozenset(
    """what who when where why how which whose is are was were do does did has have had can could
    should will would may might tell give compare according in on at by from and but the a an i
    since after before if list name describe explain show summarize""".split()
)

# Behind these, "that" points back.
LEADS = frozenset("did does do is was of about after before for in with by to on at and".split())


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question that stands by itself.

    Attributes:
        text: The question as it is searched for.
        carried: What was taken over from earlier questions; empty if it stood by itself.
    """

    text: str
    carried: tuple[str, ...] = ()


def resolve(question: str, earlier: Sequence[str]) -> Resolved:
    """The question with the subject that it leaves out, from earlier ones, the oldest first.

    A question that names a subject of its own and leans on nothing changes the topic.
    """
    asked = OPENING.sub("", question.strip()).strip()
    if not earlier or not asked:
        return Resolved(question)
    before = earlier[-1].strip().rstrip("?.! ")
    plain = asked.rstrip("?.! ")
    if match := WHAT_ABOUT.match(plain):
        return _what_about(match["new"], before)
    if BARE.match(plain):
        return Resolved(f"{before}: {plain}?", (before,))
    opened = asked != question.strip()
    subject = _subject(earlier)
    if not subject:
        return Resolved(question)
    own = names(plain)
    for pronouns in (PERSON, THING):
        match = pronouns.search(plain)
        if match and not _points_inside(plain, match, own):
            return Resolved(_put(plain, match, subject) + "?", (subject,))
    asks = plain.split()[0].casefold() in OPENERS
    if opened and own and not asks and len(plain.split()) <= SHORT:
        return _what_about(plain, before)
    short = len(plain.split()) <= SHORT and len(set(texts.content_stems(plain))) <= 2
    if not own and (opened or short) and subject.casefold() not in plain.casefold():
        return Resolved(f"{plain}, {subject}?", (subject,))
    return Resolved(question)


def _what_about(new: str, before: str) -> Resolved:
    """The earlier question about something else."""
    fresh = re.sub(r"^(?:the|a|an)\s+", "", new)
    if re.match(r"(?:in|on|at|for|since|before|after|during|by|from)\b", new, re.IGNORECASE):
        return Resolved(f"{before} {new}?", (before,))
    old = names(before)
    if old and names(new):
        return Resolved(
            before.replace(old[-1] if len(old) == 1 else old[0], fresh, 1) + "?", (before,)
        )
    return Resolved(f"{before}: {fresh}?", (before,))


def names(question: str) -> tuple[str, ...]:
    """The names in a question, as they are written."""
    found = []
    for match in NAME.finditer(question):
        name = match.group()
        words = name.split()
        while words and words[0].casefold() in OPENERS:
            words = words[1:]
        bare = re.sub(r"['’]s$", "", " ".join(words)).rstrip(".,'’")
        if bare and not bare.isdigit() and bare != "I":
            found.append(bare)
    return tuple(dict.fromkeys(found))


def _subject(earlier: Sequence[str]) -> str:
    """What the last questions were about: the names of the latest with any, else its words."""
    for question in reversed(earlier):
        if found := names(question):
            return found[0]
    return _topic(earlier[-1])


def _topic(question: str) -> str:
    """A question without the words that ask."""
    words = [word for word in re.findall(r"[\w’'-]+", question)]
    while words and words[0].casefold() in OPENERS | texts.STOP_WORDS:
        words = words[1:]
    return " ".join(words)


def _points_inside(question: str, match: re.Match[str], own: Sequence[str]) -> bool:
    """Whether a name in front of the pronoun is what it stands for, or it stands for nothing."""
    # In "did Biden agree with him" the pronoun is somebody else.
    another = match.group().casefold() in ("him", "her") and match.end() == len(question)
    if not another and any(0 <= question.find(name) < match.start() for name in own):
        return True
    # "the phone that folds"
    ahead = question[: match.start()].split()
    return match.group().casefold() == "that" and bool(ahead) and ahead[-1].casefold() not in LEADS


def _put(question: str, match: re.Match[str], subject: str) -> str:
    pronoun = match.group().casefold()
    owned = pronoun in OWNING or (
        pronoun == "her" and bool(re.match(r"\s+\w", question[match.end() :]))
    )
    put = f"{subject}'s" if owned else subject
    return question[: match.start()] + put + question[match.end() :]
