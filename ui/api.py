"""The HTTP API: questions, articles and ingest as JSON.

An error is ``{"error": {"kind", "message"}}`` with a 4xx or 5xx status, never a traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from rag import (
    AddressUnknown,
    Answer,
    ArticleError,
    ArticleUnknown,
    BackendError,
    CancellationToken,
    CollectionUnknown,
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
from ui.access import Access, is_owner, may_name_any_path
from ui.answer_pool import AnswerPool, Busy, cancel_on_disconnect
from ui.service import ServerStopped, Service
from ui.words import say


class Forbidden(FootnoteError):
    """Only the owner of the server may do this."""


# Searched from the top: the most specific classes come first.
HTTP_STATUS: tuple[tuple[type[FootnoteError], int], ...] = (
    (Forbidden, 403),
    (Busy, 503),
    (ServerStopped, 503),
    (QuestionError, 400),
    (SettingsError, 400),
    (ArticleError, 400),
    (ArticleUnknown, 404),
    (AddressUnknown, 404),
    (CollectionUnknown, 404),
    (ConversationUnknown, 404),
    (LibraryMissing, 404),
    (LibraryEmpty, 409),
    (LibraryBusy, 409),
    (PolicyRefused, 403),
    (BackendError, 502),
    (LibraryError, 503),
    (FootnoteError, 500),
)
MAX_ADDRESS_LENGTH = 2_000
NAMED_FOLDERS_ONLY = (
    "The server reads only from folders that its owner named when starting it, with --fill or "
    "--ingest-from; not from: {}. The command footnote ingest on the same computer reads others."
)


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


class TestRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    backend: Annotated[str, Field(min_length=1, max_length=200)]


class IngestRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    paths: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    prune: bool = False
    encoding: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)
    follow: bool = False
    dry_run: bool = False


class AddressRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: Annotated[str, Field(pattern="^https?://", max_length=MAX_ADDRESS_LENGTH)]
    follow: bool = False


class FollowedRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    stop: Annotated[list[str], Field(max_length=10_000)] = []


class RemoveRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[str], Field(min_length=1, max_length=10_000)]


class ReindexRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    embedder: str | None = None
    passage_tokens: int | None = None
    overlap_tokens: int | None = None


def api_router(service: Service, access: Access) -> APIRouter:
    """Everything under ``/api``."""
    router = APIRouter(prefix="/api")
    add_ask_routes(router, service)
    add_backend_routes(router, service)
    add_article_routes(router, service, access)
    add_index_route(router, service)
    add_address_routes(router, service)

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown_path(path: str) -> JSONResponse:
        return error_response("NotFound", "There is no such address.", 404)

    return router


def add_ask_routes(router: APIRouter, service: Service) -> None:
    """Questions, and texts to check."""
    pool = AnswerPool()

    @router.post("/ask")
    async def ask(
        request: Request,
        asked: AskRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> JSONResponse:
        if asked.conversation is not None:
            require_owner(request)
        options = {**asked.options(), "cancellation": cancellation}
        make: Callable[[], Answer | ConversationAnswer] = (
            partial(service.ask, asked.question, **options)
            if asked.conversation is None
            else partial(service.ask_in_conversation, asked.conversation, asked.question, **options)
        )
        return await pool.run(lambda: JSONResponse(make().to_dict()), cancellation)

    @router.post("/check")
    async def check(
        given: CheckRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> JSONResponse:
        filters = given.filters.to_filters() if given.filters else None
        make = partial(service.check, given.text, filters=filters, cancellation=cancellation)
        return await pool.run(lambda: JSONResponse(make().to_dict()), cancellation)


def add_backend_routes(router: APIRouter, service: Service) -> None:
    """Models to test, and what left this machine for them and others."""

    @router.post("/backends/test")
    def test_backend(
        request: Request,
        given: TestRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        require_owner(request)
        return {"seconds": round(service.try_backend(given.backend, cancellation), 3)}

    @router.get("/outgoing")
    def outgoing(request: Request) -> dict[str, Any]:
        require_owner(request)
        return {"outgoing": [call.to_dict() for call in service.outgoing()]}


def add_article_routes(router: APIRouter, service: Service, access: Access) -> None:
    """The articles: list, show, add and remove."""

    @router.get("/health")
    async def health() -> dict[str, Any]:
        # Not in a thread, where it would wait for answers, unless there is something to read.
        counted = service.library.counted()
        if counted is None:
            counted = len(await run_in_threadpool(service.articles))
        return {"status": "ok", "articles": counted, "instance": service.instance}

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
        require_owner(request)
        if not may_name_any_path(request) and (outside := access.outside(given.paths)):
            raise Forbidden(NAMED_FOLDERS_ONLY.format(", ".join(outside)[:500]))
        return service.ingest(**given.model_dump()).to_dict()

    @router.post("/remove")
    def remove(request: Request, given: RemoveRequest) -> dict[str, Any]:
        require_owner(request)
        removed = service.remove(given.ids)
        kept_in = service.conversations.holding(removed)
        return {"removed": list(removed), "kept_in": list(kept_in)}


def add_index_route(router: APIRouter, service: Service) -> None:
    """Another index of the same articles."""

    @router.post("/reindex")
    def reindex(
        request: Request,
        given: ReindexRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        require_owner(request)
        return service.reindex(cancellation, **given.model_dump()).to_dict()


def add_address_routes(router: APIRouter, service: Service) -> None:
    """Articles from web addresses, what is followed, and asking there again."""

    @router.post("/addresses")
    def add(
        request: Request,
        given: AddressRequest,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        require_owner(request)
        receipt = service.ingest([given.address], cancellation, follow=given.follow)
        return service.with_titles(receipt)

    @router.post("/refresh")
    def refresh(
        request: Request,
        cancellation: Annotated[CancellationToken, Depends(cancel_on_disconnect)],
    ) -> dict[str, Any]:
        require_owner(request)
        return service.with_titles(service.refresh(cancellation))

    @router.post("/followed")
    def followed(request: Request, given: FollowedRequest) -> dict[str, Any]:
        require_owner(request)
        return {"followed": list(service.followed(given.stop))}


def require_owner(request: Request) -> None:
    """Raises `Forbidden` unless a request comes from the owner of the server."""
    if not is_owner(request):
        raise Forbidden(say("owner_only"))


def error_response(kind: str, message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": {"kind": kind, "message": message}}, status)


def status_of(error: FootnoteError) -> int:
    return next(status for kind, status in HTTP_STATUS if isinstance(error, kind))


def add_error_handlers(app: FastAPI) -> None:
    """Replies for Footnote's own errors and malformed requests; `ui.middleware` handles others."""

    @app.exception_handler(FootnoteError)
    def known(request: Request, error: FootnoteError) -> JSONResponse:
        reply = error_response(type(error).__name__, str(error), status_of(error))
        if isinstance(error, Busy):
            reply.headers["retry-after"] = str(error.seconds)
        return reply

    @app.exception_handler(UnicodeEncodeError)
    def half_a_character(request: Request, error: UnicodeEncodeError) -> JSONResponse:
        return error_response("BadRequest", "The request holds half a character.", 422)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return error_response("BadRequest", f"{where or 'body'}: {first['msg']}", 422)
