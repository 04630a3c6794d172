"""Leave to send text to somebody: asked before a byte goes, and written down if it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from rag.policy import rules as policy
from rag.policy.rules import Destination, Rule
from rag.types import Outgoing


def permit(
    rules: Iterable[Rule],
    destination: Destination,
    log: Callable[[Outgoing], None] | None,
    *,
    model: str | None = None,
    characters: int = 0,
    articles: Iterable[str] = (),
) -> bool:
    """Asks the policy; what leaves this machine is in the log when this returns.

    Returns:
        Whether text leaves this machine.

    Raises:
        PolicyRefused: A rule forbids it.
    """
    policy.check(rules, destination)
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
