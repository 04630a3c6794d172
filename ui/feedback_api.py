"""The HTTP API of judgments: thumbs up or down on stored answers. For the owner alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from ui.api import require_owner
from ui.service import Service


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
