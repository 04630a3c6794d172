"""The reading page and the excerpt: an article's own words, with the cited ones marked.

Pure: an article and a span in, escaped HTML out. If the span does not fit the text, nothing is
marked and the page says so, because a wrong mark is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote as percent_encode

from rag import Article, ArticleSummary, Source, is_heading, paragraphs
from ui.html import escape, external_link, format_day, pluralize
from ui.render import byline_html

# Where the pages find their style and their script.
STATIC = "/footnote"
MISPLACED = (
    "The place that this link points to does not lie in the article, so nothing is marked. "
    "The article may have changed since."
)
Marked = tuple[int, int] | None


def valid_span(text: str, start: int | None, end: int | None) -> Marked:
    """The span if it holds at least one visible character of ``text``, else nothing."""
    if start is None or end is None or not 0 <= start < end <= len(text):
        return None
    return (start, end) if text[start:end].strip() else None


def document(title: str, body: str, *, status: str = "") -> str:
    """A whole HTML page around ``body``, which must be escaped already."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Footnote</title>
<link rel="icon" href="{STATIC}/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{STATIC}/page.css">
<link rel="stylesheet" href="{STATIC}/conversations.css">
<script src="{STATIC}/page.js" defer></script>
<script src="{STATIC}/conversations.js" defer></script>
</head>
<body class="paper {status}">
<header class="running-head"><a class="wordmark" href="/">Footnote<sup>1</sup></a>
<nav aria-label="Pages"><a href="/">Ask</a> <a href="/articles">Articles</a>
<a href="/conversations">Conversations</a></nav>
</header>
<main>{body}</main>
</body>
</html>
"""


def reading_html(article: Article, start: int | None = None, end: int | None = None) -> str:
    """The reading page: the whole cleaned article, the span marked if it fits."""
    source = article.source
    marked = valid_span(article.text, start, end)
    asked = start is not None or end is not None
    notice = f'<p class="misplaced" role="status">{MISPLACED}</p>' if asked and not marked else ""
    return document(
        source.title,
        f'<article class="reading"><header>{_kicker(source)}'
        f'<h1 dir="auto">{escape(source.title)}</h1>{_signature(source)}{notice}</header>'
        f'<div class="story">{body_html(article, marked)}</div>'
        f'<p class="ways"><a href="/?article={percent_encode(article.id)}">Ask about this article'
        f"</a></p><footer>{_colophon(article)}</footer></article>",
    )


def body_html(article: Article, marked: Marked, *, only_marked: bool = False) -> str:
    """The article's paragraphs, or only those that the marked span touches.

    A first paragraph that repeats the title is left out of the whole article: it stands above.
    """
    blocks = []
    identity = ' id="cited" tabindex="-1"'
    for number, span in enumerate(paragraphs(article.text)):
        touched = marked and marked[0] < span.end and span.start < marked[1]
        if only_marked and not touched:
            continue
        text = article.text[span.start : span.end]
        if number == 0 and not touched and _same(text, article.source.title):
            continue
        tag = "h2" if is_heading(text) else "p"
        inner = escape(text)
        if touched and marked:
            first = max(marked[0], span.start) - span.start
            last = min(marked[1], span.end) - span.start
            inner = (
                f"{escape(text[:first])}<mark{identity}>{escape(text[first:last])}</mark>"
                f"{escape(text[last:])}"
            )
            identity = ""
        blocks.append(f'<{tag} dir="auto">{inner}</{tag}>')
    return "".join(blocks)


def _same(text: str, title: str) -> bool:
    return text.casefold().split() == title.casefold().split()


def excerpt_html(article: Article, start: int | None, end: int | None) -> str:
    """The fragment that the source panel shows: who, when, and the marked words in place."""
    source = article.source
    marked = valid_span(article.text, start, end)
    address = f"/articles/{percent_encode(article.id)}"
    if marked:
        quoted = f'<blockquote class="story">{body_html(article, marked, only_marked=True)}'
        quoted += "</blockquote>"
        address += f"?start={marked[0]}&end={marked[1]}#cited"
    else:
        quoted = f'<p class="misplaced" role="status">{MISPLACED}</p>'
    return (
        f'<h2 class="source-title" dir="auto">{escape(source.title)}</h2>'
        f'<p class="byline">{byline_html(source)}</p>{quoted}'
        f'<p class="ways"><a class="read-on" href="{escape(address)}">Read in the article</a> '
        f"{external_link(source.url)}</p>"
    )


def _kicker(source: Source) -> str:
    name = source.publisher or source.category
    return f'<p class="kicker" dir="auto">{escape(name)}</p>' if name else ""


def _signature(source: Source) -> str:
    """Author, day and the original address, as far as they are known."""
    day = format_day(source.published)
    parts = [
        f"By {escape(source.author)}" if source.author else "",
        f'<time datetime="{source.published}">{day}</time>' if source.published else "",
        external_link(source.url),
    ]
    line = '<span aria-hidden="true"> · </span>'.join(f"<span>{p}</span>" for p in parts if p)
    return f'<p class="byline">{line}</p>' if line else ""


def _colophon(article: Article) -> str:
    origin = escape(article.source.origin.replace("\\", "/").rsplit("/", 1)[-1])
    left_out = len(article.removed)
    cleaned = (
        f" {pluralize(left_out, 'stretch', 'stretches')} of page furniture "
        f"{'was' if left_out == 1 else 'were'} left out."
        if left_out
        else ""
    )
    return f"<p>Cleaned text, as stored in this library. Read from “{origin}”.{cleaned}</p>"


def unknown_article_html(article_id: str) -> str:
    """The page for an id that no article has."""
    return document(
        "No such article",
        '<div class="reading missing"><p class="kicker">404</p><h1>No such article</h1>'
        f"<p>This library holds no article with the id <code>{escape(article_id[:80])}</code>. "
        "It may have been removed, or the link may be cut short.</p>"
        '<p><a href="/articles">See all articles</a></p></div>',
        status="missing",
    )


def not_found_html() -> str:
    return document(
        "Not found",
        '<div class="reading missing"><p class="kicker">404</p><h1>There is nothing here</h1>'
        '<p><a href="/">Ask a question</a> or <a href="/articles">see all articles</a>.</p></div>',
        status="missing",
    )


def error_page_html(message: str) -> str:
    """The page for an error that the reader can be told about."""
    return document(
        "Not available",
        '<div class="reading missing"><p class="kicker">Not available</p>'
        f"<h1>This page cannot be shown</h1><p>{escape(message)}</p></div>",
        status="missing",
    )


def articles_html(shown: Iterable[ArticleSummary], *, total: int, page: int, pages: int) -> str:
    """The list of articles: title, publisher, day, and a link to each reading page."""
    rows = "".join(
        f'<li><a href="/articles/{percent_encode(item.source.id)}" dir="auto">'
        f"{escape(item.source.title)}</a>"
        f'<span class="byline">{byline_html(item.source)}</span></li>'
        for item in shown
    )
    listing = f'<ol class="shelf">{rows}</ol>' if rows else "<p>There are no articles yet.</p>"
    steps = []
    if page > 1:
        steps.append(f'<a rel="prev" href="/articles?page={page - 1}">Previous</a>')
    if page < pages:
        steps.append(f'<a rel="next" href="/articles?page={page + 1}">Next</a>')
    where = f"<span>Page {page} of {pages}</span>" if pages > 1 else ""
    return document(
        "All articles",
        f'<div class="reading"><header><p class="kicker">{pluralize(total, "article")}</p>'
        f"<h1>All articles</h1></header>{listing}"
        f'<p class="pager">{" ".join([*steps, where])}</p></div>',
    )
