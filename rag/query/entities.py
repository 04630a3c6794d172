"""Entity linking: publishers, authors, titles and categories of a library in a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rag import text as texts
from rag.data import read_outlets
from rag.types import Source

# What follows these marks in a publisher's name is a section or a slogan.
SECTION = re.compile(r"\s+[|–—-]\s+|:\s+")
POSSESSIVE = re.compile(r"['’]s$")
TOKEN = re.compile(r"[^\W_]+(?:['’&.][^\W_]+)*")
# In words, of a publisher's name.
LONGEST_NAME = 8
# In letters: shorter names resemble too many others to be recognised when misspelt.
SHORTEST_MISSPELT = 6
MOST_MISSPELT_WORDS = 3
# Least similarity of a misspelt name, as `rapidfuzz.fuzz.ratio` counts it, 0 to 100. Chosen on the
# misspellings in the tests: one letter in seven may be wrong.
SAME_NAME = 85.0
# In letters: a word of this length does not resemble a name by chance, even in lower case.
NEVER_CHANCE = 8
# Words around a name that show that it is a publisher's, in any spelling.
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
ADJACENT = re.compile(r"\s*(?:,|and|or|vs\.?|versus|&)\s*(?:the\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to name publishers.

    Attributes:
        names: Publishers of the library that it may mean; empty if there are none.
        ambiguous: Whether it is also an ordinary word (Wired, Fortune): it means the publisher
            only where it is written or used as a name.
    """

    names: tuple[str, ...]
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a library, by their normalized form; see `normalize_name`.

    Attributes:
        publishers: By each of their aliases.
        authors: As the articles write them.
        titles: Ids of articles by their titles of three words and more.
        categories: By stem.
        newest: The last day on which an article was published; None if none has a date.
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
        ambiguous: dict[str, bool] = {}
        categories: dict[str, str] = {}
        known = tuple(sources)
        for source in known:
            if source.category:
                categories.setdefault(texts.stem(source.category.casefold()), source.category)
            for alias in aliases(source.publisher) if source.publisher else ():
                key = normalize_name(alias)
                publishers.setdefault(key, {})[source.publisher or ""] = True
                ambiguous.setdefault(key, _is_ambiguous(alias))
            for author in _people(source.author):
                authors.setdefault(normalize_name(author), author)
            if len(source.title.split()) >= 3:
                titles.setdefault(normalize_name(source.title), source.id)
        return cls(
            {key: Alias(tuple(found), ambiguous[key]) for key, found in publishers.items() if key},
            {key: name for key, name in authors.items() if key},
            {key: article for key, article in titles.items() if key},
            categories,
            max((source.published for source in known if source.published), default=None),
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A publisher named in a question.

    Attributes:
        names: Publishers of the library that are meant; empty if there are none.
        text: As the question writes it, at ``start`` to ``end``.
    """

    names: tuple[str, ...]
    text: str
    start: int
    end: int


def aliases(name: str) -> Iterator[str]:
    """A publisher's full name, without section, slogan, ending or article, and its initials."""
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


def find_publishers(question: str, names: Names) -> tuple[Mention, ...]:
    """The publishers that a question names, in order, also those without an article."""
    matches = list(TOKEN.finditer(question))
    # The last word of a name may be a possessive: "TechCrunch's".
    bare = [POSSESSIVE.sub("", match.group()) for match in matches]
    inner = [normalize_name(match.group()) for match in matches]
    ends = list(map(normalize_name, bare))
    found: list[Mention] = []
    # Ordinary words that may be names: they are if they are next to a name.
    doubtful: list[Mention] = []
    place = 0
    while place < len(matches):
        for length in range(min(LONGEST_NAME, len(matches) - place), 0, -1):
            last = place + length - 1
            key = "".join(inner[place:last]) + ends[last]
            if (known := _known(key, length, names)) is None:
                continue
            start, end = matches[place].start(), matches[last].start() + len(bare[last])
            if _is_meant(known, key, question, start, end, alone=length == 1):
                found.append(Mention(known.names, question[start:end], start, end))
                place += length
                break
            if known.names and known.ambiguous:
                doubtful.append(Mention(known.names, question[start:end], start, end))
        else:
            place += 1
    adjacent = [m for m in doubtful if any(_joined(question, m, sure) for sure in found)]
    return tuple(sorted((*found, *adjacent), key=lambda mention: mention.start))


def _joined(question: str, one: Mention, other: Mention) -> bool:
    """Whether two names are listed together, as in *Esk News and the Post*."""
    first, second = sorted((one, other), key=lambda mention: mention.start)
    return bool(ADJACENT.fullmatch(question[first.end : second.start]))


def _known(key: str, length: int, names: Names) -> Alias | None:
    """The alias for a normalized name of ``length`` words, which may be misspelt."""
    if len(key) < 2:
        return None
    if known := names.publishers.get(key):
        return known
    if key in _SHORT_FORMS:
        return names.publishers.get(normalize_name(_SHORT_FORMS[key])) or Alias((), False)
    if key in _WELL_KNOWN:
        return Alias((), _WELL_KNOWN[key])
    return _misspelt(key, names) if length <= MOST_MISSPELT_WORDS else None


def _is_meant(known: Alias, key: str, question: str, start: int, end: int, *, alone: bool) -> bool:
    # A short word in capitals is a name; in lower case it may be anything.
    initials = len(key) <= 4 and alone and key not in _SHORT_FORMS
    if initials and not known.ambiguous and not question[start:end].isupper():
        return False
    of_it = bool(known.names) and ITS_ARTICLES.match(question[end:])
    return not known.ambiguous or bool(of_it) or _is_used_as_name(question, start, end)


def _is_used_as_name(question: str, start: int, end: int) -> bool:
    said = question[start:end]
    words = [word for word in TOKEN.findall(said) if word != "the"]
    named = bool(words) and all(word[0].isupper() for word in words)
    cue = CUE_BEFORE.search(question[:start]) or CUE_AFTER.search(question[end:])
    quoted = question[start - 1 : start] in ("'", '"', "‘", "“")
    first = start == 0
    opens = first and ON.match(question[end:])
    return bool((named and (not first or cue or opens)) or (cue and not first) or quoted)


def is_speaker(question: str, mention: Mention) -> bool:
    """Whether the question asks what a publisher says, not about the publisher."""
    rest = question[mention.end :]
    opens = mention.start == 0 and ON.match(rest)
    return bool(opens or CUE_BEFORE.search(question[: mention.start]) or CUE_AFTER.search(rest))


def _misspelt(key: str, names: Names) -> Alias | None:
    if len(key) < SHORTEST_MISSPELT:
        return None
    match = _closest(key, names.publishers, longer=1)
    # "Fortunes" is another form of the word, not a misspelling.
    if match is None or texts.stem(match) == texts.stem(key):
        return None
    found = names.publishers[match]
    return Alias(found.names, found.ambiguous and len(match) < NEVER_CHANCE)


def _closest(key: str, known: Iterable[str], *, longer: int) -> str | None:
    """The known name that a misspelt one means, if any.

    Args:
        key: The name, normalized; its first letter must be right.
        known: Normalized names.
        longer: By how many letters the two may differ in length.
    """
    near = [name for name in known if name[:1] == key[:1] and abs(len(name) - len(key)) <= longer]
    if not near:
        return None
    from rapidfuzz import fuzz, process

    found = process.extractOne(key, near, scorer=fuzz.ratio, score_cutoff=SAME_NAME)
    return found[0] if found else None


# An author's name follows these, even if it is misspelt.
WRITTEN_BY = re.compile(
    r"\b(?P<of>(?:(?:articles?|pieces?|stor(?:y|ies)|posts?|reviews?|columns?|reports?|anything)"
    r"(?: \w+)?|written|reported|reviewed) by|by)\s+"
    r"(?P<name>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3})",
    re.IGNORECASE,
)
# "What did Ada Quill write about it", "Ada Quill's articles".
WRITES = re.compile(
    r"\bwhat (?:did|does|has) (?P<name>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3}?)\s+"
    r"(?:writes?|written|reports?|reported)\b"
    r"|(?P<owner>[^\W\d_]+(?:[.’'-]*\s+[^\W\d_]+){1,3}?)['’]s?\s+"
    r"(?:articles|pieces|stories|columns?|reporting|coverage)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AuthorMentions:
    """Authors of the library that a question names.

    Attributes:
        names: As the articles write them.
        texts: As the question writes them.
        restrict: Whether it asks only for their articles.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...] = ()
    restrict: bool = False


def find_authors(question: str, names: Names) -> AuthorMentions:
    """The authors that a question names in full, or nearly so after *by* and the like."""
    whole = normalize_name(question)
    found = {name: name for key, name in names.authors.items() if key in whole}
    restrict = False
    for match in (*WRITTEN_BY.finditer(question), *WRITES.finditer(question)):
        groups = match.groupdict()
        words = (groups.get("name") or groups["owner"]).split()
        for text in _two_words_and_more(words, from_end=bool(groups.get("owner"))):
            if key := _closest(normalize_name(text), names.authors, longer=2):
                found[text] = names.authors[key]
                restrict = restrict or (groups.get("of") or "articles by").lower() != "by"
                break
    return AuthorMentions(tuple(dict.fromkeys(found.values())), tuple(found), restrict)


def _two_words_and_more(words: Sequence[str], *, from_end: bool) -> Iterator[str]:
    """The words as one text, then shortened from one end, down to two words."""
    for count in range(len(words), 1, -1):
        yield " ".join(words[-count:] if from_end else words[:count])


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
# Least letters of a category's short form: "tech" for technology.
SHORTEST_CATEGORY = 4


def find_categories(question: str, names: Names) -> tuple[str, ...]:
    """Categories of the library whose articles the question asks for."""
    found = []
    for match in OF_CATEGORY.finditer(question):
        said = next(word for word in match.groups() if word).casefold()
        for stem, name in names.categories.items():
            short = len(said) >= SHORTEST_CATEGORY and stem.startswith(said)
            if texts.stem(said) == stem or short:
                found.append(name)
    return tuple(dict.fromkeys(found))


def find_titles(question: str, names: Names) -> tuple[str, ...]:
    """Ids of the articles whose whole title is in the question."""
    whole = normalize_name(question)
    return tuple(article for key, article in names.titles.items() if key in whole)


def normalize_name(name: str) -> str:
    """Letters and digits in lower case: Tech Crunch is TechCrunch."""
    folded = name.casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def _people(author: str | None) -> Iterator[str]:
    for person in re.split(r",| and |;|&", author or ""):
        if len(person.split()) >= 2:
            yield person.strip()


def _is_ambiguous(alias: str) -> bool:
    words = alias.split()
    if words and words[0].lower() == "the":
        return len(words) == 2
    return len(words) == 1 and alias[:1].isupper() and alias[1:].islower()


# Well-known publishers by normalized name, and whether the name is also an ordinary word.
_WELL_KNOWN = {
    normalize_name(outlet.name): _is_ambiguous(outlet.name)
    for outlet in read_outlets()
    if outlet.in_questions
}
# Short forms that are not words, so that they count in lower case too.
_SHORT_FORMS = {outlet.short.lower(): outlet.name for outlet in read_outlets() if outlet.short}
