"""A whole library in a folder: searching, changing, and opening again after damage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from folders import ROOT
from rag.embedding.minilm import MiniLM
from rag.embedding.weights import WheelWeights, find_weights
from rag.errors import (
    ArticleUnknown,
    EmbedderChanged,
    LibraryBusy,
    LibraryDamaged,
    LibraryEmpty,
    LibraryFull,
    LibraryMissing,
    SettingsError,
)
from rag.retrieval.library import Library, open_library
from rag.store.health import check_health
from rag.store.records import Row
from rag.store.schema import CATALOG_FILE
from rag.types import Article, Filters
from stored_articles import article, audit, entry
from tiny_embedder import TinyEmbedder, TinySpanEmbedder

LION = Article.build(
    "The lion sleeps in the park. It eats meat every day.\n\nA zebra runs away.",
    title="Lion",
    origin="lion.md",
    publisher="Savanna Post",
    published=date(2024, 7, 9),
)
CAR = Article.build(
    "The car burns petrol. Its engine is loud.",
    title="Car",
    origin="car.md",
    publisher="Motor Weekly",
    published=date(2025, 1, 2),
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library", embedder=TinyEmbedder(), create=True) as opened:
        opened.put([entry(LION), entry(CAR)])
        yield opened


def reopened(library: Library, embedder: TinyEmbedder | None = None) -> Library:
    library.close()
    return open_library(library.path, embedder=embedder or TinyEmbedder())


def titles(library: Library, question: str, **options: object) -> list[str]:
    return [item.source.title for item in library.search(question, **options)]  # type: ignore[arg-type]


def test_evidence_is_numbered_and_quotes_its_article(library: Library) -> None:
    for how, names in (("dense", ("dense",)), ("keyword", ("keyword",)), ("hybrid", None)):
        found = library.search("What does the lion eat?", how=how)  # type: ignore[arg-type]
        assert [item.rank for item in found] == list(range(1, len(found) + 1))
        assert found[0].source == LION.source
        assert names is None or found[0].found_by == names
        for item in found:
            passage = item.passage
            assert library.text(passage.article_id, passage.start, passage.end) == passage.text


def test_at_most_k(library: Library) -> None:
    assert len(library.search("the", k=1)) == 1
    with pytest.raises(SettingsError, match="1 or more"):
        library.search("the", k=0)
    with pytest.raises(SettingsError, match="dense, hybrid, keyword"):
        library.search("the", how="magic")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"Lion", "Car"}),
        (Filters(publishers=("savanna post",)), {"Lion"}),
        (Filters(after=date(2025, 1, 1)), {"Car"}),
        (Filters(before=date(2024, 12, 31)), {"Lion"}),
        (Filters(articles=(CAR.id,)), {"Car"}),
        (Filters(not_articles=(CAR.id,)), {"Lion"}),
        (Filters(publishers=("nobody",)), set()),
    ],
)
@pytest.mark.parametrize("how", ["dense", "keyword", "hybrid"])
def test_filters(library: Library, filters: Filters, expected: set[str], how: str) -> None:
    assert set(titles(library, "the lion the car", filters=filters, how=how)) == expected


def test_articles_and_spans(library: Library) -> None:
    assert [summary.source for summary in library.articles()] == [LION.source, CAR.source]
    assert library.article(LION.id) == LION
    with pytest.raises(ArticleUnknown, match="nobody"):
        library.article("nobody")
    for start, end in ((-1, 2), (3, 2), (0, 10_000)):
        with pytest.raises(ValueError, match="does not lie"):
            library.text(LION.id, start, end)


def test_removing(library: Library) -> None:
    with pytest.raises(ArticleUnknown):
        library.remove([LION.id, "nobody"])
    audit(library, {"/Lion.md": LION, "/Car.md": CAR})
    assert library.remove([LION.id, LION.id]) == (LION.id,)
    audit(library, {"/Car.md": CAR})
    assert titles(library, "lion zebra park") == ["Car"]
    library.remove([CAR.id])
    with pytest.raises(LibraryEmpty):
        library.search("lion")


def test_changed_article_replaces_the_old_one(library: Library) -> None:
    new = article("The lion now eats only grass.", "Lion")
    library.put([entry(new)])
    audit(library, {"/Lion.md": new, "/Car.md": CAR})
    assert [item.passage.text for item in library.search("lion", how="keyword")] == [new.text]


def test_search_during_a_swap_never_sees_both(library: Library) -> None:
    versions = [article(f"The lion is in state {number} now.", "Lion") for number in range(12)]
    seen: list[int] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            texts = [item.passage.text for item in library.search("lion state now")]
            seen.append(sum("lion" in text for text in texts))

    thread = threading.Thread(target=search)
    library.put([entry(versions[0])])
    thread.start()
    for version in versions[1:]:
        library.put([entry(version)])
    stop.set()
    thread.join()
    assert seen
    assert set(seen) <= {0, 1}
    audit(library, {"/Lion.md": versions[-1], "/Car.md": CAR})


def test_half_stored_article_is_undone_on_opening(library: Library) -> None:
    half = entry(article("A giraffe looks over the wall.", "Giraffe"))
    library.catalog.begin([half])
    library.indexes.add(half.rows())
    assert "Giraffe" not in titles(library, "giraffe wall")
    assert len(titles(library, "giraffe wall", k=1, how="dense")) == 1, "it took another's place"
    with reopened(library) as again:
        audit(again, {"/Lion.md": LION, "/Car.md": CAR})
        again.put([half])
        assert titles(again, "giraffe wall")[0] == "Giraffe"


def test_half_removed_article_is_gone_on_opening(library: Library) -> None:
    library.catalog.retire([LION.id])
    assert titles(library, "lion") == ["Car"]
    with reopened(library) as again:
        audit(again, {"/Car.md": CAR})


def test_failed_change_is_undone_by_the_next(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(rows: object) -> None:
        raise LibraryFull(library.path, "no space left on device")

    giraffe = entry(article("A giraffe looks over the wall.", "Giraffe"))
    pair = library.indexes.open()
    monkeypatch.setattr(pair.keywords, "add", fail)
    with pytest.raises(LibraryFull):
        library.put([giraffe])
    assert "Giraffe" not in titles(library, "giraffe")
    library.put([giraffe])
    audit(library, {"/Lion.md": LION, "/Car.md": CAR, "/Giraffe.md": giraffe.article})


@pytest.mark.parametrize("folder", ["chroma", "keywords"])
@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_derived_indexes_are_restored(library: Library, folder: str, damage: str) -> None:
    before = library.search("lion park")
    library.close()
    if damage == "missing":
        shutil.rmtree(library.path / folder)
    else:
        for path in (library.path / folder).rglob("*"):
            if path.is_file() and not path.name.startswith(".tantivy"):
                path.write_bytes(b"garbage" * 1_000)
    embedder = TinyEmbedder()
    with open_library(library.path, embedder=embedder) as again:
        assert again.search("lion park") == before
        assert again.repairs
        audit(again, {"/Lion.md": LION, "/Car.md": CAR})
    # The question alone, with its mark: nothing of the articles.
    assert embedder.embedded == ["lion park?"]


def test_check_finds_each_damage_and_rebuild_mends_it(library: Library) -> None:
    assert check_health(library) == ()
    pair = library.indexes.open()
    (first, second, *_) = library.catalog.rows([LION.id, CAR.id])
    other = np.zeros(384, dtype=np.float32)
    other[5] = 1.0
    foreign = Row(entry(article("Foreign.")).passages[0], LION.source, other)

    pair.vectors.delete([first.passage.id])
    assert {finding.kind for finding in check_health(library)} == {"vectors", "self-search"}
    pair.vectors.add([first, foreign])
    pair.keywords.delete([second.passage.id])
    kinds = [(finding.kind, finding.passages) for finding in check_health(library)]
    assert kinds == [
        ("vectors", (foreign.passage.id,)),
        ("keywords", (second.passage.id,)),
    ]
    pair.vectors.add([first._replace(vector=other)])
    assert ("self-search", (first.passage.id,)) in [
        (finding.kind, finding.passages) for finding in check_health(library)
    ]
    library.rebuild()
    assert check_health(library) == ()


def test_copies_of_one_text_are_no_damage(library: Library) -> None:
    copies = [article("All the same words.", f"Copy {number}") for number in range(120)]
    library.put([entry(copy) for copy in copies])
    assert check_health(library) == ()


def test_another_embedder_is_refused(library: Library) -> None:
    library.close()
    with pytest.raises(EmbedderChanged, match=r"tiny .* but other"):
        open_library(library.path, embedder=TinyEmbedder("other"))
    with pytest.raises(EmbedderChanged):
        open_library(library.path, embedder=TinyEmbedder(dimension=16))
    # The refusals gave the folder back, and without an embedder there is nothing to compare.
    with open_library(library.path) as again:
        assert len(again.articles()) == 2


def test_a_library_in_float32_is_asked_and_filled_in_float32(tmp_path: Path) -> None:
    weights = find_weights()
    assert isinstance(weights, WheelWeights)
    exact = MiniLM(replace(weights, int8=False), cache_folder=tmp_path)
    with open_library(tmp_path / "earlier", embedder=exact, create=True) as library:
        library.put([entry(LION, embedder=exact)])
    with open_library(tmp_path / "earlier") as again:
        assert again.embedder.identity == exact.identity
        again.put([entry(CAR, embedder=again.embedder)])
        (best, *_) = again.search("Is the engine loud?", how="dense")
        assert best.source.title == "Car"
        again.remove([LION.id, CAR.id])
    with open_library(tmp_path / "earlier") as emptied:
        assert emptied.embedder.identity == weights.identity


def test_empty_library_takes_another_embedder(library: Library) -> None:
    library.remove([LION.id, CAR.id])
    small = TinyEmbedder("small", 16)
    with reopened(library, small) as again:
        again.put([entry(LION, embedder=small)])
        audit(again, {"/Lion.md": LION})


def test_sentence_vectors(library: Library) -> None:
    (passage, *_) = entry(LION).passages
    spans, vectors = library.passage_sentences(passage)
    assert vectors is None
    assert LION.text[spans[0].start : spans[0].end] == "The lion sleeps in the park."
    built = entry(article("One lion. Two cars.", "Both"))
    embedder = TinySpanEmbedder()
    rows = tuple(embedder.embed(["One lion.", "Two cars."]) for _ in built.passages)
    library.put([type(built)(built.article, built.passages, built.vectors, ("/b",), rows)])
    spans, vectors = library.passage_sentences(built.passages[0])
    assert vectors is not None
    assert vectors.shape == (len(spans), 384)
    np.testing.assert_allclose(vectors, rows[0], atol=1e-3)


@pytest.mark.parametrize(
    "question", ["what sleeps?", "what sleeps", "what sleeps ??", "what sleeps."]
)
def test_a_question_is_read_with_its_mark(library: Library, question: str) -> None:
    embedder = TinyEmbedder()
    with reopened(library, embedder) as opened:
        np.testing.assert_array_equal(
            opened.retriever().question_vector(question), TinyEmbedder().embed(["what sleeps?"])[0]
        )
    assert embedder.embedded == ["what sleeps?"]


def test_a_question_in_quotation_marks_keeps_its_end(library: Library) -> None:
    embedder = TinyEmbedder()
    with reopened(library, embedder) as opened:
        for question in ("“what sleeps?”", "who wrote “what sleeps”", "???", "何？"):
            opened.retriever().question_vector(question)
    assert embedder.embedded == ["“what sleeps?”", "who wrote “what sleeps”?", "?", "何?"]


def test_missing_library_is_not_made(tmp_path: Path) -> None:
    for place in (tmp_path / "nothing", tmp_path):
        with pytest.raises(LibraryMissing, match="footnote ingest"):
            open_library(place)
    assert list(tmp_path.iterdir()) == []


def test_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryMissing):
        open_library(tmp_path / "file")
    with pytest.raises(LibraryFull):
        open_library(tmp_path / "file", create=True)


def test_lost_catalog_is_damage_not_a_new_start(library: Library) -> None:
    library.close()
    (library.path / CATALOG_FILE).unlink()
    with pytest.raises(LibraryDamaged, match="missing"):
        open_library(library.path, create=True)
    assert (library.path / "chroma").exists()


def test_damaged_catalog_gives_the_folder_back(library: Library) -> None:
    library.close()
    path = library.path / CATALOG_FILE
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    for _ in range(2):
        with pytest.raises(LibraryDamaged):
            open_library(library.path)
    path.write_bytes(content)
    open_library(library.path).close()


def test_open_twice_is_refused(library: Library) -> None:
    with pytest.raises(LibraryBusy, match=str(os.getpid())):
        open_library(library.path)
    library.set_address("http://127.0.0.1:7860")
    with pytest.raises(LibraryBusy, match=r"http://127\.0\.0\.1:7860"):
        open_library(library.path)
    library.close()
    library.close()
    open_library(library.path).close()


def test_threads_share_one_library(library: Library) -> None:
    expected = library.search("lion park")
    results: list[bool] = []

    def work() -> None:
        results.extend(library.search("lion park") == expected for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 40


def test_listing_loads_neither_chroma_nor_the_model(library: Library) -> None:
    library.close()
    code = (
        "import sys\nfrom rag.retrieval.library import open_library\n"
        f"with open_library({str(library.path)!r}) as library:\n"
        "    print(len(library.articles()))\n"
        "print([m for m in ('chromadb', 'llama_index', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split("\n")[:2] == ["2", "[]"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or (os.geteuid() == 0 and not shutil.which("setpriv")),
    reason="root writes everywhere, and there is no setpriv to become someone else",
)
def test_folder_that_may_not_be_written(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        code = (
            "from rag.store.lock import FolderLock\nfrom rag.errors import LibraryFull\n"
            "from pathlib import Path\n"
            f"try:\n    FolderLock(Path({name!r})).acquire()\n"
            "except LibraryFull as error:\n    print(error)"
        )
        become = (
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if os.geteuid() == 0
            else []
        )
        done = subprocess.run(
            [*become, sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
        )
        folder.chmod(0o755)
    if "PermissionError" in done.stderr or "ModuleNotFoundError" in done.stderr:
        pytest.skip("someone else cannot read this Python")
    assert "cannot be written (Permission denied)" in done.stdout
