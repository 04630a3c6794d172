"""The addresses of kept conversations: the list, and each one on a page of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from rag import ConversationUnknown, FootnoteError
from ui.api import KEPT_HERE, from_this_machine
from ui.chat_state import turns_of
from ui.conversations_html import conversation_html, conversations_html, no_conversation_html
from ui.reading import trouble_html
from ui.service import Shelf

LONGEST_SEARCH = 200


def kept_pages_router(shelf: Shelf) -> APIRouter:
    """Everything under ``/conversations``."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/conversations")
    def listed(request: Request, search: Annotated[str, Query()] = "") -> HTMLResponse:
        if not from_this_machine(request):
            return HTMLResponse(trouble_html(KEPT_HERE), 403)
        words = search[:LONGEST_SEARCH]
        found = shelf.conversations.all(words)
        return HTMLResponse(conversations_html(found, words, keeps=shelf.keeps))

    @router.get("/conversations/{conversation}")
    def whole(request: Request, conversation: str) -> HTMLResponse:
        if not from_this_machine(request):
            return HTMLResponse(trouble_html(KEPT_HERE), 403)
        try:
            opened = shelf.conversations.open(conversation)
            turns = turns_of(shelf, opened, removable=False)
        except ConversationUnknown:
            return HTMLResponse(no_conversation_html(), 404)
        except FootnoteError as error:
            return HTMLResponse(trouble_html(str(error)), 503)
        return HTMLResponse(conversation_html(opened, turns))

    return router
