"""Reads files in a child process with limits of time and memory.

A damaged or hostile file can make a parser loop, take all memory, or end the process. Here that
costs the file, and the next one is read by a fresh child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from rag.ingestion.documents import Document, Extracted, Outcome, Reply, reply_of
from rag.ingestion.fields import ReadOptions
from rag.ingestion.limits import Unreadable
from rag.receipts import Failure, Skipped
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.fetching import Page
    from rag.ingestion.listing import Listing, Wanted

CHUNK = 1 << 20
CHILD = "rag.ingestion.reading_process"
MORE = " The settings reading_seconds and reading_megabytes set these limits."


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What reading one file may take: seconds, and megabytes of memory.

    ``recognition`` names the languages of scans whose text may be recognized, or is ``none``.
    """

    seconds: float
    megabytes: int
    recognition: str = "none"

    @classmethod
    def of(cls, settings: Settings) -> ReadingLimits:
        """The limits that the settings name."""
        return cls(settings.reading_seconds, settings.reading_megabytes, settings.recognition)


class ReadingProcess:
    """A child process that reads one file after the other; it starts with the first."""

    def __init__(self, limits: ReadingLimits) -> None:
        self.limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ReadingProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def read(self, path: Path, options: ReadOptions) -> Iterator[Outcome]:
        """What a file holds. A file that breaks a limit is a failure that says which."""
        request = {"encoding": options.encoding, "mapping": dict(options.mapping)}
        # All at once: the time that the caller takes for each is not the file's.
        for found in list(self._replies(path, request)):
            assert isinstance(found, (Document, Failure, Skipped))
            yield found

    def read_fetched(self, page: Page, wanted: Wanted) -> Listing | Extracted:
        """What `rag.ingestion.fetched.read_fetched` says of a page that was fetched.

        Raises:
            Unreadable: It is damaged, refused or holds nothing, or reading it breaks a limit.
        """
        about = {"address": str(page.url), "media_type": page.media_type, "charset": page.charset}
        with TemporaryDirectory(prefix="footnote-page-") as folder:
            path = Path(folder, "page")
            path.write_bytes(page.data or b"")
            *_, found = self._replies(path, {"page": about, "wanted": wanted})
        if isinstance(found, Failure):
            raise Unreadable(found.reason)
        assert not isinstance(found, (Document, Skipped))
        return found

    def _replies(self, path: Path, request: Mapping[str, Any]) -> Iterator[Reply]:
        child = self._child or self._start()
        deadline = time.monotonic() + self.limits.seconds
        request = {"path": str(path), "seconds": self.limits.seconds, **request}
        received = b""
        try:
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            while True:
                line, separator, rest = received.partition(b"\n")
                if separator:
                    received = rest
                    message: dict[str, Any] | Literal[False] | None = json.loads(line)
                    if message is False:
                        self._stop()
                    if not message:
                        return
                    yield reply_of(message)
                    continue
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
                    raise TimeoutError
                piece = os.read(child.stdout.fileno(), CHUNK)
                if not piece:
                    raise EOFError
                received += piece
        except TimeoutError:
            self._stop()
            yield Failure(str(path), f"Reading it took more than {self.limits.seconds:g} s.{MORE}")
        except (EOFError, BrokenPipeError):
            self._stop()
            reason = "Reading it ended the reading process: it is damaged, or it needs more than"
            yield Failure(str(path), f"{reason} {self.limits.megabytes:,} MB of memory.{MORE}")

    def _start(self) -> subprocess.Popen[bytes]:
        # The child finds modules where the parent does; threads would reserve memory.
        paths = os.pathsep.join(path for path in sys.path if path)
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
        self._folder = TemporaryDirectory(prefix="footnote-reading-", ignore_cleanup_errors=True)
        self._child = subprocess.Popen(
            [sys.executable, "-m", CHILD, str(self.limits.megabytes), self.limits.recognition],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **threads, "PYTHONPATH": paths, "TMPDIR": self._folder.name},
            # What it starts ends with it.
            start_new_session=True,
        )
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        _kill(child)
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        child.wait()
        self._folder.cleanup()


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kills a child and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
