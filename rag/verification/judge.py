"""A language model as judge: any backend, asked once for a whole text, under the same policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rag.errors import BadReply, PolicyRefused
from rag.generation import CallContext, LanguageModelBackend, judge_messages, passages_beside
from rag.network import CancellationToken
from rag.policy import KEEP_LOCAL, Rule, filter_sendable, require_allowed
from rag.types import Evidence, Outgoing, Sentence
from rag.verification.judge_reply import WORTH, Opinion, parse_opinions

# Tokens that an opinion takes with its quotations, and what a model may think before the first.
OPINION_TOKENS = 120
FIRST_TOKENS = 512
QUOTED = 60


class Judge:
    """A `TextVerifier` that asks a backend.

    Args:
        backend: Who is asked; its name is the judge's.
        rules: Where text may go; all must allow it.
        log: Keeps the record of calls that leave this machine.
        cancellation: Cancelled once the answer is no longer wanted.
    """

    def __init__(
        self,
        backend: LanguageModelBackend,
        *,
        rules: tuple[Rule, ...],
        log: Callable[[Outgoing], None] | None = None,
        cancellation: CancellationToken | None = None,
    ) -> None:
        self._backend, self._rules, self._log = backend, rules, log
        self._cancellation = cancellation or CancellationToken()
        self.label = backend.info.name
        self.name = f"the judge {self.label}"
        self.left_machine: tuple[str, ...] = ()

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `SecondaryVerifier.score`: what the judge says of a text of one sentence.

        Raises:
            PolicyRefused: The rules, or an article's own, keep the text from it.
            BackendError: It cannot be reached, breaks off, or replies anything but an opinion.
        """
        alone = Sentence(sentence, (), "unconfirmed", 0.0, "")
        opinions = self.opinions((alone,), (0,), passages)
        if not opinions:
            raise PolicyRefused(str(KEEP_LOCAL), self.label)
        return opinions[0].worth

    def opinions(
        self, sentences: Sequence[Sentence], asked: Sequence[int], evidence: Sequence[Evidence]
    ) -> Mapping[int, Opinion]:
        """See `TextVerifier.opinions`: one request, or none where nothing is asked.

        Raises:
            PolicyRefused: The rules, or the articles' own, keep the text from it.
            BackendError: It cannot be reached, breaks off, or replies anything but opinions.
        """
        context = CallContext(self._rules, self._log, cancellation=self._cancellation)
        shown = self._shown(sentences, evidence, context) if asked else ()
        lines = {
            place: sentence.text
            for place, sentence in enumerate(sentences)
            if _is_beside(sentence, shown, withheld=self._withholds(evidence))
        }
        wanted = [place for place in asked if place in lines]
        if not wanted:
            return {}
        numbers = {place: number for number, place in enumerate(wanted, start=1)}
        numbered = [(numbers.get(place), text) for place, text in lines.items()]
        articles = tuple(dict.fromkeys(item.source.id for item in shown))
        output = FIRST_TOKENS + OPINION_TOKENS * len(wanted)
        try:
            said = self._backend.complete(
                judge_messages(numbered, shown), context, articles, output=output
            )
        finally:
            self.left_machine = tuple(dict.fromkeys((*self.left_machine, *context.left_machine)))
        found = parse_opinions(said, tuple(numbers.values()))
        if not found:
            begins = " ".join(said.split())[:QUOTED]
            listed = ", ".join(WORTH)
            raise BadReply(
                self.name, f"it was asked for JSON with {listed}, and replied “{begins}”."
            )
        return {place: found[number] for place, number in numbers.items() if number in found}

    def _shown(
        self, sentences: Sequence[Sentence], evidence: Sequence[Evidence], context: CallContext
    ) -> tuple[Evidence, ...]:
        """The passages that it may read and has room for, those that are cited first."""
        destination = self._backend.destination
        sendable = tuple(evidence)
        if destination is not None:
            require_allowed(self._rules, destination)
            sendable = filter_sendable(evidence, destination)
            if evidence and not sendable:
                raise PolicyRefused(str(KEEP_LOCAL), destination.backend)
        cited = [citation for sentence in sentences for citation in sentence.citations]
        first = sorted(sendable, key=lambda item: not any(item.touches(one) for one in cited))
        room = passages_beside(
            self._backend.capacity(context), [sentence.text for sentence in sentences]
        )
        return tuple(sorted(first[:room], key=lambda item: item.rank))

    def _withholds(self, evidence: Sequence[Evidence]) -> bool:
        """Whether some article must not be sent to it."""
        destination = self._backend.destination
        sendable = filter_sendable(evidence, destination) if destination else evidence
        return len(sendable) < len(evidence)


def _is_beside(sentence: Sentence, shown: Sequence[Evidence], *, withheld: bool) -> bool:
    """Whether what a sentence cites is shown, so that the judge can tell, and the policy holds.

    If an article is withheld, a sentence that cites nothing may still hold its words.
    """
    if withheld and not sentence.citations:
        return False
    return all(any(item.touches(one) for item in shown) for one in sentence.citations)
