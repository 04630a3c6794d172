"""Downloads the entailment model that ``checker`` may name, when the user asks for it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from rag.errors import FootnoteError

NAME = "DeBERTa-v3-xsmall-mnli-fever-anli-ling-binary"
PAGE = f"https://huggingface.co/MoritzLaurer/{NAME}"
# A revision never changes.
ADDRESS = f"{PAGE}/resolve/3f445b7cb9751ff0ff309dbe59af98636feb99ac"
# Only the weights are run; the other files are JSON.
WEIGHTS = "onnx/model_quantized.onnx"
FILES = ("config.json", "tokenizer.json", WEIGHTS)
# Bytes, of any file: the weights take 87 MB.
MOST_BYTES = 200_000_000
TIMEOUT = 30.0


def download_checker(folder: Path, sha256: str, address: str = ADDRESS) -> None:
    """Downloads the model into a folder, all of it or nothing.

    Args:
        folder: Where to put it; an earlier one is replaced.
        sha256: What the weights must hash to, in hexadecimal.
        address: Where the files are, by their names.

    Raises:
        FootnoteError: A file cannot be downloaded or stored, or the weights have another hash.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as temporary:
            made = Path(temporary) / folder.name
            for name in FILES:
                found = _download(f"{address}/{name}", made / name)
                if name == WEIGHTS and found != sha256.strip().lower():
                    raise FootnoteError(
                        f"{name} from {address} has the SHA256 {found}, not {sha256}. Nothing was "
                        f"kept. Compare it with what {PAGE} shows for the file."
                    )
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    except OSError as error:
        raise FootnoteError(
            f"The model cannot be stored in {str(folder)!r} ({error.strerror})."
        ) from error


def _download(address: str, path: Path) -> str:
    """Writes what an address gives to a file; returns its SHA256 in hexadecimal."""
    import httpx

    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with httpx.stream("GET", address, follow_redirects=True, timeout=TIMEOUT) as reply:
            reply.raise_for_status()
            with path.open("wb") as file:
                for piece in reply.iter_bytes():
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise FootnoteError(f"{address} gives more than {MOST_BYTES:,} bytes.")
                    digest.update(piece)
                    file.write(piece)
    except httpx.HTTPError as error:
        raise FootnoteError(
            f"{address} cannot be downloaded ({error}). Nothing was kept; try again."
        ) from error
    return digest.hexdigest()
