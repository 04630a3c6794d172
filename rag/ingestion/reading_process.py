"""The child of `rag.ingestion.isolation`: requests come in, what their files hold goes out.

A request names a path, and either how its file is read, or what was said of a fetched ``page`` and
what is wanted of it. Each outcome is a line of JSON; ``null`` ends those of a file, or ``false`` if
that file has left too little memory for the next.
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

import httpx

from rag.fetching import Page, Refused
from rag.ingestion.documents import Reply, message_of
from rag.ingestion.fetched import read_fetched
from rag.ingestion.fields import ReadOptions
from rag.ingestion.file_reading import read_file
from rag.ingestion.formats import READERS
from rag.ingestion.formats.pdf import recognizing
from rag.ingestion.isolation import MORE
from rag.ingestion.limits import MEGABYTE, Unreadable
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
    most = megabytes * MEGABYTE
    _limit_memory(most)
    room = most - _memory("VmSize")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Ends this process if the parent was killed and cannot.
        signal.setitimer(signal.ITIMER_REAL, request["seconds"] + GRACE)
        for outcome in _outcomes(request, megabytes):
            answers.write(json.dumps(message_of(outcome)).encode() + b"\n")
        answers.write(b"null\n" if most - _memory("VmSize") > room / 2 else b"false\n")
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _outcomes(request: Mapping[str, Any], megabytes: int) -> Iterator[Reply]:
    """What a file holds; an error that a parser does not handle costs that file only."""
    path = Path(request["path"])
    reason = ""
    too_large = f"Reading it needs more than {megabytes:,} MB of memory.{MORE}"
    try:
        if about := request.get("page"):
            url = httpx.URL(about["address"])
            page = Page(url, path.read_bytes(), about["media_type"], about["charset"])
            yield read_fetched(page, request["wanted"])
        else:
            yield from read_file(path, ReadOptions(request["encoding"], request["mapping"]))
    except (Refused, Unreadable) as error:
        reason = str(error)
    except MemoryError:
        reason = too_large
    except RecursionError:
        reason = "Its parts are nested too deeply."
    except Exception as error:
        reason = f"It is damaged, or in an unknown form ({type(error).__name__})."
        # Compiled code that gets no memory may fail without saying so, which is a SystemError.
        if isinstance(error, SystemError) and _memory("VmPeak") > megabytes * MEGABYTE // 2:
            reason = too_large
    if reason:
        yield Failure(str(path), reason)


def _memory(name: str) -> int:
    """The bytes of address space by a name in Linux's ``status``; 0 where the system hides it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


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
