"""From the setting ``checker`` to a stronger checker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import SettingsError
from rag.generation.base import Completes
from rag.generation.factory import make_backend
from rag.settings import BUILTIN, CHECKERS, JUDGE, Settings
from rag.store.library import Library
from rag.verification.judge import Judge
from rag.verification.second_opinion import Scorer, Stricter


def load_scorer(
    wanted: Any,
    library: Library,
    settings: Settings,
    text_may_go_to: str | Sequence[str] | None = None,
) -> Scorer | None:
    """A stronger checker; None where the built-in one works alone.

    Args:
        wanted: ``builtin``, a folder, ``judge:NAME``, or an object with `Scorer`'s method.
        library: Whose rules hold, and whose log is kept.
        settings: Where the presets of judges stand, and where text may go.
        text_may_go_to: For this question only; narrows what settings and library allow.

    Raises:
        SettingsError: It is none of these, or the folder holds no model.
    """
    if hasattr(wanted, "score") and hasattr(wanted, "name") and not isinstance(wanted, Path):
        made: Scorer = wanted
        return made
    if not isinstance(wanted, str | Path) or not str(wanted).strip():
        raise SettingsError("checker", wanted, CHECKERS)
    if wanted == BUILTIN:
        return None
    if isinstance(wanted, str) and wanted.startswith(JUDGE):
        name = wanted.removeprefix(JUDGE).strip()
        backend = make_backend(name, library, settings) if name else None
        if not isinstance(backend, Completes):
            raise SettingsError("checker", wanted, "judge:NAME with the name of a language model")
        rules = library.ledger.rules(settings.text_may_go_to, text_may_go_to)
        return Judge(name, backend, rules=rules, log=library.ledger.record)
    # ONNX Runtime and its company: only who uses a model pays for them.
    from rag.verification.entailment import Entailment

    return Entailment(Path(wanted))


def make_stricter(
    wanted: Any,
    library: Library,
    settings: Settings,
    text_may_go_to: str | Sequence[str] | None = None,
) -> Stricter | None:
    """What reviews the sentences of one answer; arguments and errors as in `load_scorer`.

    Without a wish the settings decide.
    """
    sought = settings.checker if wanted is None else wanted
    scorer = load_scorer(sought, library, settings, text_may_go_to)
    return None if scorer is None else Stricter(scorer)
