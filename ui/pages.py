"""The addresses of the reading page, the excerpt, the list of articles and the static files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from rag import ArchivedPassage, ArticleUnknown, FootnoteError, Span
from ui.api import from_this_machine
from ui.conversations_html import archived_excerpt_html, archived_page_html
from ui.reading import (
    articles_html,
    error_page_html,
    excerpt_html,
    reading_html,
    unknown_article_html,
)
from ui.service import Service

ARTICLES_PER_PAGE = 100

# Offsets come as text: a mangled one shall show the article and say so, not a bare 422.
Offset = Annotated[str | None, Query()]


def parse_offset(given: str | None) -> int | None:
    """The number, -1 for what is given and not a number, nothing for nothing."""
    if given is None:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else -1


def static_files() -> StaticFiles:
    return StaticFiles(directory=Path(__file__).parent / "static")


def archived_passage(
    service: Service, request: Request, article_id: str, start: str | None, end: str | None
) -> ArchivedPassage | None:
    """What kept answers hold of an article that is gone, for those who may see them."""
    if not from_this_machine(request):
        return None
    first, last = parse_offset(start), parse_offset(end)
    span = None if first is None or last is None else Span(first, last)
    return service.conversations.archived_passage(article_id, span)


def article_pages_router(service: Service) -> APIRouter:
    """Everything under ``/articles``."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/articles")
    def articles(page: Annotated[str, Query()] = "1") -> HTMLResponse:
        everything = service.articles()
        pages = max(1, -(-len(everything) // ARTICLES_PER_PAGE))
        number = min(pages, max(1, parse_offset(page) or 1))
        shown = everything[(number - 1) * ARTICLES_PER_PAGE : number * ARTICLES_PER_PAGE]
        return HTMLResponse(articles_html(shown, total=len(everything), page=number, pages=pages))

    @router.get("/articles/{article_id}")
    def reading(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = service.article(article_id)
        except ArticleUnknown:
            if kept := archived_passage(service, request, article_id, start, end):
                return HTMLResponse(archived_page_html(kept), 404)
            return HTMLResponse(unknown_article_html(article_id), 404)
        except FootnoteError as error:
            return HTMLResponse(error_page_html(str(error)), 503)
        return HTMLResponse(reading_html(article, parse_offset(start), parse_offset(end)))

    @router.get("/articles/{article_id}/excerpt")
    def excerpt(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = service.article(article_id)
        except ArticleUnknown:
            if kept := archived_passage(service, request, article_id, start, end):
                return HTMLResponse(archived_excerpt_html(kept))
            return HTMLResponse(
                '<p class="misplaced">This article is no longer in the library.</p>', 404
            )
        return HTMLResponse(excerpt_html(article, parse_offset(start), parse_offset(end)))

    return router
