"""What a page says about its article: JSON-LD first, then Open Graph, meta tags, byline, address.

What a page does not say stays unknown.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from rag.ingestion.bylines import parse_byline
from rag.ingestion.dates import parse_day
from rag.ingestion.documents import FactName, Facts
from rag.ingestion.fields import name_of_parts, plain_name
from rag.ingestion.formats.html_tree import blocks
from rag.ingestion.normalization import tidy
from rag.types import Fact

JSON_LD, OPEN_GRAPH, META, MARKUP, BYLINE, ADDRESS = (
    *("JSON-LD", "Open Graph", "meta tag", "markup", "byline", "address"),
)
# JSON-LD has more levels only where somebody means harm.
DEEPEST_JSON = 30
LONGEST_FACT = 400
LONGEST_PART = 20_000
# Lower-case names of ``<meta>``, the best first; those with a colon are Open Graph's.
METAS: Mapping[FactName, tuple[str, ...]] = {
    "title": ("og:title", "citation_title", "dc.title", "dcterms.title", "headline"),
    "publisher": ("og:site_name", "citation_journal_title", "dc.publisher", "dcterms.publisher"),
    "author": (
        *("author", "citation_author", "dc.creator", "dcterms.creator", "article:author"),
        *("parsely-author", "sailthru.author", "byl"),
    ),
    "published": (
        *("article:published_time", "datepublished", "citation_publication_date"),
        *("dc.date.issued", "dcterms.issued", "dcterms.created", "parsely-pub-date"),
        *("sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date"),
        *("dc.date", "date"),
    ),
    "updated": (
        *("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified"),
        *("last-modified", "lastmod", "revised"),
    ),
    "language": ("og:locale", "inlanguage", "content-language", "dc.language", "dcterms.language"),
    "url": ("og:url",),
    "category": ("article:section", "articlesection", "section"),
}
DATES: tuple[FactName, ...] = ("published", "updated")
DAY_IN_ADDRESS = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D|$)"
)
# What publishing software writes where nobody filled in a name.
NO_AUTHORS = frozenset(
    (
        *("admin", "administrator", "root", "user", "guest", "webmaster"),
        *("unknown", "unknown author"),
    )
)
# What stands for a language that is not known.
NO_LANGUAGES = ("und", "zxx", "mul")
# How many paragraphs below its heading may be the byline of a page.
BELOW = 3
FIRST_YEAR = "1000"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
SITE_AT_END = r"\s*[|–—\-:•·»]\s*{0}\s*$"
HOST_AT_END = r"\s+[|–—\-•·»]\s+{0}\s*$"


def read_facts(tree: HtmlElement, address: str | None = None) -> Facts:
    """The facts of a page, each from the best place that says it.

    Args:
        tree: The page, before anything is taken out of it.
        address: Where it was read, if that is known.
    """
    found: dict[FactName, Fact] = {}
    for name, value, source in _said(tree, address):
        value = tidy(html.unescape(html.unescape(value)))[:LONGEST_FACT]
        plain = checked(name, value, address)
        if plain and name not in found:
            found[name] = Fact(plain, source)
    publisher = found["publisher"].value if "publisher" in found else ""
    if "title" in found:
        title, source = found["title"]
        found["title"] = Fact(_without_site(title, publisher, address) or title, source)
    if "author" in found and found["author"].value.casefold() == publisher.casefold():
        del found["author"]
    return found


def _without_site(title: str, publisher: str, address: str | None) -> str:
    """A title without the site's name at its end, as its publisher or its address gives it.

    A name may be written as one word or as several. The word in an address can be any word, so it
    has to stand apart.
    """
    name = r"\s*".join(re.escape(character) for character in "".join(publisher.split()))
    if name:
        title = re.sub(SITE_AT_END.format(name), "", title, flags=re.IGNORECASE)
    *_, host, _ = ("", "", *(urlsplit(address or "").hostname or "").split("."))
    if len(host) > 3 and host.isalpha():
        title = re.sub(HOST_AT_END.format(host), "", title, flags=re.IGNORECASE)
    return title


def _said(tree: HtmlElement, address: str | None) -> Iterator[tuple[FactName, str, str]]:
    for link in tree.xpath("//link[@rel='canonical']/@href"):
        yield "url", urljoin(address or "", str(link).strip()), MARKUP
    yield from _in_json_ld(tree)
    metas = _metas(tree)
    for name, keys in METAS.items():
        for key in keys:
            if key in metas:
                yield name, metas[key], OPEN_GRAPH if ":" in key else META
    for lang in tree.xpath("/html/@lang | /html/@xml:lang"):
        yield "language", str(lang), MARKUP
    yield from _in_markup(tree)
    yield from _in_byline(tree)
    if address:
        yield "url", address, ADDRESS
        if day := DAY_IN_ADDRESS.search(urlsplit(address).path):
            yield "published", "-".join(day.groups()), ADDRESS


def _in_json_ld(tree: HtmlElement) -> Iterator[tuple[FactName, str, str]]:
    objects = [entry for script in _scripts(tree) for entry in _objects(script)]
    article = next((entry for entry in objects if _is_article(entry)), None)
    if article is None:
        return
    by_id = {str(entry["@id"]): entry for entry in objects if "@id" in entry and len(entry) > 1}
    values: Iterable[tuple[FactName, object]] = (
        ("title", _headline(article, tree)),
        ("publisher", article.get("publisher") or article.get("sourceOrganization")),
        ("author", article.get("author") or article.get("creator")),
        ("published", article.get("datePublished") or article.get("dateCreated")),
        ("updated", article.get("dateModified")),
        ("language", article.get("inLanguage")),
        ("url", article.get("url") or article.get("mainEntityOfPage")),
        ("category", article.get("articleSection")),
    )
    for name, value in values:
        texts = list(_texts(value, by_id))
        if name == "author":
            texts = [", ".join(dict.fromkeys(texts))]
        yield from ((name, text, JSON_LD) for text in texts[:1])


def _headline(article: Mapping[str, Any], tree: HtmlElement) -> object:
    """The headline, or the name where that is the page's heading and the headline describes it."""
    name = article.get("name")
    headings = [tidy(h1.text_content()) for h1 in tree.iter("h1")]
    return name if name in headings else article.get("headline") or name


def _scripts(tree: HtmlElement) -> Iterator[object]:
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        text = (script.text or "").strip().removeprefix("<![CDATA[").removesuffix("]]>")
        with suppress(ValueError, RecursionError):
            yield json.loads(text.strip().rstrip(";"), strict=False)


def _objects(value: object, level: int = 0) -> Iterator[Mapping[str, Any]]:
    """The objects in a value, the outer ones first."""
    if level > DEEPEST_JSON:
        return
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from _objects(part, level + 1)


def _is_article(entry: Mapping[str, Any]) -> bool:
    kinds = entry.get("@type")
    named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind]
    return any(str(kind).endswith(("Article", "Posting", "Report")) for kind in named) or (
        "headline" in entry and "datePublished" in entry
    )


def _texts(value: object, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The names, or plain texts, in a value of JSON-LD."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            entry = {**by_id.get(str(entry.get("@id")), {}), **entry}
            named = entry.get("name") or entry.get("alternateName")
            parts = {plain_name(key): part for key, part in entry.items()}
            entry = named or name_of_parts(parts) or entry.get("@id")
        if isinstance(entry, list):
            entry = ", ".join(part for part in entry if isinstance(part, str))
        if isinstance(entry, str) and entry.strip():
            yield entry


def _metas(tree: HtmlElement) -> dict[str, str]:
    """The first value of each meta tag that has one; several authors together."""
    found: dict[str, list[str]] = {}
    for meta in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            key = meta.get(attribute, "").strip().lower()
            if key and meta.get("content").strip():
                found.setdefault(key, []).append(meta.get("content"))
    several = METAS["author"]
    return {
        key: ", ".join(dict.fromkeys(values)) if key in several else values[0]
        for key, values in found.items()
    }


def _in_markup(tree: HtmlElement) -> Iterator[tuple[FactName, str, str]]:
    names: Sequence[tuple[FactName, str]] = (
        ("title", "headline"),
        ("published", "datePublished"),
        ("updated", "dateModified"),
        ("category", "articleSection"),
    )
    for name, itemprop in names:
        for element in tree.xpath("//*[@itemprop=$name]", name=itemprop)[:1]:
            value = element.get("content") or element.get("datetime") or element.text_content()
            yield name, value, MARKUP
    times = tree.xpath("//time[@datetime and (@pubdate or contains(@class, 'publish'))]/@datetime")
    times = times or tree.xpath("//article//header//time/@datetime")
    yield from (("published", str(time), MARKUP) for time in times[:1])
    headings = [text for h1 in tree.iter("h1") if (text := tidy(h1.text_content()))]
    if len(headings) == 1:
        yield "title", headings[0], MARKUP
    for title in tree.xpath("//head/title")[:1]:
        yield "title", title.text_content(), MARKUP
    yield from (("title", text, MARKUP) for text in headings[:1])


def _in_byline(tree: HtmlElement) -> Iterator[tuple[FactName, str, str]]:
    short = _without_long_parts(tree)
    read = extract_metadata(short, date_config={"extensive_search": False, "original_date": True})
    if read.author:
        yield "author", read.author.replace("; ", ", "), BYLINE
    for byline in filter(None, map(parse_byline, _below_heading(tree))):
        if byline.author:
            yield "author", byline.author, BYLINE
        if byline.published:
            yield "published", byline.published.isoformat(), BYLINE
    if read.date:
        yield "published", read.date, BYLINE


def _below_heading(tree: HtmlElement) -> list[str]:
    """The first paragraphs below the page's only heading of the first level."""
    headings = [tidy(h1.text_content()) for h1 in tree.iter("h1")]
    found = list(blocks(tree)) if len(headings) == 1 else []
    starts = [n for n, block in enumerate(found, 1) if block.is_heading and block.text in headings]
    return [block.text for start in starts[:1] for block in found[start : start + BELOW]]


def _without_long_parts(tree: HtmlElement) -> HtmlElement:
    """A copy without the long scripts and attributes: trafilatura takes the square of each."""
    short = deepcopy(tree)
    for element in short.iter(etree.Element):
        for name in [name for name, value in element.items() if len(value) > LONGEST_PART]:
            del element.attrib[name]
        if element.tag == "script" and len(element.text or "") > LONGEST_PART:
            element.text = None
    return short


def checked(name: FactName, value: str, address: str | None = None) -> str:
    """The value in its plain form; empty where it cannot be one."""
    if name in DATES:
        return moment(value)
    if name == "language":
        known = LANGUAGE.fullmatch(value) and value.lower() not in NO_LANGUAGES
        return value.replace("_", "-") if known else ""
    if name == "url":
        return value if _is_own_address(value, address) else ""
    if name == "author":
        value = re.sub(r"^by\s+", "", value, flags=re.IGNORECASE)
        return "" if "://" in value or value.casefold() in NO_AUTHORS else value
    if name == "publisher":
        return "" if "://" in value else value.removeprefix("@")
    return value


def moment(written: str) -> str:
    """A time in ISO 8601 with its zone where it is given, or a day; empty for anything else."""
    read = ""
    with suppress(ValueError):
        parsed = datetime.fromisoformat(written)
        read = written if len(written) == 10 else parsed.isoformat(timespec="seconds")
    if not read:
        with suppress(ValueError, TypeError, IndexError):
            read = parsedate_to_datetime(written).isoformat(timespec="seconds")
    if not read and (day := parse_day(written)):
        read = day.isoformat()
    # Year 1 is how some software writes that nobody filled in the date.
    return read if read > FIRST_YEAR else ""


def _is_own_address(value: str, address: str | None) -> bool:
    """Whether an address can be that of this page: not a home page where another was read."""
    try:
        parts, read = urlsplit(value), urlsplit(address or "")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    return not (read.path.strip("/") and not parts.path.strip("/") and not parts.query)
