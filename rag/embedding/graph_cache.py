"""The graph on disk: built once per user, verified each time it is read.

The file's name ends in the hash of its content, so a damaged file is recognised, and two processes
that build at the same time write the same file or two sound ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_dir

from rag.embedding.weights import WEIGHTS_SHA256, WheelWeights
from rag.errors import FootnoteError

# Increase it when `build_graph` gives other bytes for the same weights.
RECIPE = 4


def cached_graph(weights: WheelWeights, folder: Path | None = None) -> bytes:
    """The serialised graph, read from ``folder`` (the user's cache) or built and stored there.

    Raises:
        FootnoteError: The weights are not the official ones, or the folder cannot be written.
    """
    folder = Path(user_cache_dir("footnote")) if folder is None else folder
    prefix = file_prefix(weights)
    for path in sorted(folder.glob(f"{prefix}*.onnx")):
        graph = _sound(path)
        if graph is not None:
            return graph
    # Importing onnx takes as long as a whole answer, so it is imported only here, once per user.
    from rag.embedding.graph import build_graph

    graph = build_graph(weights.tensors(), int8=weights.int8)
    try:
        _write(folder, prefix, graph)
    except OSError as error:
        raise FootnoteError(
            f"The embedding model cannot be prepared in {str(folder)!r} ({error.strerror}). "
            "It takes up to 90 MB there. Make room or allow writing, then run the same command "
            "again; on Linux, XDG_CACHE_HOME names another place for it."
        ) from error
    return graph


def file_prefix(weights: WheelWeights) -> str:
    """How the names of the graphs of these weights begin."""
    return f"minilm-{'int8' if weights.int8 else 'float32'}-{WEIGHTS_SHA256[:16]}-{RECIPE}-"


def _sound(path: Path) -> bytes | None:
    """The file's content, if it has the hash in its name."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if path.stem.endswith(hashlib.sha256(content).hexdigest()) else None


def _write(folder: Path, prefix: str, graph: bytes) -> None:
    """Writes the graph atomically: other processes see the whole file or none."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=prefix, suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(graph)
            file.flush()
            os.fsync(file.fileno())
        target = folder / f"{prefix}{hashlib.sha256(graph).hexdigest()}.onnx"
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sweep(folder, prefix, target)


def _sweep(folder: Path, prefix: str, target: Path) -> None:
    """Removes damaged graphs, and partial files of killed processes after an hour."""
    written = target.stat().st_mtime
    for path in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            forgotten = path.suffix == ".part" and path.stat().st_mtime < written - 3600
            if forgotten or (path.suffix == ".onnx" and _sound(path) is None):
                path.unlink()
