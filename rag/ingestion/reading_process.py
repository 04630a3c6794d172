"""The child of `rag.ingestion.isolation`: requests come in, what their files hold goes out.

A request names a path, and either how its file is read or the ``kind`` of a document, of which only
text and facts are wanted. Each outcome is a line of JSON; ``null`` ends those of a file.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.ingestion.documents import Extracted
from rag.ingestion.file_reading import read_file
from rag.ingestion.formats import READERS
from rag.ingestion.isolation import MORE
from rag.ingestion.limits import MEGABYTE, Unreadable
from rag.ingestion.options import ReadOptions
from rag.ingestion.outcomes import Outcome, message_of
from rag.ingestion.recognition import recognizing
from rag.receipts import Failure

# In seconds, after which the parent would have ended this process.
GRACE = 10


def main() -> None:
    """Serves the parent until it closes the pipe."""
    megabytes = int(sys.argv[1])
    if sys.argv[2] != "none":
        READERS["pdf"] = recognizing(sys.argv[2], READERS["pdf"])
    # Libraries that print must not disturb the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    _limit_memory(megabytes * MEGABYTE)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Ends this process if the parent was killed and cannot.
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + GRACE)
        for outcome in _outcomes(request, megabytes):
            answers.write(json.dumps(message_of(outcome)).encode() + b"\n")
        answers.write(b"null\n")
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _outcomes(request: Mapping[str, Any], megabytes: int) -> Iterator[Outcome | Extracted]:
    """What a file holds; an error that a parser does not handle costs that file only."""
    path = Path(request["path"])
    reason = ""
    too_large = f"Reading it needs more than {megabytes:,} MB of memory.{MORE}"
    try:
        if "kind" in request:
            yield READERS[request["kind"]](path.read_bytes())
        else:
            yield from read_file(path, ReadOptions(request["encoding"], request["mapping"]))
    except Unreadable as error:
        reason = str(error)
    except MemoryError:
        reason = too_large
    except RecursionError:
        reason = "Its parts are nested too deeply."
    except Exception as error:
        reason = f"It is damaged, or in an unknown form ({type(error).__name__})."
        # Compiled code that gets no memory may fail without saying so, which is a SystemError.
        if isinstance(error, SystemError) and _peak() > megabytes * MEGABYTE // 2:
            reason = too_large
    if reason:
        yield Failure(str(path), reason)


def _peak() -> int:
    """The most bytes of address space that this process has had; 0 where the system hides it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmPeak:"))


def _limit_memory(most: int) -> None:
    """Limits the address space, where the system knows that limit."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    main()
