"""Resolves follow-up questions without a model by carrying their subject over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import text as texts
from rag.query.small_talk import small_talk

PERSON = re.compile(r"\b(he|she|him|her|his|hers)\b", re.IGNORECASE)
THING = re.compile(
    r"\b(it|its|they|them|their|theirs|this|that|these|those|"
    r"the (?:company|firm|group|model|team|deal|case|chip|phone|film|game|law|plan|project))\b",
    re.IGNORECASE,
)
# A longer question, in words, is complete in itself.
SHORT = 4
# A model's rewritten question: its length in characters, and the share of its content words that
# may be new ("the film" for "Oppenheimer").
LONGEST_WRITTEN = 400
NEW_WORDS = 0.34
LABEL = re.compile(
    r"^(?:(?:the )?(?:new |rewritten |standalone )?question|written out)\s*:\s*", re.I
)
OWNING = frozenset("his hers their theirs its".split())
OPENING = re.compile(r"^(?:and|but|so|ok(?:ay)?|then|also|well)[,\s]+", re.IGNORECASE)
WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+(?P<new>.+)$", re.IGNORECASE)
# Asks about everything that the previous question asked about.
BARE = re.compile(
    r"^(?:(?:by|for|since|until|to|with|about|against|from|at|in)\s+)?"
    r"(?:why|how|when|where|who|whom|what|which|how (?:much|many|long|often|far|so|come)"
    r"|since when|(?:in )?(?:what|which) (?:way|year|ones?|for))"
    r"(?: (?:not|so|exactly|else|is that|was that|are they|were they|did that happen|then|again))?$"
    r"|^(?:says who|who says (?:so|that)|(?:any|some)(?:one|body|thing|where) else"
    r"|who (?:does not |doesn['’]t )?(?:dis)?agrees?(?: with (?:that|it))?|who (?:objects|denies it"
    r"|denies that)|(?:like|such as) (?:what|who)|for (?:example|instance)|really|are you sure"
    r"|is (?:that|it|this) (?:true|certain|confirmed|so)|according to whom?"
    r"|what (?:do|did) (?:others|the others|critics|people) (?:say|think)(?: about (?:it|that))?)$",
    re.IGNORECASE,
)
# "What is intermittent fasting" is complete in itself; "what is the price" is not.
STANDS = re.compile(
    r"(?:how|why|when|where) (?:do|does|did|is|are|was|were|can|will|has|have) "
    r"(?!(?:the|his|her|its|their|that|this|these|those|it|he|she|they|we|you|i|there|people|users"
    r"|others|critics|experts|fans|customers|investors|prices|shares|sales|workers|players|things"
    r"|articles?)\b)[\w’'-]+ [\w’'-]+"
    r"|(?:what|who)(?:['’]?s| is| are| was| were) (?!(?:the|his|her|its|their|that|this|it|next|new"
    r"|wrong|left|going)\b)"
    r"|(?:tell me (?:more )?about|define|explain|describe) (?!(?:the|that|it)\b)",
    re.IGNORECASE,
)
# A place or time, appended to the earlier question.
IN_FRONT = re.compile(r"(?:in|on|at|for|since|before|after|during|by|from|with)\b", re.IGNORECASE)
# "Is it going to rain": this "it" refers to nothing.
NOTHING = re.compile(
    r"\bit (?:(?:is |was )?(?:going to |gonna )?(?:rain|snow|get (?:cold|dark|hot))|take to"
    r"|(?:is )?(?:true|possible|likely|necessary|important|time|worth|hard|easy) (?:that|to|for)"
    r"|rain(?:s|ed|ing)?\b|snow(?:s|ed|ing)?\b)",
    re.IGNORECASE,
)
# Capitalised words are names, but not these at the start of a question.
NAME = re.compile(
    rf"(?:{texts.CAPITALIZED}|\d{{4}})"
    rf"(?:\s+(?:{texts.NAME_LINK}\s+)?(?:{texts.CAPITALIZED}|\d[\w’'.&-]*))*"
)
OPENERS = frozenset(
    """what who when where why how which whose is are was were do does did has have had can could
    should will would may might tell give compare according in on at by from and but the a an i
    since after before if list name describe explain show summarize""".split()
)

# Names that are too general to be the subject.
GENERAL = frozenset("AI UK US USA U.S EU UN CEO CTO CFO TV PC".split())

# These begin a question, not a name.
ASKS = OPENERS - frozenset("the a an in on at by from since after before according and but".split())

# After "who is the head of Esk", "he" is the head of Esk.
OFFICE = re.compile(
    r"^who(?:['’]?s| is| was)(?: now)? (?P<of>the .+ (?:of|at|for|behind) .+?)(?: now)?$",
    re.IGNORECASE,
)
# Of what these verbs connect, what is told next is about the second: "A accuses B: how did it …?"
# (the "implicit causality" of a verb, Garvey and Caramazza 1974).
ABOUT_THE_SECOND = re.compile(
    r"\b(?:accus|blam|su(?:e[sd]?|ing)\b|charg|fin(?:e[sd]?|ing)\b|punish|prais|criticiz|criticis"
    r"|investigat|condemn|prosecut|banned\b|bans?\b|denounc)\w*",
    re.IGNORECASE,
)
# At most this many words without a question word are a phrase, which is the subject itself.
LONGEST_PHRASE = 6
# After these, "that" refers back.
LEADS = frozenset("did does do is was of about after before for in with by to on at and".split())


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question that is complete in itself.

    Attributes:
        text: The question as it is searched for.
        carried: What was taken from earlier questions; empty if it was complete in itself.
    """

    text: str
    carried: tuple[str, ...] = ()


def resolve(question: str, earlier: Sequence[str]) -> Resolved:
    """The question with the subject that it leaves out, from earlier ones, the oldest first.

    A question with its own subject and no reference to earlier ones changes the topic.
    """
    asked = OPENING.sub("", question.strip()).strip()
    plain = asked.rstrip("?.! ")
    if not earlier or not plain:
        return Resolved(question)
    before = earlier[-1].strip().rstrip("?.! ")
    if small_talk(plain) or small_talk(question):
        return Resolved(question)
    if match := WHAT_ABOUT.match(plain):
        return _what_about(match["new"], before)
    if BARE.match(plain):
        # "Why?" after "since when?" has the same subject, not "since when".
        first, _, last = before.rpartition(": ")
        before = first if first and BARE.match(last) else before
        return Resolved(f"{before}: {plain}?", (before,))
    opened = asked != question.strip()
    subject = _subject(earlier)
    if not subject:
        return Resolved(question)
    own = names(plain)
    if pointed := _pointed(plain, own, subject, _person(earlier) or subject):
        return Resolved(*pointed)
    asks = plain.split()[0].casefold() in ASKS
    if opened and not asks and len(plain.split()) <= SHORT and (own or IN_FRONT.match(plain)):
        return _what_about(plain, before)
    if opened and own and set(own) <= set(names(before)):
        return Resolved(f"{before}: {plain}?", (before,))
    short = len(plain.split()) <= SHORT and len(set(texts.content_stems(plain))) <= 2
    lacks = opened or (short and not STANDS.match(plain))
    if not own and lacks and subject.casefold() not in plain.casefold():
        about = _phrase(before) or ", ".join(names(before)) or subject
        return Resolved(f"{plain}, {about}?", (about,))
    return Resolved(question)


def goes_on(part: str, later: str) -> bool:
    """Whether a later question, as resolved, asks more about everything in ``part``."""
    return part != later and later.startswith(f"{part.strip().rstrip('?.! ')}: ")


def leans(question: str, earlier: Sequence[str]) -> bool:
    """Whether a question may omit something that earlier ones said."""
    if not earlier:
        return False
    points = any(pronouns.search(question) for pronouns in (PERSON, THING))
    short = len(question.split()) <= SHORT + 1
    return points or short or bool(resolve(question, earlier).carried)


def accepted(written: str, question: str, earlier: Sequence[str]) -> str | None:
    """A model's rewritten question, if it is acceptable; else None.

    It must be one line of at most `LONGEST_WRITTEN` characters, consist almost only of words of the
    question and earlier ones, and keep the names in the question.
    """
    lines = [line.strip() for line in written.strip().splitlines() if line.strip()]
    if len(lines) != 1:
        return None
    said = LABEL.sub("", lines[0]).strip(" \"“”'`*")
    stems = set(texts.content_stems(said))
    own = set(texts.content_stems(question))
    known = own.union(*(texts.content_stems(asked) for asked in earlier))
    if not stems or len(said) > LONGEST_WRITTEN or len(stems - known) > NEW_WORDS * len(stems):
        return None
    kept = {stem for name in names(question) for stem in texts.content_stems(name)}
    return said if kept <= stems else None


def _pointed(
    plain: str, own: Sequence[str], thing: str, person: str
) -> tuple[str, tuple[str, ...]] | None:
    """The question with its first pronoun replaced; None if it has none."""
    if NOTHING.search(plain):
        return None
    for pronouns, subject in ((PERSON, person), (THING, thing)):
        match = pronouns.search(plain)
        if match and not _points_inside(plain, match, own):
            return _put(plain, match, subject) + "?", (subject,)
    return None


def _what_about(new: str, before: str) -> Resolved:
    """The earlier question about something else."""
    fresh = re.sub(r"^(?:the|a|an)\s+", "", new)
    if IN_FRONT.match(new):
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
    """The subject of the last questions: the names of the latest that has any, else its words."""
    for question in reversed(earlier):
        if phrase := _phrase(question):
            return phrase
        if found := [name for name in names(question) if name not in GENERAL]:
            return _told_about(question, found)
        if STANDS.match(question):
            return _topic(question)
    # "What is lecanemab?", "does lecanemab work?": the topic that the last question contains too.
    asked = set(texts.words(earlier[-1]))
    topics = [topic for question in earlier if (topic := _topic(question))]
    return next((t for t in topics if set(texts.words(t)) <= asked), _topic(earlier[-1]))


def _told_about(question: str, found: Sequence[str]) -> str:
    """The name that a question goes on about: its first, but of "A accuses B" it is B.

    A second name of two words is mostly a person, who is not an *it*.
    """
    verb = ABOUT_THE_SECOND.search(question)
    after = [name for name in found if verb and question.find(name) > verb.end()]
    return after[0] if after and " " not in after[0] else found[0]


def _person(earlier: Sequence[str]) -> str:
    """The person in the latest question with names: an office's holder, or a full name."""
    for question in reversed(earlier):
        found = names(question)
        if office := OFFICE.match(question.strip().rstrip("?.! ")):
            return office["of"]
        if found:
            return next((name for name in found if " " in name), found[0])
    return ""


def _phrase(question: str) -> str:
    """A question that is only a name or two with a noun (*Esk ferry trial*); else empty.

    Also one that was carried over after a comma: *who won, Esk ferry trial*.
    """
    plain = question.strip().rstrip("?.! ")
    if plain and plain.split()[0].casefold() in ASKS:
        plain = plain.partition(", ")[2]
    words = plain.split()
    asks = not words or words[0].casefold() in ASKS or BARE.match(plain) or ":" in plain
    return "" if asks or len(words) > LONGEST_PHRASE or not names(plain) else plain


def _topic(question: str) -> str:
    """The subject of a question without names: the question without its question words."""
    about = re.search(
        r"\b(?:about|regarding|concerning)\s+(?:the\s+)?(?P<of>.+?)[?.! ]*$", question
    )
    if about:
        return about["of"]
    words = [word for word in re.findall(r"[\w’'-]+", question)]
    if re.match(r"(?:how|why|when|where)\b", question, re.IGNORECASE) and STANDS.match(question):
        # "How do cavefish sleep": a verb follows the subject.
        return str(words[2])
    while words and words[0].casefold() in OPENERS | texts.STOP_WORDS:
        words = words[1:]
    # "who leads anthropic": a verb follows "who".
    if re.match(r"who\s+(?!is\b|was\b|are\b|were\b|has\b|had\b)", question, re.IGNORECASE):
        words = words[1:] if len(words) > 1 else words
    return " ".join(words)


def _points_inside(question: str, match: re.Match[str], own: Sequence[str]) -> bool:
    """Whether the pronoun refers to a name before it in the question, or to nothing."""
    # In "did Biden agree with him" the pronoun is not Biden.
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
