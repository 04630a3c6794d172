"""PDF files: reading order, paragraphs, furniture, pages, and what is refused."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from pdf_files import Words, column, pdf
from rag.ingestion.articles import article_of
from rag.ingestion.documents import Document
from rag.ingestion.formats.pdf import read_pdf
from rag.ingestion.formats.pdf_layout import Line, join_lines, reading_order
from rag.ingestion.limits import Unreadable
from rag.ingestion.loaders import read

LEFT = [
    "The harbour council of Ferrow voted on",
    "Tuesday to rebuild the western pier, which",
    "has stood since 1911 and which no engi-",
    "neer has looked at for twenty years now.",
    "The work costs four million crowns in all.",
]
RIGHT = [
    "Fishing boats will use the eastern basin",
    "until the new crane is tested in the spring",
    "by two well-known firms from the mainland.",
    "Nobody knows yet what becomes of the old",
    "well-known lantern at the end of the pier.",
]


def test_lines_become_paragraphs_and_broken_words_whole() -> None:
    lines = [*LEFT, "", "A new paragraph begins below a gap of one", "line, and ends here."]
    assert read_pdf(pdf([column(lines)])).paragraphs == (
        "The harbour council of Ferrow voted on Tuesday to rebuild the western pier, which has"
        " stood since 1911 and which no engineer has looked at for twenty years now. The work costs"
        " four million crowns in all.",
        "A new paragraph begins below a gap of one line, and ends here.",
    )


TURNED = {"down": "0 -1 1 0 0 842", "over": "-1 0 0 -1 595 842", "up": "0 1 -1 0 595 0"}


@pytest.mark.parametrize("matrix", TURNED.values(), ids=TURNED)
def test_pages_are_read_whichever_way_they_are_turned(matrix: str) -> None:
    lines = [words._replace(matrix=matrix) for words in column(LEFT, top=400)]
    [found] = read_pdf(pdf([lines])).paragraphs
    assert found.startswith(" ".join(LEFT[:2])) and found.endswith(LEFT[-1])


def test_a_stamp_along_the_edge_comes_last() -> None:
    stamp = Words(300, 580, "Report 1911 of 5 March 2024", 20, "0 1 -1 0 595 0")
    found = read_pdf(pdf([[stamp, *column([*LEFT, *RIGHT], top=500)]])).paragraphs
    assert found[0].startswith(LEFT[0]) and found[-2].endswith(RIGHT[-1])
    assert found[-1] == stamp.text


def test_a_hyphen_of_the_word_itself_is_kept() -> None:
    lines = ["The well-known lamp and the well-", "known lantern burn at night over the", "quay."]
    assert read_pdf(pdf([column(lines)])).paragraphs == (
        "The well-known lamp and the well-known lantern burn at night over the quay.",
    )


@pytest.mark.parametrize("mixed", [False, True])
def test_columns_are_read_one_after_the_other(mixed: bool) -> None:
    title = [Words(60, 760, "Ferrow rebuilds the old western pier, and it will take long", 18)]
    left, right = column(LEFT, x=60), column(RIGHT, x=320)
    body = [w for pair in zip(left, right, strict=True) for w in pair] if mixed else left + right
    found = read_pdf(pdf([title + body]))
    text = " ".join(found.paragraphs)
    assert text.index("crowns in all") < text.index("Fishing boats")
    assert text.startswith("Ferrow rebuilds")
    assert found.facts["title"].source == "largest type"


@pytest.mark.parametrize(("words", "first"), [("the mill grinds", 0), ("הטחנה טוחנת קמח", 1)])
def test_cells_and_columns_follow_the_direction_of_the_script(words: str, first: int) -> None:
    def side(left: float, count: int) -> list[Line]:
        return [
            Line(f"{words} {number}", left, left + 200, 700 - 12 * number, 690 - 12 * number, 10)
            for number in range(count)
        ]

    sides = side(60, 1)[0], side(320, 1)[0]
    (row,) = reading_order(sides)
    assert row.text == f"{sides[first].text} {sides[1 - first].text}"
    assert (row.left, row.right) == (60, 520)
    columns = side(60, 8), side(320, 8)
    ordered = reading_order([*columns[0], *columns[1]])
    assert ordered == [*columns[first], *columns[1 - first]]


def test_a_table_is_read_by_rows() -> None:
    cells = [("Ticket", "Weekday", "Weekend"), ("Adult", "6.50", "8.00"), ("Child", "3.00", "4.50")]
    words = [
        Words(60 + 150 * column, 600 - 14 * row, cell)
        for column in range(3)
        for row, cell in enumerate(line[column] for line in cells)
    ]
    assert read_pdf(pdf([words])).paragraphs == tuple("; ".join(row) for row in cells)


def pages(count: int, **options: object) -> bytes:
    return pdf(
        [
            [
                Words(60, 800, f"Annals of Piers, volume {9 + n}"),
                *column([f"Page {n} speaks of stone {n}.", "It is short and says no more."]),
                Words(290, 40, str(n + 1)),
            ]
            for n in range(count)
        ],
        **options,  # type: ignore[arg-type]
    )


def test_running_heads_and_page_numbers_are_not_citable() -> None:
    found = read_pdf(pages(4))
    assert not [p for p in found.paragraphs if "Annals" in p or p.isdigit()]
    assert {r.rule for r in found.removed} == {"running head", "page number"}


def test_heads_of_two_pages_and_the_title_over_later_ones_are_not_citable() -> None:
    def page(number: int, head: str) -> list[Words]:
        top = [Words(60, 800, head), Words(60, 30, f"Sheet {number + 1} of the harbour")]
        return [*top, *column([f"Page {number} speaks of stone.", "It is short and says no more."])]

    heads = ["Quay Office", "Quay Office", "Piers of Ferrow"]
    made = [page(number, head) for number, head in enumerate(heads)]
    made[0].append(Words(60, 740, "Piers of Ferrow", 20))
    found = read_pdf(pdf(made))
    assert found.paragraphs[0] == "Piers of Ferrow" and len(found.paragraphs) == 4
    assert {removal.text for removal in found.removed} >= {"Quay Office", "Piers of Ferrow"}
    years = [column([f"In {year} it rained."], top=800) + column(LEFT) for year in (1911, 1912)]
    assert "In 1911 it rained." in read_pdf(pdf(years)).paragraphs[0]


def test_what_a_browser_prints_around_a_page_is_not_citable() -> None:
    printed = [
        *(Words(30, 820, "11/28/26, 3:46 PM"), Words(300, 820, "The pier | Gull")),
        *(Words(30, 20, "https://gull.example/pier"), Words(560, 20, "1/1")),
    ]
    found = read_pdf(pdf([[*printed, *column(LEFT)]]))
    assert len(found.paragraphs) == 1 and found.paragraphs[0].startswith(LEFT[0])
    assert len(found.removed) == 4
    # One of them alone may be the text's own.
    assert len(read_pdf(pdf([[printed[2], *column(LEFT)]])).paragraphs) == 2


def test_short_paragraphs_headings_and_close_footnotes_are_apart() -> None:
    heading = [Words(60, 760, "The rebuilding of the", 16), Words(60, 740, "western pier", 16)]
    short = [Words(60, 600 - 24 * n, f"Nobody said {n} or more.") for n in range(5)]
    notes = [Words(60, 90 - 8 * n, f"note {n} of the text", 7) for n in range(6)]
    found = read_pdf(pdf([[*heading, *column(LEFT[:3]), *short, *notes]])).paragraphs
    assert found[0] == "The rebuilding of the western pier"
    assert found[2:7] == tuple(words.text for words in short)
    apart = read_pdf(pdf([[*column(LEFT, top=690), *notes]])).paragraphs
    assert apart[0].endswith(LEFT[-1])


def test_a_title_above_three_columns_comes_first() -> None:
    title = [Words(240, 780, "The Observer", 18)]
    columns = [
        words
        for n, x in enumerate((40, 220, 400))
        for words in column([f"boats of column {n} row {row}" for row in range(8)], x=x)
    ]
    found = " ".join(read_pdf(pdf([[*columns, *title]])).paragraphs)
    assert found.startswith("The Observer boats of column 0 row 0")
    assert found.index("column 0 row 7") < found.index("column 1 row 0")


def test_lines_of_scripts_without_spaces_are_joined_without_one() -> None:
    lines = [Line("旧桥建于1931年，全"), Line("长一百二十米。"), Line("다리를 포함"), Line("되지")]
    assert join_lines(lines, Counter()) == "旧桥建于1931年，全长一百二十米。 다리를 포함 되지"


def test_running_heads_of_a_chapter_and_numbers_further_in_are_not_citable() -> None:
    made = [
        [
            Words(60, 800, "Ropes" if n < 8 else "Knots" if n % 2 else "Book of the quay"),
            Words(290, 106, f"{n + 1}"),
            *column([f"Page {n} speaks of rope {n}.", "It is short and says no more."]),
        ]
        for n in range(14)
    ]
    text = " ".join(read_pdf(pdf([*made, *[column(LEFT)] * 30])).paragraphs)
    assert "Page 13 speaks of rope 13. It is short" in text
    assert not {"Ropes", "Knots", "Book"} & set(text.split())
    assert not re.search(r"more\. \d", text)


def test_a_number_beside_words_at_the_edge_is_kept() -> None:
    row = [Words(60, 800, "Ropes in the store"), Words(400, 800, "14")]
    assert "14" in read_pdf(pdf([[*row, *column(LEFT)]])).paragraphs[0]


def test_a_line_at_the_edge_of_one_page_is_text() -> None:
    data = pdf([[Words(60, 800, "Only here: a note on ropes."), *column(LEFT)]])
    assert read_pdf(data).paragraphs[0] == "Only here: a note on ropes."


def test_pages_have_their_labels_and_numbers() -> None:
    labels = "0 << /S /r >> 2 << /S /D /St 7 >>"
    article = article_of(read_pdf(pages(4, labels=labels)), origin="a.pdf")
    parts = article.source.parts
    assert [(part.label, part.anchor) for part in parts] == [
        *(("p. i", "page=1"), ("p. ii", "page=2"), ("p. 7", "page=3"), ("p. 8", "page=4")),
    ]
    for number, part in enumerate(parts):
        assert article.text[part.start :].startswith(f"Page {number} speaks")


def test_a_paragraph_goes_on_over_a_page_break() -> None:
    first, second = column(LEFT[:3]), column([LEFT[3]])
    article = article_of(read_pdf(pdf([first, second])), origin="a.pdf")
    assert "no engineer has looked" in article.text
    one, two = article.source.parts
    assert (one.start, two.label) == (0, "p. 2")
    assert article.text[: two.start].endswith("which no engi")


def test_metadata_count_only_where_the_page_bears_them_out() -> None:
    info = {"Title": "Microsoft Word - draft7", "Author": "Ada Brandt"}
    facts = read_pdf(pdf([column(["By Ada Brandt of Ferrow.", *LEFT])], info=info)).facts
    assert {name: tuple(fact) for name, fact in facts.items()} == {
        "author": ("Ada Brandt", "PDF metadata")
    }


def test_a_page_is_cited_and_linked(tmp_path: Path) -> None:
    (tmp_path / "pier.pdf").write_bytes(pages(4))
    (found,) = read(tmp_path / "pier.pdf")
    assert isinstance(found, Document)
    source = found.article.source
    at = found.article.text.index("stone 2")
    part = source.part_at(at)
    assert part is not None and (part.label, part.anchor) == ("p. 3", "page=3")


ENCRYPTED = "/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O (" + "a" * 32
ENCRYPTED += ") /U (" + "b" * 32 + ") >> /ID [(0123456789abcdef) (0123456789abcdef)]"
REFUSED = {
    "encrypted": (pdf([column(LEFT)], trailer=ENCRYPTED), "encrypted"),
    "damaged": (b"%PDF-1.7\n" + b"x" * 200, "damaged"),
    "cut off": (pages(3)[:150], "damaged"),
    "no text": (pdf([[], []]), "scanner"),
    "page numbers only": (pdf([[Words(290, 40, str(n))] for n in range(3)]), "scanner"),
    "too many pages": (pdf([[]] * 3_001), "3,001 pages"),
}


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read_pdf(data)
