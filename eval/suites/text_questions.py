"""Questions about short texts, over a library of all the texts of a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import json_lines, key, spread
from eval.metrics import Estimate, rate
from eval.report import FiguresReport
from eval.scoring import citations, is_intact
from eval.suites.citations import precision_recall
from eval.vector_cache import CachedEmbedder
from rag import Answer, BackendError, Library, QuestionError, answer, ingest, open_library

# Files in the folder of public question sets: published texts, and invented ones.
FILES = ("reader_dev.jsonl.gz", "reader_own_dev.jsonl.gz")
# Addresses by which the article of a text is found again.
ADDRESS = "https://texts.invalid/"
# Further claims and questions about some of these texts, by id: pairs of which one is true or
# answered, and the other false or a near miss in the same words.
CONTRASTS = Path(__file__).parents[1] / "training/data/held-out-contrasts.jsonl.gz"


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """One question about a text.

    Attributes:
        text_id: The text that it was written for.
        text: The question.
        answers: The sentences that answer it, each of them by itself; none for a near miss.
    """

    text_id: str
    text: str
    answers: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same in every run; two texts may share a question."""
        return key(f"{self.text_id}\n{self.text}")


def questions(path: Path, limit: int | None = None) -> tuple[TextQuestion, ...]:
    """The questions of a file; with a limit, as many spread evenly over it.

    Raises:
        FootnoteError: It cannot be read.
    """
    rows = [_question(row, asked) for row in json_lines(path) for asked in row["questions"]]
    return tuple(spread(rows, limit))


def contrast_questions(path: Path) -> tuple[TextQuestion, ...]:
    """The questions of `CONTRASTS` about the texts of a file.

    Raises:
        FootnoteError: A file cannot be read.
    """
    texts = {row["id"]: row for row in json_lines(path)}
    return tuple(
        _question(texts[row["id"]], asked)
        for row in json_lines(CONTRASTS)
        if row["id"] in texts
        for asked in row["questions"]
    )


def _question(text: Mapping[str, Any], asked: Mapping[str, Any]) -> TextQuestion:
    answers = tuple(text["sentences"][number - 1] for number in asked["answers"])
    return TextQuestion(text["id"], asked["q"], answers)


@contextmanager
def texts_library(
    path: Path, folder: Path | None = None, cache: Path | None = None
) -> Iterator[tuple[Library, dict[str, str]]]:
    """A library with every text of a file as an article, and the article id of each text.

    Args:
        path: The file.
        folder: Of the library, filled first if it does not exist; by default a temporary one.
        cache: Folder of cached vectors.

    Raises:
        FootnoteError: The file cannot be read, or the library cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as temporary:
        place = folder or Path(temporary) / "library"
        if not (place / "catalog.sqlite3").exists():
            fill_texts(place, path, cache)
        with open_library(place) as opened:
            sources = [summary.source for summary in opened.articles()]
            yield (
                opened,
                {
                    source.url.removeprefix(ADDRESS): source.id
                    for source in sources
                    if source.url and source.url.startswith(ADDRESS)
                },
            )


def fill_texts(library: Path, path: Path, cache: Path | None) -> None:
    """Ingests the texts of a file, except those of which cleaning leaves nothing."""
    with tempfile.TemporaryDirectory() as temporary:
        listed = Path(temporary) / "texts.json"
        rows = [article_of(row) for row in json_lines(path)]
        listed.write_text(json.dumps(rows), encoding="utf-8")
        ingest([listed], library=library, embedder=CachedEmbedder(cache))


def article_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A text as an entry of a list of articles."""
    return {
        "title": row["title"],
        "body": " ".join(row["sentences"]),
        "source": row.get("publisher") or None,
        "published_at": row.get("published") or None,
        "url": f"{ADDRESS}{row['id']}",
    }


def measure(
    asked: Sequence[TextQuestion], library: Library, places: Mapping[str, str]
) -> FiguresReport:
    """The figures of one file; a refusal of an answerable question counts as a miss.

    So does an answer where the text was not ingested. A question that cannot be asked is left out.
    """
    given = [(question, said) for question in asked if (said := ask(question, library)) is not None]
    yes = [(question, said) for question, said in given if question.answers]
    no = [(question, said) for question, said in given if not question.answers]
    cited = {q.id: float(is_cited(q, said, places.get(q.text_id))) for q, said in yes}
    false = {q.id: float(said.refused) for q, said in yes}
    correct = {q.id: float(said.refused) for q, said in no}
    intact = [is_intact(each, library) for _, said in given for each in citations(said)]
    values = {"citation_recall": cited, "false_refusals": false, "correct_refusals": correct}
    figures = {name: _share(found) for name, found in values.items() if found}
    if intact:
        figures["integrity"] = rate(intact)
    return FiguresReport(
        suite="texts",
        groups={"questions about texts": figures},
        questions={name: [found] for name, found in values.items() if found},
    )


def ask(question: TextQuestion, library: Library) -> Answer | None:
    """The answer over the whole library; None if the question cannot be asked."""
    try:
        return answer(question.text, library=library)
    except (QuestionError, BackendError):
        return None


def is_cited(question: TextQuestion, said: Answer, article_id: str | None) -> bool:
    """Whether a citation holds a sentence that answers the question, or lies in one.

    It must be one of the article that the question was written for.
    """
    quotes = [each.quote for each in citations(said) if each.article_id == article_id]
    return precision_recall(quotes, question.answers)[1] > 0


def _share(found: Mapping[str, float]) -> Estimate:
    return rate([bool(value) for value in found.values()])
