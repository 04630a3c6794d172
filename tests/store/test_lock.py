"""A folder has one owner at a time, and the lock ends with its process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from folders import ROOT
from rag.errors import LibraryBusy
from rag.store.lock import OWNER_FILE, FolderLock

HOLD = """
import sys, time
from pathlib import Path
from rag.store.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
lock.set_address(sys.argv[2] or None)
print("held", flush=True)
time.sleep(60)
"""

OPEN = """
import sys
from rag.errors import LibraryBusy
from rag.retrieval.library import open_library
try:
    open_library(sys.argv[1], create=True)
except LibraryBusy as error:
    print(error)
    print("chromadb" in sys.modules)
    sys.exit(1)
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def hold(folder: Path, address: str = "") -> subprocess.Popen[str]:
    owner = python(HOLD, str(folder), address)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    return owner


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_second_process_is_told_who_and_where(tmp_path: Path) -> None:
    owner = hold(tmp_path, "http://127.0.0.1:7860")
    try:
        second = python(OPEN, str(tmp_path))
        message, _ = second.communicate(timeout=30)
    finally:
        end(owner)
    assert second.returncode == 1
    assert f"process {owner.pid}" in message
    assert "http://127.0.0.1:7860" in message
    assert message.splitlines()[-1] == "False", "Chroma was imported before the lock was taken"


def test_lock_dies_with_its_owner(tmp_path: Path) -> None:
    end(hold(tmp_path))
    lock = FolderLock(tmp_path)
    lock.acquire()
    assert json.loads((tmp_path / OWNER_FILE).read_text())["pid"] == os.getpid()
    lock.release()


def test_same_process_is_refused_too(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    with pytest.raises(LibraryBusy, match=f"process {os.getpid()} \\(this one\\)") as caught:
        FolderLock(tmp_path).acquire()
    assert caught.value.address is None
    lock.release()
    lock.release()
    again = FolderLock(tmp_path)
    again.acquire()
    again.release()


def test_address_is_kept_for_others(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    lock.set_address("http://127.0.0.1:1234")
    with pytest.raises(LibraryBusy) as caught:
        FolderLock(tmp_path).acquire()
    assert caught.value.address == "http://127.0.0.1:1234"
    lock.release()
    assert not (tmp_path / OWNER_FILE).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": null, "doing": "x"}'])
def test_unreadable_owner_is_still_refused(tmp_path: Path, content: str) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    (tmp_path / OWNER_FILE).write_text(content)
    with pytest.raises(LibraryBusy, match="another process"):
        FolderLock(tmp_path).acquire()
    lock.release()
