"""HTML from the templates in ``ui/templates``: the one place where the pages escape.

Everything that an article, a title, an address, a question or an error contains passes through
`render` before it is part of a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ui.visitor import current_visitor
from ui.words import languages, listed, say, translated, words_for_scripts

TEMPLATES = Path(__file__).parent / "templates"
# Where the pages find their style sheets and scripts.
STATIC = "/footnote"

# The formats of ``/api/conversations/ID/export``, as the pages offer them; and whether the file
# holds references alone.
EXPORT_FORMATS = (
    ("markdown", "Markdown", False),
    ("docx", "Word", False),
    ("html", "HTML", False),
    ("json", "JSON", False),
    ("ris", "RIS", True),
    ("bibtex", "BibTeX", True),
    ("csl", "CSL-JSON", True),
)

# Gradio passes the HTML through a template engine in the browser, which would read `${…}` and
# `{{…}}`. A lone surrogate or a NUL cannot be sent at all.
TEMPLATE_SIGNS: Mapping[int, str] = {
    ord("`"): "&#96;",
    ord("{"): "&#123;",
    ord("}"): "&#125;",
    ord("$"): "&#36;",
    0: "\ufffd",
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}

# What a browser does not read as it looks: white space, controls, backslashes.
DECEPTIVE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
MAX_URL_LENGTH = 2_000


def render(template: str, /, **values: Any) -> Markup:
    """A template as HTML that is safe inside a page and inside ``gr.HTML``.

    Args:
        template: File name in ``ui/templates``.
        values: Its variables. Strings are escaped; the result of another `render` is inserted as
            it is.

    Raises:
        jinja2.UndefinedError: The template uses a variable that is not given.
    """
    html = _environment().get_template(template).render(values).strip()
    # No template has one of these signs in its own HTML, so they can only be in inserted text.
    return Markup(html.translate(TEMPLATE_SIGNS))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "static": STATIC,
        "base": base,
        "visitor": current_visitor,
        "for_scripts": for_scripts,
        "say": say,
        "languages": languages,
        "article_url": article_url,
        "export_formats": EXPORT_FORMATS,
    }
    environment.filters |= {
        "day": format_day,
        "short_day": short_day,
        "local_day": local_day,
        "listed": listed,
        "safe_url": safe_url,
        "host": url_host,
        "translated": translated,
    }
    return environment


def base() -> str:
    """What the addresses of the library that is shown begin with; empty for the first one."""
    return current_visitor().place.base


def for_scripts() -> str:
    """What the page's scripts are told, as JSON."""
    told = {"base": base(), "formats": EXPORT_FORMATS, "words": words_for_scripts()}
    return json.dumps(told, ensure_ascii=False)


def safe_url(url: str | None) -> str | None:
    """The address if a visitor may be sent there, else None.

    Only http and https addresses with a host, without a user name and without characters that
    make one address look like another.
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


def url_host(url: str) -> str:
    """The host of an address that `safe_url` accepts, without a leading ``www.``"""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def article_url(article_id: str, start: int | None = None, end: int | None = None) -> str:
    """The address of an article's page, at a cited span if one is given (in characters)."""
    path = f"{base()}/articles/{percent_encode(article_id)}"
    return path if start is None else f"{path}?start={start}&end={end}#cited"


def format_day(day: date | None, months: str = "months") -> str:
    """A day in words, ``3 February 2025`` in English, or nothing."""
    if day is None:
        return ""
    month = say(months).split()[day.month - 1]
    return say("date", day=str(day.day), month=month, year=str(day.year))


def short_day(day: date | None) -> str:
    """A day with a short month, ``3 Feb 2025`` in English, or nothing."""
    return format_day(day, "short_months")


def format_month(day: date) -> str:
    """The month of a day, ``February 2025`` in English."""
    month = say("months").split()[day.month - 1]
    return say("month_of_year", month=month, year=str(day.year))


def local_day(at: str) -> str:
    """The day of an ISO time, in words, in the time zone of this machine."""
    return format_day(datetime.fromisoformat(at).astimezone().date())
