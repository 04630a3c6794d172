"""What every development question gets over the seeds, written down so that changes show.

Processors round differently, which moves a vector by some thousandths: between AVX2 and AVX-512,
chances differ by up to .08, and 3 of 868 answers and the order of the nearest articles in 31
refusals. So an answer has a form for each kind of processor that gave another one.

After a change of behaviour that is meant, renew the file: ``make snapshot``. An answer that has
none of its forms any more gets the new one instead.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from rag import Answer, Library, Sentence, answer, ingest, open_library

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "data" / "answers.jsonl"
CASES = ROOT / "eval" / "cases"
SEEDS = ROOT / "seeds"
# Forms agree if their chances differ by no more than this, and nothing else does.
SAME_CHANCE = 0.1


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
        "forms": [
            {
                "refused": given.refused,
                "chance": round(given.trace.chance or 0.0, 2),
                "sentences": [_told(sentence, titles) for sentence in given.sentences],
            }
        ],
    }


def _told(sentence: Sentence, titles: Mapping[str, str]) -> dict[str, Any]:
    cites = [f"{titles[one.article_id]} {one.start}-{one.end}" for one in sentence.citations]
    return {"text": sentence.text, "verdict": sentence.verdict, "cites": cites}


def agrees(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the only form of an answer is one of those that were written down."""
    (form,) = now["forms"]
    return any(
        form | {"chance": 0} == known | {"chance": 0}
        and abs(form["chance"] - known["chance"]) <= SAME_CHANCE
        for known in before["forms"]
    )


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
    before = {(item["question"], *item["earlier"]): item for item in stored()}
    with tempfile.TemporaryDirectory() as folder, open_library(folder, create=True) as library:
        ingest(SEEDS, library)
        now = list(answers(library))
    changed = 0
    for place, item in enumerate(now):
        known = before.get((item["question"], *item["earlier"]))
        if known and agrees(item, known):
            now[place] = known
        else:
            changed += 1
    lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in now)
    FILE.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write(f"{len(now)} answers written, {changed} of them changed.\n")


if __name__ == "__main__":
    renew()
