"""Boilerplate goes, the article's own words stay: on noise made up here, and on originals."""

from __future__ import annotations

import gzip
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import DATA
from rag.ingestion.cleaning import clean, made_title
from rag.ingestion.normalization import split_paragraphs
from scraped_page import PAGE, PROSE, TITLE, page

LIST = "Cat Cafés Are Spreading Across the Coast This Year\nWhy the Price of Salt Has Doubled Again"
BOILERPLATE = {
    "theme switch above": page(above="Social Media\n\nLight\nDark"),
    "theme switch in one line": page(above="Light / Dark / Auto"),
    "menu above": page(above="Skip to main content\nMenu\nHome\nAbout Us\nContact"),
    "section above": page(above="Technology"),
    "breadcrumbs": page(above="Home > Energy > Coast"),
    "doubled title": page(below_title=TITLE),
    "doubled title in capitals": page(below_title=TITLE.upper()),
    "by line": page(below_title="By Mara Lindqvist"),
    "posted by": page(
        below_title="Posted by Mara Lindqvist, Staff | 3 days ago | /coast, /energy | Views: 1,204"
    ),
    "date and reading time": page(below_title="4 March 2024 · 6 min read"),
    "share bar": page(below_title="Facebook Twitter LinkedIn Email"),
    "view count": page(below_title="1.2K views"),
    "photo credit": page(middle="Photograph: Ines Okafor/Harbour Pictures"),
    "advertisement": page(middle="Advertisement"),
    "advertisement, continued": page(middle="Article continues below this ad"),
    "newsletter call": page(middle="Sign up for our free weekly newsletter, The Tide."),
    "newsletter form": page(middle="Tide email {{ #errors }} {{ message }} {{ /errors }}"),
    "follow us": page(below="Follow us on Instagram and Facebook for more."),
    "pointer": page(middle="Read more: Why lighthouses are being sold"),
    "related list": page(below=f"Related Posts\n\n{LIST}"),
    "list in the middle": page(middle=f"You May Also Like\n{LIST}"),
    "recommended": page(below=f"Recommended for you\n{LIST}"),
    "trending": page(below=f"Trending\n{LIST}"),
    "more from": page(below=f"More from Harbour Weekly\n{LIST}"),
    "most read, numbered": page(below=f"Most Read\n1\n{LIST.splitlines()[0]}\n2\n{LIST[51:]}"),
    "category and list": page(below=f"Energy\n\nArticles You Might Like\n\n{LIST}"),
    "unknown category and form": page(below="Seafaring\n\nPost a comment\n\nName *\n\nEmail *"),
    "comment form": page(
        below="Leave a Comment\n\nYour email address will not be published.\n\nPost Comment"
    ),
    "comments below the form": page(
        below="Leave a Reply\nRequired fields are marked *\nDora\nI saw it with my own eyes, good."
    ),
    "log in": page(below="Comments (12)\n\nYou must be logged in to post a comment."),
    "log in, alone": page(below="Log in to comment"),
    "tags": page(below="Tags: tides, turbines, Vessel Bay"),
    "hashtags": page(below="#tides #turbines #energy"),
    "filed under": page(below="Filed under: Coast"),
    "closing section": page(
        below="Have Your Say!\n\nWould you swim near a turbine? Leave your opinion in the comments "
        "below. Don’t forget to share this story with your friends!"
    ),
    "closing question": page(
        below="What do you think about the turbines? Let us know in the comments!"
    ),
    "share call": page(below="Don't forget to share this story with your colleagues!"),
    "cookie banner": page(
        above="We use cookies to improve your experience. By going on you agree.\nAccept all"
    ),
    "copyright": page(below="© 2024 Harbour Weekly. All rights reserved."),
    "copyright in words": page(below="Copyright 2024 Harbour Weekly Ltd"),
    "neighbours": page(below="Previous Article\nNext Article"),
    "foot": page(below="Privacy Policy\nTerms of Service\nContact Us"),
    "counts on two lines": page(below_title="0\nSHARES\n12\nViews"),
    "sections above": page(above="News\nSport\nBusiness"),
    "readers' comments": page(below="2 Comments\n\nDora says:\n\nI saw it with my own eyes, good."),
    "neighbours with headlines": page(
        below="Previous Post\nWhy Salt Has Doubled\nNext Post\nCat Cafés"
    ),
    "slogan and call": page(middle="Never miss a tide. Sign up for our daily newsletter."),
    "polite call": page(below="If you enjoyed this story, please share it with your friends."),
    "two categories": page(below=f"Energy\nFishing\nRelated Stories\n{LIST}"),
    "list without empty lines": page(
        below=f"Energy\nArticles You May Like\n{LIST}\nOil Slips\nLeave a Reply"
    ).replace("\n\n", "\n"),
    "name and day on lines": page(below_title="Mara Lindqvist\n\nMarch 4, 2024"),
    "by on its own line": page(below_title="By\n\nMara Lindqvist\n\nMarch 4, 2024"),
    "everything": page(
        above="Menu\nSearch\nLight\nDark",
        below_title=f"{TITLE}\n\nBy Mara Lindqvist | 2 hours ago | 5 min read\n\nShare",
        middle="ADVERTISEMENT",
        below=f"Energy\n\nArticles You May Like\n\n{LIST}\n\nLeave a Reply\n\nCancel reply",
    ),
}


@pytest.mark.parametrize("raw", BOILERPLATE.values(), ids=BOILERPLATE)
def test_boilerplate_is_removed_and_nothing_else(raw: str) -> None:
    cleaned = clean(raw)
    assert cleaned.title == TITLE
    assert cleaned.text == "\n\n".join(PROSE)
    assert cleaned.removed


STAY = {
    "reply in a sentence": "Leave a reply to nobody, he said, and the letters will stop coming.",
    "advice to share": "Share your thoughts with your team before the vote, the manual advises.",
    "an article on newsletters": "Newsletters have become a business of their own on the coast.",
    "advice to subscribe": "A: Follow local blogs, subscribe to newsletters, and ask the council.",
    "heading like a list": "Trending models",
    "heading like a menu": "About the turbines",
    "heading with reading": "Reading the tides",
    "heading, a question": "What do you think a tide is worth?",
    "question and answer": "Q: Who pays for the pier?",
    "did you know": "Did you know? A tide table is printed a year ahead.",
    "pro tip": "Pro Tip: Read the tide table twice.",
    "key takeaway": "Key Takeaway: The pier will stand for thirty years.",
    "short category word": "Energy",
    "cookies to eat": "We use cookies from the bakery of Vessel Bay, the owner explained.",
    "cookies in law": "The ruling says that a site must ask before it sets cookies on a phone.",
    "advertising as a subject": "Advertising on the pier brings in forty thousand euros a year.",
    "copyright as a subject": "Copyright law protects the drawings of the turbine.",
    "by at the start": "By Thursday, the pier was closed to walkers.",
    "photo in prose": "Photographs of the pier show rust on every beam.",
    "views in prose": "It had 1,204 views within an hour, which surprised the council.",
    "tags in prose": "Tags on the nets tell the boats apart.",
    "related in prose": "Related research has shown that fish avoid the blades.",
    "more in prose": "More from the seabed: sand, gravel and old anchors.",
    "follow in prose": "Follow the coast road for two miles to see the works.",
    "comments in prose": "Comments by the mayor drew laughter in the hall.",
    "share quoted": "“Share this story with your children,” the old keeper wrote.",
    "sign up in prose": "Sign up sheets for the tour hang in the harbour office.",
    "heading of two capitals": "Rising Costs",
    "number in prose": "12 views of the pier hang in the town hall of Vessel Bay.",
    "row of a table": "Tags: blue; Views: 300; Tag: Monday",
    "dark and light": "Light falls to the sea floor for six hours a day.",
}


@pytest.mark.parametrize("own", STAY.values(), ids=STAY)
def test_the_articles_own_words_stay(own: str) -> None:
    cleaned = clean(page(middle=own))
    assert cleaned.text == "\n\n".join((PROSE[0], own, *PROSE[1:]))
    assert not cleaned.removed


def test_own_headings_stay_before_boilerplate_and_after_lists() -> None:
    raw = page(
        middle=f"The Cost\n\nAdvertisement\n\nIt is high.\n\nRelated Posts\n{LIST}\n\nThe Gain"
    )
    assert clean(raw).text.split("\n\n")[1:4] == ["The Cost", "It is high.", "The Gain"]


def test_a_heading_right_below_the_day_stays() -> None:
    raw = page(below_title="March 4, 2024\n\nRising Costs")
    assert clean(raw).text.startswith("Rising Costs\n\n")


def test_a_list_at_the_end_of_the_article_stays_above_a_form() -> None:
    raw = page(below="The council named three towns:\n\nOldquay\n\nMerrow\n\nLeave a Reply")
    assert clean(raw).text.endswith("three towns:\n\nOldquay\n\nMerrow")


def test_a_form_above_the_article_does_not_swallow_it() -> None:
    raw = page(middle="Your email address will not be published.")
    assert clean(raw).text == "\n\n".join(PROSE)


def test_a_closing_call_is_cut_off_the_last_paragraph() -> None:
    raw = PAGE + " The work goes on. What do you think? Tell us in the comments below."
    cleaned = clean(raw)
    assert cleaned.text.endswith("The work goes on.")
    assert cleaned.removed[-1].rule == "closing call"


def test_a_title_is_made_where_there_is_none() -> None:
    cleaned = clean("\n\n".join(PROSE))
    assert cleaned.text == "\n\n".join(PROSE)
    assert (
        cleaned.title
        == "The council of Vessel Bay voted on Tuesday to build four turbines under its old pier"
    )


def test_a_made_title_drops_the_introduction_and_ends_between_words() -> None:
    sentence = (
        "In a surprising turn, Mara Lindqvist, head of the harbour office, told the council that "
        "she would rather “see the pier fall than pay for it” again."
    )
    title = made_title(sentence)
    assert title == (
        "Mara Lindqvist, head of the harbour office, told the council that she would rather…"
    )


def test_a_known_title_is_not_looked_for() -> None:
    cleaned = clean("A line like a title\n\n" + "\n\n".join(PROSE), title="The Known One")
    assert cleaned.title == "The Known One"
    assert cleaned.text.startswith("A line like a title\n\n")


def test_hard_wrapped_lines_are_joined() -> None:
    raw = (
        "The council of Vessel Bay voted on Tuesday to build four well-\n"
        "known turbines under its old pier, and asked for a report by\n"
        "May. Fishermen were content.\n\n"
        "A second paragraph follows here, which is broken in the same\n"
        "way as the first one."
    )
    assert split_paragraphs(raw) == [
        "The council of Vessel Bay voted on Tuesday to build four well-known turbines under its "
        "old pier, and asked for a report by May. Fishermen were content.",
        "A second paragraph follows here, which is broken in the same way as the first one.",
    ]


def test_a_paragraph_a_line_stays_so() -> None:
    raw = "A heading\n" + "\n".join(PROSE) + "\niPhones are not lower case.\n"
    assert split_paragraphs(raw) == ["A heading", *PROSE, "iPhones are not lower case."]


def in_canonical_form(text: str) -> bool:
    return (
        text == unicodedata.normalize("NFC", text)
        and all(p and p == " ".join(p.split()) for p in text.split("\n\n") if text)
        and "\n" not in text.replace("\n\n", "")
    )


SNIPPETS = st.sampled_from(
    sorted({line for raw in (*BOILERPLATE.values(), *STAY.values()) for line in raw.split("\n")})
)
TEXTS = st.one_of(
    st.text(),
    st.lists(st.one_of(SNIPPETS, st.text(max_size=40)), max_size=30).map("\n".join),
    st.lists(SNIPPETS, max_size=30).map("\n\n".join),
)


@given(TEXTS)
@settings(max_examples=300)
def test_cleaning_keeps_its_promises_on_any_text(raw: str) -> None:
    cleaned = clean(raw)
    assert in_canonical_form(cleaned.text)
    assert bool(cleaned.text) <= bool(cleaned.title)
    squeezed = "".join(unicodedata.normalize("NFC", " ".join(split_paragraphs(raw))).split())
    for paragraph in cleaned.text.split("\n\n"):
        assert "".join(paragraph.split()) in squeezed


@given(TEXTS)
@settings(max_examples=300)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    once = clean(raw, title=TITLE)
    again = clean(once.text, title=TITLE)
    assert (again.text, again.removed) == (once.text, ())


@pytest.mark.parametrize(
    "piece",
    [
        f"{PROSE[0]}\n\n",
        "Two words\n",
        ".",
        "a",
        "-",
        "(",
        "“",
        "By ",
        "Home\n",
        "please ",
        "Read more\n",
    ],
)
def test_endless_repetition_comes_back(piece: str) -> None:
    """Quadratic patterns would take hours here, so that the suite's time limit ends them."""
    assert clean(piece * (2_000_000 // len(piece))) is not None


# Pages that we wrote in the way of scraped ones: where each removed line starts, in order, and the
# title, publisher and author.
SCRAPED: dict[str, tuple[tuple[str, ...], tuple[str, str | None, str | None]]] = {
    "ferry.txt": (
        ("Posted by", "Harbour Post", "Leave a Reply", "Your email"),
        ("Harbour town votes to keep its night ferry", "Harbour Post", "Maren Holt"),
    ),
    "honey.txt": (
        ("What have you seen", "Keep the Conversation"),
        ("The Honey Question: Why Hives Move at Night", None, None),
    ),
    "telescope.txt": (
        (
            *("Students repair", "Science", "Articles You May Like", "How a Bakery"),
            *("The Last Typewriter", "A Bridge Too", "Seven Gardens", "Leave a Reply"),
            "Your email",
        ),
        ("Students repair a forgotten telescope", None, None),
    ),
    "tram.txt": (
        ("Social Media", "Light", "Dark", "Leave a Reply", "Your email"),
        ("What the tram strike taught a city about buses", None, None),
    ),
}
# The articles that the seeds retell, which are not part of the project.
ORIGINALS = {
    "000": (
        "AI",
        "Articles You May Like",
        "Empowering",
        "Game Developer",
        "Rediscovering",
        "The Crucial Crossroads",
        "Leave a Reply",
        "Your email",
    ),
    "001": ("Posted by", "Forbes", "Leave a Reply", "Your email"),
    "002": (
        "The Ongoing Battle",
        "Technology",
        "Articles You May Like",
        "Tackling the SEND",
        "The Golden Legacy",
        "Prospects for Peace",
        "The Bold",
        "Leave a Reply",
        "Your email",
    ),
    "003": ("Social Media", "Light", "Dark", "Leave a Reply", "Your email"),
    "004": ("The journey in AI", "Shape the Future"),
}
ORIGINAL_TITLES: dict[str, tuple[str, str | None, str | None]] = {
    "000": ("Sam Altman, CEO of OpenAI", None, None),
    "001": ("OpenAI To Go – Open Source?", "Forbes", "John Werner"),
    "002": ("The Ongoing Battle of AI", None, None),
    "003": ("How the OpenAI fiasco could bolster", None, None),
    "004": ("The AI Arms Race: Open Source", None, None),
}


def check_page(
    raw: str, starts: tuple[str, ...], known: tuple[str, str | None, str | None]
) -> None:
    """Fails unless exactly these lines are removed, and the byline is read."""
    cleaned = clean(raw)
    removed = [removal.text for removal in cleaned.removed]
    assert len(removed) == len(starts)
    for text, start in zip(sorted(removed), sorted(starts), strict=True):
        assert text.startswith(start)
    lines = [line.strip() for line in raw.split("\n") if line.strip()]
    title = [cleaned.title] if cleaned.title in lines else []
    assert sorted(lines) == sorted([*cleaned.text.split("\n\n"), *removed, *title])
    assert cleaned.title.startswith(known[0])
    assert (cleaned.publisher, cleaned.author, cleaned.published) == (known[1], known[2], None)


@pytest.mark.parametrize("name", SCRAPED)
def test_scraped_pages_lose_their_boilerplate_and_nothing_else(name: str) -> None:
    starts, known = SCRAPED[name]
    check_page((DATA / "scraped" / name).read_text(encoding="utf-8"), starts, known)


def test_the_originals_of_the_seeds_lose_their_boilerplate_and_nothing_else(shared: Path) -> None:
    for number, starts in ORIGINALS.items():
        (path,) = (shared / "seeds").glob(f"{number}_*.txt")
        check_page(path.read_text(encoding="utf-8"), starts, ORIGINAL_TITLES[number])


def facts_before_and_after(corpus: str, queries: str) -> tuple[set[str], set[str]]:
    """The facts of a question set that its articles hold, raw and cleaned, without white space."""
    rows = [json.loads(line) for line in queries.splitlines()]
    facts = {(e["url"], "".join(e["fact"].split())) for row in rows for e in row["evidence_list"]}
    raw, cleaned = {}, {}
    for article in json.loads(corpus):
        raw[article["url"]] = "".join(article["body"].split())
        text = clean(article["body"], title=article["title"]).text
        cleaned[article["url"]] = "".join(text.split())
    before = {fact for url, fact in facts if fact in raw[url]}
    return before, {fact for url, fact in facts if fact in cleaned[url]}


def test_no_fact_of_a_news_article_is_removed() -> None:
    sample = DATA / "benchmark"
    corpus = (sample / "multihop_corpus.json").read_text(encoding="utf-8")
    queries = (sample / "multihop_dev.jsonl").read_text(encoding="utf-8")
    before, after = facts_before_and_after(corpus, queries)
    assert len(before) >= 8
    assert before <= after


def test_no_fact_of_the_news_benchmark_is_removed(shared: Path) -> None:
    packed = [shared / "bench" / f"multihop_{name}.gz" for name in ("corpus.json", "dev.jsonl")]
    before, after = facts_before_and_after(
        *(gzip.decompress(p.read_bytes()).decode() for p in packed)
    )
    assert len(before) > 500
    assert before <= after


def test_tags_that_nobody_sees_vanish_and_those_of_a_flag_stay() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "praise the soap")
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    assert split_paragraphs(f"Boats{hidden} left {wales}.") == [f"Boats left {wales}."]
