"""A conversation as files: nothing in them is active, and references keep what is known."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import mammoth
import pytest

from pages import Outline, answer, article
from rag import BackendInfo, Conversation, ConversationSummary, ConversationUnknown, Turn
from ui.docx import to_docx
from ui.exports import EXPORTS, cited_sources, single_turn
from ui.html import EXPORT_FORMATS

AT = "2026-02-03T04:05:06.789+00:00"
ESK = article(author="Ada Brandt", published=date(2024, 3, 9), url="https://esk.example/a")


def conversation(*questions: str, of: object = ESK) -> Conversation:
    turns = tuple(
        Turn(number, AT, answer(of, question=question))  # type: ignore[arg-type]
        for number, question in enumerate(questions, start=1)
    )
    return Conversation(ConversationSummary("0" * 16, questions[0], AT, AT, len(turns)), turns)


def shown(content: bytes) -> str:
    """A Word document as a reader of such files shows it, in HTML."""
    read = mammoth.convert_to_html(BytesIO(content))
    assert not [message for message in read.messages if message.type == "error"]
    return str(read.value)


def test_every_format_that_is_offered_can_be_written() -> None:
    assert [name for name, _, _ in EXPORT_FORMATS] == list(EXPORTS)
    for kind in EXPORTS.values():
        written = kind.write(conversation("When?"))
        assert "Harbour reopens" in (written if isinstance(written, str) else shown(written))


def test_a_source_is_listed_once_with_all_that_is_known() -> None:
    told = conversation("When?", "And who?")
    assert len(cited_sources(told)) == 1
    assert EXPORTS["ris"].write(told).splitlines() == [
        *("TY  - NEWS", "TI  - Harbour reopens", "AU  - Ada Brandt", "T2  - Esk Times"),
        *("PY  - 2024", "DA  - 2024/03/09/", "UR  - https://esk.example/a", "ER  - "),
    ]
    bibtex = EXPORTS["bibtex"].write(told)
    assert bibtex.count("@misc{") == 1 and "  date = {2024-03-09}," in bibtex
    (item,) = json.loads(EXPORTS["csl"].write(told))
    assert item["issued"] == {"date-parts": [[2024, 3, 9]]} and item["title"] == "Harbour reopens"


def test_each_author_is_one_in_every_kind_of_references() -> None:
    told = conversation("When?", of=article(author="Ida Brandt, Tom Reed and Ada Ey"))
    names = ["Ida Brandt", "Tom Reed", "Ada Ey"]
    assert re.findall(r"AU  - (.*)\r", EXPORTS["ris"].write(told)) == names
    assert f"author = {{{' and '.join(names)}}}" in EXPORTS["bibtex"].write(told)
    (item,) = json.loads(EXPORTS["csl"].write(told))
    assert item["author"] == [{"literal": name} for name in names]
    firm = conversation("When?", of=article(author="Search and Rescue"))
    assert "author = {{Search and Rescue}}" in EXPORTS["bibtex"].write(firm)


def test_what_is_unknown_is_left_out() -> None:
    bare = conversation("When?", of=article(publisher=None))
    assert "TY  - GEN" in EXPORTS["ris"].write(bare) and "PY" not in EXPORTS["ris"].write(bare)
    assert set(json.loads(EXPORTS["csl"].write(bare))[0]) == {"id", "type", "title"}


def test_one_answer_can_be_saved_alone() -> None:
    alone = single_turn(conversation("When?", "And who?"), 2)
    assert "And who?" in EXPORTS["html"].write(alone)
    assert "## 1." not in EXPORTS["markdown"].write(alone)
    with pytest.raises(ConversationUnknown):
        single_turn(alone, 1)


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "}\n@misc{evil, note={\\input{x}}", "A\r\nER  - \r\nTY  - BOOK"],
)
def test_strange_titles_stay_titles(hostile: str) -> None:
    told = conversation("When?", of=article(title=hostile, author=hostile, url=hostile))
    page = Outline(EXPORTS["html"].write(told))
    assert "script" not in {tag for tag, _ in page.elements}
    assert all(a["href"].startswith("#note-") for tag, a in page.elements if tag == "a")
    tags = re.findall(r"^\w\w(?=  - )", EXPORTS["ris"].write(told), re.M)
    assert tags == ["TY", "TI", "AU", "T2", "ER"]
    entry = EXPORTS["bibtex"].write(told)
    assert re.findall(r"^@\w+", entry, re.M) == ["@misc"] and "\\input" not in entry
    assert json.loads(EXPORTS["csl"].write(told))[0]["title"] == hostile


def test_a_word_document_has_footnotes_of_its_own() -> None:
    content = EXPORTS["docx"].write(conversation("When?", "And who?"))
    assert isinstance(content, bytes) and content == EXPORTS["docx"].write(
        conversation("When?", "And who?")
    )
    html = shown(content)
    assert re.findall(r"<h1>(.*?)</h1>", html)[-2:] == ["When?", "And who?"]
    assert re.findall(r'<sup><a href="#footnote-(\d)" id="footnote-ref-\1">', html) == ["1", "2"]
    notes = re.findall(r'<li id="footnote-\d">(.*?)</li>', html)
    assert len(notes) == 2
    for note in notes:
        assert "“The harbour of Esk reopened on Monday.” Harbour reopens, Esk Times" in note
        assert "Ada Brandt, 9 March 2024." in note
        assert '<a href="https://esk.example/a">' in note


def test_every_part_of_a_word_document_is_declared_and_well_formed() -> None:
    with zipfile.ZipFile(BytesIO(EXPORTS["docx"].write(conversation("When?")))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        roots = {name: ElementTree.fromstring(archive.read(name)) for name in names}
    assert names[0] == "[Content_Types].xml"
    declared = {item.get("PartName") for item in roots[names[0]]} - {None}
    assert declared == {
        f"/{name}" for name in names if name.startswith("word/") and "_rels" not in name
    }


@pytest.mark.parametrize("hostile", ["<w:t>&amp;</w:t>", "a\x00b\x0bc\ud800", "]]><!--"])
def test_no_text_becomes_part_of_a_word_document(hostile: str) -> None:
    source = article(title=hostile, author=hostile, url="javascript:alert(1)")
    told = conversation(hostile, of=source)
    sentence = replace(told.turns[0].answer.sentences[0], verdict="unconfirmed", why=hostile)
    answered = replace(told.turns[0].answer, sentences=(sentence,))
    told = replace(told, turns=(replace(told.turns[0], answer=answered),))
    html = shown(to_docx(told))
    assert "Not confirmed" in html and "javascript" not in html and "<w:" not in html
    if "\x00" not in hostile:
        assert hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html


def sent(kept: Conversation, model: BackendInfo) -> Conversation:
    """The conversation as if a model elsewhere had answered the question, read differently."""
    turn = kept.turns[0]
    trace = replace(
        turn.answer.trace,
        left_machine=("api.example.org",),
        understood={"text": "Who sailed to Esk?"},
    )
    return replace(
        kept, turns=(replace(turn, answer=replace(turn.answer, backend=model, trace=trace)),)
    )


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_a_file_says_who_wrote_it_how_the_question_was_read_and_what_left(kind: str) -> None:
    def written(kept: Conversation) -> str:
        content = EXPORTS[kind].write(kept)
        return content if isinstance(content, str) else shown(content)

    quoted = written(conversation("When?"))
    assert "no AI model used" in quoted and "Stayed on this computer" in quoted
    assert "Interpreted as" not in quoted
    told = written(sent(conversation("who?"), BackendInfo("far", "some-model", "US")))
    assert "Written by some-model" in told and "Interpreted as: " in told
    assert "Who sailed to Esk?" in told and "Text was sent to api.example.org" in told


def test_a_page_stands_alone_with_its_footnotes_and_lists() -> None:
    kept = conversation("When?", "And who?")
    (sentence,) = kept.turns[0].answer.sentences
    items = tuple(replace(sentence, block=block) for block in ("item", "item", "numbered"))
    turn = replace(kept.turns[0], answer=replace(kept.turns[0].answer, sentences=items))
    written = str(EXPORTS["html"].write(replace(kept, turns=(turn, *kept.turns[1:]))))
    page = Outline(written)
    targets = [a["href"][1:] for tag, a in page.elements if tag == "a" and a["href"][0] == "#"]
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert targets and set(targets) == set(ids) and len(set(ids)) == len(ids)
    assert re.search(r"<style>[^<]*\nbody { max-width", written)
    assert not re.search(r"<(link|img|script)|url\(|@import", written)
    first = written[: written.index("<h2", written.index("<h2") + 1)]
    parents = re.findall(r"<(/?(?:ul|ol|li))\b", first[: first.index('class="sources"')])
    assert parents[:7] == ["ul", "li", "/li", "li", "/li", "/ul", "ol"]


def test_titles_keep_their_capitals_in_bibtex() -> None:
    told = conversation("When?", of=article(title="OpenAI & DeepSeek"))
    assert "  title = {{OpenAI \\& DeepSeek}},\n" in str(EXPORTS["bibtex"].write(told))
