"""Questions to start with: made from the library's own titles and names, and tried first.

No model is asked. A question is offered only if the extractive backend answers it from the
library without reservation, and the same library always gets the same questions.
"""

from __future__ import annotations

import itertools
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from rag import Answer, Article, ArticleSummary, FootnoteError

LOG = logging.getLogger("footnote.page")
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
    """The examples of one library, found once for each state of the library, in a thread.

    Args:
        read: The articles with these ids, by id.
        ask: An answer by the extractive backend.
    """

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Article]], ask: Ask) -> None:
        self._read = read
        self._ask = ask
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._ids: tuple[str, ...] = ()
        self._questions: tuple[str, ...] | None = ()

    def current(self, summaries: Sequence[ArticleSummary]) -> tuple[str, ...] | None:
        """At most four questions that these articles, the whole library, answer.

        None while they are being found, which takes about a second.
        """
        ids = tuple(summary.source.id for summary in summaries)
        with self._lock:
            if ids != self._ids and not self._closed.is_set():
                self._ids, self._questions = ids, None
                titles = [summary.source.title for summary in evenly(summaries, MAX_TITLES_READ)]
                self._thread = threading.Thread(
                    target=self._find, args=(ids, titles), name="examples", daemon=True
                )
                self._thread.start()
            return self._questions

    def close(self) -> None:
        """Stops finding; must be called before the library is closed."""
        self._closed.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _find(self, ids: tuple[str, ...], titles: Sequence[str]) -> None:
        questions: tuple[str, ...] = ()
        try:
            sample = evenly(ids, MAX_ARTICLES_READ)
            known = self._read(sample)
            articles = [known[article_id] for article_id in sample if article_id in known]
            found = candidates(titles, articles)
            open_questions = itertools.takewhile(lambda _: not self._closed.is_set(), found)
            questions = answered(open_questions, self._ask)
        except Exception:
            LOG.exception("no example questions could be made")
        with self._lock:
            if ids == self._ids:
                self._questions = questions


def answered(
    questions: Iterator[str],
    ask: Ask,
    *,
    most: int = MAX_EXAMPLES,
    tried: int = MAX_TRIED,
    fits: Callable[[Answer], bool] = lambda _: True,
) -> tuple[str, ...]:
    """The first questions that are answered with citations and without a reservation.

    Args:
        questions: Those to try, in order.
        ask: Gives the answer of one.
        most: The largest number to return.
        tried: The largest number to ask.
        fits: Whether an answer is wanted.
    """
    found = (
        question
        for question in itertools.islice(questions, tried)
        if _is_answered(question, ask, fits)
    )
    return tuple(itertools.islice(found, most))


def _is_answered(question: str, ask: Ask, fits: Callable[[Answer], bool]) -> bool:
    try:
        answer = ask(question)
    except FootnoteError:
        return False
    sound = not answer.refused and bool(answer.cited) and not answer.trace.notes
    return sound and fits(answer)


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
