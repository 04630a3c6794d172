"""The child process of `rag.generation.gguf`: llama.cpp's own server over one model file.

It prints its address, and ends when its standard input does: no server outlives its parent.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any


def main(file: str, context: int) -> None:
    """Serves a model file on a free port of this machine until standard input ends.

    Args:
        file: Of the model, GGUF.
        context: In tokens.
    """
    xllamacpp: Any = importlib.import_module("xllamacpp")
    parameters: Any = xllamacpp.CommonParams()
    parameters.model.path = file
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_ctx, parameters.n_parallel = context, 1
    # One core stays for retrieval and checking; the server would keep gigabytes of prompts.
    threads = max(1, (os.cpu_count() or 2) - 1)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.cache_ram_mib = 0
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # The server's threads would wait for a request in flight.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
