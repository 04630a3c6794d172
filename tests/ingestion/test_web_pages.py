"""Articles from a site on loopback: pages, feeds, sitemaps, and asking again for what changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from nursery import nursery
from rag import ArticleError, Library, Receipt, Settings, open_library
from rag.ingestion import add_page, ingest, pipeline, refresh
from rag.ingestion.isolation import ReadingLimits, ReadingProcess
from rag.store.health import check_health
from tiny_embedder import TinyEmbedder
from web_site import Reply, Site, page, web_site

SETTINGS = Settings(library=Path("unused"), inside_hosts=("127.0.0.1",), fetch_pause=0.0)
# For each version of the site.
KILLS = int(os.environ.get("FOOTNOTE_TEST_KILLS", "8"))
NOUNS = ("harbour", "orchard", "library", "viaduct", "observatory", "tannery", "weir", "theatre")


def story(number: int, version: int = 1, head: str = "") -> str:
    """An article of some length, another one for each number and version."""
    noun = NOUNS[number % len(NOUNS)]
    return page(
        f"The {noun} of town {number}",
        f"The {noun} of town {number} was repaired in spring after a long argument about money.",
        f"In its report number {version} the council says that {version + 40} people worked on the "
        f"{noun}, and that all of them were paid on time by the town.",
        "Visitors may come again on every day but Monday, when the keepers rest and the gate is "
        "shut from the morning to the evening.",
        head=head,
    )


def feed(site: Site, *paths: str) -> str:
    items = "".join(
        f"<item><title>Entry {path}</title><link>{site.address}{path}</link>"
        "<pubDate>Mon, 05 Feb 2024 10:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return f"<rss version='2.0'><channel><title>Towns</title>{items}</channel></rss>"


class Lasting(ReadingProcess):
    """A child for all tests: it takes longer to start than most of them."""

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def lasting() -> Iterator[Lasting]:
    process = Lasting(ReadingLimits(seconds=120, megabytes=1_500))
    yield process
    ReadingProcess.__exit__(process, None, None, None)


@pytest.fixture(autouse=True)
def reads_in_one_child(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting.limits = ReadingLimits(seconds=120, megabytes=1_500)
    monkeypatch.setattr(pipeline, "_process", lambda settings: lasting)


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        for number in range(6):
            made.put(f"/a/{number}", story(number))
        made.put("/feed", feed(made, "/a/0", "/a/1", "/a/2"), "application/rss+xml")
        yield made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        yield opened


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return tuple(  # type: ignore[return-value]
        len(part) for part in (receipt.added, receipt.updated, receipt.unchanged, receipt.failed)
    )


def take(library: Library, *addresses: str, follow: bool = False) -> Receipt:
    return ingest(addresses, library, follow=follow, settings=SETTINGS)


def test_a_page_becomes_an_article(site: Site, library: Library) -> None:
    site.put("/a/3?utm_source=mail", story(3))
    receipt = take(library, site.address + "/a/3?utm_source=mail")
    assert counts(receipt) == (1, 0, 0, 0)
    article = library.article(receipt.added[0])
    assert article.source.title == "The viaduct of town 3"
    assert article.source.url == f"{site.address}/a/3"
    assert article.source.origin == f"{site.address}/a/3?utm_source=mail"
    assert "Terms" not in article.text and "41 people worked" in article.text


def test_running_it_again_costs_nothing(site: Site, library: Library) -> None:
    take(library, site.address + "/a/0")
    receipt = take(library, site.address + "/a/0")
    assert counts(receipt) == (0, 0, 1, 0)
    assert site.paths(304) == ["/a/0"]


def test_new_text_at_the_same_address_is_an_update(site: Site, library: Library) -> None:
    canonical = f"<link rel=canonical href={site.address}/a/0>"
    take(library, site.put("/mobile/0", story(0, 1, canonical)))
    receipt = take(library, site.put("/amp/0", story(0, 2, canonical)))
    assert counts(receipt) == (0, 1, 0, 0)
    (kept,) = library.articles()
    assert "42 people" in library.article(kept.source.id).text
    assert kept.source.url == f"{site.address}/a/0"


def test_a_page_cannot_replace_that_of_another_site(site: Site, library: Library) -> None:
    take(library, site.address + "/a/0")
    foreign = "<link rel=canonical href=https://news.example/a><meta property=og:url content=x>"
    receipt = take(library, site.put("/evil", story(1, head=foreign)))
    assert library.article(receipt.added[0]).source.url == f"{site.address}/evil"


def test_a_followed_feed_is_read_and_asked_again(site: Site, library: Library) -> None:
    assert counts(take(library, site.address + "/feed", follow=True)) == (3, 0, 0, 0)
    for _ in range(2):
        site.asked.clear()
        assert counts(refresh(library, settings=SETTINGS)) == (0, 0, 0, 0)
        assert site.paths(304) == ["/feed"] == [p for p in site.paths() if p != "/robots.txt"]
    site.put("/feed", feed(site, "/a/1", "/a/2", "/a/3"), "application/rss+xml")
    site.put("/a/2", story(2, version=2))
    site.asked.clear()
    assert counts(refresh(library, settings=SETTINGS)) == (1, 1, 1, 0)
    assert site.paths(304) == ["/a/1"]
    assert "/a/0" not in site.paths()
    assert len(library.articles()) == 4


def test_what_a_feed_says_fills_what_a_page_does_not_say(site: Site, library: Library) -> None:
    site.put("/a/0", story(0, head="<meta name=date content=2020-01-02>"))
    take(library, site.address + "/feed")
    days = {s.source.url: str(s.source.published) for s in library.articles()}
    assert days[f"{site.address}/a/0"] == "2020-01-02"
    assert days[f"{site.address}/a/1"] == "2024-02-05"
    assert all("Entry" not in s.source.title for s in library.articles())


def test_a_feed_that_was_not_followed_is_not_asked_again(site: Site, library: Library) -> None:
    take(library, site.address + "/feed")
    take(library, site.address + "/a/5")
    site.asked.clear()
    refresh(library, settings=SETTINGS)
    assert site.paths() == ["/robots.txt", "/a/5"]


def test_a_page_leads_to_the_feed_that_it_names(site: Site, library: Library) -> None:
    link = "<link rel=alternate type=application/rss+xml href=/feed>"
    receipt = take(library, site.put("/", story(4, head=link)), follow=True)
    assert len(receipt.added) == 3
    assert [v.address for v in library.addresses.visits().values() if v.named] == [
        f"{site.address}/feed"
    ]
    take(library, site.address + "/a/4")
    receipt = take(library, site.address + "/a/4", follow=True)
    assert "names no feed" in receipt.failed[0].reason
    with pytest.raises(ArticleError, match="Only a web address"):
        ingest(["folder"], library, follow=True)


@pytest.mark.parametrize(("text", "says"), [("Ferrow", "OPML file"), ("<opml><x", "damaged")])
def test_the_feeds_of_an_opml_file_are_followed(
    site: Site, library: Library, tmp_path: Path, text: str, says: str
) -> None:
    addresses = [site.put(f"/feed/{number}", feed(site, f"/a/{number}")) for number in (1, 2)]
    outlines = "".join(f'<outline xmlUrl="{address}"/>' for address in addresses)
    (tmp_path / "feeds.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    for number in (1, 2):
        site.put(f"/a/{number}", story(number))
    receipt = take(library, str(tmp_path / "feeds.opml"), follow=True)
    assert (len(receipt.added), receipt.failed) == (2, ())
    assert set(library.addresses.followed()) >= set(addresses)
    (tmp_path / "other.opml").write_text(text)
    with pytest.raises(ArticleError, match=says):
        take(library, str(tmp_path / "other.opml"), follow=True)


def test_lists_of_lists_are_followed(site: Site, library: Library) -> None:
    sitemap = f"<urlset><url><loc>{site.address}/a/4</loc></url></urlset>"
    index = "<sitemapindex><sitemap><loc>/map.xml</loc></sitemap></sitemapindex>"
    opml = f"<opml><body><outline xmlUrl='{site.address}/feed'/></body></opml>"
    site.put("/map.xml", sitemap, "application/xml")
    take(library, site.put("/index.xml", index, "application/xml"), follow=True)
    take(library, site.put("/opml", opml, "text/x-opml"), follow=True)
    assert len(library.articles()) == 4
    # The lists within did not change when the outer ones did not, and the other way round.
    site.put("/feed", feed(site, "/a/5"), "application/rss+xml")
    assert counts(refresh(library, settings=SETTINGS)) == (1, 0, 0, 0)
    site.put("/b/feed", feed(site, "/a/3"), "application/rss+xml")
    site.put("/opml", "<opml><outline xmlUrl='/b/feed'/></opml>", "text/x-opml")
    assert counts(refresh(library, settings=SETTINGS)) == (1, 0, 0, 0)
    assert f"{site.address}/b/feed" in library.addresses.followed()
    site.put("/deep", "<opml><outline xmlUrl='/opml'/></opml>", "text/x-opml")
    receipt = take(library, site.put("/deeper", "<opml><outline xmlUrl='/deep'/></opml>"))
    assert "list within a list" in receipt.failed[-1].reason


def test_what_fails_is_told_and_asked_for_again(site: Site, library: Library) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /a/2\n")
    site.pages["/a/1"] = Reply(status=500)
    receipt = take(library, site.address + "/feed", follow=True)
    assert counts(receipt) == (1, 0, 0, 2)
    reasons = {failure.origin: failure.reason for failure in receipt.failed}
    assert "500" in reasons[f"{site.address}/a/1"]
    assert "robots.txt" in reasons[f"{site.address}/a/2"]
    site.put("/a/1", story(1))
    assert counts(refresh(library, settings=SETTINGS)) == (1, 0, 1, 1)


def test_a_page_that_is_gone_stays_in_the_library(site: Site, library: Library) -> None:
    address = site.address + "/a/0"
    take(library, address)
    site.pages["/a/0"] = Reply(status=410)
    assert counts(refresh(library, settings=SETTINGS)) == (0, 0, 0, 1)
    assert len(library.articles()) == 1
    # It was told once; nobody asks for it again.
    assert counts(refresh(library, settings=SETTINGS)) == (0, 0, 0, 0)


def test_an_article_that_was_removed_can_be_fetched_again(site: Site, library: Library) -> None:
    receipt = take(library, site.address + "/a/0")
    library.remove(receipt.added)
    library.compact()
    # No refresh brings it back, and its address, which often has its title's words, is nowhere.
    assert counts(refresh(library, settings=SETTINGS)) == (0, 0, 0, 0)
    for path in library.path.rglob("*"):
        assert path.is_dir() or b"/a/0" not in path.read_bytes(), path
    assert counts(take(library, site.address + "/a/0")) == (1, 0, 0, 0)


def test_files_and_addresses_go_together(site: Site, library: Library, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The mill was sold in the autumn.", encoding="utf-8")
    paths = [str(tmp_path / "note.txt"), site.address + "/a/0", "ftp://127.0.0.1/x"]
    receipt = ingest(paths, library, settings=SETTINGS, prune=True)
    assert counts(receipt) == (2, 0, 0, 1)
    assert ingest(paths[:1], library, prune=True).removed == ()


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (bytes(1_000), "image/png", "image/png"),
        ("<html><body></body></html>", "text/html", "no article"),
        ("<rss><channel>" + "<item/>" * 100_000, "text/xml", "more than 10,000"),
        ("<div>" * 100_000 + "x", "text/html", "nested"),
    ],
    ids=["picture", "empty", "long feed", "deep"],
)
def test_bad_pages_are_left_out_with_the_reason(
    site: Site, library: Library, body: bytes | str, kind: str, reason: str
) -> None:
    receipt = take(library, site.put("/bad", body, kind), site.address + "/a/0")
    assert counts(receipt) == (1, 0, 0, 1)
    assert reason in receipt.failed[0].reason


# What a parser takes minutes for, or the square of its length.
LONG_PAGE = f"<html><body>{'<p>Boats lie in the old harbour.</p>' * 150_000}</body></html>"
DEEP_FEED = "<rss>" + "<a>" * 400_000


@pytest.mark.parametrize("body", [LONG_PAGE, DEEP_FEED], ids=["page", "feed"])
def test_what_takes_too_long_to_read_costs_only_itself(
    site: Site, library: Library, lasting: Lasting, body: str
) -> None:
    assert counts(take(library, site.address + "/a/0")) == (1, 0, 0, 0)
    lasting.limits = ReadingLimits(seconds=3, megabytes=1_500)
    receipt = take(library, site.put("/bad", body))
    assert counts(receipt) == (0, 0, 0, 1)
    assert "more than 3 s" in receipt.failed[0].reason
    shown = add_page(LONG_PAGE, site.address + "/shown", library)
    assert "more than 3 s" in shown.failed[0].reason
    lasting.limits = ReadingLimits(seconds=120, megabytes=1_500)
    assert counts(take(library, site.address + "/a/1")) == (1, 0, 0, 0)


def test_a_page_as_it_is_shown_is_added_without_fetching(site: Site, library: Library) -> None:
    address = site.address + "/a/0#part"
    receipt = add_page(story(0, version=9), address, library)
    assert counts(receipt) == (1, 0, 0, 0) and site.asked == []
    assert library.article(receipt.added[0]).source.url == f"{site.address}/a/0"
    # It replaces what was fetched from there, and the other way round.
    assert counts(take(library, site.address + "/a/0")) == (0, 1, 0, 0)
    assert "Only addresses" in add_page("x", "file:///a", library).failed[0].reason


def content(library: Path) -> object:
    """All that a library knows, apart from the order in which it came."""
    with open_library(library, embedder=TinyEmbedder()) as opened:
        articles = {s.source.id: (asdict(s.source), s.characters) for s in opened.articles()}
        visits = {v.address: v for v in opened.addresses.visits().values()}
        rows = opened.catalog.rows(opened.catalog.ready_ids())
        passages = {row.passage: row.vector.tobytes() for row in rows}
        assert [found for found in check_health(opened) if found.kind != "mended"] == []
        return articles, dict(opened.places()), visits, passages


CHILD = """
from pathlib import Path
from rag.ingestion import fetched, isolation
from rag.settings import Settings

# A child of this child would start anew each time, which takes longer than all that is killed.
isolation.ReadingProcess.read_fetched = lambda self, *page: fetched.read_fetched(*page)

def child(feed, library):
    settings = Settings(library=Path("unused"), inside_hosts=("127.0.0.1",), fetch_pause=0.0)
    ingest(feed, library, follow=True, embedder=TinyEmbedder(), settings=settings)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_killed_many_times_it_ends_like_one_that_was_not(site: Site, tmp_path: Path) -> None:
    paths = [f"/a/{number}" for number in range(8)]
    address = site.address + "/feed"
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with nursery(CHILD) as children:
        for version in (1, 2):
            for number, path in enumerate(paths):
                if version == 1 or number % 2:
                    site.put(path, story(number, version))
            site.put("/feed", feed(site, *paths[version - 1 :]), "application/rss+xml")
            started = time.monotonic()
            assert not children.run(address, whole)
            latest = time.monotonic() - started
            kills = 0
            for number in range(KILLS):
                seconds = latest * (number % 4 + 1) / 5
                if children.run(address, killed, seconds=seconds):
                    kills += 1
                else:
                    # There is less left to do than before, so the next ones are killed earlier.
                    latest = seconds
            assert kills > KILLS // 4, "most runs were over before they could be killed"
            assert not children.run(address, killed)
            assert content(killed) == content(whole)
