"""The page that checks any text: pasted text in, its sentences with verdicts and quotes out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from rag import CancellationToken, Checked, FootnoteError
from ui.answer_pool import cancel_on_disconnect
from ui.api import CheckRequest
from ui.html import render
from ui.render import confirmed, notice_html, paragraph_views, source_views
from ui.service import MAX_TEXT_LENGTH, Service
from ui.words import say


def check_page_router(service: Service) -> APIRouter:
    """``/check``, and ``POST /check/result`` with the checked text as HTML."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/check")
    def page() -> HTMLResponse:
        return HTMLResponse(render("check.html", most=MAX_TEXT_LENGTH))

    @router.post("/check/result")
    def result(
        given: CheckRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> HTMLResponse:
        try:
            return HTMLResponse(checked_html(service.check(given.text, cancellation=cancellation)))
        except FootnoteError as error:
            return HTMLResponse(notice_html("error", say("text_not_checked"), str(error)))

    return router


def checked_html(checked: Checked) -> Markup:
    """A checked text, its sources, and how much of it the articles confirm."""
    return render(
        "checked.html",
        checked=checked,
        summary=confirmed(checked),
        paragraphs=paragraph_views(checked),
        sources=source_views(checked),
    )
