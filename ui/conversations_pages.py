"""The routes of the stored conversations' pages: the list, and one page for each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from rag import ConversationUnknown, FootnoteError
from ui.access import is_owner
from ui.chat_state import render_stored_turns
from ui.conversations_html import (
    MAX_SEARCH_LENGTH,
    conversation_html,
    conversations_html,
    unknown_conversation_html,
)
from ui.reading import unavailable_html
from ui.service import Service
from ui.words import say


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
