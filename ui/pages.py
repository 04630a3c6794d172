"""The routes of the article pages, the excerpts, the list of articles and the static files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from rag import ArchivedPassage, ArticleUnknown, FootnoteError, Span
from ui.access import is_owner
from ui.article_list import View, article_list_html
from ui.conversations_pages import MAX_SEARCH_LENGTH, archived_excerpt_html, archived_page_html
from ui.html import render
from ui.reading import (
    excerpt_html,
    reading_html,
    unavailable_html,
    unknown_article_html,
)
from ui.service import Service

MAX_OFFSET_DIGITS = 11
MAX_PERIOD_LENGTH = len("2024-03")

# Offsets arrive as text: a mangled one should show the article and a message, not a bare 422.
Offset = Annotated[str | None, Query()]


def parse_offset(given: str | None) -> int | None:
    """The number, -1 for what is not a number, None for None."""
    if given is None:
        return None
    digits = given.isascii() and given.isdigit() and len(given) <= MAX_OFFSET_DIGITS
    return int(given) if digits else -1


def static_files() -> StaticFiles:
    return StaticFiles(directory=Path(__file__).parent / "static")


def archived_passage(
    service: Service, request: Request, article_id: str, start: str | None, end: str | None
) -> ArchivedPassage | None:
    """What stored answers hold of an article that left, for those who may see it."""
    if not is_owner(request):
        return None
    first, last = parse_offset(start), parse_offset(end)
    span = None if first is None or last is None else Span(first, last)
    return service.conversations.archived_passage(article_id, span)


def article_pages_router(service: Service) -> APIRouter:
    """Everything under ``/articles``."""
    router = APIRouter(default_response_class=HTMLResponse)

    add_article_list(router, service)

    @router.get("/articles/{article_id}")
    def reading(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = service.article(article_id)
        except ArticleUnknown:
            if archived := archived_passage(service, request, article_id, start, end):
                return HTMLResponse(archived_page_html(archived), 404)
            return HTMLResponse(unknown_article_html(article_id), 404)
        except FootnoteError as error:
            return HTMLResponse(unavailable_html(str(error)), 503)
        return HTMLResponse(reading_html(article, parse_offset(start), parse_offset(end)))

    @router.get("/articles/{article_id}/excerpt")
    def excerpt(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = service.article(article_id)
        except ArticleUnknown:
            if archived := archived_passage(service, request, article_id, start, end):
                return HTMLResponse(archived_excerpt_html(archived))
            return HTMLResponse(render("missing_excerpt.html"), 404)
        return HTMLResponse(excerpt_html(article, parse_offset(start), parse_offset(end)))

    return router


def add_article_list(router: APIRouter, service: Service) -> None:
    """The list of articles."""

    @router.get("/articles")
    def articles(
        request: Request,
        search: Annotated[str, Query()] = "",
        sort: Annotated[str, Query()] = "",
        group: Annotated[str, Query()] = "",
        period: Annotated[str, Query()] = "",
        page: Annotated[str, Query()] = "1",
    ) -> HTMLResponse:
        words, number = search[:MAX_SEARCH_LENGTH], parse_offset(page) or 1
        owner = is_owner(request)
        html = article_list_html(
            service.articles(),
            View(words, sort, group, period[:MAX_PERIOD_LENGTH], number),
            can_change=owner,
            collections=service.library.collections.all() if owner else None,
            followed=len(service.followed()) if owner else 0,
        )
        return HTMLResponse(html)
