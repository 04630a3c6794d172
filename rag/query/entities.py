"""Recognising the publishers, authors and titles of a library in a question."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from rag import text as texts
from rag.data import read_outlets
from rag.types import Source

# What follows these marks in a publisher's name is a section or a slogan.
SECTION = re.compile(r"\s+[|–—-]\s+|:\s+")
POSSESSIVE = re.compile(r"['’]s$")
TOKEN = re.compile(r"[^\W_]+(?:['’&.][^\W_]+)*")
# A publisher's name has at most so many words.
LONGEST_NAME = 8
# Misspelt names: shorter ones have too many neighbours; the ratio is difflib's, 0..1.
SHORTEST_MISSPELT = 6
MOST_MISSPELT_WORDS = 3
SAME_NAME = 0.85
# A word so long is not near a name by chance, also in lower case.
NEVER_CHANCE = 8
# Words around a name that say that it is a publisher's, however it is written.
CUE_BEFORE = re.compile(
    r"\b(?:according to|reported (?:by|in)|(?:articles?|report|story|stories|coverage|headlines) "
    r"(?:by|from|in|on)|published (?:by|in)|covered by)\s+(?:the )?['\"‘“]?$",
    re.IGNORECASE,
)
CUE_AFTER = re.compile(
    r"^['\"’”]?(?:['’]s)?\s*(?:articles?|reports?|reported|reporting|stor(?:y|ies)|pieces?|coverage|says?|"
    r"said|wr(?:i|o)tes?|claim(?:s|ed)?|suggest(?:s|ed)?|cover(?:s|ed)|published)\b",
    re.IGNORECASE,
)
# "Reuters on the strike".
ON = re.compile(r"\s+(?:on|about)\b", re.IGNORECASE)
# "Polygon articles about Esk", also where it opens the question in lower case.
ITS_ARTICLES = re.compile(
    r"^(?:['’]s)?\s+(?:articles|stories|news|coverage|headlines)\b"
    r"(?=\s+(?:about|on|by|from|since|before|regarding)\b|[?.! ]*$)",
    re.IGNORECASE,
)
BESIDE = re.compile(r"\s*(?:,|and|or|vs\.?|versus|&)\s*(?:the\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to name something.

    ``plain`` is true for a single ordinary-looking word (Wired, Fortune), which stands for the
    publisher only where it is written as a name or stands like one.
    """

    names: tuple[str, ...]
    plain: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What a library calls its publishers, authors and titles, by squashed short form.

    Attributes:
        categories: By stem.
        newest: The last day on which an article was published; None where none has a date.
    """

    publishers: Mapping[str, Alias]
    authors: Mapping[str, str]
    titles: Mapping[str, str]
    categories: Mapping[str, str] = field(default_factory=dict)
    newest: date | None = None

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Names:
        publishers: dict[str, dict[str, bool]] = {}
        authors: dict[str, str] = {}
        titles: dict[str, str] = {}
        plain: dict[str, bool] = {}
        categories: dict[str, str] = {}
        known = tuple(sources)
        for source in known:
            if source.category:
                categories.setdefault(texts.stem(source.category.casefold()), source.category)
            for alias in short_forms(source.publisher) if source.publisher else ():
                publishers.setdefault(squashed(alias), {})[source.publisher or ""] = True
                plain.setdefault(squashed(alias), _is_plain(alias))
            for author in _people(source.author):
                authors.setdefault(squashed(author), author)
            if len(source.title.split()) >= 3:
                titles.setdefault(squashed(source.title), source.id)
        return cls(
            {key: Alias(tuple(found), plain[key]) for key, found in publishers.items() if key},
            authors,
            titles,
            categories,
            max((source.published for source in known if source.published), default=None),
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A publisher named in a question at ``start`` to ``end``; no names if none of the library."""

    names: tuple[str, ...]
    said: str
    start: int
    end: int


def short_forms(name: str) -> Iterator[str]:
    """A publisher's name, without its section or slogan, and its initials."""
    head = SECTION.split(name, maxsplit=1)[0].strip() or name
    bare = re.sub(r"\.(?:com|org|net|co\.uk)$", "", head, flags=re.IGNORECASE)
    yield from dict.fromkeys((name, head, bare))
    words = [word for word in TOKEN.findall(bare)]
    if words and words[0].lower() == "the" and len(words) > 2:
        yield " ".join(words[1:])
    capitals = [w[0] for w in words if w[0].isupper() and w.lower() != "the"]
    if len(capitals) >= 2 and len("".join(capitals)) >= 2:
        yield "".join(capitals)
    if words and words[0].isupper() and len(words) > 1 and len(words[0]) >= 3:
        yield words[0]


def publishers(question: str, names: Names) -> tuple[Mention, ...]:
    """The publishers that a question names, in order, those of no article among them."""
    matches = list(TOKEN.finditer(question))
    # The ends of a name may own something: "TechCrunch's".
    plain = [POSSESSIVE.sub("", match.group()) for match in matches]
    inner = [squashed(match.group()) for match in matches]
    found: list[Mention] = []
    # Ordinary words that may be names: they are where one stands beside a name.
    doubtful: list[Mention] = []
    place = 0
    while place < len(matches):
        for length in range(min(LONGEST_NAME, len(matches) - place), 0, -1):
            last = place + length - 1
            key = "".join(inner[place:last]) + squashed(plain[last])
            if (known := _known(key, length, names)) is None:
                continue
            start, end = matches[place].start(), matches[last].start() + len(plain[last])
            if _is_meant(known, key, question, start, end, alone=length == 1):
                found.append(Mention(known.names, question[start:end], start, end))
                place += length
                break
            if known.names and known.plain:
                doubtful.append(Mention(known.names, question[start:end], start, end))
        else:
            place += 1
    beside = [m for m in doubtful if any(_joined(question, m, sure) for sure in found)]
    return tuple(sorted((*found, *beside), key=lambda mention: mention.start))


def _joined(question: str, one: Mention, other: Mention) -> bool:
    """Whether two names stand beside each other as in *Esk News and the Post*."""
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return bool(BESIDE.fullmatch(question[first.end : second.start]))


def _known(key: str, length: int, names: Names) -> Alias | None:
    """What so many words, squashed, may name; nearly the right letters suffice."""
    if len(key) < 2:
        return None
    if known := names.publishers.get(key):
        return known
    if key in _SHORT_FORMS:
        return names.publishers.get(squashed(_SHORT_FORMS[key])) or Alias((), False)
    if key in _WELL_KNOWN:
        return Alias((), _WELL_KNOWN[key])
    return _misspelt(key, names) if length <= MOST_MISSPELT_WORDS else None


def _is_meant(known: Alias, key: str, question: str, start: int, end: int, *, alone: bool) -> bool:
    # A short word in capitals is a name; the same letters in lower case may be anything.
    initials = len(key) <= 4 and alone and key not in _SHORT_FORMS
    if initials and not known.plain and not question[start:end].isupper():
        return False
    of_it = bool(known.names) and ITS_ARTICLES.match(question[end:])
    return not known.plain or bool(of_it) or _stands_as_name(question, start, end)


def _stands_as_name(question: str, start: int, end: int) -> bool:
    said = question[start:end]
    words = [word for word in TOKEN.findall(said) if word != "the"]
    named = bool(words) and all(word[0].isupper() for word in words)
    cue = CUE_BEFORE.search(question[:start]) or CUE_AFTER.search(question[end:])
    quoted = question[start - 1 : start] in ("'", '"', "‘", "“")
    first = start == 0
    opens = first and ON.match(question[end:])
    return bool((named and (not first or cue or opens)) or (cue and not first) or quoted)


def is_asked(question: str, mention: Mention) -> bool:
    """Whether a publisher is to say something, and is not what something is said of."""
    behind = question[mention.end :]
    opens = mention.start == 0 and ON.match(behind)
    return bool(opens or CUE_BEFORE.search(question[: mention.start]) or CUE_AFTER.search(behind))


def _misspelt(key: str, names: Names) -> Alias | None:
    if len(key) < SHORTEST_MISSPELT:
        return None
    near = [
        name for name in names.publishers if name[0] == key[0] and abs(len(name) - len(key)) <= 1
    ]
    for match in difflib.get_close_matches(key, near, 1, SAME_NAME) if near else ():
        # "Fortunes" is another form of a word, not a slip of the pen.
        if texts.stem(match) != texts.stem(key):
            found = names.publishers[match]
            return Alias(found.names, found.plain and len(match) < NEVER_CHANCE)
    return None


# "Sports articles", "news in technology": what kind of article is to be read.
OF_CATEGORY = re.compile(
    r"\b(?P<before>[^\W\d_]{4,}) "
    r"(?:articles?|stories|news|coverage|section|pages|headlines|pieces)\b"
    r"|\b(?:articles?|stories|news|coverage|pieces) (?:in|from|under|on|about) "
    r"(?P<after>[^\W\d_]{4,})"
    r"(?=\s*[?.,;:]|\s*$|\s+(?:that|which|about|on|say)\b)"
    r"|\bcategory (?P<named>[^\W\d_]{4,})",
    re.IGNORECASE,
)
# A shorter beginning of a category's name is not its short form: "tech" is one of technology.
SHORTEST_CATEGORY = 4


def categories(question: str, names: Names) -> tuple[str, ...]:
    """Categories of the library whose articles the question asks for."""
    found = []
    for match in OF_CATEGORY.finditer(question):
        said = next(word for word in match.groups() if word).casefold()
        for stem, name in names.categories.items():
            short = len(said) >= SHORTEST_CATEGORY and stem.startswith(said)
            if texts.stem(said) == stem or short:
                found.append(name)
    return tuple(dict.fromkeys(found))


def articles(question: str, names: Names) -> tuple[str, ...]:
    """Ids of the articles whose whole title stands in the question."""
    whole = squashed(question)
    return tuple(article for key, article in names.titles.items() if key in whole)


def squashed(name: str) -> str:
    """Letters and digits in lower case, so that Tech Crunch is TechCrunch."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _people(author: str | None) -> Iterator[str]:
    for person in re.split(r",| and |;|&", author or ""):
        if len(person.split()) >= 2:
            yield person.strip()


def _is_plain(alias: str) -> bool:
    words = alias.split()
    if words and words[0].lower() == "the":
        return len(words) == 2
    return len(words) == 1 and alias[:1].isupper() and alias[1:].islower()


# Names that a reader may ask for though a library does not hold them; whether each is plain.
_WELL_KNOWN = {squashed(o.name): _is_plain(o.name) for o in read_outlets() if o.in_questions}
# Short forms that are no words, so that they count in lower case too.
_SHORT_FORMS = {o.short.lower(): o.name for o in read_outlets() if o.short}
