"""Trying backends in order until one answers, and telling what happened.

The next one is tried only as long as nothing was shown. A draft is passed on in whole sentences, so
a stream that breaks inside its first sentence has shown nothing, and one that breaks later leaves
no half sentence behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

from rag import policy
from rag.backends.base import Backend, Call, Discard
from rag.backends.circuit import Circuits
from rag.cite import Lead
from rag.errors import BackendError, NoneAnswered, PolicyRefused, RequestRefused
from rag.policy import Rule
from rag.types import Attempt, BackendInfo, Evidence, Outgoing, Trace, Usage

# One set for the process: a server that is down is down for every question.
CIRCUITS = Circuits()

# The end of a sentence with its closing quotation marks and footnote marks.
SENTENCE_END = r"[.!?…][\"'”’»)\]]*(?:\s?\[\d+(?:\s?[,;]\s?\d+)*\])*"
LONGEST_END = 60
SETTLED = re.compile(rf"{SENTENCE_END}\s+(?=[^\s\[])|\n+")
FINISHED = re.compile(rf"{SENTENCE_END}\s*\Z")


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
    ) -> None:
        self._backends, self._rules, self._log, self._circuits = backends, rules, log, circuits
        self.info: BackendInfo = backends[0].info
        self.tried: tuple[Attempt, ...] = ()
        self.broken: str | None = None
        self.notes: tuple[str, ...] = ()
        self.reasoning = ""
        self.usage: Usage | None = None
        self.left_machine: tuple[str, ...] = ()

    def draft(self, question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
        """The draft in whole sentences; a `Discard` takes back what came before it.

        Raises:
            PolicyRefused: The rules leave no backend.
            BackendError: None could answer.
        """
        faults: list[BackendError] = []
        refusal: PolicyRefused | None = None
        for place, backend in enumerate(self._backends):
            last = place == len(self._backends) - 1
            call = Call(self._rules, self._log, alone=last)
            try:
                chosen = self._permitted(backend, evidence, call)
                self._rested(backend, call, last)
                if (yield from self._passed_on(backend, question, chosen, call, last)):
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
            call = Call(self._rules, self._log)
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
            left_machine=self.left_machine,
            notes=(*self.notes, *broken),
            reasoning=self.reasoning,
            usage=self.usage,
        )

    def _passed_on(
        self,
        backend: Backend,
        question: str,
        evidence: Sequence[Evidence],
        call: Call,
        last: bool,
    ) -> Generator[str, None, bool]:
        """Passes one backend's draft on; returns whether there is one to keep."""
        shown = False
        held = WholeSentences()
        pieces = backend.draft(question, evidence, call)
        try:
            for piece in held.feed(pieces):
                shown = bool(piece.strip()) or (shown and not isinstance(piece, Discard))
                self.info = backend.info
                yield piece
        except BackendError as error:
            self._report(backend, error)
            self._keep(call, shown)
            rest = held.finished_rest()
            if not (shown or rest or (last and held.rest.strip())):
                raise
            # Nobody is left to ask: half a sentence, marked as such, is more than nothing.
            if tail := rest or ("" if shown else held.rest.rstrip() + " …"):
                self.info = backend.info
                yield tail
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
            backend.probe(Call(call.rules, call.log))
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


class WholeSentences:
    """Holds a draft back to the end of each sentence. ``rest`` is what was not passed on."""

    def __init__(self) -> None:
        self.rest = ""

    def feed(self, pieces: Iterable[str]) -> Iterator[str]:
        """The text of the pieces, cut where sentences end."""
        for piece in pieces:
            if isinstance(piece, Discard):
                self.rest = ""
                yield piece
                continue
            if isinstance(piece, Lead):
                ready, self.rest = self.rest, ""
                yield from (ready, piece) if ready else (piece,)
                continue
            # What was looked at before can only end a sentence together with what follows.
            start = max(0, len(self.rest) - LONGEST_END)
            self.rest += piece
            ends = [found.end() for found in SETTLED.finditer(self.rest, start)]
            if ends:
                ready, self.rest = self.rest[: ends[-1]], self.rest[ends[-1] :]
                yield ready
        if self.rest:
            ready, self.rest = self.rest, ""
            yield ready

    def finished_rest(self) -> str:
        """What was held back, if it is a whole sentence."""
        return self.rest if FINISHED.search(self.rest) else ""


def runs(pieces: Iterable[str]) -> Iterator[Iterator[str]]:
    """A draft in runs: after a `Discard` comes another one, in place of all that came before.

    Nearly always there is one. Each is to be read to its end before the next is asked for.
    """
    waiting = iter(pieces)
    more = True

    def run() -> Iterator[str]:
        nonlocal more
        for piece in waiting:
            if isinstance(piece, Discard):
                more = True
                return
            yield piece

    while more:
        more = False
        yield run()


def visible(pieces: Iterable[str]) -> str:
    """The text of a whole draft, without what was taken back."""
    text = ""
    for run in runs(pieces):
        text = "".join(run)
    return text


def _key(backend: Backend) -> str:
    destination = backend.destination
    address = getattr(getattr(backend, "preset", None), "base_url", "")
    return f"{backend.info.name} {destination.host if destination else ''} {address}"
