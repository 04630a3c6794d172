"""What a journalist does on the page, with every click and key press counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from browsing import ANSWERED, Visit
from live_server import serving
from pdf_files import column, pdf
from rag import BackendSettings, Library, Settings, ingest, open_library
from screenshots import DOUBTFUL, ROOT, silent
from scripted_server import answers, scripted
from ui.service import Service

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator

QUESTION = "What does OpenAI accuse DeepSeek of?"
BOX = "#question-box textarea"
HARBOUR = "When did the harbour of Esk reopen?"
MINUTES = "Minutes of the ferry board.pdf"
NEWS = """---
title: {title}
publisher: {publisher}
published: {day}
url: https://news.example/{day}
---
{text}
"""
ESK = NEWS.format(
    title="Harbour of Esk reopens",
    publisher="Esk Times",
    day="2024-03-09",
    text="The harbour of Esk reopened on Monday. Boats left at dawn.",
)
TARN = NEWS.format(
    title="Tarn plants trees",
    publisher="Tarn Post",
    day="2023-01-02",
    text="The town of Tarn planted nine hundred oaks.",
)
FIRST_PAGE = ["Minutes of the ferry board", "", "The board of the ferry met in Esk in March."]
SECOND_PAGE = [
    "The board decided to buy a second ferry for the crossing to Tarn.",
    "The second ferry will cost four million euros and sail from May.",
]


def minutes() -> bytes:
    """A PDF file of two pages."""
    return pdf([column(FIRST_PAGE), column(SECOND_PAGE)], info={"Title": "Minutes of the board"})


@dataclass
class Journalist:
    """Somebody who uses a page, and nothing but the page.

    Typed words are not counted, because every product needs them.

    Attributes:
        visit: The page, at rest, with the question box in focus.
        clicks: Clicks so far; a choice from a native menu is two.
        keys: Presses of keys such as Enter so far.
    """

    visit: Visit
    clicks: int = 0
    keys: int = 0

    def __post_init__(self) -> None:
        self.page = self.visit.page

    def click(self, target: str | Locator) -> None:
        found = self.page.locator(target) if isinstance(target, str) else target
        found.click()
        self.clicks += 1

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name).last

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def write(self, text: str) -> None:
        """Types into what has the focus, and clicks on nothing before."""
        self.page.keyboard.insert_text(text)

    def paste(self, text: str) -> None:
        """Pastes into what has the focus, which may be the page itself."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.press("Control+V")

    def choose(self, menu: str, label: str) -> None:
        self.page.locator(menu).select_option(label=label)
        self.clicks += 2

    def ask(self, question: str) -> Locator:
        """Types a question and sends it; gives the turn that answers."""
        asked = self.page.locator(".turn").count()
        # A window behind others has no focus to give, whatever its page asks for on arrival.
        self.page.locator(BOX).focus()
        self.write(question)
        self.press("Enter")
        return self.answer(asked + 1)

    def answer(self, number: int) -> Locator:
        """The turn of a number, once it is answered."""
        self.page.locator(".turn").nth(number - 1).wait_for()
        self.page.locator(ANSWERED).nth(number - 1).wait_for()
        return self.page.locator(".turn").nth(number - 1)

    def save(self, format: str) -> bytes:
        """Saves the last answer as a file of a format; gives its content."""
        self.click(self.page.locator(".save > summary").last)
        with self.page.expect_download() as begun:
            self.click(self.page.locator(".save .menu-list a", has_text=format).last)
        download: Download = begun.value
        return Path(download.path()).read_bytes()


Task = Callable[[Journalist], None]


@dataclass(frozen=True)
class Entry:
    """A task and its price: what the fewest clicks and keys are today."""

    name: str
    does: Task
    clicks: int
    keys: int
    begins: Task

    @property
    def row(self) -> str:
        return f"| {self.name} | {self.clicks} | {self.keys} |"


TASKS: list[Entry] = []


def at_rest(person: Journalist) -> None:
    """The task begins on the page as it opens."""


def answered(person: Journalist) -> None:
    """The task begins below an answer."""
    person.visit.ask(QUESTION)


def task(
    name: str, clicks: int = 0, keys: int = 0, after: Task = at_rest
) -> Callable[[Task], Task]:
    """Makes a function a task of this name and price."""

    def listed(does: Task) -> Task:
        TASKS.append(Entry(name, does, clicks, keys, after))
        return does

    return listed


def carry_out(entry: Entry, visit: Visit) -> None:
    """Does a task; raises where it fails, or costs more or less than it is said to."""
    person = Journalist(visit)
    entry.begins(person)
    person.clicks = person.keys = 0
    entry.does(person)
    assert (person.clicks, person.keys) == (entry.clicks, entry.keys), entry.name


def choose_model(person: Journalist, name: str) -> None:
    person.click("details.model > summary")
    person.click(f"[data-backend={name}]")
    person.page.locator(f"details.model > summary:has-text('{name}')").wait_for()


def add_minutes(person: Journalist) -> None:
    """Chooses the file; the window of the system in which that is done is not the page's."""
    chooser = person.page.locator(".add input[type=file]").first
    chooser.set_input_files([{"name": MINUTES, "mimeType": "application/pdf", "buffer": minutes()}])
    person.clicks += 1
    person.page.locator(".receipt a", has_text="Ask only this").wait_for()


def drop(person: Journalist, file: Path) -> None:
    """Drags a file from the desktop into the page."""
    wire = person.page.context.new_cdp_session(person.page)
    dragged = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        wire.send("Input.dispatchDragEvent", {"type": step, "x": 400, "y": 300, "data": dragged})
    wire.detach()


@contextmanager
def newsroom(folder: Path) -> Iterator[str]:
    """Address of a page over the seeds, with a model that answers and one that falls silent."""
    with (
        open_library(folder / "library", create=True) as library,
        scripted(answers(DOUBTFUL)) as quick,
        scripted(silent) as slow,
    ):
        (folder / "esk.md").write_text(ESK, encoding="utf-8")
        (folder / "tarn.md").write_text(TARN, encoding="utf-8")
        ingest([ROOT / "seeds", folder / "esk.md", folder / "tarn.md"], library=library)
        with serving(
            library, service=service(library, quick=quick.address, slow=slow.address)
        ) as at:
            yield at


def service(library: Library, **models: str) -> Service:
    """The page over a library, with models at addresses to choose from."""
    own = tuple(
        BackendSettings(name=name, base_url=address, model="tiny", location="local")
        for name, address in models.items()
    )
    settings = Settings(
        library=library.path, backends=own, inside_hosts=("127.0.0.1",), fetch_pause=0
    )
    return Service(library, settings=settings)
