"""What a process does beyond its own memory, as strace sees it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

STRACE = shutil.which("strace")
TRACED = (
    "connect,sendto,sendmsg,sendmmsg,bind,open,openat,openat2,creat,mkdir,mkdirat,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat"
)
CALL = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<rest>.*)$")
PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<path>[^"]*)"')
HOST = re.compile(r'htons\((?P<port>\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?"(?P<host>[^"]*)"')
LOOPBACK = ("127.", "::1", "::ffff:127.", "0.0.0.0", "::")
DNS = "53"
# Read or asked by the C library to look a name up.
LOOK_UPS = ("/etc/resolv.conf", "/nscd/socket")


def traced(command: Sequence[str], log: Path) -> list[str]:
    """The command that runs ``command`` and its children under strace, which writes ``log``."""
    assert STRACE
    trace = f"--trace={TRACED}"
    return [STRACE, "--seccomp-bpf", "-f", "-qq", "-y", "-s500", trace, "-o", str(log), *command]


def calls(log: Path) -> Iterator[tuple[str, str]]:
    """Name and the rest of the line of each call in a log."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := CALL.match(line):
            yield found["name"], found["rest"]


def outside_contacts(log: Path) -> list[str]:
    """Sockets to anything but loopback, and signs of a name being looked up."""
    found = []
    for name, rest in calls(log):
        address = HOST.search(rest)
        if any(sign in rest for sign in LOOK_UPS) or (
            address and (not address["host"].startswith(LOOPBACK) or address["port"] == DNS)
        ):
            found.append(f"{name}({rest}")
    return found


def written_paths(log: Path) -> set[Path]:
    """What was created, opened for writing or moved to; calls that failed do not count."""
    found = set()
    for name, rest in calls(log):
        opened = name in ("open", "openat", "openat2")
        if " = -1 " in rest or (opened and not re.search("O_(WRONLY|RDWR|CREAT)", rest)):
            continue
        if name not in ("connect", "sendto", "sendmsg", "sendmmsg", "bind"):
            for path in PATH.finditer(rest):
                found.add(Path(path["folder"] or "/", path["path"]))
    return {path for path in found if path.parts[:2] not in (("/", "dev"), ("/", "proc"))}
