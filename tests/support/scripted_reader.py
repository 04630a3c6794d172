"""A reader that judges every claim alike, and an article to check a sentence against."""

from __future__ import annotations

from collections.abc import Sequence

from rag.reader import Judgement, Window
from rag.types import Article, Evidence, Passage, Sentence
from rag.verification import verify

TEXT = (
    "The council of Esk closed the old ferry in March after 14 accidents. "
    "Mayor Ada Quill said that a bridge would be cheaper to run. "
    "Fishermen had asked her to keep the ferry."
)


class Sure:
    """Judges every claim alike, and notes what it was shown."""

    def __init__(self, supported: float, contradicted: float = 0.0) -> None:
        self.made = Judgement(supported, contradicted, 1.0 - supported - contradicted, ())
        self.seen: list[tuple[Window, str]] = []

    def judge(self, pairs: Sequence[tuple[Window, str]]) -> list[Judgement]:
        self.seen.extend(pairs)
        return [self.made for _ in pairs]


def checked(draft: str, reader: object, text: str = TEXT) -> Sentence:
    article = Article.build(text, title="Ferry closed", origin="o", publisher="Esk Times")
    passage = Passage(article.id, 0, len(text), text)
    evidence = (Evidence(passage, article.source, 1, 1.0, ("dense",)),)
    load = None if reader is None else lambda: reader
    (sentence,) = verify(draft, evidence, None, load)  # type: ignore[arg-type]
    return sentence
