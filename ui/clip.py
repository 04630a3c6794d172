"""Clipping: a page as the visitor's browser shows it becomes an article; nothing is fetched.

The bookmarklet opens ``/clip`` in a new window and hands it the page by ``postMessage``.
That window is ours, so only it knows the token without which nothing is added, and it adds nothing
before the visitor agrees: a site that opens it gets no further than the question.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from ui.access import is_owner
from ui.api import Forbidden
from ui.html import base, render
from ui.reading import unavailable_html
from ui.service import Service
from ui.words import say

# Runs on other sites' pages. It holds no secret, and talks to this server's window only.
BOOKMARKLET = (
    "javascript:(()=>{const at='%s',w=open(at+'%s/clip','_blank');"
    "addEventListener('message',e=>{if(e.source===w&&e.origin===at)w.postMessage("
    "{address:location.href,html:document.documentElement.outerHTML},at)})})()"
)


class ClipRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: str
    html: str


def clip_router(service: Service) -> APIRouter:
    """``GET /clip`` shows the window, ``POST /clip`` adds a page and replies with the receipt."""
    router = APIRouter()
    token = secrets.token_urlsafe(24)

    @router.get("/clip")
    def window(request: Request) -> HTMLResponse:
        if not is_owner(request):
            return HTMLResponse(unavailable_html(say("owner_only")), 403)
        here = str(request.base_url).rstrip("/")
        return HTMLResponse(
            render("clip.html", token=token, bookmarklet=BOOKMARKLET % (here, base()))
        )

    @router.post("/clip")
    def clip(
        request: Request, given: ClipRequest, x_footnote_token: Annotated[str, Header()] = ""
    ) -> dict[str, Any]:
        if not is_owner(request) or not secrets.compare_digest(
            x_footnote_token.encode(), token.encode()
        ):
            raise Forbidden(say("owner_only"))
        return service.add_page(given.html, given.address).to_dict()

    return router
