"""Pages of kept conversations, and what is said of articles that left. Values in, HTML out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote as percent_encode

from rag import (
    Answer,
    ArchivedPassage,
    Citation,
    Conversation,
    ConversationSummary,
    Evidence,
    StaleSource,
)
from ui.chat_controller import ChatTurn
from ui.html import escape, external_link, format_day, pluralize
from ui.reading import document
from ui.render import byline_html, nearest_articles


def stale_sources_html(answer: Answer, stale_sources: Mapping[str, StaleSource]) -> str:
    """Which footnotes of an answer rest on articles that left the library or changed."""
    named = nearest_articles(answer.evidence) if answer.refused else answer.cited
    gone = [item for item in named if item.source.id in stale_sources]
    if not gone:
        return ""
    rows = "".join(
        f"<li>{'' if answer.refused else f'Footnote {item.rank}: '}"
        f"{_departed_row(item, stale_sources[item.source.id])}</li>"
        for item in gone
    )
    still = (
        "The passages that were found are kept."
        if answer.refused
        else "Its footnotes still show the words that it was checked against."
    )
    return (
        '<div class="departed" role="note"><p>Since this answer, the library has changed. '
        f"{still}</p><ul>{rows}</ul></div>"
    )


def _departed_row(item: Evidence, departure: StaleSource) -> str:
    title = f'<span dir="auto">“{escape(item.source.title)}”</span>'
    if departure.replacement_id is None:
        return f"{title} has left the library."
    address = f"/articles/{percent_encode(departure.replacement_id)}"
    return f'{title} has changed. <a href="{escape(address)}">Read it as it is now</a>'


def archived_excerpt_html(kept: ArchivedPassage) -> str:
    """What a footnote's panel shows when its article is gone: the words kept with the answer."""
    source = kept.evidence.source
    return (
        f'<h2 class="source-title" dir="auto">{escape(source.title)}</h2>'
        f'<p class="byline">{byline_html(source)}</p>{_gone_notice(kept)}'
        f'<blockquote class="story">{_marked(kept)}</blockquote>'
        f'<p class="ways">{external_link(source.url)}</p>'
    )


def archived_page_html(kept: ArchivedPassage) -> str:
    """The reading page of an article that is gone: the one passage that was kept."""
    source = kept.evidence.source
    return document(
        source.title,
        f'<article class="reading"><header><h1 dir="auto">{escape(source.title)}</h1>'
        f'<p class="byline">{byline_html(source)} {external_link(source.url)}</p>'
        f'{_gone_notice(kept)}</header><div class="story">{_marked(kept)}</div></article>',
    )


def _gone_notice(kept: ArchivedPassage) -> str:
    return (
        '<p class="misplaced" role="status">This article has left the library, or has changed. '
        f"This passage was kept with an answer of {local_day(kept.at)}.</p>"
    )


def _marked(kept: ArchivedPassage) -> str:
    passage = kept.evidence.passage
    if kept.span is None:
        return f'<p dir="auto">{_paragraphs(passage.text)}</p>'
    first, last = kept.span.start - passage.start, kept.span.end - passage.start
    before, after = _paragraphs(passage.text[:first]), _paragraphs(passage.text[last:])
    words = escape(passage.text[first:last])
    mark = f'<mark id="cited" tabindex="-1">{words}</mark>'
    return f'<p dir="auto">{before}{mark}{after}</p>'


def _paragraphs(text: str) -> str:
    return escape(text).replace("\n\n", '</p><p dir="auto">')


# -- the list and the whole conversation --------------------------------------------------------


def conversations_html(found: Sequence[ConversationSummary], words: str, *, keeps: bool) -> str:
    """All kept conversations, or those that hold the words."""
    if found:
        listing = f'<ul class="shelf talk-list">{"".join(map(_summary_row, found))}</ul>'
    elif words:
        listing = "<p>No conversation holds all of these words.</p>"
    else:
        listing = "<p>No conversation is kept yet. What you ask will be found here.</p>"
    off = "" if keeps else '<p class="misplaced">New conversations are not kept at present.</p>'
    return document(
        "Conversations",
        f'<div class="reading"><header><p class="kicker">{pluralize(len(found), "conversation")}'
        f"</p><h1>Conversations</h1></header>{off}"
        '<form class="talk-search" action="/conversations" role="search">'
        '<label class="unseen" for="talk-words">Words in a conversation</label>'
        f'<input id="talk-words" type="search" name="search" maxlength="200" '
        f'value="{escape(words)}" placeholder="Search">'
        f'<button type="submit">Search</button></form>{listing}</div>',
    )


def _summary_row(item: ConversationSummary) -> str:
    return (
        f'<li data-id="{escape(item.id)}" data-title="{escape(item.title)}">'
        f'<a href="/?conversation={escape(item.id)}" dir="auto">{escape(item.title)}</a>'
        f'<span class="byline">{local_day(item.changed)}<span aria-hidden="true"> · </span>'
        f"{pluralize(item.turns, 'question')}</span></li>"
    )


def conversation_html(opened: Conversation, turns: Iterable[ChatTurn]) -> str:
    """A whole conversation on one page that can be read without a script, and printed."""
    address = f"/api/conversations/{escape(opened.id)}/export"
    body = "".join(_with_quotes(turn) for turn in turns)
    return document(
        opened.title,
        f'<div class="reading talk" data-id="{escape(opened.id)}" '
        f'data-title="{escape(opened.title)}"><header><p class="kicker">Conversation</p>'
        f'<h1 dir="auto">{escape(opened.title)}</h1><p class="byline">Begun on '
        f"{local_day(opened.summary.started)}, {pluralize(opened.summary.turns, 'question')}</p>"
        f'<p class="ways"><a href="/?conversation={escape(opened.id)}">Go on asking</a> '
        f'<a href="{address}" download>Save as Markdown</a> '
        f'<a href="{address}?format=json" download>Save as JSON</a></p></header>{body}</div>',
    )


def _with_quotes(turn: ChatTurn) -> str:
    """A turn with the quotes of its footnotes written out below it."""
    answer = turn.answer
    if answer is None:
        return turn.html
    quotes: dict[int, list[Citation]] = {}
    for citation in (c for sentence in answer.sentences for c in sentence.citations):
        known = quotes.setdefault(answer.number_of(citation), [])
        if citation not in known:
            known.append(citation)
    rows = "".join(_quotes_row(item, quotes[item.rank]) for item in answer.cited)
    if not rows:
        return turn.html
    listed = f'<ol class="quotes" aria-label="Footnotes">{rows}</ol>'
    return turn.html.removesuffix("</section>") + f"{listed}</section>"


def _quotes_row(item: Evidence, citations: Sequence[Citation]) -> str:
    said = " … ".join(f"“{escape(' '.join(c.quote.split()))}”" for c in citations)
    return (
        f'<li value="{item.rank}"><span dir="auto">{said}</span> '
        f'<span class="byline">{escape(item.source.title)}'
        f'<span aria-hidden="true"> · </span>{byline_html(item.source)} '
        f"{external_link(item.source.url)}</span></li>"
    )


def unknown_conversation_html() -> str:
    """The page for an id that no conversation has."""
    return document(
        "No such conversation",
        '<div class="reading missing"><p class="kicker">404</p><h1>No such conversation</h1>'
        "<p>No conversation is kept under that address. It may have been deleted.</p>"
        '<p><a href="/conversations">See all conversations</a></p></div>',
        status="missing",
    )


def local_day(at: str) -> str:
    """The day of a stored time, in words and in the time of this machine."""
    return format_day(datetime.fromisoformat(at).astimezone().date())
