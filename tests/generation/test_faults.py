"""Every fault of a model server has the promised outcome, with streaming and without."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drafting import Outcome, ask, provider
from faults import FAULTS, THOUGHT, Fault, error, table
from rag.errors import BackendError, FootnoteError, TimedOut, Unreachable
from rag.network import transport
from scripted_server import Asked, Wire, answers, free_port, scripted

HINT = {"hint": "Fetch it with: ollama pull {model}"}
# Two requests that fail fast may wait; nothing may wait longer than this.
LONGEST = 9.0


def test_the_documentation_has_the_same_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "faults.md"
    assert table() in page.read_text(encoding="utf-8"), "write what `faults.table()` gives"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
@pytest.mark.parametrize("name", FAULTS)
def test_outcome(name: str, stream: bool) -> None:
    fault = FAULTS[name]
    # What recovers does so at the second request; the rest goes on for ever.
    plays = [fault.play, answers()] if fault.outcome == "recovered" else [fault.play]
    started = time.monotonic()
    with scripted(*plays) as server:
        outcome = ask(provider(server.address, stream=stream, **HINT))
        asked = server.asked
    assert time.monotonic() - started < LONGEST
    check(fault, outcome, asked, stream=stream)


def check(fault: Fault, outcome: Outcome, asked: list[Asked], *, stream: bool) -> None:
    drafter, error = outcome.drafter, outcome.error
    assert drafter is not None
    told = f"{error or ''} {outcome.broken or ''} {' '.join(drafter.notes)}"
    if fault.outcome in ("normal", "thought", "uncounted", "noted"):
        assert error is None and outcome.broken is None
        assert "1932" in outcome.text
        assert len(asked) == 1
    if fault.outcome == "thought":
        assert "1999" not in outcome.text and THOUGHT in drafter.reasoning
        assert outcome.text.startswith("The bridge of Esk opened")
    if fault.outcome == "uncounted":
        assert drafter.usage is None
    if fault.outcome == "recovered":
        assert error is None and outcome.broken is None and len(asked) == 2
        assert len(outcome.waits) == 1 and outcome.waits[0] <= 10
        return
    if fault.outcome == "part" or (fault.outcome == "partial" and stream):
        assert error is None and outcome.broken, "it must be marked"
        assert outcome.text.strip()
        assert len(outcome.text) < 21_000
    if fault.outcome == "partial" and not stream:
        assert isinstance(error, BackendError) or outcome.broken
    if fault.outcome in ("refused", "error", "fewer", "optional", "loading"):
        assert isinstance(error, BackendError) and not outcome.text
        numbers = {"refused": (1, 1), "error": (3, 3), "fewer": (2, 2), "optional": (2, 2)}
        least, most = numbers.get(fault.outcome, (2, 9))
        assert least <= len(asked) <= most
    if fault.outcome == "fewer":
        assert asked[0].prompt.count("end of article") > asked[1].prompt.count("end of article") > 0
    if fault.outcome == "optional":
        assert "temperature" in asked[0].body and "temperature" not in asked[1].body
    if stream or fault.outcome != "partial":
        assert fault.says in told or fault.says in outcome.text


@pytest.mark.parametrize("name", [n for n, f in FAULTS.items() if f.outcome == "recovered"])
def test_a_fault_that_persists_is_given_up(name: str) -> None:
    with scripted(FAULTS[name].play) as server:
        outcome = ask(provider(server.address, times=(1, 1, 1, 30)))
        assert isinstance(outcome.error, BackendError) and FAULTS[name].says in str(outcome.error)
        assert len(server.asked) == 3
        assert sum(outcome.waits) <= 10


@pytest.mark.parametrize("fewer", [n for n, f in FAULTS.items() if f.outcome == "fewer"])
def test_fewer_passages_help(fewer: str) -> None:
    with scripted(FAULTS[fewer].play, answers()) as server:
        outcome = ask(provider(server.address))
    assert outcome.error is None and "1932" in outcome.text


@pytest.mark.parametrize("optional", [n for n, f in FAULTS.items() if f.outcome == "optional"])
def test_a_request_without_optional_fields_helps(optional: str) -> None:
    with scripted(FAULTS[optional].play, answers()) as server:
        outcome = ask(provider(server.address))
    assert outcome.error is None and "1932" in outcome.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "The model `tinny` does not exist or you do not have access to it."),
        (400, "Model Not Exist"),
        (400, "tinny is not a valid model ID"),
    ],
)
def test_a_model_that_nobody_has_names_the_nearest(status: int, words: str) -> None:
    with scripted(error(status, words), models=["large", "tiny"]) as server:
        outcome = ask(provider(server.address, model="tinny"))
        assert len(server.asked) == 1
    assert "does not have the model 'tinny'" in str(outcome.error)
    assert "It offers large, tiny; did you mean 'tiny'?" in str(outcome.error)


def test_a_model_that_is_loading_is_waited_for() -> None:
    loading = FAULTS["503 Loading model"].play
    with scripted(loading, loading, loading, loading, answers()) as server:
        outcome = ask(provider(server.address, times=(1, 30, 1, 60)))
    assert outcome.error is None and len(outcome.waits) == 4


def test_connection_refused() -> None:
    outcome = ask(provider(f"http://127.0.0.1:{free_port()}/v1"))
    assert isinstance(outcome.error, Unreachable) and "nothing is listening" in str(outcome.error)
    assert len(outcome.waits) == 2


def test_name_does_not_resolve() -> None:
    outcome = ask(provider("http://no-such-host.invalid/v1"))
    assert isinstance(outcome.error, Unreachable) and "cannot be resolved" in str(outcome.error)
    assert outcome.waits == []


def test_connect_timeout() -> None:
    with full_backlog() as port:
        started = time.monotonic()
        outcome = ask(provider(f"http://127.0.0.1:{port}/v1", times=(0.5, 5, 5, 5)))
    assert isinstance(outcome.error, TimedOut) and outcome.error.phase == "connect"
    assert time.monotonic() - started < 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate of ``localhost``, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = (folder / "certificate", folder / "key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-out", str(files[0]), "-keyout", str(files[1])]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl, which makes the certificate, is not installed")
    return files


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@contextmanager
def full_backlog() -> Iterator[int]:
    """A port whose queue of connections is full, so that the next one gets no answer."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        waiting.append(one)
    time.sleep(0.05)
    try:
        yield listener.getsockname()[1]
    finally:
        for one in (*waiting, listener):
            one.close()


def test_certificate_that_nobody_trusts(certificate: tuple[Path, Path]) -> None:
    seen: list[bytes] = []
    with scripted() as server:

        def serve(connection: socket.socket) -> None:
            try:
                with server_context(certificate).wrap_socket(connection, server_side=True) as tls:
                    seen.append(tls.recv(1))
            except (ssl.SSLError, OSError):
                pass

        server.serve = serve  # type: ignore[method-assign]
        outcome = ask(provider(server.address.replace("http:", "https:")))
    assert isinstance(outcome.error, Unreachable) and "certificate" in str(outcome.error)
    assert outcome.waits == [] and seen == []


def test_certificate_that_is_trusted(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = ssl.create_default_context(cafile=certificate[0])
    monkeypatch.setattr(transport, "trusted_certificates", lambda: trusted)
    with scripted() as server:
        plain = server.serve

        def serve(connection: socket.socket) -> None:
            with server_context(certificate).wrap_socket(connection, server_side=True) as tls:
                plain(tls)

        server.serve = serve  # type: ignore[method-assign]
        address = server.address.replace("http://127.0.0.1", "https://localhost")
        outcome = ask(provider(address))
    assert outcome.error is None and "1932" in outcome.text


def test_a_reply_that_drips_does_not_outlast_the_total() -> None:
    def drip(wire: Wire, asked: Asked) -> None:
        wire.head()
        for _ in range(100):
            wire.words("one ")
            if wire.gone(0.1):
                return

    started = time.monotonic()
    with scripted(drip) as server:
        outcome = ask(provider(server.address, times=(1, 1, 1, 1.5)))
    assert time.monotonic() - started < 3
    assert outcome.broken and "1.5 s in total" in outcome.broken


def test_the_clients_errors_are_not_attached_to_ours() -> None:
    with scripted(FAULTS["401 wrong key"].play) as server:
        error = ask(provider(server.address)).error
    assert isinstance(error, FootnoteError)
    assert error.__cause__ is None and error.__context__ is None
