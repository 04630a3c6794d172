"""Questions to go on with below an answer, about what was found for it and not used.

No model is asked. A question is made of a title or a name in the passages that the answer left
out, and is shown only if the library answers it with words that the answer did not quote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag import Answer
from ui.examples import MAX_LENGTH, Ask, answered, frequent_names

MAX_NEXT_QUESTIONS = 3
# Each that is tried costs about a tenth of a second, after the answer is shown.
MAX_TRIED = 6
FORMS = ("What do the articles say about {}?", "What is reported about {}?")


def next_questions(answer: Answer, asked: Sequence[str], ask: Ask) -> tuple[str, ...]:
    """At most three questions; none where nothing good is found.

    Args:
        answer: The one that they are shown below.
        asked: The questions of the conversation; none of them is offered again.
        ask: An answer by the extractive backend, as it would be given after ``answer``.
    """
    quoted = _quotes(answer)

    def says_more(found: Answer) -> bool:
        return not _quotes(found) <= quoted

    questions = candidates(answer, asked)
    return answered(questions, ask, most=MAX_NEXT_QUESTIONS, tried=MAX_TRIED, fits=says_more)


def candidates(answer: Answer, asked: Sequence[str]) -> Iterator[str]:
    """Questions about the passages that the answer does not cite, the best found first."""
    known = {question.casefold() for question in asked}
    cited = {item.rank for item in answer.cited}
    unused = [item for item in answer.evidence if item.rank not in cited]
    sources = {item.source.id for item in answer.cited}
    titles = [item.source.title for item in unused if item.source.id not in sources]
    for title in dict.fromkeys(titles):
        if title.endswith("?") and len(title) <= MAX_LENGTH and title.casefold() not in known:
            yield title
    said = " ".join((answer.text, *asked)).casefold()
    publishers = {item.source.publisher for item in answer.evidence}
    names = frequent_names([item.passage.text for item in unused])
    fresh = [name for name in names if name.casefold() not in said and name not in publishers]
    for number, name in enumerate(fresh):
        yield FORMS[min(number, len(FORMS) - 1)].format(name)


def _quotes(answer: Answer) -> set[tuple[str, int, int]]:
    """Article, start and end of everything that an answer cites."""
    return {(c.article_id, c.start, c.end) for s in answer.sentences for c in s.citations}
