"""The HTTP API of collections: choices of articles that have a name. For the owner alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from ui.api import require_owner
from ui.service import Service


class CollectionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    articles: tuple[str, ...]


class NameRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


def collections_api_router(service: Service) -> APIRouter:
    """Everything under ``/api/collections``; names are in the body, as they may hold any sign."""
    router = APIRouter(prefix="/api/collections", dependencies=[Depends(require_owner)])
    collections = service.library.collections

    @router.get("")
    def show() -> dict[str, Any]:
        found = collections.all().items()
        return {"collections": [{"name": name, "articles": ids} for name, ids in found]}

    @router.post("")
    def save(given: CollectionRequest) -> dict[str, Any]:
        return {"name": collections.save(given.name, given.articles)}

    @router.delete("")
    def delete(given: NameRequest) -> dict[str, Any]:
        collections.delete(given.name)
        return {"deleted": given.name}

    return router
