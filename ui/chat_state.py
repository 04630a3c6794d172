"""One visitor's conversation: its turns, and where it is kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag import Answer, Conversation, ConversationUnknown, Departure, Filters, FootnoteError
from ui.chat_controller import NO_FILTERS, TURNS_SHOWN, Turn, answers_of, past_html
from ui.conversations_html import departed_html
from ui.filter_chips import Chip, chips_html, chips_of, ignored_in_words
from ui.html import counted, escape
from ui.render import answer_html
from ui.service import Shelf

LOG = logging.getLogger("footnote.page")
NOT_KEPT = "This answer could not be kept: "


@dataclass(frozen=True, slots=True)
class Talk:
    """What one page holds. Never changed in place: each change makes another one.

    Attributes:
        kept_in: The conversation that holds the turns, once there is one.
        turns: The latest ones, errors included.
        earlier: How many turns stand before those in ``turns``.
    """

    kept_in: str | None = None
    turns: tuple[Turn, ...] = ()
    earlier: int = 0

    @property
    def next_number(self) -> int:
        return max((turn.number or 0 for turn in self.turns), default=self.earlier) + 1

    def turn(self, number: object) -> Turn | None:
        """The answered turn of that number."""
        same = (turn for turn in self.turns if turn.number == number and turn.answer)
        return next(same, None)

    def before(self, turn: Turn) -> tuple[Answer, ...]:
        """The answers in front of a turn."""
        return answers_of(self.turns[: self.turns.index(turn)])

    def followed_by(self, turn: Turn) -> Talk:
        """The page with one more turn; the oldest gives way."""
        turns = (*self.turns, turn)
        gone = sum(old.answer is not None for old in turns[:-TURNS_SHOWN])
        return replace(
            self,
            turns=turns[-TURNS_SHOWN:],
            kept_in=turn.kept_in or self.kept_in,
            earlier=self.earlier + gone,
        )


def reopened(shelf: Shelf, conversation: str) -> Talk:
    """A kept conversation as the page showed it, its latest turns.

    Raises:
        ConversationUnknown: None is kept under that id.
    """
    opened = shelf.conversations.open(conversation, last=TURNS_SHOWN)
    return Talk(
        kept_in=opened.id,
        turns=turns_of(shelf, opened),
        earlier=opened.summary.turns - len(opened.turns),
    )


def turns_of(shelf: Shelf, opened: Conversation, *, removable: bool = True) -> tuple[Turn, ...]:
    """The turns of a kept conversation, with a word about articles that left since."""
    departures = shelf.conversations.departures(opened.history)
    turns = (
        Turn(
            kept.answer.question,
            "",
            kept.answer,
            filters=kept.filters or NO_FILTERS,
            number=kept.number,
            kept_in=opened.id,
        )
        for kept in opened.turns
    )
    return tuple(dressed(shelf, turn, departures, removable=removable) for turn in turns)


def settled(shelf: Shelf, talk: Talk, turn: Turn, filters: Filters, *, keep: bool) -> Turn:
    """A turn that was just answered: kept if it may be, with its number and its chips."""
    answer = turn.answer
    if answer is None:
        return turn
    number, kept_in, trouble = talk.next_number, None, ""
    if keep and shelf.keeps:
        try:
            kept_in, number = _keep(shelf, talk, answer, filters)
        except FootnoteError as error:
            LOG.warning("an answer was not kept: %s", error)
            trouble = f'<p class="tried">{NOT_KEPT}{escape(error)}</p>'
    turn = replace(turn, filters=filters, number=number, kept_in=kept_in)
    turn = dressed(shelf, turn, {})
    return replace(turn, body=turn.body + trouble)


def _keep(shelf: Shelf, talk: Talk, answer: Answer, filters: Filters) -> tuple[str, int]:
    chosen = filters if filters != NO_FILTERS else None
    try:
        return shelf.conversations.keep(answer, conversation=talk.kept_in, filters=chosen)
    except ConversationUnknown:
        # It was deleted in another window; what is asked now begins a new one.
        return shelf.conversations.keep(answer, filters=chosen)


def dressed(
    shelf: Shelf,
    turn: Turn,
    departures: Mapping[str, Departure],
    *,
    removable: bool = True,
) -> Turn:
    """A turn with its whole body: chips, answer, and what became of the articles."""
    answer = turn.answer
    if answer is None:
        return turn
    titles = titles_in(shelf, answer, turn.filters)
    chips = chips_html(
        chips_of(answer, turn.filters, titles),
        turn.number if removable else None,
        ignored_in_words(turn.filters, titles),
    )
    return replace(turn, body=chips + answer_html(answer) + departed_html(answer, departures))


def titles_in(shelf: Shelf, answer: Answer, filters: Filters) -> dict[str, str]:
    """Titles of the articles that chips may name."""
    named = answer.trace.understood.get("articles", ())
    return shelf.titles({*named, *filters.articles, *filters.not_articles, *filters.ignoring})


def chip_at(shelf: Shelf, turn: Turn, place: object) -> Chip | None:
    """The chip that a click on a turn means."""
    if turn.answer is None or not isinstance(place, int):
        return None
    titles = titles_in(shelf, turn.answer, turn.filters)
    found = chips_of(turn.answer, turn.filters, titles)
    return found[place] if 0 <= place < len(found) else None


def talk_html(talk: Talk) -> str:
    """The turns so far, oldest first, with a link to those that the page does not show."""
    earlier = ""
    if talk.earlier and talk.kept_in:
        earlier = (
            f'<p class="earlier"><a href="/conversations/{escape(talk.kept_in)}">'
            f"{counted(talk.earlier, 'earlier question')} in this conversation</a></p>"
        )
    return earlier + past_html(talk.turns)
