"""The pages of stored conversations, and notes about articles that left since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from rag import (
    Answer,
    ArchivedPassage,
    Conversation,
    ConversationSummary,
    Span,
    StaleSource,
)
from ui.chat_controller import ChatTurn
from ui.html import render
from ui.reading import text_blocks
from ui.render import nearest_articles, source_views

MAX_SEARCH_LENGTH = 200


def stale_sources_html(answer: Answer, stale_sources: Mapping[str, StaleSource]) -> Markup:
    """Which footnotes of an answer cite articles that changed or left; empty for none."""
    if answer.refused:
        named = dict(enumerate(item.source for item in nearest_articles(answer.evidence)))
    else:
        named = answer.cited_sources
    rows = [
        (number, source, stale_sources[source.id])
        for number, source in named.items()
        if source.id in stale_sources
    ]
    return render("stale_sources.html", refused=answer.refused, rows=rows) if rows else Markup()


def archived_excerpt_html(archived: ArchivedPassage) -> Markup:
    """What the source panel shows for an article that left."""
    return _archived(archived, "archived_excerpt.html")


def archived_page_html(archived: ArchivedPassage) -> Markup:
    """The page of an article that left: the one passage that is stored with an answer."""
    return _archived(archived, "archived_page.html")


def _archived(archived: ArchivedPassage, template: str) -> Markup:
    passage, span = archived.evidence.passage, archived.span
    local = span and Span(span.start - passage.start, span.end - passage.start)
    return render(
        template,
        archived=archived,
        source=archived.evidence.source,
        blocks=[block for block, _ in text_blocks(passage.text, local)],
    )


def conversations_html(
    found: Sequence[ConversationSummary], words: str, *, keeps_conversations: bool
) -> Markup:
    """All stored conversations, or those that match the search words."""
    return render(
        "conversations.html",
        conversations=found,
        words=words,
        keeps_conversations=keeps_conversations,
        max_search_length=MAX_SEARCH_LENGTH,
    )


def conversation_html(opened: Conversation, turns: Iterable[ChatTurn]) -> Markup:
    """A whole conversation on one page that can be read without a script, and printed."""
    return render(
        "conversation.html",
        summary=opened.summary,
        turns=[replace(turn, body=turn.body + _quotes_html(turn.answer)).html for turn in turns],
    )


def _quotes_html(answer: Answer | None) -> Markup:
    """The quotes of an answer's footnotes, written out."""
    if answer is None or not answer.cited:
        return Markup()
    return render("quotes.html", sources=source_views(answer))


def unknown_conversation_html() -> Markup:
    """The page for an id that no conversation has."""
    return render("unknown_conversation.html")
