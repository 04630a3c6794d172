"""One visitor's conversation: its turns, and where it is kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag import Answer, Conversation, ConversationUnknown, Filters, FootnoteError, StaleSource
from ui.chat_controller import MAX_TURNS_SHOWN, NO_FILTERS, ChatTurn, answers_in, turns_html
from ui.conversations_html import stale_sources_html
from ui.filter_chips import FilterChip, chips_for, filter_chips_html, ignored_labels
from ui.html import escape, pluralize
from ui.render import answer_html
from ui.service import Service

LOG = logging.getLogger("footnote.page")
NOT_KEPT = "This answer could not be kept: "


@dataclass(frozen=True, slots=True)
class ChatState:
    """What one page holds. Never changed in place: each change makes another one.

    Attributes:
        kept_in: The conversation that holds the turns, once there is one.
        turns: The latest ones, errors included.
        earlier: How many turns stand before those in ``turns``.
    """

    conversation_id: str | None = None
    turns: tuple[ChatTurn, ...] = ()
    earlier: int = 0

    @property
    def next_number(self) -> int:
        return max((turn.number or 0 for turn in self.turns), default=self.earlier) + 1

    def turn(self, number: object) -> ChatTurn | None:
        """The answered turn of that number."""
        same = (turn for turn in self.turns if turn.number == number and turn.answer)
        return next(same, None)

    def before(self, turn: ChatTurn) -> tuple[Answer, ...]:
        """The answers in front of a turn."""
        return answers_in(self.turns[: self.turns.index(turn)])

    def followed_by(self, turn: ChatTurn) -> ChatState:
        """The page with one more turn; the oldest gives way."""
        turns = (*self.turns, turn)
        gone = sum(old.answer is not None for old in turns[:-MAX_TURNS_SHOWN])
        return replace(
            self,
            turns=turns[-MAX_TURNS_SHOWN:],
            conversation_id=turn.conversation_id or self.conversation_id,
            earlier=self.earlier + gone,
        )


def restore_state(service: Service, conversation: str) -> ChatState:
    """A kept conversation as the page showed it, its latest turns.

    Raises:
        ConversationUnknown: None is kept under that id.
    """
    opened = service.conversations.get(conversation, last=MAX_TURNS_SHOWN)
    return ChatState(
        conversation_id=opened.id,
        turns=render_stored_turns(service, opened),
        earlier=opened.summary.turns - len(opened.turns),
    )


def render_stored_turns(
    service: Service, opened: Conversation, *, removable: bool = True
) -> tuple[ChatTurn, ...]:
    """The turns of a kept conversation, with a word about articles that left since."""
    stale_sources = service.conversations.stale_sources(opened.history)
    turns = (
        ChatTurn(
            kept.answer.question,
            "",
            kept.answer,
            filters=kept.filters or NO_FILTERS,
            number=kept.number,
            conversation_id=opened.id,
        )
        for kept in opened.turns
    )
    return tuple(render_turn(service, turn, stale_sources, removable=removable) for turn in turns)


def finish_turn(
    service: Service, state: ChatState, turn: ChatTurn, filters: Filters, *, keep: bool
) -> ChatTurn:
    """A turn that was just answered: kept if it may be, with its number and its chips."""
    answer = turn.answer
    if answer is None:
        return turn
    number, conversation_id, trouble = state.next_number, None, ""
    if keep and service.keeps_conversations:
        try:
            conversation_id, number = _keep(service, state, answer, filters)
        except FootnoteError as error:
            LOG.warning("an answer was not kept: %s", error)
            trouble = f'<p class="tried">{NOT_KEPT}{escape(error)}</p>'
    turn = replace(turn, filters=filters, number=number, conversation_id=conversation_id)
    turn = render_turn(service, turn, {})
    return replace(turn, body=turn.body + trouble)


def _keep(service: Service, state: ChatState, answer: Answer, filters: Filters) -> tuple[str, int]:
    chosen = filters if filters != NO_FILTERS else None
    try:
        return service.conversations.append(
            answer, conversation_id=state.conversation_id, filters=chosen
        )
    except ConversationUnknown:
        # It was deleted in another window; what is asked now begins a new one.
        return service.conversations.append(answer, filters=chosen)


def render_turn(
    service: Service,
    turn: ChatTurn,
    stale_sources: Mapping[str, StaleSource],
    *,
    removable: bool = True,
) -> ChatTurn:
    """A turn with its whole body: chips, answer, and what became of the articles."""
    answer = turn.answer
    if answer is None:
        return turn
    titles = article_titles(service, answer, turn.filters)
    chips = filter_chips_html(
        chips_for(answer, turn.filters, titles),
        turn.number if removable else None,
        ignored_labels(turn.filters, titles),
    )
    return replace(
        turn, body=chips + answer_html(answer) + stale_sources_html(answer, stale_sources)
    )


def article_titles(service: Service, answer: Answer, filters: Filters) -> dict[str, str]:
    """Titles of the articles that chips may name."""
    named = answer.trace.understood.get("articles", ())
    return service.titles({*named, *filters.articles, *filters.not_articles, *filters.ignoring})


def filter_at(service: Service, turn: ChatTurn, place: object) -> FilterChip | None:
    """The chip that a click on a turn means."""
    if turn.answer is None or not isinstance(place, int):
        return None
    titles = article_titles(service, turn.answer, turn.filters)
    found = chips_for(turn.answer, turn.filters, titles)
    return found[place] if 0 <= place < len(found) else None


def history_html(state: ChatState) -> str:
    """The turns so far, oldest first, with a link to those that the page does not show."""
    earlier = ""
    if state.earlier and state.conversation_id:
        earlier = (
            f'<p class="earlier"><a href="/conversations/{escape(state.conversation_id)}">'
            f"{pluralize(state.earlier, 'earlier question')} in this conversation</a></p>"
        )
    return earlier + turns_html(state.turns)
