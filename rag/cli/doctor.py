"""Testing an installation: embedder, library and backends, and what to do about each fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rag.embedding import default_embedder
from rag.errors import FootnoteError, LibraryBusy
from rag.generation import check_backends
from rag.retrieval import open_library
from rag.settings import Settings
from rag.store import check_health


@dataclass(frozen=True, slots=True)
class Examined:
    """What was examined, whether it is in order, and what is wrong and to be done if not."""

    part: str
    ok: bool
    message: str

    def to_dict(self) -> dict[str, Any]:
        return {"part": self.part, "ok": self.ok, "message": self.message}


def examine(settings: Settings) -> tuple[Examined, ...]:
    """One finding per part, faults of the library one each."""
    return (
        *_guarded("embedder", _embedder),
        *_guarded("library", lambda: _library(settings)),
        *_guarded("backend", lambda: _backends(settings)),
        *_guarded("policy", lambda: _policy(settings)),
    )


def _guarded(part: str, examination: Callable[[], Iterator[Examined]]) -> list[Examined]:
    try:
        return list(examination())
    except FootnoteError as error:
        return [Examined(part, False, str(error))]


def _embedder() -> Iterator[Examined]:

    encoder = default_embedder()
    near, far = encoder.embed(["The harbour bridge reopened.", "The bridge opened again."])
    ok = float(near @ far) > 0.5
    fault = "two like sentences get unlike vectors; install the weights again"
    yield Examined("embedder", ok, str(encoder.identity) if ok else fault)


def _library(settings: Settings) -> Iterator[Examined]:
    try:
        library = open_library(settings.library)
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        yield Examined("library", True, f"is being served at {busy.address}; stop it to test it")
        return
    with library:
        articles = library.articles()
        faults = [finding for finding in check_health(library) if finding.kind != "mended"]
        for finding in faults:
            yield Examined(
                "library",
                False,
                f"{finding.kind}: {finding.message}. "
                "Ingest the articles into a new folder: footnote ingest FOLDER --library NEW",
            )
        if not articles:
            message = "holds no articles. Add some with: footnote ingest FOLDER"
            yield Examined("library", False, message)
        elif not faults:
            passages = sum(summary.passages for summary in articles)
            message = f"{len(articles)} articles, {passages} passages, each found by its own vector"
            yield Examined("library", True, f"{message} ({library.path})")


def _backends(settings: Settings) -> Iterator[Examined]:
    for found in check_backends(settings, names=settings.backend):
        ok = found.configured and found.allowed and found.reachable is True
        where = f"{found.name} ({found.model or 'no model'}, {found.location})"
        yield Examined("backend", ok, f"{where if found.model else found.name} {found.why}")


def _policy(settings: Settings) -> Iterator[Examined]:
    places = ", ".join(settings.text_may_go_to)
    local = settings.text_may_go_to == ("local",)
    meaning = "text of articles stays on this machine" if local else f"text may go to {places}"
    yield Examined("policy", True, f"{meaning} (text_may_go_to)")
