"""Facts about articles under many names and in many forms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag import ingest
from rag.errors import SettingsError
from rag.ingestion.dates import day_of, with_days
from rag.ingestion.documents import Document
from rag.ingestion.fields import ReadOptions, known_fields, parse_mapping
from rag.ingestion.loaders import read
from rag.receipts import Failure
from tiny_embedder import TinyEmbedder

BODY = "The salt works at Lerna give 640 tonnes a year."
DAY = "2024-03-05"


def written(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def articles(path: Path, **options: Any) -> list[Document]:
    found = with_days(list(read(path, ReadOptions(**options))))
    assert all(isinstance(item, Document) for item in found), found
    return [item for item in found if isinstance(item, Document)]


FRONT_MATTER = {
    "YAML": f"---\ntitle: Salt\nauthors:\n  - name: Dana Whit\n  - Bo Ek\ndate: {DAY}\n"
    "source: Lerna Post\ntags: [sea, salt]\nlang: en\n---\n",
    "TOML": f'+++\ntitle = "Salt"\nauthor = ["Dana Whit", "Bo Ek"]\ndate = {DAY}\n'
    'publisher = "Lerna Post"\n[taxonomies]\ntags = ["sea"]\n+++\n',
    "JSON": json.dumps(
        {
            "title": "Salt",
            "author": [{"first": "Dana", "last": "Whit"}, {"name": "Bo Ek"}],
            "date": f"{DAY}T10:00:00Z",
            "source": {"id": None, "name": "Lerna Post"},
            "categories": ["sea"],
        },
        indent=1,
    )
    + "\n",
}


@pytest.mark.parametrize("block", FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_front_matter_of_each_kind(tmp_path: Path, block: str) -> None:
    [found] = articles(written(tmp_path, "a.md", f"{block}\n{BODY}\n"))
    source = found.article.source
    assert (source.title, source.author, source.publisher, source.published, source.category) == (
        "Salt",
        "Dana Whit, Bo Ek",
        "Lerna Post",
        date(2024, 3, 5),
        "sea",
    )
    assert found.article.text == BODY and found.notes == ()


@pytest.mark.parametrize(
    "person",
    [
        {"@type": "Person", "givenName": "Dana", "familyName": "Whit", "url": "https://d.example"},
        {"first_name": "Dana", "last_name": "Whit"},
        {"forename": "Dana", "surname": "Whit", "name": ""},
        {"name": "Dana Whit", "first": "", "last": ""},
    ],
)
def test_an_author_in_parts(person: dict[str, str]) -> None:
    found = known_fields({"title": "Salt", "author": person})
    assert (found.facts, found.notes) == ({"title": "Salt", "author": "Dana Whit"}, ())


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", f'+++\ntitle = "Salt"\ndate = soon\n+++\n{BODY}')
    [found] = read(path)
    assert isinstance(found, Failure) and "Line 3" in found.reason


def test_braces_that_are_no_front_matter_are_text(tmp_path: Path) -> None:
    [found] = articles(written(tmp_path, "a.md", "{curly} words open this text about salt."))
    assert "{curly}" in found.article.text


def test_what_is_not_used_is_named_once(tmp_path: Path) -> None:
    records = [{"title": f"T{n}", "mood": "calm", "content": f"{BODY} {n}."} for n in range(3)]
    first, *others = articles(written(tmp_path, "a.json", json.dumps(records)))
    assert any("mood" in note and "content" not in note for note in first.notes)
    assert all(other.notes == () for other in others)


@pytest.mark.parametrize(
    "written_as",
    [
        "2024-03-05", "20240305", "2024/03/05", "05.03.2024", "5 March 2024", "March 5th, 2024",
        "5-Mar-24", "Tue, 05 Mar 2024 10:00:00 +0000", "2024-03-05T10:00:00.000Z",
        "5. März 2024", "5 mars 2024", "5 de marzo de 2024", "5 марта 2024", "2024年3月5日",
    ],
)  # fmt: skip
def test_a_day_in_many_forms(written_as: str) -> None:
    assert day_of(written_as) == date(2024, 3, 5)


@pytest.mark.parametrize("written_as", ["2024-03", "March 2024"])
def test_a_month_is_its_first_day(written_as: str) -> None:
    assert day_of(written_as) == date(2024, 3, 1)


@pytest.mark.parametrize("written_as", ["05/03/2024", "2024", "yesterday", "30/30/2024", "soon"])
def test_what_names_no_one_day(written_as: str) -> None:
    assert day_of(written_as) is None


@pytest.mark.parametrize("value", [1709640000, 1709640000000, 1709640000.5, "1709640000"])
def test_seconds_and_milliseconds(value: object) -> None:
    assert known_fields({"date": value}).facts["published"] == DAY


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (["13/03/2024"], date(2024, 3, 5)),
        (["03/13/2024"], date(2024, 5, 3)),
        ([], None),
        (["13/03/2024", "03/13/2024"], None),
    ],
)
def test_the_order_of_a_date_is_told_by_the_others(
    tmp_path: Path, others: list[str], expected: date | None
) -> None:
    for number, day in enumerate(["05/03/2024", *others]):
        written(tmp_path, f"{number}.md", f"---\ntitle: T\ndate: {day}\n---\n{BODY} {number}.\n")
    first, *rest = articles(tmp_path)
    assert first.article.source.published == expected
    assert all(document.article.source.published for document in rest)
    assert any("05/03/2024" in note for note in first.notes) is (expected is None)


def test_a_date_that_is_not_understood_is_noted(tmp_path: Path) -> None:
    [found] = articles(written(tmp_path, "a.md", f"---\ntitle: T\ndate: soon\n---\n{BODY}\n"))
    assert found.article.source.published is None
    assert any("soon" in note for note in found.notes)


WRAPPED = {
    "articles": {"status": "ok", "articles": [{"title": "A", "content": BODY}]},
    "two levels": {"response": {"total": 1, "results": [{"headline": "A", "bodyText": BODY}]}},
    "any name": {"page": 1, "stories": [{"name": "A", "full_text": BODY}]},
    "one article": {"title": "A", "text": BODY, "images": [{"url": "x"}]},
}


@pytest.mark.parametrize("value", WRAPPED.values(), ids=WRAPPED)
def test_a_list_inside_an_object(tmp_path: Path, value: object) -> None:
    [found] = articles(written(tmp_path, "a.json", json.dumps(value)))
    assert (found.article.source.title, found.article.text) == ("A", BODY)


def test_values_one_after_the_other_on_a_line(tmp_path: Path) -> None:
    line = json.dumps({"title": "A", "body": BODY}) + json.dumps({"title": "B", "body": BODY})
    assert len(articles(written(tmp_path, "a.json", line))) == 2


@pytest.mark.parametrize("name", ["body", "content", "content_html"])
def test_a_text_in_html(tmp_path: Path, name: str) -> None:
    body = "<p>It gives <b>salt</b> &amp; brine.</p><ul><li>One</li></ul><script>x()</script>"
    [found] = articles(written(tmp_path, "a.json", json.dumps({"title": "A", name: body})))
    assert found.article.text == "It gives salt & brine.\n\nOne"


def test_entities_are_characters(tmp_path: Path) -> None:
    [found] = articles(written(tmp_path, "a.txt", "Emily&#8217;s salt &amp; Bo &eacute;t AT&T."))
    assert found.article.text == "Emily’s salt & Bo ét AT&T."


def test_a_mapping_says_what_the_fields_are(tmp_path: Path) -> None:
    record = {"kop": "Zout", "inhoud": {"tekst": BODY}, "title": "not this"}
    path = written(tmp_path, "a.json", json.dumps([record]))
    [refused] = read(path)
    assert isinstance(refused, Failure) and "inhoud" in refused.reason and "--map" in refused.reason
    mapping = parse_mapping("title=kop, body=inhoud.tekst")
    [found] = articles(path, mapping=mapping)
    assert (found.article.source.title, found.article.text) == ("Zout", BODY)
    receipt = ingest(path, tmp_path / "library", mapping=mapping, embedder=TinyEmbedder())
    assert len(receipt.added) == 1


@pytest.mark.parametrize("told", ["titel=kop", "title", "title="])
def test_a_mapping_that_makes_no_sense_is_refused(told: str) -> None:
    with pytest.raises(SettingsError, match="FIELD=NAME"):
        parse_mapping(told)
