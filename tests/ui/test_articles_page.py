"""The list of articles: sorted and searched, files added, articles chosen and removed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from articles import AGENCY_STORY
from browsing import Visit, visiting
from live_server import serving
from pages import Outline
from rag import ArticleError, ArticleSummary, Library, Progress, Receipt, Source
from small_library import small_library, write_articles
from ui import service as service_module
from ui.article_list import ARTICLES_PER_PAGE, MAX_BARS, View, article_list_html, timeline
from ui.uploads import FOLDER, upload_path

NEWS = b"---\ntitle: Quay opens\n---\nThe quay of Esk opened on Friday.\n"


def item(
    number: int, title: str, publisher: str | None, day: date | None, **known: str
) -> ArticleSummary:
    source = Source(
        f"{number}", title, origin=f"{number}.md", publisher=publisher, published=day, **known
    )
    return ArticleSummary(source, number, 1)


ARTICLES = [
    item(1, "Oaks", "Tarn Post", date(2024, 3, 1)),
    item(2, "Quay", None, None),
    item(3, "Boats", "Esk Times", date(2024, 3, 9), category="Sea"),
    item(4, "Ash", "Esk Times", date(2023, 1, 2), category="Nature"),
]


def listed(**wanted: Any) -> list[str]:
    """Headings and titles in their order; ``#`` marks a heading."""
    html = article_list_html(ARTICLES, View(**wanted), can_change=True)
    shown = Outline(re.sub("<figure.*</figure>", "", html, flags=re.DOTALL))
    texts = {text: "" for text in shown.texts}
    known = {a.source.title for a in ARTICLES}
    headings = {"March 2024", "January 2023", "Undated", "Esk Times", "Tarn Post"}
    headings |= {"Unknown publisher", "Nature", "Sea", "No category"}
    return [f"#{text}" if text in headings else text for text in texts if text in known | headings]


def test_articles_are_sorted_into_groups() -> None:
    assert listed() == ["#March 2024", "Boats", "Oaks", "#January 2023", "Ash", "#Undated", "Quay"]
    assert listed(group="publisher", sort="oldest") == [
        *("#Esk Times", "Ash", "Boats"),
        *("#Tarn Post", "Oaks"),
        *("#Unknown publisher", "Quay"),
    ]
    assert listed(group="category") == [
        *("#Nature", "Ash"),
        *("#Sea", "Boats"),
        *("#No category", "Oaks", "Quay"),
    ]
    assert listed(sort="oldest")[:3] == ["#January 2023", "Ash", "#March 2024"]
    assert listed(group="none", sort="title") == ["Ash", "Boats", "Oaks", "Quay"]
    assert listed(group="none", sort="longest") == ["Ash", "Boats", "Quay", "Oaks"]
    assert listed(sort="nonsense", group="nonsense", period="nonsense") == listed()


def test_a_period_is_chosen_by_what_its_dates_begin_with() -> None:
    assert listed(period="2024-03") == ["#March 2024", "Boats", "Oaks"]
    assert listed(period="202") == listed()[:-2]
    assert listed(period="1999") == []
    assert View("a b", "newest", "publisher", "202", 3).address(period="2024-03") == (
        "/articles?search=a+b&group=publisher&period=2024-03"
    )
    assert View(page=3).address() == "/articles"


def test_the_timeline_counts_by_the_shortest_period_that_fits() -> None:
    days = [date(2023, 11, 4), date(2024, 1, 1), date(2024, 1, 31)]
    months = [("November 2023", 1), ("December 2023", 0), ("January 2024", 2)]
    assert [(bar.label, bar.articles) for bar in timeline(days)] == months
    assert timeline(days, "2024-01") == timeline(days) and timeline([]) == []
    longer = [*days, date(1994, 5, 1)]
    years = timeline(longer)
    assert len(years) == 31 and years[-1] == ("2024", 2)
    assert timeline(longer, "2023") == [("2023-11", 1)]
    decades = timeline([*longer, date(1890, 1, 1)])
    assert len(decades) == 14 <= MAX_BARS and decades[0].label == "1890–1899"
    assert timeline([date(1000, 1, 1), *days])[-1] == ("20", 3)


def test_a_search_finds_every_word_in_what_is_known() -> None:
    assert listed(words="esk BOATS") == ["#March 2024", "Boats"]
    assert listed(words="4.md") == ["#January 2023", "Ash"]
    assert listed(words="kangaroo") == []
    assert listed(page=99) == listed()
    assert len(ARTICLES) <= ARTICLES_PER_PAGE


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../a.md",
        "a/../../b.md",
        ".hidden",
        "a/.git/b",
        "x\0y",
        "C:\\a",
        "x" * 301,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArticleError):
        upload_path(tmp_path, name)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(write_articles(tmp_path / "articles"), tmp_path / "library") as library:
        yield library


def test_dropped_files_are_added_updated_and_not_kept(library: Library) -> None:
    with serving(library) as address, httpx.Client(base_url=address, trust_env=False) as client:

        def upload(name: str, body: bytes) -> httpx.Response:
            return client.post("/api/uploads", params={"name": name}, content=body, timeout=30)

        first = upload("news/quay.md", NEWS).json()
        assert list(first["titles"].values()) == ["Quay opens"] and len(first["added"]) == 1
        assert upload("news/quay.md", NEWS).json()["unchanged"] == first["added"]
        changed = upload("news/quay.md", NEWS.replace(b"Friday", b"Sunday")).json()
        assert len(changed["updated"]) == 1 and len(library.articles()) == 3
        bad = upload("pier.md", b"").json()
        assert bad["failed"][0]["reason"] and not bad["added"]
        refused = upload("../pier.md", NEWS)
        assert refused.status_code == 400 and refused.json()["error"]["kind"] == "ArticleError"
        elsewhere = {"x-forwarded-for": "192.0.2.7"}
        assert client.post("/api/uploads?name=a.md", headers=elsewhere).status_code == 403
    assert not (library.path / FOLDER).exists()


def test_a_library_that_cannot_be_written_takes_no_file_and_says_so(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(library) as address, httpx.Client(base_url=address, trust_env=False) as client:

        def refused() -> str:
            reply = client.post("/api/uploads?name=quay.md", content=NEWS, timeout=30)
            assert reply.status_code == 503 and reply.json()["error"]["kind"] == "LibraryFull"
            return str(reply.json()["error"]["message"])

        # A file stands where the folder of uploads should be.
        (library.path / FOLDER).write_text("", encoding="utf-8")
        assert "cannot be written (File exists)" in refused()
        monkeypatch.setattr(Library, "read_only", True)
        assert "cannot be written (it is read-only)" in refused()
    assert len(library.articles()) == 2


@pytest.fixture
def visit(library: Library, browser: object) -> Iterator[Visit]:
    with serving(library) as address, visiting(browser, address) as visit:
        visit.page.goto(f"{address}/articles")
        yield visit


def test_the_server_tells_how_far_a_file_is(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def slow_ingest(*_: object, progress: Callable[[Progress], None], **__: object) -> Receipt:
        progress(Progress(3, 9, "The Pier"))
        told.append(client.get("/api/uploads").json())
        return Receipt()

    monkeypatch.setattr(service_module, "ingest", slow_ingest)
    with serving(library) as address, httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/api/uploads", params={"name": "a.json"}, content=b"[]").raise_for_status()
        told.append(client.get("/api/uploads").json())
        elsewhere = {"x-forwarded-for": "192.0.2.7"}
        assert client.get("/api/uploads", headers=elsewhere).status_code == 403
    assert told == [{"done": 3, "total": 9}, {"done": 0, "total": None}]


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_shows_rate_and_time_left(visit: Visit) -> None:
    page = visit.page
    page.route("**/api/uploads", lambda route: route.fulfill(json={"done": 30, "total": 120}))
    page.route("**/api/uploads?name=list.json", lambda _: None)
    page.locator(".add input").first.set_input_files(
        [
            {"name": name, "mimeType": "text/markdown", "buffer": NEWS}
            for name in ("quay.md", "list.json", "mole.md")
        ]
    )
    pace = r"\d+(\.\d)? a second, \d+:\d\d left"
    shown = rf"reading… \(2 of 3\) {pace} articles: 30 of 120\. {pace}"
    page.get_by_text(re.compile(shown)).wait_for()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_name_of_a_file_turns_round_nothing_but_itself(visit: Visit) -> None:
    name = "\u202e<b>gnp.md"
    file = {"name": name, "mimeType": "text/markdown", "buffer": b"The mill of Tarn was sold."}
    visit.page.locator(".add input[type=file]").first.set_input_files([file])
    visit.page.locator(".receipt .failed").wait_for()
    shown = visit.page.locator(".receipt b")
    assert shown.inner_text() == name
    assert shown.evaluate("it => getComputedStyle(it).unicodeBidi") == "isolate"
    visit.complaints.clear()  # the refusal of the name


def test_a_near_copy_is_named(visit: Visit) -> None:
    story = f"---\ntitle: Agency\n---\n{AGENCY_STORY}\n"
    copy = story.replace("Agency", "Gazette").replace("paid 900 euros", "paid 901 euros")
    visit.page.locator(".add input").first.set_input_files(
        [
            {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
            for name, text in (("agency.md", story), ("gazette.md", copy))
        ]
    )
    said = "added “Gazette”; near copy of another article: “Gazette”"
    visit.page.get_by_text(said).wait_for()
    assert visit.page.get_by_text("near copy").count() == 1


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_are_added_and_articles_chosen_and_removed(visit: Visit, library: Library) -> None:
    page = visit.page
    held: list[Any] = []
    page.route("**/api/uploads?**", lambda route: held.append(route))
    page.locator(".add input").first.set_input_files(
        [
            {"name": name, "mimeType": "text/markdown", "buffer": NEWS}
            for name in ("quay.md", "pier.md", "mole.md")
        ]
    )
    page.get_by_text("reading… (1 of 3)").wait_for()
    page.locator(".add").get_by_role("button", name="Stop").click()
    (first,) = held
    first.continue_()
    page.get_by_text("added “Quay opens”").wait_for()
    page.get_by_text("Stopped: 2 files were left out.").wait_for()
    assert len(held) == 1 and not page.locator(".receipt + button").count()
    quay = page.locator(".listing li", has_text="Quay opens")
    quay.locator("input").check()
    page.get_by_role("button", name="Remove").click()
    quay.wait_for(state="hidden")
    page.get_by_role("button", name="Undo").click()
    quay.wait_for()
    assert len(library.articles()) == 3
    quay.locator("input").check()
    page.get_by_role("button", name="Remove").click()
    # Whoever leaves the page has made up their mind.
    page.locator(".listing a", has_text="Harbour").click()
    page.locator(".reading h1").wait_for()
    page.goto(f"{visit.address}/articles")
    page.wait_for_function(
        "fetch('/api/articles').then(r => r.json()).then(a => a.articles.length === 2)"
    )
    for box in page.locator(".listing input").all():
        box.check()
    page.get_by_role("button", name="Ask only these").click()
    page.locator("#active-filters button.chip").nth(1).wait_for()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_removal_can_be_undone_in_every_view_of_the_list(visit: Visit, library: Library) -> None:
    page = visit.page
    row = {name: page.locator(".listing li", has_text=name) for name in ("Harbour", "Tarn")}
    for name in row:
        row[name].locator("input").check()
        page.get_by_role("button", name="Remove").click()
    page.get_by_text("2 articles removed.").wait_for()
    page.locator("#article-sort").select_option("title")
    page.wait_for_url("**sort=title")
    assert not row["Harbour"].is_visible() and not row["Tarn"].is_visible()
    page.get_by_role("button", name="Undo").click()
    row["Harbour"].wait_for()
    row["Tarn"].wait_for()
    assert len(library.articles()) == 2


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_removal_disturbs_nothing_else_that_is_done_on_the_page(
    visit: Visit, library: Library
) -> None:
    page = visit.page
    page.clock.install()
    page.reload()
    page.locator(".listing li", has_text="Harbour").locator("input").check()
    page.get_by_role("button", name="Remove").click()
    tarn = page.locator(".listing li", has_text="Tarn").locator("input")
    tarn.check()
    box = page.get_by_label("Paste web addresses or feeds")
    box.fill("https://half.example/typed")
    page.clock.fast_forward(10_000)
    page.locator(".kicker", has_text="1 article").wait_for()
    assert [article.source.title for article in library.articles()] == ["Tarn plants trees"]
    assert box.input_value() == "https://half.example/typed" and tarn.is_checked()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_was_removed_is_not_listed_when_the_page_is_loaded_again(visit: Visit) -> None:
    page = visit.page
    harbour = page.locator(".listing li", has_text="Harbour")
    harbour.locator("input").check()
    page.get_by_role("button", name="Remove").click()
    page.reload()
    page.locator(".listing li", has_text="Tarn").wait_for()
    assert not harbour.is_visible()
    page.locator(".kicker", has_text="1 article").wait_for()
    assert not harbour.count()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_of_many_files_the_receipt_ends_with_what_failed_and_the_whole(
    visit: Visit, library: Library
) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("north/quay.md", NEWS)
        file.writestr("south/photo.jpg", b"\xff\xd8")
    files = {"damaged.pdf": b"%PDF-1.7", "two.zip": archive.getvalue()}
    files |= {f"{n}.md": f"# Pier {n}\n\nPier {n} opened on Friday.\n".encode() for n in range(12)}
    page = visit.page
    page.locator(".add input").first.set_input_files(
        [
            {"name": name, "mimeType": "text/plain", "buffer": content}
            for name, content in files.items()
        ]
    )
    total = page.locator(".receipt .total")
    total.get_by_text("Altogether: added 13 articles; 1 couldn’t be read.").wait_for()
    total.get_by_role("link", name="Ask only these").wait_for()
    lines = page.locator(".receipt li").all_inner_texts()
    assert lines[-2].startswith("damaged.pdf")
    assert any("south/photo.jpg: Files of the kind .jpg" in line for line in lines)
    # The last line is in sight, and the list has them all.
    page.wait_for_function("document.querySelectorAll('.listing li').length === 15")
    assert page.evaluate(
        """() => document.querySelector(".receipt").getBoundingClientRect().bottom + 1
            >= document.querySelector(".receipt .total").getBoundingClientRect().bottom"""
    )
    assert len(library.articles()) == 15
