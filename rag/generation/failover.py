"""Tries backends in order until one answers, and records what happened.

The next backend is tried only while nothing has been shown. A draft is passed on sentence by
sentence, so a stream that ends inside its first sentence has shown nothing, and one that ends later
leaves no half sentence. If partial sentences are shown as well, the first word counts as shown.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rag.errors import BackendError, NoneAnswered, PolicyRefused, RequestRefused
from rag.generation.base import ArticleSentence, Backend, CallContext, Retract
from rag.generation.draft_sentences import DraftParser, DraftSentence, PartialSentence, Preamble
from rag.generation.resilience import CircuitBreakers
from rag.network import CancellationToken, Cancelled
from rag.policy import KEEP_LOCAL, Rule, filter_sendable, require_allowed
from rag.query import Query
from rag.types import Attempt, BackendInfo, Evidence, Outgoing, Trace, Usage

# One set for the process: a server that is down is down for every question.
CIRCUIT_BREAKERS = CircuitBreakers()

# A draft ends when a sentence comes this many times: small models do not leave such a loop.
MOST_REPEATED = 3

# Finds as many passages as it is asked for, those of the evidence first.
MoreEvidence = Callable[[int], Sequence[Evidence]]

# Decides whether the text of an unfinished sentence is passed on.
PartialFilter = Callable[[str], bool]

# What a draft is passed on as; a `Retract` withdraws everything before it.
DraftEvent = DraftSentence | ArticleSentence | Preamble | PartialSentence | Retract


class CircuitOpen(BackendError):
    """The backend failed repeatedly and is skipped for a while."""

    moves_on = True


class Repeating(BackendError):
    """The model writes the same sentence again and again."""


class Failover:
    """A list of backends that acts as one. Used for one question; it keeps what happened.

    Args:
        backends: In the order in which they are tried.
        rules: All must allow a destination.
        log: Records calls that leave this machine.
        circuit_breakers: Decide which backends are skipped.
        cancellation: Cancelled once the answer is no longer wanted.
        other_hosts: Hosts that get text for the same question besides the backends', such as an
            embedder's.

    Attributes:
        backends: As given.
        info: Who wrote the draft; the first backend before there is one.
        evidence: What there was for the draft to be made from.
        tried: The backends that failed, and why.
        interruption: Why the draft is incomplete; None if it is complete.
        notes: What the reader of the answer should know.
        reasoning: What the model thought.
        usage: Tokens and cost of the draft.
        left_machine: Hosts elsewhere that got text, those of failed backends included.
    """

    def __init__(
        self,
        backends: Sequence[Backend],
        *,
        rules: tuple[Rule, ...] = (),
        log: Callable[[Outgoing], None] | None = None,
        circuit_breakers: CircuitBreakers = CIRCUIT_BREAKERS,
        cancellation: CancellationToken | None = None,
        other_hosts: Sequence[str] = (),
    ) -> None:
        self.backends = backends
        self._rules, self._log = rules, log
        self._circuit_breakers = circuit_breakers
        self._cancellation = cancellation or CancellationToken()
        self._other_hosts = other_hosts
        self.info: BackendInfo = backends[0].info
        self.evidence: tuple[Evidence, ...] = ()
        self.tried: tuple[Attempt, ...] = ()
        self.interruption: str | None = None
        self.notes: tuple[str, ...] = ()
        self.reasoning = ""
        self.usage: Usage | None = None
        self.left_machine: tuple[str, ...] = ()

    def draft(
        self,
        query: Query,
        evidence: Sequence[Evidence],
        *,
        partial: PartialFilter | None = None,
        more: MoreEvidence | None = None,
    ) -> Iterator[DraftEvent]:
        """Yields the draft sentence by sentence; a `Retract` withdraws what came before it.

        Args:
            query: The parsed question.
            evidence: What the backends may read, as far as the rules allow.
            more: Finds as many passages as a language model has room for, the best first.
            partial: Passes on the text of unfinished sentences too, where this returns True.

        Raises:
            PolicyRefused: The rules allow none of the backends.
            BackendError: None of the backends could answer.
        """
        faults: list[BackendError] = []
        refusal: PolicyRefused | None = None
        for place, backend in enumerate(self.backends):
            is_last = place == len(self.backends) - 1
            context = self._context(is_last=is_last)
            try:
                self._check_circuit(backend, context)
                self.evidence = self._evidence_for(backend, evidence, more, context)
                permitted = self._permitted_evidence(backend, self.evidence, context)
                pieces = backend.draft(query, permitted, context)
                relay = DraftRelay(partial, backend=backend.info.name)
                yield from self._relay(backend, pieces, context, relay)
                return
            except PolicyRefused as error:
                refusal = refusal or error
                self._skip(backend, f"the policy does not let text go there: {error.rule}.")
            except BackendError as error:
                faults.append(error)
                if not (error.moves_on or is_last):
                    raise
                self._skip(backend, error.reason)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise NoneAnswered([(fault.backend, fault.reason) for fault in faults])
        if refusal is not None:
            raise refusal

    def complete(self, messages: list[dict[str, str]], output: int, seconds: float) -> str | None:
        """What the first language model replies to chat messages; None if none can or may.

        Args:
            messages: Each with ``role`` and ``content``.
            output: Most tokens of the reply.
            seconds: It is given up after this long.

        Models that come after a backend without a model are not asked.
        """
        for backend in self.backends:
            complete = getattr(backend, "complete", None)
            destination = backend.destination
            if complete is None or destination is None:
                return None
            context = self._context(is_last=True)
            try:
                require_allowed(self._rules, destination)
                if self._circuit_breakers.state(circuit_key(backend)) == "closed":
                    with _limited(context, seconds):
                        return str(complete(messages, context, output=output))
            except Cancelled:
                self._cancellation.check()
                return None
            except BackendError as error:
                self._record_failure(backend, error)
            except PolicyRefused:
                continue
            finally:
                self._add_hosts(context)
        return None

    def trace(self, seconds: Mapping[str, float]) -> Trace:
        """What happened while the answer was drafted.

        Args:
            seconds: By the name of the stage.
        """
        stopped = (f"The model stopped mid-answer: {self.interruption}",)
        return Trace(
            seconds,
            tried=self.tried,
            left_machine=tuple(dict.fromkeys((*self._other_hosts, *self.left_machine))),
            notes=(*self.notes, *(stopped if self.interruption else ())),
            reasoning=self.reasoning,
            usage=self.usage,
        )

    def _context(self, *, is_last: bool) -> CallContext:
        return CallContext(self._rules, self._log, is_last=is_last, cancellation=self._cancellation)

    def _relay(
        self, backend: Backend, pieces: Iterator[str], context: CallContext, relay: DraftRelay
    ) -> Iterator[DraftEvent]:
        """Passes one backend's draft on; raises its error only if nothing of it can be kept."""
        try:
            for event in relay.events(pieces):
                self.info = backend.info
                yield event
        except BackendError as error:
            self._record_failure(backend, error)
            if relay.shown:
                self._adopt(context)
            rest = relay.rest(allow_partial=context.is_last or relay.shown)
            if not (relay.shown or rest):
                raise
            self.info = backend.info
            yield from rest
            self._adopt(context)
            self.interruption = error.reason
            return
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
            self._add_hosts(context)
        self._circuit_breakers.record_success(circuit_key(backend))
        self.info = backend.info
        self._adopt(context)

    def _evidence_for(
        self,
        backend: Backend,
        evidence: Sequence[Evidence],
        more: MoreEvidence | None,
        context: CallContext,
    ) -> tuple[Evidence, ...]:
        """As much evidence as the backend can make use of."""
        capacity = getattr(backend, "capacity", None)
        destination = backend.destination
        if more is None or capacity is None or destination is None or not evidence:
            return tuple(evidence)
        require_allowed(self._rules, destination)
        return tuple(more(capacity(context)))

    def _permitted_evidence(
        self, backend: Backend, evidence: Sequence[Evidence], context: CallContext
    ) -> tuple[Evidence, ...]:
        """The evidence that this backend may get."""
        destination = backend.destination
        if destination is None:
            return tuple(evidence)
        require_allowed(self._rules, destination)
        permitted = filter_sendable(evidence, destination)
        if evidence and not permitted:
            raise PolicyRefused(str(KEEP_LOCAL), destination.backend)
        if count := len(evidence) - len(permitted):
            passages = "passage was" if count == 1 else "passages were"
            context.note(
                f"{count} {passages} not sent to {destination.backend} (marked keep_local)."
            )
        return permitted

    def _check_circuit(self, backend: Backend, context: CallContext) -> None:
        """Skips a backend whose circuit is open; probes it first if it is half-open.

        The last backend is always asked.
        """
        key = circuit_key(backend)
        state = self._circuit_breakers.state(key)
        if context.is_last or state == "closed":
            return
        if state == "open":
            seconds = self._circuit_breakers.seconds_left(key)
            reason = f"skipped for another {seconds:.0f} s after repeated failures."
            raise CircuitOpen(backend.info.name, reason)
        try:
            backend.probe(context.for_probe())
        except RequestRefused:
            # It is there; the question itself will show what is wrong.
            return
        except BackendError:
            self._circuit_breakers.record_failure(key)
            raise

    def _record_failure(self, backend: Backend, error: BackendError) -> None:
        """Counts only what is the server's own fault."""
        if error.moves_on and backend.destination is not None:
            self._circuit_breakers.record_failure(circuit_key(backend))

    def _skip(self, backend: Backend, reason: str) -> None:
        self.tried = (*self.tried, Attempt(backend.info.name, reason))

    def _add_hosts(self, context: CallContext) -> None:
        self.left_machine = tuple(dict.fromkeys((*self.left_machine, *context.left_machine)))

    def _adopt(self, context: CallContext) -> None:
        """Takes over what the backend reported whose draft is kept."""
        self.notes = tuple(context.notes)
        self.reasoning = "".join(context.reasoning).strip()
        self.usage = context.usage


class DraftRelay:
    """Turns the pieces of one backend's draft into events.

    Args:
        partial: Decides which unfinished sentences are passed on; None for none.
        backend: The backend's name, for errors.

    Attributes:
        shown: Whether anything was passed on and not retracted.
    """

    def __init__(self, partial: PartialFilter | None = None, *, backend: str = "") -> None:
        self.shown = False
        self._backend = backend
        self._said: Counter[str] = Counter()
        self._partial = partial
        self._parser = DraftParser()
        self._has_sentence = False

    def events(self, pieces: Iterable[str]) -> Iterator[DraftEvent]:
        """Each sentence as soon as it is complete, and the unfinished ones between them.

        Raises:
            Repeating: A sentence came for the third time; it is not passed on again.
        """
        before = ""
        for piece in pieces:
            if isinstance(piece, Retract):
                self.shown, self._parser, self._has_sentence = False, DraftParser(), False
                self._said.clear()
                yield piece
                continue
            if isinstance(piece, (Preamble, ArticleSentence)):
                yield from self._passed(self._parser.close())
                self.shown = True
                yield piece
                continue
            yield from self._passed(self._parser.feed(piece))
            text = self._parser.partial_text if self._partial else ""
            if text and text != before and self._partial and self._partial(text):
                before, self.shown = text, True
                yield PartialSentence(text)
        yield from self._passed(self._parser.close())

    def rest(self, *, allow_partial: bool) -> tuple[DraftSentence, ...]:
        """The sentences that are left of a draft that stopped midway.

        Args:
            allow_partial: If the draft has no complete sentence at all, keeps the unfinished one,
                marked with an ellipsis.
        """
        left = self._parser.abort()
        complete = tuple(each for each in left if not self._said[each.text.casefold()])
        unfinished = self._parser.unfinished
        if unfinished is None or complete or self._has_sentence or not allow_partial:
            return complete
        return (replace(unfinished, text=f"{unfinished.text} …"),)

    def _passed(self, sentences: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
        for sentence in sentences:
            self._said[sentence.text.casefold()] += 1
            times = self._said[sentence.text.casefold()]
            if times == MOST_REPEATED:
                raise Repeating(self._backend, "it wrote the same sentence again and again.")
            self._has_sentence = self.shown = True
            if times == 1:
                yield sentence


@contextlib.contextmanager
def _limited(context: CallContext, seconds: float) -> Iterator[None]:
    """Cancels the call of a context after this many seconds, and no other work of the question."""
    own, outer = CancellationToken(), context.cancellation
    unlink = outer.on_cancel(own.cancel)
    alarm = threading.Timer(seconds, own.cancel)
    alarm.daemon = True
    alarm.start()
    context.cancellation = own
    try:
        yield
    finally:
        alarm.cancel()
        unlink()


def circuit_key(backend: Backend) -> str:
    """Identifies a backend among the circuit breakers."""
    destination = backend.destination
    address = getattr(getattr(backend, "provider", None), "base_url", "")
    return f"{backend.info.name} {destination.host if destination else ''} {address}"
