"""Damage to a library's files is found by the check, or changes no answer."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag import FootnoteError, LibraryDamaged, answer, open_library
from rag.settings import Settings
from rag.store import check_health
from rag.store.schema import CATALOG_FILE, STEPS
from small_library import QUESTION, small_library, write_articles
from tiny_embedder import TinySpanEmbedder

EDITS = {
    "letters of texts": "UPDATE articles SET text = replace(text, 'e', 'o')",
    "a longer text": "UPDATE articles SET text = text || ' It rained.'",
    "an empty text": "UPDATE articles SET text = ''",
    "a text that is none": "UPDATE articles SET text = CAST(x'ff00ff' AS TEXT)",
    "a title": "UPDATE articles SET title = 'Another'",
    "a day that is none": "UPDATE articles SET published = 'yesterday'",
    "another day": "UPDATE articles SET published = '1999-01-01'",
    "an address": "UPDATE articles SET url = 'http://elsewhere'",
    "removed text that is no JSON": "UPDATE articles SET removed = '{'",
    "facts": "UPDATE articles SET facts = '{'",
    "a secret no more": "UPDATE articles SET keep_local = 1 - keep_local",
    "no passages": "DELETE FROM passages",
    "cut vectors": "UPDATE passages SET vector = substr(vector, 2)",
    "empty vectors": "UPDATE passages SET vector = x''",
    "vectors of zeros": "UPDATE passages SET vector = zeroblob(length(vector))",
    "cut sentence vectors": "UPDATE passages SET sentences = substr(sentences, 2)",
    "no sentence vectors": "UPDATE passages SET sentences = NULL",
    "moved passages": "UPDATE passages SET stop = stop + 1000",
    "shifted passages": "UPDATE passages SET start = start + 1",
    "no places": "DELETE FROM places",
    "articles without passages or places": "DELETE FROM articles",
    "an embedder of no dimension": "UPDATE meta SET value = 'x' WHERE key LIKE '%dimension'",
    "no embedder": "DELETE FROM meta WHERE key = 'embedder_name'",
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with small_library(write_articles(folder / "articles"), folder / "library") as library:
        library.search(QUESTION)
    return folder / "library"


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "library"))


def asked(folder: Path) -> str | None:
    """The text of an answer; None if an error of ours says what is wrong."""
    try:
        with open_library(folder, embedder=TinySpanEmbedder()) as library:
            return answer(QUESTION, library=library, settings=Settings(library=folder)).text
    except FootnoteError as error:
        assert str(error)
        return None


def found(folder: Path) -> list[str]:
    """What the check finds and opening does not mend, or the error that stops it."""
    try:
        with open_library(folder, embedder=TinySpanEmbedder()) as library:
            return [f.kind for f in check_health(library) if f.kind != "mended"]
    except FootnoteError as error:
        return [type(error).__name__]


def test_a_sound_library_stays_sound(copy: Path, sound: Path) -> None:
    for _ in range(3):
        assert asked(copy)
        assert found(copy) == []
        with open_library(copy, embedder=TinySpanEmbedder()) as library:
            library.search(QUESTION)
            assert library.repairs == ()


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_catalogs_are_found(copy: Path, edit: str) -> None:
    with closing(sqlite3.connect(copy / CATALOG_FILE)) as db:
        db.execute(edit)
        db.commit()
    asked(copy)
    assert found(copy)


@pytest.mark.slow
def test_flipped_bits_of_the_catalog_are_found_or_harmless(sound: Path, tmp_path: Path) -> None:
    whole = (sound / CATALOG_FILE).read_bytes()
    before = asked(Path(shutil.copytree(sound, tmp_path / "before")))
    pick = random.Random(5)
    unseen = []
    for number in range(40):
        folder = Path(shutil.copytree(sound, tmp_path / str(number)))
        bit = pick.randrange(8 * len(whole))
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (folder / CATALOG_FILE).write_bytes(flipped)
        if asked(folder) != before and not found(folder):
            unseen.append(bit)
        shutil.rmtree(folder)
    assert unseen == []


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "zeros": lambda content: bytes(len(content)),
    "noise": lambda content: random.Random(1).randbytes(len(content)),
    "cut": lambda content: content[: len(content) // 2],
    "one bit": lambda content: content[:-9] + bytes([content[-9] ^ 4]) + content[-8:],
    "gone": lambda content: None,
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_index_files_are_made_again(
    sound: Path, tmp_path: Path, damage: Callable[[bytes], bytes | None]
) -> None:
    before = asked(Path(shutil.copytree(sound, tmp_path / "before")))
    names = [
        path.relative_to(sound)
        for index in ("chroma", "keywords")
        for path in sorted((sound / index).rglob("*"))
        if path.is_file() and path.stat().st_size and not path.name.startswith(".")
    ]
    assert {name.suffix for name in names} >= {".sqlite3", ".store", ".idx", ".fast"}
    for name in names:
        content = (sound / name).read_bytes()
        if len(content) < 10 or (changed := damage(content)) == content:
            continue
        folder = Path(shutil.copytree(sound, tmp_path / "damaged"))
        (folder / name).unlink()
        if changed is not None:
            (folder / name).write_bytes(changed)
        with open_library(folder, embedder=TinySpanEmbedder()) as library:
            library.search(QUESTION)
            assert library.repairs, name
        assert asked(folder) == before, name
        assert found(folder) == [], name
        shutil.rmtree(folder)


def test_rebuild_makes_both_indexes_again_without_the_embedder(copy: Path) -> None:
    before = asked(copy)
    for index in ("chroma", "keywords"):
        shutil.rmtree(copy / index)
    with open_library(copy) as library:
        library.rebuild()
        assert library.repairs == ()
    assert asked(copy) == before
    assert found(copy) == []


def test_a_library_of_format_4_gets_checksums(copy: Path) -> None:
    later = re.findall(r"CREATE TABLE (\w+)", "".join(STEPS[n] for n in STEPS if n > 4))
    undo = "".join(f"DROP TABLE {table};" for table in later)
    with closing(sqlite3.connect(copy / CATALOG_FILE)) as db:
        undo += "DROP INDEX articles_by_story; ALTER TABLE articles DROP COLUMN story;"
        db.executescript(f"{undo} ALTER TABLE articles DROP COLUMN checksum")
        db.execute("PRAGMA user_version = 4")
    assert "checksum" in STEPS[4]
    assert found(copy) == []
    with closing(sqlite3.connect(copy / CATALOG_FILE)) as db:
        db.execute("UPDATE articles SET title = 'Another'")
        db.commit()
    assert set(found(copy)) == {"article"}


def test_an_altered_article_can_be_removed_and_added_again(copy: Path) -> None:
    with closing(sqlite3.connect(copy / CATALOG_FILE)) as db:
        (altered,) = db.execute("SELECT id FROM articles LIMIT 1").fetchone()
        db.execute("UPDATE articles SET published = 'yesterday' WHERE id = ?", (altered,))
        db.commit()
    with (
        pytest.raises(LibraryDamaged, match="doctor"),
        open_library(copy, embedder=TinySpanEmbedder()) as library,
    ):
        library.search(QUESTION)
    with open_library(copy, embedder=TinySpanEmbedder()) as library:
        library.remove([altered])
    assert found(copy) == []
