"""Runs the network with ONNX Runtime, which no other module imports."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rag.embedding.base import Vectors
from rag.errors import FootnoteError

Numbers = NDArray[np.int64]
# More threads wait for each other on matrices of this size.
MOST_THREADS = 8


def _cores() -> int:
    """Cores that this process may use; in a container, fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


THREADS = min(_cores(), MOST_THREADS)
# Running more networks at once than there are cores only makes them, and all others, wait.
_CORES_FREE = threading.BoundedSemaphore(max(1, _cores() // THREADS))


class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
    """Runs its network once there are cores for it."""

    def run(self, *arguments: Any) -> Any:
        with _CORES_FREE:
            return super().run(*arguments)


class States(NamedTuple):
    """``vectors`` of shape (batch, 384), unit rows; ``tokens`` of shape (batch, length, 384)."""

    vectors: Vectors
    tokens: Vectors


class Network(Protocol):
    """Maps token numbers and their mask (1 token, 0 padding), both (batch, length)."""

    def vectors(self, ids: Numbers, mask: Numbers) -> Vectors:
        """One unit vector for each text, shape (batch, 384)."""

    def states(self, ids: Numbers, mask: Numbers) -> States:
        """The same, and the vector of each token; those of padding are meaningless."""


class PoolingNetwork:
    """Our own graph, see `rag.embedding.graph`."""

    def __init__(self, graph: bytes) -> None:
        self._session = session(graph)

    def vectors(self, ids: Numbers, mask: Numbers) -> Vectors:
        (vectors,) = self._session.run(["vectors"], {"ids": ids, "mask": mask})
        return np.asarray(vectors, dtype=np.float32)

    def states(self, ids: Numbers, mask: Numbers) -> States:
        return States(*self._session.run(["vectors", "tokens"], {"ids": ids, "mask": mask}))


class TokenNetwork:
    """Chroma's graph: it returns token vectors, so the pooling is done here."""

    def __init__(self, graph: bytes) -> None:
        self._session = session(graph)

    def vectors(self, ids: Numbers, mask: Numbers) -> Vectors:
        return self.states(ids, mask).vectors

    def states(self, ids: Numbers, mask: Numbers) -> States:
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        tokens = self._session.run(None, inputs)[0]
        weights = mask.astype(np.float32)[:, np.newaxis, :]
        return States(unit_rows((weights @ tokens)[:, 0]), tokens)


def unit_rows(rows: Vectors) -> Vectors:
    """The rows scaled to length 1; a row of zeros is unchanged."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def padded(rows: Sequence[Sequence[int]], filler: int = 0) -> Numbers:
    """The rows in one table, as wide as the longest; the others are filled up at their ends."""
    table = np.full((len(rows), max(map(len, rows))), filler, dtype=np.int64)
    for at, row in enumerate(rows):
        table[at, : len(row)] = row
    return table


def by_length(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Indices of texts in batches of similar length, which need little padding."""
    order = sorted(range(len(lengths)), key=lambda row: lengths[row])
    for first in range(0, len(order), most):
        yield order[first : first + most]


def session(graph: bytes | str) -> Session:
    """A graph ready to run, from its bytes or its path.

    Raises:
        FootnoteError: ONNX Runtime cannot load it.
    """
    options = onnxruntime.SessionOptions()
    # The highest level, which is specific to the processor, was no faster and loads more slowly.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.intra_op_num_threads = THREADS
    # Waiting threads sleep: spinning saves half a millisecond but occupies whole cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return Session(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no public base class
        raise FootnoteError(f"The model cannot be loaded ({error}).") from error
