"""Answers as HTML. Pure: values in, escaped HTML out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from rag import (
    Answer,
    BackendInfo,
    Citation,
    Evidence,
    Footnoted,
    Retrieved,
    Sentence,
    Source,
    Span,
    Usage,
    answer_paragraphs,
)
from ui.html import article_url, render
from ui.words import decimals, listed, say, translated

# What is said about a sentence that is not supported.
VERDICT_WORDS: Mapping[str, str] = {
    "unconfirmed": "unconfirmed",
    "contradicted": "contradicted",
    "not_found": "not_in_articles",
}
EXTRACTIVE = "extractive"
MAX_HEADLINES = 3
# Shorter times are not distinguished.
LEAST_SECONDS = 0.01
# Characters of a passage and of a model's reasoning that are shown.
MAX_PASSAGE_LENGTH = 320
MAX_REASONING_LENGTH = 4_000
# Quotes of one article that are at most this many characters apart share a footnote.
MAX_QUOTE_GAP = 2


class TextPiece(NamedTuple):
    """Part of a sentence; ``doubted`` if no article supports these words."""

    text: str
    doubted: bool = False
    bold: bool = False


class FootnoteLink(NamedTuple):
    label: str
    href: str
    quote: str
    source: Source
    part: str = ""


class SourceView(NamedTuple):
    """A cited article: its footnote number, and what each of its footnotes quotes."""

    number: int
    source: Source
    footnotes: tuple[FootnoteLink, ...]


class SentenceView(NamedTuple):
    """What the templates show of a sentence.

    ``verdict_label`` is empty for a sentence that needs no remark; ``footnotes`` is empty while
    the answer is still in the making.
    """

    verdict: str
    verdict_label: str
    why: str
    pieces: tuple[TextPiece, ...]
    has_citations: bool
    is_introduction: bool
    footnotes: tuple[FootnoteLink, ...] = ()


class ParagraphView(NamedTuple):
    """Sentences as a ``paragraph``, ``heading``, ``row``, ``item`` or ``numbered`` item."""

    block: str
    sentences: tuple[SentenceView, ...]


class ProvenancePart(NamedTuple):
    """Part of the line about an answer's origin; ``sent`` if text left this machine."""

    text: str
    sent: bool = False


class EvidenceView(NamedTuple):
    item: Evidence
    number: int | None
    text: str
    found_by: str


def turn_html(
    question: str,
    body: str,
    *,
    busy: bool = False,
    offer_plain: bool = False,
    number: int | None = None,
    conversation_id: str | None = None,
) -> Markup:
    """One question with the HTML below it; ``offer_plain`` offers an answer without a model."""
    return render(
        "turn.html",
        question=question,
        body=body,
        busy=busy,
        offer_plain=offer_plain,
        number=number,
        conversation_id=conversation_id,
    )


def notice_html(kind: str, title: str, message: str) -> Markup:
    """A message in place of an answer; ``kind`` is ``error`` or ``hint``."""
    return render("notice.html", kind=kind, title=title, message=message)


def pending_answer_html(
    sentences: Iterable[Sentence] = (), draft: str = "", retrieved: Retrieved | None = None
) -> Markup:
    """An answer in the making: verified sentences, unverified text, and what is waited for."""
    model = "" if retrieved is None else written_by(retrieved.backend)
    return render(
        "pending_answer.html",
        paragraphs=_paragraph_views([*sentences]),
        draft=draft,
        retrieved=retrieved,
        model=model,
    )


def stopped_html(sentences: Iterable[Sentence]) -> Markup:
    """The part of an answer that was made before it was stopped."""
    return render("stopped.html", paragraphs=_paragraph_views([*sentences]))


def confirmed(answer: Footnoted) -> str:
    """How many of the sentences that claim something are confirmed."""
    claims = [each.verdict for each in answer.sentences if each.verdict != "no_claim"]
    return say("confirmed", confirmed=claims.count("supported"), n=len(claims))


def written_by(backend: BackendInfo) -> str:
    """The name of the model that writes; empty where the articles are only quoted."""
    return "" if backend.name == EXTRACTIVE else backend.model or backend.name


def answer_html(answer: Answer) -> Markup:
    """A whole answer: its sentences with footnotes, its origin, and the evidence."""
    common = {
        "answer": answer,
        "rewritten_question": reading_of(answer),
        "provenance": _provenance(answer),
    }
    if answer.refused:
        nearest = nearest_articles(answer.evidence)
        # Headlines that a sentence would only name are shown as links instead.
        said = [s for s in answer.sentences if not any(n.source.title in s.text for n in nearest)]
        sentences = [_sentence_view(sentence) for sentence in said]
        return render("refusal.html", **common, sentences=sentences, nearest=nearest)
    reasoning = _shortened(answer.trace.reasoning, MAX_REASONING_LENGTH, between_words=False)
    return render(
        "answer.html",
        **common,
        paragraphs=paragraph_views(answer),
        sources=source_views(answer),
        reasoning=reasoning,
        evidence=_evidence(answer),
        cited_count=len(answer.cited),
    )


def nearest_articles(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The best evidence of each article, best article first."""
    best: dict[str, Evidence] = {}
    for item in evidence:
        best.setdefault(item.source.id, item)
    return tuple(best.values())[:MAX_HEADLINES]


def found_by_key(item: Evidence) -> str:
    """The key of the words that say how a passage was found."""
    if "neighbour" in item.found_by:
        return "found_beside"
    if len(item.found_by) > 1:
        return "found_by_both"
    return "found_by_meaning" if "dense" in item.found_by else "found_by_keywords"


def merge_adjacent(citations: Sequence[Citation]) -> list[tuple[Citation, ...]]:
    """Citations in the order of the text; those that touch within one article as one group."""
    groups: list[tuple[Citation, ...]] = []
    for citation in sorted(citations, key=lambda c: (c.article_id, c.start)):
        last = groups[-1][-1] if groups else None
        if (
            last
            and last.article_id == citation.article_id
            and citation.start <= last.end + MAX_QUOTE_GAP
        ):
            groups[-1] = (*groups[-1], citation)
        else:
            groups.append((citation,))
    return groups


def footnote_links(answer: Footnoted) -> list[tuple[FootnoteLink, ...]]:
    """The footnotes of each sentence.

    An article has one number. Where an answer cites several places of it, each has a letter.
    """
    groups = [merge_adjacent(sentence.citations) for sentence in answer.sentences]
    places: dict[str, list[tuple[int, int]]] = {}
    for group in (group for found in groups for group in found):
        known = places.setdefault(group[0].article_id, [])
        if _span(group) not in known:
            known.append(_span(group))
    sources = {item.source.id: item.source for item in answer.evidence}

    def link(group: Sequence[Citation]) -> FootnoteLink:
        article_id, span = group[0].article_id, _span(group)
        known, number = places[article_id], answer.number_of(article_id)
        label = f"{number}{_letter(known.index(span))}" if len(known) > 1 else str(number)
        quote = " ".join(" ".join(citation.quote.split()) for citation in group)
        part = answer.evidence_of(group[0]).source.part_at(span[0])
        return FootnoteLink(
            label,
            article_url(article_id, *span),
            quote,
            sources[article_id],
            part.label if part else "",
        )

    return [
        tuple(link(g) for g in sorted(found, key=lambda g: answer.number_of(g[0].article_id)))
        for found in groups
    ]


def source_views(answer: Footnoted) -> list[SourceView]:
    """The cited articles by number, with their footnotes in the order of their letters."""
    by_article: dict[str, dict[str, FootnoteLink]] = {}
    for note in (note for notes in footnote_links(answer) for note in notes):
        by_article.setdefault(note.source.id, {})[note.label] = note
    return [
        SourceView(number, source, tuple(by_article[source.id].values()))
        for number, source in answer.cited_sources.items()
    ]


def _span(group: Sequence[Citation]) -> tuple[int, int]:
    return group[0].start, max(citation.end for citation in group)


def _letter(place: int) -> str:
    """``a`` for 0, ``b`` for 1, and a number beyond the alphabet."""
    return chr(ord("a") + place) if place < 26 else f".{place + 1}"


def paragraph_views(answer: Footnoted) -> list[ParagraphView]:
    """A whole answer in paragraphs, with its footnotes."""
    return _paragraph_views(answer.sentences, footnote_links(answer))


def _paragraph_views(
    sentences: Sequence[Sentence], footnotes: Sequence[tuple[FootnoteLink, ...]] = ()
) -> list[ParagraphView]:
    links = footnotes or [()] * len(sentences)
    views = [_sentence_view(*pair) for pair in zip(sentences, links, strict=True)]
    return [
        ParagraphView(block, tuple(views[place] for place in places))
        for block, places in answer_paragraphs(sentences)
    ]


def _sentence_view(sentence: Sentence, footnotes: tuple[FootnoteLink, ...] = ()) -> SentenceView:
    """What is shown of a sentence; its footnotes have numbers only in a whole answer."""
    return SentenceView(
        verdict=sentence.verdict,
        verdict_label=say(VERDICT_WORDS[sentence.verdict])
        if sentence.verdict in VERDICT_WORDS
        else "",
        why=translated(sentence.why.strip()),
        pieces=_pieces(sentence),
        has_citations=bool(sentence.citations),
        is_introduction=sentence.verdict == "no_claim" and sentence.text.rstrip().endswith(":"),
        footnotes=footnotes,
    )


def _pieces(sentence: Sentence) -> tuple[TextPiece, ...]:
    """The sentence's text, divided where it begins or ends to be doubted or bold."""
    spans = (*sentence.doubts, *sentence.emphasis)
    cuts = sorted({0, len(sentence.text), *(at for span in spans for at in span)})

    def inside(spans: Iterable[Span], start: int) -> bool:
        return any(span.start <= start < span.end for span in spans)

    return tuple(
        TextPiece(
            sentence.text[start:end],
            doubted=inside(sentence.doubts, start),
            bold=inside(sentence.emphasis, start),
        )
        for start, end in pairwise(cuts)
    )


def reading_of(answer: Answer) -> str:
    """The question as it was understood."""
    return str(answer.trace.understood.get("text") or answer.question)


def origin(answer: Answer) -> list[ProvenancePart]:
    """Who answered, how much of it is confirmed, and what left the machine."""
    parts = []
    if not answer.refused:
        model = written_by(answer.backend)
        if model:
            parts += [
                ProvenancePart(say("written_by", model=model)),
                ProvenancePart(confirmed(answer)),
            ]
        elif answer.evidence:
            parts.append(ProvenancePart(say("quoted_only")))
    if hosts := answer.trace.left_machine:
        return [*parts, ProvenancePart(say("sent_to", hosts=listed(hosts)), sent=True)]
    return [*parts, ProvenancePart(say("stayed_here"))]


def _provenance(answer: Answer) -> list[ProvenancePart]:
    """The origin, how long it took, how many sources are cited."""
    trace, parts = answer.trace, origin(answer)
    total = trace.seconds.get("total")
    if total is not None:
        key, shown = (
            ("seconds", total) if total >= LEAST_SECONDS else ("under_seconds", LEAST_SECONDS)
        )
        parts.append(ProvenancePart(say(key, seconds=decimals(shown, 2))))
    if trace.usage is not None:
        parts += [ProvenancePart(text) for text in _usage(trace.usage)]
    if answer.cited and not answer.refused:
        # Copies of one article are one source.
        stories = {source.story for source in answer.cited_sources.values()}
        parts.append(ProvenancePart(say("n_sources", n=len(stories))))
    return parts


def _usage(usage: Usage) -> list[str]:
    """Tokens, and their cost where it is known."""
    said = [say("tokens", read=usage.prompt_tokens, written=usage.completion_tokens)]
    return said if usage.cost is None else [*said, say("cost", cost=decimals(usage.cost, 4))]


def _evidence(answer: Answer) -> list[EvidenceView]:
    """All passages that were found, by rank."""
    cited = {item.rank for item in answer.cited}
    return [
        EvidenceView(
            item,
            answer.number_of(item.source.id) if item.rank in cited else None,
            _shortened(item.passage.text, MAX_PASSAGE_LENGTH),
            found_by_key(item),
        )
        for item in answer.evidence
    ]


def _shortened(text: str, most: int, *, between_words: bool = True) -> str:
    if len(text) <= most:
        return text
    start = text[:most].rsplit(None, 1)[0] if between_words else text[:most]
    return f"{start} …"
