"""Permission to send text: checked before anything is sent, and logged if it leaves the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rag.policy.rules import Destination, Rule, require_allowed
from rag.types import Outgoing


def authorize(
    rules: Iterable[Rule],
    destination: Destination,
    log: Callable[[Outgoing], None] | None,
    *,
    model: str | None = None,
    characters: int = 0,
    articles: Iterable[str] = (),
) -> bool:
    """Checks the policy and logs a call that leaves this machine; it is on disk on return.

    Returns:
        Whether text leaves this machine.

    Raises:
        PolicyRefused: A rule forbids it.
    """
    require_allowed(rules, destination)
    if not destination.leaves:
        return False
    if log is not None:
        log(
            Outgoing(
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                backend=destination.backend,
                model=model,
                host=destination.host,
                location=destination.location,
                characters=characters,
                articles=tuple(dict.fromkeys(articles)),
            )
        )
    return characters > 0


@dataclass(frozen=True, slots=True)
class Egress:
    """Where text may go for one question or ingest, and where it went.

    Attributes:
        rules: All of them must allow a destination.
        log: Records each call that leaves this machine, before it is made.
        hosts: The hosts that got text, each once, in order.
    """

    rules: tuple[Rule, ...]
    log: Callable[[Outgoing], None] | None = None
    hosts: list[str] = field(default_factory=list)

    def authorize(
        self, destination: Destination, *, characters: int = 0, articles: Iterable[str] = ()
    ) -> None:
        """Must be called before text is sent.

        Args:
            destination: Who gets the text.
            characters: How many characters are sent.
            articles: Ids of the articles that they come from.

        Raises:
            PolicyRefused: A rule forbids it.
        """
        left = authorize(
            self.rules, destination, self.log, characters=characters, articles=articles
        )
        if left and destination.host not in self.hosts:
            self.hosts.append(destination.host)
