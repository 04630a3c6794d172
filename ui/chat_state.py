"""The state of one open chat page: its turns, and the conversation that stores them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from rag import Answer, Conversation, ConversationUnknown, Filters, FootnoteError, StaleSource
from ui.chat_controller import MAX_TURNS_SHOWN, NO_FILTERS, ChatTurn, answers_in, turns_html
from ui.filters import FilterChip, chips_for, filter_chips_html, ignored_labels
from ui.html import render
from ui.render import answer_html, nearest_articles
from ui.service import Service

LOG = logging.getLogger("footnote.page")


@dataclass(frozen=True, slots=True)
class ChatState:
    """What one page holds. Never changed in place: each change makes a new state.

    Attributes:
        conversation_id: The conversation that stores the turns, once there is one.
        turns: The latest ones, errors included.
        earlier: The number of turns before those in ``turns``.
    """

    conversation_id: str | None = None
    turns: tuple[ChatTurn, ...] = ()
    earlier: int = 0

    @property
    def next_number(self) -> int:
        return max((turn.number or 0 for turn in self.turns), default=self.earlier) + 1

    def turn(self, number: object) -> ChatTurn | None:
        """The answered turn with that number."""
        matches = (turn for turn in self.turns if turn.number == number and turn.answer)
        return next(matches, None)

    def history_before(self, turn: ChatTurn) -> tuple[Answer, ...]:
        """The answers before a turn."""
        return answers_in(self.turns[: self.turns.index(turn)])

    def without_failed(self, question: str) -> ChatState:
        """The state without its last turn, if that left this question unanswered."""
        last = self.turns[-1] if self.turns else None
        failed = last is not None and last.answer is None and last.question == question.strip()
        return replace(self, turns=self.turns[:-1]) if failed else self

    def followed_by(self, turn: ChatTurn) -> ChatState:
        """The state with one more turn; the oldest turns beyond the limit are dropped."""
        turns = (*self.turns, turn)
        dropped = sum(old.answer is not None for old in turns[:-MAX_TURNS_SHOWN])
        return replace(
            self,
            turns=turns[-MAX_TURNS_SHOWN:],
            conversation_id=turn.conversation_id or self.conversation_id,
            earlier=self.earlier + dropped,
        )


def restore_state(service: Service, conversation_id: str) -> ChatState:
    """The latest turns of a stored conversation, as the page showed them.

    Raises:
        ConversationUnknown: There is none with that id.
    """
    opened = service.conversations.get(conversation_id, last=MAX_TURNS_SHOWN)
    return ChatState(
        conversation_id=opened.id,
        turns=render_stored_turns(service, opened),
        earlier=opened.summary.turns - len(opened.turns),
    )


def render_stored_turns(
    service: Service, opened: Conversation, *, removable: bool = True
) -> tuple[ChatTurn, ...]:
    """The turns of a stored conversation, with notes about articles that have left since."""
    stale_sources = service.conversations.stale_sources(opened.history)
    turns = (
        ChatTurn(
            stored.answer.question,
            Markup(),
            stored.answer,
            filters=stored.filters or NO_FILTERS,
            number=stored.number,
            conversation_id=opened.id,
        )
        for stored in opened.turns
    )
    return tuple(render_turn(service, turn, stale_sources, removable=removable) for turn in turns)


def finish_turn(
    service: Service, state: ChatState, turn: ChatTurn, filters: Filters, *, store: bool
) -> ChatTurn:
    """A turn that was just answered, with its number and its filters; stored if it may be."""
    answer = turn.answer
    if answer is None:
        return turn
    number, conversation_id, problem = state.next_number, None, Markup()
    if store and service.keeps_conversations:
        try:
            conversation_id, number = _store(service, state, answer, filters)
        except FootnoteError as error:
            LOG.warning("an answer was not stored: %s", error)
            problem = render("not_stored.html", message=error)
    turn = replace(turn, filters=filters, number=number, conversation_id=conversation_id)
    turn = render_turn(service, turn, {})
    return replace(turn, body=turn.body + problem)


def _store(service: Service, state: ChatState, answer: Answer, filters: Filters) -> tuple[str, int]:
    chosen = filters if filters != NO_FILTERS else None
    try:
        return service.conversations.append(
            answer, conversation_id=state.conversation_id, filters=chosen
        )
    except ConversationUnknown:
        # It was deleted in another window; this question starts a new one.
        return service.conversations.append(answer, filters=chosen)


def render_turn(
    service: Service,
    turn: ChatTurn,
    stale_sources: Mapping[str, StaleSource],
    *,
    removable: bool = True,
) -> ChatTurn:
    """A turn with its whole body: filters, answer, and notes about articles that left."""
    answer = turn.answer
    if answer is None:
        return turn
    titles = article_titles(service, answer, turn.filters)
    chips = filter_chips_html(
        chips_for(answer, turn.filters, titles),
        turn.number if removable else None,
        ignored_labels(turn.filters, titles),
    )
    notes = stale_sources_html(answer, stale_sources)
    return replace(turn, body=chips + answer_html(answer) + notes)


def article_titles(service: Service, answer: Answer, filters: Filters) -> dict[str, str]:
    """Titles of the articles that the filters of an answer may name, by id."""
    named = answer.trace.understood.get("articles", ())
    return service.titles({*named, *filters.articles, *filters.not_articles, *filters.ignoring})


def filter_at(service: Service, turn: ChatTurn, index: object) -> FilterChip | None:
    """The filter of a turn that was clicked, by its place among the turn's filters."""
    if turn.answer is None or not isinstance(index, int):
        return None
    titles = article_titles(service, turn.answer, turn.filters)
    found = chips_for(turn.answer, turn.filters, titles)
    return found[index] if 0 <= index < len(found) else None


def history_html(state: ChatState) -> Markup:
    """The turns so far, oldest first, with a link to those that the page does not show."""
    earlier = Markup()
    if state.earlier and state.conversation_id:
        earlier = render(
            "earlier_turns.html", conversation_id=state.conversation_id, earlier=state.earlier
        )
    return earlier + turns_html(state.turns)


def stale_sources_html(answer: Answer, stale_sources: Mapping[str, StaleSource]) -> Markup:
    """Which footnotes of an answer cite articles that changed or left; empty for none."""
    if answer.refused:
        named = dict(enumerate(item.source for item in nearest_articles(answer.evidence)))
    else:
        named = answer.cited_sources
    rows = [
        (number, source, stale_sources[source.id])
        for number, source in named.items()
        if source.id in stale_sources
    ]
    return render("stale_sources.html", refused=answer.refused, rows=rows) if rows else Markup()
