"""Cross-encoders from a folder of weights without a graph, run by ``transformers``."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import FootnoteError, MissingExtra

INSTALL = 'pip install "footnote-rag[transformers]"'
BATCH = 8


class TorchPairs:
    """Runs the weights of a cross-encoder in this process.

    Raises:
        MissingExtra: The extra ``transformers`` is not installed.
        FootnoteError: The folder has no such weights.
    """

    def __init__(self, folder: Path, most: int) -> None:
        # Set before the import, which reads it: missing files must not be downloaded.
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            transformers = importlib.import_module("transformers")
            self._torch = importlib.import_module("torch")
        except ImportError as error:
            part = f"The part that runs the model in {str(folder)!r}, which has no ONNX graph,"
            raise MissingExtra(part, INSTALL) from error
        offline = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **offline)
            model = transformers.AutoModelForSequenceClassification
            # Formats other than safetensors can contain code.
            self._model = model.from_pretrained(folder, use_safetensors=True, **offline).eval()
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            told = f"The weights in {str(folder)!r} cannot be loaded ({str(error)[:200]})."
            raise FootnoteError(told) from error
        self._most = most
        # Some tokenizers return the segment of each piece only on request; BERT models need it.
        self._sides = int(getattr(self._model.config, "type_vocab_size", 0) or 0) > 1

    def scores(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """See `rag.embedding.cross_encoder.CrossEncoder.scores`."""
        rows = []
        for first in range(0, len(pairs), BATCH):
            part = pairs[first : first + BATCH]
            given = self._tokenizer(
                [one for one, _ in part],
                [other for _, other in part],
                truncation="longest_first",
                max_length=self._most,
                padding=True,
                return_token_type_ids=self._sides,
                return_tensors="pt",
            )
            with self._torch.no_grad():
                rows.append(self._model(**given).logits.float().numpy())
        return np.concatenate(rows)
