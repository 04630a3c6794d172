"""Ports, addresses and the command that serves."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from rag import FootnoteError, LibraryBusy
from ui.command import _check_host
from ui.server import address_of, listening_socket


def test_a_taken_port_is_an_error_and_the_next_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = listening_socket("127.0.0.1", 0)
    port = first.getsockname()[1]
    try:
        with pytest.raises(FootnoteError, match="port"):
            listening_socket("127.0.0.1", port)
        monkeypatch.setattr("ui.server.FIRST_PORT", port)
        second = listening_socket("127.0.0.1", None)
        assert second.getsockname()[1] > port
        second.close()
    finally:
        first.close()


def test_the_address_is_one_to_type() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert address_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}/"


def test_the_network_needs_a_word() -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        with pytest.raises(FootnoteError, match="--open-to-network"):
            _check_host(host, False)
        _check_host(host, True)
    _check_host("127.0.0.1", False)


def test_the_command_serves_a_missing_library_and_gives_its_address(tmp_path: Path) -> None:
    code = "import typer; from ui.command import serve; typer.run(serve)"
    command = [sys.executable, "-c", code, "--library", str(tmp_path / "new")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            address = line.split("open at ")[1].split()[0]
            assert httpx.get(f"{address}api/health", trust_env=False).json()["articles"] == 0
            from rag import open_library as open_again

            with pytest.raises(LibraryBusy) as busy:
                open_again(tmp_path / "new")
            assert busy.value.address == address
        finally:
            process.terminate()
        assert process.wait(20) in (0, -15)
