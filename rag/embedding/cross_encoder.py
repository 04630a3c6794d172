"""Cross-encoders from a local folder: rerankers and entailment models.

Nothing is downloaded, and no code in the folder is run.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedding.onnx_session import by_length, padded, session
from rag.errors import FootnoteError, MissingExtra

Scores = NDArray[np.float32]

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
# How exporters call the graph, in order of preference, in the folder or in ``onnx/``. Processors
# differ in the last, such as ``model_qint8_avx512_vnni.onnx``, but all can run them.
GRAPHS = ("model.onnx", "model_quantized.onnx", "model_int8.onnx", "model_q*int8*.onnx")
# Word pieces of a pair: the longest that BERT and RoBERTa models were trained with.
MOST_TOKENS = 512
# Positions that RoBERTa models reserve.
RESERVED = 2
BATCH = 8


class Pairs(Protocol):
    """Scores pairs of texts."""

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """See `CrossEncoder.scores`."""


class CrossEncoder:
    """A cross-encoder in a folder: ``config.json``, ``tokenizer.json`` and an ONNX graph.

    If the folder has weights but no graph, the extra ``transformers`` runs them. Thread-safe.

    Args:
        folder: In the layout of Hugging Face; `GRAPHS` are the possible names of the graph.

    Attributes:
        labels: What the columns of the scores mean, from ``config.json``; one for a reranker.

    Raises:
        FootnoteError: A file is missing or cannot be used.
        MissingExtra: There is no graph, and the extra ``transformers`` is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().absolute()
        config = _config(self.folder)
        self.labels = labels_of(self.folder)
        graph = find_graph(self.folder)
        most = int(config.get("max_position_embeddings") or MOST_TOKENS + RESERVED)
        most = min(MOST_TOKENS, most - RESERVED if most > RESERVED + 2 else most)
        self._pairs: Pairs
        if graph is None:
            self._pairs = TorchPairs(self.folder, most)
        else:
            self._pairs = GraphPairs(self.folder, graph, most, int(config.get("pad_token_id") or 0))

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """The network's raw scores (logits), float32 of shape ``(len(pairs), len(labels))``.

        If a pair is too long, the end of its longer text is cut.

        Raises:
            FootnoteError: The graph fails, or the numbers of scores and labels differ.
        """
        if not pairs:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        found = self._pairs.scores([(_plain(one), _plain(other)) for one, other in pairs])
        if found.shape != (len(pairs), len(self.labels)):
            raise FootnoteError(
                f"The model in {str(self.folder)!r} gives {found.shape[1:]} scores for a pair; "
                f"{CONFIG} names {len(self.labels)} labels."
            )
        return found


def find_graph(folder: Path) -> Path | None:
    """The first of `GRAPHS` in a folder; None if it has none of them."""
    found = (p for name in GRAPHS for place in (folder, folder / "onnx") for p in place.glob(name))
    return next((path for path in found if path.is_file()), None)


class GraphPairs:
    """Runs the ONNX graph of a cross-encoder."""

    def __init__(self, folder: Path, graph: Path, most: int, padding: int) -> None:
        from tokenizers import Tokenizer

        self._folder, self._padding = folder, padding
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # the library raises a bare Exception
            raise FootnoteError(f"{TOKENIZER} in {str(folder)!r} cannot be read ({error}).") from (
                error
            )
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(most, strategy="longest_first")
        self._session = session(str(graph))
        self._inputs = {found.name for found in self._session.get_inputs()}

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        # One at a time: the library's threads for batches gain nothing.
        encoded = [self._tokenizer.encode(one, other) for one, other in pairs]
        found: list[Scores | None] = [None] * len(encoded)
        for rows in by_length([len(encoding.ids) for encoding in encoded], BATCH):
            for row, scores in zip(rows, self._run([encoded[row] for row in rows]), strict=True):
                found[row] = scores
        return np.stack([row for row in found if row is not None]).astype(np.float32)

    def _run(self, encoded: Sequence[Any]) -> Scores:
        columns = {
            "input_ids": padded([e.ids for e in encoded], self._padding),
            "attention_mask": padded([[1] * len(e.ids) for e in encoded]),
            "token_type_ids": padded([e.type_ids for e in encoded]),
        }
        try:
            given = {name: columns[name] for name in self._inputs}
            scores = np.asarray(self._session.run(None, given)[0], dtype=np.float32)
        except Exception as error:  # ONNX Runtime's errors share no public base class
            raise FootnoteError(
                f"The model in {str(self._folder)!r} is not a cross-encoder ({error})."
            ) from error
        return scores.reshape(len(encoded), -1)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FootnoteError(f"{str(folder)!r} holds no model: {CONFIG} ({error}).") from error
    if not isinstance(config, dict):
        raise FootnoteError(f"{CONFIG} in {str(folder)!r} holds no settings of a model.")
    return config


def labels_of(folder: Path) -> tuple[str, ...]:
    """The labels of the model's outputs in order; one label if it names none.

    Raises:
        FootnoteError: ``config.json`` is missing or cannot be read.
    """
    named = _config(folder).get("id2label")
    if not isinstance(named, dict) or not named:
        return ("LABEL_0",)
    try:
        return tuple(str(named[key]) for key in sorted(named, key=int))
    except ValueError as error:
        raise FootnoteError(f"{CONFIG} in {str(folder)!r} names no labels ({error}).") from error


def _plain(text: str) -> str:
    """The text with lone surrogates, which tokenizers refuse, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


INSTALL = 'pip install "footnote-rag[transformers]"'


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
