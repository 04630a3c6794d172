"""Which backends there are, whether they are configured, and whether they answer right now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag.errors import FootnoteError, PolicyRefused, SettingsError
from rag.generation.base import CallContext
from rag.generation.failover import CIRCUIT_BREAKERS, circuit_key
from rag.generation.providers import EXTRACTIVE, PROVIDERS, Provider, find_provider
from rag.generation.redaction import find_api_key
from rag.generation.resilience import is_loading
from rag.policy import LOCAL, Rule, require_allowed
from rag.settings import Settings
from rag.types import Outgoing

BackendState = Literal["ready", "resting", "loading", "down", "key missing", "not set up"]
# Most backends that are asked at the same time.
WORKERS = 8


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """The state of one backend.

    Attributes:
        name: What a user calls it.
        model: None if none is named.
        location: ``local``, a country's two letters, or ``unknown``.
        configured: Whether nothing is missing, such as a key.
        allowed: Whether the policy lets text go there.
        reachable: None if it was not asked.
        why: Why it was not asked, what is missing, or what it offers.
        models: Those that it lists.
        state: ``ready``, ``resting`` after repeated failures, ``loading`` its model, ``down``,
            ``key missing``, or ``not set up``.
    """

    name: str
    model: str | None
    location: str
    configured: bool
    allowed: bool
    reachable: bool | None
    why: str
    models: tuple[str, ...] = ()
    state: BackendState = "ready"

    def to_dict(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"models": list(self.models)}


def check_backends(
    settings: Settings,
    *,
    names: Sequence[str] = (),
    rules: tuple[Rule, ...] = (),
    log: Callable[[Outgoing], None] | None = None,
) -> tuple[BackendHealth, ...]:
    """Checks the named backends, or all; probes those that are configured and allowed.

    No text is sent, and a host that the rules exclude is not even probed.

    Args:
        settings: Hold the user's backends, and the rules where none are given.
        names: None for all.
        rules: All must allow a host.
        log: Records calls that leave this machine.
    """
    rules = rules or (Rule("the settings", settings.text_may_go_to),)
    own = (table.name for table in settings.backends)
    known = (provider.name for provider in PROVIDERS)
    wanted = tuple(names) or tuple(dict.fromkeys((EXTRACTIVE, *own, *known)))
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return tuple(pool.map(lambda name: check_backend(name, settings, rules, log), wanted))


def check_backend(
    name: str,
    settings: Settings,
    rules: tuple[Rule, ...],
    log: Callable[[Outgoing], None] | None = None,
) -> BackendHealth:
    """Checks one backend; problems become text.

    Raises:
        SettingsError: No backend has that name.
    """
    if name == EXTRACTIVE:
        why = "runs in this process and sends nothing anywhere"
        return BackendHealth(name, None, LOCAL, True, True, True, why)
    try:
        provider = find_provider(name, settings)
    except SettingsError as error:
        if error.setting == "backend":
            raise
        why = error.allowed + "."
        return BackendHealth(name, None, "unknown", False, False, None, why, state="not set up")
    missing = _missing(provider)
    health = BackendHealth(
        provider.name,
        provider.model,
        provider.location,
        configured=not missing,
        allowed=True,
        reachable=None,
        why=missing,
        state="key missing" if missing else "ready",
    )
    try:
        require_allowed(rules, provider.destination)
    except PolicyRefused as error:
        why = f"not asked: {error.rule}"
        return replace(health, allowed=False, why=f"{missing}; {why}" if missing else why)
    if missing:
        return health
    if provider.folder:
        return replace(health, reachable=True, why=f"weights in {provider.folder}")
    return _probed(health, provider, CallContext(rules, log))


def _probed(health: BackendHealth, provider: Provider, context: CallContext) -> BackendHealth:
    # The client takes most of a second to import.
    from rag.generation.openai_compatible import OpenAICompatible

    backend = OpenAICompatible(provider)
    try:
        models = backend.probe(context)
    except FootnoteError as error:
        why = str(getattr(error, "reason", error))
        state: BackendState = "loading" if is_loading(error) else "down"
        return replace(health, reachable=False, why=why, state=state)
    offers = f"offers {len(models)} models" if len(models) != 1 else f"offers {models[0]}"
    wanted = provider.model
    if models and wanted and not any(wanted in (m, m.split(":")[0]) for m in models):
        hint = provider.hint.format(model=wanted)
        why = f"{offers}, but not {wanted}. {hint}".strip()
        return replace(health, reachable=False, why=why, models=models, state="down")
    health = replace(health, reachable=True, why=offers, models=models)
    if seconds := CIRCUIT_BREAKERS.seconds_left(circuit_key(backend)):
        why = f"{offers}, but failed repeatedly and is skipped for another {seconds:.0f} s"
        return replace(health, why=why, state="resting")
    return health


def _missing(provider: Provider) -> str:
    variable = provider.api_key_env
    if variable and find_api_key(variable) is None:
        return f"set the environment variable {variable}"
    return ""
