"""Forged citations and smuggled addresses in a model's draft, whole and in streamed pieces."""

from __future__ import annotations

import json
from typing import Any

from articles import evidence_of
from folders import ATTACKS, lines_of
from rag.types import Answer, Article, BackendInfo, Sentence, Trace
from rules_alone import verify_by_rules, verify_pieces_by_rules
from ui.render import answer_html

SOURCES = (
    Article.build("The bridge reopened on Monday. Crowds cheered.", title="Bridge", origin="1"),
    Article.build("The harbour was dredged in spring.", title="Harbour", origin="2"),
    Article.build("The library lends bicycles.", title="Library", origin="3"),
)
EVIDENCE = evidence_of(*SOURCES)


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(ATTACKS / name)]


def checked(draft: str) -> tuple[Sentence, ...]:
    """The sentences of a draft, after making sure that pieces of any size give the same."""
    whole = verify_by_rules(draft, EVIDENCE)
    for size in (1, 3, 7):
        pieces = [draft[at : at + size] for at in range(0, len(draft), size)]
        assert tuple(verify_pieces_by_rules(pieces, EVIDENCE)) == whole
    return whole


def html_of(sentences: tuple[Sentence, ...]) -> str:
    trace = Trace({"total": 0.1})
    info = BackendInfo("test")
    return answer_html(Answer("?", sentences, EVIDENCE, info, False, True, trace))


def test_forged_citations() -> None:
    seen = 0
    for case in cases("citation_forgery.jsonl"):
        seen += 1
        said = checked(case["model_output"])
        for sentence in said:
            for citation in sentence.citations:
                article = next(a for a in SOURCES if a.id == citation.article_id)
                assert article.text[citation.start : citation.end] == citation.quote, case["id"]
            assert "[1]" not in sentence.text.replace("a[1]", ""), case["id"]
            assert not any(mark in sentence.text for mark in ("[99]", "【", "[0]", "[-1]", "[^"))
        if case["kind"] in ("quote not in source 1", "invented address", "free-text source"):
            assert all(s.verdict != "supported" for s in said), case["id"]
        if case["kind"] == "citations with no claim":
            assert not said
        if case["kind"] == "honest refusal":
            assert [s.verdict for s in said] == ["no_claim"]
        if case["kind"] == "right quote, wrong source":
            assert said[0].citations[0].article_id == SOURCES[0].id
            assert "not by what the draft named" in said[0].why
    assert seen == 20


def test_smuggled_addresses() -> None:
    seen = 0
    for case in cases("markdown_exfil.jsonl"):
        seen += 1
        said = checked(case["output"])
        assert all(sentence.verdict != "supported" for sentence in said), case["id"]
        page = html_of(said).lower()
        for tag in ("<img", '<a href="http', "<iframe", "<script", "<svg", "<form", "<link"):
            assert tag not in page, case["id"]
    assert seen == 40
