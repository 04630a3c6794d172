"""From the setting ``checker`` to a stronger checker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.backends.extractive import UnderstandingIndex
from rag.backends.make import make_backend
from rag.backends.presets import EXTRACTIVE
from rag.entailment.folder import ALLOWED
from rag.errors import SettingsError
from rag.judge import Judge
from rag.policy import Rule
from rag.settings import BUILTIN, JUDGE, Settings
from rag.stricter import Scorer, Stricter
from rag.types import Outgoing


def make_stricter(
    wanted: Any,
    settings: Settings,
    index: UnderstandingIndex,
    *,
    rules: tuple[Rule, ...],
    log: Callable[[Outgoing], None] | None = None,
) -> Stricter | None:
    """The stronger checker for one answer; None where the built-in check works alone.

    Args:
        wanted: ``builtin``, a folder, ``judge:NAME``, or an object with `Scorer`'s method.
        settings: Where the presets of judges stand.
        index: What backends of this process read from.
        rules: Where text may go.
        log: Keeps the record of calls that leave this machine.

    Raises:
        SettingsError: It is none of these, or the folder holds no model.
    """
    scorer = make_scorer(wanted, settings, index, rules=rules, log=log)
    return None if scorer is None else Stricter(scorer)


def make_scorer(
    wanted: Any,
    settings: Settings,
    index: UnderstandingIndex,
    *,
    rules: tuple[Rule, ...],
    log: Callable[[Outgoing], None] | None = None,
) -> Scorer | None:
    """Like `make_stricter`, the scorer itself."""
    if hasattr(wanted, "score") and hasattr(wanted, "name") and not isinstance(wanted, Path):
        made: Scorer = wanted
        return made
    if not isinstance(wanted, str | Path) or not str(wanted).strip():
        raise SettingsError("checker", wanted, ALLOWED)
    if wanted == BUILTIN:
        return None
    if isinstance(wanted, str) and wanted.startswith(JUDGE):
        name = wanted.removeprefix(JUDGE).strip()
        if name in ("", EXTRACTIVE):
            raise SettingsError("checker", wanted, "judge:NAME with the name of a language model")
        return Judge(make_backend(name, index, settings), rules=rules, log=log)
    # ONNX Runtime and its company: only who uses a model pays for them.
    from rag.entailment.model import Entailment

    return Entailment(Path(wanted))
