"""The conversations of a library, kept in its catalog until they are deleted.

An answer is kept whole, with every quote and the passages behind it. Articles may change or leave:
what was said stays as it was, because articles are named by their content, so that a kept footnote
leads to the very words or nowhere, never to others.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

from rag.conversations.serialization import from_plain, to_plain
from rag.conversations.types import (
    LONGEST_TITLE,
    Conversation,
    Departure,
    KeptSummary,
    KeptTurn,
    KeptWords,
    read_as,
    sources_of,
    title_of,
)
from rag.errors import ConversationUnknown, LibraryDamaged, SettingsError
from rag.store.catalog import Catalog
from rag.text import normalize
from rag.types import Answer, Filters, Source, Span

# Leads every hashed identity, so that a later change of the recipe cannot collide with this one.
ID_RECIPE = "conversation-1"
ID_LENGTH = 16
LAST = "last"
SUMMARY = (
    "SELECT id, title, started, changed,"
    " (SELECT count(*) FROM turns WHERE conversation = id) FROM conversations"
)
TURN = "SELECT number, at, filters, answer FROM turns"


class Conversations:
    """Kept conversations, the newest first. Safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    # -- reading --------------------------------------------------------------------------------

    def all(self, words: str = "", *, most: int | None = None) -> tuple[KeptSummary, ...]:
        """The conversations, those that were added to last first.

        Args:
            words: Only those that hold all of these words in title, questions, answers, or the
                titles and publishers of what they cite; case and kind of quotation mark ignored.
            most: At most so many.
        """
        wanted = _folded(words).split()
        found_in = (
            "(instr(conversations.folded, ?) OR EXISTS (SELECT 1 FROM turns"
            " WHERE conversation = id AND instr(turns.folded, ?)))"
        )
        where = " WHERE " + " AND ".join([found_in] * len(wanted)) if wanted else ""
        values = [word for word in wanted for _ in range(2)]
        with self._catalog.reading() as db:
            rows = db.execute(
                f"{SUMMARY}{where} ORDER BY changed DESC, rowid DESC LIMIT ?",
                (*values, -1 if most is None else most),
            )
            return tuple(KeptSummary(*row) for row in rows)

    def open(self, conversation: str, *, last: int | None = None) -> Conversation:
        """One conversation with its turns in order, or only the ``last`` of them.

        Raises:
            ConversationUnknown: None is kept under that id.
            LibraryDamaged: A kept answer cannot be read.
        """
        with self._catalog.reading() as db:
            row = db.execute(f"{SUMMARY} WHERE id = ?", (conversation,)).fetchone()
            if row is None:
                raise ConversationUnknown(conversation)
            rows = db.execute(
                f"{TURN} WHERE conversation = ? ORDER BY number DESC LIMIT ?",
                (conversation, -1 if last is None else last),
            ).fetchall()
        turns = tuple(self._turn(*row) for row in reversed(rows))
        return Conversation(KeptSummary(*row), turns)

    def named(self, conversation: str) -> str:
        """The id that is meant: ``last`` is the conversation that was added to last.

        Raises:
            ConversationUnknown: The last one is asked for, and there is none.
        """
        if conversation != LAST:
            return conversation
        if not (found := self.all(most=1)):
            raise ConversationUnknown(LAST)
        return found[0].id

    def _turn(self, number: int, at: str, filters: str, answer: str) -> KeptTurn:
        try:
            kept = json.loads(filters)
            return KeptTurn(
                number,
                at,
                from_plain(Answer, json.loads(answer)),
                None if kept is None else from_plain(Filters, kept),
            )
        except ValueError as error:
            raise LibraryDamaged(
                self._catalog.folder, f"a kept answer cannot be read ({error})"
            ) from error

    # -- what became of the articles ------------------------------------------------------------

    def departures(self, answers: Iterable[Answer]) -> dict[str, Departure]:
        """Articles of the answers' evidence that are not in the library as they were, by id."""
        answers = tuple(answers)
        known = {key: item for answer in answers for key, item in sources_of(answer).items()}
        ready = self._catalog.ready_ids()
        gone = {key: source for key, source in known.items() if key not in ready}
        quotes = [c for answer in answers for s in answer.sentences for c in s.citations]
        there = self._catalog.articles(quote.article_id for quote in quotes)
        for quote in quotes:
            article = there.get(quote.article_id)
            if article and article.text[quote.start : quote.end] != quote.quote:
                gone[article.id] = article.source
        present = self._catalog.sources() if gone else ()
        return {key: Departure(source, _newer(source, present)) for key, source in gone.items()}

    def kept_words(self, article_id: str, span: Span | None) -> KeptWords | None:
        """The words at a span of an article that left, if a kept answer holds them.

        Without a span, the passage that was kept with the newest answer. Where no passage holds all
        of it, the part that one holds.
        """
        if span is not None and not 0 <= span.start < span.end:
            return None
        part = None
        with self._catalog.reading() as db:
            rows = db.execute(
                f"{TURN} JOIN turn_articles USING (conversation, number)"
                " WHERE article_id = ? ORDER BY at DESC, number DESC",
                (article_id,),
            ).fetchall()
        for turn in (self._turn(*row) for row in rows):
            for item in turn.answer.evidence:
                passage = item.passage
                if passage.article_id != article_id:
                    continue
                if span is None:
                    return KeptWords(item, None, turn.at)
                held = Span(max(span.start, passage.start), min(span.end, passage.end))
                if held == span:
                    return KeptWords(item, span, turn.at)
                if part is None and held.start < held.end:
                    part = KeptWords(item, held, turn.at)
        return part

    # -- changing -------------------------------------------------------------------------------

    def keep(
        self, answer: Answer, *, conversation: str | None = None, filters: Filters | None = None
    ) -> tuple[str, int]:
        """Keeps an answer, on disk when this returns: in a conversation, or in a new one.

        Returns:
            The conversation's id and the turn's number in it, from 1.

        Raises:
            ConversationUnknown: None is kept under that id.
            LibraryFull: There is no room.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._catalog.writing(aside=True) as db:
            if conversation is None:
                conversation = _begin(db, answer.question, now)
            elif not _touch(db, conversation, now):
                raise ConversationUnknown(conversation)
            (last,) = db.execute(
                "SELECT coalesce(max(number), 0) FROM turns WHERE conversation = ?", (conversation,)
            ).fetchone()
            _insert(db, conversation, KeptTurn(last + 1, now, answer, filters))
        return conversation, last + 1

    def rename(self, conversation: str, title: str) -> KeptSummary:
        """Gives a conversation another title.

        Raises:
            ConversationUnknown: None is kept under that id.
            SettingsError: The title is empty or longer than 120 characters.
        """
        title = " ".join("".join(c if c.isprintable() else " " for c in title).split())
        if not 0 < len(title) <= LONGEST_TITLE:
            raise SettingsError("a title", title, f"1 to {LONGEST_TITLE} characters")
        with self._catalog.writing(aside=True) as db:
            done = db.execute(
                "UPDATE conversations SET title = ?, folded = ? WHERE id = ?",
                (title, _folded(title), conversation),
            )
            if not done.rowcount:
                raise ConversationUnknown(conversation)
        return self.open(conversation, last=0).summary

    def delete(self, conversation: str) -> None:
        """Takes a conversation out for good: its words are overwritten in the file as well.

        Raises:
            ConversationUnknown: None is kept under that id.
        """
        with self._catalog.erasing() as db:
            done = db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
            if not done.rowcount:
                raise ConversationUnknown(conversation)


def _storable(text: str) -> str:
    """Text that SQLite takes: a lone surrogate, which no file can hold, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _folded(text: str) -> str:
    return _storable(normalize(text).text)


def _begin(db: sqlite3.Connection, question: str, now: str) -> str:
    (count,) = db.execute("SELECT coalesce(max(rowid), 0) FROM conversations").fetchone()
    while True:
        digest = hashlib.sha256(
            f"{ID_RECIPE}\n{now}\n{count}\n{question}".encode("utf-8", "replace")
        )
        conversation = digest.hexdigest()[:ID_LENGTH]
        title = _storable(title_of(question))
        made = db.execute(
            "INSERT OR IGNORE INTO conversations VALUES (?, ?, ?, ?, ?)",
            (conversation, title, _folded(title), now, now),
        )
        if made.rowcount:
            return conversation
        count += 1


def _touch(db: sqlite3.Connection, conversation: str, now: str) -> bool:
    done = db.execute("UPDATE conversations SET changed = ? WHERE id = ?", (now, conversation))
    return bool(done.rowcount)


def _insert(db: sqlite3.Connection, conversation: str, turn: KeptTurn) -> None:
    answer = turn.answer
    sources = (item.source for item in answer.cited)
    cited = [part for source in sources for part in (source.title, source.publisher or "")]
    db.execute(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            conversation,
            turn.number,
            turn.at,
            _storable(answer.question),
            _storable(read_as(answer)),
            answer.backend.name,
            json.dumps(to_plain(turn.filters)),
            json.dumps(to_plain(answer)),
            _folded("\n".join((answer.question, read_as(answer), answer.text, *cited))),
        ),
    )
    db.executemany(
        "INSERT INTO turn_articles VALUES (?, ?, ?)",
        [(conversation, turn.number, article_id) for article_id in sources_of(answer)],
    )


def _newer(source: Source, present: Iterable[Source]) -> str | None:
    """The article that now stands where another one was read from."""
    for other in present:
        same_address = source.url is not None and other.url == source.url
        if same_address or (other.origin, other.title) == (source.origin, source.title):
            return other.id
    return None
