"""Which of the addresses that lead to a page identifies it."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

import httpx

from rag.data import read_words
from rag.fetching.allowed_addresses import Refused, parse_address


def identity(url: httpx.URL, canonical: str | None) -> str:
    """The address that identifies a page: the canonical one that it names, else its own.

    A page may name an address on its own site only; otherwise it could replace another's article.
    Parts that say where a reader came from are left out.
    """
    try:
        named = parse_address(str(url.join(canonical or "")))
        if _site(named).endswith(_site(url)) or _site(url).endswith(_site(named)):
            url = named
    except (Refused, httpx.InvalidURL, ValueError):
        pass
    for name in [name for name in url.params if _tracking().fullmatch(name)]:
        url = url.copy_remove_param(name)
    return str(url)


def _site(url: httpx.URL) -> str:
    return "." + url.host.removeprefix("www.")


@cache
def _tracking() -> re.Pattern[str]:
    names = read_words("tracking_parameters.txt")
    return re.compile("|".join(map(translate, sorted(names))), re.IGNORECASE)
