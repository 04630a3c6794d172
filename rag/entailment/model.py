"""An entailment cross-encoder from a local folder. Nothing is downloaded, and no code of it runs.

With ``model.onnx`` it runs in ONNX Runtime, which is there anyway; with ``safetensors`` alone it
needs the extra ``transformers``.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.entailment.folder import ModelFolder, look_at
from rag.errors import BackendError, MissingExtra
from rag.types import Evidence

INSTALL = 'pip install "footnote-rag[transformers]"'
LOADING = threading.Lock()
# What a model gives for one pair of texts.
Run = Callable[[str, str], Any]


class Entailment:
    """A `rag.stricter.Scorer` over a folder; loaded when it is first asked, once in a process.

    Raises:
        SettingsError: The folder holds no entailment model.
    """

    def __init__(self, path: Path) -> None:
        self._folder = look_at(path)
        self.name = self._folder.name

    def score(self, passages: Sequence[Evidence], sentence: str) -> float:
        """See `rag.stricter.Scorer.score`.

        Raises:
            BackendError: The model cannot be loaded, or fails.
            MissingExtra: Weights without ONNX need an extra that is not installed.
        """
        premise = " ".join(item.passage.text for item in passages)
        with LOADING:
            run = _loaded(self._folder)
        try:
            logits = run(premise, sentence)
        # ONNX Runtime and torch raise classes of their own that have nothing else in common.
        except Exception as error:
            told = f"it failed ({type(error).__name__}: {str(error)[:160]})."
            raise BackendError(self.name, told) from error
        return self._folder.chance(logits)


@lru_cache(maxsize=2)
def _loaded(folder: ModelFolder) -> Run:
    try:
        return _from_graph(folder) if folder.graph else _from_weights(folder)
    except MissingExtra:
        raise
    # As above: whatever is wrong with somebody's files.
    except Exception as error:
        told = f"it cannot be loaded ({type(error).__name__}: {str(error)[:160]})."
        raise BackendError(folder.name, told) from error


def _from_graph(folder: ModelFolder) -> Run:
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    # Of a pair that is too long, the article's end is cut and never the sentence.
    tokenizer.enable_truncation(folder.most_tokens, strategy="only_first")
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(folder.graph), providers=["CPUExecutionProvider"])
    wanted = {item.name for item in session.get_inputs()}

    def run(premise: str, sentence: str) -> Any:
        pair = tokenizer.encode(premise, sentence)
        fields = {
            "input_ids": pair.ids,
            "attention_mask": pair.attention_mask,
            "token_type_ids": pair.type_ids,
        }
        fed = {name: np.array([ids], np.int64) for name, ids in fields.items() if name in wanted}
        return session.run(None, fed)[0]

    return run


def _from_weights(folder: ModelFolder) -> Run:
    # Before the import, which reads it: the hub is not to be asked, whatever is missing.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        transformers = importlib.import_module("transformers")
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise MissingExtra("The part that runs models in this process", INSTALL) from error
    offline = {"local_files_only": True, "trust_remote_code": False}
    place = str(folder.path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(place, **offline)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        place, use_safetensors=True, **offline
    ).eval()

    def run(premise: str, sentence: str) -> Any:
        pair = tokenizer(
            premise,
            sentence,
            truncation="only_first",
            max_length=folder.most_tokens,
            return_tensors="pt",
        )
        with torch.no_grad():
            return model(**pair).logits.float().numpy()

    return run
