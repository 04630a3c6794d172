"""Checks an installation: embedder, library, backends and policy, and how to fix each fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rag.embedding import default_embedder
from rag.errors import FootnoteError, LibraryBusy
from rag.generation import check_backends
from rag.reader import Window, load_reader
from rag.retrieval import load_reranker, open_library
from rag.settings import Settings
from rag.store import check_health
from rag.verification import load_checker

REBUILD = "Make both indexes again from the catalog: footnote rebuild --library {library}"
# By kind of a library's finding; every other kind concerns an index.
ADVICE = {
    "article": "Remove it, then ingest its file again: footnote remove ID --library {library}",
    "catalog": "Put back a copy of the folder, or ingest the articles into a new one: "
    "footnote ingest FOLDER --library NEW",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one part of the installation.

    Attributes:
        part: ``embedder``, ``reader``, ``checker``, ``reranker``, ``library``, ``backend`` or
            ``policy``.
        message: Its state, or what is wrong and how to fix it.
    """

    part: str
    ok: bool
    message: str

    def to_dict(self) -> dict[str, Any]:
        return {"part": self.part, "ok": self.ok, "message": self.message}


def diagnose(settings: Settings) -> tuple[Finding, ...]:
    """One finding per part; each fault of the library is one."""
    return (
        *_guarded("embedder", _embedder),
        *_guarded("reader", lambda: _reader(settings)),
        *_guarded("checker", lambda: _checker(settings)),
        *_guarded("reranker", lambda: _reranker(settings)),
        *_guarded("library", lambda: _library(settings)),
        *_guarded("backend", lambda: _backends(settings)),
        *_guarded("policy", lambda: _policy(settings)),
    )


def _guarded(part: str, check_part: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check_part())
    except FootnoteError as error:
        return [Finding(part, False, str(error))]


def _embedder() -> Iterator[Finding]:
    encoder = default_embedder()
    near, far = encoder.embed(["The harbour bridge reopened.", "The bridge opened again."])
    ok = float(near @ far) > 0.5
    fault = "similar sentences get dissimilar vectors; install the weights again"
    yield Finding("embedder", ok, str(encoder.identity) if ok else fault)


def _reader(settings: Settings) -> Iterator[Finding]:
    if settings.reader == "none":
        yield Finding("reader", True, "off; sentences of drafts are checked by rules alone")
        return
    window = Window("", ("The harbour bridge reopened on Monday.",))
    same, other = load_reader().judge(
        [(window, "On Monday the harbour bridge reopened."), (window, "Bees live in hives.")]
    )
    ok = same.not_stated < other.not_stated
    fault = "it confuses what a text says with what it does not; install Footnote again"
    yield Finding("reader", ok, "judges sentences of drafts" if ok else fault)


def _checker(settings: Settings) -> Iterator[Finding]:
    checker = load_checker(settings)
    if checker is not None:
        yield Finding("checker", True, f"{checker.name} is asked for a second check")


def _reranker(settings: Settings) -> Iterator[Finding]:
    if settings.reranker is not None:
        load_reranker(settings.reranker)
        yield Finding("reranker", True, f"reads the evidence again ({settings.reranker})")


def _library(settings: Settings) -> Iterator[Finding]:
    try:
        library = open_library(settings.library)
    except LibraryBusy as busy:
        if busy.address is None:
            raise
        yield Finding(
            "library", True, f"in use by the server at {busy.address}; stop it to check the library"
        )
        return
    with library:
        faults = [finding for finding in check_health(library) if finding.kind != "mended"]
        for finding in faults:
            advice = ADVICE.get(finding.kind, REBUILD).format(library=library.path)
            yield Finding("library", False, f"{finding.kind}: {finding.message}. {advice}")
        if faults:
            return
        articles = library.articles()
        if not articles:
            message = "contains no articles. Add some with: footnote ingest FOLDER"
            yield Finding("library", False, message)
        else:
            passages = sum(summary.passages for summary in articles)
            message = f"{len(articles)} articles, {passages} passages, each found by its own vector"
            yield Finding("library", True, f"{message} ({library.path})")


def _backends(settings: Settings) -> Iterator[Finding]:
    for found in check_backends(settings, names=settings.backend):
        ok = found.configured and found.allowed and found.reachable is True
        where = f"{found.name} ({found.model or 'no model'}, {found.location})"
        yield Finding("backend", ok, f"{where if found.model else found.name} {found.why}")


def _policy(settings: Settings) -> Iterator[Finding]:
    places = ", ".join(settings.text_may_go_to)
    local = settings.text_may_go_to == ("local",)
    meaning = "article text stays on this machine" if local else f"article text may go to {places}"
    yield Finding("policy", True, f"{meaning} (text_may_go_to)")
