"""The values that flow through Footnote: article, passage, evidence, sentence, answer.

All are frozen and checked when built. Offsets count characters of ``Article.text`` from 0,
``end`` excluded. Ranks and footnote numbers count from 1. Ids derive from content and position,
so the same article read twice is the same article.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, NamedTuple
from urllib.parse import quote as percent_encode

Verdict = Literal["supported", "unconfirmed", "contradicted", "not_found", "no_claim"]
# Verdicts that rest on words of an article.
CITING: frozenset[Verdict] = frozenset({"supported", "contradicted"})
# Verdicts that leave nothing to doubt.
QUIET: frozenset[Verdict] = frozenset({"supported", "no_claim"})
# Conversations kept by earlier versions hold neighbours; no search finds any now.
FoundBy = Literal["dense", "keyword", "neighbour"]
SearchMethod = Literal["dense", "keyword", "hybrid"]
# The part of Markdown that a sentence begins; "" inside a paragraph.
Block = Literal["", "paragraph", "heading", "item", "numbered", "row"]
MARKDOWN_OF_BLOCKS = {"heading": "### ", "item": "- ", "numbered": "1. "}

# The answer when the articles do not answer the question; prompts and verification share it.
REFUSAL = "The articles do not say."

# Leads every hashed identity, so that a later change of the recipe cannot collide with this one.
ID_RECIPE = "article-1"

# What Markdown reads as a link, an image, code or HTML.
ACTIVE_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`[]<>!"})


class Span(NamedTuple):
    """A stretch of a text, ``end`` excluded."""

    start: int
    end: int


class Part(NamedTuple):
    """Where a page or chapter of an article begins.

    ``label`` names it, as in ``p. 7``; ``start`` counts characters of the article; ``anchor`` is
    what an address of the original takes after ``#``, or empty.
    """

    label: str
    start: int
    anchor: str = ""


class Copy(NamedTuple):
    """An article that nearly repeats another one; ``name`` is its publisher, or else its title."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article comes from.

    ``origin`` is the file name or address that it was read from; ``published`` is a day. Text of
    an article with ``keep_local`` goes to no other machine, whatever the settings allow. ``parts``
    are its pages or chapters, in order; evidence knows those that it lies in, and the ``copies``.
    """

    id: str
    title: str
    origin: str = field(kw_only=True)
    url: str | None = field(default=None, kw_only=True)
    publisher: str | None = field(default=None, kw_only=True)
    author: str | None = field(default=None, kw_only=True)
    published: date | None = field(default=None, kw_only=True)
    category: str | None = field(default=None, kw_only=True)
    keep_local: bool = field(default=False, kw_only=True)
    parts: tuple[Part, ...] = field(default=(), kw_only=True)
    copies: tuple[Copy, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if not self.id or not self.title or not self.origin:
            raise ValueError("a source needs an id, a title and an origin")

    @property
    def story(self) -> str:
        """The same for an article and its copies, which are one source and not several."""
        return min((self.id, *(copy.id for copy in self.copies)))

    @property
    def also_in(self) -> str:
        """How many copies there are, as ``also in 2 others``; empty for none."""
        count = len(self.copies)
        return f"also in {count:,} other{'s' * (count > 1)}" if count else ""

    @property
    def byline(self) -> str:
        """Publisher, author and date, as far as they are known, on one line."""
        day = self.published.isoformat() if self.published else None
        return " · ".join(part for part in (self.publisher, self.author, day) if part)

    def part_at(self, offset: int) -> Part | None:
        """The page or chapter that a character lies in."""
        return next((part for part in reversed(self.parts) if part.start <= offset), None)

    def address_at(self, offset: int) -> str | None:
        """The article's address, with the page that a character lies on."""
        part = self.part_at(offset)
        anchored = self.url and part and part.anchor and "#" not in self.url
        return f"{self.url}#{part.anchor}" if part and anchored else self.url

    def within(self, start: int, end: int) -> Source:
        """The same source with only those parts that a stretch lies in."""
        if not self.parts:
            return self
        first, inside = self.part_at(start), self.parts
        return replace(self, parts=tuple(p for p in inside if p == first or start < p.start < end))


class Fact(NamedTuple):
    """What is known about an article, and where it was said, such as ``JSON-LD``."""

    value: str
    source: str


class Removal(NamedTuple):
    """Page furniture that was taken out of an article, and by which rule."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned source document. Paragraphs are separated by one empty line.

    ``facts`` tell by name (title, published, updated, …) what was said about it, and where.
    """

    source: Source
    text: str
    removed: tuple[Removal, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.source.id

    @classmethod
    def build(
        cls,
        text: str,
        *,
        title: str,
        origin: str,
        url: str | None = None,
        publisher: str | None = None,
        author: str | None = None,
        published: date | None = None,
        category: str | None = None,
        keep_local: bool = False,
        removed: Iterable[Removal] = (),
    ) -> Article:
        """An article whose id is the hash of its text and of what is known about it.

        The origin is left out: the same article under two file names is one article.
        """
        day = published.isoformat() if published else None
        digest = hashlib.sha256()
        for part in (ID_RECIPE, text, title, url, publisher, author, day, category):
            # The length keeps ("ab", "c") apart from ("a", "bc"), -1 nothing from "".
            encoded = b"" if part is None else part.encode("utf-8", "surrogatepass")
            digest.update(f"{-1 if part is None else len(encoded)}:".encode() + encoded)
        if keep_local:
            # Makes another article of it, so that an ingest notices the line that was added.
            digest.update(b"keep_local")
        source = Source(
            digest.hexdigest()[:16],
            title,
            origin=origin,
            url=url,
            publisher=publisher,
            author=author,
            published=published,
            category=category,
            keep_local=keep_local,
        )
        return cls(source, text, tuple(removed))


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article: ``text == article.text[start:end]``."""

    article_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        check_span(self.start, self.end, self.text)

    @property
    def id(self) -> str:
        return f"{self.article_id}:{self.start}-{self.end}"


def parse_passage_id(passage_id: str) -> tuple[str, int, int]:
    """Article id, start and end: what `Passage.id` is made of."""
    article_id, _, span = passage_id.rpartition(":")
    start, _, end = span.partition("-")
    return article_id, int(start), int(end)


def article_of_passage(passage_id: str) -> str:
    """The article id in a passage id."""
    return passage_id.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that was found for a question.

    ``rank`` counts from 1. ``score`` has no fixed range: it orders the evidence of one question
    and nothing else.
    """

    passage: Passage
    source: Source
    rank: int
    score: float
    found_by: tuple[FoundBy, ...]

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise ValueError(f"ranks count from 1, not from {self.rank}")
        if self.source.id != self.passage.article_id:
            raise ValueError("a passage and its source must be of the same article")

    def holds(self, citation: Citation) -> bool:
        """Whether the cited stretch lies inside this passage."""
        passage = self.passage
        return (
            passage.article_id == citation.article_id
            and passage.start <= citation.start
            and citation.end <= passage.end
        )

    def touches(self, citation: Citation) -> bool:
        """Whether the cited stretch lies at least in part inside this passage."""
        passage = self.passage
        same = passage.article_id == citation.article_id
        return same and citation.start < passage.end and passage.start < citation.end

    def to_dict(self) -> dict[str, Any]:
        return {
            "n": self.rank,
            "article_id": self.source.id,
            "title": self.source.title,
            "start": self.passage.start,
            "end": self.passage.end,
            "text": self.passage.text,
            "score": round(self.score, 6),
            "found_by": list(self.found_by),
            "copies": [copy.id for copy in self.source.copies],
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """An article's own words: ``quote == article.text[start:end]``, at any later time."""

    article_id: str
    start: int
    end: int
    quote: str

    def __post_init__(self) -> None:
        check_span(self.start, self.end, self.quote)

    @property
    def link(self) -> str:
        """Path of the reading page that marks the quoted words."""
        return f"/articles/{percent_encode(self.article_id)}?start={self.start}&end={self.end}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without citation marks.

    ``verdict`` is ``supported``, ``unconfirmed`` (the check cannot tell; the citations are the
    nearest words, if there are any), ``contradicted`` (the cited words say otherwise),
    ``not_found`` (no article speaks of it) or ``no_claim``. ``support`` is in 0..1. ``why`` is one
    readable line. ``doubts`` are the stretches of ``text`` that the articles do not bear out.
    ``confirmed_by`` says who found it supported: ``code``, ``reader``, or a judge's name; None if
    nobody did. ``block`` is the part of Markdown that the draft began with it; ``emphasis`` are the
    stretches of ``text`` that it set in bold.
    """

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    support: float
    why: str
    doubts: tuple[Span, ...] = ()
    confirmed_by: str | None = None
    block: Block = ""
    emphasis: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.support <= 1.0:
            raise ValueError(f"support is in 0..1, not {self.support}")
        if self.verdict in CITING and not self.citations:
            raise ValueError(f"a sentence that is {self.verdict} must cite something")


class Paragraph(NamedTuple):
    """A part of an answer, and the indexes of its sentences."""

    block: Block
    places: tuple[int, ...]


def answer_paragraphs(sentences: Iterable[Sentence]) -> tuple[Paragraph, ...]:
    """The sentences as a reader sees them: in paragraphs, headings, items and rows of tables.

    A sentence that claims nothing begins a paragraph, too: it introduces what follows, or says
    what is missing.
    """
    found: list[tuple[Block, list[int]]] = []
    for place, sentence in enumerate(sentences):
        alone = bool(found) and found[-1][0] in ("heading", "row")
        if sentence.block or sentence.verdict == "no_claim" or alone or not found:
            found.append((sentence.block or "paragraph", []))
        found[-1][1].append(place)
    return tuple(Paragraph(block, tuple(places)) for block, places in found)


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What drafted an answer. ``location`` is ``local`` or a country."""

    name: str
    model: str | None = None
    location: str = "local"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A backend that was tried and left, and why."""

    backend: str
    why: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the backend counted them, and the cost in the currency of the price, if set."""

    prompt_tokens: int
    completion_tokens: int
    cost: float | None = None

    def __str__(self) -> str:
        cost = "" if self.cost is None else f", cost {self.cost:.4f}"
        return f"{self.prompt_tokens:,} tokens read, {self.completion_tokens:,} written{cost}"

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call to a backend elsewhere: when (UTC), where to, and which articles' text went.

    ``characters`` counts the whole prompt; 0 is a call that carried no text.
    """

    at: str
    backend: str
    model: str | None
    host: str
    location: str
    characters: int
    articles: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"articles": list(self.articles)}


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about. ``seconds`` has the keys retrieve, draft, verify, total.

    ``left_machine`` holds the hosts that got text, ``notes`` what a reader should know about the
    draft, ``reasoning`` what a model thought before it answered (never part of the answer).
    ``chance`` is the probability, 0..1, that the evidence answers the question;
    ``understood`` is the parsed question, as `rag.query.Query.to_dict` gives it.
    """

    seconds: Mapping[str, float]
    tried: tuple[Attempt, ...] = ()
    left_machine: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasoning: str = ""
    usage: Usage | None = None
    chance: float | None = None
    understood: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "seconds": {stage: round(value, 6) for stage, value in self.seconds.items()},
            "tried": [{"backend": a.backend, "why": a.why} for a in self.tried],
            "left_machine": list(self.left_machine),
            "notes": list(self.notes),
            "reasoning": self.reasoning,
            "usage": self.usage.to_dict() if self.usage else None,
            "chance": None if self.chance is None else round(self.chance, 4),
            "understood": dict(self.understood),
        }


class Footnoted:
    """Sentences with the evidence that they cite; each article has one footnote number."""

    __slots__ = ()
    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]

    @property
    def summary(self) -> str:
        """How many sentences are confirmed, such as ``5 of 6 sentences confirmed``."""
        claims = [each for each in self.sentences if each.verdict != "no_claim"]
        confirmed = sum(each.verdict == "supported" for each in claims)
        noun = "sentence" if len(claims) == 1 else "sentences"
        return f"{confirmed} of {len(claims)} {noun} confirmed"

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """The evidence that some citation lies in, by rank."""
        holding = {self.evidence_of(c).rank for s in self.sentences for c in s.citations}
        return tuple(e for e in self.evidence if e.rank in holding)

    @property
    def cited_sources(self) -> dict[int, Source]:
        """The articles that are cited, by footnote number."""
        return {self.number_of(item.source.id): item.source for item in self.cited}

    def number_of(self, article_id: str) -> int:
        """The footnote number of an article: its place, from 1, among those of the evidence."""
        order = dict.fromkeys(item.source.id for item in self.evidence)
        return list(order).index(article_id) + 1

    def evidence_of(self, citation: Citation) -> Evidence:
        """The first evidence that holds a citation, or the part of it where it begins to.

        Raises:
            ValueError: The citation does not belong to this answer.
        """
        for holds in (Evidence.holds, Evidence.touches):
            for item in self.evidence:
                if holds(item, citation):
                    return item
        raise ValueError(f"{citation} does not lie in the evidence of this answer")

    def sentence_dicts(self) -> list[dict[str, Any]]:
        """The sentences as plain JSON values, each citation with the number of its footnote."""
        return [
            {
                "text": sentence.text,
                "verdict": sentence.verdict,
                "confirmed_by": sentence.confirmed_by,
                "block": sentence.block,
                "emphasis": [list(span) for span in sentence.emphasis],
                "support": round(sentence.support, 4),
                "why": sentence.why,
                "doubts": [list(span) for span in sentence.doubts],
                "citations": [self._citation_dict(c) for c in sentence.citations],
            }
            for sentence in self.sentences
        ]

    def evidence_dicts(self) -> list[dict[str, Any]]:
        """The evidence as plain JSON values, each with the number of its article's footnote."""
        return [item.to_dict() | {"n": self.number_of(item.source.id)} for item in self.evidence]

    def _citation_dict(self, citation: Citation) -> dict[str, Any]:
        source = self.evidence_of(citation).source
        part = source.part_at(citation.start)
        return {
            "n": self.number_of(source.id),
            "article_id": citation.article_id,
            "title": source.title,
            "publisher": source.publisher,
            "published": source.published.isoformat() if source.published else None,
            "url": source.address_at(citation.start),
            "part": part.label if part else None,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
            "link": citation.link,
            "copies": [copy.id for copy in source.copies],
        }


@dataclass(frozen=True, slots=True)
class Answer(Footnoted):
    """What Footnote says to a question.

    ``refused`` is true when the articles do not say it: a normal answer, not an error.
    ``complete`` is false when a model's stream broke off.
    """

    question: str
    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]
    backend: BackendInfo
    refused: bool
    complete: bool
    trace: Trace

    @property
    def text(self) -> str:
        """The sentences in order, without marks."""
        return " ".join(sentence.text for sentence in self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON values, the same from CLI, HTTP and MCP."""
        return {
            "question": self.question,
            "text": self.text,
            "refused": self.refused,
            "complete": self.complete,
            "backend": {
                "name": self.backend.name,
                "model": self.backend.model,
                "location": self.backend.location,
            },
            "summary": self.summary,
            "sentences": self.sentence_dicts(),
            "evidence": self.evidence_dicts(),
            "trace": self.trace.to_dict(),
        }

    def to_markdown(self, prefix: str = "") -> str:
        """The answer with ``[^n]`` footnotes, each with its quotes, title and address.

        ``prefix`` leads every number, for several answers in one document. What Markdown would
        read as a link, an image or HTML is shown as it is written.
        """
        quotes: dict[int, dict[str, str]] = {}
        said = []
        for sentence in self.sentences:
            numbers = []
            for citation in sentence.citations:
                n = self.number_of(citation.article_id)
                part = self.evidence_of(citation).source.part_at(citation.start)
                where = f" ({part.label})" if part else ""
                quotes.setdefault(n, {}).setdefault(citation.quote, where)
                if n not in numbers:
                    numbers.append(n)
            note = "" if sentence.verdict in QUIET else f" *({sentence.why})*"
            marks = "".join(f"[^{prefix}{n}]" for n in numbers)
            said.append(inert(sentence.text) + marks + inert(note))
        body = [
            MARKDOWN_OF_BLOCKS.get(block, "") + " ".join(said[n] for n in places)
            for block, places in answer_paragraphs(self.sentences)
        ]
        notes = []
        for n, source in self.cited_sources.items():
            about = ", ".join(p for p in (source.title, source.byline, source.url) if p)
            quoted = " … ".join(f"“{' '.join(q.split())}”{at}" for q, at in quotes[n].items())
            more = f" ({source.also_in})" if source.copies else ""
            notes.append(f"[^{prefix}{n}]: " + inert(f"{about}: {quoted}{more}"))
        return "\n\n".join(part for part in (*body, "\n".join(notes)) if part) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles a question may be answered from. Empty fields do not restrict.

    ``after`` and ``before`` are days, both included; an article without a date fails them.
    ``articles`` and ``not_articles`` hold ids. Publishers, authors and categories ignore case.
    ``ignoring`` restricts nothing: it names what `answer` should overlook in the question (a
    publisher, author, category or article's id, a period as ``2024-03-01..2024-03-31``).
    """

    publishers: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    articles: tuple[str, ...] = ()
    not_articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()

    def merged(self, given: Filters | None) -> Filters:
        """These filters, which a question's words set, with those given by the caller.

        A field that is given takes precedence.
        """
        if given is None:
            return self
        return replace(
            given,
            publishers=given.publishers or self.publishers,
            categories=given.categories or self.categories,
            articles=given.articles or self.articles,
            after=given.after or self.after,
            before=given.before or self.before,
            authors=given.authors or self.authors,
        )

    def allows(self, source: Source) -> bool:
        if self.articles and source.id not in self.articles:
            return False
        if source.id in self.not_articles:
            return False
        if self.publishers and _folded(source.publisher) not in map(_folded, self.publishers):
            return False
        if self.categories and _folded(source.category) not in map(_folded, self.categories):
            return False
        if self.authors and not any(_folded(a) in _folded(source.author) for a in self.authors):
            return False
        if self.after and (source.published is None or source.published < self.after):
            return False
        return not (self.before and (source.published is None or source.published > self.before))


def _folded(name: str | None) -> str:
    return (name or "").casefold().strip()


def inert(text: str) -> str:
    """Text that Markdown shows as it is written: it makes no link, image or HTML."""
    return text.translate(ACTIVE_MARKDOWN)


def check_span(start: int, end: int, text: str) -> None:
    """Refuses a span that cannot hold the text.

    Raises:
        ValueError: ``start`` is negative, or ``end - start`` is not the text's length.
    """
    if start < 0 or end - start != len(text):
        raise ValueError(f"the span {start}-{end} cannot hold {len(text)} characters")
