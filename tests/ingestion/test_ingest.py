"""Filling a library from real files: what is new, changed, the same, gone, or broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from numpy.typing import NDArray

from rag.errors import ArticleError
from rag.ingestion import Progress, ingest, run, vectors
from rag.ingestion.loaders import read
from rag.ingestion.run import decide, is_below, read_ahead
from rag.receipts import Receipt
from rag.retrieval.library import Library, open_library
from rag.types import Article
from stored_articles import audit
from tiny_embedder import TinyEmbedder, TinySpanEmbedder

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_text(f"---\ntitle: {path.stem.title()}\n---\n\n{text}\n", encoding="utf-8")
    return path


def on_disk(*paths: Path) -> dict[str, Article]:
    """What a library should hold after these paths were read, by place."""
    found = [item for path in paths for item in read(path)]
    return {item.location: item.article for item in found}  # type: ignore[union-attr]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    write(folder, "lion.md", "The lion sleeps in the park. It eats meat every day.")
    write(folder, "car.md", "The car burns petrol. Its engine is loud.")
    write(folder, "tea.md", "Tea is grown on hills. It is picked by hand.")
    return folder


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


@pytest.fixture
def library(tmp_path: Path, embedder: TinyEmbedder) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=embedder, create=True) as opened:
        yield opened


def counts(receipt: Receipt) -> tuple[int, int, int, int, int]:
    lists = (receipt.added, receipt.updated, receipt.unchanged, receipt.removed, receipt.failed)
    added, updated, unchanged, removed, failed = map(len, lists)
    return added, updated, unchanged, removed, failed


@pytest.mark.parametrize(
    ("places", "stored", "expected"),
    [
        ({}, (), "add"),
        ({"/a": "new"}, ("new",), "unchanged"),
        ({"/b": "new"}, ("new",), "unchanged"),
        ({"/a": "old"}, ("old",), "update"),
        ({"/a": "old", "/b": "new"}, ("old", "new"), "update"),
    ],
    ids=["unknown", "same", "same-elsewhere", "changed", "changed-to-known"],
)
def test_decide(places: dict[str, str], stored: tuple[str, ...], expected: str) -> None:
    assert decide("/a", "new", places, stored) == expected


@pytest.mark.parametrize(
    ("location", "path", "below"),
    [
        ("/a/b.md", "/a/b.md", True),
        ("/a/b.md", "/a", True),
        ("/a/b.md", "/a/", True),
        ("/a/b.json#url", "/a/b.json", True),
        ("/ab/c.md", "/a", False),
        ("/a/b.md2", "/a/b.md", False),
        ("/a/b.md", "/", True),
    ],
)
def test_is_below(location: str, path: str, below: bool) -> None:
    assert is_below(location, path) is below


def test_second_time_embeds_nothing(
    articles: Path, library: Library, embedder: TinyEmbedder
) -> None:
    assert counts(ingest(articles, library)) == (3, 0, 0, 0, 0)
    audit(library, on_disk(articles))
    embedder.embedded.clear()
    receipt = ingest(articles, library)
    assert counts(receipt) == (0, 0, 3, 0, 0)
    assert embedder.embedded == []


def test_changed_file_replaces_its_article(
    articles: Path, library: Library, embedder: TinyEmbedder
) -> None:
    ingest(articles, library)
    embedder.embedded.clear()
    write(articles, "lion.md", "The lion eats only grass now.")
    assert counts(ingest(articles, library)) == (0, 1, 2, 0, 0)
    assert embedder.embedded == ["The lion eats only grass now."]
    audit(library, on_disk(articles))


def test_files_that_swap_their_contents(articles: Path, library: Library) -> None:
    ingest(articles, library)
    lion, car = articles / "lion.md", articles / "car.md"
    lion.rename(articles / "x")
    car.rename(lion)
    (articles / "x").rename(car)
    ingest(articles, library)
    audit(library, on_disk(articles))


def test_renamed_file_is_the_same_article(
    articles: Path, library: Library, embedder: TinyEmbedder
) -> None:
    ingest(articles, library)
    embedder.embedded.clear()
    (articles / "lion.md").rename(articles / "big-cat.md")
    assert counts(ingest(articles, library, prune=True)) == (0, 0, 3, 0, 0)
    assert embedder.embedded == []
    audit(library, on_disk(articles))
    assert {item.source.origin for item in library.articles()} == {"big-cat.md", "car.md", "tea.md"}


def test_one_article_in_two_files(articles: Path, library: Library, embedder: TinyEmbedder) -> None:
    copy = shutil.copy(articles / "lion.md", articles / "copy.md")
    receipt = ingest(articles, library)
    assert len(library.articles()) == 3
    [left_out] = receipt.skipped
    assert left_out.origin == str(articles / "lion.md") and str(copy) in left_out.reason
    audit(library, on_disk(articles))
    Path(copy).unlink()
    assert counts(ingest(articles, library, prune=True)) == (0, 0, 3, 0, 0)
    audit(library, on_disk(articles))


def test_a_copy_of_an_article_kept_elsewhere_is_named(articles: Path, library: Library) -> None:
    ingest(articles, library)
    other = articles.parent / "other"
    other.mkdir()
    copy = shutil.copy(articles / "tea.md", other / "brew.md")
    [left_out] = ingest(other, library).skipped
    assert left_out.origin == str(copy) and str(articles / "tea.md") in left_out.reason
    assert ingest(articles, library).skipped == ()


def test_a_copy_of_what_was_just_stored_is_not_unchanged(
    articles: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH_PASSAGES", 1)
    shutil.copy(articles / "car.md", articles / "zebra.md")
    first = ingest(articles, library)
    assert counts(first) == (3, 0, 0, 0, 0) and len(first.skipped) == 1
    assert counts(ingest(articles, library)) == (0, 0, 3, 0, 0)


def test_pruning_takes_out_what_is_gone_and_no_more(articles: Path, library: Library) -> None:
    other = write(articles.parent / "other", "far.md", "Far away. It stays.")
    ingest([articles, other], library)
    (articles / "tea.md").unlink()
    assert counts(ingest(articles, library)) == (0, 0, 2, 0, 0)
    assert len(library.articles()) == 4
    other.unlink()
    assert len(ingest(articles, library, prune=True).removed) == 1
    assert {summary.source.title for summary in library.articles()} == {"Lion", "Car", "Far"}


def test_pruning_keeps_what_cannot_be_read_now(articles: Path, library: Library) -> None:
    listing = articles / "list.jsonl"
    rows = [{"title": f"Row {n}", "body": f"Body number {n}. It is long."} for n in range(3)]
    listing.write_text("\n".join(map(json.dumps, rows)))
    ingest(articles, library)
    assert len(library.articles()) == 6
    (articles / "lion.md").write_bytes(b"\x00\x01\x02" * 500)
    listing.write_text("\n".join([json.dumps(rows[0]), "{broken"]))
    receipt = ingest(articles, library, prune=True)
    assert len(receipt.failed) == 2
    assert receipt.removed == ()
    assert len(library.articles()) == 6


def test_bad_files_do_not_stop_the_rest(articles: Path, library: Library) -> None:
    (articles / "a.md").write_bytes(b"\x89PNG\x00\x00" * 100)
    (articles / "b.md").write_text("")
    (articles / "c.json").write_text("[" * 5_000)
    receipt = ingest(articles, library)
    assert counts(receipt) == (3, 0, 0, 0, 3)
    assert all(failure.origin and failure.reason for failure in receipt.failed)


def test_missing_path_makes_no_library(tmp_path: Path) -> None:
    for paths in (tmp_path / "nothing", "", [tmp_path, tmp_path / "nothing"]):
        with pytest.raises(ArticleError):
            ingest(paths, tmp_path / "library", embedder=TinyEmbedder())
    assert not (tmp_path / "library").exists()


def test_library_given_as_a_folder(articles: Path, tmp_path: Path) -> None:
    assert counts(ingest(articles, tmp_path / "new", embedder=TinyEmbedder()))[0] == 3
    with open_library(str(tmp_path / "new"), embedder=TinyEmbedder()) as library:
        audit(library, on_disk(articles))


def test_progress_counts_to_the_end(articles: Path, library: Library) -> None:
    for _ in range(2):
        told: list[Progress] = []
        ingest(articles, library, progress=told.append)
        assert [(item.done, item.total) for item in told] == [(1, 3), (2, 3), (3, 3)]
        assert {item.title for item in told} == {"Lion", "Car", "Tea"}


def test_total_is_unknown_where_reading_ahead_ends(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "READ_AHEAD_CHARACTERS", 60)
    ahead = read_ahead(iter(read(articles)))
    assert ahead.total is None
    assert len(list(ahead.items)) == 3


class Failing(TinyEmbedder):
    """Fails at the text that holds a given word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any(self.word in text for text in texts):
            raise RuntimeError("the embedder failed")
        return super().embed(texts)


def test_failure_keeps_the_batches_before(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH_PASSAGES", 1)
    with pytest.raises(RuntimeError):
        ingest(articles, tmp_path / "library", embedder=Failing("Tea"))
    with open_library(tmp_path / "library", embedder=TinyEmbedder()) as library:
        audit(library, on_disk(articles / "car.md", articles / "lion.md"))
        assert counts(ingest(articles, library)) == (1, 0, 2, 0, 0)
        audit(library, on_disk(articles))


def test_sentence_vectors_are_stored_when_there_are_any(articles: Path, tmp_path: Path) -> None:
    embedder = TinySpanEmbedder()
    with open_library(tmp_path / "library", embedder=embedder, create=True) as library:
        ingest(articles, library)
        for item in library.search("lion tea car", k=3):
            spans, vectors = library.passage_sentences(item.passage)
            assert vectors is not None
            text = library.article(item.source.id).text
            expected = embedder.embed([text[span.start : span.end] for span in spans])
            np.testing.assert_allclose(vectors, expected, atol=1e-3)
        audit(library, on_disk(articles))


def test_article_longer_than_one_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EMBED_PASSAGES", 3)
    path = tmp_path / "articles" / "long.txt"
    path.parent.mkdir()
    words = "alpha beta gamma delta epsilon zeta eta theta".split()
    path.write_text(
        "A long story\n\n"
        + "\n\n".join(
            f"Paragraph {n} tells of {words[n % 8]} and {words[n // 8 % 8]} {'again ' * (n % 30)}."
            for n in range(200)
        )
    )
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as library:
        ingest(path, library)
        assert library.articles()[0].passages > 6
        audit(library, on_disk(path))


FILL = """
import sys
from pathlib import Path
sys.path.insert(0, "tests/support")
from rag.errors import LibraryFull
from rag.ingestion import ingest, run
from rag.retrieval.library import open_library
from tiny_embedder import TinyEmbedder
run.BATCH_PASSAGES = 8
if sys.argv[3] != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    print(len(ingest(sys.argv[1], sys.argv[2], embedder=TinyEmbedder()).added))
except LibraryFull as error:
    print("full:", error)
"""


def fill(articles: Path, library: Path, limit: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(articles), str(library), str(limit)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
@pytest.mark.parametrize("limit", [64 * 1024, 500 * 1024])
def test_no_room_is_said_and_nothing_is_lost(tmp_path: Path, limit: int) -> None:
    folder = tmp_path / "articles"
    for number in range(60):
        words = f"Article {number} tells about thing {number * 7} in its own way. " * 20
        write(folder, f"file{number:03}.md", words)
    answer = fill(folder, tmp_path / "library", limit)
    assert answer.startswith("full:"), answer
    assert "cannot be written" in answer
    if (tmp_path / "library" / "catalog.sqlite3").exists():
        with open_library(tmp_path / "library", embedder=TinyEmbedder()) as library:
            audit(library, {k: v for k, v in on_disk(folder).items() if k in library.places()})
    fill(folder, tmp_path / "library", 0)
    with open_library(tmp_path / "library", embedder=TinyEmbedder()) as library:
        audit(library, on_disk(folder))


WORDS = st.sampled_from("lion car tea hill loud meat park engine zebra wall".split())
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(lambda words: " ".join(words) + ".")
NAMES = st.sampled_from(["a.md", "b.md", "c.md", "d.md"])


class LibraryMachine(RuleBasedStateMachine):
    """Files come, change and go; the library must equal the folder after each ingest."""

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="footnote-machine-"))
        self.folder = self.home / "articles"
        write(self.folder, "always.md", "This file is always there.")
        self.removed: set[str] = set()
        self.open()
        self.fill()

    def open(self) -> None:
        self.library = open_library(self.home / "library", embedder=TinyEmbedder(), create=True)

    def fill(self) -> None:
        ingest(self.folder, self.library, prune=True)
        self.expected = on_disk(self.folder)

    @rule(name=NAMES, text=TEXTS)
    def change(self, name: str, text: str) -> None:
        write(self.folder, name, text)
        self.fill()

    @rule(name=NAMES, text=TEXTS, other=NAMES, more=TEXTS)
    def change_two(self, name: str, text: str, other: str, more: str) -> None:
        write(self.folder, name, text)
        write(self.folder, other, more)
        self.fill()

    @rule(name=NAMES)
    def lose(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self.fill()

    @rule(index=st.integers(0, 4))
    def take_out(self, index: int) -> None:
        ids = sorted(set(self.library.places().values()))
        chosen = ids[index % len(ids)]
        self.library.remove([chosen])
        self.expected = {k: v for k, v in self.expected.items() if v.id != chosen}
        if not self.expected:
            self.fill()

    @rule()
    def reopen(self) -> None:
        self.library.close()
        self.open()

    @invariant()
    def holds_what_it_should(self) -> None:
        audit(self.library, self.expected)

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            shutil.rmtree(self.home)


LibraryMachine.TestCase.settings = settings(
    max_examples=6, stateful_step_count=12, suppress_health_check=list(HealthCheck)
)
TestLibraryMachine = LibraryMachine.TestCase
