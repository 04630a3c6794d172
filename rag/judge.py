"""A language model as judge: any backend, asked with one fixed prompt, under the same policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag import prompt
from rag.backends.base import Backend
from rag.errors import BadReply
from rag.failover import Failover, visible
from rag.policy import Rule
from rag.types import Evidence, Outgoing

# The only three answers that are taken, and what each is worth.
ANSWERS = {"SUPPORTED": 1.0, "PARTLY": 0.3, "UNSUPPORTED": 0.0}
QUOTED = 60


class Judge:
    """A `rag.stricter.Scorer` that asks a backend.

    Args:
        backend: Who is asked.
        rules: Where text may go; all must allow it.
        log: Keeps the record of calls that leave this machine.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        rules: tuple[Rule, ...],
        log: Callable[[Outgoing], None] | None = None,
    ) -> None:
        self._backend, self._rules, self._log = backend, rules, log
        self.name = f"the judge {backend.info.name}"
        self.left_machine: tuple[str, ...] = ()

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `rag.stricter.Scorer.score`.

        Raises:
            PolicyRefused: The rules keep the text from it.
            BackendError: It cannot be reached, breaks off, or says anything but one of the words.
        """
        asked = Failover([self._backend], rules=self._rules, log=self._log, compose=prompt.judging)
        try:
            said = visible(asked.draft(sentence, passages))
        finally:
            self.left_machine = tuple(dict.fromkeys((*self.left_machine, *asked.left_machine)))
        if asked.broken is not None:
            raise BadReply(self.name, f"the reply broke off: {asked.broken}")
        return self._worth(said)

    def _worth(self, said: str) -> float:
        """What an answer is worth; nothing but one of the three words is one."""
        word = said.strip().removesuffix(".").upper()
        if word not in ANSWERS:
            shown = " ".join(said.split())[:QUOTED]
            listed = ", ".join(ANSWERS)
            raise BadReply(self.name, f"it was to say one of {listed}, and said “{shown}”.")
        return ANSWERS[word]
