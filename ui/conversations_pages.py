"""The pages of stored conversations: the list, one for each, and what is left of lost articles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from rag import (
    Answer,
    ArchivedPassage,
    Conversation,
    ConversationSummary,
    ConversationUnknown,
    FootnoteError,
    Span,
)
from ui.access import is_owner
from ui.chat_controller import ChatTurn
from ui.chat_state import render_stored_turns
from ui.html import render
from ui.reading import text_blocks, unavailable_html
from ui.render import source_views
from ui.service import Service
from ui.words import say

MAX_SEARCH_LENGTH = 200


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


def conversation_pages_router(service: Service) -> APIRouter:
    """Everything under ``/conversations``."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/conversations")
    def conversations(request: Request, search: Annotated[str, Query()] = "") -> HTMLResponse:
        if not is_owner(request):
            return HTMLResponse(unavailable_html(say("owner_only")), 403)
        words = search[:MAX_SEARCH_LENGTH]
        found = service.conversations.search(words)
        keeps = service.keeps_conversations
        return HTMLResponse(conversations_html(found, words, keeps_conversations=keeps))

    @router.get("/conversations/{conversation_id}")
    def conversation(request: Request, conversation_id: str) -> HTMLResponse:
        if not is_owner(request):
            return HTMLResponse(unavailable_html(say("owner_only")), 403)
        try:
            opened = service.conversations.get(conversation_id)
            turns = render_stored_turns(service, opened, removable=False)
        except ConversationUnknown:
            return HTMLResponse(unknown_conversation_html(), 404)
        except FootnoteError as error:
            return HTMLResponse(unavailable_html(str(error)), 503)
        return HTMLResponse(conversation_html(opened, turns))

    return router
