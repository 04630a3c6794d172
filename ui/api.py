"""The HTTP API: questions, articles and ingest as JSON.

An error is ``{"error": {"kind", "message"}}`` with a 4xx or 5xx status, never a traceback.
"""

from __future__ import annotations

import ipaddress
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from rag import (
    Answer,
    ArticleError,
    ArticleUnknown,
    BackendError,
    CancellationToken,
    ConversationAnswer,
    ConversationUnknown,
    Filters,
    FootnoteError,
    LibraryBusy,
    LibraryEmpty,
    LibraryError,
    LibraryMissing,
    PolicyRefused,
    QuestionError,
    SettingsError,
)
from ui.disconnect import cancel_on_disconnect
from ui.service import Service


class Forbidden(FootnoteError):
    """Only the machine that the server runs on may do this."""


# Searched from the top: the most specific classes come first.
HTTP_STATUS: tuple[tuple[type[FootnoteError], int], ...] = (
    (Forbidden, 403),
    (QuestionError, 400),
    (SettingsError, 400),
    (ArticleError, 400),
    (ArticleUnknown, 404),
    (ConversationUnknown, 404),
    (LibraryMissing, 404),
    (LibraryEmpty, 409),
    (LibraryBusy, 409),
    (PolicyRefused, 403),
    (BackendError, 502),
    (LibraryError, 503),
    (FootnoteError, 500),
)
LOCAL_CHANGES_ONLY = "Articles can only be added or removed on the computer that runs Footnote."
LOCAL_CONVERSATIONS_ONLY = "Conversations can only be seen on the computer that runs Footnote."
# Set by a proxy on this machine that forwards a request from elsewhere.
FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


class FilterFields(BaseModel):
    """Which articles may answer; the fields of `rag.Filters`."""

    model_config = ConfigDict(extra="forbid")
    publishers: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    articles: tuple[str, ...] = ()
    not_articles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()

    def to_filters(self) -> Filters:
        return Filters(**self.model_dump())


class AskRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: str
    backend: str | list[str] | None = None
    filters: FilterFields | None = None
    text_may_go_to: str | list[str] | None = None
    unsupported: Literal["show", "drop"] | None = None
    # An id, "last", or "new".
    conversation: str | None = None

    def options(self) -> dict[str, Any]:
        """The arguments of `rag.answer` besides the question."""
        filters = self.filters.to_filters() if self.filters else None
        return {
            "backend": self.backend,
            "filters": filters,
            "text_may_go_to": self.text_may_go_to,
            "unsupported": self.unsupported,
        }


class CheckRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    filters: FilterFields | None = None


class IngestRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    paths: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    prune: bool = False
    encoding: str | None = None


class RemoveRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[str], Field(min_length=1, max_length=10_000)]


def api_router(service: Service) -> APIRouter:
    """Everything under ``/api``."""
    router = APIRouter(prefix="/api")
    add_ask_routes(router, service)
    add_article_routes(router, service)

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown_path(path: str) -> JSONResponse:
        return error_response("NotFound", "There is no such address.", 404)

    return router


def add_ask_routes(router: APIRouter, service: Service) -> None:
    """Questions, texts to check, and what left this machine for them."""

    @router.post("/ask")
    def ask(
        request: Request,
        asked: AskRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        if asked.conversation is not None and not from_this_machine(request):
            raise Forbidden(LOCAL_CONVERSATIONS_ONLY)
        options = {**asked.options(), "cancellation": cancellation}
        found: Answer | ConversationAnswer = (
            service.ask(asked.question, **options)
            if asked.conversation is None
            else service.ask_in_conversation(asked.conversation, asked.question, **options)
        )
        return found.to_dict()

    @router.post("/check")
    def check(
        given: CheckRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        filters = given.filters.to_filters() if given.filters else None
        return service.check(given.text, filters=filters, cancellation=cancellation).to_dict()

    @router.get("/outgoing")
    def outgoing() -> dict[str, Any]:
        return {"outgoing": [call.to_dict() for call in service.outgoing()]}


def add_article_routes(router: APIRouter, service: Service) -> None:
    """The articles: list, show, add and remove."""

    @router.get("/health")
    def health() -> dict[str, Any]:
        return {
            "status": "ok",
            "articles": len(service.articles()),
            "instance": service.instance,
        }

    @router.get("/articles")
    def articles() -> dict[str, Any]:
        return {"articles": [summary.to_dict() for summary in service.articles()]}

    @router.get("/articles/{article_id}")
    def article(article_id: str) -> dict[str, Any]:
        found = service.article(article_id)
        summary = next((s for s in service.articles() if s.source.id == found.id), None)
        return {**(summary.to_dict() if summary else {}), "text": found.text}

    @router.post("/ingest")
    def ingest(request: Request, given: IngestRequest) -> dict[str, Any]:
        if not from_this_machine(request):
            raise Forbidden(LOCAL_CHANGES_ONLY)
        return service.ingest(given.paths, prune=given.prune, encoding=given.encoding).to_dict()

    @router.post("/remove")
    def remove(request: Request, given: RemoveRequest) -> dict[str, Any]:
        if not from_this_machine(request):
            raise Forbidden(LOCAL_CHANGES_ONLY)
        return {"removed": list(service.remove(given.ids))}


def from_this_machine(request: Request) -> bool:
    """Whether a request comes from a loopback address and was not forwarded by a proxy."""
    if request.client is None or any(name in request.headers for name in FORWARDING_HEADERS):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def error_response(kind: str, message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": {"kind": kind, "message": message}}, status)


def status_of(error: FootnoteError) -> int:
    return next(status for kind, status in HTTP_STATUS if isinstance(error, kind))


def add_error_handlers(app: FastAPI) -> None:
    """Replies for Footnote's own errors and malformed requests; `ui.middleware` handles others."""

    @app.exception_handler(FootnoteError)
    def known(request: Request, error: FootnoteError) -> JSONResponse:
        return error_response(type(error).__name__, str(error), status_of(error))

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return error_response("BadRequest", f"{where or 'body'}: {first['msg']}", 422)
