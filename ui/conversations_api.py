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
from ui.api import KEPT_HERE, Forbidden, from_this_machine
from ui.service import Shelf

LONGEST_SEARCH = 200
LONGEST_FILE_NAME = 60


class Title(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str


def owner_only(request: Request) -> None:
    """Lets only the machine pass that serves.

    Raises:
        Forbidden: The visitor sits elsewhere.
    """
    if not from_this_machine(request):
        raise Forbidden(KEPT_HERE)


def kept_router(shelf: Shelf) -> APIRouter:
    """Everything under ``/api/conversations``."""
    router = APIRouter(prefix="/api/conversations", dependencies=[Depends(owner_only)])
    kept = shelf.conversations

    @router.get("")
    def listed(
        search: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
        most: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    ) -> dict[str, Any]:
        found = kept.all(search, most=most)
        return {"conversations": [item.to_dict() for item in found], "keeps": shelf.keeps}

    @router.get("/{conversation}")
    def show(conversation: str, markdown: bool = False) -> dict[str, Any]:
        opened = kept.open(kept.named(conversation))
        told = {"markdown": opened.to_markdown()} if markdown else {}
        return {**opened.to_dict(), **told}

    @router.get("/{conversation}/export")
    def export(conversation: str, format: Literal["markdown", "json"] = "markdown") -> Response:
        opened = kept.open(kept.named(conversation))
        if format == "markdown":
            return download(opened.to_markdown(), f"{file_name(opened)}.md", "text/markdown")
        text = json.dumps(opened.to_dict(), ensure_ascii=False, indent=2) + "\n"
        return download(text, f"{file_name(opened)}.json", "application/json")

    @router.patch("/{conversation}")
    def rename(conversation: str, given: Title) -> dict[str, Any]:
        return kept.rename(kept.named(conversation), given.title).to_dict()

    @router.delete("/{conversation}")
    def delete(conversation: str) -> dict[str, Any]:
        found = kept.named(conversation)
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
    return "-".join(words).lower()[:LONGEST_FILE_NAME].strip("-") or conversation.id
