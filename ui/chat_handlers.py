"""What the chat page does when a visitor acts: the functions that Gradio calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from rag import (
    Answer,
    ArticleSummary,
    CancellationToken,
    ConversationUnknown,
    Filters,
    FootnoteError,
    verifier_metrics,
)
from ui.about_verification import about_verification_html
from ui.access import is_owner, visitor_of
from ui.chat_controller import (
    NO_FILTERS,
    ChatTurn,
    answers_in,
    empty_library_html,
    stream_updates,
)
from ui.chat_state import ChatState, filter_at, finish_turn, history_html, restore_state
from ui.examples import MAX_EXAMPLES
from ui.filters import (
    active_filters_html,
    apply_form_change,
    filter_form_html,
    remove_filter,
    without_chip,
)
from ui.html import render
from ui.model_menu import is_usable, model_menu_html
from ui.render import EXTRACTIVE, notice_html
from ui.running_answers import RunningAnswer, RunningAnswers
from ui.service import MAX_QUESTION_LENGTH, Event, Service
from ui.visitor import DEFAULT_LANGUAGE, Visitor, current_visitor, for_visitor
from ui.words import in_english, say, translated

# The values of `Page.shown`: past, current, state, filters, active filters.
Update = tuple[Any, ...]
UNCHANGED: Update = (gr.skip(),) * 5


class Asked(NamedTuple):
    """A question with all that it is answered from.

    ``number`` is its place among what the page asked and stopped. ``later`` replaces the filters
    of the questions to come, at once, so that what is chosen while the answer is made stays
    chosen; None leaves them.
    """

    number: int
    question: str
    filters: Filters
    history: Sequence[Answer]
    later: Filters | None = None
    backend: str | None = None

    def of_turn(self, turn: ChatTurn, state: ChatState, filters: Filters, later: Filters) -> Asked:
        """The question of an earlier turn, as it was asked then but with other filters."""
        return self._replace(
            question=turn.question,
            filters=filters,
            history=state.history_before(turn),
            later=later,
        )


class ChatHandlers:
    """The events of the page. A visitor's conversation lives in ``gr.State`` alone.

    Args:
        service: The library that is asked.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running = RunningAnswers()

    def visitor(self, request: gr.Request) -> Visitor:
        """Whom the page is made for."""
        visitor = self._service.visitor
        return visitor if request.request is None else visitor_of(request.request, visitor)

    @for_visitor
    def ask(
        self,
        number: int | None,
        question: str,
        state: ChatState,
        filters: Filters,
        backend: str | None,
        request: gr.Request,
    ) -> Iterator[Update]:
        """Answers what was typed; an answer that is still being made stops."""
        history = answers_in(state.turns)
        asked = Asked(number or 0, question or "", filters, history, backend=backend)
        yield from self._updates(asked, state, request)

    @for_visitor
    def ask_again(
        self,
        number: int | None,
        state: ChatState,
        filters: Filters,
        backend: str | None,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Update]:
        """Asks a turn's question anew: without one of its filters, or as it was."""
        sent = _sent(event)
        turn = state.turn(sent.get("turn"))
        asked = Asked(number or 0, "", filters, ())
        if turn is None:
            question = _question_of(event)
            state = state.without_failed(question)
            asked = asked._replace(question=question, history=answers_in(state.turns))
        elif "chip" not in sent:
            asked = asked.of_turn(turn, state, turn.filters, filters)
        elif chip := filter_at(self._service, turn, sent["chip"]):
            # A filter that was set by hand and is removed here no longer restricts what follows.
            later = filters if chip.from_question else without_chip(filters, chip)
            without = without_chip(turn.filters, chip)
            asked = asked.of_turn(turn, state, without, later)
        backend = EXTRACTIVE if sent.get("plain") else backend
        yield from self._updates(asked._replace(backend=backend), state, request)

    @for_visitor
    def ask_shown(
        self,
        number: int | None,
        state: ChatState,
        filters: Filters,
        backend: str | None,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Update]:
        """Answers a question that is below the last answer."""
        yield from self.ask(number, _question_of(event), state, filters, backend, request)

    @for_visitor
    def ask_example(
        self,
        number: int | None,
        shown: str,
        state: ChatState,
        filters: Filters,
        backend: str | None,
        request: gr.Request,
    ) -> Iterator[Update]:
        """Answers an example question, which was tried, and finds its articles, in English."""
        yield from self.ask(number, in_english(shown), state, filters, backend, request)

    @for_visitor
    def show_next(self, state: ChatState, filters: Filters, request: gr.Request) -> Markup:
        """Questions to go on with, once the last answer is there."""
        last = state.turns[-1] if state.turns else None
        if last is None or last.answer is None or self._running.busy(request.session_hash or ""):
            return Markup()
        chosen = filters if filters != NO_FILTERS else None
        try:
            found = self._service.next_questions(answers_in(state.turns), chosen)
        except FootnoteError:
            # The next answer says what is wrong with the library.
            found = ()
        return render("next_questions.html", questions=found)

    def stop(self, number: int | None, request: gr.Request) -> None:
        """Ends the question asked last; the sentences of its answer verified so far stay."""
        self._running.stop(request.session_hash or "", number or 0, replaced=False)

    def clear(self, number: int | None, request: gr.Request) -> Update:
        """Starts a conversation anew."""
        self._running.stop(request.session_hash or "", number or 0, replaced=True)
        return "", "", ChatState(), NO_FILTERS, ""

    def leave(self, request: gr.Request) -> None:
        """Ends the work for a page that is closed or reloaded."""
        self._running.leave(request.session_hash or "")

    @for_visitor
    def set_filter(
        self, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> tuple[Filters, Markup]:
        """Sets a filter for the questions to come."""
        filters = apply_form_change(filters, event._data, self._collections(request))
        return filters, self._active_filters(filters)

    @for_visitor
    def drop_filter(
        self, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> tuple[Filters, Markup]:
        """Removes a filter for the questions to come."""
        filters = remove_filter(filters, event._data)
        return filters, self._active_filters(filters)

    @for_visitor
    def open_models(self, state: ChatState, backend: str | None, request: gr.Request) -> Markup:
        """Looks up which models are ready; only for whoever may choose one."""
        if not is_local(request):
            return Markup()
        answers = answers_in(state.turns)
        return model_menu_html(
            self._chosen(backend),
            self._service.backend_states(),
            allowed=self._service.allowed_places(),
            sent_to={host for answer in answers for host in answer.trace.left_machine},
        )

    @for_visitor
    def choose_model(
        self, backend: str | None, event: gr.EventData, request: gr.Request
    ) -> tuple[str | None, Markup]:
        """Chooses what writes the answers to come, if it is one that the menu offers."""
        sent = event._data if isinstance(event._data, Mapping) else {}
        offered = {item.name for item in self._service.backend_states() if is_usable(item)}
        if is_local(request) and sent.get("backend") in offered:
            backend = str(sent["backend"])
        return backend, model_menu_html(self._chosen(backend))

    def _chosen(self, backend: str | None) -> tuple[str, ...]:
        return (backend,) if backend else self._service.backends

    @for_visitor
    def load(self, request: gr.Request) -> tuple[Any, ...]:
        """Fills the page when it is opened."""
        articles: tuple[ArticleSummary, ...] = ()
        state, filters, message = ChatState(), NO_FILTERS, Markup()
        collections: Mapping[str, tuple[str, ...]] = {}
        try:
            articles = self._service.articles()
            collections = self._collections(request)
            message = Markup() if articles else empty_library_html(self._service.folder)
            state, filters = self._requested(request)
        except ConversationUnknown:
            message += notice_html("hint", say("conversation_gone"), say("ask_to_start"))
        except FootnoteError as error:
            message = notice_html("error", say("library_unreadable"), str(error))
        about = about_verification_html(verifier_metrics(), self._service.checker)
        return (
            translated_head(),
            message,
            render("footer.html", articles=len(articles)) + about,
            gr.update(visible=bool(articles)),
            filter_form_html(articles, collections),
            model_menu_html(self._service.backends) if is_local(request) else "",
            *_shown(state),
            state,
            filters,
            self._active_filters(filters),
        )

    @for_visitor
    def show_examples(self, request: gr.Request) -> list[Any]:
        """Fills the buttons with example questions, once they have been found."""
        try:
            found = self._service.example_questions()
        except FootnoteError:
            # The page says elsewhere what is wrong with the library.
            found = ()
        questions = found or ()
        shown = [gr.update(value=translated(question), visible=True) for question in questions]
        hidden = [gr.update(visible=False)] * (MAX_EXAMPLES - len(questions))
        return [*shown, *hidden, gr.Timer(active=found is None)]

    def _updates(self, asked: Asked, state: ChatState, request: gr.Request) -> Iterator[Update]:
        """Each state of the page while a question is answered."""
        if not asked.question.strip():
            yield UNCHANGED
            return
        session = request.session_hash or ""
        running = RunningAnswer(asked.question, asked.number)
        stream = partial(self._stream, asked, running.cancellation)
        if stopped := self._running.start(session, running):
            state = state.followed_by(stopped)
        later = asked.filters if asked.later is None else asked.later
        # What the first update changes besides the answer.
        past: Any = history_html(state)
        kept = gr.skip() if asked.later is None else later
        rest: Update = (kept, self._active_filters(later))
        try:
            for update in stream_updates(asked.question, stream, running.cancellation):
                if running.stopped:
                    break
                running.sentences = update.sentences
                html, next_state = update.html, gr.skip()
                if update.turn:
                    turn = self._finished(update.turn, state, asked, request)
                    html, next_state = turn.html, state.followed_by(turn)
                yield past, html, next_state, *rest
                past, rest = gr.skip(), (gr.skip(),) * 2
            if running.stopped and not running.replaced:
                yield past, running.turn.html, state.followed_by(running.turn), *rest
            # Gradio sends the last update twice, the second time when something else may be shown.
            yield UNCHANGED
        finally:
            self._running.finish(session, running)

    def _finished(
        self, turn: ChatTurn, state: ChatState, asked: Asked, request: gr.Request
    ) -> ChatTurn:
        store = is_local(request)
        return finish_turn(self._service, state, turn, asked.filters, store=store)

    def _stream(
        self, asked: Asked, cancellation: CancellationToken, question: str
    ) -> Iterator[Event]:
        chosen = asked.filters if asked.filters != NO_FILTERS else None
        return self._service.stream(
            question,
            history=asked.history,
            filters=chosen,
            backend=asked.backend,
            cancellation=cancellation,
        )

    def _collections(self, request: gr.Request) -> Mapping[str, tuple[str, ...]]:
        """The collections that have articles, for whoever may see them."""
        found = self._service.library.collections.all() if is_local(request) else {}
        return {name: ids for name, ids in found.items() if ids}

    def _active_filters(self, filters: Filters) -> Markup:
        titles = self._service.titles({*filters.articles, *filters.not_articles})
        return active_filters_html(filters, titles)

    def _requested(self, request: gr.Request) -> tuple[ChatState, Filters]:
        """The conversation, or the articles to ask about, that the page's address names.

        Raises:
            ConversationUnknown: There is none with that id, or this visitor may not see it.
        """
        asked = dict(request.query_params)
        if conversation := asked.get("conversation"):
            if not is_local(request):
                raise ConversationUnknown(conversation)
            return restore_state(self._service, conversation), NO_FILTERS
        if collection := asked.get("collection"):
            ids = self._collections(request).get(collection, ())
            return ChatState(), Filters(articles=ids)
        named = asked.get("article", "").split(",")
        known = self._service.titles(set(named))
        return ChatState(), Filters(articles=tuple(name for name in named if name in known))


def _sent(event: gr.EventData) -> Mapping[str, Any]:
    """What the page's script sent along; nothing of any other kind."""
    return event._data if isinstance(event._data, Mapping) else {}


def _question_of(event: gr.EventData) -> str:
    return str(_sent(event).get("question") or "")[: MAX_QUESTION_LENGTH + 1]


def _shown(state: ChatState) -> tuple[Markup, Markup]:
    """The past turns and the last one."""
    *before, last = state.turns or (None,)
    earlier = history_html(replace(state, turns=tuple(turn for turn in before if turn)))
    return earlier, last.html if last else Markup()


def translated_head() -> Any:
    """The head in the language of the visitor; the page has it in the default one already."""
    default = current_visitor().language == DEFAULT_LANGUAGE
    return gr.skip() if default else render("masthead.html")


def is_local(request: gr.Request) -> bool:
    """See `is_owner`. Gradio's own request copies what it wraps, and cannot copy a scope."""
    return request.request is not None and is_owner(request.request)
