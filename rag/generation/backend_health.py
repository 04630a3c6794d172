"""Which backends there are, whether they are set up, and whether they answer right now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import FootnoteError, SettingsError
from rag.generation.base import Call
from rag.generation.providers import EXTRACTIVE, PRESETS, Preset, find_preset
from rag.generation.redaction import key_of
from rag.policy import rules as policy
from rag.policy.rules import LOCAL, Rule
from rag.settings import Settings
from rag.types import Outgoing


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One backend as it was found.

    ``reachable`` is None when it was not asked; ``why`` says why not, or what is missing.
    """

    name: str
    model: str | None
    location: str
    configured: bool
    allowed: bool
    reachable: bool | None
    why: str
    models: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return values | {"models": list(self.models)}


def survey(
    settings: Settings,
    *,
    names: Sequence[str] = (),
    rules: tuple[Rule, ...] = (),
    log: Callable[[Outgoing], None] | None = None,
) -> tuple[Surveyed, ...]:
    """Looks at the named backends, or at all; asks those that are set up and allowed.

    No text is sent. A host that the rules exclude is not even asked whether it is there.
    """
    rules = rules or (Rule("the settings", settings.text_may_go_to),)
    own = (table.name for table in settings.backends)
    wanted = tuple(names) or tuple(
        dict.fromkeys((EXTRACTIVE, *own, *(preset.name for preset in PRESETS)))
    )
    with ThreadPoolExecutor(max_workers=8) as pool:
        return tuple(pool.map(lambda name: look_at(name, settings, rules, log), wanted))


def look_at(
    name: str,
    settings: Settings,
    rules: tuple[Rule, ...],
    log: Callable[[Outgoing], None] | None = None,
) -> Surveyed:
    """One backend; problems become words, but for a name that nobody has.

    Raises:
        SettingsError: No backend has that name.
    """
    if name == EXTRACTIVE:
        told = "answers in this process and sends nothing away"
        return Surveyed(name, None, LOCAL, True, True, True, told)
    try:
        preset = find_preset(name, settings)
    except SettingsError as error:
        if error.setting == "backend":
            raise
        return Surveyed(name, None, "unknown", False, False, None, error.allowed + ".")
    try:
        policy.check(rules, preset.destination)
    except FootnoteError as error:
        missing = _missing(preset)
        rule = f"not asked: {getattr(error, 'rule', error)}"
        told = f"{missing}; {rule}" if missing else rule
        return _found(preset, configured=not missing, allowed=False, reachable=None, why=told)
    if missing := _missing(preset):
        return _found(preset, configured=False, allowed=True, reachable=None, why=missing)
    if preset.folder:
        told = f"weights in {preset.folder}"
        return _found(preset, configured=True, allowed=True, reachable=True, why=told)
    return _asked(preset, Call(rules, log))


def _asked(preset: Preset, call: Call) -> Surveyed:
    from rag.generation.openai_compatible import Compatible

    try:
        models = Compatible(preset).probe(call)
    except FootnoteError as error:
        told = str(getattr(error, "reason", error))
        return _found(preset, configured=True, allowed=True, reachable=False, why=told)
    offered = f"offers {len(models)} models" if len(models) != 1 else f"offers {models[0]}"
    wanted = preset.model
    known = not models or wanted is None or any(wanted in (m, m.split(":")[0]) for m in models)
    told = offered if known else f"{offered}, but not {wanted}. {preset.hint}".strip()
    told = told.format(model=wanted)
    found = _found(preset, configured=True, allowed=True, reachable=known, why=told)
    return replace(found, models=models)


def _missing(preset: Preset) -> str:
    if preset.api_key_env and key_of(preset.api_key_env) is None:
        return f"set the environment variable {preset.api_key_env}"
    return ""


def _found(
    preset: Preset, *, configured: bool, allowed: bool, reachable: bool | None, why: str
) -> Surveyed:
    return Surveyed(preset.name, preset.model, preset.location, configured, allowed, reachable, why)
