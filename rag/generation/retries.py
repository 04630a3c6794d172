"""How often a request is repeated, and after how long. Nothing else in the program repeats one."""

from __future__ import annotations

from collections.abc import Callable

from rag.errors import BackendError, FootnoteError, RateLimited, ServerFailed, Unreachable
from rag.generation.providers import Preset
from rag.generation.transport import Deadlines

MOST_ATTEMPTS = 3
FIRST_WAIT = 0.25
# Seconds between two questions to a server that is loading its model.
LOADING_WAIT = 1.0


class Retries:
    """Decides about one call. ``refitted`` notes that its prompt was already made shorter.

    Args:
        preset: Whose patience and times hold.
        deadlines: The call's.
        chance: A number from 0 to 1, so that many callers do not come back at once.
        alone: Nobody else will be asked.
    """

    def __init__(
        self, preset: Preset, deadlines: Deadlines, chance: Callable[[], float], *, alone: bool
    ) -> None:
        self._preset, self._deadlines, self._chance = preset, deadlines, chance
        self._alone = alone
        self._attempts = 1
        self._waited = 0.0
        self.refitted = False

    def wait(self, fault: FootnoteError) -> float:
        """Seconds to wait before the same request is sent again.

        Raises:
            FootnoteError: The fault itself, when it is not repeated.
        """
        if not isinstance(fault, BackendError) or not fault.retryable:
            raise fault
        if not isinstance(fault, RateLimited | ServerFailed | Unreachable):
            raise fault
        if isinstance(fault, Unreachable) and not self._alone:
            # The next backend is quicker than a second look at a closed door.
            raise fault
        loading = isinstance(fault, ServerFailed) and "loading" in fault.reason.lower()
        asked = getattr(fault, "wait", None)
        if asked is None:
            backoff = FIRST_WAIT * 2 ** (self._attempts - 1) * (0.75 + 0.5 * self._chance())
            asked = LOADING_WAIT if loading else backoff
        patience = self._preset.times[1] if loading else self._preset.patience
        if self._waited + asked > min(patience, self._deadlines.left_in_all()):
            raise fault
        if self._attempts >= MOST_ATTEMPTS and not loading:
            raise fault
        self._attempts += 1
        self._waited += asked
        return float(asked)
