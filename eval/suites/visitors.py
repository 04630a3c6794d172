"""How long many visitors at once wait for a served library, and whether each gets an own answer.

A scripted model on loopback takes a second. Every visitor asks about another case, some through the
interface and some as the page does; meanwhile the server is asked whether it is well.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from eval.libraries import SEEDS
from eval.metrics import percentile
from eval.report import versions
from eval.suites.overhead import serving
from eval.suites.startup import run_command, server

QUESTION = "What does OpenAI accuse DeepSeek of in case {}?"
CASE = re.compile(r"\bcase (\d+)")
MODEL_SECONDS = 1.0
# Seconds between two looks at the server's health.
PAUSE = 0.05
MOST_SECONDS = 300


class Waited(NamedTuple):
    """Seconds until a visitor's answer was there, and whether it was all and only the visitor's."""

    seconds: float
    own: bool


@dataclass(frozen=True, slots=True)
class VisitorsReport:
    """What the visitors of each entrance waited, and seconds of checks of the server's health.

    ``late`` is by how much pauses between the checks were too long: what the machine itself,
    busy with other work, keeps everybody waiting. ``processor`` are seconds of all its processors
    that the server took, its start included; 0 where the system does not tell.
    """

    waited: dict[str, tuple[Waited, ...]]
    health: tuple[float, ...]
    late: tuple[float, ...]
    processor: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "suite": "visitors",
            "waited": self.waited,
            "health": self.health,
            "late": self.late,
            "processor": self.processor,
            "versions": versions(),
        }

    def table(self) -> str:
        """Medians, and the longest waits."""
        rows = []
        for entrance, found in self.waited.items():
            seconds = [waited.seconds for waited in found]
            own = sum(waited.own for waited in found)
            rows.append(
                f"{entrance:18}{own} of {len(found)} got their answer, the median after "
                f"{statistics.median(seconds):.1f} s, the last after {max(seconds):.1f} s"
            )
        for name, times in (("/api/health", self.health), ("pauses, too long", self.late)):
            rows.append(
                f"{name:18}median {1000 * statistics.median(times):.0f} ms, 95th percentile "
                f"{1000 * percentile(times, 0.95):.0f} ms, of {len(times)}"
            )
        rows.append(f"{'the server':18}{self.processor:.1f} s of processor time")
        return "\n".join(rows)


def measure(asking: int, on_page: int) -> VisitorsReport:
    """Asks all questions at once.

    Args:
        asking: Visitors of the interface.
        on_page: Visitors of the page.

    Raises:
        FootnoteError: The server does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="footnote-eval-") as folder,
        serving(_draft, MODEL_SECONDS, 0.0) as port,
    ):
        settings = Path(folder, "footnote.toml")
        settings.write_text(
            'backend = ["scripted"]\n[backends.scripted]\nmodel = "scripted"\nlocation = "local"\n'
            f'base_url = "http://127.0.0.1:{port}/v1"\ncontext = 32000\n'
        )
        library = str(Path(folder, "library"))
        run_command("ingest", str(SEEDS), "--library", library)
        before = _processor_of_children()
        with server("--library", library, "--settings", str(settings)) as address:
            address = address.rstrip("/")
            _ask(address, 0)
            report = _at_once(address, asking, on_page)
        return replace(report, processor=_processor_of_children() - before)


def _processor_of_children() -> float:
    """Seconds that processes took which this one started and which have ended."""
    taken = os.times()
    return taken.children_user + taken.children_system


def _at_once(address: str, asking: int, on_page: int) -> VisitorsReport:
    submit = _page(address)
    health, late = [], []
    with ThreadPoolExecutor(asking + on_page) as visitors:
        asked = [visitors.submit(_timed, _ask, address, n) for n in range(1, asking + 1)]
        paged = [visitors.submit(_timed, submit, address, 1000 + n) for n in range(on_page)]
        while not all(answer.done() for answer in (*asked, *paged)):
            health.append(_timed(_healthy, address, 0).seconds)
            started = time.perf_counter()
            time.sleep(PAUSE)
            late.append(time.perf_counter() - started - PAUSE)
        found = {"over the interface": asked, "on the page": paged}
        waited = {name: tuple(one.result() for one in all_) for name, all_ in found.items() if all_}
    return VisitorsReport(waited, tuple(health), tuple(late))


def _draft(prompt: str) -> str:
    """A sentence about the case that the question names last."""
    return f"OpenAI accuses DeepSeek of copying in case {CASE.findall(prompt)[-1]}."


def _timed(ask: Callable[[str, int], Sequence[str]], address: str, case: int) -> Waited:
    started = time.perf_counter()
    try:
        cases = ask(address, case)
    except (OSError, ValueError):
        cases = ()
    return Waited(time.perf_counter() - started, set(cases) == {str(case)})


def _get(address: str, body: object = None) -> str:
    request = urllib.request.Request(
        address,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=MOST_SECONDS) as reply:
        return str(reply.read().decode())


def _healthy(address: str, _: int) -> list[str]:
    return [_get(f"{address}/api/health")]


def _ask(address: str, case: int) -> list[str]:
    """The cases that an answer's sentences name."""
    reply = json.loads(_get(f"{address}/api/ask", {"question": QUESTION.format(case)}))
    return [name for said in reply["sentences"] for name in CASE.findall(said["text"])]


def _page(address: str) -> Callable[[str, int], list[str]]:
    """Asks as the page does when a question is typed."""
    config = json.loads(_get(f"{address}/config"))
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "question-box")
    event = next(d for d in config["dependencies"] if [box, "submit"] in d["targets"])

    def ask(address: str, case: int) -> list[str]:
        session = f"visitor{case}"
        typed = [QUESTION.format(case) if each == box else None for each in event["inputs"]]
        asked = {"data": typed, "fn_index": event["id"], "session_hash": session, "trigger_id": box}
        _get(f"{address}/gradio_api/queue/join", asked)
        events = _get(f"{address}/gradio_api/queue/data?session_hash={session}")
        if "copying in case" not in events or "notice error" in events:
            return []
        return CASE.findall(events)

    return ask
