"""Ingests articles into a library: read, decide, chunk, embed, store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import ArticleError
from rag.ingestion.fields import ReadOptions
from rag.ingestion.isolation import ReadingLimits, ReadingProcess
from rag.ingestion.progress import Progress
from rag.ingestion.run import DryRun, Run
from rag.receipts import Receipt, Skipped
from rag.settings import Settings, load_settings
from rag.store import Store, Visit, preview

if TYPE_CHECKING:
    from llama_index.core.schema import BaseNode

    from rag.embedding import Embedder
    from rag.ingestion.documents import Outcome
    from rag.types import Article

    Found = Outcome | Visit

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

# A request must be logged, and the log is in the library.
NOT_ASKED = "A dry run asks no web site."


def ingest(
    paths: str | Path | Iterable[str | Path] = (),
    library: Store | str | Path | None = None,
    *,
    documents: BaseNode | Iterable[BaseNode] = (),
    progress: Callable[[Progress], None] | None = None,
    prune: bool = False,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    follow: bool = False,
    dry_run: bool = False,
    embedder: Embedder | None = None,
    settings: Settings | None = None,
) -> Receipt:
    """Reads files, folders, addresses and documents into a library, created if there is none.

    What has not changed is not embedded again; the receipt names what is not read.

    Args:
        paths: Files, folders, and addresses of pages, feeds, sitemaps or OPML lists.
        library: A folder, or an open library; by default the folder that the settings name.
        documents: What LlamaIndex readers give; metadata are read like the fields of a record.
        progress: Called after each article.
        prune: Whether to remove articles that were once read from ``paths`` and are gone there.
        encoding: Of texts, Markdown and JSON, such as ``cp1252``; without it, it is found.
        mapping: The names that their fields have, such as ``{"body": "content.text"}``.
        follow: Whether `refresh` should ask again for what the feeds and other lists name.
        dry_run: Whether to write nothing, fetch nothing, and only report what would be done.
        embedder: For a folder, see `open_library`.
        settings: How addresses are fetched, and the limits of reading; by default the files'.

    Raises:
        ArticleError: A path is empty, or nothing is there; or a file is to be followed.
        LibraryError: The library cannot be opened or written.
    """
    settings = settings or load_settings()
    process, options = _process(settings), ReadOptions(encoding, mapping or {})
    given = Given.sorted(paths, documents, process, options, follow)
    with opened(library, settings, embedder, create=True, dry_run=dry_run) as store:
        return given.taken_into(store, settings, progress, prune=prune, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class Given:
    """What an ingest was given: files and folders, web addresses, documents."""

    roots: Sequence[str | Path]
    addresses: Sequence[str]
    streams: Sequence[Iterator[Outcome]]
    process: ReadingProcess
    follow: bool

    @classmethod
    def sorted(
        cls,
        paths: str | Path | Iterable[str | Path],
        documents: BaseNode | Iterable[BaseNode],
        process: ReadingProcess,
        options: ReadOptions,
        follow: bool,
    ) -> Given:
        """Looks at every path: one that does not exist must not create an empty library.

        Raises:
            ArticleError: A path is empty, or nothing is there; or a file is to be followed.
        """
        from rag.ingestion.loaders import read  # answering does not need it

        roots, addresses = sort_paths(paths, follow)
        streams = [read(root, options, isolated=process.read) for root in roots]
        streams.append(read_documents(documents, options.mapping))
        return cls(roots, addresses, streams, process, follow)

    def taken_into(
        self,
        store: Store,
        settings: Settings,
        progress: Callable[[Progress], None] | None,
        *,
        prune: bool,
        dry_run: bool,
    ) -> Receipt:
        """Reads all of it into an open library, or only tells what that would do."""
        with self.process:
            if dry_run:
                streams = [*self.streams, (Skipped(each, NOT_ASKED) for each in self.addresses)]
                return DryRun(store, self.roots, progress).add_all(streams, prune).receipt()
            fetched = read_addresses(
                store, self.addresses, self.process, settings, follow=self.follow
            )
            run = Run(store, self.roots, progress)
            return run.add_all(self.streams, prune, fetched).receipt()


def read_documents(
    documents: BaseNode | Iterable[BaseNode], mapping: Mapping[str, str]
) -> Iterator[Outcome]:
    """The articles of LlamaIndex documents, whose classes are imported only if there are any."""
    if not documents:
        return iter(())
    from rag.ingestion import reader_documents

    return reader_documents.read_documents(documents, mapping)


def sort_paths(
    paths: str | Path | Iterable[str | Path], follow: bool
) -> tuple[list[str | Path], list[str]]:
    """The files and folders among what was given, and the web addresses.

    Raises:
        ArticleError: A file or folder that is not an OPML list is to be followed.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    addresses = [str(path) for path in given if ADDRESS.match(str(path))]
    roots = [path for path in given if not ADDRESS.match(str(path))]
    if follow:
        return [], addresses + [feed for path in roots for feed in _feeds_in(Path(path))]
    return roots, addresses


def _feeds_in(path: Path) -> list[str]:
    """The addresses of the feeds in an OPML file.

    Raises:
        ArticleError: It is not such a file, or cannot be read.
    """
    from rag.fetching import Refused, read_listing
    from rag.ingestion.limits import MOST_TEXT, Unreadable, check_size

    entries = None
    try:
        if path.is_file():
            check_size(path, MOST_TEXT)
            data = path.read_bytes()
            entries = read_listing(data, "") if b"<opml" in data else None
    except (OSError, Refused, Unreadable) as error:
        raise ArticleError(path, str(error)) from error
    if not entries:
        raise ArticleError(path, "Only a web address or an OPML file can be followed.")
    return [entry.address for entry in entries]


def refresh(
    library: Store | str | Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    embedder: Embedder | None = None,
    settings: Settings | None = None,
) -> Receipt:
    """Asks again for each followed list and each page that was named, and takes in what changed.

    Args:
        library: A folder, or an open library.
        progress: Called after each article.
        embedder: For a library that is given as a folder, see `open_library`.
        settings: Settings for fetching addresses; by default those of the settings files.

    Raises:
        LibraryError: The library cannot be opened or written.
    """
    settings = settings or load_settings()
    with _process(settings) as process, opened(library, settings, embedder) as store:
        run = Run(store, (), progress)
        followed = store.addresses.followed()
        fetched = read_addresses(store, followed, process, settings, again=True)
        run.add_all((), fetched=fetched)
    return run.receipt()


def add_page(
    html: str, address: str, library: Store, *, settings: Settings | None = None
) -> Receipt:
    """Adds a page as a browser shows it; nothing is fetched.

    Args:
        html: The page.
        address: Where the browser shows it.
        library: An open library.
        settings: The limits of reading; by default those of the settings files.
    """
    from rag.ingestion.web_pages import read_shown

    run = Run(library, (), None)
    with _process(settings or load_settings()) as process:
        run.add_all([read_shown(html, address, process)])
    return run.receipt()


def read_page(data: bytes, address: str) -> Article:
    """The article of a page as a library would hold it.

    Raises:
        ArticleError: There is none.
    """
    # They import trafilatura, which answering does not need.
    from rag.ingestion.articles import article_of
    from rag.ingestion.formats.html import read_html
    from rag.ingestion.limits import Unreadable

    try:
        return article_of(read_html(data, address=address), origin=address)
    except Unreadable as error:
        raise ArticleError(address, str(error)) from error


def read_addresses(
    store: Store,
    addresses: Sequence[str],
    process: ReadingProcess,
    settings: Settings,
    *,
    follow: bool = False,
    again: bool = False,
) -> Iterator[Found] | None:
    """What is found at addresses, each fetched when it is asked for; None without addresses."""
    if not addresses:
        return None
    from rag.fetching import Fetcher
    from rag.ingestion.web_pages import AddressReader

    fetcher = Fetcher(settings, store.egress_log.record)
    visits = store.addresses.visits()
    places = store.places()
    reader = AddressReader(fetcher, visits, places, process, follow=follow, again=again)
    return chain.from_iterable(map(reader.read, addresses))


def opened(
    library: Store | str | Path | None,
    settings: Settings,
    embedder: Embedder | None,
    *,
    create: bool = False,
    dry_run: bool = False,
) -> AbstractContextManager[Store]:
    """An open library, which stays open afterwards, or the one in a folder, or in the settings'.

    For a dry run, a folder is left alone and a copy of its catalog is opened.
    """
    if isinstance(library, Store):
        return nullcontext(library)
    place = settings.library if library is None else library
    if dry_run:
        return preview(place, embedder=embedder)
    return Store.open(place, embedder=embedder, create=create)


def _process(settings: Settings) -> ReadingProcess:
    return ReadingProcess(ReadingLimits.of(settings))
