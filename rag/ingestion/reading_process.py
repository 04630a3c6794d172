"""The child of `rag.ingestion.isolation`: paths and options come in, what they hold goes out.

Each outcome is a line of JSON; ``null`` ends those of a file.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from rag.ingestion.file_reading import read_file
from rag.ingestion.limits import MEGABYTE
from rag.ingestion.options import ReadOptions
from rag.ingestion.outcomes import Outcome, message_of
from rag.types import Failure


def main() -> None:
    """Serves the parent until it closes the pipe."""
    megabytes = int(sys.argv[1])
    # Libraries that print must not disturb the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    _limit_memory(megabytes * MEGABYTE)
    for line in sys.stdin.buffer:
        path, encoding, mapping = json.loads(line)
        for outcome in _outcomes(Path(path), ReadOptions(encoding, mapping), megabytes):
            answers.write(json.dumps(message_of(outcome)).encode() + b"\n")
        answers.write(b"null\n")
        answers.flush()


def _outcomes(path: Path, options: ReadOptions, megabytes: int) -> Iterator[Outcome]:
    """What a file holds; whatever a parser does not foresee costs that file only."""
    reason = ""
    try:
        yield from read_file(path, options)
    except MemoryError:
        reason = f"Reading it needs more than {megabytes:,} MB of memory."
    except RecursionError:
        reason = "Its parts are nested too deeply."
    except Exception as error:
        reason = f"It is damaged, or of a form that is not foreseen ({type(error).__name__})."
    if reason:
        yield Failure(str(path), reason)


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
