"""Questions to start with: made from the library's own titles and names, and tried first.

No model is asked. A question is offered only if the extractive backend answers it from the
library without reservation, and the same library always gets the same questions.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from rag import Answer, Article, ArticleSummary, FootnoteError

MAX_EXAMPLES = 4
# Every example that is tried costs about a tenth of a second.
MAX_TRIED = 12
MAX_QUESTION_TITLES = 2
MAX_LENGTH = 90
# Titles and articles that are read; a larger library is sampled evenly.
MAX_TITLES_READ = 2_000
MAX_ARTICLES_READ = 100
MAX_NAME_LENGTH = 40

# Capitalized words in the middle of a sentence, followed by what follows a noun: this leaves out
# words that are capitalized only as first words, and adjectives such as “Chinese”.
NAME = re.compile(
    r"(?<=[a-z,;] )[A-Z][\w’'-]*?(?: [A-Z][\w’'-]*?)*"
    r"(?=['’]s\b|[.;:!?]| (?:is|was|has|had|will|would|could|said|says|were|are|have)\b)"
)
# Shorter ones are acronyms too broad to ask about (AI, US, CEO) or no names (Oct, No).
MIN_NAME_LENGTH = 4
CALENDAR = frozenset(
    """Sept January February March April May June July August September October November December
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday""".split()
)

Ask = Callable[[str], Answer]
Item = TypeVar("Item")


class ExampleQuestions:
    """The examples of one library, found once for each state of the library.

    Args:
        read: Articles by id, for the ids that it is given.
        ask: An answer by the extractive backend, from articles on this machine alone.
    """

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Article]], ask: Ask) -> None:
        self._read = read
        self._ask = ask
        self._lock = threading.Lock()
        self._known_for: tuple[str, ...] | None = None
        self._questions: tuple[str, ...] = ()

    def of(self, summaries: Sequence[ArticleSummary]) -> tuple[str, ...]:
        """At most four questions that these articles, the whole library, answer.

        Takes about a second the first time; a second caller waits for the first.
        """
        ids = tuple(summary.source.id for summary in summaries)
        with self._lock:
            if ids != self._known_for:
                sample = evenly(ids, MAX_ARTICLES_READ)
                found = self._read(sample)
                articles = [found[article_id] for article_id in sample if article_id in found]
                titles = [summary.source.title for summary in evenly(summaries, MAX_TITLES_READ)]
                self._questions = answered(candidates(titles, articles), self._ask)
                self._known_for = ids
            return self._questions


def answered(questions: Iterator[str], ask: Ask) -> tuple[str, ...]:
    """The first questions that are answered with citations and without a reservation."""
    found = (question for question in islice(questions, MAX_TRIED) if _is_answered(question, ask))
    return tuple(islice(found, MAX_EXAMPLES))


def _is_answered(question: str, ask: Ask) -> bool:
    try:
        answer = ask(question)
    except FootnoteError:
        return False
    return not answer.refused and bool(answer.cited) and not answer.trace.notes


def candidates(titles: Sequence[str], articles: Sequence[Article]) -> Iterator[str]:
    """Questions that the library should answer, the most promising and most varied first.

    Titles that are questions; what the articles say about the names that most of them mention;
    what a publisher of several articles says about a name in them.
    """
    asked = [title for title in titles if title.rstrip().endswith("?") and len(title) <= MAX_LENGTH]
    yield from dict.fromkeys(asked[:MAX_QUESTION_TITLES])
    publishers = {article.source.publisher for article in articles}
    found = frequent_names([article.text for article in articles])
    names = [name for name in found if name not in publishers]
    if names:
        yield f"What do the articles say about {names[0]}?"
    for name in names[1:2]:
        yield f"What is reported about {name}?"
    publisher = _main_publisher(articles)
    if publisher:
        own = frequent_names([a.text for a in articles if a.source.publisher == publisher])
        for name in [name for name in own if name in names[2:]][:1]:
            yield f"What does {publisher} say about {name}?"
    for name in names[2:]:
        yield f"What is reported about {name}?"


def _main_publisher(articles: Sequence[Article]) -> str | None:
    """The publisher of most articles, if it has several and is not the only one."""
    counts = Counter(a.source.publisher for a in articles if a.source.publisher)
    if len(counts) < 2:
        return None
    publisher, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return publisher if count > 1 else None


def frequent_names(texts: Sequence[str]) -> list[str]:
    """Names in texts: those in most texts first, then the most frequent, then by alphabet.

    A surname is counted as the full name if only one full name in the texts ends with it.
    """
    found = [Counter(name for name in NAME.findall(text) if _is_specific(name)) for text in texts]
    full_names: dict[str, set[str]] = {}
    for name in {name for names in found for name in names if " " in name}:
        full_names.setdefault(name.rsplit(" ", 1)[1], set()).add(name)
    texts_with: Counter[str] = Counter()
    mentions: Counter[str] = Counter()
    for names in found:
        in_full: Counter[str] = Counter()
        for name, count in names.items():
            longer = full_names.get(name, set())
            in_full[min(longer) if len(longer) == 1 else name] += count
        for name, count in in_full.items():
            texts_with[name] += 1
            mentions[name] += count
    return sorted(texts_with, key=lambda name: (-texts_with[name], -mentions[name], name))


def _is_specific(name: str) -> bool:
    fits = MIN_NAME_LENGTH <= len(name) <= MAX_NAME_LENGTH
    return fits and not CALENDAR.intersection(name.split())


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most ``most`` items at even distances, in their order."""
    step = max(1, -(-len(items) // most))
    return list(items[::step])
