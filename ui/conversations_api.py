"""The HTTP door of kept conversations: list, show, search, rename, export, delete.

They belong to whoever owns the library. A server that is open to the network answers everyone's
questions, but shows kept conversations only to the machine that it runs on.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from rag import Conversation
from ui.api import LOCAL_CONVERSATIONS_ONLY, Forbidden, from_this_machine
from ui.service import Service

MAX_SEARCH_LENGTH = 200
MAX_FILE_NAME_LENGTH = 60


class Title(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str


def local_only(request: Request) -> None:
    """Lets only the machine pass that serves.

    Raises:
        Forbidden: The visitor sits elsewhere.
    """
    if not from_this_machine(request):
        raise Forbidden(LOCAL_CONVERSATIONS_ONLY)


def conversations_api_router(service: Service) -> APIRouter:
    """Everything under ``/api/conversations``."""
    router = APIRouter(prefix="/api/conversations", dependencies=[Depends(local_only)])
    kept = service.conversations

    @router.get("")
    def listed(
        search: Annotated[str, Query(max_length=MAX_SEARCH_LENGTH)] = "",
        most: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    ) -> dict[str, Any]:
        found = kept.search(search, limit=most)
        return {
            "conversations": [item.to_dict() for item in found],
            "keeps": service.keeps_conversations,
        }

    @router.get("/{conversation}")
    def show(conversation: str, markdown: bool = False) -> dict[str, Any]:
        opened = kept.get(kept.resolve_id(conversation))
        told = {"markdown": opened.to_markdown()} if markdown else {}
        return {**opened.to_dict(), **told}

    @router.get("/{conversation}/export")
    def export(conversation: str, format: Literal["markdown", "json"] = "markdown") -> Response:
        opened = kept.get(kept.resolve_id(conversation))
        if format == "markdown":
            return download(opened.to_markdown(), f"{file_name(opened)}.md", "text/markdown")
        text = json.dumps(opened.to_dict(), ensure_ascii=False, indent=2) + "\n"
        return download(text, f"{file_name(opened)}.json", "application/json")

    @router.patch("/{conversation}")
    def rename(conversation: str, given: Title) -> dict[str, Any]:
        return kept.rename(kept.resolve_id(conversation), given.title).to_dict()

    @router.delete("/{conversation}")
    def delete(conversation: str) -> dict[str, Any]:
        found = kept.resolve_id(conversation)
        kept.delete(found)
        return {"deleted": found}

    return router


def download(text: str, name: str, media: str) -> Response:
    """A file for the browser to save."""
    return Response(
        text.encode("utf-8", "replace"),
        media_type=f"{media}; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def file_name(conversation: Conversation) -> str:
    """A name for a file that every system takes."""
    words = re.findall(r"[A-Za-z0-9]+", conversation.title)
    return "-".join(words).lower()[:MAX_FILE_NAME_LENGTH].strip("-") or conversation.id
