"""What the page says about who answered, what was tried, and what left the machine."""

from __future__ import annotations

from drafting import evidence
from rag import Answer, Attempt, BackendInfo, Sentence, Trace
from ui.render import answer_html


def said(trace: Trace, backend: BackendInfo | None = None, *, complete: bool = True) -> str:
    sentence = Sentence("It opened.", (), "not_found", 0.0, "Nothing says so.")
    who = backend or BackendInfo("extractive")
    return answer_html(Answer("When?", (sentence,), evidence(), who, False, complete, trace))


def test_by_default_nothing_left_this_machine() -> None:
    page = said(Trace({"total": 0.2}))
    assert "Stayed on this computer" in page and "no AI model used" in page
    assert "reasoning" not in page and "answer:" not in page


def test_a_reply_without_articles_speaks_of_no_quotes_and_no_sources() -> None:
    reply = Sentence("You are welcome.", (), "no_claim", 1.0, "")
    backend, trace = BackendInfo("extractive"), Trace({"total": 0.2})
    page = answer_html(Answer("thanks", (reply,), (), backend, False, True, trace))
    assert "Stayed on this computer" in page
    assert "Quoted" not in page and "source" not in page


def test_who_wrote_it_who_was_tried_and_where_text_went() -> None:
    trace = Trace(
        {"total": 0.2},
        tried=(Attempt("one", "it <b>failed</b> with status 500."),),
        left_machine=("api.example.org",),
        notes=("1 passage was not given to two: the article says keep_local.",),
    )
    page = said(trace, BackendInfo("two", "large", "US"))
    assert "Written by large" in page and "Text was sent to api.example.org" in page
    assert "“one” didn’t answer: it &lt;b&gt;failed&lt;/b&gt;" in page
    assert "keep_local" in page and "Stayed on" not in page


def test_thoughts_are_folded_escaped_and_cut() -> None:
    page = said(Trace({}, reasoning="<script>x</script>" + "hm " * 5_000))
    assert '<details class="evidence reasoning">' in page and "<script>" not in page
    assert len(page) < 20_000


def test_an_answer_that_broke_off_says_so() -> None:
    page = said(Trace({}, notes=("The model stopped mid-answer: it fell silent.",)), complete=False)
    assert "This answer is incomplete" in page and "it fell silent" in page
