"""The addresses of the reading page, the excerpt, the list of articles and the static files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from rag import ArticleUnknown, FootnoteError, KeptWords, Span
from ui.api import from_this_machine
from ui.conversations_html import kept_words_html, kept_words_page
from ui.reading import (
    articles_html,
    excerpt_html,
    reading_html,
    trouble_html,
    unknown_html,
)
from ui.service import Shelf

ARTICLES_PER_PAGE = 100

# Offsets come as text: a mangled one shall show the article and say so, not a bare 422.
Offset = Annotated[str | None, Query()]


def offset(given: str | None) -> int | None:
    """The number, -1 for what is given and not a number, nothing for nothing."""
    if given is None:
        return None
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else -1


def static_files() -> StaticFiles:
    return StaticFiles(directory=Path(__file__).parent / "static")


def words_left(
    shelf: Shelf, request: Request, article_id: str, start: str | None, end: str | None
) -> KeptWords | None:
    """What kept answers hold of an article that is gone, for those who may see them."""
    if not from_this_machine(request):
        return None
    first, last = offset(start), offset(end)
    span = None if first is None or last is None else Span(first, last)
    return shelf.conversations.kept_words(article_id, span)


def pages_router(shelf: Shelf) -> APIRouter:
    """Everything under ``/articles``."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/articles")
    def articles(page: Annotated[str, Query()] = "1") -> HTMLResponse:
        everything = shelf.articles()
        pages = max(1, -(-len(everything) // ARTICLES_PER_PAGE))
        number = min(pages, max(1, offset(page) or 1))
        shown = everything[(number - 1) * ARTICLES_PER_PAGE : number * ARTICLES_PER_PAGE]
        return HTMLResponse(articles_html(shown, total=len(everything), page=number, pages=pages))

    @router.get("/articles/{article_id}")
    def reading(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = shelf.article(article_id)
        except ArticleUnknown:
            if kept := words_left(shelf, request, article_id, start, end):
                return HTMLResponse(kept_words_page(kept), 404)
            return HTMLResponse(unknown_html(article_id), 404)
        except FootnoteError as error:
            return HTMLResponse(trouble_html(str(error)), 503)
        return HTMLResponse(reading_html(article, offset(start), offset(end)))

    @router.get("/articles/{article_id}/excerpt")
    def excerpt(
        request: Request, article_id: str, start: Offset = None, end: Offset = None
    ) -> HTMLResponse:
        try:
            article = shelf.article(article_id)
        except ArticleUnknown:
            if kept := words_left(shelf, request, article_id, start, end):
                return HTMLResponse(kept_words_html(kept))
            return HTMLResponse(
                '<p class="misplaced">This article is no longer in the library.</p>', 404
            )
        return HTMLResponse(excerpt_html(article, offset(start), offset(end)))

    return router
