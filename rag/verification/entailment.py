"""An entailment model from a local folder, as a secondary verifier. Nothing is downloaded."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.embedding import cross_encoder_labels, load_cross_encoder
from rag.errors import BackendError, FootnoteError, MissingExtra, SettingsError
from rag.settings import CHECKERS
from rag.types import Evidence

if TYPE_CHECKING:
    from rag.embedding import CrossEncoder

LOADING = threading.Lock()
# How configs name the output that means: the second text follows from the first.
ENTAILS = ("entail", "support", "consistent", "yes", "true")
DENIES = ("not", "non", "un", "in", "no")
NUMBERED = re.compile(r"(?:label)?[\s_-]*\d+", re.IGNORECASE)


class Entailment:
    """A `SecondaryVerifier`, loaded when it is first asked, once in a process.

    Attributes:
        entails: Index of the output that means entailment; None where there is only one.

    Raises:
        SettingsError: The folder holds no entailment model.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.expanduser().absolute()
        self.name = f"the entailment model {self._folder.name}"
        try:
            labels = cross_encoder_labels(self._folder)
        except FootnoteError as error:
            raise SettingsError("checker", str(path), f"{CHECKERS} ({error})") from error
        self.entails = _entailing(labels, path)

    def load(self) -> None:
        """Loads the model now and not at the first sentence.

        Raises:
            BackendError: The model cannot be loaded.
            MissingExtra: Weights without ONNX need an extra that is not installed.
        """
        self._model()

    def _model(self) -> CrossEncoder:
        try:
            with LOADING:
                return _loaded(self._folder)
        except (MissingExtra, BackendError):
            raise
        except FootnoteError as error:
            raise BackendError(self.name, str(error)) from error

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `SecondaryVerifier.score`. Of a pair that is too long the articles' end is cut.

        Raises:
            BackendError: The model cannot be loaded, or fails.
            MissingExtra: Weights without ONNX need an extra that is not installed.
        """
        premise = " ".join(item.passage.text for item in passages)
        model = self._model()
        try:
            outputs = model.scores([(premise, sentence)])[0]
        except FootnoteError as error:
            raise BackendError(self.name, str(error)) from error
        return self.chance(outputs)

    def chance(self, logits: Sequence[float] | NDArray[np.float32]) -> float:
        """How sure the model is of entailment, 0..1, by its outputs for one pair.

        Raises:
            BackendError: They are not numbers.
        """
        values = np.asarray(logits, dtype=np.float64)
        if not np.isfinite(values).all():
            raise BackendError(self.name, f"its output {values.tolist()} cannot be read.")
        if self.entails is None:
            return float(1 / (1 + np.exp(-np.clip(values[0], -30, 30))))
        powers = np.exp(values - values.max())
        return float(powers[self.entails] / powers.sum())


@lru_cache(maxsize=2)
def _loaded(folder: Path) -> CrossEncoder:
    return load_cross_encoder(folder)


def _entailing(labels: Sequence[str], path: Path) -> int | None:
    if len(labels) == 1:
        return None
    for index, label in enumerate(labels):
        bare = label.lower().strip(" _-")
        if not bare.startswith(DENIES) and any(word in bare for word in ENTAILS):
            return index
    named = ", ".join(labels)
    wanted = f"a model whose id2label names entailment; it has {named}"
    if all(map(NUMBERED.fullmatch, labels)):
        wanted += (
            ". These are only numbers: look up in the model's description what they mean and write "
            'it into its config.json, such as "id2label": {"0": "entailment", "1": "neutral", '
            '"2": "contradiction"}'
        )
    raise SettingsError("checker", str(path), wanted)
