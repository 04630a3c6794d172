"""From the setting ``checker`` to a stronger checker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.errors import SettingsError
from rag.generation import EXTRACTIVE, LanguageModelBackend, load_backend
from rag.policy.permission import Egress
from rag.settings import BUILTIN, CHECKERS, JUDGE, Settings
from rag.verification.judge import Judge
from rag.verification.second_opinion import Scorer, Stricter


def load_scorer(
    wanted: Any,
    settings: Settings,
    egress: Egress,
) -> Scorer | None:
    """A stronger checker; None where the built-in one works alone.

    Args:
        wanted: ``builtin``, a folder, ``judge:NAME``, or an object with `Scorer`'s method.
        settings: Hold the presets of judges.
        egress: Where text may go for this question.

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
        backend = load_backend(name, settings) if name and name != EXTRACTIVE else None
        if not isinstance(backend, LanguageModelBackend):
            raise SettingsError("checker", wanted, "judge:NAME with the name of a language model")
        return Judge(name, backend, rules=egress.rules, log=egress.log)
    # ONNX Runtime and its company: only who uses a model pays for them.
    from rag.verification.entailment import Entailment

    return Entailment(Path(wanted))


def make_stricter(
    wanted: Any,
    settings: Settings,
    egress: Egress,
) -> Stricter | None:
    """What reviews the sentences of one answer; arguments and errors as in `load_scorer`.

    Without a wish the settings decide.
    """
    sought = settings.checker if wanted is None else wanted
    scorer = load_scorer(sought, settings, egress)
    return None if scorer is None else Stricter(scorer)
