"""Every development question gets what it got before, unless the snapshot is renewed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import ingest, open_library
from snapshot import SEEDS, agrees, answers, stored


# It asks 868 questions.
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_answer_is_the_one_that_was_written_down(tmp_path: Path) -> None:
    with open_library(tmp_path, create=True) as library:
        ingest(SEEDS, library)
        now = list(answers(library))
    changed = [
        f"{item['question']}\n  was {before}\n  is  {item}"
        for before, item in zip(stored(), now, strict=True)
        if not agrees(item, before)
    ]
    advice = "If this is meant, renew the snapshot: make snapshot"
    assert not changed, f"{len(changed)} answers changed. {advice}\n" + "\n".join(changed[:5])
