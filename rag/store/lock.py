"""One owner per library folder, held by a lock of the operating system.

Two processes that write one folder damage the vectors without an error, and a second reader gets
wrong neighbours, so a library has one owner at a time. The lock ends with its owner's process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, LibraryFull

LOCK_FILE = "lock"
OWNER_FILE = "owner.json"

# An owner that is closing gets this long; a second process must stop within two seconds.
PATIENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a library. ``address`` is that of its server, if it is being served."""

    pid: int
    doing: str
    address: str | None = None

    def __str__(self) -> str:
        here = " (this one)" if self.pid == os.getpid() else ""
        return f"process {self.pid}{here}, which runs {self.doing!r}"


class FolderLock:
    """The lock on one folder and the file beside it that names the owner.

    Taking a folder twice in one process is refused like a second process: threads share one open
    library.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Not bound to a thread: a server closes its library from another thread than it opened.
        self._lock = FileLock(folder / LOCK_FILE, timeout=PATIENCE_SECONDS, thread_local=False)

    def acquire(self) -> None:
        """Takes the folder.

        Raises:
            LibraryBusy: Another owner holds it; it is named.
            LibraryFull: The folder does not allow the lock file to be written.
        """
        try:
            self._lock.acquire(poll_interval=0.05)
        except Timeout as error:
            owner = self._read_owner()
            holder = str(owner) if owner else "another process"
            address = owner.address if owner else None
            raise LibraryBusy(self.folder, holder, address=address) from error
        except OSError as error:
            raise LibraryFull(self.folder, error.strerror or str(error)) from error
        try:
            self.set_address(None)
        except LibraryFull:
            self._lock.release()
            raise

    def set_address(self, address: str | None) -> None:
        """Publishes the address at which this library is served.

        Raises:
            LibraryFull: The owner file cannot be written.
        """
        owner = {"pid": os.getpid(), "doing": command_line(), "address": address}
        fresh = self.folder / (OWNER_FILE + ".new")
        try:
            fresh.write_text(json.dumps(owner), encoding="utf-8")
            os.replace(fresh, self.folder / OWNER_FILE)
        except OSError as error:
            raise LibraryFull(self.folder, error.strerror or str(error)) from error

    def release(self) -> None:
        """Releases the folder; a second call does nothing."""
        if self._lock.is_locked:
            (self.folder / OWNER_FILE).unlink(missing_ok=True)
            self._lock.release()

    def _read_owner(self) -> Owner | None:
        # The owner may be writing the file right now.
        for _ in range(5):
            try:
                found = json.loads((self.folder / OWNER_FILE).read_text(encoding="utf-8"))
                return Owner(int(found["pid"]), str(found["doing"]), found.get("address"))
            except (OSError, ValueError, KeyError, TypeError):
                time.sleep(0.05)
        return None


def command_line() -> str:
    """The running command in a few words, without its folder."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return " ".join((program, *sys.argv[1:2]))[:80]
