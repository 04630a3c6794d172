"""Trying backends in order until one answers, and telling what happened.

The next one is tried only as long as nothing was shown. A draft is passed on sentence by sentence,
so a stream that breaks inside its first one has shown nothing, and one that breaks later leaves no
half sentence behind. Who wants to see sentences grow has seen something with the first word.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rag.errors import BackendError, NoneAnswered, PolicyRefused, RequestRefused
from rag.generation.base import Backend, Call, CancellationToken, Discard
from rag.generation.circuit_breaker import Circuits
from rag.generation.draft_parser import DraftReader, DraftSentence, Lead, UnderWay
from rag.policy import rules as policy
from rag.policy.rules import Rule
from rag.types import Attempt, BackendInfo, Evidence, Outgoing, Trace, Usage

# One set for the process: a server that is down is down for every question.
CIRCUITS = Circuits()

# Decides whether the text of an unfinished sentence is passed on.
PartialFilter = Callable[[str], bool]

# A draft as it is passed on; a `Discard` takes back all that came before it.
Drafting = DraftSentence | Lead | UnderWay | Discard


class Failover:
    """A list of backends as one. Made for one question; what happened stays in its attributes.

    Attributes:
        info: Who wrote the draft; the first of the list before that.
        tried: Who was left, and why.
        broken: Why the draft is not whole; None if it is.
        notes: What a reader should know.
        reasoning: What the model thought aloud.
        usage: Tokens and cost of the draft.
        left_machine: Hosts that got text, also those that then failed.
    """

    def __init__(
        self,
        backends: Sequence[Backend],
        *,
        rules: tuple[Rule, ...] = (),
        log: Callable[[Outgoing], None] | None = None,
        circuits: Circuits = CIRCUITS,
        cancellation: CancellationToken | None = None,
        elsewhere: Sequence[str] = (),
    ) -> None:
        self._backends, self._rules, self._log, self._circuits = backends, rules, log, circuits
        self._cancellation = cancellation or CancellationToken()
        # Hosts that get text for the same question besides the backends, such as an embedder's.
        self._elsewhere = elsewhere
        self.info: BackendInfo = backends[0].info
        self.tried: tuple[Attempt, ...] = ()
        self.broken: str | None = None
        self.notes: tuple[str, ...] = ()
        self.reasoning = ""
        self.usage: Usage | None = None
        self.left_machine: tuple[str, ...] = ()

    def draft(
        self, question: str, evidence: Sequence[Evidence], *, partial: PartialFilter | None = None
    ) -> Iterator[Drafting]:
        """The draft sentence by sentence; a `Discard` takes back what came before it.

        Args:
            question: As asked.
            evidence: What a backend may read, as far as the rules allow.
            partial: Passes on the text of unfinished sentences too, where this returns True.

        Raises:
            PolicyRefused: The rules leave no backend.
            BackendError: None could answer.
        """
        faults: list[BackendError] = []
        refusal: PolicyRefused | None = None
        for place, backend in enumerate(self._backends):
            last = place == len(self._backends) - 1
            call = Call(self._rules, self._log, alone=last, cancellation=self._cancellation)
            try:
                chosen = self._permitted(backend, evidence, call)
                self._rested(backend, call, last)
                pieces = backend.draft(question, chosen, call)
                if (yield from self._passed_on(backend, pieces, call, last, partial)):
                    return
            except PolicyRefused as error:
                refusal = refusal or error
                self._left(backend, f"the policy keeps text from it: {error.rule}.")
            except BackendError as error:
                faults.append(error)
                if not (error.moves_on or last):
                    raise
                self._left(backend, error.reason)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise NoneAnswered([(fault.backend, fault.reason) for fault in faults])
        if refusal is not None:
            raise refusal

    def complete(self, messages: list[dict[str, str]]) -> str | None:
        """What the first backend that is a model writes, whole; None if none can or may.

        Nothing is asked of the models behind a backend that needs none.
        """
        for backend in self._backends:
            completes = getattr(backend, "complete", None)
            destination = backend.destination
            if completes is None or destination is None:
                return None
            call = Call(self._rules, self._log, cancellation=self._cancellation)
            try:
                policy.check(self._rules, destination)
                if self._circuits.state(_key(backend)) == "closed":
                    return str(completes(messages, call))
            except BackendError as error:
                self._report(backend, error)
            except PolicyRefused:
                continue
            finally:
                self._remember(call)
        return None

    def trace(self, seconds: Mapping[str, float]) -> Trace:
        """What happened while the answer was drafted, with the seconds of its stages."""
        broken = (f"The draft broke off: {self.broken}",) if self.broken else ()
        return Trace(
            seconds,
            tried=self.tried,
            left_machine=tuple(dict.fromkeys((*self._elsewhere, *self.left_machine))),
            notes=(*self.notes, *broken),
            reasoning=self.reasoning,
            usage=self.usage,
        )

    def _passed_on(
        self,
        backend: Backend,
        pieces: Iterator[str],
        call: Call,
        last: bool,
        partial: PartialFilter | None,
    ) -> Generator[Drafting, None, bool]:
        """Passes one backend's draft on; returns whether there is one to keep."""
        reading = Reading(partial)
        try:
            for item in reading.items(pieces):
                self.info = backend.info
                yield item
        except BackendError as error:
            self._report(backend, error)
            self._keep(call, reading.shown)
            rest = reading.rest(even_half=last or reading.shown)
            if not (reading.shown or rest):
                raise
            self.info = backend.info
            yield from rest
            self._keep(call, True)
            self.broken = error.reason
            return True
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
            self._remember(call)
        self._circuits.succeeded(_key(backend))
        self.info = backend.info
        self._keep(call, True)
        return True

    def _permitted(
        self, backend: Backend, evidence: Sequence[Evidence], call: Call
    ) -> tuple[Evidence, ...]:
        """The evidence that this backend may get."""
        destination = backend.destination
        if destination is None:
            return tuple(evidence)
        policy.check(self._rules, destination)
        chosen = policy.sendable(evidence, destination)
        kept = len(evidence) - len(chosen)
        if evidence and not chosen:
            raise PolicyRefused(str(policy.KEEP_LOCAL), destination.backend)
        if kept:
            passages = "passage was" if kept == 1 else "passages were"
            call.note(
                f"{kept} {passages} not given to {destination.backend}: "
                "the article says keep_local."
            )
        return chosen

    def _rested(self, backend: Backend, call: Call, last: bool) -> None:
        """Keeps a question from a backend that rests; looks first whether it is back."""
        key = _key(backend)
        state = self._circuits.state(key)
        if last or state == "closed":
            return
        if state == "resting":
            seconds = self._circuits.rests(key)
            told = f"it failed several times and rests for another {seconds:.0f} s."
            raise Resting(backend.info.name, told)
        try:
            backend.probe(call.without_text())
        except BackendError as error:
            if isinstance(error, RequestRefused):
                return
            self._circuits.failed(key)
            raise

    def _report(self, backend: Backend, error: BackendError) -> None:
        """Only what is the server's own fault counts against it."""
        if error.moves_on and backend.destination is not None:
            self._circuits.failed(_key(backend))

    def _left(self, backend: Backend, why: str) -> None:
        self.tried = (*self.tried, Attempt(backend.info.name, why))

    def _remember(self, call: Call) -> None:
        hosts = (*self.left_machine, *call.left)
        self.left_machine = tuple(dict.fromkeys(hosts))

    def _keep(self, call: Call, kept: bool) -> None:
        if kept:
            self.notes = tuple(call.notes)
            self.reasoning = "".join(call.reasoning).strip()
            self.usage = call.usage


class Resting(BackendError):
    """A backend that failed several times is not asked for a while."""

    moves_on = True


class Reading:
    """One backend's draft on its way to the reader.

    Args:
        partial: Decides which unfinished sentences are passed on; None for none.

    Attributes:
        shown: Whether anything was passed on that was not taken back.
    """

    def __init__(self, partial: PartialFilter | None = None) -> None:
        self.shown = False
        self._partial = partial
        self._reader = DraftReader()
        self._sentences = 0

    def items(self, pieces: Iterable[str]) -> Iterator[Drafting]:
        """The sentences of the pieces, each as soon as it is whole, and what is under way."""
        before = ""
        for piece in pieces:
            if isinstance(piece, Discard):
                self.shown, self._reader, self._sentences = False, DraftReader(), 0
                yield piece
                continue
            if isinstance(piece, Lead):
                yield from self._given(self._reader.close())
                self.shown = True
                yield piece
                continue
            yield from self._given(self._reader.feed(piece))
            text = self._reader.under_way if self._partial else ""
            if text and text != before and self._partial and self._partial(text):
                before, self.shown = text, True
                yield UnderWay(text)
        yield from self._given(self._reader.close())

    def rest(self, *, even_half: bool) -> tuple[DraftSentence, ...]:
        """The whole sentences that are left when the draft has broken off.

        If there is no other, half a sentence, marked as such, is more than nothing.
        """
        whole = tuple(self._reader.break_off())
        half = self._reader.unfinished
        if half is None or whole or self._sentences or not even_half:
            return whole
        return (replace(half, text=f"{half.text} …"),)

    def _given(self, sentences: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
        for sentence in sentences:
            self._sentences += 1
            self.shown = True
            yield sentence


def _key(backend: Backend) -> str:
    destination = backend.destination
    address = getattr(getattr(backend, "preset", None), "base_url", "")
    return f"{backend.info.name} {destination.host if destination else ''} {address}"
