"""The conversations of a library, stored in its catalog until they are deleted.

An answer is stored whole, with every quote and the passages that support it. Articles may change
or leave; because they are named by their content, a stored footnote leads to the very words that
it was checked against or nowhere, never to others.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rag.conversations.feedback import Feedback, FeedbackStore, feedback_case, holds
from rag.conversations.types import (
    MAX_TITLE_LENGTH,
    ArchivedPassage,
    Conversation,
    ConversationSummary,
    StaleSource,
    Turn,
    default_title,
    evidence_sources,
    from_jsonable,
    to_jsonable,
)
from rag.errors import ConversationUnknown, LibraryDamaged, SettingsError
from rag.text import normalize
from rag.types import Answer, Filters, Source, Span

if TYPE_CHECKING:
    from rag.store import Catalog

# Leads every hashed identity, so that a later change of the recipe cannot collide with this one.
ID_RECIPE = "conversation-1"
ID_LENGTH = 16
# Names the conversation that was used last, wherever an id is expected.
LATEST = "last"
SELECT_SUMMARY = (
    "SELECT id, title, started, changed,"
    " (SELECT count(*) FROM turns WHERE conversation = id) FROM conversations"
)
SELECT_TURN = "SELECT number, at, filters, answer FROM turns"


class ConversationStore:
    """The stored conversations, newest first. Safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.feedback = FeedbackStore(catalog)

    # -- reading --------------------------------------------------------------------------------

    def search(
        self, words: str = "", *, limit: int | None = None
    ) -> tuple[ConversationSummary, ...]:
        """The conversations, most recently used first.

        Args:
            words: Only conversations that contain all of these words in title, questions,
                answers, or the titles and publishers of what they cite; case and the kind of
                quotation mark are ignored. Empty for all conversations.
            limit: The largest number to return.
        """
        wanted = _normalized(words).split()
        contains = (
            "(instr(conversations.folded, ?) OR EXISTS (SELECT 1 FROM turns"
            " WHERE conversation = id AND instr(turns.folded, ?)))"
        )
        where = " WHERE " + " AND ".join([contains] * len(wanted)) if wanted else ""
        values = [word for word in wanted for _ in range(2)]
        with self._catalog.reading() as db:
            rows = db.execute(
                f"{SELECT_SUMMARY}{where} ORDER BY changed DESC, rowid DESC LIMIT ?",
                (*values, -1 if limit is None else limit),
            )
            return tuple(ConversationSummary(*row) for row in rows)

    def get(self, conversation_id: str, *, last: int | None = None) -> Conversation:
        """One conversation with its turns in order, or only the ``last`` of them.

        Raises:
            ConversationUnknown: There is none with that id.
            LibraryDamaged: A stored answer cannot be read.
        """
        with self._catalog.reading() as db:
            row = db.execute(f"{SELECT_SUMMARY} WHERE id = ?", (conversation_id,)).fetchone()
            if row is None:
                raise ConversationUnknown(conversation_id)
            rows = db.execute(
                f"{SELECT_TURN} WHERE conversation = ? ORDER BY number DESC LIMIT ?",
                (conversation_id, -1 if last is None else last),
            ).fetchall()
        turns = tuple(self._turn(*row) for row in reversed(rows))
        return Conversation(ConversationSummary(*row), turns)

    def resolve_id(self, name: str) -> str:
        """The id that is meant: ``last`` is the most recently used conversation.

        Raises:
            ConversationUnknown: The last one is asked for, and there is none.
        """
        if name != LATEST:
            return name
        if not (found := self.search(limit=1)):
            raise ConversationUnknown(LATEST)
        return found[0].id

    def _turn(self, number: int, at: str, filters: str, answer: str) -> Turn:
        try:
            fields = json.loads(filters)
            return Turn(
                number,
                at,
                from_jsonable(Answer, json.loads(answer)),
                None if fields is None else from_jsonable(Filters, fields),
            )
        except ValueError as error:
            raise LibraryDamaged(
                self._catalog.folder, f"a kept answer cannot be read ({error})"
            ) from error

    # -- articles that changed or left ------------------------------------------------------------

    def stale_sources(self, answers: Iterable[Answer]) -> dict[str, StaleSource]:
        """Articles in the answers' evidence that changed or left since, by article id."""
        answers = tuple(answers)
        known = {key: item for answer in answers for key, item in evidence_sources(answer).items()}
        ready = self._catalog.ready_ids()
        stale = {key: source for key, source in known.items() if key not in ready}
        citations = [c for answer in answers for s in answer.sentences for c in s.citations]
        present = self._catalog.articles(citation.article_id for citation in citations)
        for citation in citations:
            article = present.get(citation.article_id)
            if article and article.text[citation.start : citation.end] != citation.quote:
                stale[article.id] = article.source
        current = self._catalog.sources() if stale else ()
        return {
            key: StaleSource(source, _replacement_id(source, current))
            for key, source in stale.items()
        }

    def holding(self, article_ids: Iterable[str]) -> tuple[str, ...]:
        """Ids of the conversations that hold passages of one of the articles, also of removed ones.

        Their words stay in the library's folder until the conversations are deleted.
        """
        query = "SELECT DISTINCT conversation FROM turn_articles WHERE article_id = ?"
        with self._catalog.reading() as db:
            rows = [row for each in article_ids for row in db.execute(query, (each,))]
        return tuple(sorted({found for (found,) in rows}))

    def archived_passage(self, article_id: str, span: Span | None) -> ArchivedPassage | None:
        """The text at a span of an article that left, if a stored answer holds it.

        Without a span, the passage of the newest answer. If no passage holds the whole span, the
        part that one passage holds.
        """
        if span is not None and not 0 <= span.start < span.end:
            return None
        partial = None
        with self._catalog.reading() as db:
            rows = db.execute(
                f"{SELECT_TURN} JOIN turn_articles USING (conversation, number)"
                " WHERE article_id = ? ORDER BY at DESC, number DESC",
                (article_id,),
            ).fetchall()
        for turn in (self._turn(*row) for row in rows):
            for item in turn.answer.evidence:
                passage = item.passage
                if passage.article_id != article_id:
                    continue
                if span is None:
                    return ArchivedPassage(item, None, turn.at)
                overlap = Span(max(span.start, passage.start), min(span.end, passage.end))
                if overlap == span:
                    return ArchivedPassage(item, span, turn.at)
                if partial is None and overlap.start < overlap.end:
                    partial = ArchivedPassage(item, overlap, turn.at)
        return partial

    def feedback_cases(self) -> tuple[list[dict[str, Any]], int]:
        """The judged answers as lines of a case file, and how many judgments make none."""
        given = self.feedback.of()
        made = [feedback_case(item, self._opened(item), self._origins_of) for item in given]
        cases = [case for case in made if case is not None]
        return cases, len(made) - len(cases)

    def _opened(self, given: Feedback) -> Conversation:
        return self.get(given.conversation_id)

    def _origins_of(self, words: str) -> Iterator[str]:
        """Where the articles that hold some words were read from."""
        for article in self._catalog.articles(self._catalog.ready_ids()).values():
            if holds(article.text, words):
                yield article.source.origin

    # -- changing -------------------------------------------------------------------------------

    def append(
        self, answer: Answer, *, conversation_id: str | None = None, filters: Filters | None = None
    ) -> tuple[str, int]:
        """Stores an answer in a conversation or in a new one; it is on disk when this returns.

        Returns:
            The conversation's id and the turn's number in it, from 1.

        Raises:
            ConversationUnknown: There is none with that id.
            LibraryFull: The disk is full.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._catalog.writing(aside=True) as db:
            if conversation_id is None:
                conversation_id = _insert_conversation(db, answer.question, now)
            elif not _touch(db, conversation_id, now):
                raise ConversationUnknown(conversation_id)
            (last,) = db.execute(
                "SELECT coalesce(max(number), 0) FROM turns WHERE conversation = ?",
                (conversation_id,),
            ).fetchone()
            _insert_turn(db, conversation_id, Turn(last + 1, now, answer, filters))
        return conversation_id, last + 1

    def rename(self, conversation_id: str, title: str) -> ConversationSummary:
        """Gives a conversation another title.

        Raises:
            ConversationUnknown: There is none with that id.
            SettingsError: The title is empty or longer than 120 characters.
        """
        title = " ".join("".join(c if c.isprintable() else " " for c in title).split())
        if not 0 < len(title) <= MAX_TITLE_LENGTH:
            raise SettingsError("a title", title, f"1 to {MAX_TITLE_LENGTH} characters")
        with self._catalog.writing(aside=True) as db:
            done = db.execute(
                "UPDATE conversations SET title = ?, folded = ? WHERE id = ?",
                (title, _normalized(title), conversation_id),
            )
            if not done.rowcount:
                raise ConversationUnknown(conversation_id)
        return self.get(conversation_id, last=0).summary

    def delete(self, conversation_id: str) -> None:
        """Deletes a conversation; its text is overwritten in the database file as well.

        Raises:
            ConversationUnknown: There is none with that id.
        """
        with self._catalog.erasing() as db:
            done = db.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
            if not done.rowcount:
                raise ConversationUnknown(conversation_id)


def _storable(text: str) -> str:
    """Text that SQLite accepts: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _normalized(text: str) -> str:
    return _storable(normalize(text).text)


def _insert_conversation(db: sqlite3.Connection, question: str, now: str) -> str:
    (count,) = db.execute("SELECT coalesce(max(rowid), 0) FROM conversations").fetchone()
    while True:
        digest = hashlib.sha256(
            f"{ID_RECIPE}\n{now}\n{count}\n{question}".encode("utf-8", "replace")
        )
        conversation_id = digest.hexdigest()[:ID_LENGTH]
        title = _storable(default_title(question))
        inserted = db.execute(
            "INSERT OR IGNORE INTO conversations VALUES (?, ?, ?, ?, ?)",
            (conversation_id, title, _normalized(title), now, now),
        )
        if inserted.rowcount:
            return conversation_id
        count += 1


def _touch(db: sqlite3.Connection, conversation_id: str, now: str) -> bool:
    done = db.execute("UPDATE conversations SET changed = ? WHERE id = ?", (now, conversation_id))
    return bool(done.rowcount)


def _insert_turn(db: sqlite3.Connection, conversation_id: str, turn: Turn) -> None:
    answer = turn.answer
    sources = (item.source for item in answer.cited)
    cited = [part for source in sources for part in (source.title, source.publisher or "")]
    searchable = (answer.question, turn.rewritten_question, answer.text, *cited)
    db.execute(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            conversation_id,
            turn.number,
            turn.at,
            _storable(answer.question),
            _storable(turn.rewritten_question),
            answer.backend.name,
            json.dumps(to_jsonable(turn.filters)),
            json.dumps(to_jsonable(answer)),
            _normalized("\n".join(searchable)),
        ),
    )
    db.executemany(
        "INSERT INTO turn_articles VALUES (?, ?, ?)",
        [(conversation_id, turn.number, article_id) for article_id in evidence_sources(answer)],
    )


def _replacement_id(source: Source, current: Iterable[Source]) -> str | None:
    """The article that was since read from the same address, or from the same file by title."""
    for other in current:
        same_url = source.url is not None and other.url == source.url
        if same_url or (other.origin, other.title) == (source.origin, source.title):
            return other.id
    return None
