"""An answer as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from pages import TEXT, Outline, answer, article
from rag import Article, Attempt, Citation, Evidence, Passage, Sentence, Source, Trace
from rag.cli.ask import BlockSigns
from rules_alone import verify_by_rules
from ui.render import answer_html, merge_adjacent, turn_html


def test_footnotes_are_links_to_the_words() -> None:
    source = article()
    shown = Outline(answer_html(answer(source)))
    link = next(a for t, a in shown.elements if a.get("class") == "footnote")
    start = TEXT.index("The harbour")
    assert link["href"] == f"/articles/{source.id}?start={start}&end={start + 38}#cited"
    assert "The harbour of Esk reopened on Monday" in (link["data-quote"] or "")
    assert (link["data-source"], link["data-title"]) == ("Esk Times, undated", "Harbour reopens")


def test_a_footnote_has_its_articles_address_where_that_is_safe() -> None:
    for url, address in (
        ("https://esk.example/a", "https://esk.example/a"),
        ("javascript:1", None),
    ):
        shown = Outline(answer_html(answer(article(url=url))))
        link = next(a for t, a in shown.elements if a.get("class") == "footnote")
        assert link.get("data-address") == address


def test_a_supported_sentence_is_quiet_and_others_say_why() -> None:
    quiet = answer_html(answer(article()))
    assert "verdict" not in quiet
    for verdict, words in (
        ("unconfirmed", "Not confirmed"),
        ("contradicted", "An article says otherwise"),
        ("not_found", "Not in the articles"),
    ):
        html = answer_html(answer(article(), verdict=verdict))
        assert words in html and f"sentence {verdict}" in html
        assert html.count("The harbour of Esk reopened on Monday") > 1  # the reason is shown


def test_a_source_without_a_day_is_called_undated() -> None:
    html = answer_html(answer(article(publisher=None)))
    shown = Outline(html)
    link = next(a for t, a in shown.elements if a.get("class") == "footnote")
    assert (link["data-source"], link["data-title"]) == ("undated", "Harbour reopens")
    assert '<span class="byline">undated</span></span></a>' in html


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
    assert "Stayed on this computer" in answer_html(base)
    trace = Trace({"total": 1.0}, (Attempt("mine", "it <timed> out"),), ("api.example.org",))
    html = answer_html(replace(base, trace=trace, complete=False))
    assert "Text was sent to api.example.org" in html
    assert "“mine” didn’t answer: it &lt;timed&gt; out" in html
    assert "Stayed on" not in html
    assert "This answer is incomplete" in html


def test_a_refusal_is_calm_and_names_the_nearest_headlines_once() -> None:
    no = Sentence("The articles do not say.", (), "no_claim", 1.0, "")
    near = Sentence("The nearest to it: “Harbour reopens”.", (), "no_claim", 1.0, "")
    html = answer_html(replace(answer(article()), sentences=(no, near), refused=True))
    assert "The articles do not say." in html
    assert html.count("Harbour reopens") == 1
    assert "notice" not in html and "verdict" not in html


def test_how_a_follow_up_was_read_is_shown() -> None:
    whole = answer(article())
    read = replace(whole, trace=replace(whole.trace, understood={"text": "When did <it> reopen?"}))
    assert ">When did &lt;it&gt; reopen?</span>" in answer_html(read)
    same = replace(whole, trace=replace(whole.trace, understood={"text": whole.question}))
    assert "Interpreted as" not in answer_html(same)


def test_an_answer_that_nobody_judged_says_so_from_the_first() -> None:
    html = turn_html("When?", answer_html(answer(article())), number=1, conversation_id="c" * 16)
    for judgment in ("good", "bad"):
        assert f'data-judge="{judgment}" aria-pressed="false"' in html


def test_an_article_has_one_number_and_its_places_have_letters() -> None:
    esk = article()
    tarn = article("Tarn plants trees. It has nine hundred oaks.", title="Tarn", publisher=None)
    dated = replace(tarn.source, published=date(2023, 11, 14))

    def evidence(rank: int, source: Source, text: str, start: int, end: int) -> Evidence:
        passage = Passage(source.id, start, end, text[start:end])
        return Evidence(passage, source, rank, 0.5, ("dense",))

    def said(of: Article, words: str) -> Sentence:
        start = of.text.index(words)
        cited = Citation(of.id, start, start + len(words), words)
        return Sentence(words, (cited,), "supported", 0.9, "")

    half = TEXT.index("What comes")
    found = replace(
        answer(esk),
        sentences=(said(esk, "Boats left"), said(tarn, "nine hundred"), said(esk, "It costs")),
        evidence=(
            evidence(1, esk.source, TEXT, 0, half),
            evidence(2, dated, tarn.text, 0, len(tarn.text)),
            evidence(3, esk.source, TEXT, half, len(TEXT)),
        ),
    )
    shown = Outline(answer_html(found))
    labels = [a["aria-label"] for _, a in shown.elements if a.get("class") == "footnote"]
    assert labels == [
        "Footnote 1a: Esk Times, undated",
        "Footnote 2: Tarn, 14 Nov 2023",
        "Footnote 1b: Esk Times, undated",
    ]
    listed = [a["data-number"] for tag, a in shown.elements if tag == "a" and "data-number" in a]
    assert listed == ["1", "2"] and "2 sources" in "".join(shown.texts)
    notes = [c["n"] for s in found.to_dict()["sentences"] for c in s["citations"]]
    assert notes == [1, 2, 1] and [e["n"] for e in found.to_dict()["evidence"]] == [1, 2, 1]
    assert re.findall(r"\[\^(\d)\]:", found.to_markdown()) == ["1", "2"]


MARKDOWN = """Two things are **planned**:

- A **second pier**: it costs 4 million. **[1]** The pier opens in May.
- Boats at dawn.

## Later
Nothing **else**. Nothing else."""


def test_markdown_of_a_draft_is_laid_out_and_nothing_of_it_is_shown() -> None:
    source = article()
    drafted = answer(source)
    said = verify_by_rules(MARKDOWN, drafted.evidence)
    drafted = replace(drafted, sentences=said)
    shown = Outline(answer_html(drafted))
    blocks = [
        (t, a.get("role")) for t, a in shown.elements if "paragraph" in (a.get("class") or "")
    ]
    assert blocks == [("p", None), ("li", None), ("li", None), ("p", "heading"), ("p", None)]
    assert [t for t, _ in shown.elements].count("ul") == 1
    bold = [[each.text[slice(*span)] for span in each.emphasis] for each in said]
    assert bold == [["planned"], ["second pier"], [], [], [], ["else"], []]
    assert "*" not in "".join(shown.texts) and "#" not in "".join(shown.texts)
    assert "\n\n- A second pier: it costs 4 million." in drafted.to_markdown()
    assert "\n\n### Later\n\n" in drafted.to_markdown()
    assert drafted.to_dict()["sentences"][1]["emphasis"] == [[2, 13]]


def test_a_numbered_list_keeps_its_numbers() -> None:
    source = article()
    drafted = answer(source)
    told = "In order:\n1. Boats left.\n2. The council wants a second pier.\n\nThen:\n1) None."
    drafted = replace(drafted, sentences=verify_by_rules(told, drafted.evidence))
    shown = Outline(answer_html(drafted))
    assert [tag for tag, a in shown.elements if a.get("class") == "items"] == ["ol", "ol"]
    signs = BlockSigns()
    before = [signs.before(sentence.block) for sentence in drafted.sentences]
    assert before == ["", "1. ", "2. ", "", "1. "]
