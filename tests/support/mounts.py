"""Runs Python where a folder is read-only or small, in a namespace of mounts of its own."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from shlex import quote

import pytest

from folders import ROOT


@cache
def can_mount() -> bool:
    try:
        return subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


def run_mounted(mount: str, folder: Path, code: str) -> str:
    """What ``code`` prints after ``mount`` of the folder; its argument is the folder.

    ``mount`` is the command's options, with ``{}`` for the folder.
    """
    if not can_mount():
        pytest.skip("this user may not make mount namespaces")
    support = ROOT / "tests" / "support"
    python = f"{quote(sys.executable)} -c {quote(code)} {quote(str(folder))}"
    options = mount.replace("{}", quote(str(folder)))
    home = str(folder.parent)
    run = subprocess.run(
        ["unshare", "-Urm", "sh", "-ec", f"mount {options}; exec {python}"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{support}", "HOME": home},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
