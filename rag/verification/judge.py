"""A language model as judge: any backend, asked with one fixed prompt, under the same policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.errors import BadReply, PolicyRefused
from rag.generation import CallContext, LanguageModelBackend, judge_messages
from rag.policy import KEEP_LOCAL, Rule, filter_sendable, require_allowed
from rag.types import Evidence, Outgoing

# The only three answers that are taken, and what each is worth.
ANSWERS = {"SUPPORTED": 1.0, "PARTLY": 0.3, "UNSUPPORTED": 0.0}
QUOTED = 60


class Judge:
    """A `SecondaryVerifier` that asks a backend.

    Args:
        name: Of the backend.
        backend: Who is asked.
        rules: Where text may go; all must allow it.
        log: Keeps the record of calls that leave this machine.
    """

    def __init__(
        self,
        name: str,
        backend: LanguageModelBackend,
        *,
        rules: tuple[Rule, ...],
        log: Callable[[Outgoing], None] | None = None,
    ) -> None:
        self._backend, self._rules, self._log = backend, rules, log
        self.name = f"the judge {name}"
        self.left_machine: tuple[str, ...] = ()

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `SecondaryVerifier.score`.

        Raises:
            PolicyRefused: The rules, or an article's own, keep the text from it.
            BackendError: It cannot be reached, breaks off, or says anything but one of the words.
        """
        destination = self._backend.destination
        if destination is not None:
            require_allowed(self._rules, destination)
            if len(filter_sendable(passages, destination)) < len(passages):
                raise PolicyRefused(str(KEEP_LOCAL), destination.backend)
        context = CallContext(self._rules, self._log)
        articles = [item.source.id for item in passages]
        messages = judge_messages(sentence, passages)
        try:
            said = self._backend.complete(messages, context, articles)
        finally:
            self.left_machine = tuple(dict.fromkeys((*self.left_machine, *context.left_machine)))
        return self._worth(said)

    def _worth(self, said: str) -> float:
        """What an answer is worth; nothing but one of the three words is one."""
        word = said.strip().removesuffix(".").upper()
        if word not in ANSWERS:
            shown = " ".join(said.split())[:QUOTED]
            listed = ", ".join(ANSWERS)
            raise BadReply(self.name, f"it was to say one of {listed}, and said “{shown}”.")
        return ANSWERS[word]
