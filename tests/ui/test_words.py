"""The page's own words: in one file, in every language, and in the one that a visitor wants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

import ui
from browsing import visiting
from ui.visitor import Visitor, visited_by
from ui.words import PHRASES, SCRIPTS, all_words, choose_language, percent, say

PAGE = Path(ui.__file__).parent
TABLES = (SCRIPTS, PHRASES)
# What has no translation: names, file formats, and what templates and scripts are made of.
NAMES = {"Footnote", "HTML", "DOCTYPE"}
KEYS = {
    "Files",
    "ArrowLeft",
    "ArrowRight",
    "Enter",
    "Escape",
    "Tab",
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
}
SPOKEN_ATTRIBUTES = re.compile(r'(?:title|placeholder|alt|aria-label|content)="([^"]*)"')


def text_of(template: str) -> str:
    """What a template says in its own words, in its text and in attributes that are read."""
    # The block ``status`` holds names of classes.
    template = re.sub(r"block status %\}[^{]*", "", template)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    # Meta elements are read by browsers alone.
    text = re.sub(r"<meta[^>]*>|<!doctype[^>]*>", " ", text)
    spoken = " ".join(SPOKEN_ATTRIBUTES.findall(text))
    return re.sub(r"<[^>]*>|&#?\w+;", " ", text) + " " + spoken


def said_in(script: str) -> list[str]:
    """Strings of a script that look like words for a reader."""
    code = re.sub(r"^\s*//.*$|\s// .*$", "", script, flags=re.MULTILINE)
    strings = re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'|`([^`]*)`', code)
    texts = [re.sub(r"\$\{.*?\}|<[^>]*>", "", next(filter(None, found), "")) for found in strings]
    looks = re.compile(r"^\W*[A-Z][a-z]{2}|[a-z]{2}[.!?…]\s*$|[a-z]’[a-z]")
    return [text for text in texts if looks.search(text) and text not in KEYS]


def test_no_template_or_script_has_words_of_its_own() -> None:
    for path in PAGE.glob("templates/*.html"):
        words = set(re.findall(r"[^\W\d_]{2,}", text_of(path.read_text(encoding="utf-8"))))
        assert words <= NAMES, path.name
    for path in PAGE.glob("static/**/*.js"):
        assert said_in(path.read_text(encoding="utf-8")) == [], path.name
    assert text_of('<p title="Go on">{{ say("x") }} now</p>').split() == ["now", "Go", "on"]
    assert said_in('x = "Try again"; y = `It’s ${n}`; z = "click"; // "No"') == [
        "Try again",
        "It’s ",
    ]


def flat(words: Any) -> dict[str, str]:
    own = {name: text for name, text in words.items() if name not in TABLES}
    return own | {
        f"{table}.{name}": text for table in TABLES for name, text in words[table].items()
    }


@pytest.mark.parametrize("language", all_words())
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    english, other = flat(all_words()["en"]), flat(all_words()[language])
    assert other.keys() == english.keys()
    for key, text in other.items():
        names = [set(re.findall(r"\{(\w+)\}", form)) for form in text.split("|")]
        wanted = set(re.findall(r"\{(\w+)\}", english[key]))
        assert all(wanted - {"n"} <= found <= wanted for found in names), key
        assert text.strip() or key == "thousands", key
    assert len(other["months"].split()) == len(other["short_months"].split()) == 12


def test_every_key_is_used() -> None:
    """Those that are put together of parts by their beginning; phrases have a test of their own."""
    composed = r"(theme|state|clip|field|chip|group|sort)_\w+|\w+_select|language|one"
    composed += r"|(add|updat|unchang|group)ed"
    files = [*PAGE.glob("*.py"), *PAGE.glob("templates/*"), *PAGE.glob("static/**/*.js")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    keys = {key.removeprefix(f"{SCRIPTS}.") for key in flat({**all_words()["en"], PHRASES: {}})}
    unused = {key for key in keys if not re.search(rf"\b{key}\b", code)}
    assert [key for key in unused if not re.fullmatch(composed, key)] == []


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "it,fr;q=0.4,es;q=0.6", "es"),
        (None, "zh-Hans-CN", "zh"),
        (None, "de;q=0, nonsense;q=x,*", "en"),
        ("fr", "de", "fr"),
        ("tlh", "de", "de"),
    ],
)
def test_a_visitor_gets_the_chosen_or_the_first_spoken_language(
    wanted: str | None, accepted: str, language: str
) -> None:
    assert choose_language(wanted, accepted) == language


def test_numbers_and_plurals_follow_the_language() -> None:
    assert (say("n_articles", n=1), say("n_articles", n=1200)) == ("1 article", "1,200 articles")
    with visited_by(Visitor(language="de")):
        assert (say("n_questions", n=0), percent(0.5, 1)) == ("0 Fragen", "50,0\u00a0%")
        assert say("n_passages", n=1200) == "1.200 Textstellen"
    with visited_by(Visitor(language="fr")):
        assert say("n_questions", n=0) == "0 question"


def test_pages_speak_the_language_of_the_browser(client: httpx.Client) -> None:
    german = client.get("/articles", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in german and "<h1>Artikel</h1>" in german
    chosen = {"accept-language": "de", "cookie": "footnote_language=es"}
    assert "<h1>Artículos</h1>" in client.get("/articles", headers=chosen).text
    assert '<html lang="fr"' in client.get("/", headers={"accept-language": "fr"}).text


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_chat_speaks_german_and_switches_to_french(address: str, browser: object) -> None:
    with visiting(browser, address, locale="de-DE") as visit:
        page = visit.page
        page.get_by_placeholder("Ihre Frage").wait_for()
        visit.ask("When did the harbour of Esk reopen?")
        page.get_by_text("Wörtlich aus den Artikeln").wait_for()
        page.get_by_role("button", name="Noch einmal fragen").wait_for()
        page.locator(".languages summary").click()
        page.get_by_role("button", name="Français").click()
        page.get_by_placeholder("Votre question").wait_for()
        page.get_by_text("Cité mot pour mot des articles").wait_for()
