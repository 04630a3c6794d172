"""What readers thought of stored answers, and the evaluation cases that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.conversations.types import Conversation, Turn
from rag.errors import ConversationUnknown, SettingsError
from rag.text import normalize
from rag.types import Filters

if TYPE_CHECKING:
    from rag.store import Catalog

# Why an answer is not good, with the words for it.
REASONS = {
    "wrong": "It is wrong",
    "off_topic": "Not what I asked",
    "incomplete": "Something is missing",
    "not_said": "The articles do not say this",
}
# Characters.
MAX_NOTE_LENGTH = 2_000
# The filters that a case may have, as `eval.cases` reads them.
CASE_FILTERS = ("publishers", "authors", "categories", "articles", "not_articles")

# The origins of the articles that hold some words.
FindWords = Callable[[str], Iterable[str]]


class Feedback(NamedTuple):
    """A reader's judgment of one stored answer.

    Attributes:
        number: The turn in the conversation, from 1.
        good: Thumbs up, else thumbs down.
        reason: A key of `REASONS`, or empty.
        note: What the reader wrote; for a bad answer, the words of an article that answer.
        at: ISO time in UTC.
    """

    conversation_id: str
    number: int
    good: bool
    reason: str = ""
    note: str = ""
    at: str = ""

    def to_dict(self) -> dict[str, Any]:
        return self._asdict()


class FeedbackStore:
    """The judgments, at most one of each answer; they leave with their conversation."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of(self, conversation_id: str | None = None) -> tuple[Feedback, ...]:
        """The judgments of a conversation, or all, oldest conversation and first turn first."""
        with self._catalog.reading() as db:
            rows = db.execute(
                "SELECT conversation, number, good, reason, note, at FROM feedback"
                " WHERE ? IS NULL OR conversation = ? ORDER BY conversation, number",
                (conversation_id, conversation_id),
            ).fetchall()
        return tuple(Feedback(row[0], row[1], bool(row[2]), *row[3:]) for row in rows)

    def give(
        self, conversation_id: str, number: int, *, good: bool, reason: str = "", note: str = ""
    ) -> Feedback:
        """Stores a judgment in place of an earlier one.

        Raises:
            ConversationUnknown: The conversation has no such turn.
            SettingsError: The reason is none of `REASONS`, or the note is too long.
        """
        if reason and reason not in REASONS:
            raise SettingsError("a reason", reason, ", ".join(REASONS))
        if len(note) > MAX_NOTE_LENGTH:
            raise SettingsError("a note", f"{note[:40]}…", f"at most {MAX_NOTE_LENGTH} characters")
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        note = note.strip().encode("utf-8", "replace").decode("utf-8")
        given = Feedback(conversation_id, number, good, reason, note, now)
        with self._catalog.writing(aside=True) as db:
            turn = (conversation_id, number)
            known = db.execute("SELECT 1 FROM turns WHERE conversation = ? AND number = ?", turn)
            if known.fetchone() is None:
                raise ConversationUnknown(f"{conversation_id}, question {number}")
            db.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?)", tuple(given))
        return given

    def withdraw(self, conversation_id: str, number: int) -> None:
        """Forgets a judgment; nothing happens if there is none."""
        with self._catalog.writing(aside=True) as db:
            db.execute(
                "DELETE FROM feedback WHERE conversation = ? AND number = ?",
                (conversation_id, number),
            )


def feedback_case(given: Feedback, opened: Conversation, find: FindWords) -> dict[str, Any] | None:
    """A judged answer as a line of a case file for ``python -m eval seeds --cases``.

    A good answer's quotes are right, and so is a refusal that is called good. Of a bad answer only
    those are cases whose right answer is known: the reader gave words that an article holds, or
    said that the articles do not answer. Others are None.
    """
    turn = next(turn for turn in opened.turns if turn.number == given.number)
    filters = turn.filters or Filters()
    if filters.after or filters.before:
        return None
    expected = _expected(given, turn, find)
    if expected is None:
        return None
    gold, origins = expected
    chosen = {name: list(values) for name in CASE_FILTERS if (values := getattr(filters, name, ()))}
    return {
        "id": f"{given.conversation_id}-{given.number}",
        "question": turn.rewritten_question,
        "gold": gold,
        "answerable": bool(gold),
        "articles": origins,
        "kind": "liked" if given.good else given.reason or "disliked",
        **({"filters": chosen} if chosen else {}),
        **({"note": given.note} if given.note else {}),
    }


def _expected(given: Feedback, turn: Turn, find: FindWords) -> tuple[list[str], list[str]] | None:
    """The phrases that an answer has to quote and the origins of their articles, if known."""
    answer = turn.answer
    if given.good:
        if answer.refused:
            return [], []
        quotes = [
            c.quote for s in answer.sentences if s.verdict == "supported" for c in s.citations
        ]
        origins = [source.origin for source in answer.cited_sources.values()]
        return (list(dict.fromkeys(quotes)), origins) if quotes else None
    if given.note and (origins := list(find(given.note))):
        return [given.note], origins
    return ([], []) if given.reason == "not_said" and not answer.refused else None


def holds(text: str, words: str) -> bool:
    """Whether a text holds some words, whatever their case, spaces and quotation marks."""
    return normalize(words).text.strip() in normalize(text).text
