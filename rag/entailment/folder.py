"""What a folder with an entailment model must hold, and which of its outputs means entailment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import BackendError, SettingsError

GRAPHS = ("model.onnx", "onnx/model.onnx")
# Tokens of both texts together where the config does not say; what BERT and its kin read.
MOST_TOKENS = 512
# How configs name the output that means: the second text follows from the first.
ENTAILS = ("entail", "support", "consistent", "yes", "true")
DENIES = ("not", "non", "un", "in", "no")
ALLOWED = "builtin, judge:NAME, or a folder with config.json, tokenizer.json and a model"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that was looked at.

    Attributes:
        path: The folder.
        entails: Index of the output that means entailment; None where there is only one.
        most_tokens: Length of both texts that the model reads.
    """

    path: Path
    entails: int | None
    most_tokens: int

    @property
    def name(self) -> str:
        return f"the entailment model {self.path.name}"

    @property
    def graph(self) -> Path | None:
        """The ONNX file; None where only weights for transformers are there."""
        return next((self.path / g for g in GRAPHS if (self.path / g).is_file()), None)

    def chance(self, logits: Sequence[float] | NDArray[np.float32]) -> float:
        """How sure the model is of entailment, 0..1, by its outputs for one pair.

        Raises:
            BackendError: They are not what the config promises.
        """
        values = np.asarray(logits, dtype=np.float64).reshape(-1)
        if not np.isfinite(values).all() or len(values) <= (self.entails or 0):
            raise BackendError(self.name, f"its output {values.tolist()} cannot be read.")
        if self.entails is None:
            return float(1 / (1 + np.exp(-np.clip(values[0], -30, 30))))
        powers = np.exp(values - values.max())
        return float(powers[self.entails] / powers.sum())


def look_at(path: Path) -> ModelFolder:
    """Reads the folder's config.

    Raises:
        SettingsError: There is no such folder, or it lacks something.
    """
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        raise SettingsError("checker", str(path), ALLOWED)
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        labels = {int(k): str(v) for k, v in dict(config.get("id2label") or {}).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError("checker", str(path), f"{ALLOWED} ({error})") from error
    most = config.get("max_position_embeddings")
    most = min(most, MOST_TOKENS) if isinstance(most, int) and most > 8 else MOST_TOKENS
    return ModelFolder(folder, _entails(labels, path), most)


def _entails(labels: dict[int, str], path: Path) -> int | None:
    if len(labels) == 1:
        return None
    for index, label in sorted(labels.items()):
        bare = label.lower().strip(" _-")
        if not bare.startswith(DENIES) and any(word in bare for word in ENTAILS):
            return index
    named = ", ".join(labels.values()) or "none"
    raise SettingsError(
        "checker", str(path), f"a model whose id2label names entailment; it has {named}"
    )
