"""Texts that repeat one sign take a time that grows with their length, not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.ingestion.documents import Document
from rag.ingestion.fields import ReadOptions
from rag.ingestion.file_reading import read_file
from rag.ingestion.formats import css_selectors
from rag.receipts import Failure

GOOD = "The council of Ferrow rebuilds the western pier before winter."
SHORT, FACTOR = 8_000, 16
PAGE = f"<!doctype html><html><body><nav>Menu</nav><p>{GOOD}</p>{{}}</body></html>"
MAIL = f"From: Ann <a@ferrow.example>\nSubject: Pier\n{{}}\n\n{GOOD}\n"
# A file's name, and what surrounds the signs.
AROUND = {
    "md": f"{GOOD}\n\n{{}}\n\n{GOOD}\n",
    "txt": f"{GOOD}\n\n{{}}\n\n{GOOD}\n",
    "html": PAGE,
    "eml": MAIL,
}
SIGNS = {
    "md": (
        *(
            "`",
            "` `` ",
            "*a ",
            "_a",
            "**a *",
            "[",
            "](",
            "[a](",
            "![",
            "[^1]",
            "<!--",
            "<a ",
            "<b>",
        ),
        *("<b>x", "<i></b>", "<?", "<![CDATA[", "<svg>x", "<ruby>a<rt>b", "<a href='x", "> ", "- "),
        *("|a|b|\n", "~~", "\\", "&#", "# a\n", "a\n===\n", "<span style='color:red'>x"),
    ),
    "txt": ("a;b;c\n", "a\tb\n", "|a|\n", "By Ann Bell\n", "&amp;", "http://a.", "[1]", "-", " "),
    "html": (
        *("<b>x</b>", "<p>x", "<!--", "<a b", "<td>x", "<br>", "<select>", "<title>", "</i>", "&"),
        *("<a href=x>x</a>", "<p style='color:red'>x</p>", "<article>x</article>", "<style>"),
    ),
    "eml": ("To: a@b, ", "> a\nb\n"),
}


# A file's name, and its text of a given length.
MADE: dict[str, tuple[str, Callable[[int], str]]] = {
    "comments in an attribute": (
        "a.html",
        lambda n: PAGE.format(f"<p style='{'<!--' * (n // 4)}'>x</p>"),
    ),
    "tags in JSON-LD": (
        "a.html",
        lambda n: PAGE.format(f"<script type='application/ld+json'>{'</' * (n // 2)}</script>"),
    ),
    "parameters of a header": (
        "a.eml",
        lambda n: MAIL.format(f"Content-Type: text/plain; {'a=b; ' * (n // 5)}"),
    ),
    "quotation marks in a header": ("a.eml", lambda n: MAIL.replace("Ann", '"a\\" <' * (n // 7))),
    "quoted lines": (
        "a.eml",
        lambda n: MAIL.format("X: x") + "".join(f"> {line}\n{line}\n" for line in range(n // 10)),
    ),
    "blank lines of a message": ("a.eml", lambda n: MAIL.format("X: x") + "\n" * n + GOOD),
    "introduced quotations": (
        "a.eml",
        lambda n: MAIL.format("X: x") + "a\n" * (n // 4) + "\n> b\n" * (n // 8),
    ),
    "a flowed message": (
        "a.eml",
        lambda n: MAIL.format("Content-Type: text/plain; format=flowed") + "a \n" * (n // 3),
    ),
    "open elements": ("a.md", lambda n: AROUND["md"].format("<b>x" * (n // 4))),
}


def check_time(path: Path, make: Callable[[int], str]) -> None:
    """Compares the time for a long text with that for a short one."""

    def seconds(length: int) -> float:
        path.write_text(make(length))
        started = time.process_time()
        assert list(read_file(path, ReadOptions()))
        return time.process_time() - started

    seconds(10)
    assert seconds(FACTOR * SHORT) < 3 * FACTOR * seconds(SHORT) + 0.5


@pytest.mark.parametrize(("name", "make"), MADE.values(), ids=MADE)
def test_long_parts_take_linear_time(tmp_path: Path, name: str, make: Callable[[int], str]) -> None:
    check_time(tmp_path / name, make)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "sign"), [(kind, sign) for kind, signs in SIGNS.items() for sign in signs]
)
def test_repeated_signs_take_linear_time(tmp_path: Path, kind: str, sign: str) -> None:
    check_time(
        tmp_path / f"a.{kind}", lambda length: AROUND[kind].format(sign * (length // len(sign)))
    )


def reason(path: Path, text: str) -> str:
    """Why a file is not read; empty if it is."""
    path.write_text(text)
    (outcome,) = read_file(path, ReadOptions())
    return outcome.reason if isinstance(outcome, Failure) else ""


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_an_element_of_very_many_attributes_is_refused(tmp_path: Path, name: str) -> None:
    words = " ".join(f"a{number}" for number in range(3_000))
    for tag in (f"<p {words}>x</p>", f"<p a='>' {words}>x</p>", f"<p {words.replace(' ', '/')}>x"):
        assert "attributes" in reason(tmp_path / name, f"<div>{GOOD}{tag}</div>")
    for other in (f"<!-- <p {words} -->", f"<script>i<n;{words}</script>", f'<p title="{words}">'):
        assert reason(tmp_path / name, f"<div>{GOOD}{other}</div>") == ""


def test_a_style_sheet_may_look_at_so_many_elements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(css_selectors, "MOST_LOOKS", 10_000)
    for rule in ("p{color:red}", "div p{color:red}", "p,p{color:red}"):
        page = PAGE.format(f"<style>{rule * 400}</style><div>{'<p>x</p>' * 400}</div>")
        assert "too many rules" in reason(tmp_path / "a.html", page)
    page = PAGE.format(f"<style>{'p.a{color:red}' * 400}</style><div>{'<p>x</p>' * 400}</div>")
    assert reason(tmp_path / "a.html", page) == ""


def test_each_ancestor_is_looked_at_once_for_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(css_selectors, "MOST_LOOKS", 2_000)
    monkeypatch.setattr(css_selectors, "MOST_LOOKS_EACH", 0)
    deep = f"{'<div>' * 200}<p>{GOOD}</p>{'</div>' * 200}"
    page = f"<!doctype html><style>{'div ' * 5}p{{display:none}}</style><p>Ferries sail.</p>{deep}"
    path = tmp_path / "a.html"
    path.write_text(page)
    (read,) = read_file(path, ReadOptions())
    assert isinstance(read, Document) and GOOD not in read.article.text


def test_aliases_of_aliases_are_not_written_out(tmp_path: Path) -> None:
    laughs = "\n".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert "aliases" in reason(tmp_path / "a.md", f"---\na: &a [x]\n{laughs}\n---\n{GOOD}\n")
    shared = f"---\nauthor: &me Ann Bell\ntitle: Pier\nby: *me\n---\n{GOOD}\n"
    assert reason(tmp_path / "a.md", shared) == ""
