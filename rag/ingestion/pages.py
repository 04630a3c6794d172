"""One page of HTML as an article, for measurements."""

from __future__ import annotations

from rag.errors import ArticleError
from rag.types import Article


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
