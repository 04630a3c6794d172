"""The article pages and the excerpt: an article's own words, with the cited ones marked.

Pure: an article and a span in, escaped HTML out. A span that does not fit the text marks nothing
and the page says so, because a wrong mark is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote as percent_encoded

from markupsafe import Markup

from rag import Article, Part, Span, is_heading, paragraphs
from ui.html import article_url, render, safe_url

MAX_ID_LENGTH = 80
# Words at each end of a longer quote that an address names it by.
FRAGMENT_WORDS = 6


class Block(NamedTuple):
    """A paragraph or a heading; ``is_anchor`` if the first mark of the page is in it.

    ``part`` names the page or chapter of the original that begins with it.
    """

    tag: str
    before: str
    marked: str = ""
    after: str = ""
    is_anchor: bool = False
    part: str = ""


def valid_span(text: str, start: int | None, end: int | None) -> Span | None:
    """The span if it holds at least one visible character of ``text``, else None."""
    if start is None or end is None or not 0 <= start < end <= len(text):
        return None
    return Span(start, end) if text[start:end].strip() else None


def text_blocks(
    text: str, span: Span | None, parts: Sequence[Part] = ()
) -> Iterator[tuple[Block, bool]]:
    """The paragraphs of a text, cut where parts begin, and of each whether the span touches it."""
    anchored = False
    for place, label in _divided(paragraphs(text), parts):
        paragraph = text[place.start : place.end]
        tag = "h2" if is_heading(paragraph) else "p"
        if span is None or place.end <= span.start or span.end <= place.start:
            yield Block(tag, paragraph, part=label), False
            continue
        first = max(span.start, place.start) - place.start
        last = min(span.end, place.end) - place.start
        before, marked, after = paragraph[:first], paragraph[first:last], paragraph[last:]
        yield Block(tag, before, marked, after, is_anchor=not anchored, part=label), True
        anchored = True


def _divided(places: Sequence[Span], parts: Sequence[Part]) -> Iterator[tuple[Span, str]]:
    """Paragraphs, those in which parts begin cut there; with the label of what begins."""
    waiting = list(parts)
    for place in places:
        start, label = place.start, ""
        while waiting and waiting[0].start < place.end:
            part = waiting.pop(0)
            if part.start > start:
                yield Span(start, part.start), label
                start = part.start
            label = part.label
        yield Span(start, place.end), label


def original_address(article: Article, span: Span | None) -> str | None:
    """Where the original opens: a PDF file at its page, a web page at the quoted words."""
    address = article.source.address_at(span.start) if span else article.source.url
    if span is None or address is None or "#" in address:
        return address
    found = f"{address}#:~:text={text_fragment(article.text[span.start : span.end])}"
    return found if safe_url(found) else address


def text_fragment(quote: str) -> str:
    """What names a quote in an address after ``#:~:text=``; browsers scroll to it and mark it.

    Only words of one paragraph are found, so a longer quote is named by its first and last words.
    """
    lines = [line.split() for line in quote.splitlines() if line.strip()]
    ends = [lines[0][:FRAGMENT_WORDS], lines[-1][-FRAGMENT_WORDS:]]
    if len(lines) == 1 and len(lines[0]) <= 2 * FRAGMENT_WORDS:
        ends = lines
    # A dash next to a comma would have a meaning there. What is no character is on no page.
    encoded = (percent_encoded(" ".join(words), safe="", errors="ignore") for words in ends)
    return ",".join(words.replace("-", "%2D") for words in encoded)


def reading_html(article: Article, start: int | None = None, end: int | None = None) -> Markup:
    """The article page: the whole cleaned text, the span marked if it fits.

    A first paragraph that repeats the title is left out unless the span touches it.
    """
    source = article.source
    span = valid_span(article.text, start, end)
    blocks = list(text_blocks(article.text, span, source.parts))
    if blocks and not blocks[0][1] and _same_words(blocks[0][0].before, source.title):
        (first, _), *blocks = blocks
        if blocks and first.part and not blocks[0][0].part:
            blocks[0] = (blocks[0][0]._replace(part=first.part), blocks[0][1])
    return render(
        "article.html",
        source=source,
        original=original_address(article, span),
        misplaced=span is None and (start is not None or end is not None),
        blocks=[block for block, _ in blocks],
        file_name=source.origin.replace("\\", "/").rsplit("/", 1)[-1],
        removed=[removal.text for removal in article.removed],
    )


def excerpt_html(article: Article, start: int | None, end: int | None) -> Markup:
    """The fragment that the source panel shows: the paragraphs that the span touches."""
    span = valid_span(article.text, start, end)
    touched = [
        block for block, touches in text_blocks(article.text, span, article.source.parts) if touches
    ]
    return render(
        "excerpt.html",
        source=article.source,
        original=original_address(article, span),
        misplaced=span is None,
        blocks=touched,
        address=article_url(article.id, *(span or ())),
    )


def unknown_article_html(article_id: str) -> Markup:
    """The page for an id that no article has."""
    return render("unknown_article.html", article_id=article_id[:MAX_ID_LENGTH])


def not_found_html() -> Markup:
    return render("not_found.html")


def unavailable_html(message: str) -> Markup:
    """The page for an error whose message is meant for the visitor."""
    return render("unavailable.html", message=message)


def _same_words(text: str, title: str) -> bool:
    return text.casefold().split() == title.casefold().split()
