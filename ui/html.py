"""Turning strange text into safe HTML: the one place where the page escapes.

Everything that an article, a title, an address, a question or an error holds passes through
here before it stands in a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

# Braces, dollars and backticks are escaped besides HTML's own five, because the text also passes
# through a template engine in the browser. A lone surrogate or a NUL cannot be sent at all.
REPLACEMENTS: Mapping[int, str] = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("'"): "&#39;",
    ord("`"): "&#96;",
    ord("{"): "&#123;",
    ord("}"): "&#125;",
    ord("$"): "&#36;",
    0: "\ufffd",
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}

# What a browser would read differently than it looks: white space, controls, backslashes.
DECEPTIVE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
MAX_URL_LENGTH = 2_000


def escape(text: object) -> str:
    """``text`` as HTML that shows exactly that text, within an element or a quoted attribute."""
    return str(text).translate(REPLACEMENTS)


def safe_url(url: str | None) -> str | None:
    """The address if a reader may be sent there, else nothing.

    Only http and https addresses with a host, without a user name and without characters that
    make an address look like another one.
    """
    if not url or len(url) > MAX_URL_LENGTH or DECEPTIVE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return url


def url_host(address: str) -> str:
    """The host of an address that `safe_url` let through, without a leading ``www.``"""
    return (urlsplit(address).hostname or "").removeprefix("www.")


def external_link(url: str | None, *, before: str = "Original at") -> str:
    """A link to the original, naming its host, or nothing if there is no safe address."""
    address = safe_url(url)
    if address is None:
        return ""
    return (
        f'<a class="outside" href="{escape(address)}" target="_blank" rel="noopener noreferrer">'
        f'{before} {escape(url_host(address))}<span aria-hidden="true"> ↗</span></a>'
    )


def format_day(day: date | None) -> str:
    """A day as ``3 February 2025``, or nothing."""
    if day is None:
        return ""
    months = (
        "January February March April May June July August September October November December"
    ).split()
    return f"{day.day} {months[day.month - 1]} {day.year}"


def pluralize(number: int, one: str, many: str | None = None) -> str:
    """``1 source``, ``3 sources``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
