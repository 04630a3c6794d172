"""What every development question gets over the seeds, written down so that changes show.

After a change of behaviour that is meant, renew the file: ``make snapshot``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from rag import Answer, Library, answer, ingest, open_library

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "data" / "answers.jsonl"
CASES = ROOT / "eval" / "cases"
SEEDS = ROOT / "seeds"


def questions() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every question of the development files, with the questions asked before it."""
    for path in sorted(CASES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield case["question"], tuple(case.get("earlier", ()))


def ask(library: Library, question: str, earlier: tuple[str, ...]) -> dict[str, Any]:
    """What a question gets after earlier ones: the values that the snapshot holds."""
    history: list[Answer] = []
    for asked in earlier:
        history.append(answer(asked, library=library, history=history))
    given = answer(question, library=library, history=history)
    titles = {summary.source.id: summary.source.title for summary in library.articles()}
    return {
        "question": question,
        "earlier": list(earlier),
        "refused": given.refused,
        "chance": round(given.trace.chance or 0.0, 2),
        "sentences": [
            {
                "text": sentence.text,
                "verdict": sentence.verdict,
                "cites": [
                    f"{titles[cited.article_id]} {cited.start}-{cited.end}"
                    for cited in sentence.citations
                ],
            }
            for sentence in given.sentences
        ],
    }


class Clock(date):
    """*Last week* counts from the same day whenever the snapshot is taken."""

    @classmethod
    def today(cls) -> Clock:
        return cls(2026, 11, 27)


def answers(library: Library) -> Iterator[dict[str, Any]]:
    """The snapshot as it is now, line by line."""
    with mock.patch("rag.retrieval.search.date", Clock):
        for question, earlier in questions():
            yield ask(library, question, earlier)


def stored() -> list[dict[str, Any]]:
    """The snapshot as it was written down."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def renew() -> None:
    """Writes the snapshot anew and prints how many answers changed."""
    before = (
        {(item["question"], *item["earlier"]): item for item in stored()} if FILE.exists() else {}
    )
    with tempfile.TemporaryDirectory() as folder, open_library(folder, create=True) as library:
        ingest(SEEDS, library)
        now = list(answers(library))
    FILE.parent.mkdir(exist_ok=True)
    lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in now)
    FILE.write_text("".join(lines), encoding="utf-8")
    changed = sum(before.get((item["question"], *item["earlier"])) != item for item in now)
    sys.stdout.write(f"{len(now)} answers written, {changed} of them changed.\n")


if __name__ == "__main__":
    renew()
