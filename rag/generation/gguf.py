"""A server of our own for one model file: llama.cpp in a child process, on this machine only.

A child, because native code that crashes or hangs must not take the library with it.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from rag.errors import BackendError, MissingExtra

# In tokens; more would take memory that a prompt of a few thousand never fills.
CONTEXT = 8_192
# Seconds until a large file is read from a slow disk.
LOADING_TIME = 300.0
STOPPING_TIME = 5.0


@contextlib.contextmanager
def serve_gguf(file: str | Path, *, context: int = CONTEXT) -> Iterator[str]:
    """Serves a model file until the block is left; yields the address, which is a backend's name.

    Args:
        file: Of the model, GGUF.
        context: In tokens, prompt and answer together.

    Raises:
        MissingExtra: The extra ``local`` is not installed.
        BackendError: There is no such file, or llama.cpp cannot load it.
    """
    if find_spec("xllamacpp") is None:
        raise MissingExtra("The server for model files", 'pip install "footnote-rag[local]"')
    path = Path(file).expanduser().absolute()
    if not path.is_file():
        raise BackendError(path.name, f"there is no file {str(path)!r}.")
    command = [sys.executable, str(Path(__file__).with_name("gguf_child.py")), str(path)]
    child = subprocess.Popen(
        [*command, str(context)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C is for us; we stop the child.
        start_new_session=True,
    )
    try:
        yield f"{_address(child, path)}/v1"
    finally:
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(STOPPING_TIME)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _address(child: subprocess.Popen[str], path: Path) -> str:
    """What the child prints once the model is loaded."""
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    output = child.stdout
    assert output is not None
    threading.Thread(target=lambda: told.put(output.readline()), daemon=True).start()
    with contextlib.suppress(queue.Empty):
        if address := told.get(timeout=LOADING_TIME).strip():
            return address
    reason = "llama.cpp cannot load it. Is it a complete model in the GGUF format?"
    raise BackendError(path.name, reason)
