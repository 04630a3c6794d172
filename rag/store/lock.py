"""One owner per library folder, held by a lock of the operating system.

Two processes that write one folder damage the vectors without an error, and a second reader gets
wrong neighbours, so a library has one owner at a time. The lock ends with its owner's process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, LibraryFull

LOCK_FILE = "lock"
OWNER_FILE = "owner.json"

# An owner that is closing gets this long; a second process must stop within two seconds.
PATIENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a library.

    Attributes:
        address: That of its server, if it is being served.
        token: What proves to that server that a request comes from the library's owner.
    """

    pid: int
    doing: str
    address: str | None = None
    token: str | None = field(default=None, repr=False)

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
            busy = LibraryBusy(self.folder, holder, address=owner.address if owner else None)
            busy.token = owner.token if owner else None
            raise busy from error
        except OSError as error:
            raise LibraryFull(self.folder, error.strerror or str(error)) from error
        try:
            self.set_address(None)
        except LibraryFull:
            self._lock.release()
            raise

    def set_address(self, address: str | None, token: str | None = None) -> None:
        """Publishes the address at which this library is served, to this user alone.

        Raises:
            LibraryFull: The owner file cannot be written.
        """
        owner = {"pid": os.getpid(), "doing": command_line(), "address": address, "token": token}
        fresh = self.folder / (OWNER_FILE + ".new")
        try:
            fresh.unlink(missing_ok=True)
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(json.dumps(owner))
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
                address, token = found.get("address"), found.get("token")
                return Owner(int(found["pid"]), str(found["doing"]), address, token)
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                time.sleep(0.05)
        return None


def command_line() -> str:
    """The running command in a few words, without its folder."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return " ".join((program, *sys.argv[1:2]))[:80]
