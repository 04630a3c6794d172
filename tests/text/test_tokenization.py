"""Words and stems."""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer

from rag import text as texts


def test_words_and_stems() -> None:
    assert texts.words("Don’t; OpenAI’s GPT-4: 10,000 U.S. 40%") == (
        "don't", "openai", "gpt-4", "10,000", "u.s", "40%",
    )  # fmt: skip
    assert texts.content_stems("The released open-source models") == (
        "releas", "open", "sourc", "model",
    )  # fmt: skip


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads take turns as often as they can, so that shared state shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.timeout(300)
def test_threads_get_the_stems_that_one_thread_gets(quick_switches: None) -> None:
    pick = random.Random(7)
    endings = ("ing", "ed", "ies", "ational", "ousness", "fully", "")
    words = list({
        "".join(pick.choices(string.ascii_lowercase, k=pick.randint(3, 8))) + pick.choice(endings)
        for _ in range(40_500)
    })[:40_000]  # fmt: skip
    texts.stem.cache_clear()
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(texts.stem, words, chunksize=1))
    one = snowballstemmer.stemmer("english")
    wrong = [word for word, stem in zip(words, found, strict=True) if stem != one.stemWord(word)]
    assert len(words) == 40_000
    assert wrong == []


@pytest.mark.parametrize(
    ("written", "stems"),
    [("H₂SO₄", ("h2so4",)), ("five m³", ("five", "m3")), ("10² trees", ("10²", "tree"))],
)
def test_low_and_high_digits_in_a_word_are_plain(written: str, stems: tuple[str, ...]) -> None:
    assert texts.content_stems(written) == stems
