"""Tells a sentence about what the question names from one about something with a similar name."""

from __future__ import annotations

from functools import lru_cache

from rag import text as texts
from rag.answerability import ScoredSentence


def is_about_another(question: str, best: ScoredSentence, item: ScoredSentence) -> bool:
    """Whether the article of a sentence is about another one of the kind that is asked about.

    It is if its passage and title lack a name or number of the question that the best sentence has,
    and name nothing else of the question: the WHO for The Who, room B12 for room B21. Sentences of
    the best one's article share its subject.
    """
    if item.evidence.source.id == best.evidence.source.id:
        return False
    said = _stems(f"{best.evidence.source.title}\n{best.text}")
    told = _stems(f"{item.evidence.source.title}\n{item.evidence.passage.text}")
    names = _names(question)
    return not (names & told) - said and bool((names & said) - told)


@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    return frozenset(texts.content_stems(text))


@lru_cache(maxsize=64)
def _names(question: str) -> frozenset[str]:
    """The stems of names and numbers of a question."""
    written = (stem for name in texts.name_words(question) for stem in texts.content_stems(name))
    figures = (stem for stem in _stems(question) if any(map(str.isdigit, stem)))
    return frozenset((*texts.names_like_stop_words(question), *written, *figures))
