"""Makes articles of the documents that any LlamaIndex reader gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from uuid import UUID

from llama_index.core.schema import BaseNode, MetadataMode

from rag.ingestion.articles import article_from_fields, fields_of, web_address
from rag.ingestion.documents import Document, distinct
from rag.ingestion.fields import plain_name
from rag.ingestion.kinds import kind_of
from rag.ingestion.limits import Unreadable
from rag.receipts import Failure
from rag.types import Part

# Begins the place of an article that came as a document, so that it is never taken for a file that
# is gone from a folder.
PLACE = "document:"
# What readers note about a file. Its days are those of the file system, not of the publication.
PATHS = ("filepath", "filename", "path")
OF_A_FILE = frozenset(
    (
        *(*PATHS, "pagelabel", "filetype", "filesize", "creationdate", "lastmodifieddate"),
        *("lastaccesseddate", "lastmodified", "docid", "documentid", "totalpages", "extrainfo"),
    )
)
SOURCES = ("source", "sourceurl")
NOT_A_DOCUMENT = "It is a {}, not a LlamaIndex Document. Pass what a reader's load_data() returns."
NO_TEXT = "The document holds no text."


def read_documents(
    documents: BaseNode | Iterable[Any], mapping: Mapping[str, str]
) -> Iterator[Document | Failure]:
    """The articles of documents; one that cannot be read is a failure and stops no other.

    An article's place derives from the document's id. A random one (LlamaIndex gives a UUID of
    version 4 to a document without an id) says nothing about where it came from; then the place
    derives from its address, its file and page, or its title.

    Args:
        documents: LlamaIndex documents or nodes.
        mapping: By our name of a field, its name or dotted path in the metadata.
    """
    given = [documents] if isinstance(documents, BaseNode) else documents
    seen: Counter[str] = Counter()
    told: set[str] = set()
    for number, document in enumerate(given, start=1):
        if not isinstance(document, BaseNode):
            reason = NOT_A_DOCUMENT.format(type(document).__name__)
            yield Failure(f"document {number}", reason)
            continue
        try:
            found = _read(document, mapping, number)
        except Unreadable as error:
            yield Failure(_name_of(document, number), str(error))
            continue
        # The documents of a reader are alike: a note on one need not be repeated for all.
        notes = tuple(note for note in found.notes if note not in told)
        told.update(notes)
        place = distinct(found.location, seen)
        yield Document(place, found.article, notes, found.slashed_day)


def _read(document: BaseNode, mapping: Mapping[str, str], number: int) -> Document:
    text = document.get_content(metadata_mode=MetadataMode.NONE)
    if not text.strip():
        raise Unreadable(NO_TEXT)
    file = _file_of(document.metadata)
    values = {
        key: value
        for key, value in document.metadata.items()
        if plain_name(key) not in OF_A_FILE and not (file and str(value) == file)
    }
    fields = fields_of({**values, "body": text}, mapping)
    article = article_from_fields(
        fields, PurePath(file).name or _name_of(document, number), stem=PurePath(file).stem
    )
    page = _page_of(document.metadata)
    if page:
        # The label of a page tells no number that an address could take.
        parts = (Part(f"p. {page}", 0),)
        article = replace(article, source=replace(article.source, parts=parts))
    address = web_address(fields.facts.get("url"))
    name = _own_id(document) or address or (f"{file}#{page}" if file and page else file)
    location = PLACE + (name or article.source.title)
    return Document(location, article, fields.notes, fields.slashed_day)


def _own_id(document: BaseNode) -> str:
    """The id that somebody chose for a document; empty for a random one."""
    try:
        return "" if UUID(document.node_id).version == 4 else document.node_id
    except ValueError:
        return document.node_id


def _name_of(document: BaseNode, number: int) -> str:
    """What a receipt calls a document."""
    return _file_of(document.metadata) or _own_id(document) or f"document {number}"


def _file_of(metadata: Mapping[str, Any]) -> str:
    """The path or name of the file that a document was read from; empty if there is none.

    Some readers write it where others name a publisher or an address.
    """
    plain = {plain_name(key): str(value) for key, value in metadata.items() if value}
    named = next((plain[name] for name in PATHS if name in plain), "")
    sources = (plain[name] for name in SOURCES if name in plain)
    return named or next((source for source in sources if _is_path(source)), "")


def _is_path(text: str) -> bool:
    return "://" not in text and (PurePath(text).is_absolute() or kind_of(b"", text) is not None)


def _page_of(metadata: Mapping[str, Any]) -> str:
    """The page, where a reader gives one document for each."""
    return next((str(v) for key, v in metadata.items() if plain_name(key) == "pagelabel" and v), "")
