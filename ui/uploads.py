"""Files that a visitor drops on the page: each is read into the library, then deleted again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from rag import ArticleError, LibraryFull
from ui.api import require_owner
from ui.service import Service

# Below the library's folder. An article keeps the place that it was read from: the same name
# dropped again with another text is an update.
FOLDER = "uploads"
MAX_NAME_LENGTH = 300


def uploads_router(service: Service) -> APIRouter:
    """``POST /api/uploads?name=FILE`` with the file's bytes as the body; replies with a receipt.

    ``GET`` tells how many articles of those in the file are stored.
    """
    router = APIRouter(prefix="/api/uploads")

    @router.post("")
    async def upload(request: Request, name: Annotated[str, Query()]) -> dict[str, Any]:
        require_owner(request)
        if service.library.read_only:
            raise LibraryFull(service.folder, "it is read-only")
        root = service.folder.resolve() / FOLDER
        path = upload_path(root, name)
        try:
            await _receive(request, path)
            receipt = await run_in_threadpool(service.ingest, [path])
        finally:
            _delete(path, root)
        return service.with_titles(receipt)

    @router.get("")
    def progress(request: Request) -> dict[str, int | None]:
        require_owner(request)
        now = service.progress
        return {"done": now.done if now else 0, "total": now.total if now else None}

    return router


async def _receive(request: Request, path: Path) -> None:
    """Writes the body of a request to a file.

    Raises:
        LibraryFull: The folder cannot be written, or its disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            async for part in request.stream():
                file.write(part)
    except OSError as error:
        raise LibraryFull(path.parent, error.strerror or str(error)) from error


def upload_path(root: Path, name: str) -> Path:
    """Where a file with that name, or that path within a dropped folder, is written.

    Raises:
        ArticleError: The name leads out of ``root`` or is none that a file can have.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if (
        not parts
        or len(name) > MAX_NAME_LENGTH
        or not name.isprintable()
        or any(part in ("/", "..", ".") or part.startswith(".") or ":" in part for part in parts)
    ):
        raise ArticleError(repr(name[:MAX_NAME_LENGTH]), "A file can’t be added under that name.")
    return root.joinpath(*parts)


def _delete(path: Path, root: Path) -> None:
    """Deletes a file and the folders that are empty without it."""
    with suppress(OSError):  # it is not there
        path.unlink()
    for folder in (*path.relative_to(root.parent).parents,):
        try:
            (root.parent / folder).rmdir()
        except OSError:
            return
