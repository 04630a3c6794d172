"""The HTTP API of stored conversations: list, show, search, rename, export, delete, judge.

They belong to whoever owns the library. A server that is open to the network answers everyone's
questions, but shows stored conversations only to the machine that it runs on.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from rag import ConversationStore
from ui.api import require_owner
from ui.conversations_pages import MAX_SEARCH_LENGTH
from ui.exports import EXPORTS, attachment, file_name, single_turn
from ui.service import Service

# The keys of `EXPORTS`.
ExportName = Literal["markdown", "docx", "html", "json", "ris", "bibtex", "csl"]


class RenameRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str


def conversations_api_router(service: Service) -> APIRouter:
    """Everything under ``/api/conversations``; an id may be ``last``."""
    router = APIRouter(prefix="/api/conversations", dependencies=[Depends(require_owner)])
    store = service.conversations

    @router.get("")
    def search_conversations(
        search: Annotated[str, Query(max_length=MAX_SEARCH_LENGTH)] = "",
        most: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    ) -> dict[str, Any]:
        found = [item.to_dict() for item in store.search(search, limit=most)]
        return {"conversations": found, "keeps": service.keeps_conversations}

    @router.get("/{conversation_id}")
    def show(conversation_id: str, markdown: bool = False) -> dict[str, Any]:
        opened = store.get(store.resolve_id(conversation_id))
        extra = {"markdown": opened.to_markdown()} if markdown else {}
        return {**opened.to_dict(), **extra}

    add_export(router, store)

    @router.patch("/{conversation_id}")
    def rename(conversation_id: str, given: RenameRequest) -> dict[str, Any]:
        return store.rename(store.resolve_id(conversation_id), given.title).to_dict()

    @router.delete("/{conversation_id}")
    def delete(conversation_id: str) -> dict[str, Any]:
        found = store.resolve_id(conversation_id)
        store.delete(found)
        return {"deleted": found}

    return router


def add_export(router: APIRouter, store: ConversationStore) -> None:
    """A conversation as a file, or with ``turn`` one answer of it."""

    @router.get("/{conversation_id}/export")
    def export(
        conversation_id: str, format: ExportName = "markdown", turn: int | None = None
    ) -> Response:
        opened = store.get(store.resolve_id(conversation_id))
        name = file_name(opened)
        if turn is not None:
            opened, name = single_turn(opened, turn), f"{name}-{turn}"
        kind = EXPORTS[format]
        return download(kind.write(opened), f"{name}.{kind.extension}", kind.media_type)


def download(content: str | bytes, name: str, media_type: str) -> Response:
    """A file for the browser to save."""
    if isinstance(content, str):
        content, media_type = content.encode("utf-8", "replace"), f"{media_type}; charset=utf-8"
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": attachment(name)},
    )


class JudgmentRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    good: bool
    reason: str = ""
    note: str = ""


def feedback_api_router(service: Service) -> APIRouter:
    """Everything under ``/api/feedback``."""
    router = APIRouter(prefix="/api/feedback", dependencies=[Depends(require_owner)])
    store = service.conversations

    @router.get("")
    def cases() -> dict[str, Any]:
        """All judgments as lines of a case file, and how many make none."""
        found, left_out = store.feedback_cases()
        return {"cases": found, "left_out": left_out}

    @router.get("/{conversation_id}")
    def of(conversation_id: str) -> dict[str, Any]:
        return {"feedback": [given.to_dict() for given in store.feedback.of(conversation_id)]}

    @router.put("/{conversation_id}/{number}")
    def give(conversation_id: str, number: int, given: JudgmentRequest) -> dict[str, Any]:
        values = given.model_dump()
        return store.feedback.give(conversation_id, number, **values).to_dict()

    @router.delete("/{conversation_id}/{number}")
    def withdraw(conversation_id: str, number: int) -> dict[str, Any]:
        store.feedback.withdraw(conversation_id, number)
        return {"withdrawn": number}

    return router
